"""How believed counts move."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.papers import DAY, Snapshot, Status
from citewatch.domain.trends import (
    BARS,
    Asked,
    Believed,
    believed,
    delta,
    per_year,
    sparkline,
    time_axis,
)

T0 = 1_700_000_000


def straight(days: int, *, per_day: int = 2, start: int = 100, at: int = T0) -> Believed:
    """A count that grows by the same number every day."""
    return Believed(
        tuple(at + d * DAY for d in range(days)), tuple(start + per_day * d for d in range(days))
    )


def test_held_readings_and_misses_are_not_believed() -> None:
    snapshots = [
        Snapshot(at=1, citation_count=5, previous_count=None),
        Snapshot(at=2, citation_count=500, previous_count=5, status=Status.HELD),
        Snapshot(at=3, citation_count=None, previous_count=5, status=Status.MISSING),
        Snapshot(at=4, citation_count=6, previous_count=5),
    ]
    assert believed(snapshots) == Believed((1, 4), (5, 6))


def test_answers_of_a_source_that_does_not_count_are_no_counts() -> None:
    assert believed([Snapshot(at=1, citation_count=None, previous_count=None)]) == Believed((), ())


@pytest.mark.parametrize(
    ("at", "count"), [(9, None), (10, 3), (11, 3), (19, 3), (20, 4), (10**10, 4)]
)
def test_a_count_holds_from_its_reading_to_the_next(at: int, count: int | None) -> None:
    assert Believed((10, 20), (3, 4)).at(at) == count


@pytest.mark.parametrize(
    ("at", "near"), [(89, False), (90, True), (100, True), (110, True), (111, False)]
)
def test_an_ask_is_near_up_to_and_including_the_tolerance(at: int, near: bool) -> None:
    assert Asked((1, 100, 500)).near(at, within_s=10) is near


def test_passes_after_the_last_answer_about_a_paper_say_nothing_of_it() -> None:
    asked = Asked((10, 20, 30), until=20)
    assert (asked.first(15), asked.first(21), asked.near(31, within_s=2)) == (20, None, False)


def test_no_delta_before_the_first_reading() -> None:
    series = straight(5)
    assert delta(series, T0 - 1, asked=Asked(series.times), within_s=2 * DAY) is None


def test_no_delta_when_nobody_asked_around_its_start() -> None:
    series = Believed((T0, T0 + 30 * DAY), (10, 20))
    start = T0 + 15 * DAY
    assert delta(series, start, asked=Asked(series.times), within_s=2 * DAY) is None
    assert delta(series, start, asked=Asked((series.times[0], start)), within_s=2 * DAY) == 10


def test_a_series_without_a_reading_has_no_delta() -> None:
    assert delta(Believed((), ()), T0, asked=Asked((T0,)), within_s=DAY) is None


@given(
    days=st.integers(2, 500),
    back=st.integers(1, 499),
    per_day=st.integers(-5, 50),
    shift=st.integers(-(10**9), 10**9),
)
def test_a_delta_on_a_straight_line_is_exact_at_any_date(
    days: int, back: int, per_day: int, shift: int
) -> None:
    back = min(back, days - 1)
    series = straight(days, per_day=per_day, start=10_000, at=T0 + shift)
    start = series.times[-1] - back * DAY
    assert delta(series, start, asked=Asked(series.times), within_s=2 * DAY) == per_day * back


@given(days=st.integers(29, 800), per_day=st.integers(-5, 50), shift=st.integers(-(10**9), 10**9))
def test_the_yearly_rate_of_a_straight_line_is_its_slope(
    days: int, per_day: int, shift: int
) -> None:
    series = straight(days, per_day=per_day, start=10_000, at=T0 + shift)
    rate = per_year(series, series.times[-1], asked=Asked(series.times))
    assert rate == pytest.approx(365 * per_day)


def test_no_yearly_rate_from_less_than_four_weeks() -> None:
    series = straight(28)
    assert per_year(series, series.times[-1], asked=Asked(series.times)) is None


def test_the_yearly_rate_leaves_growth_from_before_a_gap_out() -> None:
    before = T0 - 2000 * DAY
    later = straight(100, per_day=1, start=5000)
    series = Believed((before, *later.times), (10, *later.counts))
    rate = per_year(series, series.times[-1], asked=Asked(series.times))
    assert rate == pytest.approx(365.0)


def test_a_constant_count_that_is_looked_at_has_a_rate_of_zero() -> None:
    series = Believed((T0,), (7,))
    asked = Asked(tuple(T0 + d * DAY for d in range(60)))
    assert per_year(series, T0 + 59 * DAY, asked=asked) == 0.0


def test_a_series_without_a_reading_has_no_rate() -> None:
    assert per_year(Believed((), ()), T0, asked=Asked((T0,))) is None


def test_the_time_axis_includes_both_ends() -> None:
    assert time_axis(0, 100, steps=5) == (0, 25, 50, 75, 100)


def test_samples_before_the_first_observation_are_unknown() -> None:
    assert Believed((30, 60), (1, 2)).along((0, 25, 50, 75)) == (None, None, 1, 2)


def test_a_sparkline_spans_from_the_lowest_to_the_highest_bar() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == BARS


def test_unknown_points_of_a_sparkline_are_blank() -> None:
    assert sparkline([None, None, 10, 20]) == "  ▁█"


def test_a_sparkline_that_does_not_move_stays_low() -> None:
    assert sparkline([5, 5, 5]) == "▁▁▁"


def test_a_sparkline_of_nothing_is_blank() -> None:
    assert sparkline([None, None]) == "  "


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**7)), max_size=60))
def test_a_sparkline_has_one_character_a_point_and_keeps_order(points: list[int | None]) -> None:
    text = sparkline(points)
    known = [(p, BARS.index(c)) for p, c in zip(points, text, strict=True) if p is not None]
    assert all(b1 <= b2 for p1, b1 in known for p2, b2 in known if p1 <= p2)
