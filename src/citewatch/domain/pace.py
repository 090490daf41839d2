"""How fast a count has been growing: what a forecast has to know of a series' past.

A handful of numbers, brought up to date by each change and by time in which nothing
changed. They are discounted sums, so that a fall that is made good cancels out, a
reading may come a day or half a year after the one before, and old habits fade.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import TypeAlias

from citewatch.domain.papers import DAY, Instant
from citewatch.domain.trends import Believed

Sums: TypeAlias = tuple[float, float]

MEMORIES_D = (120.0, 365.0)
"""Days after which a gain counts 1/e: what happens lately, and what is usual."""

LEAP = 10
LEAP_SHARE = 0.25
"""A step of more than max(10, 25 %) a week says no more than one of that size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What is known of a count at ``at``, by the newest of its changes or later."""

    first_at: Instant
    """The first reading of the series."""
    at: Instant
    count: int
    gains: Sums = (0.0, 0.0)
    """Citations gained, discounted by each of `MEMORIES_D`."""
    days: Sums = (0.0, 0.0)
    """Days under observation, discounted alike."""

    @property
    def span_d(self) -> float:
        """Days of history."""
        return (self.at - self.first_at) / DAY


def pace_of(series: Believed) -> Pace | None:
    """The pace at the newest change of a series; None of an empty one."""
    if not series.times:
        return None
    first_at, before = series.times[0], series.counts[0]
    gains: Sequence[float] = (0.0, 0.0)
    days: Sequence[float] = (0.0, 0.0)
    at = first_at
    for now, count in zip(series.times[1:], series.counts[1:], strict=True):
        gap = (now - at) / DAY
        fades = [exp(-gap / memory) for memory in MEMORIES_D]
        gains = [gain * fade for gain, fade in zip(gains, fades, strict=True)]
        days = _watched(days, fades)
        if count != before:
            step = _tamed(count - before, before, gap)
            # The last of them came now, the others at any time since the change before.
            spread = gap * (1 - 1 / max(abs(step), 1.0))
            gains = [
                gain + step * _mean_fade(spread, memory)
                for gain, memory in zip(gains, MEMORIES_D, strict=True)
            ]
        at, before = now, count
    return Pace(
        first_at=first_at, at=at, count=before, gains=(gains[0], gains[1]), days=(days[0], days[1])
    )


def unchanged_until(pace: Pace, at: Instant) -> Pace:
    """The pace at a later instant up to which the source has confirmed the count."""
    gap = max(0, at - pace.at) / DAY
    fades = [exp(-gap / memory) for memory in MEMORIES_D]
    gains = [gain * fade for gain, fade in zip(pace.gains, fades, strict=True)]
    days = _watched(pace.days, fades)
    return Pace(
        first_at=pace.first_at, at=max(at, pace.at), count=pace.count,
        gains=(gains[0], gains[1]), days=(days[0], days[1]),
    )  # fmt: skip


def _watched(days: Sequence[float], fades: Sequence[float]) -> list[float]:
    return [
        known * fade + memory * (1 - fade)
        for known, fade, memory in zip(days, fades, MEMORIES_D, strict=True)
    ]


def _tamed(step: int, before: int, gap_d: float) -> float:
    """A step without the part that only a merge of records or a correction explains."""
    most = max(LEAP, LEAP_SHARE * before) * max(1.0, gap_d / 7)
    return max(-most, min(most, step))


def _mean_fade(spread_d: float, memory: float) -> float:
    """The weight of gains spread evenly over the days before now."""
    share = spread_d / memory
    return (1 - exp(-share)) / share if share > 1e-9 else 1.0
