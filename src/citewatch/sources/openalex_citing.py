"""Who cites a paper at OpenAlex: ``filter=cites:W…``, newest first, 100 works a page.

https://developers.openalex.org/guides/page-through-results. The look-up that finds the work
is free; each page costs a credit, and none is asked for from the half of the day's credits
that is kept for counts (`openalex_credits.Credits.saved`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from citewatch.domain.identifiers import ARXIV, OPENALEX, Identifier, is_askable
from citewatch.domain.papers import Blocked, Failed, Missing
from citewatch.ports import Ask, CitingOutcome, CitingPage
from citewatch.sources.answers import Answer, refused
from citewatch.sources.citing import (
    BAD_ID,
    ENDLESS,
    Send,
    first_day,
    may_be_smaller,
)
from citewatch.sources.http import Call
from citewatch.sources.openalex_citing_works import (
    FIELDS,
    WORK_FIELDS,
    About,
    Page,
    read_about,
    read_page,
)
from citewatch.sources.openalex_questions import listed_by_page, page_jobs, single, written_as
from citewatch.sources.openalex_works import read_list
from citewatch.sources.polite import Refusal
from citewatch.sources.questions import Question, Size, match_records

REACH = 10_000
"""Works within reach of page numbers: ``page * per_page`` must not be more."""
SIZES = (100, 20, 10)
"""Works a page: what is too much for the service is asked for in smaller ones. One divides
the next, so that a count of pages goes on where it was."""
_MOST_PAGES = 20_000
"""Two million works in pages of 100; nothing is cited as often."""
_LINE = 2_000
_KEY_GONE = Failed(reason="key", detail="the key was refused in the middle of a list")


async def citing_pages(
    send: Send, base: str, ask: Ask, *, since: str = "", keyed: Callable[[], bool]
) -> AsyncIterator[CitingOutcome]:
    """The works that cite a paper, newest first, undated ones last.

    ``since`` leaves undated works out as well. With a key cursors lead through all of them;
    since October 2026 a cursor without one is answered 401 after the first page, so that
    pages are counted, of which no more than `REACH` works can be reached.
    """
    about = await _find(send, base, ask)
    if not isinstance(about, About):
        yield about
        return
    walk = _Walk(about=about, since=since, cursor="*" if keyed() else "")
    for _ in range(_MOST_PAGES):
        if walk.cursor and not keyed():
            yield _KEY_GONE
            return
        page = await _ask_page(send, walk.call(base))
        if may_be_smaller(page) and len(walk.sizes) > 1:
            del walk.sizes[0]
            continue
        if not isinstance(page, Page):
            yield page
            return
        if walk.cursor and page.cursor == walk.cursor:
            break
        found = walk.take(page)
        yield found
        if found.last:
            return
    yield ENDLESS


@dataclass(slots=True, kw_only=True)
class _Walk:
    """How far one list has been read."""

    about: About
    since: str
    cursor: str
    """"" where pages are counted."""
    sizes: list[int] = field(default_factory=lambda: list(SIZES))
    """Works a page that are still tried, the most first."""
    offset: int = 0
    """Entries so far."""
    odd: int = 0
    """Of these, what is no work."""
    most: int = 0
    """The highest count seen: works that go meanwhile must not end the list early."""
    records: set[str] = field(default_factory=set)

    def call(self, base: str) -> Call:
        """The request for the next page."""
        size = self.sizes[0]
        condition = f"cites:{self.about.number}"
        if self.since:
            condition += f",from_publication_date:{first_day(self.since)}"
        place = f"page={self.offset // size + 1}"
        if self.cursor:
            place = f"cursor={quote(self.cursor, safe='*')}"
        query = (
            f"filter={quote(condition, safe=':,')}&per_page={size}&{place}"
            f"&sort=publication_date:desc&select={FIELDS}"
        )
        return Call(url=f"{base}/works?{query}", large=len(self.sizes) > 1, spare=True)

    def take(self, page: Page) -> CitingPage:
        """Go on behind a page."""
        first, came = self.offset == 0, len(page.works) + page.odd
        # Pages are counted by what was asked for, whatever came.
        self.offset += self.sizes[0]
        self.odd += page.odd
        self.most = max(self.most, page.count or 0)
        self.records.update(work.record for work in page.works)
        seen = len(self.records) + self.odd
        # After the last page there may be one more cursor, and nothing behind it.
        ended = not page.cursor if self.cursor else came < self.sizes[0] or self.offset >= REACH
        last = ended or not came or (page.count is not None and seen >= self.most)
        self.cursor = page.cursor if self.cursor else ""
        return CitingPage(
            works=page.works,
            total=self.about.count,
            by_year=self.about.by_year if first else None,
            cited_authors=self.about.authors if first else (),
            last=last,
            cut=self._cut(seen) if last and seen < self.most else "",
        )

    def _cut(self, seen: int) -> str:
        if not self.cursor and self.offset >= REACH:
            return (
                f"OpenAlex lists no more than {REACH:,} of {self.most:,} citing works without a key"
            )
        return f"OpenAlex ended its list after {seen:,} of {self.most:,} works"


# --- the cited work ----------------------------------------------------------------------


async def _find(send: Send, base: str, ask: Ask) -> About | Missing | Refusal | Blocked:
    """The work whose citations are counted: the one that answered before, else by identifier."""
    known = ask.answered if ask.answered is not None and ask.answered.scheme == OPENALEX else None
    outcome: About | Missing | Refusal | Blocked = BAD_ID
    for identifier in dict.fromkeys(i for i in (known, ask.identifier) if i is not None):
        if (call := _looked_up(base, identifier, ask)) is not None:
            outcome = await _ask_about(send, call, ask)
            if not isinstance(outcome, Missing):
                return outcome
    if isinstance(outcome, Missing) and ask.identifier.scheme == ARXIV:
        return await _find_by_page(send, base, ask)
    return outcome


async def _find_by_page(send: Send, base: str, ask: Ask) -> About | Missing | Refusal | Blocked:
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


async def _ask_about(send: Send, call: Call, ask: Ask) -> About | Missing | Refusal | Blocked:
    answer = await send(replace(call, params=(("select", WORK_FIELDS),), spare=True))
    if not isinstance(answer, Answer):
        return answer
    if answer.status == 404:  # a page of HTML; also for a work that another took in
        return Missing(asked=ask.identifier)
    return read_about(answer) if answer.status == 200 else refused(answer)


def _looked_up(base: str, identifier: Identifier, ask: Ask) -> Call | None:
    """The free look-up of one work; None for what cannot be looked up."""
    written = written_as(identifier) if is_askable(identifier) else None
    return None if written is None else single(base, Question(identifier, written, (ask,)))


async def _ask_page(send: Send, call: Call) -> Page | Refusal | Blocked:
    answer = await send(call)
    if not isinstance(answer, Answer):
        return answer
    return read_page(answer) if answer.status == 200 else refused(answer)
