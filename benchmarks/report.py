"""How long a report takes, and how much memory: few papers, many, and one of very many.

Whole processes are measured, from the command to the last line, over databases of five years
of daily polls at three sources with 5 % changes a day (`five_years`). A single query is
measured inside one process on an open database, as the median of several papers; what was
read before is in the operating system's memory, as it is on a machine that polls.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from citewatch.bootstrap import RealClock
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY
from citewatch.ports import Store
from citewatch.services.log import paper_history
from citewatch.services.report import build_report
from citewatch.services.reported import ReportQuestion
from citewatch.services.standing import SourceSchedule
from citewatch.services.watchlist import WatchedPaper
from citewatch.store import open_store
from figures import Figure, parser, show
from five_years import FIVE_YEARS, SOURCES, configuration, fill
from standin import monotonic

FEW = 53
MANY = {"full": 10_000, "tiny": 200}
VERY_MANY = {"full": 100_000, "tiny": 300}
DAYS = {"full": FIVE_YEARS, "tiny": 120}
ROUNDS = {"full": 7, "tiny": 1}

# Everything that a report imports, and nothing that it does.
_IMPORTS = """import citewatch.bootstrap, citewatch.store, citewatch.services.report
import citewatch.cli.main, citewatch.cli.commands.report_command
import citewatch.cli.render.report_table"""
SCHEDULES = [
    SourceSchedule(name=name, label=name, every_s=DAY, counts=True, enabled=True)
    for name in SOURCES
]


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took."""

    seconds: float
    cpu_s: float
    """What is left where others use the machine too."""
    megabytes: float


def run(words: Sequence[str], folder: Path) -> Spent:
    """Run a process to its end; its seconds and its largest resident size."""
    began = monotonic()
    child = subprocess.Popen(
        words, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")},
    )  # fmt: skip
    said = child.stderr.read() if child.stderr else b""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    spent = monotonic() - began
    assert child.returncode == 0, (words, said.decode())
    return Spent(spent, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def commands(folder: Path, rounds: int, **wanted: Sequence[str]) -> dict[str, Spent]:
    """The median seconds and the largest size of each, run in turns; the first turn is left out."""
    taken: dict[str, list[Spent]] = {name: [] for name in wanted}
    for turn in range(rounds + 1):
        for name, words in wanted.items():
            spent = run(words, folder)
            if turn:
                taken[name].append(spent)
    return {name: _middle(all_) for name, all_ in taken.items()}


def _middle(spent: Sequence[Spent]) -> Spent:
    return Spent(
        median(s.seconds for s in spent), median(s.cpu_s for s in spent),
        max(s.megabytes for s in spent),
    )  # fmt: skip


def world(folder: Path, papers: int, days: int) -> Path:
    """A folder with config.toml and the database."""
    place = folder / str(papers)
    place.mkdir()
    fill(place / "citewatch.db", papers=papers, days=days, end=int(RealClock().time()) - 3600)
    (place / "config.toml").write_text(configuration(papers))
    return place


def processes(folder: Path, size: str) -> list[Figure]:
    """Reports as whole processes."""
    report = [sys.executable, "-m", "citewatch", "report"]
    few = commands(
        world(folder, FEW, DAYS[size]), ROUNDS[size],
        bare=[sys.executable, "-c", "pass"], imports=[sys.executable, "-c", _IMPORTS],
        report=report,
    )  # fmt: skip
    past = ["--as-of", _day(DAYS[size] // 4)]
    many = commands(
        world(folder, MANY[size], DAYS[size]), max(1, ROUNDS[size] // 2),
        table=report, json=[*report, "--format", "json"], past=[*report, *past],
    )  # fmt: skip
    what = f"{MANY[size]:,} papers"
    over = few["report"].seconds - few["imports"].seconds
    return [
        Figure(what="python -c pass", value=few["bare"].seconds, unit="s"),
        Figure(what="its imports alone", value=few["imports"].seconds, unit="s"),
        Figure(what=f"report, {FEW} papers", value=few["report"].seconds, unit="s"),
        Figure(what="over its imports", value=over, unit="s", most=0.5),
        Figure(what=f"report, {what}", value=many["table"].seconds, unit="s", most=2),
        Figure(what="of it CPU", value=many["table"].cpu_s, unit="s"),
        Figure(what="largest size", value=many["table"].megabytes, unit="MB", most=300),
        Figure(what=f"--format json, {what}", value=many["json"].seconds, unit="s"),
        Figure(what="largest size", value=many["json"].megabytes, unit="MB", most=300),
        Figure(what=f"--as-of, {what}", value=many["past"].seconds, unit="s"),
    ]


def _day(back: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(RealClock().time() - back * DAY, UTC).strftime("%Y-%m-%d")


# --- single questions --------------------------------------------------------------------


def median_ms(question: Callable[[int], object], papers: Sequence[int]) -> float:
    """The median milliseconds of a question asked of one paper after the other."""
    spans = []
    for number in papers:
        began = monotonic()
        question(number)
        spans.append(1e3 * (monotonic() - began))
    return median(spans)


def questions(folder: Path, size: str) -> list[Figure]:
    """Single questions of one database of very many papers."""
    path = folder / "very-many.db"
    papers, now = VERY_MANY[size], int(RealClock().time())
    fill(path, papers=papers, days=DAYS[size], end=now - 3600)
    some = [1 + place * papers // 20 for place in range(20)]
    with closing(open_store(f"sqlite:///{path}", now=now, read_only=True)) as store:
        return [
            _one("history of a paper", lambda n: _history(store, n), some),
            _one("deltas, rate, trend of a paper", lambda n: _report(store, now, [n]), some),
            _one("the same, a year ago", lambda n: _report(store, now, [n], back=365), some),
            _one(f"movers, totals, h of {FEW} papers",
                 lambda n: _report(store, now, list(range(n, min(n + FEW, papers + 1)))), some),
        ]  # fmt: skip


def _one(what: str, question: Callable[[int], object], papers: Sequence[int]) -> Figure:
    return Figure(what=what, value=median_ms(question, papers), unit="ms", most=100)


def _history(store: Store, number: int) -> object:
    (stored,) = store.papers([number])
    return paper_history(store, stored, counting=SOURCES)


def _report(store: Store, now: int, numbers: Sequence[int], *, back: int = 0) -> object:
    watched = [
        WatchedPaper(number=p.number, paper=p.paper, watchlists=("all",))
        for p in store.papers(numbers)
    ]
    question = ReportQuestion(
        papers=watched, sources=SCHEDULES, preferred=SOURCES, badge_for=Ladder().highest_at,
        now=now, as_of=now - back * DAY if back else None,
    )  # fmt: skip
    return build_report(store, question)


def main() -> None:
    """Fill, measure, print."""
    options = parser(__doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="citewatch-bench-") as name:
        folder = Path(name)
        title = f"Reports: {len(SOURCES)} sources, {DAYS[options.size]:,} daily polls, 5 % changes"
        show(title, processes(folder, options.size))
        title = f"Single questions: {VERY_MANY[options.size]:,} papers, as many polls"
        show(title, questions(folder, options.size))


if __name__ == "__main__":
    main()
