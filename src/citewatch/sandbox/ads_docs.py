"""ADS's documents: bibcodes, the identifiers that gather over time, and the count."""

from __future__ import annotations

import re

from citewatch.sandbox.events import event
from citewatch.sandbox.known import Known, OwnCounts, inverted
from citewatch.sandbox.records import number_of
from citewatch.sandbox.world import World

COUNT = "citation_count"
LOW, HIGH = 30, 80
"""What ADS counts, per cent of Semantic Scholar's."""


class AdsDocs:
    """Documents of one world; ``at`` is a paper's position among those of the service."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._counts = OwnCounts(world, "ads", low=LOW, high=HIGH)
        self._late = f"p{event('ads_published').paper}"

    def bibcode(self, at: int, paper: Known, now: float) -> str:
        """The one under which the paper goes at ``now``."""
        if self._published(paper, now) or paper.arxiv is None:
            return _journal_bibcode(at, paper)
        return _preprint_bibcode(paper)

    def _published(self, paper: Known, now: float) -> bool:
        """Whether ADS has found the publication; for one paper that takes a while."""
        if paper.key == self._late and self._world.eventful:
            return self._world.on("ads_published", now)
        return paper.doi_by(now) is not None

    def names(self, at: int, paper: Known, now: float) -> tuple[str, ...]:
        """Every identifier that denotes the paper at ``now``, also the spellings not shown."""
        bare = (paper.arxiv,) if paper.arxiv else ()
        return (*self._identifiers(at, paper, now), *bare)

    def every_name(self, at: int, paper: Known) -> tuple[str, ...]:
        """The identifiers of all times."""
        late = (_journal_bibcode(at, paper), paper.doi) if paper.doi else ()
        return (*self.names(at, paper, self._world.start), *late)

    def _identifiers(self, at: int, paper: Known, now: float) -> list[str]:
        found = []
        if paper.arxiv:
            found = [_preprint_bibcode(paper), f"arXiv:{paper.arxiv}"]
        bibcode = self.bibcode(at, paper, now)
        return [*dict.fromkeys((*found, bibcode)), *self._dois(paper, now)]

    def _dois(self, paper: Known, now: float) -> list[str]:
        """The preprint's DOI counts among them, as ADS has it since 2022."""
        dois = [f"10.48550/arXiv.{paper.arxiv}"] if paper.arxiv else []
        doi = paper.doi_by(now)
        return [doi, *dois] if doi and self._published(paper, now) else dois

    def doc(self, at: int, paper: Known, fields: tuple[str, ...], now: float) -> dict[str, object]:
        """The fields asked for; those that a paper does not have are left out."""
        row: dict[str, object] = {}
        for name in fields:
            if (value := self._value(at, paper, name, now)) is not None:
                row[name] = value
        return row

    def _value(self, at: int, paper: Known, name: str, now: float) -> object:
        match name:
            case "citation_count":
                return self._counts.at(paper, now)
            case "id":
                return str(10_000_000 + at)
            case "bibcode":
                return self.bibcode(at, paper, now)
            case "identifier":
                return self._identifiers(at, paper, now)
            case "alternate_bibcode":
                published = paper.arxiv and self._published(paper, now)
                return [_preprint_bibcode(paper)] if published else None
            case "doi":
                return self._dois(paper, now) or None
        return self._printed(paper, name, now)

    def _printed(self, paper: Known, name: str, now: float) -> object:
        match name:
            case "title":
                return [paper.title]
            case "author":
                return [inverted(author) for author in paper.authors]
            case "year":
                return str(paper.year)
            case "pubdate":
                return f"{paper.year}-{1 + number_of(f'ads/month/{paper.key}', 12):02d}-00"
            case "pub":
                return paper.venue if self._published(paper, now) else "arXiv e-prints"
            case "doctype":
                return "article" if self._published(paper, now) else "eprint"
        return None


def _initial(paper: Known) -> str:
    return inverted(paper.authors[0])[0].upper()


def _preprint_bibcode(paper: Known) -> str:
    """``2017arXiv170603762V``: year, id in nine places, first letter of the first author."""
    arxiv = paper.arxiv or ""
    digits = arxiv.replace(".", "") if len(arxiv) == 10 else arxiv[-9:]
    year = f"20{arxiv[:2]}" if arxiv[:2].isdecimal() else str(paper.year)
    return f"{year}arXiv{digits:.>9}{_initial(paper)}"


def _journal_bibcode(at: int, paper: Known) -> str:
    """Year, journal in five places, volume in four, section, page in four, first letter."""
    capitals = "".join(re.findall(r"\b[A-Z]", paper.venue or "")) or "JMUR"
    volume, page = 1 + at // 9_000, 1 + at % 9_000
    return f"{paper.year}{capitals[:5]:.<5}{volume:.>4}.{page:.>4}{_initial(paper)}"
