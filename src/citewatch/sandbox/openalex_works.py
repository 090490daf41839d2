"""OpenAlex's works of one world, and finding them by what a client knows of them.

Mostly one work a record; where OpenAlex differs from Semantic Scholar, works are cut
otherwise: a published version apart from its preprint, one work for both, the same DOI on
two works, works that disappear when another takes them in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

from citewatch.sandbox.events import event
from citewatch.sandbox.openalex_counts import OPENALEX_SHARE, Parts
from citewatch.sandbox.records import DAY_S, Record, number_of
from citewatch.sandbox.titles import words
from citewatch.sandbox.world import World

FIRST_NUMBER = 4_000_000_000
SECOND = 300_000_000
"""Distance of a record's second work from its first; corpus ids are smaller."""
THIRD = 2 * SECOND
MAG_UNTIL = 2021
"""Works up to this year carry the Microsoft Academic number, which is their own."""
ONE_WORK = "p19"
"""Two records at Semantic Scholar, one work here."""
MERGED = "p33"
"""A preprint's work that goes when the published one takes it in: 404 from then on."""
REDIRECTED = "p21"
"""The same for a duplicate without any identifier; the old number redirects."""
APART = "p51"
"""One record at Semantic Scholar; preprint and published version are two works here."""
TWICE = "p39"
"""A DOI on two works."""
RETRACTED = "p45"
HIDDEN = frozenset({"p24", "p49"})
"""xpac works: lists and searches leave them out, single look-ups do not."""
NO_DOI = frozenset({"p22", "p48"})
"""Known by their arXiv page alone: the arXiv DOI is on no work."""
WITH_PMID = {"namesake47": 26_004_471}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Work:
    """A work as it is from epoch second ``since`` until ``until``."""

    number: int
    """The digits of its id W…"""
    record: Record
    parts: Parts
    kind: str = "article"
    doi: str | None = None
    """Bare and in lower case."""
    pages: tuple[str, ...] = ()
    """Landing pages, that of the primary location first."""
    since: float = -inf
    until: float = inf
    moved_to: int | None = None
    """The number to which an ended work redirects; None where it is just gone."""
    retracted_at: float = inf
    xpac: bool = False
    pmid: int | None = None

    @property
    def mag(self) -> int | None:
        """The Microsoft Academic number."""
        return self.number if self.record.year <= MAG_UNTIL else None

    def there(self, now: float) -> bool:
        """Whether the work exists in this state at ``now``."""
        return self.since <= now < self.until


class Works:
    """The works of one world; all are made, and indexed, at the first question."""

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def _all(self) -> tuple[tuple[Work, ...], ...]:
        """Works by the position of their record."""
        return tuple(_Cutter(self._world).works())

    @cached_property
    def _index(self) -> dict[tuple[str, str], list[Work]]:
        found: dict[tuple[str, str], list[Work]] = defaultdict(list)
        for works in self._all:
            for work in works:
                for name in _names(work):
                    found[name].append(work)
        return dict(found)

    def find(self, scheme: str, value: str, now: float) -> list[Work]:
        """Works that carry an identifier at ``now``, the chief one first.

        ``scheme`` is openalex (digits), doi (bare, lower case), mag, pmid or page.
        """
        return [work for work in self._index.get((scheme, value), ()) if work.there(now)]

    def ended(self, number: str, now: float) -> Work | None:
        """The work that had a number until before ``now``, when none has it any more."""
        return next(
            (work for work in self._index.get(("openalex", number), ()) if work.until <= now), None
        )

    def titled(self, text: str, now: float, *, in_order: bool = False) -> list[tuple[float, Work]]:
        """(likeness, work) of all whose title holds every word of a text."""
        asked = len(words(text))
        places = self._world.title_index.holding(text, exact=in_order)
        return [
            (asked / max(1, len(words(work.record.title))), work)
            for at in places
            for work in self._all[at]
            if work.there(now)
        ]

    def everything(self, now: float) -> list[Work]:
        """Every work that exists at ``now``."""
        return [work for works in self._all for work in works if work.there(now)]


def _names(work: Work) -> Iterable[tuple[str, str]]:
    yield "openalex", str(work.number)
    if work.doi:
        yield "doi", work.doi
    if work.mag:
        yield "mag", str(work.mag)
    if work.pmid:
        yield "pmid", str(work.pmid)
    for page in work.pages:
        yield "page", page


