"""OpenAlex's work objects as JSON text. Shapes: the official OpenAPI document and real answers.

Rows are put together from a cached text and the few fields that move with the count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from citewatch.sandbox.citing import FADING, first_year
from citewatch.sandbox.events import event
from citewatch.sandbox.made import submitted_at
from citewatch.sandbox.openalex_counts import grown, last_growth
from citewatch.sandbox.openalex_works import Work
from citewatch.sandbox.records import DAY_S, number_of
from citewatch.sandbox.world import World

SOURCE = "openalex"
ROOT = "https://openalex.org/"
AUTHORS_SHOWN = 100
DATED_SHARE = 0.97
"""Citing works without a date are in no year: the years do not add up to the count."""
DIP_BELOW = 97
ARXIV_SOURCE = "arXiv (Cornell University)"


def work_url(work: Work) -> str:
    """The id of a work as answers give it."""
    return f"{ROOT}W{work.number}"


def doi_url(work: Work) -> str | None:
    """The DOI of a work as answers give it."""
    return f"https://doi.org/{work.doi}" if work.doi else None


def published_on(work: Work) -> str:
    """The publication date as text."""
    arxiv = work.record.arxiv
    if work.kind == "preprint" and arxiv:
        return datetime.fromtimestamp(submitted_at(arxiv), UTC).date().isoformat()
    return f"{work.record.year}-{1 + work.record.corpus % 12:02d}-01"


def _ids(work: Work) -> dict[str, str]:
    """External ids; there is none for arXiv."""
    ids = {"openalex": work_url(work)}
    if url := doi_url(work):
        ids["doi"] = url
    if work.mag:
        ids["mag"] = str(work.mag)
    if work.pmid:
        ids["pmid"] = f"https://pubmed.ncbi.nlm.nih.gov/{work.pmid}"
    return ids


def _location(work: Work, page: str) -> dict[str, object]:
    on_arxiv = "://arxiv.org/" in page
    published = page.startswith("https://doi.org/")
    name = ARXIV_SOURCE if on_arxiv else work.record.venue or None
    source = {
        "id": f"{ROOT}S{4_000_000_000 + number_of(f'venue/{name}', 400_000_000)}",
        "display_name": name,
        "issn_l": None,
        "issn": None,
        "is_oa": on_arxiv,
        "is_in_doaj": False,
        "is_core": False,
        "host_organization": None,
        "host_organization_name": "Cornell University" if on_arxiv else None,
        "type": "repository" if on_arxiv else "conference",
    }
    arxiv = page.rpartition("/")[2]
    return {
        "id": f"pmh:oai:arXiv.org:{arxiv}"
        if on_arxiv
        else f"doi:{page[16:]}"
        if published
        else None,
        "is_oa": on_arxiv,
        "landing_page_url": page,
        "pdf_url": f"https://arxiv.org/pdf/{arxiv}" if on_arxiv else None,
        "source": source if on_arxiv or published else None,
        "license": None,
        "license_id": None,
        "version": "publishedVersion" if published else "submittedVersion" if on_arxiv else None,
        "is_accepted": published,
        "is_published": published,
    }


def _authorships(work: Work) -> list[dict[str, object]]:
    names = [name.strip() for name in work.record.authors][:AUTHORS_SHOWN]
    last = len(names) - 1
    return [
        {
            "author_position": "first" if at == 0 else "last" if at == last else "middle",
            "author": {
                "id": f"{ROOT}A{5_000_000_000 + number_of(f'author/{name}', 99_000_000)}",
                "display_name": name,
                "orcid": None,
            },
            "institutions": [],
            "countries": [],
            "is_corresponding": at == 0,
            "raw_author_name": name,
            "raw_affiliation_strings": [],
            "affiliations": [],
        }
        for at, name in enumerate(names)
    ]


def _open_access(work: Work) -> dict[str, object]:
    arxiv = next((page for page in work.pages if "://arxiv.org/" in page), None)
    return {
        "is_oa": arxiv is not None,
        "oa_status": "green" if arxiv else "closed",
        "oa_url": arxiv,
        "any_repository_has_fulltext": arxiv is not None,
    }


def _nothing(_: Work) -> None:
    pass


def _empty(_: Work) -> list[object]:
    return []


_STILL: Mapping[str, Callable[[Work], object]] = {
    "id": work_url,
    "doi": doi_url,
    "title": lambda work: work.record.title,
    "display_name": lambda work: work.record.title,
    "publication_year": lambda work: int(published_on(work)[:4]),
    "publication_date": published_on,
    "ids": _ids,
    "language": lambda _: "en",
    "primary_location": lambda work: _location(work, work.pages[0]),
    "type": lambda work: work.kind,
    "indexed_in": lambda work: [
        name
        for name, there in (
            ("crossref", bool(work.record.doi)),
            ("arxiv", work.record.arxiv is not None),
            ("pubmed", work.pmid is not None),
        )
        if there
    ],
    "open_access": _open_access,
    "authorships": _authorships,
    "institutions_distinct_count": lambda _: 0,
    "countries_distinct_count": lambda _: 0,
    "corresponding_author_ids": _empty,
    "corresponding_institution_ids": _empty,
    "apc_list": _nothing,
    "apc_paid": _nothing,
    "has_fulltext": lambda _: False,
    "biblio": lambda _: dict.fromkeys(("volume", "issue", "first_page", "last_page")),
    "is_paratext": lambda _: False,
    "is_xpac": lambda work: work.xpac,
    "primary_topic": _nothing,
    "topics": _empty,
    "keywords": _empty,
    "concepts": _empty,
    "mesh": _empty,
    "locations_count": lambda work: len(work.pages),
    "locations": lambda work: [_location(work, page) for page in work.pages],
    "best_oa_location": lambda work: next(
        (_location(work, page) for page in work.pages if "://arxiv.org/" in page), None
    ),
    "sustainable_development_goals": _empty,
    "awards": _empty,
    "funders": _empty,
    "has_content": lambda _: {"pdf": False, "grobid_xml": False},
    "referenced_works_count": lambda work: 20 + number_of(f"{work.record.key}/refs", 40),
    "referenced_works": _empty,
    "related_works": _empty,
    "abstract_inverted_index": _nothing,
    "created_date": lambda work: f"{work.record.year}-12-{1 + work.record.corpus % 28:02d}",
}
_MOVING = (
    "fwci",
    "cited_by_count",
    "citation_normalized_percentile",
    "cited_by_percentile_year",
    "is_retracted",
    "counts_by_year",
    "updated_date",
)
FIELDS: tuple[str, ...] = (*_STILL, *_MOVING, "relevance_score")
"""Names that ``select`` knows."""


def still(work: Work, fields: tuple[str, ...]) -> dict[str, object]:
    """Those of the fields that do not move with the count."""
    return {name: _STILL[name](work) for name in fields if name in _STILL}


class Rows:
    """Rows of one world as JSON text."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._heads: dict[tuple[Work, tuple[str, ...]], str] = {}
        self._first_year = datetime.fromtimestamp(world.start, UTC).year

    def row(
        self,
        work: Work,
        fields: tuple[str, ...],
        now: float,
        *,
        score: float | None = None,
    ) -> str:
        """One work object; ``score`` where the work was searched for."""
        head = self._heads.get((work, fields))
        if head is None:
            head = json.dumps(still(work, fields), ensure_ascii=False, separators=(",", ":"))[1:-1]
            self._heads[work, fields] = head
        texts = [head, *self._moved(work, fields, now)]
        if score is not None and "relevance_score" in fields:
            texts.append(f'"relevance_score":{score}')
        return f"{{{','.join(filter(None, texts))}}}"

    def _moved(self, work: Work, fields: tuple[str, ...], now: float) -> list[str]:
        """The members that move, as text."""
        count = self.count(work, now)
        moving = [name for name in fields if name in _MOVING]
        return [f'"{name}":{self._moving(name, work, now, count=count)}' for name in moving]

    def count(self, work: Work, now: float) -> int:
        """``cited_by_count`` of a work at ``now``."""
        count = grown(self._world, work.parts, self._world.day(now), source=SOURCE)
        if self._world.on("openalex_dip", now) and self._dips(work):
            return min(count, DIP_BELOW)
        return count

    def _dips(self, work: Work) -> bool:
        return work.record.key == f"p{event('openalex_dip').paper}"

    def _moving(self, name: str, work: Work, now: float, *, count: int) -> str:
        match name:
            case "cited_by_count":
                return str(count)
            case "counts_by_year":
                return json.dumps(self._by_year(work, now), separators=(",", ":"))
            case "is_retracted":
                return "true" if work.retracted_at <= now else "false"
            case "updated_date":
                return json.dumps(self._updated(work, now))
        return "null" if work.doi is None else _standing(name, count)

    def _by_year(self, work: Work, now: float) -> list[dict[str, int]]:
        """Counts by year of citing: no year without any, in no order that holds for all."""
        this_year = datetime.fromtimestamp(now, UTC).year
        begin = first_year(work.record, self._first_year)
        old = grown(self._world, work.parts, 0, source=SOURCE) * DATED_SHARE
        weights = [FADING ** (year - begin) for year in range(begin, self._first_year + 1)]
        found = {begin + at: int(old * w / sum(weights)) for at, w in enumerate(weights)}
        for year in range(self._first_year, max(this_year, self._first_year) + 1):
            ends = datetime(year + 1, 1, 1, tzinfo=UTC).timestamp()
            begins = datetime(year, 1, 1, tzinfo=UTC).timestamp()
            gained = self._grown_at(work, min(ends, now)) - self._grown_at(work, begins)
            found[year] = found.get(year, 0) + int(gained * DATED_SHARE)
        rows = [{"year": y, "cited_by_count": n} for y, n in found.items() if n]
        turn = work.number % 3
        return rows[::-1] if turn == 0 else rows[turn:] + rows[:turn]

    def _grown_at(self, work: Work, at: float) -> int:
        return grown(self._world, work.parts, self._world.day(at), source=SOURCE)

    def _updated(self, work: Work, now: float) -> str:
        """When anything in the record last changed, the count included."""
        day = last_growth(self._world, work.parts, self._world.day(now), source=SOURCE)
        before = -DAY_S * (1 + number_of(f"{work.record.key}/updated", 200))
        moments = [self._world.start + (before if day is None else day * DAY_S)]
        moments += [at for at in (work.since, work.retracted_at) if 0 < at <= now]
        if self._world.eventful and self._dips(work):
            dip = event("openalex_dip")
            turns = (dip.first_day, (dip.last_day or 0) + 1)
            moments += [at for d in turns if (at := self._world.start + d * DAY_S) <= now]
        return datetime.fromtimestamp(max(moments), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def _standing(name: str, count: int) -> str:
    """How a count compares with others: made up, but in the right bounds."""
    share = round(1 - 1 / (1 + count / 9), 6)
    if name == "fwci":
        return str(round(count / 11, 4))
    if name == "cited_by_percentile_year":
        return json.dumps({"min": int(share * 99), "max": int(share * 99) + 1})
    return json.dumps(
        {
            "value": share,
            "is_in_top_1_percent": share >= 0.99,
            "is_in_top_10_percent": share >= 0.9,
        }
    )
