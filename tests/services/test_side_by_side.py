"""Sources go side by side: one that hangs delays no other, titles wait for who may spare them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest
from house import ARXIV, SAME, SHA, UNNAMED, ZOO, House, counted

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Found, Observed, SearchOutcome
from citewatch.ports import Ask, Readings, Search
from citewatch.services import lead
from fakes import ScriptedSource

OPENALEX = Identifier("openalex", "W2746600820")


class Hanging(ScriptedSource):
    """Answers nothing until it is let go."""

    def __init__(self, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]
        self.free = asyncio.Event()

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        if asks:
            await self.free.wait()
        async for readings in super().fetch(asks):
            yield readings

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        if searches:
            await self.free.wait()
        async for found in super().search(searches):
            yield found


class Freeing(ScriptedSource):
    """Lets a hanging source go when it has been asked itself."""

    costly_search = True
    other: Hanging

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        async for readings in super().fetch(asks):
            yield readings
            self.other.free.set()

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        async for found in super().search(searches):
            yield found
            self.other.free.set()


def openalex(other: Hanging, *, titles: bool = False) -> Freeing:
    seen = Observed(asked=ARXIV, answered=OPENALEX, citation_count=7, facts=SAME)
    found = Found(candidates=(replace(seen, asked=OPENALEX),))
    source = Freeing(
        "openalex", schemes=("openalex", "doi", "arxiv"),
        answers={str(ARXIV): seen, str(OPENALEX): seen}, titles={ZOO.title: found} if titles else {},
    )  # fmt: skip
    source.other = other
    return source


def test_a_source_that_hangs_does_not_keep_another_from_being_asked(house: House) -> None:
    house.watch(ZOO)
    hanging = Hanging(answers={str(ARXIV): counted(100)})
    # Deadlocks unless OpenAlex is asked while Semantic Scholar hangs.
    result = house.sync(hanging, openalex(hanging))
    assert [(s.name, s.found) for s in result.sources] == [("semantic_scholar", 1), ("openalex", 1)]


def test_titles_are_looked_for_elsewhere_only_after_the_leader_had_its_say(house: House) -> None:
    house.watch(UNNAMED)
    named = replace(SAME, ids=(ARXIV,))
    found = Found(candidates=(counted(100, asked=SHA, facts=named),))
    leader = ScriptedSource(titles={ZOO.title: found})
    other = openalex(Hanging(), titles=True)
    house.sync(leader, other)
    assert other.searched == []
    assert other.asked == [(str(ARXIV),)]


def test_a_leader_that_hangs_is_not_waited_for_without_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead, "PATIENCE_S", 0.05)
    house.watch(UNNAMED)
    hanging = Hanging()
    other = openalex(hanging, titles=True)
    house.sync(hanging, other)
    assert other.searched == [ZOO.title]