class _Cutter:
    """Cuts the records of a world into works."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._keyed = {record.key: record for record in world.records}
        self._forums = {f"p{paper.number}": paper.openreview for paper in world.listed}
        self._special: dict[str, Callable[[Record], tuple[Work, ...]]] = {
            ONE_WORK: lambda _: (),
            ONE_WORK + "j": self._joined,
            MERGED: self._merged,
            MERGED + "j": self._taking_in,
            REDIRECTED: self._redirected,
            APART: self._apart,
            TWICE: self._twice,
        }

    def works(self) -> Iterable[tuple[Work, ...]]:
        for record in self._world.records:
            cut = self._special.get(record.key) if self._world.eventful else None
            yield cut(record) if cut else (self._plain(record),)

    def _at(self, name: str) -> float:
        return self._world.start + event(name).first_day * DAY_S

    def _plain(self, record: Record) -> Work:
        doi = record.doi.lower() if record.doi else None
        published = doi is not None or record.arxiv is None
        if doi is None and record.arxiv and not (self._world.eventful and record.key in NO_DOI):
            doi = arxiv_doi(record.arxiv)
        work = Work(
            number=FIRST_NUMBER + record.corpus,
            record=record,
            parts=((record, OPENALEX_SHARE),),
            kind="article" if published else "preprint",
            doi=doi,
            pages=self._pages(record),
        )
        return self._marked(work) if self._world.eventful else work

    def _marked(self, work: Work) -> Work:
        key = work.record.key
        return replace(
            work,
            xpac=key in HIDDEN,
            pmid=WITH_PMID.get(key),
            retracted_at=self._at("openalex_retracted") if key == RETRACTED else inf,
        )

    def _pages(self, record: Record) -> tuple[str, ...]:
        pages = [f"https://doi.org/{record.doi.lower()}"] if record.doi else []
        if record.arxiv:
            pages.append(arxiv_page(record.arxiv))
        if forum := self._forums.get(record.key):
            pages.append(f"https://openreview.net/forum?id={forum}")
        return tuple(pages or (f"https://papers.example.org/{record.key}",))

    def _joined(self, record: Record) -> tuple[Work, ...]:
        preprint = self._keyed[ONE_WORK]
        work = self._plain(record)
        both = ((record, OPENALEX_SHARE), (preprint, OPENALEX_SHARE))
        return (replace(work, parts=both, pages=work.pages + self._pages(preprint)),)

    def _merged(self, record: Record) -> tuple[Work, ...]:
        return (replace(self._plain(record), until=self._at("openalex_merge")),)

    def _taking_in(self, record: Record) -> tuple[Work, ...]:
        (after,) = (replace(self._plain(record), since=self._at("openalex_merge")),)
        preprint = self._keyed[MERGED]
        before = replace(after, since=-inf, until=after.since)
        both = ((record, OPENALEX_SHARE), (preprint, OPENALEX_SHARE))
        return (before, replace(after, parts=both, pages=after.pages + self._pages(preprint)))

    def _redirected(self, record: Record) -> tuple[Work, ...]:
        at, work = self._at("openalex_redirect"), self._plain(record)
        number = work.number + SECOND
        duplicate = replace(
            work,
            number=number,
            parts=((record, 0.04),),
            kind="article",
            doi=None,
            pages=(f"https://papers.example.org/{record.key}",),
            until=at,
        )
        taking_in = replace(
            work,
            number=number,
            parts=(*work.parts, *duplicate.parts),
            pages=work.pages + duplicate.pages,
            since=at,
        )
        return (replace(work, until=at, moved_to=number), duplicate, taking_in)

    def _apart(self, record: Record) -> tuple[Work, ...]:
        published = replace(record, arxiv=None)
        preprint = replace(record, doi=None, acl=None, venue="arXiv.org")
        first = replace(self._plain(published), parts=((record, 0.42),))
        second = replace(
            self._plain(preprint), number=first.number + SECOND, parts=((record, 0.19),)
        )
        return (first, second)

    def _twice(self, record: Record) -> tuple[Work, ...]:
        work = self._plain(record)
        copy = replace(
            work,
            number=work.number + THIRD,
            parts=((record, 0.05),),
            pages=work.pages[:1],
        )
        return (work, copy)


def arxiv_doi(arxiv: str) -> str:
    """The DOI of an arXiv paper, in lower case."""
    return f"10.48550/arxiv.{arxiv.lower()}"


def arxiv_page(arxiv: str) -> str:
    """The landing page as OpenAlex spells it: for some papers without the s of https."""
    scheme = "http" if number_of(f"page/{arxiv}", 3) == 0 else "https"
    return f"{scheme}://arxiv.org/abs/{arxiv}"
