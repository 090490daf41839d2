"""Which link at the foot of a page belongs to which of the page's papers.

A list printed to PDF and taken out as text loses the places of its links: they stand
at the foot of the page, in reading order. A link is placed only where titles, order,
venue, year, first author or file name leave exactly one paper; never on a coin toss.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from citewatch.domain.identifiers import ARXIV, Identifier, parse_identifier
from citewatch.domain.keys import squash, surnames
from citewatch.domain.link_hints import (
    SPEAKING,
    PaperOnPage,
    name_tokens,
    possible,
    tokens_in_title,
)
from citewatch.domain.papers import LinkPage, Reference

__all__ = [
    "PageLink",
    "PaperOnPage",
    "Placement",
    "identifiers_to_ask",
    "link_for",
    "place",
    "same_title",
]

_PEOPLE, _BEGINNING = 2, 15
"""A title changed by its authors: so many of them, and so many letters unchanged."""
_ALIKE = 95.0
_TITLE = "title"
_NUMERAL = re.compile(r"\d+|\b[IVX]+\b")


@dataclass(frozen=True, slots=True)
class PageLink:
    """A link, and the title and authors that a source gave for its identifier."""

    url: str
    identifier: Identifier | None = None
    known_title: str | None = None
    known_authors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Positions of links and the positions of their papers; the reason for each."""

    placed: Mapping[int, int]
    unplaced: tuple[int, ...]
    evidence: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Case:
    """A link with the papers that it may belong to, ascending, and why."""

    links: tuple[int, ...]
    """Positions; several where one identifier has several addresses."""
    papers: tuple[int, ...]
    why: str
    optional: bool = False
    """Whether it may belong to no paper of the page at all."""
    askable: bool = False
    """Whether a source would tell its title."""


def link_for(url: str, known: Mapping[Identifier, Reference]) -> PageLink:
    """The link with its identifier and what is known of the paper behind it."""
    identifier = parse_identifier(url)
    reference = known.get(identifier) if identifier else None
    if reference is None:
        return PageLink(url, identifier)
    return PageLink(url, identifier, reference.title, reference.authors)


def identifiers_to_ask(pages: Iterable[LinkPage]) -> list[Identifier]:
    """The arXiv identifiers among the pages' links, each once, whose titles would help."""
    found = (parse_identifier(url) for page in pages for url in page.links)
    return list(dict.fromkeys(i for i in found if i is not None and i.scheme == ARXIV))


def same_title(one: str, other: str) -> bool:
    """Whether two titles are one: blanks, case and marks apart, and every number equal."""
    first, second = squash(one), squash(other)
    if not first or not second:
        return False
    if first == second:
        return True
    if sorted(_NUMERAL.findall(one)) != sorted(_NUMERAL.findall(other)):
        return False
    return fuzz.ratio(first, second, score_cutoff=_ALIKE) >= _ALIKE


def place(papers: Sequence[PaperOnPage], links: Sequence[PageLink]) -> Placement:
    """Give each link its paper where the evidence leaves exactly one.

    Links stand in the order of the papers and a paper has one link as a rule. Where
    titles or hints contradict that, several links a paper are allowed; where they
    contradict the order itself, only titles count on this page.
    """
    groups = _groups(links)
    cases = [case for group in groups if (case := _case(papers, links, group))]
    foreign = any(links[g[0]].identifier is None for g in groups if not _has(cases, g))
    firm = [case for case in cases if not case.optional]
    for kept, step in ((cases, 1), (firm, 1), (cases, 0), (firm, 0)):
        ordered = _in_order(kept, step=step, count=len(papers))
        if ordered is not None:
            picks = [_pick(c, left, foreign=foreign) for c, left in zip(kept, ordered, strict=True)]
            return _placement(kept, picks, links=links)
    alone = [c.papers[0] if c.why == _TITLE and len(c.papers) == 1 else None for c in cases]
    return _placement(cases, alone, links=links)


def _has(cases: Sequence[_Case], group: tuple[int, ...]) -> bool:
    return any(case.links == group for case in cases)


def _pick(case: _Case, left: tuple[int, ...], *, foreign: bool) -> int | None:
    """The one paper that is left, if what left it is good enough.

    On a page with links that belong to no paper (of talks, say) an arXiv link may be
    such a one too; its title can be asked for, so its place in the order is no proof.
    """
    if len(left) != 1:
        return None
    by_order = len(case.papers) > 1
    return None if by_order and foreign and case.askable else left[0]


