"""Who cites a paper at Semantic Scholar: pages of up to 1,000 works, 9,999 in all.

https://api.semanticscholar.org/api-docs/graph#tag/Paper-Data/operation/get_graph_get_paper_citations
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from urllib.parse import quote

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import SEMANTIC_SCHOLAR
from citewatch.domain.papers import Blocked, Failed, Missing
from citewatch.ports import Ask, CitingOutcome, CitingPage
from citewatch.sources.answers import Answer, JsonValue, load_json, message, refused
from citewatch.sources.citing import (
    BAD_ID,
    ENDLESS,
    LEAST,
    MOST_AUTHORS,
    Send,
    citing_work,
    may_be_smaller,
    person,
    published,
    usable,
)
from citewatch.sources.http import Call
from citewatch.sources.polite import Refusal
from citewatch.sources.semantic_scholar_records import facts_of, paper_id, says_too_much
from citewatch.sources.values import count_or_none

PAGE = 1_000
REACH = 9_999
"""``offset + limit must be < 10000``."""
FIELDS = "paperId,corpusId,externalIds,title,venue,year,publicationDate,authors,isInfluential"
PAPER_FIELDS = "citationCount,authors"
_MOST_PAGES = 1_200
"""Enough for 9,999 works in the smallest pages; beyond, a list never ends."""
_FEW = 3
"""Or 5 %: by so much a count may be off the length of its list."""
_SHA = re.compile(r"[0-9a-f]{40}")
_AUTHOR = re.compile(r"[1-9]\d{0,14}", re.ASCII)
_WITHHELD = "the publisher withholds who cites this paper"
_NO_LIST = Failed(reason="shape", detail="no list of citations")


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """What the service says of the cited paper itself."""

    count: int | None = None
    authors: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """One page as it was read."""

    works: tuple[CitingWork, ...]
    rows: int
    """Entries, with those that are no works."""
    next: int | None
    """Where the next page begins; None after the last one."""
    withheld: bool = False


async def citing_pages(
    send: Send, base: str, ask: Ask, *, since: str = ""
) -> AsyncIterator[CitingOutcome]:
    """The works that cite a paper, newest first (as seen, nowhere promised).

    Without ``since`` the paper itself is asked about first, one request more: how often it is
    cited, and who wrote it. With it only what was published since then comes; what has
    neither date nor year is left out by the service.
    """
    outcome: CitingOutcome = BAD_ID
    for place in _places(base, ask):
        came = False
        async with aclosing(_pages(send, place, ask, since)) as pages:
            async for outcome in pages:
                if came or not isinstance(outcome, Missing):
                    yield outcome
                    came = True
        if came:
            return
    yield outcome


def _places(base: str, ask: Ask) -> list[str]:
    """Where the paper is: the record that answered before, else what its identifier leads to."""
    known = ask.answered if ask.answered is not None else ask.identifier
    ids = (known, ask.identifier) if known.scheme == SEMANTIC_SCHOLAR else (ask.identifier,)
    written = [paper_id(identifier) for identifier in ids if usable(identifier)]
    # Slashes of a DOI stay: recorded answers came to requests of that form.
    names = [quote(name, safe=":/") for name in written if name is not None]
    return [f"{base}/graph/v1/paper/{name}" for name in dict.fromkeys(names)]


async def _pages(
    send: Send, place: str, ask: Ask, since: str
) -> AsyncGenerator[CitingOutcome, None]:
    about = await _ask_about(send, place, ask) if not since else _About()
    if not isinstance(about, _About):
        yield about
        return
    offset, size, authors = 0, PAGE, about.authors
    for _ in range(_MOST_PAGES):
        limit = min(size, REACH - offset)
        batch = await _ask_page(send, place, ask, since=since, offset=offset, limit=limit)
        if isinstance(batch, Failed) and may_be_smaller(batch) and size > LEAST:
            size = max(LEAST, size // 4)
            continue
        if not isinstance(batch, _Batch):
            yield batch
            return
        more = batch.next
        if more is not None and not offset < more <= offset + limit:
            yield ENDLESS
            return
        last = more is None or more >= REACH
        cut = _cut(batch, offset + batch.rows, about.count)
        yield CitingPage(
            works=batch.works, total=about.count, cited_authors=authors, last=last, cut=cut
        )
        if more is None or last:
            return
        offset, authors = more, ()
    yield ENDLESS


def _cut(batch: _Batch, seen: int, count: int | None) -> str:
    """Why the list ends with this batch although there is more; "" where it does not."""
    if batch.withheld:
        return _WITHHELD
    if batch.next is not None:
        if batch.next < REACH:
            return ""
        of = "" if count is None or count <= REACH else f" of {count:,}"
        return f"Semantic Scholar lists no more than {REACH:,}{of} citing works"
    # Pages in the middle were seen empty and without `next` (s2-folks#117).
    if count is None or seen >= count - max(_FEW, count // 20):
        return ""
    return f"Semantic Scholar ended its list after {seen:,} of {count:,} works"


async def _ask_about(send: Send, place: str, ask: Ask) -> _About | Missing | Refusal | Blocked:
    call = Call(url=place, params=(("fields", PAPER_FIELDS),), spare=True)
    answer = await send(call)
    if not isinstance(answer, Answer):
        return answer
    value = _object(answer, ask)
    if not isinstance(value, dict):
        return value
    return _About(
        count=count_or_none(value.get("citationCount")), authors=_people(value.get("authors"))
    )


async def _ask_page(
    send: Send, place: str, ask: Ask, *, since: str, offset: int, limit: int
) -> _Batch | Missing | Refusal | Blocked:
    params = [("fields", FIELDS), ("offset", str(offset)), ("limit", str(limit))]
    if since:
        params.append(("publicationDateOrYear", f"{since}:"))
    call = Call(url=f"{place}/citations", params=params, large=limit > LEAST, spare=True)
    answer = await send(call)
    if not isinstance(answer, Answer):
        return answer
    if says_too_much(answer):
        return replace(refused(answer), reason="too_large")
    value = _object(answer, ask)
    return _read(value) if isinstance(value, dict) else value


def _object(answer: Answer, ask: Ask) -> dict[str, JsonValue] | Missing | Failed:
    """The object of a good answer; a 404 in the service's own words is a miss."""
    if answer.status == 404 and "not found" in message(answer).lower():
        said = load_json(answer)
        if type(said) is dict and type(said.get("error")) is str:
            return Missing(asked=ask.identifier)
    if answer.status != 200:
        return refused(answer)
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    return value if type(value) is dict else _NO_LIST


