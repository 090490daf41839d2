"""NASA ADS: counts of astronomy and physics, for holders of a free token.

https://ui.adsabs.harvard.edu/help/api/, https://github.com/adsabs/adsabs-dev-api.
"""

from __future__ import annotations

from collections.abc import Sequence

from citewatch.domain.identifiers import ADS, ARXIV, DOI, Identifier
from citewatch.domain.papers import Failed, Found, Reference
from citewatch.ports import Quota
from citewatch.sources.ads_records import (
    FIELDS,
    LISTING,
    quota_of,
    spent_until,
    term,
    title_query,
)
from citewatch.sources.answers import Answer
from citewatch.sources.batched import BatchedSource
from citewatch.sources.http import Call
from citewatch.sources.questions import Question, Record

_CANDIDATES = 10
_OR = " OR "
_DAY_S = 86_400


class Ads(BatchedSource):
    """Asks by arXiv id, DOI and bibcode at once.

    A bibcode changes when a preprint is published; the old one stays among the record's
    identifiers, which is how the judge knows that the record is the same.
    """

    name = "ads"
    label = "NASA ADS"
    counts = True
    schemes = (ARXIV, DOI, ADS)
    home = "https://api.adsabs.harvard.edu"
    max_batch = 50
    # The documents allow "a UTF-8, url-encoded string of <= 1000 characters" for the query.
    # Read as the encoded one, which is the longer, it holds either way: some 30 papers a
    # request, and 5,000 requests a day. Off go `identifier%3A%28`, `%29` and what `+OR+`
    # takes more than the separator that is counted.
    line_bytes = 1_000 - 19 - 40
    interval_s = 1.0
    # 499: the gateway gave up waiting for the index, as with a 504.
    busy = frozenset({499})
    secret = "token"  # noqa: S105
    needs_key = "needs a token: free with an account, then set ADS_API_TOKEN"

    def write(self, identifier: Identifier) -> str | None:
        """The phrase that finds it."""
        return term(identifier)

    def call(self, questions: Sequence[Question]) -> Call:
        """One search; room for twice as many, since records may share a DOI."""
        phrases = _OR.join(question.written for question in questions)
        return self._search(f"identifier:({phrases})", rows=2 * len(questions) + _CANDIDATES)

    def _search(self, query: str, *, rows: int) -> Call:
        params = (("q", query), ("fl", FIELDS), ("rows", str(rows)))
        return Call(url=f"{self.base}/v1/search/query", params=params)

    def read(self, answer: Answer, questions: Sequence[Question]) -> Sequence[Record] | Failed:
        """The records that came, if all came."""
        del questions
        return LISTING.read_records(answer)

    def search_call(self, reference: Reference) -> Call | None:
        """The title as a phrase."""
        query = title_query(reference.title)
        return None if query is None else self._search(query, rows=_CANDIDATES)

    def read_search(self, answer: Answer) -> Found | Failed:
        """Candidates with all that their bibcode would give."""
        return LISTING.read_search(answer)

    def heed(self, answer: Answer) -> Quota | None:
        """What is left of the day's requests."""
        return quota_of(answer.headers)

    def open_at(self, answer: Answer) -> float | None:
        """Midnight UTC, where a 429 says that the day's requests are spent."""
        at = spent_until(answer.headers)
        # The allowance is one of a day: what is further off is no time of its end.
        return at if at is not None and at - self.tools.clock.time() <= 2 * _DAY_S else None
