"""OpenCitations: citations that open reference lists hold, counted for one paper a request.

https://api.opencitations.net/index/v2. Bulk loads months apart make it a lower bound, and
0 is its answer both for a paper without citations and for one that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from citewatch.domain.identifiers import DOI, PUBMED, Identifier, canonical
from citewatch.domain.papers import Failed, Observed
from citewatch.sources.answers import Answer, JsonValue, load_json
from citewatch.sources.http import Call
from citewatch.sources.one_first import OneFirst
from citewatch.sources.questions import Question, Record
from citewatch.sources.values import count_or_none

COUNTED = "counted"
"""The hint that comes back with papers for which a count above 0 was given before."""

_PREFIXES = {DOI: "doi:", PUBMED: "pmid:"}
_COUNT = re.compile(r"[0-9]{1,8}")


class OpenCitations(OneFirst):
    """Asks for counts only: the index has no titles and cannot be searched."""

    name = "opencitations"
    label = "OpenCitations"
    counts = True
    schemes = (DOI, PUBMED)
    home = "https://api.opencitations.net"
    max_batch = 1
    # 180 requests a minute are allowed; a third of that is plenty for a monthly look.
    interval_s = 1.0
    # Answers of three seconds would otherwise set the pace.
    in_flight = 4
    secret = "token"  # noqa: S105  (its name in config.toml)

    def write(self, identifier: Identifier) -> str | None:
        """Prefix and value as they stand in the path: slashes stay, the rest is encoded."""
        prefix = _PREFIXES.get(identifier.scheme)
        if prefix is None or {".", ".."} & set(identifier.value.split("/")):
            return None  # dots between slashes would lead to another path
        return prefix + quote(identifier.value, safe="/")

    def auth(self, key: str) -> Mapping[str, str]:
        """The token stands alone in the header, without a word before it."""
        return {"authorization": key}

    def call(self, questions: Sequence[Question]) -> Call:
        """One question: there are no lists."""
        (question,) = questions
        return Call(url=f"{self.base}/index/v2/citation-count/{question.written}")

    def read(self, answer: Answer, questions: Sequence[Question]) -> Sequence[Record] | Failed:
        """One record, or none where the answer is no data."""
        (question,) = questions
        known = any(ask.hint == COUNTED for ask in question.asks)
        observed = read_count(answer, question.identifier, known=known)
        if observed is None or isinstance(observed, Failed):
            return observed or ()
        plain = canonical(question.identifier.scheme, question.identifier.value)
        return [Record(frozenset((plain or question.identifier,)), observed)]


def read_count(answer: Answer, asked: Identifier, *, known: bool) -> Observed | Failed | None:
    """The reading in ``[{"count": "34"}]``; None where it says nothing about the paper.

    0 is a reading only for a paper that was ``known`` to have citations. A count that is
    none leaves ``citation_count`` None.
    """
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    if type(value) is not list:
        return Failed(reason="shape", detail=f"a {type(value).__name__} instead of a list")
    if not value:
        return None
    row = value[0]
    if len(value) != 1 or type(row) is not dict:
        return Failed(reason="shape", detail="not one row with a count")
    count = _count(row.get("count"))
    if count == 0 and not known:
        return None
    return Observed(asked=asked, answered=asked, citation_count=count, hint=COUNTED)


def _count(value: JsonValue) -> int | None:
    """A string of digits as documented, or the number that it should be; nothing else."""
    if type(value) is str and _COUNT.fullmatch(value.strip()):
        value = int(value)
    return count_or_none(value)
