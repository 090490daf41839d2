"""A source whose code fails stops neither the pass nor another source."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from house import ARXIV, UNNAMED, ZOO, House, counted

from citewatch.domain.papers import Missing, SearchOutcome
from citewatch.ports import Ask, Readings, Search
from fakes import ScriptedSource


class Defective(ScriptedSource):
    """Answers one request, then its own code fails."""

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        async for readings in super().fetch(asks[:1]):
            yield readings
        if len(asks) > 1:
            raise TypeError("'NoneType' object is not subscriptable")

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        if searches:
            raise KeyError("title")
        async for found in super().search(searches):
            yield found


def test_a_source_whose_code_fails_keeps_what_it_said_and_stops_no_other(house: House) -> None:
    second = replace(ZOO, key="second-2017", title="A Second Paper of the List")
    house.watch(ZOO, second)
    answers = {str(ARXIV): counted(100)}
    defective = Defective("zenodo", answers=answers)
    good = ScriptedSource(answers=answers)
    result = house.sync(defective, good)
    by_name = {s.name: s for s in result.sources}
    assert (by_name["zenodo"].status, by_name["zenodo"].found) == ("partial", 1)
    assert "its code failed: TypeError" in by_name["zenodo"].note
    assert (by_name["semantic_scholar"].status, by_name["semantic_scholar"].found) == ("ok", 2)
    assert house.held("zenodo").citation_count == 100


def test_a_search_that_fails_in_its_code_finds_nothing_and_says_so(house: House) -> None:
    house.watch(UNNAMED)
    result = house.sync(Defective(answers={str(ARXIV): Missing(asked=ARXIV)}))
    assert result.sources[0].status == "failed"
    assert "its code failed: KeyError" in result.sources[0].note
