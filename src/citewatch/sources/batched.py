"""What sources that answer a list of identifiers with a list of records have in common.

A source of this kind says how it writes an identifier, what one request for many looks
like and how its answer is read. Everything else is here: batches by number and length,
several under way, halving what is refused, single look-ups of what a list missed, the
key, titles. Other packages build their sources on it too (docs/guide.md, "A source of
your own"), so its names are kept.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import ClassVar

from citewatch.domain.identifiers import ARXIV, DOI, Identifier
from citewatch.domain.papers import (
    Blocked,
    Failed,
    Found,
    Missing,
    Observed,
    Outcome,
    Reference,
    SearchOutcome,
    Twin,
)
from citewatch.ports import Ask, Quota, Readings, Search
from citewatch.sources.answers import Answer, refused
from citewatch.sources.http import Call
from citewatch.sources.in_flight import as_they_come
from citewatch.sources.key import Key
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.policy import MAY_BE_THE_QUESTION, RetryPolicy
from citewatch.sources.polite import ClientRules, PoliteClient, Refusal
from citewatch.sources.questions import (
    Job,
    Question,
    Record,
    Size,
    cut,
    match_records,
    sort_out,
)

_BAD_ID = Failed(reason="bad_id", detail="not an id that this source knows", retry=False)
_NO_COUNT = Failed(reason="count", detail="no usable citation count")
_MANY = 2_000
"""So many asks are sorted into batches in some 10 ms; more are sorted off the loop."""
_BISECTIONS = 40
"""Finding one refused identifier among 100 takes 2 x log2(100) = 14 requests."""
_TOO_MUCH = (*MAY_BE_THE_QUESTION, "too_large")
"""Failures that a smaller question may not meet."""

__all__ = ["BatchedSource", "Question", "Record"]


class BatchedSource(ABC):
    """A source that is asked for many papers at once and answers in an order of its own."""

    name: ClassVar[str]
    label: ClassVar[str]
    counts: ClassVar[bool] = True
    schemes: ClassVar[tuple[str, ...]]
    home: ClassVar[str]
    """The service's own address."""
    max_batch: ClassVar[int] = 50
    line_bytes: ClassVar[int] = 6_000
    """Room for the percent-encoded identifiers in a request line; 8,190 are usual in all."""
    interval_s: ClassVar[float] = 1.0
    keyed_interval_s: ClassVar[float | None] = None
    in_flight: ClassVar[int] = 1
    timeout_s: ClassVar[float] = 30.0
    policy: ClassVar[RetryPolicy] = RetryPolicy()
    busy: ClassVar[frozenset[int]] = frozenset()
    """Statuses below 500 that mean "not now" and are waited out like a 5xx."""
    secret: ClassVar[str] = "api_key"  # noqa: S105  (its name in config.toml)
    needs_key: ClassVar[str] = ""
    """What to tell a user without a key, for a source that answers nobody without one."""
    costly_search: ClassVar[bool] = True
    """Whether other sources should look for a title before this one does."""

    def __init__(self, options: SourceOptions, tools: Tools) -> None:
        self.base = options.first_url(self.home)
        self.options = options
        self.tools = tools
        name = self.secret.replace("_", " ").split()[-1]
        self.key = Key(options.secret(self.secret), name=name, needed=bool(self.needs_key))
        self._quota: Quota | None = None
        self._refused: Failed | None = None
        """Set when this machine is refused without a key: nothing more is sent in the pass."""
        self._bisections = 0
        self._size = min(self.max_batch, max(1, options.batch_size or self.max_batch))
        self._limit = max(1, options.max_in_flight or self.in_flight)
        self.client = PoliteClient(
            tools,
            ClientRules(
                max_in_flight=self._limit, timeout_s=options.timeout_s or self.timeout_s,
                policy=self.policy, settled=self.is_settled, busy=self.busy, open_at=self.open_at,
                daily_budget=options.daily_budget, quiet_hours=options.quiet_hours,
            ),
            secrets=tuple(options.secrets.values()),
        )  # fmt: skip

    # --- what a source says of itself ------------------------------------------------

    @abstractmethod
    def write(self, identifier: Identifier) -> str | None:
        """The identifier as the source writes it; None for what must not be sent."""

    def group(self, identifier: Identifier) -> str | None:
        """Which identifiers may share a request: those of one group.

        None: this one shares a request with no other and is looked up by `single`.
        """
        del identifier
        return ""

    @abstractmethod
    def call(self, questions: Sequence[Question]) -> Call:
        """The request for these questions, all of one group."""

    @abstractmethod
    def read(self, answer: Answer, questions: Sequence[Question]) -> Sequence[Record] | Failed:
        """The records of an answer with status 200; anything unexpected is a `Failed`."""

    async def complete(self, records: Sequence[Record]) -> Sequence[Record]:
        """The records of an answer with what further requests of the source add to them."""
        return records

    def single(self, question: Question) -> Call | None:
        """How one that a list did not have is looked up; None: the list's word is enough."""
        del question
        return None

    def absent(self, question: Question) -> Outcome:
        """The outcome of one that a list did not have and that is not looked up."""
        return Missing(asked=question.identifier)

    def read_single(self, answer: Answer, question: Question) -> Outcome:
        """The outcome of `single`, whatever its status."""
        raise NotImplementedError

    def search_call(self, reference: Reference) -> Call | None:
        """The request that looks for a title; None: it cannot be looked for."""
        del reference
        return None

    def read_search(self, answer: Answer) -> Found | Failed:
        """What a title search gave, whatever its status."""
        return refused(answer)

    def auth(self, key: str) -> Mapping[str, str]:
        """Headers that carry the key."""
        return {"Authorization": f"Bearer {key}"}

    def gap_s(self) -> float:
        """Seconds between the starts of two requests."""
        keyed = self.keyed_interval_s
        own = self.interval_s if keyed is None or not self.key.value else keyed
        return self.options.interval_s(own)

    def heed(self, answer: Answer) -> Quota | None:
        """Learn from an answer's headers; what is left of the allowance, if it says."""
        del answer
        return None

    def is_settled(self, answer: Answer) -> bool:
        """Whether a 429 or 5xx is for this source to judge, and not to be waited out."""
        del answer
        return False

    def open_at(self, answer: Answer) -> float | None:
        """When (seconds since 1970) the body of a 429 says that the door opens again."""
        del answer
        return None

    # --- what the house asks of every source -------------------------------------------

    @property
    def requests(self) -> int:
        """Requests sent so far."""
        return self.client.requests

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about how it went, in sentences."""
        return tuple(self.key.notes)

    @property
    def quota(self) -> Quota | None:
        """What was left of the source's allowance when it last said."""
        return self._quota

    @property
    def key_state(self) -> str:
        """Whether a key is there and was accepted."""
        return self.key.state

    @property
    def can_search(self) -> bool:
        """Whether titles can be looked for at all."""
        return type(self).search_call is not BatchedSource.search_call

    def blocked(self) -> str | None:
        """Why it cannot be asked as things are."""
        return self.needs_key if self.needs_key and not self.key.value else None

    async def aclose(self) -> None:
        """Close connections."""
        await self.client.aclose()

    def doubles(self, ids: Sequence[Identifier]) -> list[Identifier]:
        """Identifiers of one paper under which there may be different records."""
        return [i for i in ids if i.scheme in (ARXIV, DOI) and i.scheme in self.schemes]

    def spare(self, asks: Sequence[Ask]) -> int:
        """How many identifiers more (of `doubles`) would cost no further request beside these."""
        groups = Counter(self.group(identifier) for identifier in {ask.identifier for ask in asks})
        rooms = {-groups[group] % self._size for group in map(self.group, self._probes())}
        return min(rooms, default=0)

    def _probes(self) -> list[Identifier]:
        """One identifier of each kind that `doubles` gives, to see which group it is of."""
        return self.doubles([Identifier(ARXIV, "2001.00001"), Identifier(DOI, "10.1000/1")])

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        """Ask in batches; every ask ends in one outcome."""
        if len(asks) <= _MANY:
            jobs, bad = self._jobs(asks)
        else:
            jobs, bad = await asyncio.to_thread(self._jobs, asks)
        if bad:
            yield [(ask, _BAD_ID) for ask in bad]
        work = deque(jobs)

        async def run(job: Job) -> Readings:
            return await (self._look_up(job) if job.single else self._ask_batch(job, work))

        async with aclosing(as_they_come(work, run, limit=self._limit)) as answers:
            async for readings in answers:
                if readings:
                    yield readings

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        """Look for titles, one request each."""

        async def run(search: Search) -> tuple[Search, SearchOutcome]:
            call = self.search_call(search.reference)
            if call is None:
                return search, Found(candidates=())
            answer = await self.ask(call)
            return search, self.read_search(answer) if isinstance(answer, Answer) else answer

        async with aclosing(as_they_come(deque(searches), run, limit=self._limit)) as answers:
            async for answered in answers:
                yield answered

    # --- batches -------------------------------------------------------------------------

    def _jobs(self, asks: Sequence[Ask]) -> tuple[list[Job], list[Ask]]:
        groups, bad = sort_out(asks, write=self.write, group=self.group)
        size = Size(identifiers=self._size, line_bytes=self.line_bytes)
        alone = [Job((question,), single=True) for question in groups.pop(None, ())]
        return [j for questions in groups.values() for j in cut(questions, size)] + alone, bad

    async def _ask_batch(self, job: Job, work: deque[Job]) -> Readings:
        """Readings for what is settled; the rest went back into ``work``."""
        call = replace(self.call(job.questions), large=len(job.questions) > 1, suspect=job.part)
        answer = await self.ask(call)
        if not isinstance(answer, Answer):
            server = isinstance(answer, Failed) and self._is_servers_fault(answer)
            if server and not self.client.refusing and self._halve(job, work):
                return []
            return job.all_end_in(answer)
        if answer.status != 200:
            return self._refused_batch(job, answer, work)
        records = self.read(answer, job.questions)
        if isinstance(records, Failed):
            return job.all_end_in(records)
        return self._match(job, await self.complete(records), work)

    def _is_servers_fault(self, failed: Failed) -> bool:
        statuses = [f"http_{status}" for status in self.busy]
        return failed.reason in _TOO_MUCH or failed.reason in statuses

    def _refused_batch(self, job: Job, answer: Answer, work: deque[Job]) -> Readings:
        """One that the source takes for malformed must not cost the others their answer."""
        if answer.status in (400, 413, 414, 422) and self._halve(job, work):
            return []
        return job.all_end_in(refused(answer))

    def _halve(self, job: Job, work: deque[Job]) -> bool:
        if len(job.questions) == 1 or self._bisections >= _BISECTIONS:
            return False
        self._bisections += 2
        work.extendleft(job.halves())
        return True

    def _match(self, job: Job, records: Sequence[Record], work: deque[Job]) -> Readings:
        readings: list[tuple[Ask, Outcome]] = []
        for question, seen in match_records(job.questions, records):
            # In an order that does not change with the answer's: the one that is followed,
            # then the oldest name.
            seen.sort(key=lambda o: (o.answered not in question.followed, o.answered))
            alone = not seen or self.is_doubtful(seen[0], question)
            if alone and not question.casual and self.single(question) is not None:
                work.append(Job((question,), single=True))
                continue
            outcome = self.settle(seen[0], question, seen[1:]) if seen else self.absent(question)
            readings += [(ask, outcome) for ask in question.asks]
        return readings

    def is_doubtful(self, observed: Observed, question: Question) -> bool:
        """Whether a record of a list is to be looked up singly before it is passed on."""
        del observed, question
        return False

    def settle(
        self, observed: Observed, question: Question, others: Sequence[Observed] = ()
    ) -> Outcome:
        """The outcome of a question that a record answers; ``others`` answer to it as well."""
        if self.counts and observed.citation_count is None:
            return _NO_COUNT
        twins = tuple(
            Twin(o.answered, o.citation_count) for o in others if o.answered != observed.answered
        )
        if not twins and observed.asked == question.identifier:
            return observed
        return replace(observed, asked=question.identifier, twins=twins)

    async def _look_up(self, job: Job) -> Readings:
        (question,) = job.questions
        call = self.single(question)
        if call is None:
            return job.all_end_in(Missing(asked=question.identifier))
        answer = await self.ask(call)
        if not isinstance(answer, Answer):
            return job.all_end_in(answer)
        return job.all_end_in(self.read_single(answer, question))

    # --- one question ----------------------------------------------------------------------

    async def ask(self, call: Call) -> Answer | Refusal | Blocked:
        """One request at the source's pace, again without a key that was refused twice."""
        while self._refused is None:
            key = self.key.value
            if self.needs_key and not key:
                return Blocked(reason=self.key.notes[-1] if self.key.notes else self.needs_key)
            headers = {**call.headers, **self.auth(key)} if key else call.headers
            answer = await self.client.ask(replace(call, gap_s=self.gap_s(), headers=headers))
            if not isinstance(answer, Answer):
                return answer
            self._quota = self.heed(answer) or self._quota
            if answer.status not in (401, 403):
                if key and answer.status < 400:
                    self.key.accept()
                return answer
            if not key:
                words = f"refuses this machine ({answer.status})"
                self._refused = Failed(reason="refused", detail=words, retry=False)
            self.key.refuse(answer.status)
        return self._refused
