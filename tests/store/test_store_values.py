"""What goes in comes out: papers, identifiers, state rows, readings, facts, runs, changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_samples import (
    ARXIV,
    DOI,
    FACTS,
    NOW,
    S2,
    SHA,
    Opener,
    full_held,
    keep,
    milestone,
    one_series,
    paper,
    reading,
)

from citewatch.domain.papers import Change, Facts, Kind, Paper, Status
from citewatch.errors import StoreError
from citewatch.ports import Batch, ChangeFilter, KnownIdentifier, StoredPaper
from citewatch.store import SqlStore

CANDIDATE = KnownIdentifier(
    paper=1, identifier=SHA, state="candidate", origin=S2, score=0.93, note="Title, 2017", at=NOW
)


def test_a_paper_comes_back_whole(store: SqlStore) -> None:
    one = paper("one-2017", ARXIV, DOI)
    assert store.add_papers([one], now=NOW) == [1]
    assert store.papers() == [
        StoredPaper(number=1, paper=one, watched=True, adopted=False, added_at=NOW)
    ]


def test_a_paper_of_which_only_the_title_is_known_comes_back_whole(store: SqlStore) -> None:
    bare = Paper(key="bare", title="Ünïcode “title” 数学 \n end")
    store.add_papers([bare], now=NOW)
    assert store.papers()[0].paper == bare


def test_a_zero_byte_does_not_stop_a_paper(store: SqlStore, backend: str) -> None:
    store.add_papers([Paper(key="odd", title="odd \0 title")], now=NOW)
    kept = "\ufffd" if backend else "\0"  # a server's texts cannot hold it
    assert store.papers()[0].paper.title == f"odd {kept} title"


def test_half_a_surrogate_pair_does_not_stop_a_paper(store: SqlStore) -> None:
    store.add_papers([Paper(key="odd", title="odd \ud800 title")], now=NOW)
    assert store.papers()[0].paper.title == "odd ? title"


def test_papers_keep_the_order_in_which_they_came(store: SqlStore) -> None:
    assert store.add_papers([paper("b"), paper("a")], now=NOW) == [1, 2]
    assert store.add_papers([paper("c")], now=NOW) == [3]
    assert [p.paper.key for p in store.papers()] == ["b", "a", "c"]


def test_no_papers_are_no_trouble(store: SqlStore) -> None:
    assert store.add_papers([], now=NOW) == []


def test_adopted_papers_are_marked_and_not_watched(store: SqlStore) -> None:
    store.add_papers([paper()], now=NOW, adopted=True)
    (stored,) = store.papers()
    assert (stored.adopted, stored.watched) == (True, False)


def test_a_key_that_is_taken_adds_none_of_the_papers(store: SqlStore) -> None:
    store.add_papers([paper("a")], now=NOW)
    with pytest.raises(StoreError):
        store.add_papers([paper("b", ARXIV), paper("a")], now=NOW)
    assert [p.paper.key for p in store.papers()] == ["a"]
    assert store.identifiers() == []


def test_an_updated_paper_keeps_its_key_and_identifiers(store: SqlStore) -> None:
    store.add_papers([paper("a", ARXIV), paper("b")], now=NOW)
    store.update_paper(1, Paper(key="new", title="New", year=None, venue="V", ids=(DOI,)), now=0)
    first, second = store.papers()
    assert first.paper == Paper(key="a", title="New", venue="V", ids=(ARXIV,))
    assert second.paper == paper("b")


def test_a_paper_that_is_not_there_cannot_be_updated(store: SqlStore) -> None:
    with pytest.raises(StoreError, match="no paper number 7"):
        store.update_paper(7, paper(), now=0)


def test_exactly_the_named_papers_are_watched(store: SqlStore) -> None:
    store.add_papers([paper("a"), paper("b"), paper("c")], now=NOW)
    store.set_watched([2])
    store.set_watched([2, 3])
    assert [p.watched for p in store.papers()] == [False, True, True]
    store.set_watched([])
    assert not any(p.watched for p in store.papers())


def test_an_identifier_comes_back_with_what_was_decided(store: SqlStore) -> None:
    store.add_papers([paper("a", ARXIV)], now=NOW)
    store.save_identifiers([CANDIDATE])
    listed = KnownIdentifier(paper=1, identifier=ARXIV, state="accepted", origin="list", at=NOW)
    assert store.identifiers([1]) == [listed, CANDIDATE]
    assert store.identifiers() == [listed, CANDIDATE]
    assert store.identifiers([2]) == []


def test_a_later_decision_replaces_the_earlier_one(store: SqlStore) -> None:
    store.add_papers([paper("a")], now=NOW)
    store.save_identifiers([CANDIDATE])
    decided = replace(CANDIDATE, state="rejected", origin="user", score=None, note="", at=NOW + 1)
    store.save_identifiers([decided])
    assert store.identifiers() == [decided]


def test_only_accepted_identifiers_belong_to_the_paper(store: SqlStore) -> None:
    store.add_papers([paper("a")], now=NOW)
    store.save_identifiers([CANDIDATE, replace(CANDIDATE, identifier=DOI, state="rejected")])
    assert store.papers()[0].paper.ids == ()
    store.save_identifiers([replace(CANDIDATE, state="accepted")])
    assert store.papers()[0].paper.ids == (SHA,)


def test_one_identifier_may_be_known_for_two_papers(store: SqlStore) -> None:
    store.add_papers([paper("a", ARXIV), paper("b")], now=NOW)
    store.save_identifiers([replace(CANDIDATE, paper=2, identifier=ARXIV)])
    assert [k.paper for k in store.identifiers()] == [1, 2]


def test_an_identifier_of_no_paper_is_refused(store: SqlStore) -> None:
    with pytest.raises(StoreError):
        store.save_identifiers([CANDIDATE])


def test_a_state_row_comes_back_whole(store: SqlStore) -> None:
    held = one_series(store)
    full = full_held(held.series, held.paper)
    store.apply(Batch(helds=[full], facts=[(held.series, NOW, FACTS)]))
    expected = replace(full, facts=FACTS)
    assert store.helds(S2, [held.paper]) == [expected]
    assert store.histories()[0].held == expected


def test_a_state_row_can_return_to_how_it_began(store: SqlStore) -> None:
    fresh = one_series(store)
    store.apply(Batch(helds=[full_held(fresh.series, fresh.paper)]))
    store.apply(Batch(helds=[fresh]))
    assert store.helds(S2, [fresh.paper]) == [fresh]


def test_a_new_state_row_was_never_asked_and_is_due(store: SqlStore) -> None:
    held = one_series(store)
    assert held.status is Status.NEVER
    assert held.citation_count is None
    assert held.next_check_at == 0


@pytest.mark.parametrize(
    "snapshot",
    [
        reading(NOW, 0),
        reading(NOW, 101, 98, influential_count=7),
        reading(NOW, 2**40, 2**41),
        reading(NOW, 5, 500, status=Status.HELD),
        reading(NOW, None, 12, status=Status.MISSING),
    ],
)
def test_a_snapshot_comes_back_whole(store: SqlStore, snapshot: object) -> None:
    held = one_series(store)
    keep(store, held.series, snapshot)  # type: ignore[arg-type]
    assert list(store.histories()[0].snapshots) == [snapshot]


def test_a_miss_can_never_be_stored_as_a_zero(store: SqlStore) -> None:
    held = one_series(store)
    with pytest.raises(StoreError):
        keep(store, held.series, reading(NOW, 0, 5, status=Status.MISSING))
    assert list(store.histories()[0].snapshots) == []


@pytest.mark.parametrize(
    "facts", [FACTS, Facts(), Facts(withdrawn=False, version=0), Facts(title="")]
)
def test_facts_come_back_whole(store: SqlStore, facts: Facts) -> None:
    held = one_series(store)
    store.apply(Batch(facts=[(held.series, NOW, facts)]))
    assert store.histories()[0].facts == facts
    assert store.due(S2, now=NOW)[0].held.facts == facts


@pytest.mark.parametrize(
    ("old", "new"), [(98, 101), ("98", "101"), ("v1", None), (None, 0), ("", '"quoted"')]
)
def test_a_change_comes_back_with_numbers_and_words_told_apart(
    store: SqlStore, old: int | str | None, new: int | str | None
) -> None:
    held = one_series(store)
    change = replace(milestone(held.paper), old=old, new=new)
    (logged,) = store.apply(Batch(changes=[change]))
    assert logged.change == change
    assert logged.title == "The title of zoo-zeroth-order-2017"
    assert store.changes() == [logged]


def test_a_change_of_a_whole_source_has_no_paper(store: SqlStore) -> None:
    change = Change(kind=Kind.SOURCE_DOWN, at=NOW, source=S2, text="no answer for a day")
    (logged,) = store.apply(Batch(changes=[change]))
    assert (logged.change, logged.key, logged.title) == (change, None, None)
    assert store.changes() == [logged]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_change_can_be_logged(store: SqlStore, kind: Kind) -> None:
    store.apply(Batch(changes=[Change(kind=kind, at=NOW, source=S2, text="x")]))
    assert [c.change.kind for c in store.changes()] == [kind]


def test_the_log_is_in_the_order_of_time_then_number(store: SqlStore) -> None:
    held = one_series(store)
    store.apply(Batch(changes=[milestone(held.paper, 200, NOW + 5), milestone(held.paper, 100)]))
    store.apply(Batch(changes=[milestone(held.paper, 300, NOW)]))
    assert [c.change.threshold for c in store.changes()] == [100, 300, 200]


@pytest.mark.parametrize(
    ("wanted", "thresholds"),
    [
        (ChangeFilter(), [10, 25, None]),
        (ChangeFilter(since=NOW + 1), [25, None]),
        (ChangeFilter(until=NOW + 1), [10, 25]),
        (ChangeFilter(kinds=[Kind.DROP]), [None]),
        (ChangeFilter(kinds={Kind.DROP, Kind.MILESTONE}), [10, 25, None]),
        (ChangeFilter(papers={1}), [10, 25]),
        (ChangeFilter(sources=["openalex"]), [None]),
        (ChangeFilter(after_number=1), [25, None]),
        (ChangeFilter(papers=[1], since=NOW + 1, until=NOW + 1), [25]),
    ],
)
def test_the_log_can_be_filtered(
    store: SqlStore, wanted: ChangeFilter, thresholds: list[int | None]
) -> None:
    store.add_papers([paper("a"), paper("b")], now=NOW)
    drop = Change(kind=Kind.DROP, at=NOW + 2, source="openalex", text="fell", paper=2)
    store.apply(Batch(changes=[milestone(1, 10), milestone(1, 25, NOW + 1), drop]))
    assert [c.change.threshold for c in store.changes(wanted)] == thresholds


def test_everything_is_there_after_opening_again(opened: Opener) -> None:
    first = opened()
    held = one_series(first)
    first.apply(
        Batch(
            helds=[full_held(held.series, held.paper)],
            snapshots=[(held.series, reading(NOW, 3))],
            facts=[(held.series, NOW, FACTS)],
            changes=[milestone(held.paper)],
        )
    )
    seen = first.papers(), first.identifiers(), first.histories(), first.changes()
    first.close()
    again = opened()
    assert seen == (again.papers(), again.identifiers(), again.histories(), again.changes())
