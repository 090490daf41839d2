"""INSPIRE: counts of particle physics and near it, with and without self-citations.

https://github.com/inspirehep/rest-api-doc. Only the search is asked: of the counts it
alone is documented to give them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from citewatch.domain.identifiers import ARXIV, DOI, INSPIRE, Identifier
from citewatch.domain.papers import Failed, Found, Missing, Outcome, Reference
from citewatch.ports import Ask, CitingOutcome
from citewatch.sources.answers import Answer, refused
from citewatch.sources.batched import BatchedSource
from citewatch.sources.http import Call
from citewatch.sources.inspire_citing import citing_pages
from citewatch.sources.inspire_records import (
    FIELDS,
    KNOWN,
    LISTING,
    term,
    title_query,
)
from citewatch.sources.policy import RetryPolicy
from citewatch.sources.questions import Question, Record, match_records

_CANDIDATES = 10


class Inspire(BatchedSource):
    """Asks by record number, arXiv id and DOI, mixed in one query."""

    name = "inspire"
    label = "INSPIRE"
    counts = True
    schemes = (INSPIRE, ARXIV, DOI)
    home = "https://inspirehep.net"
    # Documented for a few; 40 arXiv ids and 250 record numbers at once are in use elsewhere.
    max_batch = 50
    in_flight = 4
    """Answers that take three seconds need that many at one request a second."""
    # 15 requests in 5 seconds are allowed; with this at most 11 leave, retries included.
    interval_s = 0.5
    # Refused requests count as well: only 5 seconds of silence open the door again.
    policy = RetryPolicy(throttle_waits_s=(5, 10, 20, 35))

    def write(self, identifier: Identifier) -> str | None:
        """The term that finds it."""
        return term(identifier)

    def call(self, questions: Sequence[Question]) -> Call:
        """One search; room for twice as many, since records may share a DOI."""
        query = " or ".join(question.written for question in questions)
        return self._search(query, size=2 * len(questions) + _CANDIDATES)

    def _search(self, query: str, *, size: int) -> Call:
        params = (("q", query), ("fields", FIELDS), ("size", str(size)))
        return Call(url=f"{self.base}/api/literature", params=params)

    def read(self, answer: Answer, questions: Sequence[Question]) -> Sequence[Record] | Failed:
        """The records that came, if all came."""
        del questions
        return LISTING.read_records(answer)

    def single(self, question: Question) -> Call | None:
        """One that was known is asked for alone before it is missing.

        A query that is not understood is no error here: other records come, or none.
        """
        known = any(ask.hint == KNOWN for ask in question.asks)
        return self.call((question,)) if known else None

    def read_single(self, answer: Answer, question: Question) -> Outcome:
        """The outcome of a search for one."""
        if answer.status != 200:
            return refused(answer)
        records = LISTING.read_records(answer)
        if isinstance(records, Failed):
            return records
        ((_, seen),) = match_records((question,), records)
        if not seen:
            return Missing(asked=question.identifier)
        return self.settle(seen[0], question, seen[1:])

    def search_call(self, reference: Reference) -> Call | None:
        """The title as a phrase."""
        query = title_query(reference.title)
        return None if query is None else self._search(query, size=_CANDIDATES)

    def read_search(self, answer: Answer) -> Found | Failed:
        """Candidates with all that their number would give."""
        return LISTING.read_search(answer)

    def citing(self, ask: Ask, *, since: str = "") -> AsyncIterator[CitingOutcome]:
        """Who cites a paper, 100 works a request; all of them, whatever ``since`` says."""
        del since
        return citing_pages(self.ask, self.base, ask)
