"""Look for papers by title at one source; accept what is certain, keep the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from citewatch.domain.cadence import next_search_after
from citewatch.domain.judge import Ruling, Verdict, judge
from citewatch.domain.matching import choose
from citewatch.domain.papers import (
    Blocked,
    Failed,
    Found,
    Instant,
    Missing,
    SearchOutcome,
    Throttled,
)
from citewatch.ports import Ask, Due, KnownIdentifier, Search
from citewatch.services import guard
from citewatch.services.loop import aside
from citewatch.services.polling import Poller
from citewatch.services.readings import candidate_row


class Searcher:
    """The title searches of one poller's pass."""

    def __init__(self, poller: Poller) -> None:
        self._poller = poller

    async def search(self, dues: Sequence[Due]) -> None:
        """Look for papers by title; accept what is certain, keep the rest as candidates."""
        by_series = {due.held.series: due for due in dues}
        searches = [
            Search(due.held.series, self._poller.references[due.held.paper])
            for due in dues
            if self._poller.references[due.held.paper].title
        ]
        self._poller.tally.asked |= {by_series[s.series].held.paper for s in searches}
        async for search, outcome in guard.search(self._poller.source, searches):
            self._poller.beat()
            await aside(1, self._take, by_series[search.series], outcome)
            tally = self._poller.tally
            done = len(tally.found | tally.missing | tally.unresolved)
            self._poller.progress(self._poller.name, done, len(tally.asked))

    def _take(self, due: Due, outcome: SearchOutcome) -> None:
        """Store what a title search gave."""
        now = self._poller.now()
        match outcome:
            case Found():
                self._take_candidates(due, outcome, now)
            case Throttled() | Blocked() | Failed():
                self._poller.tally_up([(due, outcome)])

    def _take_candidates(self, due: Due, found: Found, now: Instant) -> None:
        paper = due.held.paper
        offered = [
            c for c in found.candidates if not self._poller.decisions.is_rejected(paper, c.answered)
        ]
        chosen, rest = choose(self._poller.references[paper], offered)
        rows = [
            candidate_row(paper, seen, judgement, origin=self._poller.name, now=now)
            for seen, judgement in rest
            if seen.answered not in due.ids
        ]
        if chosen is not None:
            self._poller.store.save_identifiers(
                [
                    KnownIdentifier(
                        paper=paper, identifier=chosen.answered, state="accepted",
                        origin=self._poller.name, score=100.0, note="found by title", at=now,
                    )
                ]
            )  # fmt: skip
            self._poller.store.save_identifiers(rows)
            self._poller.learned.add(paper)
            counted = chosen.citation_count is not None or not self._poller.source.counts
            if found.complete and counted:
                ask = Ask(due.held.series, chosen.asked)
                self._poller.take([(ask, chosen)], {due.held.series: due})
            return
        searches = due.held.searches + 1
        held = replace(due.held, searches=searches, next_search_at=next_search_after(now, searches))
        verdict = Verdict(ruling=Ruling.REJECTED, held=held)
        if rest:
            self._poller.tally.unresolved.add(paper)
        else:
            self._poller.tally.missing.add(paper)
            verdict = judge(held, Missing(asked=None), now, rules=self._poller.rules)
        self._poller.apply([verdict], rows)
