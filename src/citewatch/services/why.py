"""What led to a line of the log: the readings and passes behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from citewatch.domain.papers import DAY, Facts, Instant, Kind, Snapshot, Status
from citewatch.errors import InputError
from citewatch.ports import ChangeFilter, History, LoggedChange, Run, Store

_PASSES_SHOWN = 10
_LARGEST = 2**63 - 1
"""What a database can number."""
_COUNTED = frozenset(
    {Kind.MILESTONE, Kind.MILESTONE_LOST, Kind.CLAIM_STALE, Kind.DROP, Kind.LOST, Kind.FOUND}
)

RULES = {
    Kind.MILESTONE: "a threshold is announced when the count has been at or above it for "
    "confirm_after and at two readings; three times as long while it stands exactly there and "
    "fell in the last 150 days, eight times after a leap of more than 30 % in a week",
    Kind.MILESTONE_LOST: "an announced threshold is taken back, once, when the count has been "
    "below it for 30 days",
    Kind.DROP: "a fall of at least 3 and 5 % from what had held is said when it has stood for "
    "confirm_after and at two readings",
    Kind.CLAIM_STALE: "a badge can be raised when the headline's count has been at or above a "
    "threshold above it for confirm_after and at two readings; once a paper and threshold",
    Kind.LOST: "a paper is lost when the source did not know it at two readings, at least 20 "
    "hours (or confirm_after) apart",
    Kind.FOUND: "a paper is found when a source knows it that had lost it, or never knew it "
    "on different days",
    Kind.MERGED: "the source answered with another record than before, one that was not known "
    "to be the paper's",
    Kind.CITING: "new is what the list of citing works did not hold at the look before; gone is "
    "what whole lists have lacked for confirm_after, two at least and 20 hours apart, unless its "
    "title still stands there",
    Kind.SOURCE_FAULT: "more papers moved together than this source's own past makes likely, "
    "at least three; they are held for twice confirm_after or until most are back",
    Kind.SOURCE_STALLED: "no count has moved for three times the longest silence of this "
    "source so far, and for a week",
    Kind.SOURCE_DOWN: "no answer in two passes one after the other",
    Kind.SOURCE_UP: "an answer after the source was said to be down",
}
"""The rule behind a kind, where it is one of judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReading:
    """What the source said at one reading that mattered."""

    at: Instant
    citations: int | None
    status: Status
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HitPaper:
    """One paper in a fault of the whole source."""

    key: str
    before: int | None
    said: int | None
    """None: the source did not know it."""
    after: Snapshot | None
    """The next thing that was said and differs; None: nothing yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A line of the log and what is behind it."""

    change: LoggedChange
    rule: str
    readings: tuple[SeenReading, ...] = ()
    said: tuple[tuple[str, str, str], ...] = ()
    """(what, before, after): statements that changed."""
    papers: tuple[HitPaper, ...] = ()
    passes: tuple[Run, ...] = ()
    """The last passes over the source from first sight to confirmation."""
    asked: int = 0
    """How many passes there were."""


def explain(store: Store, number: int) -> Why:
    """What led to line ``number`` of the log. Raises `InputError` for one that is not there."""
    found = store.changes(ChangeFilter(numbers=(number,))) if 0 < number <= _LARGEST else ()
    if not found:
        raise InputError(
            f"no change has the number {number}",
            remedy="'citewatch changes' shows the numbers, as #12",
        )
    row = found[0]
    change = row.change
    since = change.at if change.first_seen_at is None else change.first_seen_at
    runs = _passes(store, change.source, since, change.at)
    series = _series(store, row)
    return Why(
        change=row, rule=RULES.get(change.kind, ""), passes=tuple(runs[-_PASSES_SHOWN:]),
        asked=len(runs),
        papers=_hit(store, change.source, runs[-1].started_at if runs else since, change.at)
        if change.kind is Kind.SOURCE_FAULT else (),
        readings=_readings(series, row, since) if series and _is_counted(row) else (),
        said=_statements(store, row),
    )  # fmt: skip


def _is_counted(row: LoggedChange) -> bool:
    return row.change.kind in _COUNTED or row.change.kind is Kind.MERGED


