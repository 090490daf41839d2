"""A house for tests of passes: a database on disk, a clock, and a paper with its answers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from citewatch.domain.identifiers import Identifier
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Facts, Held, Observed, Paper
from citewatch.domain.rules import Rules
from citewatch.ports import Store
from citewatch.services.desk import Desk, PassResult, Scope
from citewatch.services.passes import run_pass
from citewatch.services.watchlist import Watch, WatchedPaper
from citewatch.store import open_store
from fakes import FakeClock, ScriptedSource

ARXIV = Identifier("arxiv", "1708.03999")
DOI = Identifier("doi", "10.1145/3128572.3140448")
SHA = Identifier("semantic_scholar", "a" * 40)
OTHER = Identifier("semantic_scholar", "b" * 40)
ZOO = Paper(
    key="zoo-zeroth-order-2017", title="ZOO: Zeroth Order Optimization", year=2017,
    authors=("Pin-Yu Chen", "Huan Zhang"), ids=(ARXIV,),
)  # fmt: skip
UNNAMED = replace(ZOO, ids=())
UNNAMED_TOO = Paper(
    key="sublinear-time-orthogonal-2016", title="Sublinear Time Orthogonal Things", year=2016
)
SAME = Facts(title=ZOO.title, authors=ZOO.authors, year=2017)


def counted(number: int, asked: Identifier = ARXIV, facts: Facts = SAME) -> Observed:
    return Observed(asked=asked, answered=SHA, citation_count=number, facts=facts)


class House:
    """A database on disk, a clock, and passes with restarts in between."""

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path / 'citewatch.db'}"
        self.clock = FakeClock(20_000 * DAY)
        self.store: Store = open_store(self.url, now=0)

    def restart(self) -> None:
        self.store.close()
        self.store = open_store(self.url, now=0)

    def watch(self, *papers: Paper) -> None:
        known = {p.paper.key for p in self.store.papers()}
        self.store.add_papers([p for p in papers if p.key not in known], now=self.now())
        self.store.set_watched([p.number for p in self.store.papers()])

    def now(self) -> int:
        return int(self.clock.time())

    def papers(self) -> tuple[WatchedPaper, ...]:
        return tuple(
            WatchedPaper(number=p.number, paper=p.paper, watchlists=("me",))
            for p in self.store.papers()
        )

    def sync(
        self, *sources: ScriptedSource, scope: Scope | None = None, confirm_s: int = 3 * DAY
    ) -> PassResult:
        rules = Rules(ladder=Ladder(), confirm_after_s=confirm_s, every_s=DAY, label="Scripted")
        desk = Desk(
            store=self.store, clock=self.clock, sources=[(s, rules) for s in sources],
            watch=Watch(papers=self.papers(), pages=(), problems=()),
            preferred=("semantic_scholar", "openalex", "crossref"),
        )  # fmt: skip
        return asyncio.run(run_pass(desk, scope or Scope()))

    def later(self, days: float) -> None:
        asyncio.run(self.clock.sleep(days * DAY))

    def held(self, source: str = "semantic_scholar") -> Held:
        (held,) = self.store.helds(source, [self.papers()[0].number or 0])
        return held

    def ids(self, state: str = "accepted") -> set[str]:
        return {str(row.identifier) for row in self.store.identifiers() if row.state == state}
