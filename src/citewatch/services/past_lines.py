"""Series to be drawn: what was observed, and apart from it what was reconstructed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from citewatch.domain.papers import Instant
from citewatch.domain.trends import believed
from citewatch.ports import Store
from citewatch.services.reported import Line


def drawn_lines(
    store: Store,
    papers: Collection[int],
    *,
    until: Instant | None = None,
    sources: Collection[str] = (),
) -> dict[int, tuple[Line, ...]]:
    """The series of these papers as known at ``until`` (now when None), by paper.

    Observed ones come first, then reconstructed ones, each by the name of its source. An
    observed line begins with the record that is asked now; no line is ever part of another.
    """
    found: dict[int, list[Line]] = defaultdict(list)
    if not papers:
        return {}
    histories = store.histories(papers=papers, sources=sources, until=until)
    for history in sorted(histories, key=lambda h: h.source):
        begun_at = (history.held.begun_at if history.held else None) or 0
        series = believed(s for s in history.snapshots if s.at >= begun_at)
        if series.times:
            line = Line(source=history.source, times=series.times, counts=series.counts)
            found[history.paper].append(line)
    for paper, past in reconstructed_lines(store, papers, until=until, sources=sources).items():
        found[paper] += past
    return {paper: tuple(lines) for paper, lines in found.items()}


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
