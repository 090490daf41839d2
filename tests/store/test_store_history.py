"""Series as they are, and as they were known at an instant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_samples import FACTS, NOW, S2, full_held, keep, one_series, paper, reading

from citewatch.domain.papers import Snapshot
from citewatch.ports import Batch, History
from citewatch.store import SqlStore

READINGS = [reading(10, 1), reading(20, 2, 1), reading(30, 3, 2)]


@pytest.fixture
def filled(store: SqlStore) -> SqlStore:
    held = one_series(store)
    keep(store, held.series, *READINGS)
    return store


def times(history: History) -> list[int]:
    return [s.at for s in history.snapshots]


@pytest.mark.parametrize(
    ("until", "seen"),
    [(9, []), (10, [10]), (19, [10]), (20, [10, 20]), (31, [10, 20, 30]), (None, [10, 20, 30])],
)
def test_a_past_instant_knows_what_came_at_or_before_it(
    filled: SqlStore, until: int | None, seen: list[int]
) -> None:
    (history,) = filled.histories(until=until)
    assert times(history) == seen


@pytest.mark.parametrize(
    ("since", "seen"),
    [(9, [10, 20, 30]), (10, [10, 20, 30]), (19, [10, 20, 30]), (20, [20, 30]), (99, [30])],
)
def test_a_window_begins_with_the_newest_reading_at_or_before_it(
    filled: SqlStore, since: int, seen: list[int]
) -> None:
    (history,) = filled.histories(since=since)
    assert times(history) == seen


@pytest.mark.parametrize(
    ("since", "until", "seen"), [(25, 25, [20]), (15, 20, [10, 20]), (99, 25, [20]), (1, 5, [])]
)
def test_a_window_of_the_past_has_both_ends(
    filled: SqlStore, since: int, until: int, seen: list[int]
) -> None:
    (history,) = filled.histories(since=since, until=until)
    assert times(history) == seen


def test_each_series_has_its_own_beginning_of_the_window(filled: SqlStore) -> None:
    other = one_series(filled, "other")
    keep(filled, other.series, reading(5, 9), reading(40, 10, 9))
    assert [times(h) for h in filled.histories(since=25)] == [[20, 30], [5, 40]]


def test_the_state_row_is_there_now_and_not_in_the_past(filled: SqlStore) -> None:
    assert filled.histories()[0].held == filled.helds(S2, [1])[0]
    assert filled.histories(until=10**12)[0].held is None


def test_facts_are_those_known_at_the_instant(filled: SqlStore) -> None:
    old, new = FACTS, replace(FACTS, venue="elsewhere")
    filled.apply(Batch(facts=[(1, 10, old), (1, 20, new)]))
    known = [filled.histories(until=at)[0].facts for at in (9, 10, 19, 20)]
    assert known == [None, old, old, new]
    assert filled.histories()[0].facts == new


def test_a_series_that_never_gave_anything_is_there_and_empty(store: SqlStore) -> None:
    held = one_series(store)
    for history in (*store.histories(), *store.histories(until=NOW)):
        assert (history.series, history.paper, history.source) == (held.series, held.paper, S2)
        assert list(history.snapshots) == []


def test_papers_and_sources_can_be_chosen(store: SqlStore) -> None:
    numbers = store.add_papers([paper("a"), paper("b")], now=NOW)
    for source in (S2, "arxiv", "an archive of 2019"):
        store.ensure_series(source, numbers)

    def chosen(**how: object) -> list[tuple[int, str]]:
        return [(h.paper, h.source) for h in store.histories(**how)]  # type: ignore[arg-type]

    assert len(chosen()) == 6
    assert chosen(papers=[2], sources=["arxiv"]) == [(2, "arxiv")]
    assert chosen(sources={"an archive of 2019"}) == [
        (1, "an archive of 2019"),
        (2, "an archive of 2019"),
    ]
    assert chosen(papers=[]) == []
    assert len(chosen(papers=[1], until=NOW)) == 3


def test_series_come_in_the_order_of_their_papers(store: SqlStore) -> None:
    numbers = store.add_papers([paper("a"), paper("b")], now=NOW)
    store.ensure_series(S2, numbers[::-1])
    assert [h.paper for h in store.histories()] == numbers
    assert [h.paper for h in store.histories(until=NOW)] == numbers


def test_nothing_stored_later_changes_what_was_known_before(filled: SqlStore) -> None:
    before = filled.histories(until=30)
    keep(filled, 1, reading(31, 99, 3))
    filled.apply(Batch(helds=[full_held(1, 1)], facts=[(1, 31, FACTS)]))
    assert filled.histories(until=30) == before


def test_a_value_read_twice_is_the_same_value(filled: SqlStore) -> None:
    first: Snapshot = filled.histories()[0].snapshots[0]
    assert filled.histories() == filled.histories()
    assert first == READINGS[0]
