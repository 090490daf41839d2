"""The report: every watched paper's counts, how they move, and what they add up to."""

from __future__ import annotations

from collections.abc import Sequence

from citewatch.errors import InputError
from citewatch.ports import Store
from citewatch.services.compare import compared
from citewatch.services.curves import end_of
from citewatch.services.drawn import drawn
from citewatch.services.foreseeing import foreseen
from citewatch.services.lines import paper_lines
from citewatch.services.listing import list_trend, totals_of
from citewatch.services.reported import (
    SORT_KEYS,
    Report,
    ReportedPaper,
    ReportQuestion,
    SourceHealth,
)
from citewatch.services.standing import SourceSchedule, answered
from citewatch.services.world import World, known_sources, read_world


def build_report(store: Store, question: ReportQuestion) -> Report:
    """Build the report that ``question`` asks for.

    Raises `InputError` for an unknown sort key or source, a negative limit, or a
    window that begins after its end. A past instant is answered from what was known
    then; which papers are on the list, and the settings, are those of now.
    """
    _check(question)
    world = read_world(store, question)
    _check_source(world)
    lines = paper_lines(world, foreseen(store, world))
    shown = _sorted(lines, world)[: question.limit]
    if question.compare:
        shown = compared(store, world, shown)
    if question.drawn:
        shown = drawn(store, world, shown)
    return Report(
        as_of=world.as_of,
        watchlist=question.watchlist,
        windows=tuple(w.label for w in world.clockwork.windows),
        papers=tuple(shown),
        totals=totals_of(world, lines),
        sources=tuple(
            _health(s, world) for s in question.sources if question.source in (None, s.name)
        ),
        trend=list_trend(world, lines),
        axis=world.clockwork.axis,
        compares=question.compare,
    )


def _check(question: ReportQuestion) -> None:
    if question.sort not in SORT_KEYS:
        raise InputError(
            f"cannot sort by {question.sort!r}", remedy=f"one of: {', '.join(SORT_KEYS)}"
        )
    if question.limit is not None and question.limit < 0:
        raise InputError("the limit is negative", remedy="give a number of papers, 0 or more")
    if question.since is not None and question.since >= end_of(question):
        raise InputError(
            f"the window {question.since_label!r} does not begin before the report ends",
            remedy="give an earlier --since or a later --as-of",
        )


def _check_source(world: World) -> None:
    source = world.question.source
    known = known_sources(world.question, world.standings.values())
    if source is not None and source not in known:
        raise InputError(f"no source {source!r}", remedy=f"one of: {', '.join(sorted(known))}")


# --- order and health ------------------------------------------------------------------


def _sorted(lines: Sequence[ReportedPaper], world: World) -> Sequence[ReportedPaper]:
    """Highest first for numbers, alphabetical for words; unknown last; ties as listed."""
    question = world.question
    window = question.since_label if question.since is not None else "30d"
    match question.sort:
        case "list":
            return lines
        case "title":
            return sorted(lines, key=lambda p: p.title.casefold())
        case "key":
            return sorted(lines, key=lambda p: p.key)
        case "delta":
            return sorted(lines, key=lambda p: _falling(p.delta.get(window)))
        case "per_year":
            return sorted(lines, key=lambda p: _falling(p.per_year))
        case "year":
            return sorted(lines, key=lambda p: _falling(p.year))
        case "claim":
            return sorted(lines, key=lambda p: _falling(p.claim))
        case _:
            return sorted(lines, key=lambda p: _falling(p.citations))


def _falling(number: float | None) -> tuple[bool, float]:
    return (number is None, -(number or 0))


def _health(source: SourceSchedule, world: World) -> SourceHealth:
    over = [
        r
        for r in world.runs
        if r.source == source.name
        and r.trigger != "import"
        and r.finished_at is not None
        and r.finished_at <= world.as_of
        # A pass in which nothing was due says nothing about the source's health.
        and (answered(r) or r.status not in ("ok", "partial"))
    ]
    successes = [r.finished_at for r in over if r.finished_at is not None and answered(r)]
    known = [
        standings[source.name].known
        for standings in world.standings.values()
        if source.name in standings
    ]
    asked = bool(successes) or any(k is not None for k in known)
    status = over[-1].status if over else "never"
    return SourceHealth(
        name=source.name,
        label=source.label,
        status=status if source.enabled else "off",
        found=known.count(True) if asked else None,
        missing=known.count(False) if asked else None,
        last_success=max(successes, default=None),
        note=over[-1].note if over and source.enabled else "",
    )
