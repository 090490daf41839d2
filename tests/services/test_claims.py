"""What the list claims already is no news, also after a lost database."""

from __future__ import annotations

from dataclasses import replace

import pytest
from house import ARXIV, ZOO, House, counted

from citewatch.domain.papers import Kind
from citewatch.ports import ChangeFilter
from citewatch.services.desk import Scope
from fakes import ScriptedSource

CLAIMED = replace(ZOO, claim=300)


def announced(house: House, source: ScriptedSource, *counts: int) -> list[int | None]:
    """The thresholds that are announced while a source gives these counts, one a day."""
    said = []
    for count in counts:
        source.answers[str(ARXIV)] = counted(count)
        said += [c.change for c in house.sync(source, confirm_s=0).changes]
        house.later(1)
    return [change.threshold for change in said if change.kind is Kind.MILESTONE]


def test_a_first_count_above_the_claim_announces_nothing(house: House) -> None:
    house.watch(CLAIMED)
    assert announced(house, ScriptedSource(), 437, 437, 440) == []


def test_a_claim_that_is_reached_again_is_no_news_and_the_next_threshold_is(house: House) -> None:
    house.watch(CLAIMED)
    source = ScriptedSource()
    assert announced(house, source, 290, 299, 301, 302, 299, 303, 304) == []
    assert announced(house, source, 370, 399, 401, 402) == [400]


@pytest.mark.parametrize("name", ["openalex", "crossref"])
def test_every_source_of_headlines_is_spoken_about(house: House, name: str) -> None:
    house.watch(CLAIMED)
    assert announced(house, ScriptedSource(name), 290, 301, 302) == []


def test_another_source_has_its_own_milestones(house: House) -> None:
    house.watch(CLAIMED)
    source = ScriptedSource("inspire")
    assert announced(house, source, 290, 301, 302) == [300]


def test_without_a_claim_the_threshold_is_announced(house: House) -> None:
    house.watch(ZOO)
    assert announced(house, ScriptedSource(), 290, 301, 302) == [300]


def test_a_claim_that_comes_after_the_first_count_settles_nothing(house: House) -> None:
    house.watch(ZOO)
    source = ScriptedSource()
    announced(house, source, 290)
    stored = house.store.papers()[0]
    house.store.update_paper(stored.number, replace(stored.paper, claim=300), now=0)
    assert announced(house, source, 301, 302) == [300]


def test_a_source_that_answers_late_is_settled_all_the_same(house: House) -> None:
    house.watch(CLAIMED)
    source = ScriptedSource()
    assert house.sync(source).sources[0].missing == 1
    house.later(1)
    assert announced(house, source, 290, 301, 302) == []
    house.sync(source, scope=Scope(force=True))
    assert house.store.changes(ChangeFilter(kinds=[Kind.MILESTONE])) == []
