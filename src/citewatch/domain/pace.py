"""How fast a count has been growing: what a forecast has to know of a series' past.

A handful of numbers, brought up to date by each change and by time in which nothing
changed. They are discounted sums, so that a reading may come a day or half a year after
the one before, and old habits fade. A fall takes away what was gained, and what is made
good of it afterwards is no gain.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, exp
from typing import TypeAlias

from citewatch.domain.papers import DAY, Instant
from citewatch.domain.trends import Believed

Sums: TypeAlias = tuple[float, float]

MEMORIES_D = (120.0, 365.0)
"""Days after which a gain counts 1/e: what happens lately, and what is usual."""

LEAP = 10
LEAP_SHARE = 0.25
"""A step of more than max(10, 25 %) a week is a leap, which counts as 10 a week."""


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
    ignored: float = 0.0
    """What the count moved without being cited: leaps, and falls below what was gained.
    It fades like what happens lately; as much of it as comes back is no citation either."""

    @property
    def span_d(self) -> float:
        """Days of history."""
        return (self.at - self.first_at) / DAY


def pace_of(series: Believed) -> Pace | None:
    """The pace at the newest change of a series; None of an empty one."""
    if not series.times:
        return None
    pace = Pace(first_at=series.times[0], at=series.times[0], count=series.counts[0])
    for at, count in zip(series.times[1:], series.counts[1:], strict=True):
        gap_d = (at - pace.at) / DAY
        pace = _stepped(unchanged_until(pace, at), count, gap_d)
    return pace


def unchanged_until(pace: Pace, at: Instant) -> Pace:
    """The pace at a later instant up to which the source has confirmed the count."""
    if at <= pace.at:
        return pace
    gap_d = (at - pace.at) / DAY
    lately, usually = (exp(-gap_d / memory) for memory in MEMORIES_D)
    return Pace(
        first_at=pace.first_at,
        at=at,
        count=pace.count,
        gains=(pace.gains[0] * lately, pace.gains[1] * usually),
        days=(
            pace.days[0] * lately + MEMORIES_D[0] * (1 - lately),
            pace.days[1] * usually + MEMORIES_D[1] * (1 - usually),
        ),
        ignored=pace.ignored * lately,
    )


def _stepped(pace: Pace, count: int, gap_d: float) -> Pace:
    """The pace when the count has moved, ``gap_d`` days after it last did."""
    step, ignored = float(count - pace.count), pace.ignored
    if step * ignored < 0:
        # It goes back: what was no growth is no fall, and the other way round.
        undone = copysign(min(abs(step), abs(ignored)), step)
        step, ignored = step - undone, ignored + undone
    if step < 0:
        gains = tuple(max(0.0, gain + step) for gain in pace.gains)
        ignored += min(0.0, pace.gains[1] + step)
    else:
        counted = _without_leap(step, pace.count, gap_d)
        ignored += step - counted
        # The last of them came now, the others at any time since the change before.
        spread_d = gap_d * (1 - 1 / max(counted, 1.0))
        gains = tuple(
            gain + counted * _mean_fade(spread_d, memory)
            for gain, memory in zip(pace.gains, MEMORIES_D, strict=True)
        )
    return Pace(
        first_at=pace.first_at, at=pace.at, count=count, gains=(gains[0], gains[1]),
        days=pace.days, ignored=ignored,
    )  # fmt: skip


def _without_leap(step: float, before: int, gap_d: float) -> float:
    """A rise without what only a merge of records or a correction explains."""
    weeks = max(1.0, gap_d / 7)
    return step if step <= weeks * max(LEAP, LEAP_SHARE * before) else weeks * LEAP


def _mean_fade(spread_d: float, memory: float) -> float:
    """The weight of gains spread evenly over the days before now."""
    share = spread_d / memory
    return (1 - exp(-share)) / share if share > 1e-9 else 1.0