def _passes(store: Store, source: str, since: Instant, until: Instant) -> list[Run]:
    """Passes in which something was asked, from the one that saw it first."""
    runs = [r for r in store.runs(source=source, since=since - DAY, until=until) if r.papers]
    before = [run for run in runs if run.started_at <= since]
    return [*before[-1:], *(run for run in runs if run.started_at > since)]


def _series(store: Store, row: LoggedChange) -> History | None:
    paper = row.change.paper
    if paper is None:
        return None
    found = store.histories(papers=[paper], sources={row.change.source}, until=row.change.at)
    return next(iter(found), None)


def _readings(series: History, row: LoggedChange, since: Instant) -> tuple[SeenReading, ...]:
    """The reading before, those from first sight on, and the one that confirmed it."""
    change = row.change
    before = [s for s in series.snapshots if s.at < since and s.status is Status.OK]
    between = [s for s in series.snapshots if s.at >= since]
    seen = [_seen(before[-1], "believed before")] if before else []
    for place, snapshot in enumerate(between):
        first = "first seen" if place == 0 else ""
        seen.append(_seen(snapshot, first or _word(snapshot)))
    last = seen[-1] if seen else None
    if last is not None and last.at == change.at:
        seen[-1] = _noted(last, "confirmed" if last.at != since else last.note)
    elif last is not None:
        seen.append(
            SeenReading(
                at=change.at, citations=last.citations,
                status=Status.MISSING if last.status is Status.MISSING else Status.OK,
                note="confirmed, unchanged",
            )
        )  # fmt: skip
    return tuple(seen)


def _seen(snapshot: Snapshot, note: str) -> SeenReading:
    return SeenReading(
        at=snapshot.at, citations=snapshot.citation_count, status=snapshot.status, note=note
    )


def _noted(seen: SeenReading, note: str) -> SeenReading:
    return SeenReading(at=seen.at, citations=seen.citations, status=seen.status, note=note)


def _word(snapshot: Snapshot) -> str:
    match snapshot.status:
        case Status.HELD:
            return "held back"
        case Status.MISSING:
            return "not known"
        case _:
            return "believed"


# --- statements and whole sources -----------------------------------------------------


_SHOWN = ("title", "year", "venue", "version", "comment", "journal_ref", "doi", "decision_text",
          "withdrawn", "retracted", "notices")  # fmt: skip


def _statements(store: Store, row: LoggedChange) -> tuple[tuple[str, str, str], ...]:
    """What the source said of the paper before and since; only what differs."""
    change = row.change
    if change.paper is None or change.kind in _COUNTED:
        return ()
    before, after = (
        _facts(store, change.paper, change.source, at) for at in (change.at - 1, change.at)
    )
    pairs = ((name, _text(getattr(before, name)), _text(getattr(after, name))) for name in _SHOWN)
    found = [(name, was, now) for name, was, now in pairs if was != now]
    if change.old is not None or change.new is not None:
        found = found or [("", _text(change.old), _text(change.new))]
    return tuple(found)


def _facts(store: Store, paper: int, source: str, at: Instant) -> Facts:
    found = store.histories(papers=[paper], sources={source}, until=at)
    return next((h.facts for h in found if h.facts is not None), Facts())


def _text(value: object) -> str:
    if value is None or value == ():
        return ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _hit(store: Store, source: str, began: Instant, at: Instant) -> tuple[HitPaper, ...]:
    """The papers whose readings were held back or missed in the pass that began the fault."""
    keys = {stored.number: stored.paper.key for stored in store.papers()}
    hit = []
    for history in store.histories(sources={source}, since=began - 1):
        rows: Sequence[Snapshot] = history.snapshots
        for place, row in enumerate(rows):
            if began <= row.at <= at and row.status in (Status.HELD, Status.MISSING):
                hit.append(
                    HitPaper(
                        key=keys.get(history.paper, ""), before=row.previous_count,
                        said=row.citation_count, after=next(iter(rows[place + 1 :]), None),
                    )
                )  # fmt: skip
                break
    return tuple(sorted(hit, key=lambda paper: (-(paper.before or 0), paper.key)))