def _groups(links: Sequence[PageLink]) -> list[tuple[int, ...]]:
    """Positions of links that are the same, in the order of their first appearance."""
    groups: dict[str, list[int]] = {}
    for position, link in enumerate(links):
        groups.setdefault(str(link.identifier or link.url), []).append(position)
    return [tuple(group) for group in groups.values()]


def _case(
    papers: Sequence[PaperOnPage], links: Sequence[PageLink], group: tuple[int, ...]
) -> _Case | None:
    """What may be said of one link; None when it may belong to none of these papers."""
    link = next((links[i] for i in group if links[i].known_title), links[group[0]])
    if link.known_title:
        fitting = _by_title(papers, link)
        return _Case(group, fitting, _TITLE) if fitting else None
    if link.identifier is not None:
        identifier = link.identifier
        fitting = tuple(i for i, p in enumerate(papers) if possible(identifier, p))
        why = "venue and year" if identifier.scheme in SPEAKING else "the only paper"
        askable = identifier.scheme == ARXIV
        return _Case(group, fitting, why, askable=askable) if fitting else None
    fitting = _by_file_name(papers, link.url)
    return _Case(group, fitting, "file name", optional=True) if fitting else None


def _by_title(papers: Sequence[PaperOnPage], link: PageLink) -> tuple[int, ...]:
    """Papers of that title; exact before alike, and never by wholly other authors."""
    title = link.known_title or ""
    theirs = surnames(link.known_authors)
    squashed = squash(title)
    allowed = [
        i
        for i, p in enumerate(papers)
        if not theirs or not p.authors or theirs & surnames(p.authors)
    ]
    exact = tuple(i for i in allowed if squash(papers[i].title) == squashed != "")
    alike = tuple(i for i in allowed if same_title(papers[i].title, title))
    return exact or alike or _renamed(papers, link)


def _renamed(papers: Sequence[PaperOnPage], link: PageLink) -> tuple[int, ...]:
    """The one paper by just these people whose title begins alike: a new subtitle."""
    theirs, title = surnames(link.known_authors), squash(link.known_title or "")
    if len(theirs) < _PEOPLE:
        return ()
    fitting = tuple(
        i
        for i, paper in enumerate(papers)
        if surnames(paper.authors) == theirs
        and squash(paper.title)[:_BEGINNING] == title[:_BEGINNING]
    )
    return fitting if len(fitting) == 1 else ()


def _by_file_name(papers: Sequence[PaperOnPage], url: str) -> tuple[int, ...]:
    tokens = name_tokens(url)
    if not tokens:
        return ()
    scores = [tokens_in_title(tokens, paper.title) for paper in papers]
    return tuple(i for i, score in enumerate(scores) if score)


def _in_order(cases: Sequence[_Case], *, step: int, count: int) -> list[tuple[int, ...]] | None:
    """For each case the papers that some assignment in order gives it; None if none does.

    ``step`` 1: each next link belongs to a later paper; 0: to the same or a later one.
    Exact, because the earliest choice before and the latest choice after a link bound
    everything that any assignment can do.
    """
    low, lows = -step, []
    for case in cases:
        lows.append(low)
        pick = next((p for p in case.papers if p >= low + step), None)
        if pick is None:
            return None
        low = pick
    high = count - 1 + step
    ordered: list[tuple[int, ...]] = []
    for case, low in zip(reversed(cases), reversed(lows), strict=True):
        ordered.append(tuple(p for p in case.papers if low + step <= p <= high - step))
        high = max(p for p in case.papers if p <= high - step)
    return ordered[::-1]


def _placement(
    cases: Sequence[_Case], picks: Sequence[int | None], *, links: Sequence[PageLink]
) -> Placement:
    """Picks as a placement, without papers that would get two identifiers of a kind."""
    schemes = Counter(
        (pick, identifier.scheme)
        for case, pick in zip(cases, picks, strict=True)
        if pick is not None and (identifier := links[case.links[0]].identifier)
    )
    placed: dict[int, int] = {}
    evidence: dict[int, str] = {}
    for case, pick in zip(cases, picks, strict=True):
        identifier = links[case.links[0]].identifier
        if pick is None:
            continue
        if case.why != _TITLE and identifier and schemes[pick, identifier.scheme] > 1:
            continue
        why = case.why if len(case.papers) == 1 else f"{case.why}, order"
        placed.update(dict.fromkeys(case.links, pick))
        evidence.update(dict.fromkeys(case.links, why))
    unplaced = tuple(i for i in range(len(links)) if i not in placed)
    return Placement(placed, unplaced, evidence)
