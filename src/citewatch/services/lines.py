"""The lines of a report: one a paper, made of what was read from the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from citewatch.domain.identifiers import (
    ARXIV,
    DOI,
    OPENALEX,
    OPENREVIEW,
    SCHEMES,
    SEMANTIC_SCHOLAR,
    Identifier,
)
from citewatch.domain.papers import DAY, Facts, Instant, Status
from citewatch.domain.trends import YEAR_S, delta, per_year, sample, time_axis
from citewatch.ports import Run
from citewatch.services.reported import Line, ReportedPaper, ReportQuestion
from citewatch.services.seen import seen_lines
from citewatch.services.standing import Count, Standing
from citewatch.services.watchlist import WatchedPaper

SPARK_STEPS = 12
SPARK_SHORTEST_S = 7 * DAY

TITLE_SOURCES = ("arxiv", "crossref", "openalex", "semantic_scholar")
"""Whose title is shown, best first, once the source was accepted; else the list's."""
VENUE_SOURCES = ("crossref", "openalex", "semantic_scholar", "openreview", "arxiv")
ID_SCHEMES = (ARXIV, DOI, SEMANTIC_SCHOLAR, OPENREVIEW, OPENALEX)
"""The order in which a report names identifiers; other schemes follow."""


@dataclass(frozen=True, slots=True)
class Window:
    label: str
    start_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that was read from the store, in the shape in which lines are made of it."""

    question: ReportQuestion
    as_of: Instant
    windows: tuple[Window, ...]
    runs: Sequence[Run]
    facts: Mapping[int, Mapping[str, Facts]]
    """By the paper's number and source."""
    standings: Mapping[int, Mapping[str, Standing]]
    """By the paper's number and source."""
    ids: Sequence[tuple[Identifier, ...]]
    """In the order of the question's papers."""
    same_as: Mapping[int, int]
    """Place of a further record → place of the paper that it is counted with."""


def paper_lines(world: World) -> list[ReportedPaper]:
    """The line of every paper, in the order of the question."""
    papers = world.question.papers
    headlines = [_headline(world, paper) for paper in papers]
    axis = _axis(world, [h for h in headlines if h is not None])
    lines = []
    for place, headline in enumerate(headlines):
        first = world.same_as.get(place)
        same_as = None if first is None else papers[first].paper.key
        lines.append(_line(world, place, headline=headline, axis=axis, same_as=same_as))
    return lines


def _line(
    world: World,
    place: int,
    *,
    headline: Standing | None,
    axis: Sequence[Instant],
    same_as: str | None,
) -> ReportedPaper:
    watched = world.question.papers[place]
    paper = watched.paper
    facts = _of(world.facts, watched)
    counts = _counts(world, watched)
    answers = [c.status for c in counts if c.status is not Status.NEVER]
    citations = headline.count.citations if headline else None
    return ReportedPaper(
        key=paper.key,
        title=shown_title(facts, paper.title),
        year=paper.year if paper.year is not None else _year(facts),
        venue=_venue(facts, paper.venue),
        retracted_by=tuple(source for source, said in facts.items() if said.retracted),
        ids=_shown_ids(world.ids[place]),
        claim=paper.claim,
        badge=None if citations is None else world.question.badge_for(citations),
        citations=citations,
        source=headline.count.source if headline else None,
        counts=counts,
        delta=_deltas(world, headline) if headline else {},
        per_year=_rate(headline) if headline else None,
        status=headline.count.status if headline else next(iter(answers), Status.NEVER),
        same_as=same_as,
        watchlists=watched.watchlists,
        spark=sample(headline.series, axis) if headline else (None,) * SPARK_STEPS,
        lines=_drawn(world, watched, counts) if world.question.drawn else (),
    )


