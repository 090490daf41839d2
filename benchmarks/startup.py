"""How long a command takes to start, against the interpreter alone, and how long a report.

A virtual environment is made and the project installed into it, byte-compiled as pip does;
``--python`` measures one that exists. Every round runs each command once, so that what else
the machine does falls on all of them; figures are ratios of medians within the run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from citewatch.bootstrap import RealClock, open_app
from citewatch.config import initial_config, write_config
from citewatch.domain.papers import DAY, Held, Snapshot, Status
from citewatch.intake import read_list
from citewatch.ports import Batch, Run, Store
from citewatch.sandbox import World, publication_list
from citewatch.services.enlist import enlist
from citewatch.services.watchlist import save
from figures import Figure, parser, show
from standin import monotonic

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("semantic_scholar", "openalex", "crossref")
ROUNDS = {"full": 15, "tiny": 1}
DAYS = {"full": 730, "tiny": 10}


def environment() -> dict[str, str]:
    """What the children see: byte code may be written, nothing points elsewhere."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "CITEWATCH_CONFIG", "CITEWATCH_DATABASE")
    return {name: value for name, value in os.environ.items() if name not in unwanted}


def install(folder: Path) -> Path:
    """The interpreter of a new environment that holds the project."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    constraints = ROOT / "constraints.txt"
    pinned = ["-c", str(constraints)] if constraints.exists() else []
    subprocess.run(
        [python, "-m", "pip", "install", "-q", *pinned, str(ROOT)], check=True, env=environment()
    )
    return python


# --- two years of counts ----------------------------------------------------------------


def fill(folder: Path, days: int, *, every: int) -> None:
    """A folder with a list of 53 papers and a database in which counts moved every so many days."""
    folder.mkdir()
    now = int(RealClock().time())
    start = now - days * DAY
    listed = folder / "publications.txt"
    listed.write_text(publication_list(World(start)), encoding="utf-8")
    enlisted = enlist([read_list(listed)], known=(), watched=())
    text = initial_config("publications", "publications", enlisted.papers, enlisted.pages)
    write_config(folder / "config.toml", text, expected=None)
    app = open_app(folder / "config.toml", None, environ={}, cwd=folder, user_folder=folder)
    with app.writing("benchmark") as store:
        watch, _ = save(app.watch(store), store, now=start)
        numbers = [paper.number for paper in watch.papers if paper.number is not None]
        for source in SOURCES:
            for held in store.helds(source, numbers):
                _count(store, held, range(start, start + days * DAY, every * DAY))
            _note_runs(store, source, start, days)


def _count(store: Store, held: Held, instants: range) -> None:
    first = held.paper * 7 % 300
    rows = [
        Snapshot(
            at=at, citation_count=first + step, previous_count=first + step - 1 if step else None
        )
        for step, at in enumerate(instants)
    ]
    last = rows[-1]
    after = replace(
        held, status=Status.OK, citation_count=last.citation_count, high=last.citation_count,
        confirmed_high=last.citation_count, changed_at=last.at, counted_at=last.at,
        answered_at=last.at, next_check_at=last.at + DAY,
    )  # fmt: skip
    store.apply(Batch(helds=[after], snapshots=[(held.series, row) for row in rows]))


def _note_runs(store: Store, source: str, start: int, days: int) -> None:
    runs = [
        Run(
            source=source, started_at=start + day * DAY, finished_at=start + day * DAY + 9,
            status="ok", requests=1, papers=53, found=53, changed=53,
        )
        for day in range(days)
    ]  # fmt: skip
    store.apply(Batch(runs=runs))


# --- measuring --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, where, and how it ends."""

    words: tuple[Path | str, ...]
    folder: Path
    code: int = 0


def rounds(commands: Mapping[str, Command], times: int) -> Callable[[str], float]:
    """Run all commands in turn so many times; gives the median seconds of each."""
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(times + 1):
        for name, command in commands.items():
            began = monotonic()
            done = subprocess.run(
                command.words, cwd=command.folder, env=environment(), capture_output=True,
                check=False,
            )  # fmt: skip
            span = monotonic() - began
            assert done.returncode == command.code, (command, done.stderr.decode())
            # The first turn writes byte code and fills the disk's cache.
            if turn:
                taken[name].append(span)
    return lambda name: median(taken[name])


def main() -> None:
    """Install, measure, print."""
    options = parser(__doc__)
    options.add_argument("--python", type=Path, help="the interpreter of an existing environment")
    asked = options.parse_args()
    days = DAYS[asked.size]
    with tempfile.TemporaryDirectory(prefix="citewatch-bench-") as name:
        few, all_ = Path(name) / "few", Path(name) / "all"
        fill(few, days, every=20)
        fill(all_, days, every=1)
        python = asked.python.absolute() if asked.python else install(Path(name) / "venv")
        program = python.parent / "citewatch"
        seconds = rounds(
            {
                "bare": Command((python, "-c", "pass"), few),
                "help": Command((program, "--help"), few),
                "version": Command((program, "--version"), few),
                "no such command": Command((program, "no-such-command"), few, 2),
                "no such option": Command((program, "report", "--no-such-option"), few, 2),
                "report": Command((program, "report"), few),
                "full report": Command((program, "report"), all_),
            },
            ROUNDS[asked.size],
        )
    bare = seconds("bare")
    report = f"report: 53 papers, 3 sources, {days} days"

    def ratio(what: str, command: str, most: float) -> Figure:
        return Figure(what=what, value=seconds(command) / bare, unit="x bare", most=most)

    show(
        f"Start-up: median of {ROUNDS[asked.size]} (Python {sys.version.split()[0]})",
        [
            Figure(what="python -c pass", value=1e3 * bare, unit="ms"),
            ratio("citewatch --help", "help", 10),
            ratio("citewatch --version", "version", 8),
            ratio("usage error: no such command", "no such command", 8),
            ratio("usage error: no such option of report", "no such option", 8),
            Figure(what=f"{report}, 5 % changes", value=seconds("report"), unit="s", most=1),
            Figure(what=f"{report}, each a change", value=seconds("full report"), unit="s"),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    main()
