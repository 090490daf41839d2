"""Whose citations are self-citations, for each watched paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.self_citations import (
    Author,
    Basis,
    Definition,
    learn,
    same_name,
    self_citation,
)
from citewatch.ports import Store
from citewatch.services.watchlist import IMPORTED, WatchedPaper


@dataclass(slots=True)
class Selves:
    """Self-citations by the definition that each paper's watchlists choose.

    A watchlist with ``author_names`` is somebody's: theirs are the self-citations (`me`).
    Of every other paper they are those of its authors (`coauthors`).
    """

    papers: Mapping[int, WatchedPaper]
    names: Mapping[str, tuple[str, ...]]
    """``author_names`` by watchlist."""
    people: Mapping[int, Sequence[Person]]
    """Authors of watched papers with an identity, by paper."""
    authors: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Authors as sources name them, where the list names none."""
    _own: dict[tuple[int, Definition], tuple[Author, ...]] = field(default_factory=dict)

    def definition(self, paper: int) -> Definition:
        """What is a self-citation of this paper."""
        return Definition.ME if self._me(paper) else Definition.COAUTHORS

    def definition_of_all(self) -> Definition:
        """One definition for all papers together: `me` only where every list is somebody's."""
        polled = [n for n, w in self.papers.items() if w.watchlists != (IMPORTED,)]
        mine = bool(polled) and all(self._me(paper) for paper in polled)
        return Definition.ME if mine else Definition.COAUTHORS

    def _me(self, paper: int) -> tuple[str, ...]:
        lists = self.papers[paper].watchlists if paper in self.papers else ()
        return tuple(dict.fromkeys(name for one in lists for name in self.names.get(one, ())))

    def own(self, paper: int, definition: Definition) -> tuple[Author, ...]:
        """Who counts as oneself, with the identities that were learnt for them."""
        if (paper, definition) not in self._own:
            made = self._mine if definition is Definition.ME else self._coauthors
            self._own[paper, definition] = made(paper)
        return self._own[paper, definition]

    def _mine(self, paper: int) -> tuple[Author, ...]:
        everybody = [person for people in self.people.values() for person in people]
        return tuple(learn(name, everybody) for name in self._me(paper))

    def _coauthors(self, paper: int) -> tuple[Author, ...]:
        known = self.people.get(paper, ())
        # Each under every identity that any source has for them.
        found = list(dict.fromkeys(learn(p.name, known) for p in known))
        listed = self.papers[paper].paper.authors if paper in self.papers else ()
        names = listed or self.authors.get(paper, ())
        found += [Author(n) for n in names if not any(same_name(n, p.name) for p in known)]
        return tuple(found)

    def among(
        self, paper: int, works: Iterable[CitingWork], definition: Definition | None = None
    ) -> dict[str, Basis]:
        """The self-citations among these works, by record."""
        own = self.own(paper, definition or self.definition(paper))
        found = ((work.record, self_citation(work.authors, own)) for work in works)
        return {record: basis for record, basis in found if basis is not None}


def read_selves(
    store: Store, papers: Sequence[WatchedPaper], names: Mapping[str, tuple[str, ...]]
) -> Selves:
    """What is known of the authors of these papers."""
    by_number = {w.number: w for w in papers if w.number is not None}
    return Selves(
        papers=by_number,
        names=names,
        people=store.past().people(),
        authors=_told_authors(store, [n for n, w in by_number.items() if not w.paper.authors]),
    )


def _told_authors(store: Store, papers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    # Far in the future: the newest facts, and no snapshots but the last.
    for history in store.histories(papers=papers, since=2**40) if papers else ():
        authors = history.facts.authors if history.facts else ()
        if len(authors) > len(found.get(history.paper, ())):
            found[history.paper] = authors
    return found
