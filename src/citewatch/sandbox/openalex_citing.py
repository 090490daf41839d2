"""OpenAlex's lists by ``filter=cites:W…``: works that cite one, as many as its count says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial

from citewatch.sandbox.citing import Citer, Citing, Part
from citewatch.sandbox.openalex_asked import CITES, SPANS, BadQuestion, Page
from citewatch.sandbox.openalex_counts import Parts, grown
from citewatch.sandbox.openalex_rows import SOURCE, Rows, still
from citewatch.sandbox.openalex_works import Work, arxiv_doi, arxiv_page
from citewatch.sandbox.records import number_of
from citewatch.sandbox.world import World

FIRST_NUMBER = 7_000_000_000
UNDATED = 33
"""Every so many-th citing work has no date; it comes last where dates decide the order."""
VAGUE = 17
"""Of every so many-th only the year is known: it is given as the first of January."""
MARKED_UP = 29
"""Every so many-th title holds the markup of its publisher."""
NAMELESS = 23
"""Every so many-th has people without an id of their own, one of them with an ORCID."""
_ORDERS = 8
_Place = tuple[Part, int]
_SORTS: Mapping[str, Callable[[Citer], object]] = {
    "cited_by_count": lambda citer: citer.record.count,
    "display_name": lambda citer: citer.record.title,
}


class CitingLists:
    """The lists of one world."""

    def __init__(self, world: World, rows: Rows) -> None:
        self._world = world
        self._rows = rows
        self._orders: dict[object, list[_Place]] = {}
        """The last few lists, so that the next page need not be put in order again."""

    def listed(
        self,
        works: tuple[Work, ...],
        asked: Sequence[tuple[str, list[str]]],
        now: float,
        *,
        sort: str | None,
    ) -> tuple[Citing, list[_Place]]:
        """Where those are that cite one of the works and pass the other filters, in order."""
        citing = Citing(source=SOURCE, start=self._world.start, day=self._world.day(now))
        name = (works, str(asked), sort, citing.day)
        if name not in self._orders:
            while len(self._orders) >= _ORDERS:
                del self._orders[next(iter(self._orders))]
            self._orders[name] = self._put_in_order(citing, works, asked, now, sort=sort)
        return citing, self._orders[name]

    def _put_in_order(
        self,
        citing: Citing,
        works: Sequence[Work],
        asked: Sequence[tuple[str, list[str]]],
        now: float,
        *,
        sort: str | None,
    ) -> list[_Place]:
        places = [place for work in works for place in self._places(work, now)]
        for name, values in asked:
            if name in SPANS:
                places = _within(citing, places, name, values)
            elif name != CITES:
                raise BadQuestion(f"{name} cannot be combined with {CITES} here.")
        return _ordered(citing, places, sort)

    def rows(
        self, citing: Citing, places: Sequence[_Place], fields: tuple[str, ...], page: Page
    ) -> list[str]:
        """One page of a list as JSON texts."""
        shown = places[page.offset : page.offset + page.per_page]
        rows = [_row(citing.work(part, number), fields) for part, number in shown]
        return [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows]

    def _places(self, work: Work, now: float) -> list[_Place]:
        """The works that the count of one is made of, oldest first, part by part."""
        left, day = self._rows.count(work, now), self._world.day(now)
        places: list[_Place] = []
        for at, (record, share) in enumerate(work.parts):
            by_day = partial(_by_day, self._world, ((record, share),))
            shown = min(left, by_day(day))
            left -= shown
            apart = sum(before is record for before, _ in work.parts[:at])
            part = Part(record=record, shown=shown, by_day=by_day, share=share, apart=apart)
            places += [(part, number) for number in range(1, shown + 1)]
        return places


def _by_day(world: World, parts: Parts, day: int) -> int:
    return grown(world, parts, day, source=SOURCE)


def _shown_day(citing: Citing, place: _Place) -> date | None:
    """The publication date as answers give it."""
    part, number = place
    if number % UNDATED == 0:
        return None
    day = citing.published(part, number)
    return date(day.year, 1, 1) if number % VAGUE == 0 else day


def _within(
    citing: Citing, places: Sequence[_Place], name: str, values: Sequence[str]
) -> list[_Place]:
    try:
        (limit,) = (date.fromisoformat(value) for value in values)
    except ValueError:
        raise BadQuestion(f"Value for param {name} must be a date: 2023-01-31.") from None
    days = [(place, _shown_day(citing, place)) for place in places]
    if name == SPANS[0]:
        return [place for place, day in days if day is not None and day >= limit]
    return [place for place, day in days if day is not None and day <= limit]


def _ordered(citing: Citing, places: list[_Place], sort: str | None) -> list[_Place]:
    """As asked; without an order they come oldest first."""
    for text in reversed(sort.split(",") if sort else ()):
        name, _, direction = text.lstrip("-").partition(":")
        down = text.startswith("-") or direction == "desc"
        if name in ("publication_date", "publication_year"):
            dated = [(day, place) for place in places if (day := _shown_day(citing, place))]
            undated = [place for place in places if place[1] % UNDATED == 0]
            dated.sort(key=lambda pair: pair[0], reverse=down)
            places = [place for _, place in dated] + undated
        elif name in _SORTS:
            by = _SORTS[name]
            places.sort(key=lambda place: str(by(citing.work(*place))), reverse=down)
        else:
            raise BadQuestion(f"{name} is not a valid sort field.")
    return places


def _row(citer: Citer, fields: tuple[str, ...]) -> dict[str, object]:
    work = _work(citer)
    row = still(work, fields)
    day = None if citer.number % UNDATED == 0 else citer.day
    if day is not None and citer.number % VAGUE == 0:
        day = date(day.year, 1, 1)
    own: dict[str, object] = {
        "publication_date": day.isoformat() if day else None,
        "publication_year": day.year if day else None,
        "cited_by_count": citer.record.count,
        "counts_by_year": [],
        "is_retracted": False,
        "fwci": None,
        "citation_normalized_percentile": None,
        "cited_by_percentile_year": None,
        "updated_date": f"{citer.day.isoformat()}T00:00:00.000000",
    }
    if citer.number % MARKED_UP == 0:
        own["title"] = own["display_name"] = f"<i>{citer.record.title}</i> &amp; More"
    row |= {name: value for name, value in own.items() if name in fields}
    if citer.number % NAMELESS == 0 and "authorships" in row:
        row["authorships"] = _nameless(row["authorships"])
    return row


def _nameless(authorships: object) -> list[dict[str, object]]:
    """People whom nobody has told apart: no id, the first one with an ORCID."""
    found = []
    for at, authorship in enumerate(authorships if isinstance(authorships, list) else ()):
        author = dict(authorship["author"], id=None)
        if at == 0:
            author["orcid"] = _orcid(str(author["display_name"]))
        found.append({**authorship, "author": author})
    return found


def _orcid(name: str) -> str:
    """A well-formed ORCID, check character included (ISO 7064, 11-2)."""
    digits = f"00000003{number_of(f'orcid/{name}', 10**7):07d}"
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    whole = digits + ("X" if check == 10 else str(check))
    return "https://orcid.org/" + "-".join(whole[at : at + 4] for at in range(0, 16, 4))


def _work(citer: Citer) -> Work:
    record = citer.record
    doi = record.doi or (arxiv_doi(record.arxiv) if record.arxiv else None)
    pages = [f"https://doi.org/{doi}"] if record.doi else []
    pages += [arxiv_page(record.arxiv)] if record.arxiv else []
    return Work(
        number=FIRST_NUMBER + record.corpus,
        record=record,
        parts=(),
        kind="article" if record.doi else "preprint",
        doi=doi,
        pages=tuple(pages),
    )
