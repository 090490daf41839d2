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
    first_at = at = series.times[0]
    count = series.counts[0]
    gains, days, ignored = (0.0, 0.0), (0.0, 0.0), 0.0
    # Plain numbers: a value for each change would cost as much again as all the rest.
    for now, after in zip(series.times[1:], series.counts[1:], strict=True):
        gap_d = (now - at) / DAY
        gains, days, ignored = _faded(gains, days, ignored, gap_d)
        if after != count:
            gains, ignored = _stepped(gains, ignored, count, after, gap_d)
        at, count = now, after
    return Pace(first_at=first_at, at=at, count=count, gains=gains, days=days, ignored=ignored)


def unchanged_until(pace: Pace, at: Instant) -> Pace:
    """The pace at a later instant up to which the source has confirmed the count."""
    if at <= pace.at:
        return pace
    gains, days, ignored = _faded(pace.gains, pace.days, pace.ignored, (at - pace.at) / DAY)
    return Pace(
        first_at=pace.first_at, at=at, count=pace.count, gains=gains, days=days, ignored=ignored
    )


def _faded(gains: Sums, days: Sums, ignored: float, gap_d: float) -> tuple[Sums, Sums, float]:
    """What is left of the sums after days in which nothing changed."""
    lately, usually = exp(-gap_d / MEMORIES_D[0]), exp(-gap_d / MEMORIES_D[1])
    return (
        (gains[0] * lately, gains[1] * usually),
        (
            days[0] * lately + MEMORIES_D[0] * (1 - lately),
            days[1] * usually + MEMORIES_D[1] * (1 - usually),
        ),
        ignored * lately,
    )


def _stepped(
    gains: Sums, ignored: float, before: int, after: int, gap_d: float
) -> tuple[Sums, float]:
    """Gains and ignored when the count has moved, ``gap_d`` days after the reading before."""
    step = float(after - before)
    if step * ignored < 0:
        # It goes back: what was no growth is no fall, and the other way round.
        undone = copysign(min(abs(step), abs(ignored)), step)
        step, ignored = step - undone, ignored + undone
    if step < 0:
        ignored += min(0.0, gains[1] + step)
        return (max(0.0, gains[0] + step), max(0.0, gains[1] + step)), ignored
    counted = _without_leap(step, before, gap_d)
    # The last of them came now, the others at any time since the change before.
    spread_d = gap_d * (1 - 1 / max(counted, 1.0))
    return (
        gains[0] + counted * _mean_fade(spread_d, MEMORIES_D[0]),
        gains[1] + counted * _mean_fade(spread_d, MEMORIES_D[1]),
    ), ignored + step - counted


def _without_leap(step: float, before: int, gap_d: float) -> float:
    """A rise without what only a merge of records or a correction explains."""
    weeks = max(1.0, gap_d / 7)
    return step if step <= weeks * max(LEAP, LEAP_SHARE * before) else weeks * LEAP


def _mean_fade(spread_d: float, memory: float) -> float:
    """The weight of gains spread evenly over the days before now."""
    share = spread_d / memory
    return (1 - exp(-share)) / share if share > 1e-6 else 1.0
