"""The lines of a report: one a paper, made of what was read from the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from citewatch.domain.forecast import Forecast
from citewatch.domain.identifiers import (
    ARXIV,
    DOI,
    OPENALEX,
    OPENREVIEW,
    SCHEMES,
    SEMANTIC_SCHOLAR,
    Identifier,
)
from citewatch.domain.moves import acceleration, age_years, best_month, day_of
from citewatch.domain.papers import Status
from citewatch.domain.trends import Counted, delta, per_year
from citewatch.ports import Said
from citewatch.services.curves import MOVE_WINDOW, SPARK_STEPS
from citewatch.services.reported import PaperTrend, ReportedPaper
from citewatch.services.standing import Count, Standing
from citewatch.services.watchlist import WatchedPaper
from citewatch.services.world import World, rank_of, totals_once

TITLE_SOURCES = ("arxiv", "crossref", "openalex", "semantic_scholar")
"""Whose title is shown, best first, once the source was accepted; else the list's."""
VENUE_SOURCES = ("crossref", "openalex", "semantic_scholar", "openreview", "arxiv")
ID_SCHEMES = (ARXIV, DOI, SEMANTIC_SCHOLAR, OPENREVIEW, OPENALEX)
"""The order in which a report names identifiers; other schemes follow."""
_ID_ORDER = {s: place for place, s in enumerate(dict.fromkeys((*ID_SCHEMES, *SCHEMES)))}
_UNKNOWN = (None,) * SPARK_STEPS


class _Move(NamedTuple):
    """How a headline moved."""

    delta: Mapping[str, int]
    per_year: float | None
    spark: tuple[int | None, ...]
    acceleration: float | None = None
    best_month: tuple[str, int] | None = None


_NO_MOVE = _Move({}, None, _UNKNOWN)


def paper_lines(world: World, forecasts: Mapping[int, Forecast]) -> list[ReportedPaper]:
    """The line of every paper, in the order of the list; ``forecasts`` by headline series."""
    moves = [
        _NO_MOVE if headline is None else _move(world, headline, world.curves[headline.series])
        for headline in world.headlines
    ]
    shown = _Shown(world, _ranks(world, moves), forecasts)
    return [_line(world, place, move, shown) for place, move in enumerate(moves)]


class _Shown:
    """What the lines of one report have in common."""

    def __init__(
        self, world: World, ranks: Mapping[int, int], forecasts: Mapping[int, Forecast]
    ) -> None:
        source = world.question.source
        self.asked = {s.name for s in world.question.sources if s.counts and s.enabled}
        if source is not None:
            self.asked &= {source}
        self.ranks = ranks
        self.forecasts = forecasts
        self.today = day_of(world.as_of)
        self._question = world.question
        self._orders: dict[frozenset[str], list[str]] = {}

    def order(self, gave: set[str]) -> list[str]:
        """Sources that are asked, and those that gave a count, in the order of the report."""
        names = frozenset(gave | self.asked)
        if names not in self._orders:
            self._orders[names] = sorted(names, key=lambda name: rank_of(self._question, name))
        return self._orders[names]


def _ranks(world: World, moves: Sequence[_Move]) -> dict[int, int]:
    """Rank of the 30-day move by place; equal moves share one, further records have none."""
    known = {
        place: moves[place].delta[MOVE_WINDOW]
        for place in totals_once(world).values()
        if MOVE_WINDOW in moves[place].delta
    }
    first: dict[int, int] = {}
    for rank, move in enumerate(sorted(known.values(), reverse=True), start=1):
        first.setdefault(move, rank)
    return {place: first[move] for place, move in known.items()}


