"""How the headline counts went, read at the instants that a report looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from citewatch.domain.moves import earlier_start, month_starts, waking_instants
from citewatch.domain.papers import DAY, Instant
from citewatch.domain.trends import (
    YEAR_S,
    Believed,
    Counted,
    Instants,
    Sampled,
    believed,
    time_axis,
    year_start,
)
from citewatch.ports import Store
from citewatch.services.reported import ReportQuestion
from citewatch.services.standing import Standing

WINDOWS = (("7d", 7 * DAY), ("30d", 30 * DAY), ("365d", 365 * DAY))
MOVE_WINDOW = "30d"
"""The window by which papers are ranked, and the top movers chosen."""
SPARK_STEPS = 12
SPARK_SHORTEST_S = 7 * DAY
_NOTHING: Mapping[Instant, int | None] = {}


@dataclass(frozen=True, slots=True)
class Window:
    label: str
    start_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Clockwork:
    """The instants that a report looks at, the same for all papers."""

    as_of: Instant
    windows: tuple[Window, ...]
    axis: tuple[Instant, ...]
    """`SPARK_STEPS` instants at equal distances, the report's own being the last."""
    months: tuple[Instant, ...]
    """When the last whole calendar months began; none where nobody asks for the best."""

    def all(self) -> tuple[Instant, ...]:
        """Every instant once."""
        starts = (w.start_at for w in self.windows)
        waking = waking_instants(self.as_of)
        return tuple(dict.fromkeys((*starts, *self.axis, *self.months, *waking, self.as_of)))


def end_of(question: ReportQuestion) -> Instant:
    """The instant of the report; nothing is known of the future."""
    return question.now if question.as_of is None else min(question.as_of, question.now)


def read_curves(
    store: Store, question: ReportQuestion, headlines: Sequence[Standing], *, as_of: Instant
) -> tuple[Clockwork, dict[int, Counted]]:
    """The instants of the report, and the believed counts of each headline's series at them."""
    wholes: dict[int, Believed] = {h.series: h.whole for h in headlines if h.whole is not None}
    plain = [h for h in headlines if h.whole is None]
    clockwork = _clockwork(question, as_of, None)
    instants = clockwork.all()
    samples = store.samples([h.series for h in plain], instants) if plain else {}
    begins = [row[0] for row in samples.values() if row[0] is not None]
    begins += [whole.times[0] for whole in wholes.values() if whole.times]
    finer = _clockwork(question, as_of, min(begins, default=None))
    if finer != clockwork and plain:
        clockwork, instants = finer, finer.all()
        samples = store.samples([h.series for h in plain], instants)
    shared = Instants(instants)
    last = 1 + shared.places[as_of]
    off = [h for h in plain if samples[h.series][last] != h.count.citations]
    wholes |= _interrupted(store, off, as_of=as_of)
    plain = [h for h in plain if h.series not in wholes]
    own = _own_instants(store, plain, samples, moves=question.moves)
    curves: dict[int, Counted] = dict(wholes)
    for h in plain:
        row = samples[h.series]
        curves[h.series] = Sampled(
            shared, row[1:], row[0], h.count.citations, own.get(h.series, _NOTHING)
        )
    return clockwork, curves


def _interrupted(
    store: Store, headlines: Sequence[Standing], *, as_of: Instant
) -> dict[int, Believed]:
    """Series in which a reading from a file fell between two confirmations of one count."""
    if not headlines:
        return {}
    wanted = {h.series: h.count for h in headlines}
    sources = {h.count.source for h in headlines}
    found = {}
    for history in store.histories(sources=sources, until=as_of):
        count = wanted.get(history.series)
        if count is None or count.citations is None:
            continue
        series = believed(history.snapshots)
        at = count.observed_at or as_of
        times = (*series.times, max(at, series.times[-1] + 1)) if series.times else (at,)
        found[history.series] = Believed(times, (*series.counts, count.citations))
    return found


def _own_instants(
    store: Store,
    headlines: Sequence[Standing],
    samples: Mapping[int, Sequence[int | None]],
    *,
    moves: bool,
) -> dict[int, dict[Instant, int | None]]:
    """Counts where each paper's own last two years of observation begin."""
    starts: dict[int, Instant] = {}
    earlier: dict[int, Instant] = {}
    for h in headlines:
        begins_at, confirmed_at = samples[h.series][0], h.count.observed_at
        if confirmed_at is None:
            continue
        if (start_at := year_start(begins_at, confirmed_at, h.asked)) is None:
            continue
        starts[h.series] = start_at
        before_at = earlier_start(start_at, begins_at, h.asked) if moves else None
        if before_at is not None:
            earlier[h.series] = before_at
    found: dict[int, dict[Instant, int | None]] = {}
    for instants in (starts, earlier):
        counts = store.samples_at(instants) if instants else {}
        for series, at in instants.items():
            found.setdefault(series, {})[at] = counts.get(series)
    return found


def _clockwork(question: ReportQuestion, as_of: Instant, first_at: Instant | None) -> Clockwork:
    starts = {label: as_of - span_s for label, span_s in WINDOWS}
    start_at = question.since
    if start_at is None:
        begun_at = as_of - YEAR_S if first_at is None else max(first_at, as_of - YEAR_S)
        start_at = min(begun_at, as_of - SPARK_SHORTEST_S)
    else:
        starts.setdefault(question.since_label, start_at)
    return Clockwork(
        as_of=as_of,
        windows=tuple(Window(label, at) for label, at in starts.items()),
        axis=time_axis(start_at, as_of, steps=SPARK_STEPS),
        months=month_starts(as_of) if question.moves else (),
    )
