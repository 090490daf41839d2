"""How every count stood at an instant: what the report says of one paper at one source.

Two ways lead to the same answer. Where the state row is still the one of that instant
(always, when the instant is now) it says exactly when the source last confirmed the
count. For an instant with later answers the row has moved on, and the finished passes
over the source say when it was last asked with success.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from citewatch.domain.papers import DAY, Held, Instant, Snapshot, Status
from citewatch.domain.trends import Asks, Believed, believed
from citewatch.ports import History, Run

UNKNOWN_EVERY_S = 7 * DAY
"""Taken as the schedule of a source that is not configured and was read in only once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSchedule:
    """What the configuration says of one source, as far as reports need it."""

    name: str
    label: str
    every_s: int
    counts: bool
    """Whether its answers carry citation counts."""
    enabled: bool
    about: str = ""
    """One sentence: what it is good for, or where its key comes from."""
    needs: str = ""
    """What it cannot be asked without, and where that is to be set; "" when nothing."""
    switched: bool = False
    """Whether config.toml itself says if it is on."""
    interval_s: float = 0.0
    """Seconds between two requests, as configured or by its own rule."""
    rule_s: float = 0.0
    """Its own rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One paper's count at one source; None is unknown, never 0.

    ``citations`` is the last believed count, ``observed_at`` when the source last
    confirmed it, ``high`` the highest believed so far.
    """

    source: str
    status: Status
    citations: int | None = None
    influential: int | None = None
    without_self: int | None = None
    """As the source itself counts without self-citations, where it does."""
    observed_at: Instant | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A count with what is needed to say how it moves."""

    count: Count
    series: Believed
    asks: Asks
    within_s: int
    """Twice the schedule of the source."""
    known: bool | None
    """Whether the source knows the paper; None where it never answered."""
    snapshots: Sequence[Snapshot] = ()
    """Everything it said, up to the instant of the report."""


@dataclass(frozen=True, slots=True)
class Passes:
    """Finished passes in which one source answered, ascending."""

    started: tuple[Instant, ...] = ()
    finished: tuple[Instant, ...] = ()

    def last_before(self, at: Instant) -> Instant | None:
        """Start of the last pass that was over before ``at``."""
        place = bisect_left(self.started, at)
        while place and self.finished[place - 1] >= at:
            place -= 1
        return self.started[place - 1] if place else None

    def started_until(self, at: Instant | None) -> tuple[Instant, ...]:
        """Starts up to ``at``; all of them for None."""
        if at is None or not self.started or self.started[-1] <= at:
            return self.started
        return self.started[: bisect_right(self.started, at)]


def answered(run: Run) -> bool:
    """Whether the source was asked in this pass and answered."""
    asked = run.trigger == "import" or run.requests > 0 or run.found + run.missing > 0
    return run.finished_at is not None and run.status in ("ok", "partial") and asked


def passes_by_source(runs: Iterable[Run], as_of: Instant) -> dict[str, Passes]:
    """Passes over counts, finished by ``as_of``.

    An imported pass carries the date of its readings and counts on that date. Title
    searches of ``resolve`` say nothing about the counts of other papers.
    """
    found: dict[str, list[tuple[Instant, Instant]]] = {}
    for run in runs:
        over = run.finished_at is not None and run.finished_at <= as_of
        if over and run.trigger != "resolve" and answered(run):
            pair = (run.started_at, run.finished_at or run.started_at)
            found.setdefault(run.source, []).append(pair)
    result = {}
    for source, pairs in found.items():
        pairs.sort()
        result[source] = Passes(tuple(a for a, _ in pairs), tuple(b for _, b in pairs))
    return result


def schedules_s(
    configured: Sequence[SourceSchedule],
    histories: Sequence[History],
    passes: Mapping[str, Passes],
) -> dict[str, int]:
    """Seconds between two looks, by source.

    For a source that was only ever read in from files this is the usual step between
    its passes, between a day and a week: its schedule is what happened.
    """
    every_s = {s.name: s.every_s for s in configured}
    times: dict[str, set[Instant]] = {}
    for history in histories:
        if history.source not in every_s:
            times.setdefault(history.source, set()).update(s.at for s in history.snapshots)
    for source, seen in times.items():
        seen.update(passes.get(source, Passes()).started)
        ordered = sorted(seen)
        steps = [b - a for a, b in pairwise(ordered)]
        usual = int(median(steps)) if steps else UNKNOWN_EVERY_S
        every_s[source] = min(max(DAY, usual), UNKNOWN_EVERY_S)
    return every_s


def stand(
    history: History, held: Held | None, *, passes: Passes, every_s: int, as_of: Instant
) -> Standing:
    """How one count stood at ``as_of``.

    ``history`` ends at ``as_of``. ``held`` is the state row of that instant, None
    where it has moved on since.
    """
    series = _since_begun(believed(history.snapshots), history.snapshots, held)
    confirmed_at = _confirmed_at(series, history.snapshots, held=held, passes=passes)
    status, known = _answer(history, held)
    if status is Status.OK:
        if confirmed_at is None:
            status = Status.NEVER
        elif as_of - confirmed_at > 2 * every_s:
            status = Status.STALE
    asked = passes.started_until(held.answered_at if held else None)
    last = _last_believed(history.snapshots)
    return Standing(
        count=Count(
            source=history.source,
            status=status,
            citations=series.counts[-1] if series.counts else None,
            influential=last.influential_count if last else None,
            without_self=last.without_self_count if last else None,
            observed_at=confirmed_at,
            high=max(series.counts, default=None),
        ),
        series=series,
        asks=(asked, tuple(s.at for s in history.snapshots)),
        within_s=2 * every_s,
        known=known,
        snapshots=history.snapshots,
    )


def state_then(held: Held | None, as_of: Instant | None) -> Held | None:
    """The state row, where it is still the one of ``as_of`` (None: of now)."""
    if held is None or held.answered_at is None:
        return None
    return held if as_of is None or held.answered_at <= as_of else None


def _since_begun(series: Believed, snapshots: Sequence[Snapshot], held: Held | None) -> Believed:
    """The series of the record that is asked now.

    When a record is let go, the state begins anew while its snapshots stay. Databases of
    the first schema do not say when; there the state's high tells: it is missing, or lower
    than what the snapshots hold.
    """
    if held is None or not series.counts:
        return series
    if held.citation_count is None:
        return Believed((), ())
    counted_at = held.counted_at or 0
    if held.citation_count != series.counts[-1] and counted_at > series.times[-1]:
        # A reading from a file fell between two confirmations of the same count.
        series = Believed((*series.times, counted_at), (*series.counts, held.citation_count))
    if held.begun_at is not None:
        place = bisect_left(series.times, held.begun_at)
        return Believed(series.times[place:], series.counts[place:])
    if held.high is None or held.high >= max(series.counts):
        return series
    begun_at = max((s.at for s in snapshots if _first_sight(s)), default=series.times[0])
    place = series.times.index(begun_at)
    return Believed(series.times[place:], series.counts[place:])


def _first_sight(snapshot: Snapshot) -> bool:
    known = snapshot.citation_count is not None and snapshot.status is Status.OK
    return known and snapshot.previous_count is None


def _answer(history: History, held: Held | None) -> tuple[Status, bool | None]:
    """How the last answer left the count, and whether the source knows the paper."""
    if held is not None and held.status is not Status.NEVER:
        return held.status, held.status is not Status.MISSING
    if history.snapshots:
        last = history.snapshots[-1].status
        return last, last is not Status.MISSING
    return Status.NEVER, True if history.facts is not None else None


def _confirmed_at(
    series: Believed, snapshots: Sequence[Snapshot], *, held: Held | None, passes: Passes
) -> Instant | None:
    """When the source last confirmed the last believed count."""
    if not series.times:
        return None
    last = series.times[-1]
    if held is not None and held.counted_at is not None:
        return max(last, held.counted_at)
    # The first reading after the believed one that said something else.
    other_at = next((s.at for s in snapshots if s.at > last), None)
    if other_at is not None:
        seen = passes.last_before(other_at)
    else:
        seen = passes.started[-1] if passes.started else None
    return max(last, seen or last)


def _last_believed(snapshots: Sequence[Snapshot]) -> Snapshot | None:
    for snapshot in reversed(snapshots):
        if snapshot.status is Status.OK and snapshot.citation_count is not None:
            return snapshot
    return None
