"""How many requests a long list costs, counted at the server: a first pass and later ones.

Every paper has an arXiv id and a published DOI. The program is run as ``citewatch sync``
runs it, over a config.toml and a database of its own; the clock is simulated. Three lists: all
papers are known everywhere; some have a DOI that nobody knows; some have a DOI and an arXiv id
that nobody knows, and are asked for by both before the miss is believed.
"""

from __future__ import annotations

import asyncio
import math
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from citewatch.bootstrap import App, SimulatedClock, seeded_chance
from citewatch.config import initial_config, load_settings
from citewatch.domain.papers import DAY, Paper
from citewatch.ports import Store
from citewatch.sandbox import DEFAULT_START, Sandbox
from citewatch.services.desk import PassResult, Scope
from citewatch.services.whole_pass import one_pass
from figures import Figure, parser, show
from kinds import LABELS, kind
from worlds import bulk_world, mixed, unknown, watched

PAPERS = {"full": 10_000, "tiny": 400}
DAYS = 2
MISSING_SHARE = 0.01
PER_LIST = {"semantic_scholar": 500, "openalex": 100, "crossref": 50, "arxiv": 100}
"""Identifiers in one request, by source."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass as the server saw it, and as the program told it."""

    requests: Counter[tuple[str, str]]
    """By service and kind."""
    result: PassResult

    def to(self, source: str) -> dict[str, int]:
        """Requests to a source by kind."""
        return {what: n for (service, what), n in self.requests.items() if service == source}


def configure(papers: Sequence[Paper], folder: Path) -> Path:
    """A config.toml with these papers in it."""
    text = initial_config("papers", "papers", papers)
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def make_app(config: Path, urls: Mapping[str, Mapping[str, str]], clock: SimulatedClock) -> App:
    """The program, pointed at the stand-in by its environment."""
    environ = {
        f"CITEWATCH_SOURCES__{source.upper()}__{name.upper()}": url
        for source, by_name in urls.items()
        for name, url in by_name.items()
    }
    environ["CITEWATCH_CONTACT__EMAIL"] = "me@example.org"
    return App(
        settings=load_settings(config, environ=environ), environ=environ, clock=clock,
        chance=seeded_chance(7), database_url=f"sqlite:///{config.parent / 'bench.db'}",
    )  # fmt: skip


async def poll(app: App, store: Store, box: Sandbox, days: int) -> list[Pass]:
    """One pass on each day."""
    passes, told = [], len(box.requests)
    for day in range(days):
        assert isinstance(app.clock, SimulatedClock)
        app.clock.advance_to(DEFAULT_START + day * DAY + DAY / 4)
        passed = await one_pass(app, store, Scope(), only=tuple(PER_LIST))
        log = box.requests[told:]
        told += len(log)
        # 404 and a 400 for a whole batch are how misses are told.
        refused = [seen for seen in log if seen.status not in (200, 400, 404)]
        assert not refused, refused[:3]
        requests = Counter((seen.service, kind(seen)) for seen in log)
        passes.append(Pass(requests, passed.result))
    return passes


@dataclass(frozen=True, slots=True)
class Case:
    """One list."""

    papers: int
    missing: int
    """So many of them are known nowhere."""
    preprints: bool
    """Whether these have an arXiv id too."""

    def run(self, days: int) -> list[Pass]:
        """The passes over this list, one on each day."""
        clock = SimulatedClock(DEFAULT_START)
        world = bulk_world(self.papers - self.missing)
        strangers = unknown(self.missing, preprints=self.preprints)
        listed = mixed(watched(world.records), strangers)
        with (
            # Nobody is refused: a retry would depend on the machine's speed.
            Sandbox(world, clock.time, limits=False) as box,
            tempfile.TemporaryDirectory(prefix="citewatch-bench-") as name,
        ):
            app = make_app(configure(listed, Path(name)), box.urls, clock)
            with app.writing("benchmark") as store:
                return asyncio.run(poll(app, store, box, days))

    def with_identifier(self, source: str) -> int:
        """The papers that a source can be asked about."""
        lacking = source == "arxiv" and not self.preprints
        return self.papers - (self.missing if lacking else 0)

    def goal(self, source: str) -> int | None:
        """The most requests in one pass; None where a miss is asked for more than once."""
        if self.missing and self.preprints and source in ("semantic_scholar", "openalex"):
            return None
        lists = math.ceil(self.with_identifier(source) / PER_LIST[source])
        return lists + (self.missing if source == "openalex" else 0)

    def __str__(self) -> str:
        which = "DOI and arXiv id" if self.preprints else "DOI"
        lost = f", {self.missing:,} of them with a {which} that nobody knows"
        return f"{self.papers:,} papers{lost if self.missing else ', all known'}"


def figures(case: Case, passes: Sequence[Pass]) -> list[Figure]:
    """What was asked of each source in each pass, taken apart where it was not lists alone."""
    found = []
    for number, it in enumerate(passes, start=1):
        for source in PER_LIST:
            fared = next(s for s in it.result.sources if s.name == source)
            asked = case.with_identifier(source)
            lost = asked - (case.papers - case.missing)
            assert (fared.found, fared.missing) == (asked - lost, lost), fared
            name, parts = f"pass {number}: {LABELS[source]}, {asked:,} papers", it.to(source)
            found.append(
                Figure(
                    what=name, value=sum(parts.values()), unit="requests", most=case.goal(source)
                )
            )
            if len(parts) > 1:
                found += [Figure(what=f"    of these {what}", value=n) for what, n in parts.items()]
    return found


def main() -> None:
    """Count and print."""
    options = parser(__doc__)
    options.add_argument("--papers", type=int, help="how many (10,000; tiny: 400)")
    options.add_argument("--missing", type=int, help="of these known nowhere (1 %%)")
    options.add_argument("--days", type=int, help="passes, one a day (2)")
    asked = options.parse_args()
    papers = asked.papers or PAPERS[asked.size]
    missing = round(papers * MISSING_SHARE) if asked.missing is None else asked.missing
    cases = [Case(papers, 0, preprints=True)]
    if missing:
        cases += [Case(papers, missing, preprints=both) for both in (False, True)]
    for case in cases:
        show(f"Requests for {case}", figures(case, case.run(asked.days or DAYS)))


if __name__ == "__main__":
    main()
