"""The ladder of thresholds, badge text, and which thresholds lie between two counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ladder:
    """Thresholds: ``steps`` first, then every multiple of ``every`` above the last step.

    ``Ladder((10, 25, 50), 100)`` is 10, 25, 50, 100, 200, 300, …
    """

    steps: tuple[int, ...] = (10, 25, 50)
    every: int = 100

    def highest_at(self, count: int) -> int | None:
        """The highest threshold that ``count`` has reached, None below the first."""
        last = self.steps[-1] if self.steps else 0
        rounded = count // self.every * self.every
        if rounded > last:
            return rounded
        return max((step for step in self.steps if step <= count), default=None)

    def between(self, low: int, high: int) -> Iterator[int]:
        """The thresholds with ``low < threshold <= high``, the highest first."""
        top = self.highest_at(high)
        while top is not None and top > low:
            yield top
            top = self.highest_at(top - 1)

    def above(self, count: int) -> int:
        """The lowest threshold that ``count`` has yet to reach."""
        steps = [step for step in self.steps if step > count]
        last = self.steps[-1] if self.steps else 0
        return min(steps, default=(max(count, last) // self.every + 1) * self.every)

    def has(self, threshold: int) -> bool:
        """Whether this number is one of the thresholds."""
        return self.highest_at(threshold) == threshold


@dataclass(frozen=True, slots=True)
class FormerLadder:
    """The thresholds that were configured until ``until_at`` (seconds since 1970)."""

    ladder: Ladder
    until_at: int


def badge_text(threshold: int) -> str:
    """The badge as a list shows it: ``400+``."""
    return f"{threshold}+"
