"""Readings of the past: merged with what is known, and judged as live ones are."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from house import House
from hypothesis import given, settings
from hypothesis import strategies as st

from citewatch.domain.identifiers import Identifier
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Kind, Observed, Paper, Status
from citewatch.domain.rules import Rules
from citewatch.ports import LoggedChange, Store
from citewatch.services.desk import Scope
from citewatch.services.replay import Reading, replay
from citewatch.store import open_store
from fakes import MemoryStore, ScriptedSource

START = 20_000
PAPERS = [
    Paper(key=f"p{n}", title=f"Paper number {n}", ids=(Identifier("arxiv", f"2001.{n:05}"),))
    for n in range(6)
]


def rules(label: str = "") -> Rules:
    return Rules(ladder=Ladder(), confirm_after_s=3 * DAY, every_s=DAY, label="S")


def fresh() -> MemoryStore:
    store = MemoryStore()
    store.add_papers(PAPERS, now=START * DAY)
    return store


def take(store: Store, rows: Sequence[tuple[int, float, int]]) -> Sequence[LoggedChange]:
    """(paper's place, day, count)"""
    readings = [Reading(p + 1, "s", int((START + d) * DAY), c) for p, d, c in rows]
    return store.apply(replay(readings, store, rules).batch)


def rows_of(store: Store) -> list[tuple[int, float, int | None, Status]]:
    return [
        (h.paper - 1, s.at / DAY - START, s.citation_count, s.status)
        for h in store.histories()
        for s in h.snapshots
    ]


def test_the_same_readings_again_change_nothing() -> None:
    rows = [(0, 0, 98), (1, 0, 5), (0, 1, 101), (0, 2, 0), (0, 4, 101), (0, 7, 102), (1, 7, 5)]
    store = fresh()
    first = take(store, rows)
    before = rows_of(store)
    assert [c.change.kind for c in first] == [Kind.MILESTONE]
    assert take(store, rows) == []
    assert rows_of(store) == before


def test_two_counts_of_one_instant_are_kept_and_known_again() -> None:
    rows = [(0, 0, 98), (0, 1, 97), (0, 1, 98), (0, 2, 97), (0, 2, 98)]
    store = fresh()
    take(store, rows)
    before = rows_of(store)
    take(store, rows)
    assert rows_of(store) == before


def test_a_later_file_goes_on_from_the_earlier_one() -> None:
    rows = [(0, d, 98 + (d > 3) * 4) for d in range(10)]
    one, two = fresh(), fresh()
    whole = take(one, rows)
    take(two, rows[:6])
    parts = take(two, rows[6:])
    assert rows_of(one) == rows_of(two)
    assert [(c.change.at, c.change.threshold) for c in whole] == [
        (c.change.at, c.change.threshold) for c in parts
    ]


def test_an_earlier_file_settles_what_it_reached() -> None:
    store = fresh()
    take(store, [(0, d, 120) for d in (50, 55)])
    older = take(store, [(0, 0, 195), (0, 30, 201), (0, 35, 201), (0, 42, 120)])
    assert [c.change.threshold for c in older if c.change.kind is Kind.MILESTONE] == [200]
    later = take(store, [(0, 60 + d, 205) for d in range(40)])
    assert later == []


def test_a_zero_within_what_is_known_is_no_believed_zero() -> None:
    store = fresh()
    take(store, [(0, d, 100 + d) for d in range(0, 28, 7)])
    take(store, [(0, 8, 107), (0, 9, 0), (0, 10, 107), (0, 16, 115)])
    assert rows_of(store) == [
        (0, 0, 100, Status.OK),
        (0, 7, 107, Status.OK),
        (0, 9, 0, Status.HELD),
        (0, 10, 107, Status.OK),
        (0, 14, 114, Status.OK),
        (0, 16, 115, Status.OK),
        (0, 21, 121, Status.OK),
    ]


def test_a_fault_in_the_past_is_recognised_and_leaves_no_scar() -> None:
    store = fresh()
    rows = [(p, d, 100 + p) for d in range(8) for p in range(6) if (d, p) not in DOWN]
    rows += [(p, d, 0) for d, p in DOWN]
    changes = take(store, rows)
    assert [c.change.kind for c in changes] == [Kind.SOURCE_FAULT]
    believed = [row for row in rows_of(store) if row[3] is Status.OK]
    assert {(p, c) for p, _, c, _ in believed} == {(p, 100 + p) for p in range(6)}


def test_a_reading_that_others_contradict_the_day_after_lasts_a_day() -> None:
    """What a history keeps no row for was read all the same."""
    store = fresh()
    take(store, [(0, d, 50) for d in range(60) if d != 14])
    take(store, [(0, 14, 57)])
    assert rows_of(store) == [
        (0, 0, 50, Status.OK),
        (0, 14, 57, Status.OK),
        (0, 15, 50, Status.OK),
    ]
    take(store, [(0, d, 50) for d in range(60) if d != 14])
    take(store, [(0, 14, 57)])
    assert len(rows_of(store)) == 3


def test_a_file_in_two_halves_is_known_when_it_comes_again() -> None:
    rows = [
        (p, d, 100 + p + (d * (p + 3)) // 7 - (d % 9 == p)) for d in range(40) for p in range(6)
    ]
    for halves in ((rows[::2], rows[1::2]), (rows[1::2], rows[::2]), (rows[:99], rows[99:])):
        store = fresh()
        for half in halves:
            take(store, half)
        before = rows_of(store)
        for half in halves:
            assert take(store, half) == []
        assert rows_of(store) == before


def test_a_day_of_a_fault_that_is_placed_within_a_history_is_a_fault() -> None:
    store = fresh()
    take(store, [(p, d, 100 + p) for d in range(40) if d != 20 for p in range(6)])
    bad = [(0, 20, 0), (1, 20, 0), (2, 20, 123), (3, 20, 124), (4, 20, 125), (5, 20, 105)]
    found = take(store, bad)
    assert [c.change.kind for c in found] == [Kind.SOURCE_FAULT]
    held = [row for row in rows_of(store) if row[3] is Status.HELD]
    assert [(p, d) for p, d, _, _ in held] == [(p, 20) for p in range(5)]
    assert {h.high for h in store.helds("s", range(1, 7))} == set(range(100, 106))


def test_what_is_placed_within_a_history_settles_what_it_reached() -> None:
    store = fresh()
    take(store, [(0, 0, 80), (0, 100, 98), (0, 101, 98)])
    found = take(store, [(0, d, 105) for d in range(30, 60)])
    assert [c.change.threshold for c in found] == [100]
    assert take(store, [(0, 110 + d, 102) for d in range(20)]) == []


def test_nothing_is_taken_back_before_it_was_announced() -> None:
    store = fresh()
    first = take(store, [(0, 200 + d, 98 + (d > 1) * 4) for d in range(20)])
    assert [c.change.threshold for c in first] == [100]
    rows = [(0, d, 80 + (5 < d < 20) * 21) for d in range(80)]
    older = take(store, rows)
    assert Kind.MILESTONE_LOST not in {c.change.kind for c in older}


DOWN = [(5, 0), (5, 1), (5, 2), (5, 3)]
COUNTS = st.lists(
    st.lists(st.integers(0, 130) | st.none(), min_size=3, max_size=3), min_size=2, max_size=12
)


@given(COUNTS)
@settings(max_examples=60, deadline=None)
def test_a_replay_finds_what_live_polling_found(days: list[list[int | None]]) -> None:
    """The same readings, live through the passes and from a file, leave the same history."""
    with tempfile.TemporaryDirectory() as name:
        house = House(Path(name))
        house.watch(*PAPERS[:3])
        source = ScriptedSource()
        start = house.now()
        rows: list[Reading] = []
        for counts in days:
            asked = {place: count for place, count in enumerate(counts) if count is not None}
            source.answers = {}
            for place, paper in enumerate(PAPERS[:3]):
                if place in asked:
                    source.answers[str(paper.ids[0])] = _own(paper, asked[place])
            if asked:
                only = frozenset(place + 1 for place in asked)
                house.sync(source, scope=Scope(papers=only, force=True))
            rows += [Reading(p + 1, "semantic_scholar", house.now(), c) for p, c in asked.items()]
            house.later(1)
        live = house.store.changes()
        live_rows = [
            (h.paper, s.at - start, s.citation_count, s.status)
            for h in house.store.histories()
            for s in h.snapshots
        ]
        house.store.close()
        other = open_store(f"sqlite:///{name}/replayed.db", now=start)
        other.add_papers(PAPERS[:3], now=start)
        found = other.apply(replay(rows, other, rules).batch)
        replayed = [
            (h.paper, s.at - start, s.citation_count, s.status)
            for h in other.histories()
            for s in h.snapshots
        ]
        other.close()
    assert sorted(live_rows) == sorted(replayed)
    assert sorted(_short(c) for c in live) == sorted(_short(c) for c in found)


def _own(paper: Paper, count: int) -> Observed:
    record = Identifier("semantic_scholar", f"record of {paper.key}")
    return Observed(asked=paper.ids[0], answered=record, citation_count=count)


def _short(row: LoggedChange) -> tuple[str, int, int, str]:
    change = row.change
    return change.kind.value, change.at, change.threshold or 0, row.key or ""
