"""Who cites a paper at OpenAlex: ``filter=cites:W…``, newest first, 100 works a page.

https://developers.openalex.org/api-reference/works. The look-up that finds the work is free;
each page costs a credit, and none is asked for from the half of the day's credits that is
kept for counts (`openalex_credits.Credits.saved`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import ARXIV, OPENALEX, Identifier, is_askable
from citewatch.domain.papers import Blocked, Failed, Missing
from citewatch.ports import Ask, CitingOutcome, CitingPage
from citewatch.sources.answers import Answer, JsonValue, load_json, refused
from citewatch.sources.citing import (
    BAD_ID,
    ENDLESS,
    LEAST,
    MOST_AUTHORS,
    Send,
    citing_work,
    first_day,
    may_be_smaller,
    person,
    published,
)
from citewatch.sources.http import Call
from citewatch.sources.openalex_questions import listed_by_page, page_jobs, single, written_as
from citewatch.sources.openalex_works import read_list, read_work
from citewatch.sources.polite import Refusal
from citewatch.sources.questions import Question, Size, match_records
from citewatch.sources.values import count_or_none, year_of

PAGE = 100
FIELDS = "id,doi,ids,title,publication_year,publication_date,primary_location,authorships"
WORK_FIELDS = "id,cited_by_count,counts_by_year,authorships"
_MOST_PAGES = 20_000
"""Two million works in pages of 100; nothing is cited as often."""
_LINE = 2_000
_LONGEST_CURSOR = 2_000
_YEARS = 300
_OWN_ID = re.compile(r"(?:https?://openalex\.org/(?:works/)?)?(W\d{4,12})", re.ASCII)
_AUTHOR = re.compile(r"(?:https?://openalex\.org/(?:authors/)?)?(A\d{4,12})", re.ASCII)
_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])", re.ASCII)
_NO_WORK = Failed(reason="shape", detail="no work with an id")
_NO_LIST = Failed(reason="shape", detail="no list of works")


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What the service says of the cited work itself."""

    number: str
    count: int | None
    by_year: Mapping[int, int] | None
    authors: tuple[Person, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    works: tuple[CitingWork, ...]
    odd: int
    """Entries that are no works."""
    count: int | None
    cursor: str
    """"" after the last page."""


async def citing_pages(
    send: Send, base: str, ask: Ask, *, since: str = ""
) -> AsyncIterator[CitingOutcome]:
    """The works that cite a paper, newest first, undated ones last.

    ``since`` leaves undated works out as well.
    """
    about = await _find(send, base, ask)
    if not isinstance(about, _About):
        yield about
        return
    cursor, size, odd, most, first = "*", PAGE, 0, 0, True
    records: set[str] = set()
    for _ in range(_MOST_PAGES):
        page = await _ask_page(send, _listed(base, about.number, since, cursor, size))
        if isinstance(page, Failed) and may_be_smaller(page) and size > LEAST:
            size = max(LEAST, size // 4)
            continue
        if not isinstance(page, _Page):
            yield page
            return
        odd += page.odd
        records.update(work.record for work in page.works)
        seen = len(records) + odd
        if page.cursor == cursor:
            yield ENDLESS
            return
        # The last page may still have a cursor, and then a page with nothing on it follows.
        # The highest count counts: works that go meanwhile must not end the list early.
        most = max(most, page.count or 0)
        empty = not page.works and not page.odd
        last = not page.cursor or empty or (page.count is not None and seen >= most)
        yield CitingPage(
            works=page.works,
            total=about.count,
            by_year=about.by_year if first else None,
            cited_authors=about.authors if first else (),
            last=last,
            cut=f"OpenAlex ended its list after {seen:,} of {most:,} works"
            if last and seen < most
            else "",
        )
        if last:
            return
        cursor, first = page.cursor, False
    yield ENDLESS


# --- the cited work ----------------------------------------------------------------------


async def _find(send: Send, base: str, ask: Ask) -> _About | Missing | Refusal | Blocked:
    """The work whose citations are counted: the one that answered before, else by identifier."""
    known = ask.answered if ask.answered is not None and ask.answered.scheme == OPENALEX else None
    outcome: _About | Missing | Refusal | Blocked = BAD_ID
    for identifier in dict.fromkeys(i for i in (known, ask.identifier) if i is not None):
        if (call := _looked_up(base, identifier, ask)) is not None:
            outcome = await _ask_about(send, call, ask)
            if not isinstance(outcome, Missing):
                return outcome
    if isinstance(outcome, Missing) and ask.identifier.scheme == ARXIV:
        return await _find_by_page(send, base, ask)
    return outcome


async def _find_by_page(send: Send, base: str, ask: Ask) -> _About | Missing | Refusal | Blocked:
    """A preprint whose DOI is on no work: its page may be one of a work's locations (1 credit)."""
    (job,) = page_jobs([ask], Size(identifiers=1, line_bytes=_LINE))
    answer = await send(replace(listed_by_page(base, job.questions), spare=True))
    if not isinstance(answer, Answer):
        return answer
    works = read_list(answer, by_page=True) if answer.status == 200 else refused(answer)
    if isinstance(works, Failed):
        return works
    ((_, seen),) = match_records(job.questions, works.records)
    call = _looked_up(base, seen[0].answered, ask) if seen else None
    return Missing(asked=ask.identifier) if call is None else await _ask_about(send, call, ask)


async def _ask_about(send: Send, call: Call, ask: Ask) -> _About | Missing | Refusal | Blocked:
    answer = await send(replace(call, params=(("select", WORK_FIELDS),), spare=True))
    if not isinstance(answer, Answer):
        return answer
    if answer.status == 404:  # a page of HTML; also for a work that another took in
        return Missing(asked=ask.identifier)
    return _about(answer) if answer.status == 200 else refused(answer)


def _looked_up(base: str, identifier: Identifier, ask: Ask) -> Call | None:
    """The free look-up of one work; None for what cannot be looked up."""
    written = written_as(identifier) if is_askable(identifier) else None
    return None if written is None else single(base, Question(identifier, written, (ask,)))


def _about(answer: Answer) -> _About | Failed:
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    own_id = value.get("id") if type(value) is dict else None
    named = _OWN_ID.fullmatch(own_id) if type(own_id) is str else None
    if type(value) is not dict or named is None:
        return _NO_WORK
    return _About(
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


# --- pages -------------------------------------------------------------------------------


def _listed(base: str, number: str, since: str, cursor: str, size: int) -> Call:
    condition = f"cites:{number}" + (f",from_publication_date:{first_day(since)}" if since else "")
    query = (
        f"filter={quote(condition, safe=':,')}&per_page={size}&cursor={quote(cursor, safe='*')}"
        f"&sort=publication_date:desc&select={FIELDS}"
    )
    return Call(url=f"{base}/works?{query}", large=size > LEAST, spare=True)


async def _ask_page(send: Send, call: Call) -> _Page | Refusal | Blocked:
    answer = await send(call)
    if not isinstance(answer, Answer):
        return answer
    return _read(answer) if answer.status == 200 else refused(answer)


def _read(answer: Answer) -> _Page | Failed:
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
    works = [_work(row) for row in results[: 2 * PAGE]]
    found = tuple([work for work in works if work is not None])
    if results and not found:
        return _NO_WORK
    return _Page(
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
