"""Small worlds for reports: papers, days of polling, and what sources said on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from citewatch.domain.identifiers import Identifier
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Facts, Held, Instant, Paper, Pending, Snapshot, Status
from citewatch.ports import Batch, Run, Store
from citewatch.services.reported import ReportQuestion
from citewatch.services.standing import SourceSchedule
from citewatch.services.watchlist import WatchedPaper
from fakes import MemoryStore

START: Instant = 1_735_689_600
"""2025-01-01T00:00:00Z."""
S2 = SourceSchedule(
    name="semantic_scholar", label="Semantic Scholar", every_s=DAY, counts=True, enabled=True
)
OPENALEX = SourceSchedule(name="openalex", label="OpenAlex", every_s=DAY, counts=True, enabled=True)
ARXIV = SourceSchedule(name="arxiv", label="arXiv", every_s=DAY, counts=False, enabled=True)

HELD = "held"
MISSING = "missing"
Reading = int | str | tuple[str, int] | None
"""A count; ``"missing"``; ``("held", count)``; None where the paper got no answer."""


def day(number: float) -> Instant:
    """The instant of a day of the world, from 0."""
    return START + int(number * DAY)


class World:
    """Polls a store (one in memory, unless given) day by day, as the judge would."""

    def __init__(self, *papers: Paper, store: Store | None = None) -> None:
        self.store = MemoryStore() if store is None else store
        self.numbers = list(self.store.add_papers(papers, now=START))
        self.papers = list(papers)

    def watched(self) -> list[WatchedPaper]:
        """All papers, in the order of the list, on one watchlist."""
        return [
            WatchedPaper(number=number, paper=paper, watchlists=("mine",))
            for number, paper in zip(self.numbers, self.papers, strict=True)
        ]

    def ask(
        self,
        at: Instant,
        readings: Mapping[int, Reading],
        *,
        source: str = "semantic_scholar",
        status: str = "ok",
        trigger: str = "sync",
        took_s: int = 0,
    ) -> None:
        """One pass: what the source said of each paper (by its place in the list).

        It begins ``took_s`` before the readings, and ends as long after them.
        """
        store = self.store
        run = Run(source=source, started_at=at - took_s, trigger=trigger)
        run = replace(run, number=store.begin_run(run))
        answered = {place: said for place, said in readings.items() if said is not None}
        for place, said in answered.items():
            (held,) = store.helds(source, [self.numbers[place]])
            after, snapshot = _judge(held, said, at)
            kept = [(held.series, snapshot)] if snapshot else []
            store.apply(Batch(helds=[after], snapshots=kept))
        missing = sum(said == MISSING for said in answered.values())
        store.end_run(
            replace(
                run,
                finished_at=at + took_s,
                status=status,
                requests=1,
                papers=len(readings),
                found=len(answered) - missing,
                missing=missing,
            )
        )

    def say(self, at: Instant, place: int, facts: Facts, *, source: str) -> None:
        """A source states bibliographic facts."""
        (held,) = self.store.helds(source, [self.numbers[place]])
        after = replace(held, status=Status.OK, facts=facts, answered_at=at)
        self.store.apply(Batch(helds=[after], facts=[(held.series, at, facts)]))

    def question(
        self,
        now: Instant,
        *,
        sources: Sequence[SourceSchedule] = (S2,),
        as_of: Instant | None = None,
        **more: object,
    ) -> ReportQuestion:
        """A plain question about all papers; ``more`` sets any other field."""
        question = ReportQuestion(
            papers=self.watched(),
            sources=sources,
            preferred=("semantic_scholar", "openalex", "crossref"),
            badge_for=Ladder().highest_at,
            above=Ladder().above,
            now=now,
            as_of=as_of,
            watchlist="mine",
        )
        return replace(question, **more)  # type: ignore[arg-type]


def _judge(held: Held, said: Reading, at: Instant) -> tuple[Held, Snapshot | None]:
    before = held.citation_count
    if said == MISSING:
        after = replace(held, status=Status.MISSING, answered_at=at, pending=None)
        shown = None
    elif isinstance(said, tuple):
        pending = Pending(since_at=at, citation_count=said[1], readings=1, least=said[1])
        after = replace(held, status=Status.HELD, answered_at=at, pending=pending)
        shown = said[1]
    else:
        assert isinstance(said, int)
        after = replace(
            held,
            status=Status.OK,
            citation_count=said,
            high=max(said, held.high or 0),
            counted_at=at,
            answered_at=at,
            pending=None,
        )
        shown = said
    was = held.pending.citation_count if held.pending else before
    if held.status is after.status and (shown == was or after.status is Status.MISSING):
        return after, None
    return after, Snapshot(at=at, citation_count=shown, previous_count=before, status=after.status)


def paper(key: str, title: str, *ids: str, **more: object) -> Paper:
    """A paper with identifiers given as ``scheme:value``."""
    parsed = tuple(Identifier(*text.split(":", 1)) for text in ids)
    return replace(Paper(key=key, title=title, ids=parsed), **more)  # type: ignore[arg-type]
