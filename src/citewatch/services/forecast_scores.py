"""How well forecasts did: what was said, and what came, for the papers of a list.

Nothing of this is stored: the readings say what came, also those that are imported later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median

from citewatch.domain.forecast import Day, Expected
from citewatch.domain.outlook import HORIZONS_D
from citewatch.domain.papers import DAY, Instant
from citewatch.domain.trends import looked_at, straight_line
from citewatch.ports import MadeForecast, Store
from citewatch.services.reported import ReportQuestion
from citewatch.services.standing import Standing, passes_by_source, schedules_s
from citewatch.services.whole import NOTHING, whole_standings

EXAMPLES = 3
WIDE = 4
"""An interval whose ends are closer holds more than its share: counts are whole numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredForecast:
    """One forecast of one horizon, and what came."""

    key: str
    title: str
    source: str
    made_at: Instant
    days: int
    count: int
    """When it was made."""
    said: Expected
    line: float
    """What a straight line through the last year had said."""
    came: int

    @property
    def held(self) -> bool:
        """Whether the interval held what came."""
        return self.said.low <= self.came <= self.said.high

    @property
    def off(self) -> float:
        """The error of the median, in roots of the count."""
        return abs(self.came - self.said.citations) / sqrt(max(1, self.count))


@dataclass(frozen=True, slots=True, kw_only=True)
class HorizonScore:
    """All forecasts that far ahead. Shares and errors are None of none."""

    days: int
    scored: int
    waiting: int
    """Not due yet."""
    unknown: int
    """Due, but the source was not asked around that day."""
    held: float | None
    wide: int
    """Those of `scored` whose interval is at least `WIDE` counts wide."""
    wide_held: float | None
    error: float | None
    """Median of the absolute errors, in citations."""
    line_error: float | None
    """The same of the straight line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdScore:
    """What was first said of each threshold, of those that are decided.

    One is decided when the count has reached it, or when its last likely day is over.
    """

    foreseen: int
    decided: int
    within: int
    """Reached between the first and the last likely day."""
    early: int
    late: int
    """Reached after the last likely day, or not yet though it is over."""
    days_off: float | None
    """Median of the days between expected and reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastScores:
    """How well forecasts did up to an instant."""

    as_of: Instant
    watchlist: str | None
    made: int
    """Forecasts that are kept."""
    first_due_at: Instant | None
    """When the first one can be scored."""
    horizons: tuple[HorizonScore, ...]
    thresholds: ThresholdScore
    best: tuple[ScoredForecast, ...]
    worst: tuple[ScoredForecast, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the series that a forecast is about."""

    key: str
    title: str
    standing: Standing


def score_forecasts(store: Store, question: ReportQuestion) -> ForecastScores:
    """Score every kept forecast of the question's papers, at its source or at all."""
    as_of = question.now if question.as_of is None else min(question.as_of, question.now)
    numbers = [p.number for p in question.papers if p.number is not None]
    known = _series(store, question, numbers, as_of)
    made = [
        one
        for one in (store.forecasts().made(numbers) if numbers else ())
        if one.made_at <= as_of and one.series in known
    ]
    scored: list[ScoredForecast] = []
    horizons = []
    for days in HORIZONS_D:
        came, waiting, unknown = _score(made, known, days=days, as_of=as_of)
        horizons.append(_horizon(days, came, waiting=waiting, unknown=unknown))
        scored += came
    ordered = sorted(scored, key=lambda s: (s.off, s.key, s.source, s.made_at, s.days))
    return ForecastScores(
        as_of=as_of,
        watchlist=question.watchlist,
        made=len(made),
        first_due_at=min((m.made_at + HORIZONS_D[0] * DAY for m in made), default=None),
        horizons=tuple(horizons),
        thresholds=_thresholds(made, known, as_of=as_of),
        best=tuple(_one_each(s for s in ordered if s.came != s.count)),
        worst=tuple(_one_each(s for s in reversed(ordered) if s.off)),
    )


def _series(
    store: Store, question: ReportQuestion, numbers: Collection[int], as_of: Instant
) -> dict[int, _Known]:
    """The series of the papers as they were known, by number."""
    if not numbers:
        return {}
    past = as_of if as_of < question.now else None
    sources = () if question.source is None else (question.source,)
    passes = passes_by_source(store.runs(until=past), as_of)
    asked = {t.source for t in store.tracks(list(numbers), until=past)}
    every_s = schedules_s(question.sources, asked, passes)
    papers = {p.number: p.paper for p in question.papers}
    found = whole_standings(
        store, numbers, sources=sources, as_of=as_of, until=past, passes=passes, every_s=every_s
    )
    return {
        track.series: _Known(papers[track.paper].key, papers[track.paper].title, standing)
        for track, standing in found
    }


def _score(
    made: Sequence[MadeForecast], known: dict[int, _Known], *, days: int, as_of: Instant
) -> tuple[list[ScoredForecast], int, int]:
    """Those that can be scored, how many are not due, and of how many nobody knows."""
    scored = []
    waiting = 0
    for one in made:
        series = known[one.series]
        standing, due_at = series.standing, one.made_at + days * DAY
        confirmed_at = standing.count.observed_at or 0
        if due_at > as_of or (due_at > confirmed_at and as_of - due_at < standing.within_s):
            waiting += 1
            continue
        whole = standing.whole or NOTHING
        came = whole.at(due_at)
        seen = looked_at(whole, due_at, asked=standing.asked, within_s=standing.within_s) or any(
            abs(at - due_at) <= standing.within_s for at in whole.times
        )
        ahead_d = days + (one.made_at - one.known_at) / DAY
        line = straight_line(whole, one.known_at, days=ahead_d)
        if came is None or line is None or not seen or due_at > confirmed_at:
            continue
        scored.append(
            ScoredForecast(
                key=series.key,
                title=series.title,
                source=one.source,
                made_at=one.made_at,
                days=days,
                count=one.pace.count,
                said=dict(one.forecast.horizons)[days],
                line=line,
                came=came,
            )
        )
    return scored, waiting, len(made) - waiting - len(scored)


def _horizon(
    days: int, came: Sequence[ScoredForecast], *, waiting: int, unknown: int
) -> HorizonScore:
    wide = [s for s in came if s.said.high - s.said.low >= WIDE]
    return HorizonScore(
        days=days,
        scored=len(came),
        waiting=waiting,
        unknown=unknown,
        held=fmean(s.held for s in came) if came else None,
        wide=len(wide),
        wide_held=fmean(s.held for s in wide) if wide else None,
        error=median(abs(s.came - s.said.citations) for s in came) if came else None,
        line_error=median(abs(s.came - s.line) for s in came) if came else None,
    )


def _one_each(scored: Iterable[ScoredForecast]) -> list[ScoredForecast]:
    """The first few, of different papers."""
    found: dict[str, ScoredForecast] = {}
    for one in scored:
        if len(found) < EXAMPLES:
            found.setdefault(one.key, one)
    return list(found.values())


def _thresholds(
    made: Sequence[MadeForecast], known: dict[int, _Known], *, as_of: Instant
) -> ThresholdScore:
    first: dict[tuple[int, int], MadeForecast] = {}
    for one in made:
        coming = one.forecast.next
        if coming is not None and coming.expected_on is not None:
            first.setdefault((one.series, coming.threshold), one)
    within = early = late = 0
    off: list[int] = []
    today = as_of // DAY
    for (series, threshold), one in first.items():
        coming = one.forecast.next
        if coming is None or coming.expected_on is None:
            continue
        reached = _reached_on(known[series].standing, threshold, after_at=one.made_at)
        if reached is not None:
            off.append(abs(reached - coming.expected_on))
            early += coming.low_on is not None and reached < coming.low_on
            late += coming.high_on is not None and reached > coming.high_on
            within += (coming.low_on or 0) <= reached <= (coming.high_on or reached)
        else:
            late += coming.high_on is not None and coming.high_on < today
    return ThresholdScore(
        foreseen=len(first),
        decided=within + early + late,
        within=within,
        early=early,
        late=late,
        days_off=median(off) if off else None,
    )


def _reached_on(standing: Standing, threshold: int, *, after_at: Instant) -> Day | None:
    series = standing.whole or NOTHING
    for at, count in zip(series.times, series.counts, strict=True):
        if at > after_at and count >= threshold:
            return at // DAY
    return None
