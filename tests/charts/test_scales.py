"""Axes: what is marked on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.charts.scales import (
    count_range,
    count_ticks,
    extent,
    nice_step,
    spread,
    time_ticks,
)
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Instant

COUNTS = st.lists(st.integers(0, 10**6) | st.integers(0, 10**18), min_size=1, max_size=5)
LADDERS = st.builds(
    Ladder, st.sampled_from([(), (10, 25, 50), (1, 2, 3)]), st.sampled_from([1, 7, 100, 150, 1000])
)


def at(text: str) -> Instant:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def labels(first: str, last: str, *, letters: int = 50) -> list[str]:
    return [tick.label for tick in time_ticks(at(first), at(last), letters=letters)]


def test_long_spans_are_marked_by_years_and_short_ones_by_months_and_days() -> None:
    assert labels("2017-03-02", "2026-11-22", letters=40) == [
        *("2018", "2020", "2022", "2024", "2026")
    ]
    assert labels("2024-11-23", "2026-11-22") == ["2025-01", "2025-07", "2026-01", "2026-07"]
    assert labels("2026-06-15", "2026-11-22") == [f"2026-{month:02d}" for month in range(7, 12)]
    assert labels("2026-11-01", "2026-11-22", letters=50) == [
        "2026-11-01",
        "2026-11-08",
        "2026-11-15",
        "2026-11-22",
    ]


@given(st.integers(0, 4_000_000_000), st.integers(2 * DAY, 200 * 366 * DAY), st.integers(24, 120))
def test_days_are_marked_inside_the_axis_ascending_and_never_too_many(
    start: Instant, span: int, letters: int
) -> None:
    ticks = time_ticks(start, start + span, letters=letters)
    values = [tick.value for tick in ticks]
    assert values
    assert sum(len(tick.label) + 2 for tick in ticks) <= letters
    assert values == sorted(set(values))
    assert start <= values[0]
    assert values[-1] <= start + span
    assert len({tick.label for tick in ticks}) == len(ticks)


@given(COUNTS, LADDERS)
def test_every_count_lies_within_its_axis_and_marks_keep_apart(
    counts: list[int], ladder: Ladder
) -> None:
    low, high = count_range(counts, ladder)
    assert low <= min(counts) <= max(counts) <= high
    assert low >= 0
    apart = (high - low) / 10
    ticks = count_ticks(low, high, apart=apart, ladder=ladder)
    values = [tick.value for tick in ticks]
    assert values == sorted(values)
    assert all(b - a >= apart for a, b in pairwise(values))
    assert all(low <= v <= high for v in values)
    assert all(ladder.has(int(t.value)) and t.label.endswith("+") for t in ticks if t.step)
    assert len(ticks) >= 2


def test_thresholds_come_before_round_numbers_and_the_next_one_is_in_sight() -> None:
    low, high = count_range([1338, 1443], Ladder())
    ticks = count_ticks(low, high, apart=10, ladder=Ladder())
    steps = [tick.label for tick in ticks if tick.step]
    assert "1400+" in steps
    low, high = count_range([60, 95], Ladder())
    assert "100+" in [t.label for t in count_ticks(low, high, apart=5, ladder=Ladder())]


def test_an_axis_begins_at_nought_unless_that_would_waste_it() -> None:
    assert count_range([3, 120])[0] == 0
    assert count_range([1300, 1400])[0] > 1000
    assert count_range([0, 0]) == (0, 1) or count_range([0, 0])[1] >= 1


@pytest.mark.parametrize(
    ("span", "at_most", "step"),
    [(1, 5, 1), (6, 5, 2), (100, 5, 20), (101, 5, 50), (1e6, 4, 500_000)],
)
def test_steps_are_round(span: float, at_most: int, step: int) -> None:
    assert nice_step(span, at_most) == step


@given(st.lists(st.floats(0, 100), max_size=8))
def test_labels_keep_their_order_their_distance_and_the_frame(places: list[float]) -> None:
    found = spread(places, apart=10, low=0, high=100)
    assert all(-1e-6 <= place <= 100 + 1e-6 for place in found)
    order = sorted(range(len(places)), key=lambda i: places[i])
    ordered = [found[i] for i in order]
    assert all(b - a >= 10 - 1e-6 for a, b in pairwise(ordered))


def test_a_single_instant_still_has_an_axis() -> None:
    start, end = extent([at("2026-11-22")])
    assert end - start == 2 * DAY
    first = datetime.fromtimestamp(start, tz=UTC)
    assert first + timedelta(days=2) == datetime(2026, 11, 22, tzinfo=UTC)
