"""Place the links that a list gathers at the foot of a page, with titles from arXiv."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from citewatch.domain.identifiers import ARXIV, URL, Identifier, from_link, parse_identifier
from citewatch.domain.papers import Instant, LinkPage, Missing, Observed, Outcome
from citewatch.domain.placement import PageLink, PaperOnPage, place
from citewatch.ports import Ask, Due, KnownIdentifier, Store
from citewatch.services.leg import PLACES_LINKS
from citewatch.services.polling import Poller
from citewatch.services.watchlist import Watch, WatchedPaper


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of the links of all pages."""

    links: int
    placed: int
    unplaced: tuple[str, ...]


class Placer:
    """The links of all pages of a watch: which are open, and where they belong."""

    def __init__(self, watch: Watch, store: Store, *, now: Instant) -> None:
        self._now = now
        self._store = store
        self._by_key = {w.paper.key: w for w in watch.papers if w.number is not None}
        self._pages = [p for p in watch.pages if any(k in self._by_key for k in p.papers)]
        self._titles: dict[str, list[str] | None] = json.loads(store.recall("link-titles") or "{}")
        self.outcomes: dict[Identifier, tuple[Ask, Outcome]] = {}

    def open_links(self) -> list[Identifier]:
        """Links of pages that nobody has placed yet."""
        decided = {row.identifier for row in self._store.identifiers() if row.state != "candidate"}
        return [link for link in self._all_links() if link not in decided]

    def _all_links(self) -> list[Identifier]:
        links = [from_link(link) for page in self._pages for link in page.links]
        return [link for link in dict.fromkeys(links) if link is not None]

    async def place(self, pollers: Mapping[str, Poller]) -> None:
        """Ask arXiv for the titles that are wanted, then place; one request as a rule."""
        wanted = self.open_links()
        if not wanted:
            return
        unasked = [i for i in wanted if i.scheme == ARXIV and str(i) not in self._titles]
        poller = pollers.get(PLACES_LINKS)
        if unasked and poller is not None and poller.source.blocked() is None:
            await self._ask_titles(poller, unasked)
        evidence = self._evidence()
        if evidence == self._store.recall("links-weighed"):
            return
        rows = await asyncio.to_thread(self._decide, self._now)
        if not rows:
            self._store.remember("links-weighed", evidence)
        if poller is not None and rows:
            await asyncio.to_thread(self._use_answers, poller, rows)

    def _evidence(self) -> str:
        """A digest of all that placing looks at: the same evidence is not weighed twice."""
        papers = [
            (w.paper.key, w.paper.title, w.paper.year, [str(i) for i in w.paper.ids])
            for w in self._by_key.values()
        ]
        pages = [(page.papers, page.links) for page in self._pages]
        text = json.dumps([papers, pages, self._titles], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    async def _ask_titles(self, poller: Poller, wanted: Sequence[Identifier]) -> None:
        asks = [Ask(-number, identifier) for number, identifier in enumerate(wanted, start=1)]
        async for readings in poller.source.fetch(asks):
            for ask, outcome in readings:
                self.outcomes[ask.identifier] = (ask, outcome)
                if isinstance(outcome, Observed):
                    facts = outcome.facts
                    self._titles[str(ask.identifier)] = [facts.title or "", *facts.authors]
                elif isinstance(outcome, Missing):
                    self._titles[str(ask.identifier)] = None
        self._store.remember("link-titles", json.dumps(self._titles))

    def _decide(self, now: Instant) -> list[KnownIdentifier]:
        rows = [row for page in self._pages for row in self._decide_page(page, now)]
        known = {(row.paper, row.identifier) for row in self._store.identifiers()}
        fresh = [row for row in rows if (row.paper, row.identifier) not in known]
        if fresh:
            self._store.save_identifiers(fresh)
        return fresh

    def _decide_page(self, page: LinkPage, now: Instant) -> list[KnownIdentifier]:
        papers = [self._by_key[key] for key in page.papers if key in self._by_key]
        links = [self._link(link, papers) for link in page.links]
        placement = place([_on_page(w) for w in papers], links)
        return [
            KnownIdentifier(
                paper=papers[where].number or 0, identifier=identifier,
                state="accepted", origin="link", at=now,
                note=placement.evidence.get(link, ""),
            )
            for link, where in placement.placed.items()
            if (identifier := from_link(page.links[link])) is not None
        ]  # fmt: skip

    def _link(self, link: str, papers: Sequence[WatchedPaper]) -> PageLink:
        identifier = parse_identifier(link)
        said = self._titles.get(str(identifier)) if identifier else None
        title, authors = (said[0], tuple(said[1:])) if said else (None, ())
        owners = [w for w in papers if identifier in w.paper.ids]
        if title is None and len(owners) == 1:
            # Placed before, by the reader or by the user: its paper's title says where.
            title, authors = owners[0].paper.title, owners[0].paper.authors
        return PageLink(url=link, identifier=identifier, known_title=title, known_authors=authors)

    def _use_answers(self, poller: Poller, rows: Sequence[KnownIdentifier]) -> None:
        """The answers that gave the titles are readings of the papers they belong to."""
        numbers = {row.identifier: row.paper for row in rows if row.identifier in self.outcomes}
        if not numbers:
            return
        dues = {
            due.held.paper: due
            for due in self._store.due(
                poller.name, now=poller.now(), papers=set(numbers.values()), force=True
            )
        }
        readings: list[tuple[Ask, Outcome]] = []
        by_series: dict[int, Due] = {}
        for identifier, paper in numbers.items():
            due = dues.get(paper)
            if due is not None and due.held.series not in by_series:
                by_series[due.held.series] = due
                ask = Ask(due.held.series, identifier)
                readings.append((ask, self.outcomes[identifier][1]))
        poller.take(readings, by_series)

    def result(self) -> Placed:
        """How many links there are, and which are still open."""
        total = len(self._all_links())
        still = [i.value if i.scheme == URL else str(i) for i in self.open_links()]
        return Placed(total, total - len(still), tuple(still))


def _on_page(watched: WatchedPaper) -> PaperOnPage:
    paper = watched.paper
    return PaperOnPage(title=paper.title, authors=paper.authors, year=paper.year, venue=paper.venue)
