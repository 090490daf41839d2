"""Who cites a paper at INSPIRE: ``q=refersto:recid:N``, most recent first, 10,000 in all.

https://github.com/inspirehep/rest-api-doc; that a record's own ``links.citations`` says so is
where the query comes from.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import INSPIRE, Identifier, is_askable
from citewatch.domain.papers import Blocked, Failed, Missing
from citewatch.ports import Ask, CitingOutcome, CitingPage
from citewatch.sources.answers import Answer, JsonValue, load_json, refused
from citewatch.sources.citing import (
    BAD_ID,
    MOST_AUTHORS,
    Send,
    citing_work,
    may_be_smaller,
    person,
    published,
)
from citewatch.sources.http import Call
from citewatch.sources.inspire_records import read_hit, term
from citewatch.sources.polite import Refusal
from citewatch.sources.values import count_or_none, people

REACH = 10_000
"""``Maximum number of 10000 results have been reached.``"""
FIELDS = (
    "control_number,titles.title,authors.full_name,authors.record,arxiv_eprints.value,"
    "dois.value,publication_info.journal_title,publication_info.year,earliest_date"
)
PAPER_FIELDS = (
    "control_number,citation_count,authors.full_name,authors.record,arxiv_eprints.value,dois.value"
)
_SIZES = (100, 20, 10)
"""Works a page: of a collaboration's papers each has 3,000 authors. One divides the next."""
_FEW = 20
"""Records that one identifier may lead to."""
_AUTHOR = re.compile(r"https?://[\w.-]+/api/authors/(\d{1,12})", re.ASCII)
_NO_LIST = Failed(reason="shape", detail="no list of hits with total")


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What the service says of the cited paper itself."""

    number: str
    count: int | None
    authors: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hits:
    """The hits of one answer, and how many there are in all."""

    rows: list[JsonValue]
    total: int


async def citing_pages(send: Send, base: str, ask: Ask) -> AsyncIterator[CitingOutcome]:
    """The works that cite a paper, by their earliest date, the latest first."""
    about = await _find(send, base, ask)
    if not isinstance(about, _About):
        yield about
        return
    offset, sizes, authors = 0, list(_SIZES), about.authors
    while True:
        size = sizes[0]
        query = f"refersto:recid:{about.number}"
        params = (("sort", "mostrecent"), ("page", str(offset // size + 1)), ("size", str(size)))
        call = _search(base, query, FIELDS, *params, large=len(sizes) > 1)
        hits = await _ask(send, call)
        if may_be_smaller(hits) and len(sizes) > 1:
            del sizes[0]
            continue
        if not isinstance(hits, _Hits):
            yield hits
            return
        offset += len(hits.rows)
        last = len(hits.rows) < size or offset >= min(hits.total, REACH)
        yield CitingPage(
            works=tuple([work for row in hits.rows if (work := _work(row)) is not None]),
            total=about.count,
            cited_authors=authors,
            last=last,
            cut=_cut(offset, hits.total) if last else "",
        )
        if last:
            return
        authors = ()


def _cut(seen: int, total: int) -> str:
    if seen >= total:
        return ""
    if seen >= REACH:
        return f"INSPIRE lists no more than {REACH:,} of {total:,} citing works"
    return f"INSPIRE ended its list after {seen:,} of {total:,} works"


async def _find(send: Send, base: str, ask: Ask) -> _About | Missing | Refusal | Blocked:
    """The record whose citations are counted: the one that answered before, else by identifier."""
    known = ask.answered if ask.answered is not None and ask.answered.scheme == INSPIRE else None
    outcome: _About | Missing | Refusal | Blocked = BAD_ID
    for identifier in dict.fromkeys(i for i in (known, ask.identifier) if i is not None):
        query = term(identifier) if is_askable(identifier) else None
        if query is None:
            continue
        hits = await _ask(send, _search(base, query, PAPER_FIELDS, ("size", str(_FEW))))
        if not isinstance(hits, _Hits):
            return hits
        outcome = _about(hits, identifier) or Missing(asked=ask.identifier)
        if isinstance(outcome, _About):
            return outcome
    return outcome


def _about(hits: _Hits, identifier: Identifier) -> _About | None:
    """The record that bears the identifier: a query that is not understood finds others."""
    for row in hits.rows[:_FEW]:
        observed = read_hit(row)
        if isinstance(observed, Failed) or type(row) is not dict:
            continue
        metadata = row.get("metadata")
        if type(metadata) is dict and identifier in (observed.answered, *observed.facts.ids):
            return _About(
                number=observed.answered.value,
                count=count_or_none(metadata.get("citation_count")),
                authors=_people(metadata.get("authors")),
            )
    return None


def _search(
    base: str, query: str, fields: str, *more: tuple[str, str], large: bool = False
) -> Call:
    params = (("q", query), ("fields", fields), *more)
    return Call(url=f"{base}/api/literature", params=params, large=large, spare=True)


async def _ask(send: Send, call: Call) -> _Hits | Refusal | Blocked:
    answer = await send(call)
    if not isinstance(answer, Answer):
        return answer
    if answer.status != 200:
        return refused(answer)
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    outer = value.get("hits") if type(value) is dict else None
    rows = outer.get("hits") if type(outer) is dict else None
    total = count_or_none(outer.get("total")) if type(outer) is dict else None
    if type(rows) is not list or total is None or len(rows) > _SIZES[0]:
        return _NO_LIST
    if rows and all(isinstance(read_hit(row), Failed) for row in rows):
        return _NO_LIST
    return _Hits(rows=rows, total=total)


def _work(row: JsonValue) -> CitingWork | None:
    """One citing record; None for what is none."""
    observed = read_hit(row)
    if isinstance(observed, Failed) or type(row) is not dict:
        return None
    metadata = row.get("metadata")
    if type(metadata) is not dict:
        return None
    return citing_work(
        observed.answered.value,
        observed.facts,
        authors=_people(metadata.get("authors")),
        published_on=published(metadata.get("earliest_date"), observed.facts.year),
    )


def _people(value: JsonValue) -> tuple[Person, ...]:
    """Authors, each under the number of their own record where there is one."""
    found: list[Person] = []
    for author in value[:MOST_AUTHORS] if type(value) is list else ():
        if type(author) is not dict or type(name := author.get("full_name")) is not str:
            continue
        record = author.get("record")
        place = record.get("$ref") if type(record) is dict else None
        named = _AUTHOR.fullmatch(place) if type(place) is str else None
        someone = person(" ".join(people([name[:1_000]])), f"{INSPIRE}:{named[1]}" if named else "")
        if someone is not None:
            found.append(someone)
    return tuple(found)
