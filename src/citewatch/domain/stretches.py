"""Parts of a series during which somebody looked: what may be drawn as one line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from citewatch.domain.papers import Instant, Snapshot, Status
from citewatch.domain.trends import Believed

Break: TypeAlias = tuple[Instant, Instant]
"""The last instant known before nothing was known, and the first one known after it."""


def unseen(asks: Sequence[Instant], *, within_s: int) -> tuple[Break, ...]:
    """Where two successful asks in a row lie further apart than ``within_s``."""
    return tuple((a, b) for a, b in pairwise(asks) if b - a > within_s)


def still_unseen(breaks: Iterable[Break], seen: Sequence[Instant], *, within_s: int) -> list[Break]:
    """What is left of ``breaks`` when there were also readings at ``seen`` (ascending)."""
    left: list[Break] = []
    for start, end in breaks:
        inside = seen[bisect_right(seen, start) : bisect_left(seen, end)]
        left += unseen((start, *inside, end), within_s=within_s)
    return left


def misses(snapshots: Sequence[Snapshot], *, until: Instant) -> Iterator[Break]:
    """Where the source did not know the paper: from that answer to the next count."""
    began_at: Instant | None = None
    for snapshot in snapshots:
        if snapshot.status is Status.MISSING:
            began_at = snapshot.at if began_at is None else began_at
        elif began_at is not None:
            yield began_at, snapshot.at
            began_at = None
    if began_at is not None and began_at < until:
        yield began_at, until


def stretches(
    series: Believed, breaks: Iterable[Break], *, until: Instant
) -> Iterator[tuple[Believed, Instant]]:
    """The series cut at its breaks: parts that were seen, each with the instant it ends at.

    A count that moved during a break begins the next part with its new value.
    """
    if not series.times:
        return
    start = series.times[0]
    for left, right in sorted(breaks):
        if left >= until:
            break
        if right <= start:
            continue
        if left >= start:
            yield _part(series, start, left), left
        start = max(start, right)
    if start <= until:
        yield _part(series, start, until), until


def _part(series: Believed, start: Instant, end: Instant) -> Believed:
    first = bisect_right(series.times, start) - 1
    after = bisect_right(series.times, end)
    times = (start, *series.times[first + 1 : after])
    return Believed(times, series.counts[first:after])
