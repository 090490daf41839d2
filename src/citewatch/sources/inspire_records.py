"""What INSPIRE's literature records mean, and its query language. Pure; nothing raises.

https://github.com/inspirehep/rest-api-doc; the fields are those of the ``hep`` schema,
https://inspire-schemas.readthedocs.io/en/latest/schemas/hep.html.
"""

from __future__ import annotations

import re

from citewatch.domain.identifiers import ARXIV, DOI, INSPIRE, Identifier, canonical
from citewatch.domain.papers import Facts, Failed, Observed
from citewatch.sources.answers import JsonValue
from citewatch.sources.listing import Listing
from citewatch.sources.markup import plain
from citewatch.sources.text import tidy_or_none
from citewatch.sources.values import count_or_none, day_of, people, phrase, texts_under, year_of

# Without a list of fields whole records come, of which the largest end in a 502. The names
# of 3,000 authors are some 100 kB a record even so; a batch of such is halved after a 5xx.
FIELDS = (
    "control_number,citation_count,citation_count_without_self_citations,titles.title,"
    "authors.full_name,arxiv_eprints.value,dois.value,publication_info.journal_title,"
    "publication_info.year,earliest_date"
)

KNOWN = "known"
"""The hint that comes back with papers that INSPIRE has answered about before."""

_QUERY_LENGTH = 300
_PLAIN = re.compile(r"[\w./-]+", re.ASCII)


def term(identifier: Identifier) -> str | None:
    """One identifier in the query language; None for what must not be sent.

    A bare value ends at a blank, a colon or a bracket, and what cannot be understood is
    looked for anywhere in all records. Between double quotes, which have no escapes,
    everything but a double quote stands for itself.
    """
    value = identifier.value
    match identifier.scheme:
        case "inspire":
            return f"recid:{value}"
        case "arxiv":
            return f"arxiv:{value}"
        case "doi":
            if _PLAIN.fullmatch(value):
                return f"doi:{value}"
            return f'doi:"{value}"' if '"' not in value and value.isprintable() else None
    return None


def title_query(title: str) -> str | None:
    """The query for a title as a phrase, of words only; None where none are left."""
    words = phrase(title, _QUERY_LENGTH)
    return None if words is None else f't "{words}"'


def read_hit(hit: JsonValue) -> Observed | Failed:
    """One hit of a search; ``citation_count`` is None where it holds no usable number."""
    metadata = hit.get("metadata") if type(hit) is dict else None
    if type(metadata) is not dict:
        return Failed(reason="shape", detail="a hit without metadata")
    number = metadata.get("control_number")
    if type(number) is not int or not 0 < number < 10**12:
        return Failed(reason="shape", detail="a hit without control_number")
    answered = Identifier(INSPIRE, str(number))
    return Observed(
        asked=answered,
        answered=answered,
        citation_count=count_or_none(metadata.get("citation_count")),
        without_self_count=count_or_none(metadata.get("citation_count_without_self_citations")),
        facts=_facts(metadata),
        hint=KNOWN,
    )


def _facts(metadata: dict[str, JsonValue]) -> Facts:
    ids = _ids(metadata)
    printed = metadata.get("publication_info")
    first: JsonValue = printed[0] if type(printed) is list and printed else None
    place = first if type(first) is dict else {}
    earliest = metadata.get("earliest_date")
    began = year_of(earliest[:4]) if type(earliest) is str else None
    titles = texts_under(metadata.get("titles"), "title")
    return Facts(
        title=plain(titles[0]) or None if titles else None,
        authors=people(texts_under(metadata.get("authors"), "full_name")),
        year=year_of(place.get("year")) or began,
        published_on=day_of(earliest),
        venue=tidy_or_none(place.get("journal_title")),
        doi=next((i.value for i in ids if i.scheme == DOI), None),
        ids=ids,
    )


def _ids(metadata: dict[str, JsonValue]) -> tuple[Identifier, ...]:
    """The identifiers elsewhere; arXiv's own DOI is the arXiv id that it stands for."""
    found = [canonical(ARXIV, v) for v in texts_under(metadata.get("arxiv_eprints"), "value")]
    found += [canonical(DOI, v) for v in texts_under(metadata.get("dois"), "value")]
    return tuple(dict.fromkeys(i for i in found if i is not None))


LISTING = Listing(outer="hits", rows="hits", total="total", read=read_hit)
"""A search's answer."""
