"""What of a paper's counts may be drawn: lines that break where nobody looked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from citewatch.domain.papers import Instant
from citewatch.domain.stretches import Break, misses, still_unseen, stretches, unseen
from citewatch.services.reported import Line
from citewatch.services.standing import Standing


def observed_lines(standings: Iterable[Standing], *, now: Instant) -> tuple[Line, ...]:
    """The observed series of one paper: a line a source, more where it breaks.

    A line ends when its count was last confirmed. It breaks where the source was not asked
    for longer than twice its schedule, and where it did not know the paper.
    """
    return tuple(line for standing in standings for line in _of(standing, now))


def _of(standing: Standing, now: Instant) -> Iterator[Line]:
    confirmed_at = standing.count.observed_at
    if not standing.series.times or confirmed_at is None:
        return
    until = min(now, confirmed_at)
    asked, *others = (tuple(times) for times in standing.asks)
    seen = sorted({at for times in others for at in times} | set(standing.series.times))
    within_s = standing.within_s
    breaks = still_unseen(_unseen((*asked,), within_s), seen, within_s=within_s)
    breaks += misses(standing.snapshots, until=until)
    for part, ended_at in stretches(standing.series, breaks, until=until):
        yield Line(
            source=standing.count.source, times=part.times, counts=part.counts, until=ended_at
        )


@lru_cache(maxsize=32)
def _unseen(asks: tuple[Instant, ...], within_s: int) -> tuple[Break, ...]:
    """Cached, since all papers of a source share its passes."""
    return unseen(asks, within_s=within_s)
