"""Series with all their believed counts: what forecasts and their scores need."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from citewatch.domain.papers import DAY, Instant
from citewatch.domain.trends import Believed
from citewatch.ports import Store, Track
from citewatch.services.standing import Passes, Standing, stand_exactly

NOTHING = Believed((), ())


def whole_standings(
    store: Store,
    papers: Collection[int],
    *,
    sources: Collection[str] = (),
    as_of: Instant,
    until: Instant | None = None,
    passes: Mapping[str, Passes] | None = None,
    every_s: Mapping[str, int] | None = None,
) -> Iterator[tuple[Track, Standing]]:
    """How the series of these papers stood (at all sources when none is named).

    ``until`` is an instant of the past, None for now. Without ``passes`` and ``every_s``
    nothing is known of when the sources were asked.
    """
    if not papers:
        return
    numbers = list(papers)
    histories = store.histories(papers=numbers, sources=sources, until=until)
    snapshots = {h.series: h.snapshots for h in histories}
    for track in store.tracks(numbers, until=until):
        if sources and track.source not in sources:
            continue
        yield (
            track,
            stand_exactly(
                track, snapshots.get(track.series, ()),
                passes=(passes or {}).get(track.source, Passes()),
                every_s=(every_s or {}).get(track.source, DAY), as_of=as_of,
            ),
        )  # fmt: skip