def _line(world: World, place: int, move: _Move, shown: _Shown) -> ReportedPaper:
    watched, headline = world.papers[place], world.headlines[place]
    first = world.same_as.get(place)
    paper = watched.paper
    said = _of(world.said, watched)
    counts = _counts(world, watched, shown)
    citations = headline.count.citations if headline else None
    year = paper.year if paper.year is not None else _year(said)
    dates = [facts.published_on for facts in said.values() if facts.published_on]
    return ReportedPaper(
        key=paper.key,
        title=shown_title(said, paper.title),
        year=year,
        venue=_venue(said, paper.venue),
        retracted_by=tuple([source for source, facts in said.items() if facts.retracted]),
        ids=_shown_ids(world.ids[place]),
        claim=paper.claim,
        badge=None if citations is None else world.question.badge_for(citations),
        citations=citations,
        source=headline.count.source if headline else None,
        counts=counts,
        delta=move.delta,
        per_year=move.per_year,
        status=headline.count.status if headline else _answer(counts),
        same_as=None if first is None else world.papers[first].paper.key,
        watchlists=watched.watchlists,
        spark=move.spark,
        forecast=None if headline is None else shown.forecasts.get(headline.series),
        trend=PaperTrend(
            age_years=age_years(min(dates, default=None), year, shown.today),
            acceleration=move.acceleration,
            best_month=move.best_month,
            rank=shown.ranks.get(place),
        ),
    )


def _answer(counts: Sequence[Count]) -> Status:
    """How a paper without a count stands: as its first answer."""
    return next((c.status for c in counts if c.status is not Status.NEVER), Status.NEVER)


_T = TypeVar("_T")


def _of(known: Mapping[int, Mapping[str, _T]], watched: WatchedPaper) -> Mapping[str, _T]:
    """What is known of a paper by source; nothing while the store has not met it."""
    return {} if watched.number is None else known.get(watched.number, {})


def _counts(world: World, watched: WatchedPaper, shown: _Shown) -> tuple[Count, ...]:
    """One count a source: those that are asked, and those that ever gave one."""
    standings, only = _of(world.standings, watched), world.question.source
    gave = {
        name
        for name, standing in standings.items()
        if standing.count.citations is not None and only in (None, name)
    }
    return tuple(
        [
            standings[name].count if name in standings else Count(source=name, status=Status.NEVER)
            for name in shown.order(gave)
        ]
    )


def _move(world: World, headline: Standing, curve: Counted) -> _Move:
    clockwork, asked, within_s = world.clockwork, headline.asked, headline.within_s
    gains = {}
    for window in clockwork.windows:
        gain = delta(curve, window.start_at, asked=asked, within_s=within_s)
        if gain is not None:
            gains[window.label] = gain
    confirmed_at = headline.count.observed_at
    spark = curve.along(clockwork.axis)
    rate = None if confirmed_at is None else per_year(curve, confirmed_at, asked=asked)
    if not world.question.moves:
        return _Move(gains, rate, spark)
    return _Move(
        delta=gains,
        per_year=rate,
        spark=spark,
        acceleration=None
        if confirmed_at is None
        else acceleration(curve, confirmed_at, asked=asked),
        best_month=best_month(curve, clockwork.months, asked=asked, within_s=within_s),
    )


class Titled(Protocol):
    """What names a paper: all that a source says of it, or a part."""

    @property
    def title(self) -> str | None:
        """The title, where the source gives one."""


def shown_title(facts: Mapping[str, Titled], listed: str) -> str:
    """The list's title until a source was accepted, then that of the best source."""
    said = (facts[source].title for source in TITLE_SOURCES if source in facts)
    return next((title for title in said if title), listed)


def _year(facts: Mapping[str, Said]) -> int | None:
    return next((facts[s].year for s in VENUE_SOURCES if s in facts and facts[s].year), None)


def _venue(facts: Mapping[str, Said], listed: str) -> str:
    said = [v for s in VENUE_SOURCES if s in facts and (v := facts[s].venue)]
    # A preprint server as venue says that the source knows none.
    real = [v for v in said if "arxiv" not in v.lower()]
    return next(iter([*real, *([listed] if listed else []), *said]), "")


def _shown_ids(ids: Sequence[Identifier]) -> tuple[tuple[str, str], ...]:
    first: dict[str, str] = {}
    # Semantic Scholar's stable name of a record is the sha; a CorpusId is its second one.
    for second in (False, True):
        for identifier in ids:
            if identifier.value.startswith("CorpusId:") is second:
                first.setdefault(identifier.scheme, identifier.value)
    return tuple([(s, first[s]) for s in sorted(first, key=_ID_ORDER.__getitem__)])