def _drawn(world: World, watched: WatchedPaper, counts: Sequence[Count]) -> tuple[Line, ...]:
    standings = _of(world.standings, watched)
    return tuple(
        line
        for count in counts
        if count.observed_at is not None
        for standing in [standings[count.source]]
        for line in seen_lines(
            count.source, standing.series, standing.snapshots,
            asked=standing.asks[0], within_s=standing.within_s,
            until=min(count.observed_at, world.as_of),
        )
    )  # fmt: skip


_T = TypeVar("_T")


def _of(known: Mapping[int, Mapping[str, _T]], watched: WatchedPaper) -> Mapping[str, _T]:
    """What is known of a paper by source; nothing while the store has not met it."""
    return {} if watched.number is None else known.get(watched.number, {})


def _headline(world: World, watched: WatchedPaper) -> Standing | None:
    """The first preferred source that ever gave a count, else any other, by name."""
    gave = [s for s in _of(world.standings, watched).values() if s.series.times]
    if world.question.source is not None:
        gave = [s for s in gave if s.count.source == world.question.source]
    return min(gave, key=lambda s: _rank(world, s.count.source), default=None)


def _rank(world: World, source: str) -> tuple[int, str]:
    preferred = world.question.preferred
    return (preferred.index(source) if source in preferred else len(preferred), source)


def _counts(world: World, watched: WatchedPaper) -> tuple[Count, ...]:
    """One count a source: those that are asked, and those that ever gave one."""
    standings = _of(world.standings, watched)
    names = {s.name for s in world.question.sources if s.counts and s.enabled}
    names |= {name for name, s in standings.items() if s.series.times}
    if world.question.source is not None:
        names &= {world.question.source}
    return tuple(
        standings[name].count if name in standings else Count(source=name, status=Status.NEVER)
        for name in sorted(names, key=lambda name: _rank(world, name))
    )


def _axis(world: World, headlines: Sequence[Standing]) -> tuple[Instant, ...]:
    end_at = world.as_of
    start_at = world.question.since
    if start_at is None:
        first_at = min((h.series.times[0] for h in headlines), default=end_at)
        start_at = min(max(first_at, end_at - YEAR_S), end_at - SPARK_SHORTEST_S)
    return time_axis(start_at, end_at, steps=SPARK_STEPS)


def _deltas(world: World, headline: Standing) -> dict[str, int]:
    found = {}
    for window in world.windows:
        gained = delta(
            headline.series, window.start_at, asks=headline.asks, within_s=headline.within_s
        )
        if gained is not None:
            found[window.label] = gained
    return found


def _rate(headline: Standing) -> float | None:
    confirmed_at = headline.count.observed_at
    if confirmed_at is None:
        return None
    return per_year(headline.series, confirmed_at, asks=headline.asks)


def shown_title(facts: Mapping[str, Facts], listed: str) -> str:
    """The list's title until a source was accepted, then that of the best source."""
    said = (facts[source].title for source in TITLE_SOURCES if source in facts)
    return next((title for title in said if title), listed)


def _year(facts: Mapping[str, Facts]) -> int | None:
    return next((facts[s].year for s in VENUE_SOURCES if s in facts and facts[s].year), None)


def _venue(facts: Mapping[str, Facts], listed: str) -> str:
    said = [v for s in VENUE_SOURCES if s in facts and (v := facts[s].venue)]
    # A preprint server as venue says that the source knows none.
    real = [v for v in said if "arxiv" not in v.lower()]
    return next(iter([*real, *([listed] if listed else []), *said]), "")


def _shown_ids(ids: Sequence[Identifier]) -> tuple[tuple[str, str], ...]:
    first: dict[str, str] = {}
    # Semantic Scholar's stable name of a record is the sha; a CorpusId is its second one.
    for identifier in sorted(ids, key=lambda i: i.value.startswith("CorpusId:")):
        first.setdefault(identifier.scheme, identifier.value)
    order = dict.fromkeys((*ID_SCHEMES, *SCHEMES))
    return tuple((scheme, first[scheme]) for scheme in order if scheme in first)
