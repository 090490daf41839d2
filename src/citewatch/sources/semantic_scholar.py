"""Semantic Scholar: counts of up to 500 papers in one request, title match, who cites a paper.

https://api.semanticscholar.org/api-docs/graph, https://www.semanticscholar.org/product/api
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from citewatch.domain.identifiers import ARXIV, DOI, Identifier, arxiv_doi
from citewatch.domain.papers import (
    Blocked,
    Failed,
    Found,
    Missing,
    Observed,
    Outcome,
    SearchOutcome,
)
from citewatch.ports import Ask, CitingOutcome, Quota, Readings, Search
from citewatch.sources.answers import Answer, refused
from citewatch.sources.http import Call
from citewatch.sources.in_flight import as_they_come
from citewatch.sources.key import Key
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.policy import MAY_BE_THE_QUESTION, RetryPolicy
from citewatch.sources.polite import ClientRules, PoliteClient, Refusal
from citewatch.sources.semantic_scholar_citing import citing_pages
from citewatch.sources.semantic_scholar_records import (
    FIELDS,
    KNOWN,
    paper_id,
    read_batch,
    read_match,
    says_no_valid_ids,
    says_too_much,
)
from citewatch.sources.text import tidy

BASE_URL = "https://api.semanticscholar.org"
MAX_BATCH = 500
# One request a second with a key; without one, a pool shared by everybody.
KEYED_INTERVAL_S = 1.1
KEYLESS_INTERVAL_S = 6.5
IN_FLIGHT = 4
TIMEOUT_S = 30.0
_QUERY_LENGTH = 300

# Finding one refused id among 500 takes 2 x log2(500) = 18 requests; twice that is enough.
_MAX_BISECTIONS = 36

_BAD_ID = Failed(reason="bad_id", detail="not an id that this source knows", retry=False)


@dataclass(frozen=True, slots=True)
class _Batch:
    asks: tuple[tuple[Identifier, str, tuple[Ask, ...]], ...]
    """(identifier, as the service writes it, who asks); each identifier once."""
    part: bool = False
    """Came out of halving a batch."""
    witness: Identifier | None = None
    """An identifier that was answered in this pass, asked for once more: what is missing
    beside it is missing."""

    def halves(self) -> Iterator[_Batch]:
        middle = len(self.asks) // 2
        yield _Batch(self.asks[:middle], part=True)
        yield _Batch(self.asks[middle:], part=True)

    def all_end_in(self, outcome: Outcome) -> Readings:
        return [(ask, outcome) for _, _, asks in self.asks for ask in asks]


class SemanticScholar:
    """Asks by position: the n-th record answers the n-th id."""

    name = "semantic_scholar"
    label = "Semantic Scholar"
    counts = True
    schemes = ("semantic_scholar", "arxiv", "doi", "acl", "pubmed", "mag")

    def __init__(self, options: SourceOptions, tools: Tools) -> None:
        self._base = options.first_url(BASE_URL)
        self._options = options
        self._batch_size = min(MAX_BATCH, max(1, options.batch_size or MAX_BATCH))
        self._in_flight = max(1, options.max_in_flight or IN_FLIGHT)
        self._key = Key(options.secret("api_key"))
        self._bisections = 0
        self._answered: Identifier | None = None
        """One identifier that the service has answered in this pass."""
        self._refused: Failed | None = None
        """Set when this machine is refused without a key: nothing more is sent in the pass."""
        self._client = PoliteClient(
            tools,
            ClientRules(
                max_in_flight=self._in_flight,
                timeout_s=options.timeout_s or TIMEOUT_S,
                policy=RetryPolicy(),
                daily_budget=options.daily_budget,
                quiet_hours=options.quiet_hours,
            ),
            secrets=tuple(options.secrets.values()),
        )

    @property
    def requests(self) -> int:
        """Requests sent so far."""
        return self._client.requests

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about how it went, in sentences."""
        return tuple(self._key.notes)

    @property
    def quota(self) -> Quota | None:
        """Never known: its answers carry no limits."""
        return None

    @property
    def key_state(self) -> str:
        """Whether a key is there and was accepted."""
        return self._key.state

    def blocked(self) -> str | None:
        """Never: it answers without a key, only more slowly."""
        return None

    def doubles(self, ids: Sequence[Identifier]) -> list[Identifier]:
        """arXiv ids, arXiv's DOIs for them, other DOIs: a preprint that came in through two
        doors may be two records (allenai/S2APLER#19)."""
        preprints = [i for i in ids if i.scheme == ARXIV]
        return [
            *preprints,
            *(arxiv_doi(i) for i in preprints),
            *(i for i in ids if i.scheme == DOI),
        ]

    def spare(self, asks: Sequence[Ask]) -> int:
        """How many ids more would cost no further request beside these."""
        return -len(asks) % self._batch_size

    async def aclose(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        """Ask in batches, several under way at once."""
        if len(asks) <= self._batch_size:
            batches, refused_ids = self._batches(asks)
        else:  # 100,000 papers would hold up the loop for a third of a second
            batches, refused_ids = await asyncio.to_thread(self._batches, asks)
        if refused_ids:
            yield [(ask, _BAD_ID) for ask in refused_ids]
        work = deque(batches)

        async def run(batch: _Batch) -> Readings:
            return await self._ask_batch(batch, work)

        async with aclosing(as_they_come(work, run, limit=self._in_flight)) as answers:
            async for readings in answers:
                if readings:
                    yield readings

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        """One title match each, several under way at once."""

        async def run(search: Search) -> tuple[Search, SearchOutcome]:
            return search, await self._match(search)

        async with aclosing(as_they_come(deque(searches), run, limit=self._in_flight)) as answers:
            async for answered in answers:
                yield answered

    def citing(self, ask: Ask, *, since: str = "") -> AsyncIterator[CitingOutcome]:
        """Who cites a paper, 1,000 works a request."""
        return citing_pages(self._ask, self._base, ask, since=since)

    # --- batches -----------------------------------------------------------------

    def _batches(self, asks: Sequence[Ask]) -> tuple[list[_Batch], list[Ask]]:
        by_id: dict[Identifier, list[Ask]] = {}
        for ask in asks:
            by_id.setdefault(ask.identifier, []).append(ask)
        good: list[tuple[Identifier, str, tuple[Ask, ...]]] = []
        bad: list[Ask] = []
        for identifier, askers in by_id.items():
            written = paper_id(identifier)
            if written is None:
                bad += askers
            else:
                good.append((identifier, written, tuple(askers)))
        size = self._batch_size
        return [_Batch(tuple(good[i : i + size])) for i in range(0, len(good), size)], bad

    async def _ask_batch(self, batch: _Batch, work: deque[_Batch]) -> Readings:
        """Readings for the whole batch, or none when its halves went back into ``work``."""
        asked = [identifier for identifier, _, _ in batch.asks]
        written = [written for _, written, _ in batch.asks]
        if batch.witness is not None:
            asked.append(batch.witness)
            written.append(paper_id(batch.witness) or "")
        call = Call(
            method="POST",
            url=f"{self._base}/graph/v1/paper/batch",
            params=(("fields", FIELDS),),
            json={"ids": [*written]},
            large=len(asked) > 1,
            suspect=batch.part,
        )
        answer = await self._ask(call)
        if not isinstance(answer, Answer):
            if self._may_halve(batch, answer):
                work.extendleft(batch.halves())
                return []
            return batch.all_end_in(answer)
        if answer.status == 200:
            outcomes = read_batch(answer, asked)
            if isinstance(outcomes, Failed):
                return batch.all_end_in(outcomes)
            for identifier, outcome in zip(asked, outcomes, strict=True):
                if isinstance(outcome, Observed):
                    self._answered = identifier
                    break
            return [
                (ask, outcome)
                for (_, _, askers), outcome in zip(batch.asks, outcomes, strict=False)
                for ask in askers
            ]
        return self._refused_batch(batch, answer, work)

    def _may_halve(self, batch: _Batch, outcome: Refusal | Blocked) -> bool:
        """One bad record was seen to fail a whole batch with 500; a big one may time out (504)."""
        return (
            isinstance(outcome, Failed)
            and outcome.reason in MAY_BE_THE_QUESTION
            and len(batch.asks) > 1
            and not self._client.refusing
        )

    def _refused_batch(self, batch: _Batch, answer: Answer, work: deque[_Batch]) -> Readings:
        if says_too_much(answer) and len(batch.asks) > 1:
            work.extendleft(batch.halves())
            return []
        if not says_no_valid_ids(answer):
            return batch.all_end_in(refused(answer))
        # "No valid paper ids given" means that none is known. It is also said to come
        # when a single id is malformed. What we send is canonical, so that the first
        # meaning stands, unless the batch holds papers that the service has known: then it
        # is asked once more, beside an id that was just answered. If it is refused even so,
        # it is halved until the culprit stands alone, within a fixed number of requests.
        known = any(ask.hint == KNOWN for _, _, askers in batch.asks for ask in askers)
        if len(batch.asks) == 1 or not known:
            return [(ask, Missing(asked=i)) for i, _, askers in batch.asks for ask in askers]
        witnessed = batch.part or batch.witness is not None or len(batch.asks) >= MAX_BATCH
        if self._answered is not None and not witnessed:
            work.appendleft(replace(batch, witness=self._answered))
            return []
        if self._bisections >= _MAX_BISECTIONS:
            words = "a batch with known papers was refused as a whole"
            return batch.all_end_in(Failed(reason="batch_refused", detail=words))
        self._bisections += 2
        work.extendleft(batch.halves())
        return []

    # --- titles --------------------------------------------------------------------

    async def _match(self, search: Search) -> SearchOutcome:
        title = tidy(search.reference.title)[:_QUERY_LENGTH]
        if not title:
            return Found(candidates=())
        call = Call(
            url=f"{self._base}/graph/v1/paper/search/match",
            params=(("query", title), ("fields", FIELDS)),
        )
        answer = await self._ask(call)
        return read_match(answer) if isinstance(answer, Answer) else answer

    # --- the key ---------------------------------------------------------------------

    async def _ask(self, call: Call) -> Answer | Refusal | Blocked:
        """One question at the pace that the key allows, again without one refused twice."""
        while self._refused is None:
            key = self._key.value
            gap_s = self._options.interval_s(KEYED_INTERVAL_S if key else KEYLESS_INTERVAL_S)
            headers = {"x-api-key": key} if key else {}
            answer = await self._client.ask(replace(call, gap_s=gap_s, headers=headers))
            if not isinstance(answer, Answer):
                return answer
            if answer.status not in (401, 403):
                if key and answer.status < 400:
                    self._key.accept()
                return answer
            if not key:
                words = f"refuses this machine ({answer.status})"
                self._refused = Failed(reason="refused", detail=words, retry=False)
            # Unused keys are pruned after some 60 days and then answer 403.
            self._key.refuse(answer.status)
        return self._refused
