"""Counts of papers that nobody watches, asked for once: nothing is stored but good manners.

Each paper is asked for by its identifiers, else looked for by title. Only a record that
certainly is the paper speaks, as in a sync; which source does is the headline's rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from citewatch.domain.checking import Known
from citewatch.domain.identifiers import Identifier
from citewatch.domain.matching import choose, contradicts
from citewatch.domain.papers import (
    Blocked,
    Failed,
    Found,
    Instant,
    Missing,
    Observed,
    Outcome,
    Paper,
    Reference,
    Status,
    Throttled,
)
from citewatch.ports import Ask, Search, Source
from citewatch.services import guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A count that was asked for just now."""

    source: str
    known: Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of it."""

    found: Mapping[int, Fresh]
    """By the number under which the paper was asked for."""
    troubles: tuple[str, ...]
    """Sources that did not answer, in sentences."""


async def ask_about(
    papers: Mapping[int, Paper], sources: Sequence[Source], now: Callable[[], Instant]
) -> Asked:
    """The counts of papers at the first of the sources that certainly has each. Closes them."""
    found: dict[int, Fresh] = {}
    troubles: list[str] = []
    try:
        for source in sources:
            rest = {number: p for number, p in papers.items() if number not in found}
            why = source.blocked()
            if rest and why is None:
                inquiry = _Inquiry(source, rest)
                await inquiry.go()
                why = inquiry.trouble
                for number, record in inquiry.found.items():
                    found[number] = Fresh(source=source.name, known=_known(source, record, now()))
            if rest and why:
                troubles.append(
                    f"{source.label} did not answer about all that is not watched: {why}"
                )
    finally:
        for source in sources:
            await source.aclose()
    return Asked(found=found, troubles=tuple(troubles))


def _known(source: Source, record: Observed, now: Instant) -> Known:
    count = record.citation_count
    return Known(label=source.label, citations=count, status=Status.OK, observed_at=now, high=count)


class _Inquiry:
    """One source, asked about papers that it may know."""

    def __init__(self, source: Source, papers: Mapping[int, Paper]) -> None:
        self.found: dict[int, Observed] = {}
        self.trouble = ""
        self._source = source
        self._references = {
            number: Reference(title=p.title, authors=p.authors, year=p.year)
            for number, p in papers.items()
        }
        self._open = {number: self._usable(p) for number, p in papers.items()}

    def _usable(self, paper: Paper) -> list[Identifier]:
        """The identifiers by which the source can be asked, the best last."""
        schemes = self._source.schemes
        ids = [i for i in paper.ids if i.scheme in schemes]
        return sorted(ids, key=lambda i: schemes.index(i.scheme), reverse=True)

    async def go(self) -> None:
        """By identifiers, one after the other; then by title."""
        while asks := [Ask(n, ids.pop()) for n, ids in self._open.items() if ids]:
            await self._fetch(asks)
        titled = [n for n in self._open if self._references[n].title]
        if titled and not self.trouble and getattr(self._source, "can_search", True):
            await self._search([Search(n, self._references[n]) for n in titled])

    async def _fetch(self, asks: Sequence[Ask]) -> None:
        async for readings in guard.fetch(self._source, asks):
            for ask, outcome in readings:
                self._take(ask.series, outcome)

    async def _search(self, searches: Sequence[Search]) -> None:
        named: list[Ask] = []
        async for search, outcome in guard.search(self._source, searches):
            match outcome:
                case Found():
                    chosen, _ = choose(search.reference, outcome.candidates)
                    if chosen is not None and chosen.citation_count is None:
                        named.append(Ask(search.series, chosen.answered))
                    elif chosen is not None:
                        self._take(search.series, chosen)
                case Throttled() | Blocked() | Failed():
                    self.trouble = outcome.reason
        if named:
            await self._fetch(named)

    def _take(self, number: int, outcome: Outcome) -> None:
        match outcome:
            case Observed():
                other = contradicts(self._references[number], outcome.facts)
                if outcome.citation_count is not None and not other:
                    self.found[number] = outcome
                    self._open.pop(number, None)
            case Missing():
                pass
            case Throttled() | Blocked() | Failed():
                # Silence is no "not found": such a paper is not looked for by title.
                self.trouble = outcome.reason
                self._open.pop(number, None)
