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


@pytest.mark.parametrize(
    ("count", "threshold"), [(0, 10), (10, 25), (50, 100), (99, 100), (100, 200), (1873, 1900)]
)
def test_the_next_threshold_lies_above_the_count(count: int, threshold: int) -> None:
    assert LADDER.next_after(count) == threshold


def test_a_ladder_with_steps_above_every_goes_on_from_its_last_step() -> None:
    ladder = Ladder((10, 150, 250), 100)
    assert [ladder.highest_at(n) for n in (100, 200, 299, 300)] == [10, 150, 250, 300]


def test_a_ladder_without_steps_counts_in_multiples() -> None:
    assert [Ladder((), 50).highest_at(n) for n in (49, 50, 149)] == [None, 50, 100]


@given(st.integers(0, 10_000))
def test_next_and_highest_enclose_the_count(count: int) -> None:
    assert (LADDER.highest_at(count) or 0) <= count < LADDER.next_after(count)
    assert LADDER.highest_between(count, LADDER.next_after(count)) == LADDER.next_after(count)


def test_the_badge_text_names_the_threshold() -> None:
    assert badge_text(400) == "400+"
