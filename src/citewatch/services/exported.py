"""What an export needs from the store beside the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from citewatch.domain.papers import Instant, Status
from citewatch.ports import Store
from citewatch.services.watchlist import WatchedPaper


def all_readings(
    store: Store, papers: Sequence[WatchedPaper]
) -> Iterator[tuple[str, str, Instant, int | None, Status]]:
    """(key, source, at, count, status) of everything a source said, by paper, source, time.

    A reading that repeats the one before is not stored, so it is no row here either.
    """
    keys = {w.number: w.paper.key for w in papers if w.number is not None}
    found = store.histories(papers=list(keys)) if keys else ()
    order = {number: place for place, number in enumerate(keys)}
    for history in sorted(found, key=lambda h: (order[h.paper], h.source)):
        for one in history.snapshots:
            if one.citation_count is not None or one.status is Status.MISSING:
                yield keys[history.paper], history.source, one.at, one.citation_count, one.status
