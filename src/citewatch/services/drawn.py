"""Whole series as lines, for reports that are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from citewatch.domain.trends import Believed, believed
from citewatch.ports import Store
from citewatch.services.past_lines import reconstructed_lines
from citewatch.services.reported import Line, ReportedPaper
from citewatch.services.seen import seen_lines
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
        confirmed_at = standing.count.observed_at
        if confirmed_at is None:
            continue
        found.setdefault(history.paper, []).extend(
            seen_lines(
                history.source, _points(standing, believed(history.snapshots)), history.snapshots,
                asked=standing.asked.times, within_s=standing.within_s,
                until=min(confirmed_at, world.as_of),
            )
        )  # fmt: skip
    _add_reconstructed(store, world, wanted, found)
    for several in found.values():
        several.sort(key=lambda line: (line.reconstructed, *rank_of(world.question, line.source)))
    return [replace(line, lines=tuple(found.get(numbers.get(line.key, 0), ()))) for line in lines]


def _add_reconstructed(
    store: Store, world: World, numbers: Sequence[int], found: dict[int, list[Line]]
) -> None:
    """Lines of their own, which are never part of an observed one."""
    until = world.as_of if world.as_of < world.question.now else None
    only = world.question.source
    sources = () if only is None else (only,)
    made = reconstructed_lines(store, numbers, until=until, sources=sources) if numbers else {}
    for paper, lines in made.items():
        found.setdefault(paper, []).extend(lines)


def _points(standing: Standing, series: Believed) -> Believed:
    whole = series if standing.whole is None else standing.whole
    count, confirmed_at = standing.count.citations, standing.count.observed_at
    if count is None or confirmed_at is None or not whole.times or count == whole.counts[-1]:
        return whole
    # A reading from a file fell between two confirmations of the same count.
    return Believed((*whole.times, confirmed_at), (*whole.counts, count))
