"""The ladder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.milestones import Ladder, badge_text

LADDER = Ladder((10, 25, 50), 100)


@pytest.mark.parametrize(
    ("count", "badge"),
    [(0, None), (9, None), (10, 10), (49, 25), (50, 50), (99, 50), (100, 100), (437, 400)],
)
def test_the_badge_is_the_highest_threshold_reached(count: int, badge: int | None) -> None:
    assert LADDER.highest_at(count) == badge


def test_a_ladder_with_steps_above_every_goes_on_from_its_last_step() -> None:
    ladder = Ladder((10, 150, 250), 100)
    assert [ladder.highest_at(n) for n in (100, 200, 299, 300)] == [10, 150, 250, 300]


def test_a_ladder_without_steps_counts_in_multiples() -> None:
    assert [Ladder((), 50).highest_at(n) for n in (49, 50, 149)] == [None, 50, 100]


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_the_thresholds_between_two_counts_are_all_and_descend(low: int, high: int) -> None:
    found = list(LADDER.between(low, high))
    assert found == [n for n in range(high, low, -1) if LADDER.has(n)]


def test_the_badge_text_names_the_threshold() -> None:
    assert badge_text(400) == "400+"
