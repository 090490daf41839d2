"""What of a series may be drawn: lines that break where nobody looked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from citewatch.domain.papers import Instant, Snapshot
from citewatch.domain.stretches import Break, misses, still_unseen, stretches, unseen
from citewatch.domain.trends import Believed
from citewatch.services.reported import Line


def seen_lines(
    source: str, series: Believed, snapshots: Sequence[Snapshot], *,
    asked: Sequence[Instant], within_s: int, until: Instant,
) -> Iterator[Line]:  # fmt: skip
    """The observed counts of one paper at one source as lines, oldest first.

    ``snapshots`` are all that it said, ``asked`` the starts of the passes in which it
    answered, ``until`` when it last confirmed the last count of ``series``: the last line
    ends there. The lines break where the source was not asked for longer than ``within_s``,
    and where it did not know the paper.
    """
    seen = sorted({snapshot.at for snapshot in snapshots} | set(series.times) | {until})
    breaks = still_unseen(_unseen(tuple(asked), within_s), seen, within_s=within_s)
    breaks += misses(snapshots, until=until)
    for part, ended_at in stretches(series, breaks, until=until):
        yield Line(source=source, times=part.times, counts=part.counts, until=ended_at)


@lru_cache(maxsize=32)
def _unseen(asked: tuple[Instant, ...], within_s: int) -> tuple[Break, ...]:
    """Cached, since all papers of a source share its passes."""
    return unseen(asked, within_s=within_s)
