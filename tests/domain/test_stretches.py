"""Where a line of counts may run, and where it has to break."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.papers import Snapshot, Status
from citewatch.domain.stretches import misses, still_unseen, stretches, unseen
from citewatch.domain.trends import Believed

SERIES = Believed((10, 20, 40), (1, 2, 4))


def parts(breaks: list[tuple[int, int]], *, until: int = 50) -> list[tuple[object, ...]]:
    return [(p.times, p.counts, end) for p, end in stretches(SERIES, breaks, until=until)]


def test_an_unbroken_series_is_one_part() -> None:
    assert parts([]) == [((10, 20, 40), (1, 2, 4), 50)]


def test_a_break_ends_one_part_and_begins_the_next_with_what_was_known_then() -> None:
    assert parts([(25, 30)]) == [((10, 20), (1, 2), 25), ((30, 40), (2, 4), 50)]
    assert parts([(25, 45)]) == [((10, 20), (1, 2), 25), ((45,), (4,), 50)]


def test_breaks_before_the_series_or_after_its_end_change_nothing() -> None:
    assert parts([(1, 5), (60, 90)]) == parts([])
    assert parts([(1, 15)]) == [((15, 20, 40), (1, 2, 4), 50)]


def test_breaks_that_overlap_leave_one_gap() -> None:
    assert parts([(21, 30), (25, 41)]) == [((10, 20), (1, 2), 21), ((41,), (4,), 50)]


def test_nothing_known_is_no_part() -> None:
    assert list(stretches(Believed((), ()), [], until=9)) == []


def test_looks_too_far_apart_leave_a_time_unseen() -> None:
    assert unseen((0, 1, 2, 9, 10), within_s=2) == ((2, 9),)
    assert unseen((), within_s=2) == ()


def test_a_reading_in_between_shortens_what_is_unseen() -> None:
    assert still_unseen([(2, 9)], (5,), within_s=2) == [(2, 5), (5, 9)]
    assert still_unseen([(2, 9)], (4, 6, 8), within_s=2) == []


def said(at: int, status: Status) -> Snapshot:
    count = None if status is Status.MISSING else 1
    return Snapshot(at=at, citation_count=count, previous_count=None, status=status)


def test_a_time_in_which_the_source_did_not_know_the_paper_is_a_break() -> None:
    seen = [said(1, Status.OK), said(5, Status.MISSING), said(8, Status.OK)]
    assert list(misses(seen, until=20)) == [(5, 8)]
    assert list(misses([*seen, said(12, Status.MISSING)], until=20)) == [(5, 8), (12, 20)]
    assert list(misses([said(1, Status.OK), said(3, Status.HELD)], until=20)) == []


@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=9, unique=True).map(sorted),
    st.lists(st.tuples(st.integers(0, 99), st.integers(1, 30)), max_size=4),
    st.integers(100, 120),
)
def test_every_part_says_what_the_series_says_and_none_covers_a_break(
    times: list[int], gaps: list[tuple[int, int]], until: int
) -> None:
    series = Believed(tuple(times), tuple(n * 3 for n in range(len(times))))
    breaks = [(start, start + wide) for start, wide in gaps]
    found = list(stretches(series, breaks, until=until))
    for part, end in found:
        assert part.times[0] <= end <= until
        for at in range(part.times[0], end + 1):
            assert part.at(at) == series.at(at)
            assert not any(left < at < right for left, right in breaks)
    assert all(a[1] <= b[0].times[0] for a, b in pairwise(found))
