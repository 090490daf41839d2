"""The log of changes and the history of one paper."""

from __future__ import annotations

import pytest

from citewatch.domain.papers import Change, Facts, Kind, Status
from citewatch.errors import InputError
from citewatch.ports import Batch
from citewatch.services.log import HistoryPoint, find_changes, paper_history
from worlds import HELD, MISSING, World, day, paper

ZOO = paper("zoo-zeroth-order-2017", "ZOO")


def logged() -> World:
    world = World(ZOO, paper("b", "B"))
    world.store.apply(
        Batch(
            changes=[
                Change(kind=Kind.DROP, at=day(2), source="openalex", text="fell", paper=2),
                Change(kind=Kind.MILESTONE, at=day(1), source="openalex", text="100+", paper=1),
                Change(kind=Kind.SOURCE_DOWN, at=day(3), source="openalex", text="down"),
            ]
        )
    )
    return world


def numbers(world: World, **asked: object) -> list[int]:
    return [row.number for row in find_changes(world.store, **asked)]  # type: ignore[arg-type]


def test_the_log_is_in_the_order_of_time() -> None:
    assert numbers(logged()) == [2, 1, 3]


def test_since_and_until_are_both_included() -> None:
    assert numbers(logged(), since=day(1), until=day(2)) == [2, 1]


def test_kinds_and_papers_filter() -> None:
    assert numbers(logged(), kinds=[Kind.DROP, Kind.SOURCE_DOWN]) == [1, 3]
    assert numbers(logged(), papers=[1]) == [2]


def test_no_papers_is_not_all_papers() -> None:
    assert numbers(logged(), papers=[]) == []


def test_time_that_runs_backwards_is_refused() -> None:
    with pytest.raises(InputError, match="--since lies after --until"):
        find_changes(logged().store, since=day(2), until=day(1))


def watched() -> World:
    world = World(ZOO)
    world.ask(day(0), {0: 5})
    world.ask(day(1), {0: 5})
    world.ask(day(2), {0: (HELD, 900)})
    world.ask(day(3), {0: 6})
    world.ask(day(4), {0: MISSING})
    world.ask(day(1), {0: 3}, source="openalex")
    world.say(day(1), 0, Facts(title="ZOO by arXiv"), source="arxiv")
    return world


def test_a_history_shows_what_each_source_said_whenever_it_changed() -> None:
    world = watched()
    history = paper_history(world.store, world.store.papers()[0])
    assert history.title == "ZOO by arXiv"
    assert [s.source for s in history.series] == ["openalex", "semantic_scholar"]
    s2 = history.series[1]
    assert s2.points == (
        HistoryPoint(at=day(0), citations=5, influential=None, status=Status.OK, begins=True),
        HistoryPoint(at=day(2), citations=900, influential=None, status=Status.HELD),
        HistoryPoint(at=day(3), citations=6, influential=None, status=Status.OK),
        HistoryPoint(at=day(4), citations=None, influential=None, status=Status.MISSING),
    )
    assert (s2.citations, s2.high, s2.observed_at) == (6, 6, day(3))


def test_the_sparklines_of_all_sources_share_one_time_axis() -> None:
    openalex, s2 = (
        s.spark for s in paper_history(watched().store, watched().store.papers()[0]).series
    )
    assert (openalex, s2) == (" " * 13 + "▁" * 27, "▁" * 39 + "█")


def test_one_source_can_be_asked_for() -> None:
    world = watched()
    history = paper_history(world.store, world.store.papers()[0], source="openalex")
    assert [s.source for s in history.series] == ["openalex"]


def test_a_source_without_counts_for_the_paper_is_refused_with_those_that_have_some() -> None:
    world = watched()
    with pytest.raises(InputError) as caught:
        paper_history(world.store, world.store.papers()[0], source="arxiv")
    assert caught.value.remedy == "sources that can have some: openalex, semantic_scholar"


def test_a_counting_source_that_only_ever_missed_is_shown_when_named_as_counting() -> None:
    world = World(ZOO)
    world.ask(day(0), {0: MISSING})
    (stored,) = world.store.papers()
    assert paper_history(world.store, stored).series == ()
    (series,) = paper_history(world.store, stored, counting=["semantic_scholar"]).series
    assert (series.citations, series.high, series.observed_at) == (None, None, None)


def test_a_counting_source_that_was_never_asked_has_an_empty_history() -> None:
    world = World(ZOO)
    (stored,) = world.store.papers()
    history = paper_history(world.store, stored, counting=["openalex"], source="openalex")
    assert history.series == ()
