"""OpenAlex: counts of 100 works in one request, free look-ups of one, retractions, titles.

https://developers.openalex.org, https://help.openalex.org. Since 2026 a day has 1,000
credits without a key and 10,000 with a free one. A list costs 1, a title search 10, the
look-up of a single work nothing: so lists first, single works for what a list misses
and for the rest of a day whose credits are spent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar, cast

from citewatch.domain.identifiers import ARXIV, Identifier
from citewatch.domain.papers import (
    Blocked,
    Failed,
    Found,
    Missing,
    Observed,
    Outcome,
    Reference,
    SearchOutcome,
    Throttled,
)
from citewatch.ports import Ask, CitingOutcome, Quota, Readings, Search
from citewatch.sources import openalex_questions as form
from citewatch.sources.answers import Answer, refused
from citewatch.sources.batched import BatchedSource, Question, Record
from citewatch.sources.http import Call
from citewatch.sources.in_flight import as_they_come
from citewatch.sources.openalex_citing import citing_pages
from citewatch.sources.openalex_credits import Credits
from citewatch.sources.openalex_limits import Limit, read_quota, read_refusal
from citewatch.sources.openalex_questions import PER_LIST, SCHEMES, filter_of
from citewatch.sources.openalex_works import read_found, read_list, read_one
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.polite import Refusal
from citewatch.sources.questions import Job, Size, match_records

_UNSURE = ("pmid", "mag")
"""Filters that are documented, and were seen refused."""


class OpenAlex(BatchedSource):
    """Asks by DOI, its own id, PubMed or MAG; answers come in any order, without the unknown."""

    name: ClassVar[str] = "openalex"
    label: ClassVar[str] = "OpenAlex"
    schemes: ClassVar[tuple[str, ...]] = SCHEMES
    home: ClassVar[str] = "https://api.openalex.org"
    max_batch: ClassVar[int] = PER_LIST
    line_bytes: ClassVar[int] = 7_500
    """The edge takes lines of 8,190 bytes; all but the identifiers are some 300."""
    interval_s: ClassVar[float] = 0.2
    in_flight: ClassVar[int] = 4
    follows_published: ClassVar[bool] = True
    """Of a preprint and its publication as two works, that with the published DOI counts."""

    def __init__(self, options: SourceOptions, tools: Tools) -> None:
        super().__init__(options, tools)
        self._credits = Credits(tools.clock, tools.gate)
        self._stood_in = 0
        """Single works that were looked up because there was no list."""

    # --- what it is asked -----------------------------------------------------------------

    def write(self, identifier: Identifier) -> str | None:
        """The value of a filter or a path."""
        return form.written_as(identifier)

    def group(self, identifier: Identifier) -> str | None:
        """The name of the filter; None for what has to be looked up singly."""
        return filter_of(identifier)

    def call(self, questions: Sequence[Question]) -> Call:
        """A list by identifier."""
        return form.listed(self.base, questions)

    def single(self, question: Question) -> Call | None:
        """The free look-up, which also knows the works that lists hide (``xpac``)."""
        return form.single(self.base, question)

    def search_call(self, reference: Reference) -> Call | None:
        """A list of works whose titles hold all the words."""
        return form.searched(self.base, reference.title)

    def spare(self, asks: Sequence[Ask]) -> int:
        """Free places in lists that are asked for anyway; none while there are no lists."""
        return 0 if self._credits.spent() is not None else super().spare(asks)

    # --- what it answers --------------------------------------------------------------------

    def read(self, answer: Answer, questions: Sequence[Question]) -> Sequence[Record] | Failed:
        """Works, each under the identifiers that filters look in."""
        works = read_list(answer, questions)
        return works if isinstance(works, Failed) else works.records

    def is_doubtful(self, observed: Observed, question: Question) -> bool:
        """A known paper under another work: lists of known papers come without authors."""
        moved = bool(question.followed) and observed.answered not in question.followed
        return moved and not observed.facts.authors

    def read_single(self, answer: Answer, question: Question) -> Outcome:
        """One work. A merged one is answered under another id, or is gone with a 404."""
        if answer.status == 404:  # a page of HTML, whatever the reason
            return Missing(asked=question.identifier)
        if answer.status != 200:
            return refused(answer)
        observed = read_one(answer)
        return observed if isinstance(observed, Failed) else self.settle(observed, question)

    def read_search(self, answer: Answer) -> Found | Failed:
        """Candidates with all that a look-up would give."""
        return read_found(answer) if answer.status == 200 else refused(answer)

    def heed(self, answer: Answer) -> Quota | None:
        """Credits left."""
        return read_quota(answer.headers, self.tools.clock.time())

    def is_settled(self, answer: Answer) -> bool:
        """Whether it is about credits, plans or searches: waiting would change nothing."""
        refusal = read_refusal(answer)
        return refusal is not None and refusal.limit is not Limit.PACE

    def open_at(self, answer: Answer) -> float | None:
        """A second after too many requests in one; the answer itself asks for 0.1."""
        refusal = read_refusal(answer)
        paced = refusal is not None and refusal.limit is Limit.PACE
        return self.tools.clock.time() + 1.0 if paced else None

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about how it went, in sentences."""
        spent = self._credits.spent()
        if spent is None or not self._stood_in:
            return super().notes
        advice = "" if self.key.value else "; a free key has ten times as many"
        singly = f"{self._stood_in} looked up one by one, which is free"
        return (*super().notes, f"{spent.reason}{advice}; {singly}")

    # --- asking -------------------------------------------------------------------------------

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        """Lists, then single works, then preprints by their landing pages."""
        await self._credits.recall()
        lost: list[Ask] = []
        first = cast("AsyncGenerator[Readings, None]", super().fetch(asks))
        async with aclosing(first) as answers:
            async for readings in answers:
                kept = [pair for pair in readings if not _may_have_a_page(*pair)]
                lost += [ask for ask, outcome in readings if _may_have_a_page(ask, outcome)]
                if kept:
                    yield kept
        size = Size(identifiers=self._size, line_bytes=self.line_bytes)
        work = deque(form.page_jobs(lost, size))
        async with aclosing(as_they_come(work, self._ask_pages, limit=self._limit)) as answers:
            async for readings in answers:
                yield readings

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        """Look for titles, at 10 credits each."""
        await self._credits.recall()
        found = cast("AsyncGenerator[tuple[Search, SearchOutcome], None]", super().search(searches))
        async with aclosing(found) as answers:
            async for answered in answers:
                yield answered

    def citing(self, ask: Ask, *, since: str = "") -> AsyncIterator[CitingOutcome]:
        """Who cites a paper, 100 works a credit."""
        return citing_pages(
            self._ask_spare, self.base, ask, since=since, keyed=lambda: bool(self.key.value)
        )

    async def _ask_spare(self, call: Call) -> Answer | Refusal | Blocked:
        """One request that counts need not suffer for: from half of the day's credits."""
        await self._credits.recall()
        if not form.is_free(call) and (saved := self._credits.saved(self._quota)) is not None:
            return saved
        return await self.ask(call)

    async def ask(self, call: Call) -> Answer | Refusal | Blocked:
        """One request; none that costs while there are no credits for it."""
        free = form.is_free(call)
        closed = self._credits.no_search() if form.is_search(call) else self._credits.spent()
        if free:
            closed = self._credits.shut()
        if closed is not None:
            return closed
        answer = await super().ask(call)
        refusal = read_refusal(answer) if isinstance(answer, Answer) else None
        if refusal is None:
            return answer
        if free and refusal.limit is Limit.CREDITS:
            return await self._credits.shut_down()
        return await self._credits.refuse(refusal)

    async def _ask_batch(self, job: Job, work: deque[Job]) -> Readings:
        spent = self._credits.spent()
        if spent is None:
            readings = await super()._ask_batch(job, work)
            spent = self._credits.spent()
            if spent is None or not readings or readings[0][1] is not spent:
                return readings
        return self._one_by_one(job, work, spent)

    def _one_by_one(self, job: Job, work: deque[Job], spent: Throttled) -> Readings:
        """As many as is decent are looked up singly; the others wait for new credits."""
        readings: list[tuple[Ask, Outcome]] = []
        for question in job.questions:
            if self._credits.free > 0 and not question.casual and self.single(question) is not None:
                self._credits.free -= 1
                self._stood_in += 1
                work.append(Job((question,), single=True))
            else:
                readings += [(ask, spent) for ask in question.asks]
        return readings

    def _refused_batch(self, job: Job, answer: Answer, work: deque[Job]) -> Readings:
        # Lists by PubMed id were refused with 400 in 2025 (OpenAlex issue 8): singly then.
        singly = len(job.questions) == 1 or self.group(job.questions[0].identifier) in _UNSURE
        if answer.status == 400 and singly and all(self.single(q) for q in job.questions):
            work.extend(Job((question,), single=True) for question in job.questions)
            return []
        return super()._refused_batch(job, answer, work)

    async def _ask_pages(self, job: Job) -> Readings:
        """Preprints whose DOI is on no work: their page may be one of its locations."""
        answer = await self.ask(form.listed_by_page(self.base, job.questions))
        if not isinstance(answer, Answer):
            return job.all_end_in(answer)
        if answer.status != 200:
            return job.all_end_in(refused(answer))
        works = read_list(answer, by_page=True)
        if isinstance(works, Failed):
            return job.all_end_in(works)
        readings: list[tuple[Ask, Outcome]] = []
        for question, seen in match_records(job.questions, works.records):
            outcome: Outcome = Missing(asked=question.identifier)
            if seen:
                outcome = _by_its_own_id(self.settle(seen[0], question, seen[1:]))
            elif not works.whole:
                outcome = Failed(reason="incomplete", detail="a list that was cut short")
            readings += [(ask, outcome) for ask in question.asks]
        return readings


def _by_its_own_id(outcome: Outcome) -> Outcome:
    """From now on it is asked for by the id of its work: a list finds that at once."""
    return replace(outcome, asked=outcome.answered) if isinstance(outcome, Observed) else outcome


def _may_have_a_page(ask: Ask, outcome: Outcome) -> bool:
    """Whether a preprint that was not found by its DOI is worth a list by landing page."""
    return type(outcome) is Missing and ask.identifier.scheme == ARXIV and not ask.casual
