"""What OpenAlex says of a cited work, and of the works that cite it. Pure; nothing raises.

https://developers.openalex.org/api-reference/works
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import OPENALEX
from citewatch.domain.papers import Failed
from citewatch.sources.answers import Answer, JsonValue, load_json
from citewatch.sources.citing import MOST_AUTHORS, citing_work, person, published
from citewatch.sources.openalex_works import read_work
from citewatch.sources.values import count_or_none, year_of

FIELDS = "id,doi,ids,title,publication_year,publication_date,primary_location,authorships"
WORK_FIELDS = "id,cited_by_count,counts_by_year,authorships"
_LONGEST_CURSOR = 2_000
_YEARS = 300
_OWN_ID = re.compile(r"(?:https?://openalex\.org/(?:works/)?)?(W\d{4,12})", re.ASCII)
_AUTHOR = re.compile(r"(?:https?://openalex\.org/(?:authors/)?)?(A\d{4,12})", re.ASCII)
_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", re.ASCII)
_NO_WORK = Failed(reason="shape", detail="no work with an id")
_NO_LIST = Failed(reason="shape", detail="no list of works")
_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the service says of the cited work itself."""

    number: str
    count: int | None
    by_year: Mapping[int, int] | None
    authors: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    works: tuple[CitingWork, ...]
    odd: int
    """Entries that are no works."""
    count: int | None
    cursor: str
    """"" after the last page."""


def read_about(answer: Answer) -> About | Failed:
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    own_id = value.get("id") if type(value) is dict else None
    named = _OWN_ID.fullmatch(own_id) if type(own_id) is str else None
    if type(value) is not dict or named is None:
        return _NO_WORK
    return About(
        number=named[1],
        count=count_or_none(value.get("cited_by_count")),
        by_year=_by_year(value.get("counts_by_year")),
        authors=_people(value.get("authorships")),
    )


def _by_year(value: JsonValue) -> Mapping[int, int] | None:
    """Citing works by year; None where nothing is said, and where it cannot be believed."""
    if type(value) is not list:
        return None
    found: dict[int, int] = {}
    for row in value[:_YEARS]:
        year = year_of(row.get("year")) if type(row) is dict else None
        count = count_or_none(row.get("cited_by_count")) if type(row) is dict else None
        if year is None or count is None or year in found:
            return None
        found[year] = count
    return {year: found[year] for year in sorted(found) if found[year]}


def read_page(answer: Answer) -> Page | Failed:
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    results = value.get("results") if type(value) is dict else None
    meta = value.get("meta") if type(value) is dict else None
    if type(results) is not list or type(meta) is not dict:
        return _NO_LIST
    cursor = meta.get("next_cursor")
    if cursor is None:
        cursor = ""
    if type(cursor) is not str or len(cursor) > _LONGEST_CURSOR or not cursor.isprintable():
        return _NO_LIST
    works = [_work(row) for row in results[:_ROWS]]
    found = tuple([work for work in works if work is not None])
    if results and not found:
        return _NO_WORK
    return Page(
        works=found,
        odd=len(results) - len(found),
        count=count_or_none(meta.get("count")),
        cursor=cursor,
    )


def _work(row: JsonValue) -> CitingWork | None:
    """One citing work; None for what is none."""
    record = read_work(row)
    if record is None or type(row) is not dict:
        return None
    return citing_work(
        record.observed.answered.value,
        record.observed.facts,
        authors=_people(row.get("authorships")),
        published_on=_published(row),
    )


def _published(row: dict[str, JsonValue]) -> str:
    """The date; the first of January stands for a year alone.

    Of 1,739 recorded citing works 87 bear that day, five times as many as the first of any
    other month.
    """
    when = published(row.get("publication_date"), row.get("publication_year"))
    return when[:4] if when.endswith("-01-01") else when


def _people(value: JsonValue) -> tuple[Person, ...]:
    """Authors, each under OpenAlex' own id, an ORCID only where there is none."""
    found: list[Person] = []
    for authorship in value[:MOST_AUTHORS] if type(value) is list else ():
        author = authorship.get("author") if type(authorship) is dict else None
        if type(authorship) is not dict or type(author) is not dict:
            continue
        name = author.get("display_name") or authorship.get("raw_author_name")
        if (named := person(name, _identity(author))) is not None:
            found.append(named)
    return tuple(found)


def _identity(author: dict[str, JsonValue]) -> str:
    for scheme, pattern, value in (
        (OPENALEX, _AUTHOR, author.get("id")),
        ("orcid", _ORCID, author.get("orcid")),
    ):
        if type(value) is str and (found := pattern.fullmatch(value)):
            return f"{scheme}:{found[1]}"
    return ""
