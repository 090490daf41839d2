"""Forecasts: what holds for every series, and what a reader would expect of some."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citewatch.domain.forecast import Expected, Forecast
from citewatch.domain.milestones import Ladder
from citewatch.domain.outlook import FARTHEST_D, STALE_S, foresee, outlook
from citewatch.domain.pace import pace_of, unchanged_until
from citewatch.domain.papers import DAY
from citewatch.domain.trends import Believed, straight_line

START = 20_000 * DAY


def series_of(*counts: int, every_d: float = 1) -> Believed:
    """Readings at equal distances."""
    times = tuple(START + int(place * every_d * DAY) for place in range(len(counts)))
    return Believed(times, counts)


def foretold(series: Believed, *, later_d: float = 0, threshold: int | None = None) -> Forecast:
    """The forecast when the last count was confirmed so many days later."""
    pace = pace_of(series)
    at = series.times[-1] + int(later_d * DAY)
    assert pace is not None
    said = foresee(pace, known_at=at, made_at=at, threshold=threshold)
    assert said is not None
    return said


def a_year(said: Forecast) -> Expected:
    return dict(said.horizons)[365]


@st.composite
def histories(draw: st.DrawFn) -> Believed:
    """Anything a source may have said: falls, leaps, gaps of months, readings at once."""
    gaps = draw(st.lists(st.integers(1, 200 * DAY), min_size=1, max_size=40))
    counts = draw(
        st.lists(
            st.one_of(st.integers(0, 60), st.integers(0, 200_000)),
            min_size=len(gaps) + 1,
            max_size=len(gaps) + 1,
        )
    )
    times = [START]
    for gap in gaps:
        times.append(times[-1] + gap)
    return Believed(tuple(times), tuple(counts))


# --- what holds for every series ---------------------------------------------------


@given(histories(), st.integers(0, 400))
def test_quantiles_are_in_order_and_never_below_the_count(series: Believed, later: int) -> None:
    said = foretold(series, later_d=later + 1)
    for _, expected in said.horizons:
        assert series.counts[-1] <= expected.low <= expected.citations <= expected.high


@given(histories())
def test_a_later_day_never_has_a_lower_median_or_end(series: Believed) -> None:
    pace = pace_of(series)
    assert pace is not None
    law = outlook(unchanged_until(pace, series.times[-1] + DAY))
    said = [law.expected(days) for days in (0, 0.5, 1, 7, 30, 90, 200, 364, 366, 700, 2000, 4000)]
    for which in ("citations", "low", "high"):
        values = [getattr(expected, which) for expected in said]
        assert values == sorted(values)


@given(histories(), st.integers(-5000, 5000))
def test_another_calendar_changes_nothing(series: Believed, days: int) -> None:
    moved = Believed(tuple(at + days * DAY for at in series.times), series.counts)
    here, there = (foretold(s, later_d=1, threshold=10**6) for s in (series, moved))
    assert here.horizons == there.horizons
    assert here.next is not None
    assert there.next is not None
    for which in ("expected_on", "low_on", "high_on"):
        before, after = getattr(here.next, which), getattr(there.next, which)
        assert (before is None) == (after is None)
        assert before is None or after - before == days


@given(histories(), st.integers(1, 300_000))
@settings(max_examples=200)
def test_dates_are_the_first_days_on_which_the_counts_are_there(
    series: Believed, missing: int
) -> None:
    threshold = series.counts[-1] + missing
    said = foretold(series, later_d=1, threshold=threshold).next
    pace = pace_of(series)
    assert said is not None
    assert pace is not None
    known_at = series.times[-1] + DAY
    law = outlook(unchanged_until(pace, known_at))
    for day, which in (
        (said.low_on, "high"),
        (said.expected_on, "citations"),
        (said.high_on, "low"),
    ):
        if day is None:
            assert getattr(law.expected(FARTHEST_D), which) < threshold
        else:
            ahead = day - known_at // DAY
            assert getattr(law.expected(ahead), which) >= threshold
            assert ahead == 1 or getattr(law.expected(ahead - 1), which) < threshold
    days = [day for day in (said.low_on, said.expected_on, said.high_on) if day is not None]
    assert days == sorted(days)


@given(histories(), st.lists(st.integers(1, 300), max_size=5))
def test_confirming_in_between_changes_nothing(series: Believed, days: list[int]) -> None:
    """Time in which nothing changed may be told at once or bit by bit."""
    pace = pace_of(series)
    assert pace is not None
    at = series.times[-1]
    bit_by_bit = pace
    for step in days:
        at += step * DAY
        bit_by_bit = unchanged_until(bit_by_bit, at)
    at_once = unchanged_until(pace, at)
    assert bit_by_bit.gains == pytest.approx(at_once.gains, abs=1e-6)
    assert bit_by_bit.days == pytest.approx(at_once.days, abs=1e-6)


# --- how much history there is -----------------------------------------------------


def test_nothing_is_foreseen_without_history() -> None:
    assert pace_of(Believed((), ())) is None
    pace = pace_of(series_of(100))
    assert pace is not None
    assert foresee(pace, known_at=START, made_at=START) is None
    assert foresee(pace, known_at=START + DAY - 1, made_at=START + 30 * DAY) is None


def test_a_count_that_nobody_confirmed_for_long_has_no_future() -> None:
    pace = pace_of(series_of(100, 101))
    assert pace is not None
    known_at = START + DAY
    assert foresee(pace, known_at=known_at, made_at=known_at + STALE_S) is not None
    assert foresee(pace, known_at=known_at, made_at=known_at + STALE_S + 1) is None


def test_days_of_history_give_a_cautious_answer() -> None:
    """Two citations in two days are not 365 a year; nor do two quiet days mean none."""
    busy, quiet = foretold(series_of(50, 51, 52)), foretold(series_of(50), later_d=2)
    assert a_year(busy).citations < 50 + 180
    assert a_year(quiet).citations > 50
    for said in map(a_year, (busy, quiet)):
        assert said.high - said.low > said.citations - 50


def test_intervals_narrow_with_history() -> None:
    """One citation every five days, for 10, 30, 100 and 500 days."""
    widths = []
    for days in (10, 30, 100, 500):
        said = a_year(foretold(series_of(*range(100, 100 + days // 5 + 1), every_d=5)))
        widths.append((said.high - said.low) / (said.citations - 100 - days // 5))
    assert widths == sorted(widths, reverse=True)


# --- what a reader would expect ----------------------------------------------------


def test_a_steady_count_goes_on_steadily() -> None:
    said = a_year(foretold(series_of(*range(300, 450), every_d=7)))
    assert said.citations - 449 == pytest.approx(52, rel=0.15)
    assert said.low < 449 + 52 < said.high


def test_a_quiet_count_stays_where_it_is() -> None:
    for count in (0, 7, 300):
        said = a_year(foretold(series_of(count), later_d=1500))
        assert said.citations - count <= 0.01 * count
        assert said.low == count


def test_a_zero_that_was_watched_for_long_promises_less_than_a_new_one() -> None:
    new, old = (a_year(foretold(series_of(0), later_d=days)) for days in (5, 800))
    assert new.citations > old.citations
    assert new.high > old.high


def test_what_happens_lately_counts_for_more() -> None:
    """Both gained 60; one of them in the last months."""
    waking = series_of(*[100] * 50, *range(101, 161), every_d=4)
    waning = series_of(*range(100, 161), *[160] * 49, every_d=4)
    assert a_year(foretold(waking)).citations > 1.5 * a_year(foretold(waning)).citations - 80


def test_a_fall_that_is_made_good_leaves_hardly_a_trace() -> None:
    steady = list(range(200, 260))
    fell = [*steady[:40], 215, 216, *steady[42:]]
    said = [a_year(foretold(series_of(*counts, every_d=6))) for counts in (steady, fell)]
    assert said[0].citations == pytest.approx(said[1].citations, abs=12)


def test_records_that_are_joined_and_parted_again_and_again_are_no_rate() -> None:
    """Two records, 97 and 67: nobody cites them at all."""
    counts = [97] * 20
    for _ in range(8):
        counts += [164] * 4 + [*range(150, 97, -12)] + [97] * 4
    said = a_year(foretold(series_of(*counts, every_d=7)))
    assert said.citations < 97 + 25


def test_joined_records_are_no_rate() -> None:
    """236 and 106 become 342 overnight: nobody expects a hundred more a year."""
    before = [230 + place // 10 for place in range(60)]
    joined = [*before, *(count + 106 for count in before[-10:])]
    plain, after = (a_year(foretold(series_of(*counts, every_d=7))) for counts in (before, joined))
    gained, without = after.citations - joined[-1], plain.citations - before[-1]
    assert gained < without + 75
    assert after.low < joined[-1] + 25


def test_large_counts_spread_with_their_rate() -> None:
    """Ten times the rate is about ten times the spread, not three."""
    small = series_of(*range(400, 500, 1), every_d=7)
    large = series_of(*range(4000, 5000, 10), every_d=7)
    widths = [said.high - said.low for said in map(a_year, map(foretold, (small, large)))]
    assert 5 < widths[1] / widths[0] < 11


@pytest.mark.parametrize("every_d", [1, 7, 30, 90])
def test_the_rhythm_of_readings_matters_little(every_d: int) -> None:
    """40 citations a year over three years, seen daily or four times a year."""
    counts = [100 + int(day * 40 / 365) for day in range(0, 3 * 365, every_d)]
    said = a_year(foretold(series_of(*counts, every_d=every_d)))
    assert said.citations - counts[-1] == pytest.approx(40, rel=0.2)


def test_the_next_threshold_is_dated() -> None:
    said = foretold(series_of(*range(300, 450), every_d=7), threshold=Ladder().above(449)).next
    assert said is not None
    today = (START + 149 * 7 * DAY) // DAY
    assert said.threshold == 500
    assert said.expected_on is not None
    assert said.expected_on - today == pytest.approx(51 * 7, rel=0.15)
    assert said.low_on is not None
    assert said.high_on is not None
    assert said.low_on < said.expected_on < said.high_on


def test_a_threshold_beyond_what_is_foreseen_has_no_date() -> None:
    said = foretold(series_of(3), later_d=1500, threshold=10_000).next
    assert said is not None
    assert (said.expected_on, said.high_on) == (None, None)


@pytest.mark.parametrize(
    ("count", "above"), [(0, 10), (9, 10), (10, 25), (50, 100), (99, 100), (100, 200), (437, 500)]
)
def test_the_next_step_of_the_ladder(count: int, above: int) -> None:
    assert Ladder().above(count) == above


@given(st.integers(0, 5000), st.sets(st.integers(1, 900), max_size=4), st.integers(1, 300))
def test_the_next_step_is_the_lowest_that_is_missing(
    count: int, steps: set[int], every: int
) -> None:
    ladder = Ladder(tuple(sorted(steps)), every)
    above = ladder.above(count)
    assert ladder.has(above)
    assert list(ladder.between(count, above)) == [above]


# --- the straight line that forecasts are compared with ------------------------------


def test_the_straight_line_goes_through_the_last_year() -> None:
    series = series_of(*range(0, 800, 10), every_d=10)
    end_at = series.times[-1]
    assert straight_line(series, end_at, days=100) == pytest.approx(890, abs=3)
    young = Believed(series.times[-3:], series.counts[-3:])
    assert straight_line(young, end_at, days=100) == pytest.approx(890)
    assert straight_line(Believed((), ()), end_at, days=1) is None
    assert straight_line(series, series.times[0], days=1) is None
