"""What changed, and how one paper's counts went: the views behind the log and histories."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from citewatch.domain.papers import DAY, Instant, Kind, Snapshot, Status
from citewatch.domain.reconstruction import Reconstruction
from citewatch.domain.trends import Believed, believed, sample, sparkline, time_axis
from citewatch.errors import InputError
from citewatch.ports import ChangeFilter, History, LoggedChange, Store, StoredPaper
from citewatch.services.lines import shown_title

SPARK_STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPoint:
    """What a source said from ``at`` on; a point is kept only where something changed."""

    at: Instant
    citations: int | None
    """As the source said it, also while the reading is held; None where it was a miss."""
    influential: int | None
    status: Status
    """OK, HELD or MISSING."""
    without_self: int | None = None
    """As the source itself counts without self-citations, where it does."""
    begins: bool = False
    """The first believed count of a record: not to be compared with what came before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHistory:
    """One paper's counts at one source, oldest first."""

    source: str
    points: tuple[HistoryPoint, ...]
    observed_at: Instant | None
    """When the source last confirmed the believed count."""
    citations: int | None
    """The last believed count."""
    high: int | None
    spark: str
    """Believed counts from the first reading of any source to the last confirmation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperHistory:
    """One paper's counts over time, source by source."""

    key: str
    title: str
    series: tuple[SourceHistory, ...]
    reconstructed: tuple[tuple[str, Reconstruction], ...] = ()
    """(source, what its past may have been before it was watched): never among the series."""


def with_past(history: PaperHistory, store: Store, paper: int, source: str | None) -> PaperHistory:
    """The history with its reconstructed pasts beside it."""
    made = store.past().reconstructions([paper])
    found = [(name, past) for (_, name), past in made.items() if source in (None, name)]
    return replace(history, reconstructed=tuple(found))


def past_spark(made: Reconstruction) -> str:
    """The shape of a reconstructed past, from its first month to the first observed count."""
    if not made.times:
        return ""
    axis = time_axis(made.times[0], made.first_at, steps=SPARK_STEPS)
    return sparkline(sample(Believed(made.times, made.counts), axis))


def find_changes(
    store: Store,
    *,
    since: Instant | None = None,
    until: Instant | None = None,
    kinds: Collection[Kind] = (),
    papers: Collection[int] | None = None,
    sources: Collection[str] = (),
) -> list[LoggedChange]:
    """Lines of the log from ``since`` to ``until``, both included, oldest first.

    ``papers`` None is all papers and whole sources; an empty collection is none.
    Raises `InputError` when the time runs backwards.
    """
    if since is not None and until is not None and since > until:
        raise InputError("--since lies after --until", remedy="give the earlier moment as --since")
    if papers is not None and not papers:
        return []
    wanted = ChangeFilter(
        since=since, until=until, kinds=kinds, papers=papers or (), sources=sources
    )
    return list(store.changes(wanted))


_TOGETHER = 3
_JOINS_WITHIN_S = 2 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines that one fault of a whole source let through together."""

    fault: LoggedChange
    rows: tuple[LoggedChange, ...]


def group_by_fault(
    changes: Sequence[LoggedChange], faults: Sequence[LoggedChange]
) -> list[LoggedChange | Group]:
    """The lines, those of papers in one fault at one pass as one group, in the same order.

    A paper is part of a fault when what its line says was first seen as the fault began.
    """
    grouped: dict[tuple[int, Kind, Instant], list[LoggedChange]] = {}
    places: list[LoggedChange | tuple[int, Kind, Instant]] = []
    by_number = {fault.number: fault for fault in faults}
    for row in changes:
        fault = _fault_of(row, faults)
        if fault is None:
            places.append(row)
            continue
        place = (fault.number, row.change.kind, row.change.at)
        if place not in grouped:
            places.append(place)
        grouped.setdefault(place, []).append(row)
    out: list[LoggedChange | Group] = []
    for entry in places:
        if isinstance(entry, LoggedChange):
            out.append(entry)
        elif len(rows := grouped[entry]) < _TOGETHER:
            out += rows
        else:
            out.append(Group(fault=by_number[entry[0]], rows=tuple(rows)))
    return out


def _fault_of(row: LoggedChange, faults: Sequence[LoggedChange]) -> LoggedChange | None:
    change = row.change
    if change.kind not in (Kind.DROP, Kind.LOST, Kind.FOUND) or change.first_seen_at is None:
        return None
    mine = [
        fault
        for fault in faults
        if fault.change.source == change.source and fault.change.at <= change.at
    ]
    if change.kind is Kind.FOUND:
        return mine[-1] if mine else None
    seen = change.first_seen_at
    near = [f for f in mine if -DAY < seen - f.change.at < _JOINS_WITHIN_S]
    return min(near, key=lambda fault: abs(seen - fault.change.at), default=None)


def paper_history(
    store: Store,
    stored: StoredPaper,
    *,
    counting: Collection[str] = (),
    source: str | None = None,
) -> PaperHistory:
    """The counts of one paper at every source that ever gave one.

    ``counting`` names sources that count: a series of theirs is shown also when it
    only holds misses. Raises `InputError` for a ``source`` that never gave this paper
    a count and is not one of them.
    """
    histories = store.histories(papers=[stored.number])
    facts = {h.source: h.facts for h in histories if h.facts is not None}
    shown = [
        history
        for history in histories
        if history.snapshots and (history.source in counting or _ever_counted(history))
    ]
    if source is not None:
        known = sorted({*counting, *(history.source for history in shown)})
        if source not in known:
            raise InputError(
                f"no counts from {source!r} for {stored.paper.key}",
                remedy=f"sources that can have some: {', '.join(known) or 'none'}",
            )
        shown = [history for history in shown if history.source == source]
    shown.sort(key=lambda history: history.source)
    return PaperHistory(
        key=stored.paper.key,
        title=shown_title(facts, stored.paper.title),
        series=tuple(_source_history(h, all_of=shown) for h in shown),
    )


def _ever_counted(history: History) -> bool:
    return any(s.citation_count is not None for s in history.snapshots)


def _source_history(history: History, *, all_of: Sequence[History]) -> SourceHistory:
    series = believed(history.snapshots)
    confirmed_at = _confirmed_at(history)
    start_at = min(h.snapshots[0].at for h in all_of)
    end_at = max(_confirmed_at(h) or h.snapshots[-1].at for h in all_of)
    axis = time_axis(start_at, end_at, steps=SPARK_STEPS)
    return SourceHistory(
        source=history.source,
        points=tuple(_point(s) for s in history.snapshots),
        observed_at=confirmed_at,
        citations=series.counts[-1] if series.counts else None,
        high=max(series.counts, default=None),
        spark=sparkline(series.along(axis)),
    )


def _confirmed_at(history: History) -> Instant | None:
    times = believed(history.snapshots).times
    if not times:
        return None
    counted_at = history.held.counted_at if history.held else None
    return max(times[-1], counted_at or times[-1])


def _point(snapshot: Snapshot) -> HistoryPoint:
    return HistoryPoint(
        at=snapshot.at,
        citations=snapshot.citation_count,
        influential=snapshot.influential_count,
        without_self=snapshot.without_self_count,
        begins=snapshot.status is Status.OK and snapshot.previous_count is None,
        status=snapshot.status,
    )
