"""Which watched paper an entry of a list is: certain, doubtful, or none of them. Pure.

A wrong match would put a stranger's count into somebody's CV. So an entry is a paper
only by a shared identifier or by one title with its authors, and where two papers answer
to that, or the evidence disagrees with itself, the doubt is said and nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz, process

from citewatch.domain.identifiers import URL, Identifier
from citewatch.domain.keys import same_paper, squash
from citewatch.domain.matching import Match, judge_match
from citewatch.domain.papers import Facts, Paper, Reference

_LOOKED_AT, _ALIKE = 5, 80.0
_MIN_TITLE = 12
"""A shorter title ("Editorial") says nothing without a year or an identifier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A watched paper, with the titles that sources give it beside the list's."""

    paper: Paper
    titles: tuple[str, ...] = ()

    def named(self) -> Iterable[Paper]:
        """The paper under each of its titles."""
        yield self.paper
        for title in self.titles:
            if title != self.paper.title:
                yield replace(self.paper, title=title)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """What an entry was recognised as."""

    place: int | None = None
    """Of the candidate; None where it is none of them for certain."""
    doubt: str = ""
    """Why it is none for certain although one is near; "" where none is."""


class Recogniser:
    """Finds the paper of an entry among candidates."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._candidates = candidates
        self._by_id: dict[Identifier, list[int]] = {}
        self._by_title: dict[str, list[int]] = {}
        for place, candidate in enumerate(candidates):
            for identifier in candidate.paper.ids:
                if identifier.scheme != URL:
                    self._by_id.setdefault(identifier, []).append(place)
            for title in dict.fromkeys(squash(p.title) for p in candidate.named()):
                if title:
                    self._by_title.setdefault(title, []).append(place)
        self._titles = list(self._by_title)

    def find(self, entry: Paper) -> Recognised:
        """The candidate that the entry is, or what stands against a decision."""
        shared = dict.fromkeys(p for i in entry.ids for p in self._by_id.get(i, ()))
        by_id = [place for place in shared if self._is_same(entry, place)]
        title = squash(entry.title)
        told = len(title) >= _MIN_TITLE or (title and entry.year is not None)
        titled = self._by_title.get(title, ()) if told else ()
        by_title = [place for place in titled if self._is_same(entry, place)]
        if by_id and by_title and not set(by_id) & set(by_title):
            return self._torn([*by_id, *by_title], "identifier and title are of two papers")
        both = [place for place in by_id if place in by_title]
        for certain in (both, by_id, by_title):
            if len(certain) == 1:
                return Recognised(place=certain[0])
            if certain:
                return self._of_that_year(entry, certain)
        if shared:
            return self._torn(list(shared), "its identifier is that of a paper of another title")
        return self._near(entry)

    def _is_same(self, entry: Paper, place: int) -> bool:
        return any(same_paper(entry, paper) for paper in self._candidates[place].named())

    def _of_that_year(self, entry: Paper, places: Sequence[int]) -> Recognised:
        same = [p for p in places if self._candidates[p].paper.year == entry.year is not None]
        if len(same) == 1:
            return Recognised(place=same[0])
        return self._torn(places, "several watched papers answer to it")

    def _torn(self, places: Sequence[int], why: str) -> Recognised:
        keys = ", ".join(dict.fromkeys(self._candidates[place].paper.key for place in places))
        return Recognised(doubt=f"{why}: {keys}")

    def _near(self, entry: Paper) -> Recognised:
        """No certain match: the paper that the entry may be, if its title is nearly one."""
        wanted = squash(entry.title)
        if not wanted:
            return Recognised()
        found = process.extract(
            wanted, self._titles, scorer=fuzz.ratio, limit=_LOOKED_AT, score_cutoff=_ALIKE
        )
        reference = Reference(title=entry.title, authors=entry.authors, year=entry.year)
        near: list[tuple[float, str]] = []
        for title, _, _ in found:
            for place in self._by_title[title]:
                near += self._likeness(reference, title, place)
        if not near:
            return Recognised()
        return Recognised(doubt=f"may be {max(near)[1]}")

    def _likeness(
        self, reference: Reference, title: str, place: int
    ) -> Iterable[tuple[float, str]]:
        paper = self._candidates[place].paper
        for named in self._candidates[place].named():
            if squash(named.title) != title:
                continue
            facts = Facts(title=named.title, authors=paper.authors, year=paper.year)
            judged = judge_match(reference, facts)
            if judged.match is not Match.NO:
                yield judged.score, f"{paper.key} ({judged.evidence})"
