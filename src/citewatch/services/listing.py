"""How the whole list moves: totals now and over time, movers, and what woke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from citewatch.domain.indices import g_index, h_index, i10_index, missing_to_raise_h
from citewatch.domain.moves import woke
from citewatch.services.curves import MOVE_WINDOW
from citewatch.services.reported import ListTrend, ReportedPaper, Totals, TotalsThen
from citewatch.services.world import World, totals_once

MOVERS = 5


def totals_of(world: World, lines: Sequence[ReportedPaper]) -> Totals:
    """What the headline counts add up to, each paper once."""
    once = [lines[place] for place in totals_once(world).values()]
    counts = [p.citations for p in once if p.citations is not None]
    if not counts:
        return Totals(papers=len(once))
    gained: dict[str, list[int]] = {}
    for window in world.clockwork.windows:
        known = [p.delta[window.label] for p in once if window.label in p.delta]
        if known:
            gained[window.label] = known
    return Totals(
        papers=len(once),
        counted=len(counts),
        citations=sum(counts),
        h_index=h_index(counts),
        i10_index=i10_index(counts),
        g_index=g_index(counts),
        delta={label: sum(known) for label, known in gained.items()},
        delta_papers={label: len(known) for label, known in gained.items()},
    )


def list_trend(world: World, lines: Sequence[ReportedPaper]) -> ListTrend:
    """Everything that is said of the list as a whole beside its totals."""
    places = [p for p in totals_once(world).values() if world.headlines[p] is not None]
    once = [lines[place] for place in places]
    counts = [line.citations or 0 for line in once]
    by_source = Counter(line.source for line in once if line.source is not None)
    moved = sorted(
        (p for p in once if p.delta.get(MOVE_WINDOW, 0) > 0),
        key=lambda p: (-p.delta[MOVE_WINDOW], p.key),
    )
    return ListTrend(
        over_time=_over_time(world, once),
        raises_h=tuple((once[place].key, missing) for place, missing in missing_to_raise_h(counts)),
        by_source=tuple(sorted(by_source.items(), key=lambda pair: (-pair[1], pair[0]))),
        movers=tuple((p.key, p.delta[MOVE_WINDOW]) for p in moved[:MOVERS]),
        woke=_woken(world, places),
    )


def _over_time(world: World, once: Sequence[ReportedPaper]) -> tuple[TotalsThen, ...]:
    """Totals at each instant of the sparklines, from the papers known by then."""
    found = []
    columns = zip(*(p.spark for p in once), strict=True)
    for at, column in zip(world.clockwork.axis, columns, strict=bool(once)):
        counts = [count for count in column if count is not None]
        if counts:
            found.append(
                TotalsThen(
                    at=at, counted=len(counts), citations=sum(counts), h_index=h_index(counts),
                    i10_index=i10_index(counts), g_index=g_index(counts),
                )
            )  # fmt: skip
    return tuple(found)


def _woken(world: World, places: Sequence[int]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[int, str, str]] = []
    for place in places:
        headline = world.headlines[place]
        if headline is None:
            continue
        gains = woke(
            world.curves[headline.series], world.as_of, asked=headline.asked,
            within_s=headline.within_s,
        )  # fmt: skip
        if gains is not None:
            asleep, awake = gains
            text = f"{awake} citations in 90 days, after {asleep or 'none'} in the year before"
            found.append((-awake, world.papers[place].paper.key, text))
    return tuple((key, text) for _, key, text in sorted(found))
