"""Who is due, and storing one answer: whole, once, at its own second."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import (
    ARXIV,
    DOI,
    FACTS,
    NOW,
    S2,
    SHA,
    full_held,
    keep,
    milestone,
    one_series,
    paper,
    reading,
)

from citewatch.domain.papers import Held, Kind, Status
from citewatch.errors import StoreError
from citewatch.ports import Batch, KnownIdentifier
from citewatch.store import SqlStore


def plan(store: SqlStore, held: Held, next_check_at: int) -> None:
    store.apply(Batch(helds=[replace(held, next_check_at=next_check_at)]))


def due_papers(store: SqlStore, **how: object) -> list[int]:
    how.setdefault("now", NOW)
    return [d.held.paper for d in store.due(S2, **how)]  # type: ignore[arg-type]


def three(store: SqlStore) -> list[Held]:
    """Papers 1, 2, 3: long due, due this second, due in the next."""
    numbers = store.add_papers([paper("a", ARXIV, DOI), paper("b"), paper("c")], now=NOW)
    helds = list(store.helds(S2, numbers))
    for held, at in zip(helds, (NOW - 86_400, NOW, NOW + 1), strict=True):
        plan(store, held, at)
    return helds


def test_a_paper_is_due_from_its_second_on(store: SqlStore) -> None:
    three(store)
    assert due_papers(store) == [1, 2]


def test_force_makes_all_papers_due(store: SqlStore) -> None:
    three(store)
    assert due_papers(store, force=True) == [1, 2, 3]


def test_papers_that_are_not_watched_are_never_due(store: SqlStore) -> None:
    three(store)
    store.set_watched([2])
    assert due_papers(store) == [2]
    assert due_papers(store, force=True) == [2]


def test_only_the_papers_asked_for_are_due(store: SqlStore) -> None:
    three(store)
    assert due_papers(store, papers=[2, 3]) == [2]
    assert due_papers(store, papers=[]) == []


def test_each_source_has_its_own_schedule(store: SqlStore) -> None:
    three(store)
    store.ensure_series("arxiv", [3])
    assert [d.held.paper for d in store.due("arxiv", now=NOW)] == [3]


def test_what_is_due_comes_with_its_accepted_identifiers_oldest_first(store: SqlStore) -> None:
    three(store)
    late = KnownIdentifier(paper=1, identifier=SHA, state="accepted", origin=S2, at=NOW + 5)
    no = KnownIdentifier(paper=2, identifier=SHA, state="rejected", origin="user", at=NOW)
    store.save_identifiers([late, no])
    assert [d.ids for d in store.due(S2, now=NOW)] == [(ARXIV, DOI, SHA), ()]


def test_what_is_due_comes_with_the_newest_facts(store: SqlStore) -> None:
    held = one_series(store)
    new = replace(FACTS, version=3)
    store.apply(Batch(facts=[(held.series, NOW, FACTS), (held.series, NOW + 1, new)]))
    assert store.due(S2, now=NOW)[0].held.facts == new


def test_state_rows_come_in_the_order_asked_for(store: SqlStore) -> None:
    numbers = store.add_papers([paper("a"), paper("b"), paper("c")], now=NOW)
    assert [h.paper for h in store.helds(S2, [3, 1])] == [3, 1]
    assert [h.paper for h in store.helds(S2, numbers)] == [1, 2, 3]


def test_a_series_keeps_its_number(store: SqlStore) -> None:
    held = one_series(store)
    store.ensure_series(S2, [held.paper])
    assert store.helds(S2, [held.paper])[0].series == held.series


def test_a_series_of_no_paper_is_refused(store: SqlStore) -> None:
    with pytest.raises(StoreError):
        store.ensure_series(S2, [99])


def test_a_milestone_is_logged_once_ever(store: SqlStore) -> None:
    held = one_series(store)
    first = store.apply(Batch(changes=[milestone(held.paper), milestone(held.paper)]))
    second = store.apply(Batch(changes=[milestone(held.paper, at=NOW + 99)]))
    assert len(first) == 1
    assert second == []
    assert list(store.changes()) == list(first)


def test_another_threshold_paper_or_source_is_another_milestone(store: SqlStore) -> None:
    store.add_papers([paper("a"), paper("b")], now=NOW)
    one = milestone(1)
    others = [milestone(1, 200), milestone(2), replace(one, source="openalex")]
    assert len(store.apply(Batch(changes=[one, *others]))) == 4


def test_other_kinds_of_change_may_repeat(store: SqlStore) -> None:
    held = one_series(store)
    drop = replace(milestone(held.paper), kind=Kind.DROP)
    assert len(store.apply(Batch(changes=[drop, drop]))) == 2


def outbox(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as plain:
        return [n for (n,) in plain.execute("SELECT change_id FROM outbox")]


def test_changes_go_to_the_outbox_and_a_repeated_milestone_does_not(
    path: Path, store: SqlStore
) -> None:
    held = one_series(store)
    (logged,) = store.apply(Batch(changes=[milestone(held.paper)]))
    store.apply(Batch(changes=[milestone(held.paper)]))
    assert outbox(path) == [logged.number]


def test_imported_changes_are_logged_and_never_sent(path: Path, store: SqlStore) -> None:
    held = one_series(store)
    assert len(store.apply(Batch(changes=[milestone(held.paper)], notify=False))) == 1
    store.apply(Batch(changes=[milestone(held.paper)]))
    assert outbox(path) == []
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute("SELECT imported FROM change").fetchall() == [(1,)]


def test_the_number_of_a_change_is_never_used_again(path: Path, store: SqlStore) -> None:
    held = one_series(store)
    (first,) = store.apply(Batch(changes=[milestone(held.paper)]))
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.execute("DELETE FROM outbox")
        plain.execute("DELETE FROM change")
    (second,) = store.apply(Batch(changes=[milestone(held.paper)]))
    assert second.number > first.number


def test_the_same_snapshot_twice_is_one(store: SqlStore) -> None:
    held = one_series(store)
    keep(store, held.series, reading(NOW, 5))
    keep(store, held.series, reading(NOW, 5), reading(NOW + 1, 6, 5))
    assert [s.citation_count for s in store.histories()[0].snapshots] == [5, 6]


def test_two_different_snapshots_of_one_second_are_both_kept(store: SqlStore) -> None:
    held = one_series(store)
    keep(store, held.series, reading(NOW, 5), reading(NOW + 1, 6, 5))
    keep(store, held.series, reading(NOW, 7, 6))
    assert list(store.histories()[0].snapshots) == [
        reading(NOW, 5),
        reading(NOW + 1, 6, 5),
        reading(NOW + 2, 7, 6),
    ]


def test_facts_of_the_same_second_are_replaced(store: SqlStore) -> None:
    held = one_series(store)
    for version in (1, 2):
        store.apply(Batch(facts=[(held.series, NOW, replace(FACTS, version=version))]))
    assert store.histories()[0].facts == replace(FACTS, version=2)


def test_an_empty_batch_changes_nothing(store: SqlStore) -> None:
    assert store.apply(Batch()) == []


def everything(held: Held) -> Batch:
    return Batch(
        helds=[full_held(held.series, held.paper)],
        snapshots=[(held.series, reading(NOW, 5))],
        facts=[(held.series, NOW, FACTS)],
        changes=[milestone(held.paper)],
        identifiers=[
            KnownIdentifier(paper=held.paper, identifier=SHA, state="accepted", origin=S2, at=NOW)
        ],
    )


def state(store: SqlStore) -> object:
    return store.histories(), store.changes(), store.identifiers(), store.runs()


@pytest.mark.parametrize(
    "bad",
    [
        {"helds": [Held(series=99, paper=1, source=S2)]},
        {"snapshots": [(99, reading(NOW, 5))]},
        {"snapshots": [(1, reading(NOW, 5, status=Status.MISSING))]},
        {"facts": [(99, NOW, FACTS)]},
        {"changes": [milestone(99)]},
    ],
    ids=["a state row", "a series", "a zero for a miss", "facts", "the last statement"],
)
def test_a_batch_that_fails_anywhere_leaves_nothing(
    store: SqlStore, bad: dict[str, object]
) -> None:
    held = one_series(store)
    before = state(store)
    with pytest.raises(StoreError):
        store.apply(replace(everything(held), **bad))  # type: ignore[arg-type]
    assert state(store) == before
    store.apply(everything(held))
    assert len(store.changes()) == 1