def _read(value: dict[str, JsonValue]) -> _Batch | Failed:
    """One page; entries that are no works, or name none, are passed over."""
    data, more = value.get("data"), value.get("next")
    if data is None and "data" in value:
        return _Batch(works=(), rows=0, next=None, withheld=True)
    if type(data) is not list or not all(row is None or type(row) is dict for row in data):
        return _NO_LIST
    if more is not None and (type(more) is not int or not 0 < more < 10**9):
        return _NO_LIST
    works = [_work(row) for row in data[: 2 * PAGE] if type(row) is dict]
    found = tuple([work for work in works if work is not None])
    return _Batch(works=found, rows=len(data), next=more)


def _work(row: dict[str, JsonValue]) -> CitingWork | None:
    """One citation; None where the citing paper has no name that would last."""
    paper, influential = row.get("citingPaper"), row.get("isInfluential")
    if type(paper) is not dict:
        return None
    facts = facts_of(paper)
    sha = paper.get("paperId")
    record = sha if type(sha) is str and _SHA.fullmatch(sha) else ""
    own = [i.value for i in facts.ids if i.scheme == SEMANTIC_SCHOLAR]
    if not record and not own:
        return None
    return citing_work(
        record or own[0],
        facts,
        authors=_people(paper.get("authors")),
        published_on=published(paper.get("publicationDate"), paper.get("year")),
        influential=influential if type(influential) is bool else None,
    )


def _people(value: JsonValue) -> tuple[Person, ...]:
    """Authors, each under the service's own number where it has one."""
    found: list[Person] = []
    for author in value[:MOST_AUTHORS] if type(value) is list else ():
        if type(author) is not dict:
            continue
        number = author.get("authorId")
        known = type(number) is str and _AUTHOR.fullmatch(number) is not None
        identity = f"{SEMANTIC_SCHOLAR}:{number}" if known else ""
        if (named := person(author.get("name"), identity)) is not None:
            found.append(named)
    return tuple(found)
