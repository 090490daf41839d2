"""How believed counts move: values at an instant, deltas, rates, sparklines.

Everything here reads a `Believed` series and the instants at which the source was
asked with success. Snapshots are written only when something changes, so a series
alone cannot tell "nothing changed" from "nobody looked": the asks do.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from citewatch.domain.papers import DAY, Instant, Snapshot, Status

YEAR_S = 365 * DAY
SHORTEST_S = 28 * DAY
"""A rate per year is not stated from less observation than this."""

BARS = "▁▂▃▄▅▆▇█"

Asks: TypeAlias = Sequence[Sequence[Instant]]
"""Instants of successful asks: any number of ascending sequences, read as one."""


@dataclass(frozen=True, slots=True)
class Believed:
    """The believed counts of one series: ``counts[i]`` holds from ``times[i]`` on."""

    times: tuple[Instant, ...]
    counts: tuple[int, ...]


def believed(snapshots: Iterable[Snapshot]) -> Believed:
    """The believed counts among snapshots that ascend in time.

    Held readings and misses are left out: the count before them stays believed.
    """
    kept = [
        (s.at, s.citation_count)
        for s in snapshots
        if s.status is Status.OK and s.citation_count is not None
    ]
    return Believed(tuple(at for at, _ in kept), tuple(count for _, count in kept))


def count_at(series: Believed, at: Instant) -> int | None:
    """The count believed at an instant; None before the first reading."""
    place = bisect_right(series.times, at)
    return series.counts[place - 1] if place else None


def asked_near(asks: Asks, at: Instant, *, within_s: int) -> bool:
    """Whether there was a successful ask at most ``within_s`` before or after ``at``."""
    for times in asks:
        place = bisect_left(times, at - within_s)
        if place < len(times) and times[place] <= at + within_s:
            return True
    return False


def first_ask(asks: Asks, since_at: Instant) -> Instant | None:
    """The first successful ask at or after an instant."""
    found = [times[place] for times in asks if (place := bisect_left(times, since_at)) < len(times)]
    return min(found, default=None)


def delta(series: Believed, start_at: Instant, *, asks: Asks, within_s: int) -> int | None:
    """Counts gained from ``start_at`` to the newest believed count.

    None unless a count was believed at ``start_at`` and the source was asked with
    success at most ``within_s`` (twice its schedule) around it.
    """
    before = count_at(series, start_at)
    if before is None or not asked_near(asks, start_at, within_s=within_s):
        return None
    return series.counts[-1] - before


def per_year(series: Believed, end_at: Instant, *, asks: Asks) -> float | None:
    """Counts gained per 365 days over the last year of observation up to ``end_at``.

    ``end_at`` is when the newest count was last confirmed. The window begins with the
    first successful ask in that year at which a count was known, so that growth from
    before a gap is not squeezed into the time after it. None below `SHORTEST_S`.
    """
    if not series.times:
        return None
    start_at = first_ask(asks, max(series.times[0], end_at - YEAR_S))
    if start_at is None or end_at - start_at < SHORTEST_S:
        return None
    before, after = count_at(series, start_at), count_at(series, end_at)
    if before is None or after is None:
        return None
    return (after - before) * YEAR_S / (end_at - start_at)


def straight_line(series: Believed, end_at: Instant, *, days: float) -> float | None:
    """The count that many days after ``end_at`` if the last year's gain went on evenly.

    Through the count at ``end_at`` and the one a year before, or the first one. None
    where nothing is known before ``end_at``.
    """
    after = count_at(series, end_at)
    start_at = max(series.times[0], end_at - YEAR_S) if series.times else end_at
    before = count_at(series, start_at)
    if after is None or before is None or start_at >= end_at:
        return None
    return after + (after - before) * days * DAY / (end_at - start_at)


def time_axis(start_at: Instant, end_at: Instant, *, steps: int) -> tuple[Instant, ...]:
    """``steps`` (two or more) instants at equal distances, both ends included."""
    span = end_at - start_at
    return tuple(start_at + span * step // (steps - 1) for step in range(steps))


def sample(series: Believed, axis: Sequence[Instant]) -> tuple[int | None, ...]:
    """The believed count at each instant; None before the first observation."""
    return tuple(count_at(series, at) for at in axis)


def sparkline(points: Sequence[int | None]) -> str:
    """One character a point, from ▁ (its lowest) to █ (its highest); blank for None.

    A series that does not move is all ▁.
    """
    known = [p for p in points if p is not None]
    if not known:
        return " " * len(points)
    low = min(known)
    span = max(known) - low or 1
    top = len(BARS) - 1
    return "".join(
        " " if p is None else BARS[((p - low) * top * 2 + span) // (span * 2)] for p in points
    )
