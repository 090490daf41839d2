"""Reconstructed series to be drawn, apart from what was observed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from citewatch.domain.papers import Instant
from citewatch.ports import Store
from citewatch.services.reported import Line


def reconstructed_lines(
    store: Store,
    papers: Collection[int],
    *,
    until: Instant | None = None,
    sources: Collection[str] = (),
) -> dict[int, tuple[Line, ...]]:
    """The reconstructed series alone; at a past instant those that had been made by then."""
    found: dict[int, list[Line]] = defaultdict(list)
    made_of = store.past().reconstructions(papers) if papers else {}
    for (paper, source), made in made_of.items():
        unknown_then = until is not None and made.made_at > until
        if made.times and not unknown_then and (not sources or source in sources):
            line = Line(
                source=source, times=made.times, counts=made.counts, reconstructed=True,
                note=made.note,
            )  # fmt: skip
            found[paper].append(line)
    return {paper: tuple(lines) for paper, lines in found.items()}
