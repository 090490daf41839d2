"""What is put to arXiv: id lists cut to size and titles as phrases; answers matched by id. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from citewatch.domain.identifiers import ARXIV, Identifier, canonical
from citewatch.domain.papers import Failed, Missing, Observed, Outcome
from citewatch.ports import Ask, Readings
from citewatch.sources.arxiv_atom import Feed
from citewatch.sources.text import tidy

# The server refuses request lines above 4,094 bytes with an HTML page.
_MAX_LINE_BYTES = 4_000
_LINE_OVERHEAD = len("GET /api/query?id_list=&max_results=100&start=0 HTTP/1.1")
_PHRASE_LENGTH = 300
_OPERATORS = re.compile(r"\b(?:ANDNOT|AND|OR|NOT|TO)\b")
_NOT_WORDS = re.compile(r"[^\w\s'.,;-]|_")


@dataclass(frozen=True, slots=True)
class Batch:
    asks: tuple[tuple[Identifier, tuple[Ask, ...]], ...]
    again: bool = False
    """Asked a second time because the first answer was empty."""

    def halves(self) -> Iterator[Batch]:
        middle = len(self.asks) // 2
        yield Batch(self.asks[:middle])
        yield Batch(self.asks[middle:])

    def all_end_in(self, outcome: Outcome) -> Readings:
        return [(ask, outcome) for _, asks in self.asks for ask in asks]


def by_identifier(asks: Sequence[Ask]) -> tuple[dict[Identifier, list[Ask]], list[Ask]]:
    """Each id once with all who ask for it, and the asks whose id must not be sent.

    The server checks ids loosely and then looks them up unchanged: what is not in the
    canonical form would silently match nothing.
    """
    by_id: dict[Identifier, list[Ask]] = {}
    bad: list[Ask] = []
    for ask in asks:
        identifier = ask.identifier
        if identifier in by_id:
            by_id[identifier].append(ask)
        elif identifier.scheme == ARXIV and canonical(ARXIV, identifier.value) == identifier:
            by_id[identifier] = [ask]
        else:
            bad.append(ask)
    return by_id, bad


def cut(by_id: Mapping[Identifier, Sequence[Ask]], *, size: int, base_url: str) -> Iterator[Batch]:
    """Batches short enough in number and in bytes of the request line."""
    room = _MAX_LINE_BYTES - _LINE_OVERHEAD - len(base_url)
    part: list[tuple[Identifier, tuple[Ask, ...]]] = []
    used = 0
    for identifier, askers in by_id.items():
        cost = len(quote(identifier.value + ",", safe=""))
        if part and (len(part) >= size or used + cost > room):
            yield Batch(tuple(part))
            part, used = [], 0
        part.append((identifier, tuple(askers)))
        used += cost
    if part:
        yield Batch(tuple(part))


def matched(batch: Batch, feed: Feed) -> Readings:
    """Outcomes by id. Absence speaks only in a feed that holds all that was found."""
    absent = Failed(reason="incomplete", detail="fewer papers in the feed than it says it has")
    readings: list[tuple[Ask, Outcome]] = []
    for identifier, askers in batch.asks:
        found: Observed | None = feed.papers.get(identifier)
        outcome: Outcome = found or (Missing(asked=identifier) if feed.complete else absent)
        readings += [(ask, outcome) for ask in askers]
    return readings


def phrase(title: str) -> str:
    """A title as the words of a quoted phrase in arXiv's query language.

    Quotes, colons, parentheses, ``+``, ``%`` and the like mean something there or break
    the query; operators in capitals are read as such even between quotes.
    """
    words = tidy(_NOT_WORDS.sub(" ", tidy(title)))
    if len(words) > _PHRASE_LENGTH:
        words = words[:_PHRASE_LENGTH].rpartition(" ")[0]
    return _OPERATORS.sub(lambda found: found[0].lower(), words).strip(" -.,;'")
