"""A paper whose citing works are listed: a house on disk, with looks day by day."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from house import SHA, ZOO, House, counted

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Kind
from citewatch.domain.rules import Rules
from citewatch.ports import KnownWork, Look, Source, Store
from citewatch.services.backfill import Backfilled, Plan, backfill
from citewatch.services.watchlist import Watch
from fakes import CitingSource

S2 = "semantic_scholar"


def work(number: int, date: str = "2020-05-01", **more: object) -> CitingWork:
    """A citing work; its title is its number in words enough to be told from others."""
    pairs: dict[str, object] = {
        "record": f"W{number}", "title": f"A study that cites, number {number:05}",
        "authors": (Person("Ada Author", f"{S2}:{1000 + number}"), Person("Bo Blank")),
        "venue": "NeurIPS", "published_on": date,
    }  # fmt: skip
    return CitingWork(**(pairs | more))  # type: ignore[arg-type]


@dataclass
class Looking:
    """Looks over a house, as the command and the daemon make them."""

    house: House
    source: CitingSource = field(default_factory=CitingSource)
    author_names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    confirm_s: int = 0

    def __post_init__(self) -> None:
        if not self.house.papers():
            self.house.watch(ZOO)

    # --- what a `PastHome` is

    @property
    def clock(self) -> object:
        return self.house.clock

    def now(self) -> int:
        return self.house.now()

    def watch(self, store: Store) -> Watch:
        return Watch(papers=self.house.papers(), pages=(), problems=())

    def sources(self, store: Store, only: object = ()) -> list[tuple[Source, Rules]]:
        rules = Rules(
            ladder=Ladder(), confirm_after_s=self.confirm_s, every_s=DAY, label="Semantic Scholar"
        )
        return [(self.source, rules)]

    # --- what happens

    def polled(self, count: int) -> None:
        """The source is asked for the count, and says this."""
        self.source.answers[str(SHA)] = counted(count, SHA)
        self.source.answers["arxiv:1708.03999"] = counted(count)
        for _ in range(2):
            self.house.sync(self.source, confirm_s=0)
            self.house.later(1)

    def lists(self, *works: CitingWork) -> None:
        self.source.lists[str(SHA)] = list(works)

    def look(self, *words: str, **plan: object) -> Backfilled:
        self.source.requests = 0
        self.source.listed.clear()
        made = Plan(words=words, **({"seize": True} | plan))  # type: ignore[arg-type]
        return asyncio.run(backfill(self, self.house.store, made))  # type: ignore[arg-type]

    def day(self, count: int, *works: CitingWork) -> list[str]:
        """A day: the count, the list, a look; the lines that it logs."""
        self.polled(count)
        self.lists(*works)
        return [change.change.text for change in self.look().changes]

    # --- what is known

    def known(self) -> dict[str, KnownWork]:
        (series,) = {look.series for look in self.looks().values()}
        return {w.work.record: w for w in self.house.store.past().works(series)}

    def looks(self) -> dict[tuple[int, str], Look]:
        return dict(self.house.store.past().looks([1]))

    def lines(self) -> list[str]:
        rows = self.house.store.changes()
        return [row.change.text for row in rows if row.change.kind is Kind.CITING]
