"""How every count stood at an instant: what the report says of one paper at one source.

What is known of a series without its history nearly always says it all (`stand`). Where it
does not, the snapshots are read (`stand_exactly`): a reading that is held, a record that
was let go, readings from a file, and days of which the store kept nothing but snapshots.
For those days the finished passes over the source say when it was last asked with success.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from citewatch.domain.papers import DAY, Instant, Snapshot, Status
from citewatch.domain.trends import Asked, Believed, believed
from citewatch.ports import Run, Track

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
    series: int
    asked: Asked
    within_s: int
    """Twice the schedule of the source."""
    known: bool | None
    """Whether the source knows the paper; None where it never answered."""
    answered: str = ""
    """The source's record that answered, ``scheme:value``."""
    whole: Believed | None = None
    """The believed counts, where they had to be read whole."""


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
    configured: Sequence[SourceSchedule], sources: Iterable[str], passes: Mapping[str, Passes]
) -> dict[str, int]:
    """Seconds between two looks, by source.

    For a source that was only ever read in from files this is the usual step between
    its passes, between a day and a week: its schedule is what happened.
    """
    every_s = {s.name: s.every_s for s in configured}
    for source in set(sources).difference(every_s):
        times = sorted(set(passes.get(source, Passes()).started))
        steps = [b - a for a, b in pairwise(times)]
        usual = int(median(steps)) if steps else UNKNOWN_EVERY_S
        every_s[source] = min(max(DAY, usual), UNKNOWN_EVERY_S)
    return every_s


def is_plain(track: Track) -> bool:
    """Whether a series stands as its state says, and its counts are those of one record."""
    if track.citation_count is None:
        return True
    # What came with a reading that is held, or was when the paper went missing, is in the
    # state too, and is not believed.
    return track.status is Status.OK and track.begun_at is None and track.counted_at is not None


def stand(track: Track, *, passes: Passes, every_s: int, as_of: Instant) -> Standing:
    """How one count stood at ``as_of``, of which ``track`` is."""
    confirmed_at = None if track.citation_count is None else track.counted_at
    return Standing(
        count=Count(
            source=track.source,
            status=_status(track.status, confirmed_at, every_s=every_s, as_of=as_of),
            citations=track.citation_count,
            influential=track.influential_count,
            without_self=track.without_self_count,
            observed_at=confirmed_at,
            high=track.high,
        ),
        series=track.series,
        asked=Asked(passes.started, track.answered_at),
        within_s=2 * every_s,
        known=None if track.status is Status.NEVER else track.status is not Status.MISSING,
        answered=track.answered,
    )


def stand_exactly(
    track: Track,
    snapshots: Sequence[Snapshot],
    *,
    passes: Passes,
    every_s: int,
    as_of: Instant,
) -> Standing:
    """`stand` with the snapshots up to ``as_of``, for a series that is not plain."""
    series = _of_record(believed(snapshots), track)
    last = _last_believed(snapshots) if series.times else None
    confirmed_at = _confirmed_at(series, snapshots, track=track, passes=passes)
    return Standing(
        count=Count(
            source=track.source,
            status=_status(track.status, confirmed_at, every_s=every_s, as_of=as_of),
            citations=series.last,
            influential=last.influential_count if last else None,
            without_self=last.without_self_count if last else None,
            observed_at=confirmed_at,
            high=max(series.counts, default=None),
        ),
        series=track.series,
        asked=Asked(passes.started, track.answered_at),
        within_s=2 * every_s,
        known=None if track.status is Status.NEVER else track.status is not Status.MISSING,
        answered=track.answered,
        whole=series,
    )


def _status(
    status: Status, confirmed_at: Instant | None, *, every_s: int, as_of: Instant
) -> Status:
    if status is not Status.OK:
        return status
    if confirmed_at is None:
        return Status.NEVER
    return Status.STALE if as_of - confirmed_at > 2 * every_s else Status.OK


def _of_record(series: Believed, track: Track) -> Believed:
    """The series of the record that was asked then: one that was let go takes its counts along."""
    if track.citation_count is None or not series.times:
        return Believed((), ())
    counted_at = track.counted_at or 0
    if track.citation_count != series.counts[-1] and counted_at > series.times[-1]:
        # A reading from a file fell between two confirmations of the same count.
        series = Believed((*series.times, counted_at), (*series.counts, track.citation_count))
    place = bisect_left(series.times, track.begun_at or 0)
    return Believed(series.times[place:], series.counts[place:])


def _confirmed_at(
    series: Believed, snapshots: Sequence[Snapshot], *, track: Track, passes: Passes
) -> Instant | None:
    """When the source last confirmed the last believed count."""
    if not series.times:
        return None
    last = series.times[-1]
    if track.counted_at is not None:
        return max(last, track.counted_at)
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
