"""arXiv: versions, comments, journal references; withdrawal from the abstract page.

https://info.arxiv.org/help/api/tou.html: one request every three seconds, one connection.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

from citewatch.domain.identifiers import ARXIV, Identifier
from citewatch.domain.papers import (
    Failed,
    Found,
    Missing,
    Outcome,
    SearchOutcome,
)
from citewatch.ports import Ask, Readings, Search
from citewatch.sources.answers import Answer, refused
from citewatch.sources.arxiv_atom import AtomError, Feed, Reading, read_feed
from citewatch.sources.arxiv_page import AbsPage, observe, read_page
from citewatch.sources.arxiv_questions import Batch, by_identifier, cut, matched, phrase
from citewatch.sources.http import Call
from citewatch.sources.in_flight import as_they_come
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.policy import RetryPolicy
from citewatch.sources.polite import ClientRules, PoliteClient, Refusal

BASE_URL = "https://export.arxiv.org"
ABS_URL = "https://arxiv.org"
MAX_BATCH = 100
INTERVAL_S = 3.0
# robots.txt of arxiv.org: Crawl-delay 15.
PAGE_INTERVAL_S = 15.0
TIMEOUT_S = 45.0
CANDIDATES = 5
_MAX_PAGE_BYTES = 1_000_000
# Requests that one pass may spend on batches which a single id has spoilt.
_MAX_REPAIRS = 30
# Above this a body is read in a thread, so that the loop is not held up.
_LARGE_BODY = 200_000

# 429 comes without Retry-After and lasts; clients that hold off a minute, then longer,
# get through.
_POLICY = RetryPolicy(
    server_waits_s=(5, 10, 20), throttle_waits_s=(), park_s=60.0, park_most_s=600.0
)

_BAD_ID = Failed(reason="bad_id", detail="not an arXiv id", retry=False)
_REFUSED = Failed(reason="refused", detail="refuses this machine (403)", retry=False)
"""A robot block, by address or User-Agent: nothing that a key or a login would cure."""

T = TypeVar("T")
R = TypeVar("R")


class Arxiv:
    """Asks by id list; entries come in any order and are matched by id."""

    name = "arxiv"
    label = "arXiv"
    counts = False
    schemes = (ARXIV,)

    def __init__(self, options: SourceOptions, tools: Tools) -> None:
        self._base = options.first_url(BASE_URL)
        self._abs = options.further_url("abs_url", ABS_URL)
        self._gap_s = options.interval_s(INTERVAL_S)
        self._page_gap_s = options.interval_s(PAGE_INTERVAL_S)
        self._batch_size = min(MAX_BATCH, max(1, options.batch_size or MAX_BATCH))
        self._in_flight = max(1, options.max_in_flight or 1)
        self._repairs = 0
        self._closed: set[str] = set()
        """Hosts that refused this machine: asked nothing more in this pass."""
        self._client = PoliteClient(
            tools,
            ClientRules(
                max_in_flight=self._in_flight,
                timeout_s=options.timeout_s or TIMEOUT_S,
                policy=_POLICY,
                daily_budget=options.daily_budget,
                quiet_hours=options.quiet_hours,
                settled=_is_atom_error,
            ),
            secrets=tuple(options.secrets.values()),
        )

    @property
    def requests(self) -> int:
        """Requests sent so far, abstract pages included."""
        return self._client.requests

    def blocked(self) -> str | None:
        """Never: it is open to everybody."""
        return None

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

    # --- id lists --------------------------------------------------------------------

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        """Ask for up to 100 ids in one request."""
        by_id, bad = by_identifier(asks)
        if bad:
            yield [(ask, _BAD_ID) for ask in bad]
        work = deque(cut(by_id, size=self._batch_size, base_url=self._base))

        async def run(batch: Batch) -> Readings:
            return await self._ask_batch(batch, work)

        async with aclosing(as_they_come(work, run, limit=self._in_flight)) as answers:
            async for readings in answers:
                if readings:
                    yield readings

    async def _ask_batch(self, batch: Batch, work: deque[Batch]) -> Readings:
        """Readings for the batch; what has to be asked again goes back into ``work``."""
        answer = await self._query(
            ("id_list", ",".join(identifier.value for identifier, _ in batch.asks)),
            count=len(batch.asks),
        )
        if not isinstance(answer, Answer):
            return batch.all_end_in(answer)
        reading = await _off_loop(read_feed, answer.body, size=len(answer.body))
        match reading:
            case AtomError():
                return self._refused_batch(batch, reading, work)
            case Feed() if answer.status == 200:
                if reading.empty and len(batch.asks) > 1 and not batch.again:
                    # Empty feeds for ids that exist were seen (lukasschwab/arxiv.py#43):
                    # one of them is no evidence that all papers have gone.
                    work.appendleft(replace(batch, again=True))
                    return []
                return matched(batch, reading)
            case _:
                return self._unreadable(batch, answer, reading, work)

    def _refused_batch(self, batch: Batch, error: AtomError, work: deque[Batch]) -> Readings:
        """One malformed id fails the whole request: it alone must suffer for it."""
        culprit = error.bad_id
        if culprit is None:
            failed = Failed(reason="arxiv_error", detail=error.summary, retry=False)
            return batch.all_end_in(failed)
        failed = Failed(reason="bad_id", detail=error.summary, retry=False)
        if len(batch.asks) == 1:
            return batch.all_end_in(failed)
        if self._repairs >= _MAX_REPAIRS:
            return batch.all_end_in(Failed(reason="batch_refused", detail=error.summary))
        guilty = tuple(entry for entry in batch.asks if entry[0].value == culprit)
        self._repairs += 1 if guilty else 2
        if not guilty:
            work.extendleft(batch.halves())
            return []
        work.appendleft(Batch(tuple(entry for entry in batch.asks if entry not in guilty)))
        return Batch(guilty).all_end_in(failed)

    def _unreadable(
        self, batch: Batch, answer: Answer, reading: Reading, work: deque[Batch]
    ) -> Readings:
        if answer.status in (400, 414) and len(batch.asks) > 1:
            # An HTML page: the request line was too long after all (a long base_url).
            work.extendleft(batch.halves())
            return []
        if answer.status != 200 or not isinstance(reading, Failed):
            return batch.all_end_in(refused(answer))
        return batch.all_end_in(reading)

    async def _query(self, what: tuple[str, str], *, count: int) -> Answer | Refusal:
        # Without max_results the server gives ten; 0 makes it fail.
        params = (what, ("max_results", str(count)), ("start", "0"))
        call = Call(url=f"{self._base}/api/query", params=params, gap_s=self._gap_s)
        return await self._ask(self._base, call)

    async def _ask(self, host: str, call: Call) -> Answer | Refusal:
        """One request; a door that was shut is not knocked at again."""
        if host in self._closed:
            return _REFUSED
        answer = await self._client.ask(call)
        if isinstance(answer, Answer) and answer.status == 403:
            self._closed.add(host)
            return _REFUSED
        return answer

    # --- titles ----------------------------------------------------------------------

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        """Look for the title as a phrase; up to five candidates, best first."""

        async def run(search: Search) -> tuple[Search, SearchOutcome]:
            return search, await self._find(search.reference.title)

        async with aclosing(as_they_come(deque(searches), run, limit=self._in_flight)) as answers:
            async for answered in answers:
                yield answered

    async def _find(self, title: str) -> SearchOutcome:
        words = phrase(title)
        if not words:
            return Found(candidates=())
        answer = await self._query(("search_query", f'ti:"{words}"'), count=CANDIDATES)
        if not isinstance(answer, Answer):
            return answer
        reading = await _off_loop(read_feed, answer.body, size=len(answer.body))
        match reading:
            case AtomError():
                return Failed(reason="arxiv_error", detail=reading.summary, retry=False)
            case Feed() if answer.status == 200:
                return Found(candidates=tuple(reading.papers.values())[:CANDIDATES])
            case Failed() if answer.status == 200:
                return reading
            case _:
                return refused(answer)

    # --- abstract pages --------------------------------------------------------------

    async def inspect(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        """Read the abstract page of each paper: withdrawal and version history."""
        by_id, bad = by_identifier(asks)
        if bad:
            yield [(ask, _BAD_ID) for ask in bad]

        async def run(entry: tuple[Identifier, list[Ask]]) -> Readings:
            outcome = await self._look(entry[0])
            return [(ask, outcome) for ask in entry[1]]

        async with aclosing(
            as_they_come(deque(by_id.items()), run, limit=self._in_flight)
        ) as answers:
            async for readings in answers:
                yield readings

    async def _look(self, identifier: Identifier) -> Outcome:
        url = f"{self._abs}/abs/{quote(identifier.value)}"
        call = Call(url=url, gap_s=self._page_gap_s, max_bytes=_MAX_PAGE_BYTES)
        answer = await self._ask(self._abs, call)
        if not isinstance(answer, Answer):
            return answer
        if answer.status == 404:
            return Missing(asked=identifier)
        if answer.status != 200:
            return refused(answer)
        # 40 kB take bs4 some 20 ms, a page made to hurt takes seconds: not on the loop.
        page = await asyncio.to_thread(read_page, answer.body)
        return observe(page, identifier) if isinstance(page, AbsPage) else page


def _is_atom_error(answer: Answer) -> bool:
    """A 500 that carries an error entry is a considered answer: never asked again."""
    return b"arxiv.org/api/errors" in answer.body and isinstance(read_feed(answer.body), AtomError)


async def _off_loop(read: Callable[[T], R], value: T, *, size: int) -> R:
    return read(value) if size <= _LARGE_BODY else await asyncio.to_thread(read, value)
