"""The report: every watched paper's counts, how they move, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from citewatch.domain.identifiers import URL, Identifier
from citewatch.domain.indices import h_index, i10_index
from citewatch.domain.papers import DAY, Facts, Held, Instant
from citewatch.domain.records import same_records
from citewatch.errors import InputError
from citewatch.ports import History, Run, Store
from citewatch.services.lines import Window, World, paper_lines
from citewatch.services.reported import (
    SORT_KEYS,
    Report,
    ReportedPaper,
    ReportQuestion,
    SourceHealth,
    Totals,
)
from citewatch.services.standing import (
    Passes,
    SourceSchedule,
    Standing,
    answered,
    passes_by_source,
    schedules_s,
    stand,
    state_then,
)

WINDOWS = (("7d", 7 * DAY), ("30d", 30 * DAY), ("365d", 365 * DAY))


def build_report(store: Store, question: ReportQuestion) -> Report:
    """Build the report that ``question`` asks for.

    Raises `InputError` for an unknown sort key or source, a negative limit, or a
    window that begins after its end. A past instant is answered from what was known
    then; the papers, their identifiers and the settings are those of now.
    """
    _check(question)
    world = _read(store, question)
    lines = paper_lines(world)
    return Report(
        as_of=world.as_of,
        watchlist=question.watchlist,
        windows=tuple(w.label for w in world.windows),
        papers=tuple(_sorted(lines, world)[: question.limit]),
        totals=_totals(lines, world),
        sources=tuple(
            _health(s, world) for s in question.sources if question.source in (None, s.name)
        ),
    )


def _end_at(question: ReportQuestion) -> Instant:
    return question.now if question.as_of is None else min(question.as_of, question.now)


def _check(question: ReportQuestion) -> None:
    if question.sort not in SORT_KEYS:
        raise InputError(
            f"cannot sort by {question.sort!r}", remedy=f"one of: {', '.join(SORT_KEYS)}"
        )
    if question.limit is not None and question.limit < 0:
        raise InputError("the limit is negative", remedy="give a number of papers, 0 or more")
    if question.since is not None and question.since >= _end_at(question):
        raise InputError(
            f"the window {question.since_label!r} does not begin before the report ends",
            remedy="give an earlier --since or a later --as-of",
        )


def _check_source(question: ReportQuestion, histories: Sequence[History]) -> None:
    known = {s.name for s in question.sources} | {h.source for h in histories}
    if question.source is not None and question.source not in known:
        raise InputError(
            f"no source {question.source!r}", remedy=f"one of: {', '.join(sorted(known))}"
        )


def _read(store: Store, question: ReportQuestion) -> World:
    as_of = _end_at(question)
    past = as_of if as_of < question.now else None
    numbers = [p.number for p in question.papers if p.number is not None]
    histories = store.histories(papers=numbers, until=past) if numbers else ()
    _check_source(question, histories)
    newest = histories
    if past is not None and numbers:
        # State rows are those of now; with ``since`` this reads one snapshot a series.
        newest = store.histories(papers=numbers, since=question.now)
    helds = {h.series: h.held for h in newest if h.held is not None}
    runs = store.runs(until=past)
    stored = {p.number: p.paper.ids for p in store.papers()}
    ids = [p.paper.ids if p.number is None else stored[p.number] for p in question.papers]
    facts: dict[int, dict[str, Facts]] = {}
    for history in histories:
        if history.facts is not None:
            facts.setdefault(history.paper, {})[history.source] = history.facts
    return World(
        question=question,
        as_of=as_of,
        windows=_windows(question, as_of),
        runs=runs,
        facts=facts,
        standings=_standings(question, histories, helds=helds, runs=runs, past=past),
        ids=ids,
        paces=store.forecasts().paces(numbers) if past is None and numbers else {},
        same_as=_same_as(question, ids, helds.values()),
    )


def _windows(question: ReportQuestion, as_of: Instant) -> tuple[Window, ...]:
    starts = {label: as_of - span_s for label, span_s in WINDOWS}
    if question.since is not None:
        starts.setdefault(question.since_label, question.since)
    return tuple(Window(label, start_at) for label, start_at in starts.items())


def _standings(
    question: ReportQuestion,
    histories: Sequence[History],
    *,
    helds: Mapping[int, Held],
    runs: Sequence[Run],
    past: Instant | None,
) -> dict[int, dict[str, Standing]]:
    as_of = question.now if past is None else past
    passes = passes_by_source(runs, as_of)
    every_s = schedules_s(question.sources, histories, passes)
    found: dict[int, dict[str, Standing]] = {}
    for history in histories:
        found.setdefault(history.paper, {})[history.source] = stand(
            history,
            state_then(helds.get(history.series), past),
            passes=passes.get(history.source, Passes()),
            every_s=every_s[history.source],
            as_of=as_of,
        )
    return found


def _same_as(
    question: ReportQuestion, ids: Sequence[tuple[Identifier, ...]], helds: Iterable[Held]
) -> dict[int, int]:
    """Papers that share an identifier, or whose answers came from one record; by place."""
    names: dict[int, set[tuple[str, Identifier]]] = {
        place: {("", i) for i in known if i.scheme != URL} for place, known in enumerate(ids)
    }
    places = {p.number: place for place, p in enumerate(question.papers)}
    for held in helds:
        if held.answered is not None:
            names[places[held.paper]].add((held.source, held.answered))
    return same_records(names)


# --- order, totals, health ---------------------------------------------------------


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


def _totals(lines: Sequence[ReportedPaper], world: World) -> Totals:
    once: dict[int, ReportedPaper] = {}
    for place, line in enumerate(lines):
        first = world.same_as.get(place, place)
        if first not in once or once[first].citations is None:
            once[first] = line
    counts = [p.citations for p in once.values() if p.citations is not None]
    if not counts:
        return Totals(papers=len(once))
    gained: dict[str, list[int]] = {}
    for window in world.windows:
        known = [p.delta[window.label] for p in once.values() if window.label in p.delta]
        if known:
            gained[window.label] = known
    return Totals(
        papers=len(once),
        counted=len(counts),
        citations=sum(counts),
        h_index=h_index(counts),
        i10_index=i10_index(counts),
        delta={label: sum(known) for label, known in gained.items()},
        delta_papers={label: len(known) for label, known in gained.items()},
    )


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
