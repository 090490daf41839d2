"""How believed counts move: values at an instant, deltas, rates, sparklines.

Everything here reads a `Counted` series and the instants at which the source was
asked with success. Snapshots are written only when something changes, so a series
alone cannot tell "nothing changed" from "nobody looked": the asks do.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from citewatch.domain.papers import DAY, Instant, Snapshot, Status

YEAR_S = 365 * DAY
SHORTEST_S = 28 * DAY
"""A rate per year is not stated from less observation than this."""

BARS = "▁▂▃▄▅▆▇█"


class Counted(Protocol):
    """The believed counts of one series, read whole or at instants fixed beforehand."""

    @property
    def begins_at(self) -> Instant | None:
        """The first reading; None where there is none."""

    @property
    def last(self) -> int | None:
        """The newest believed count."""

    def at(self, instant: Instant) -> int | None:
        """The count believed at an instant; None before the first reading."""

    def along(self, axis: tuple[Instant, ...]) -> tuple[int | None, ...]:
        """The counts believed at several instants."""


@dataclass(frozen=True, slots=True)
class Believed:
    """The believed counts of one series: ``counts[i]`` holds from ``times[i]`` on."""

    times: tuple[Instant, ...]
    counts: tuple[int, ...]

    @property
    def begins_at(self) -> Instant | None:
        """The first reading; None where there is none."""
        return self.times[0] if self.times else None

    @property
    def last(self) -> int | None:
        """The newest believed count."""
        return self.counts[-1] if self.counts else None

    def at(self, instant: Instant) -> int | None:
        """The count believed at an instant; None before the first reading."""
        place = bisect_right(self.times, instant)
        return self.counts[place - 1] if place else None

    def along(self, axis: tuple[Instant, ...]) -> tuple[int | None, ...]:
        """The counts believed at several instants."""
        return tuple([self.at(at) for at in axis])


class Instants:
    """Instants at which many series are read, and where the count of each stands."""

    def __init__(self, instants: Sequence[Instant]) -> None:
        self.places = {at: place for place, at in enumerate(instants)}
        self._axes: dict[tuple[Instant, ...], Callable[[Sequence[int | None]], Any]] = {}

    def along(
        self, axis: tuple[Instant, ...], counts: Sequence[int | None]
    ) -> tuple[int | None, ...]:
        """The counts at two or more of the instants; they are the same for every series."""
        pick = self._axes.get(axis)
        if pick is None:
            pick = self._axes[axis] = itemgetter(*(self.places[at] for at in axis))
        found: tuple[int | None, ...] = pick(counts)
        return found


class Sampled(NamedTuple):
    """The believed counts of one series at some instants: all that a report looks at.

    ``own`` holds counts at instants of this series alone. Any other instant is a KeyError.
    """

    instants: Instants
    counts: Sequence[int | None]
    begins_at: Instant | None
    last: int | None
    own: Mapping[Instant, int | None] = MappingProxyType({})

    def at(self, instant: Instant) -> int | None:
        """The count believed at an instant that was fixed beforehand."""
        place = self.instants.places.get(instant)
        return self.own[instant] if place is None else self.counts[place]

    def along(self, axis: tuple[Instant, ...]) -> tuple[int | None, ...]:
        """The counts believed at several instants."""
        return self.instants.along(axis, self.counts)


class Asked(NamedTuple):
    """When a source was asked with success, as far as one series is concerned."""

    times: Sequence[Instant]
    """Ascending: the source's passes."""
    until: Instant | None = None
    """The last answer about the series: later passes say nothing of it. None: no limit."""

    def near(self, at: Instant, *, within_s: int) -> bool:
        """Whether that was so at most ``within_s`` before or after ``at``."""
        found = self.first(at - within_s)
        return found is not None and found <= at + within_s

    def first(self, since_at: Instant) -> Instant | None:
        """The first time at or after an instant."""
        place = bisect_left(self.times, since_at)
        if place == len(self.times):
            return None
        found = self.times[place]
        return found if self.until is None or found <= self.until else None


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


def looked_at(series: Counted, at: Instant, *, asked: Asked, within_s: int) -> bool:
    """Whether a count was known at an instant, and the source asked around it.

    The first reading of a series is a look itself.
    """
    begins_at = series.begins_at
    if begins_at is None or begins_at > at:
        return False
    return at - begins_at <= within_s or asked.near(at, within_s=within_s)


def delta(series: Counted, start_at: Instant, *, asked: Asked, within_s: int) -> int | None:
    """Counts gained from ``start_at`` to the newest believed count.

    None unless a count was believed at ``start_at`` and the source was asked with
    success at most ``within_s`` (twice its schedule) around it.
    """
    if not looked_at(series, start_at, asked=asked, within_s=within_s):
        return None
    return gained(series.at(start_at), series.last)


def gained(before: int | None, after: int | None) -> int | None:
    """The difference of two counts; None where one is unknown."""
    return None if before is None or after is None else after - before


def year_start(begins_at: Instant | None, end_at: Instant, asked: Asked) -> Instant | None:
    """Where the last year of observation up to ``end_at`` begins.

    With the first reading or the first successful ask in that year, so that growth from
    before a gap is not squeezed into the time after it. None below `SHORTEST_S`.
    """
    if begins_at is None:
        return None
    year_ago = end_at - YEAR_S
    start_at = begins_at if begins_at >= year_ago else asked.first(year_ago)
    if start_at is None or end_at - start_at < SHORTEST_S:
        return None
    return start_at


def rate(gain: int | None, start_at: Instant, end_at: Instant) -> float | None:
    """Counts per 365 days."""
    return None if gain is None else gain * YEAR_S / (end_at - start_at)


def per_year(series: Counted, end_at: Instant, *, asked: Asked) -> float | None:
    """Counts gained per 365 days over the last year of observation up to ``end_at``.

    ``end_at`` is when the newest count was last confirmed. None below `SHORTEST_S`.
    """
    start_at = year_start(series.begins_at, end_at, asked)
    if start_at is None:
        return None
    return rate(gained(series.at(start_at), series.last), start_at, end_at)


def straight_line(series: Believed, end_at: Instant, *, days: float) -> float | None:
    """The count that many days after ``end_at`` if the last year's gain went on evenly.

    Through the count at ``end_at`` and the one a year before, or the first one. None
    where nothing is known before ``end_at``.
    """
    after = series.at(end_at)
    start_at = max(series.times[0], end_at - YEAR_S) if series.times else end_at
    before = series.at(start_at)
    if after is None or before is None or start_at >= end_at:
        return None
    return after + (after - before) * days * DAY / (end_at - start_at)


def time_axis(start_at: Instant, end_at: Instant, *, steps: int) -> tuple[Instant, ...]:
    """``steps`` (two or more) instants at equal distances, both ends included."""
    span = end_at - start_at
    return tuple(start_at + span * step // (steps - 1) for step in range(steps))


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
