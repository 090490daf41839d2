"""Whole series as lines, for reports that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from citewatch.domain.papers import Instant
from citewatch.domain.trends import Believed, believed
from citewatch.ports import Store
from citewatch.services.reported import Line, ReportedPaper
from citewatch.services.standing import Standing
from citewatch.services.world import World, rank_of


def drawn(store: Store, world: World, lines: Sequence[ReportedPaper]) -> list[ReportedPaper]:
    """The lines of the report with the observed series of every source that counts.

    A series ends where its source last confirmed it, not at its last change.
    """
    keys = {line.key for line in lines}
    numbers = {w.paper.key: w.number for w in world.papers if w.number is not None}
    wanted = [numbers[key] for key in keys if key in numbers]
    found: dict[int, list[Line]] = {}
    histories = store.histories(papers=wanted, until=world.as_of) if wanted else ()
    for history in histories:
        standing = world.standings.get(history.paper, {}).get(history.source)
        if standing is None or standing.count.citations is None:
            continue
        if world.question.source not in (None, history.source):
            continue
        times, counts = _points(standing, believed(history.snapshots))
        line = Line(source=history.source, times=times, counts=counts)
        found.setdefault(history.paper, []).append(line)
    for several in found.values():
        several.sort(key=lambda line: rank_of(world.question, line.source))
    return [replace(line, lines=tuple(found.get(numbers.get(line.key, 0), ()))) for line in lines]


def _points(standing: Standing, series: Believed) -> tuple[tuple[Instant, ...], tuple[int, ...]]:
    whole = series if standing.whole is None else standing.whole
    count, confirmed_at = standing.count.citations, standing.count.observed_at
    if count is None or confirmed_at is None or not whole.times or confirmed_at <= whole.times[-1]:
        return whole.times, whole.counts
    return (*whole.times, confirmed_at), (*whole.counts, count)
