"""What a report is made of: everything that is read from the store, once, before anything is said.

Read is what is needed: how each series stands, and the headline counts at the instants
that some figure looks at. Whole histories are read for the few series of which that does
not say enough, and for reports that are to be drawn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from citewatch.domain.identifiers import URL, Identifier
from citewatch.domain.papers import Instant
from citewatch.domain.records import same_records
from citewatch.domain.trends import Counted
from citewatch.ports import Run, Said, Store, Track
from citewatch.services.curves import Clockwork, end_of, read_curves
from citewatch.services.reported import ReportQuestion
from citewatch.services.standing import (
    Passes,
    Standing,
    is_plain,
    passes_by_source,
    schedules_s,
    stand,
    stand_exactly,
)
from citewatch.services.watchlist import WatchedPaper


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that was read from the store, in the shape in which lines are made of it."""

    question: ReportQuestion
    papers: Sequence[WatchedPaper]
    """The question's papers; of a past day those known then, as the list had them."""
    clockwork: Clockwork
    runs: Sequence[Run]
    said: Mapping[int, Mapping[str, Said]]
    """By the paper's number and source."""
    standings: Mapping[int, Mapping[str, Standing]]
    """By the paper's number and source."""
    headlines: Sequence[Standing | None]
    """In the order of ``papers``."""
    curves: Mapping[int, Counted]
    """The believed counts of each headline's series."""
    ids: Sequence[tuple[Identifier, ...]]
    """In the order of ``papers``."""
    same_as: Mapping[int, int]
    """Place of a further record → place of the paper that it is counted with."""

    @property
    def as_of(self) -> Instant:
        """The instant of the report."""
        return self.clockwork.as_of


def read_world(store: Store, question: ReportQuestion) -> World:
    """Read what the report needs."""
    as_of = end_of(question)
    past = as_of if as_of < question.now else None
    papers, ids = _papers(store, question, past)
    numbers = [p.number for p in papers if p.number is not None]
    runs = store.runs(until=past)
    tracks = store.tracks(numbers, until=past) if numbers else ()
    standings = _standings(store, question, tracks, runs, past=past)
    headlines = [headline_of(question, standings.get(p.number or 0, {})) for p in papers]
    chosen = [h for h in headlines if h is not None]
    clockwork, curves = read_curves(store, question, chosen, as_of=as_of)
    said: dict[int, dict[str, Said]] = {}
    for number, source, facts in store.said(numbers, until=past) if numbers else ():
        said.setdefault(number, {})[source] = facts
    return World(
        question=question, papers=papers, clockwork=clockwork, runs=runs, said=said,
        standings=standings, headlines=headlines, curves=curves, ids=ids,
        same_as=_same_as(papers, ids, tracks),
    )  # fmt: skip


def _papers(
    store: Store, question: ReportQuestion, past: Instant | None
) -> tuple[list[WatchedPaper], list[tuple[Identifier, ...]]]:
    """The papers with their identifiers: of a past day those that were known then."""
    numbers = [p.number for p in question.papers if p.number is not None]
    if past is None:
        ids, watched = store.accepted(numbers), list(question.papers)
        return watched, [
            p.paper.ids if p.number is None else ids.get(p.number, ()) for p in watched
        ]
    stored = {p.number: p.paper for p in store.papers(numbers, until=past)}
    then = [
        replace(p, paper=stored[p.number])
        for p in question.papers
        if p.number is not None and p.number in stored
    ]
    return then, [p.paper.ids for p in then]


# --- how every count stands ----------------------------------------------------------


def _standings(
    store: Store,
    question: ReportQuestion,
    tracks: Sequence[Track],
    runs: Sequence[Run],
    *,
    past: Instant | None,
) -> dict[int, dict[str, Standing]]:
    as_of = question.now if past is None else past
    passes = passes_by_source(runs, as_of)
    every_s = schedules_s(question.sources, {t.source for t in tracks}, passes)
    none = Passes()
    found: dict[int, dict[str, Standing]] = {}
    unclear: list[Track] = []
    for track in tracks:
        if not is_plain(track):
            unclear.append(track)
            continue
        found.setdefault(track.paper, {})[track.source] = stand(
            track, passes=passes.get(track.source, none), every_s=every_s[track.source],
            as_of=as_of,
        )  # fmt: skip
    snapshots = {
        h.series: h.snapshots
        for h in (store.histories(papers={t.paper for t in unclear}, until=past) if unclear else ())
    }
    for track in unclear:
        found.setdefault(track.paper, {})[track.source] = stand_exactly(
            track, snapshots.get(track.series, ()), passes=passes.get(track.source, none),
            every_s=every_s[track.source], as_of=as_of,
        )  # fmt: skip
    return found


def headline_of(question: ReportQuestion, standings: Mapping[str, Standing]) -> Standing | None:
    """The first preferred source that ever gave a count, else any other, by name."""
    only = question.source
    for source in question.preferred:
        found = standings.get(source)
        if found is not None and found.count.citations is not None and only in (None, source):
            return found
    gave = [
        s for name, s in standings.items() if s.count.citations is not None and only in (None, name)
    ]
    return min(gave, key=lambda s: s.count.source, default=None)


def rank_of(question: ReportQuestion, source: str) -> tuple[int, str]:
    """The order of sources: as preferred, then by name."""
    preferred = question.preferred
    return (preferred.index(source) if source in preferred else len(preferred), source)


# --- one paper is counted once ----------------------------------------------------------


def _same_as(
    papers: Sequence[WatchedPaper], ids: Sequence[tuple[Identifier, ...]], tracks: Iterable[Track]
) -> dict[int, int]:
    """Papers that share an identifier, or whose answers came from one record; by place."""
    first: dict[tuple[str, str], int] = {}
    shared: dict[int, set[tuple[str, str]]] = {place: set() for place in range(len(papers))}
    places = {p.number: place for place, p in enumerate(papers)}
    names = [
        ((i.scheme, i.value), place)
        for place, known in enumerate(ids)
        for i in known
        if i.scheme != URL
    ]
    names += [((f"at {t.source}", t.answered), places[t.paper]) for t in tracks if t.answered]
    # Nearly every name is one paper's alone: only those of several are looked at further.
    for name, place in names:
        other = first.setdefault(name, place)
        if other != place:
            shared[other].add(name)
            shared[place].add(name)
    return same_records(shared)


def totals_once(world: World) -> dict[int, int]:
    """Place of each paper that totals count → place of the record that speaks for it."""
    once: dict[int, int] = {}
    for place, headline in enumerate(world.headlines):
        first = world.same_as.get(place, place)
        if first not in once or (world.headlines[once[first]] is None and headline is not None):
            once[first] = place
    return once


def known_sources(
    question: ReportQuestion, standings: Collection[Mapping[str, Standing]]
) -> set[str]:
    """Sources that a report can be asked for."""
    return {s.name for s in question.sources} | {name for known in standings for name in known}
