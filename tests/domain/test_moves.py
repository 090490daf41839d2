"""Acceleration, best months, sleep and waking, and the indices of a list."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.indices import g_index, h_index, missing_to_raise_h
from citewatch.domain.moves import (
    acceleration,
    age_years,
    best_month,
    month_starts,
    waking_instants,
    woke,
)
from citewatch.domain.papers import DAY
from citewatch.domain.trends import YEAR_S, Asked, Believed, Instants, Sampled, per_year

END = int(datetime(2026, 3, 10, tzinfo=UTC).timestamp())
COUNTS = st.lists(st.integers(0, 400), max_size=30)


def daily(*rates: tuple[int, float], end: int = END) -> Believed:
    """Counts of stretches of (days, a day), the last ending at ``end``."""
    days = sum(length for length, _ in rates)
    times, counts, count = [], [], 100.0
    for length, per_day in rates:
        for _ in range(length):
            times.append(end - (days - 1 - len(times)) * DAY)
            counts.append(int(count))
            count += per_day
    return Believed(tuple(times), tuple(counts))


def test_acceleration_is_this_years_rate_less_last_years() -> None:
    series = daily((366, 1), (365, 3))
    found = acceleration(series, END, asked=Asked(series.times))
    assert found == pytest.approx(365 * 2, rel=0.02)
    steady = daily((800, 2))
    assert acceleration(steady, END, asked=Asked(steady.times)) == pytest.approx(0)


@pytest.mark.parametrize("days", [100, 365, 540])
def test_no_acceleration_without_half_of_both_years(days: int) -> None:
    series = daily((days, 1))
    assert acceleration(series, END, asked=Asked(series.times)) is None


def test_the_best_month_is_the_whole_one_with_most_the_newest_of_equals() -> None:
    starts = month_starts(END)
    assert [datetime.fromtimestamp(at, UTC).strftime("%y-%m") for at in starts][::6] == [
        *("25-03", "25-09", "26-03")
    ]
    times = (starts[0], *(at + 5 * DAY for at in starts[:-1]))
    series = Believed(times, (0, 1, 2, 12, 13, 14, 24, 25, 26, 27, 28, 29, 90))
    asked = Asked(tuple(range(starts[0], END, DAY)))
    found = best_month(series, starts, asked=asked, within_s=2 * DAY)
    assert found == ("2026-02", 61)
    early = Believed(times[:-1], series.counts[:-1])
    assert best_month(early, starts, asked=asked, within_s=2 * DAY) == ("2025-08", 10)


def test_a_month_that_nobody_looked_at_is_not_the_best() -> None:
    starts = month_starts(END)
    series = Believed((starts[0], starts[3] + DAY), (0, 50))
    gap = Asked((starts[0], starts[3] + 10 * DAY))
    assert best_month(series, starts, asked=gap, within_s=2 * DAY) is None
    constant = Believed((starts[0],), (7,))
    assert best_month(constant, starts, asked=Asked(starts), within_s=DAY) is None


def test_a_paper_woke_when_it_slept_for_a_year_and_is_cited_again() -> None:
    slept_at, woke_at = waking_instants(END)
    asked = Asked(tuple(range(slept_at - DAY, END, DAY)))

    def of(*points: tuple[int, int]) -> tuple[int, int] | None:
        series = Believed(tuple(at for at, _ in points), tuple(count for _, count in points))
        return woke(series, END, asked=asked, within_s=2 * DAY)

    before = slept_at - 500 * DAY
    assert of((before, 10), (slept_at + 9 * DAY, 11), (woke_at + DAY, 14)) == (1, 3)
    assert of((before, 10), (woke_at + DAY, 12)) is None  # two are not enough
    assert of((before, 10), (slept_at + 9, 12), (woke_at + DAY, 20)) is None  # it did not sleep
    assert of((slept_at + 9 * DAY, 10), (woke_at + DAY, 20)) is None  # nobody knew it then
    dropped = of((before, 10), (slept_at + 9, 4), (woke_at + DAY, 20))
    assert dropped is None  # a fall is no sleep


@pytest.mark.parametrize(
    ("published_on", "year", "age"),
    [
        ("2016-03-10", 2010, 10.0),
        (None, 2020, 6.0),
        ("2027-01-01", None, None),
        ("someday", 2025, 1.0),
        (None, 2030, None),
        (None, None, None),
    ],
)
def test_an_age_is_by_the_day_or_by_whole_years(
    published_on: str | None, year: int | None, age: float | None
) -> None:
    assert age_years(published_on, year, date(2026, 3, 10)) == age


@given(COUNTS)
def test_the_g_index_is_the_largest_by_its_definition(counts: list[int]) -> None:
    ranked = sorted(counts, reverse=True)
    fits = [g for g in range(1, len(counts) + 1) if sum(ranked[:g]) >= g * g]
    assert g_index(counts) == max(fits, default=0)
    assert h_index(counts) <= g_index(counts)


@given(COUNTS)
def test_the_papers_that_raise_h_do_and_none_of_them_could_be_left_out(counts: list[int]) -> None:
    found = missing_to_raise_h(counts)
    raised = list(counts)
    for place, missing in found:
        raised[place] += missing
    if found:
        assert h_index(raised) == h_index(counts) + 1
        for place, missing in found:
            less = [*raised[:place], raised[place] - 1, *raised[place + 1 :]]
            assert missing > 0
            assert h_index(less) == h_index(counts)
    else:
        assert h_index([count + 10**6 for count in counts]) == h_index(counts)


@given(
    st.lists(st.tuples(st.integers(1, 200), st.integers(-3, 9)), min_size=1, max_size=60),
    st.integers(30, 900),
)
def test_counts_read_at_instants_say_what_whole_ones_say(
    steps: list[tuple[int, int]], back: int
) -> None:
    times, counts = [END - 900 * DAY], [100]
    for gap, gain in steps:
        if times[-1] + gap * DAY < END:
            times.append(times[-1] + gap * DAY)
            counts.append(max(0, counts[-1] + gain))
    whole = Believed(tuple(times), tuple(counts))
    asked = Asked(tuple(range(times[0], END, 3 * DAY)))
    start_at = asked.first(END - YEAR_S)
    assert start_at is not None
    starts = month_starts(END)
    instants = (*starts, *waking_instants(END), END - back * DAY)
    sampled = Sampled(
        Instants(instants), [whole.at(at) for at in instants], whole.begins_at, whole.last,
        {start_at: whole.at(start_at)},
    )  # fmt: skip
    for one in (
        lambda s: per_year(s, END, asked=asked),
        lambda s: best_month(s, starts, asked=asked, within_s=6 * DAY),
        lambda s: woke(s, END, asked=asked, within_s=6 * DAY),
        lambda s: s.at(END - back * DAY),
        lambda s: s.along(starts),
    ):
        assert one(sampled) == one(whole)
