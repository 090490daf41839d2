"""DBLP: where a computer science paper was published; it does not count.

https://sparql.dblp.org, daily in step with DBLP and free for all. Search, records and dumps of
dblp.org itself want a proof that no robot asks since September 2026 and are never touched.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from citewatch.domain.identifiers import ARXIV, DBLP, DOI, Identifier
from citewatch.domain.papers import (
    Blocked,
    Failed,
    Found,
    Observed,
    Outcome,
    Reference,
    Throttled,
)
from citewatch.ports import Quota
from citewatch.sources.answers import Answer
from citewatch.sources.batched import BatchedSource
from citewatch.sources.dblp_queries import (
    by_nodes,
    by_titles,
    group_of,
    nodes,
    title_literals,
    usual_literal,
)
from citewatch.sources.dblp_records import (
    asks_for_proof,
    is_preprint,
    read_records,
    read_search,
    read_titled,
    with_publication,
)
from citewatch.sources.http import Call
from citewatch.sources.policy import RetryPolicy
from citewatch.sources.polite import Refusal
from citewatch.sources.questions import Question, Record

_PROOF = "asks for a proof that no robot asks; not circumvented"
_LEFT_ALONE_S = 86_400
_JSON = "application/sparql-results+json"


class Dblp(BatchedSource):
    """Asks by DOI (arXiv's own for preprints) and by name of record.

    For preprints it then looks whether the same authors published under the same title.
    """

    name = "dblp"
    label = "DBLP"
    counts = False
    schemes = (DBLP, DOI, ARXIV)
    home = "https://sparql.dblp.org"
    max_batch = 50
    # The query around the identifiers takes some 900 bytes, and each stands there in up to
    # four spellings: some 30 DOIs go into a request.
    line_bytes = 6_000
    interval_s = 6.0
    timeout_s = 45.0
    policy = RetryPolicy(throttle_waits_s=(10, 20, 40))
    _walled = False
    _parked: Throttled | None = None

    def write(self, identifier: Identifier) -> str | None:
        """The nodes of the graph that it may be."""
        return nodes(identifier)

    def group(self, identifier: Identifier) -> str:
        """Names of records and DOIs are asked for in different queries."""
        return group_of(identifier)

    def call(self, questions: Sequence[Question]) -> Call:
        """One query."""
        name = group_of(questions[0].identifier)
        return self._query(by_nodes(name, [question.written for question in questions]))

    def _query(self, query: str) -> Call:
        params = (("query", query),)
        return Call(url=f"{self.base}/sparql", params=params, headers={"Accept": _JSON})

    def read(self, answer: Answer, questions: Sequence[Question]) -> Sequence[Record] | Failed:
        """The records of the rows that came."""
        del questions
        return read_records(answer)

    async def complete(self, records: Sequence[Record]) -> Sequence[Record]:
        """Preprints with the place where they were published; as they are if nobody says."""
        preprints = [record for record in records if is_preprint(record.observed)]
        others = [record.observed for record in records]
        for literals in _batches(preprints, room=self.line_bytes):
            # An answer is welcome but not needed: no long patience with a server in trouble.
            call = replace(self._query(by_titles(literals)), large=True)
            answer = await self.ask(call)
            if isinstance(answer, Answer) and answer.status == 200:
                titled = read_titled(answer)
                if not isinstance(titled, Failed):
                    others += [record.observed for record in titled]
        return [
            replace(record, observed=with_publication(record.observed, others))
            if is_preprint(record.observed)
            else record
            for record in records
        ]

    def settle(
        self, observed: Observed, question: Question, others: Sequence[Observed] = ()
    ) -> Outcome:
        """Two records under one DOI are no two counts of a paper, and nothing to report."""
        del others
        return super().settle(observed, question)

    def doubles(self, ids: Sequence[Identifier]) -> list[Identifier]:
        """None: a preprint and its publication are two records here, as they should be."""
        del ids
        return []

    def search_call(self, reference: Reference) -> Call | None:
        """The exact title."""
        literals = title_literals(reference.title)
        return self._query(by_titles(literals)) if literals else None

    def read_search(self, answer: Answer) -> Found | Failed:
        """Candidates with all that their name would give."""
        return read_search(answer)

    # --- the wall ----------------------------------------------------------------------

    def is_settled(self, answer: Answer) -> bool:
        """The wall may come with status 500; asking again is what it is meant to stop."""
        return asks_for_proof(answer)

    def heed(self, answer: Answer) -> Quota | None:
        """Notice the wall, whatever the status."""
        self._walled = self._walled or asks_for_proof(answer)
        return None

    async def ask(self, call: Call) -> Answer | Refusal | Blocked:
        """One query; after the wall was met none leaves for a day, restarts included."""
        parked: Refusal | None = self._parked
        answer = parked or await super().ask(call)
        return await self._park() if self._is_walled() and parked is None else answer

    def _is_walled(self) -> bool:
        """Looked up anew: it changes while an answer is waited for."""
        return self._walled

    async def _park(self) -> Throttled:
        until = math.ceil(self.tools.clock.time() + _LEFT_ALONE_S)
        self._parked = Throttled(until=until, reason=_PROOF)
        # In a thread: the gate is a database.
        await asyncio.to_thread(partial(self.tools.gate.park, until, _PROOF, strike=False))
        return self._parked


def _batches(preprints: Sequence[Record], *, room: int) -> Iterator[list[str]]:
    """The literals of titles, as many together as fit into a request line."""
    batch: list[str] = []
    left = room
    for literal in dict.fromkeys(usual_literal(p.observed.facts.title or "") for p in preprints):
        if literal is None:
            continue
        needed = len(quote(literal, safe="")) + 1
        if batch and needed > left:
            yield batch
            batch, left = [], room
        batch.append(literal)
        left -= needed
    if batch:
        yield batch
