"""What ADS's documents mean, and its query language. Pure; nothing raises.

https://ui.adsabs.harvard.edu/help/api/; the fields are those of
https://ui.adsabs.harvard.edu/help/search/comprehensive-solr-term-list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from citewatch.domain.identifiers import ADS, ARXIV, DOI, Identifier, canonical
from citewatch.domain.papers import Facts, Failed, Observed
from citewatch.ports import Quota
from citewatch.sources.answers import JsonValue
from citewatch.sources.listing import Listing
from citewatch.sources.markup import plain
from citewatch.sources.text import tidy_or_none
from citewatch.sources.values import count_or_none, day_of, people, phrase, texts, year_of

FIELDS = "bibcode,citation_count,identifier,doi,title,author,year,pubdate,pub,doctype"

_QUERY_LENGTH = 250
_SPECIAL = re.compile(r'["\\?*]')
_BIBCODE = re.compile(r"[!-~]{19}")
_ARXIV = re.compile(r"arxiv:\s*", re.IGNORECASE)
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)


def term(identifier: Identifier) -> str | None:
    """One identifier as a phrase of the query language; None for what must not be sent."""
    if identifier.scheme not in (ARXIV, DOI, ADS) or not identifier.value.isprintable():
        return None
    prefix = "arXiv:" if identifier.scheme == ARXIV else ""
    # Between quotes only these four have a meaning, wildcards included.
    value = _SPECIAL.sub(lambda found: "\\" + found[0], identifier.value)
    return f'"{prefix}{value}"'


def title_query(title: str) -> str | None:
    """The query for a title as a phrase, of words only; None where none are left."""
    words = phrase(title, _QUERY_LENGTH)
    return None if words is None else f'title:"{words}"'


def read_doc(doc: JsonValue) -> Observed | Failed:
    """One document; ``citation_count`` is None where it holds no usable number."""
    if type(doc) is not dict:
        return Failed(reason="shape", detail="not a document")
    answered = _bibcode(doc.get("bibcode"))
    if answered is None:
        return Failed(reason="shape", detail="a document without bibcode")
    return Observed(
        asked=answered,
        answered=answered,
        citation_count=count_or_none(doc.get("citation_count")),
        facts=_facts(doc, answered),
    )


def _bibcode(value: JsonValue) -> Identifier | None:
    if type(value) is not str:
        return None
    # A record with an odd character in its bibcode is found by arXiv id and DOI all the same.
    odd = Identifier(ADS, value) if _BIBCODE.fullmatch(value) else None
    return canonical(ADS, value) or odd


def _facts(doc: dict[str, JsonValue], answered: Identifier) -> Facts:
    ids = tuple(i for i in _ids(doc) if i != answered)
    titles = texts(doc.get("title"))
    eprint = doc.get("doctype") == "eprint"
    venue = tidy_or_none(doc.get("pub"))
    return Facts(
        title=plain(titles[0]) or None if titles else None,
        authors=people(texts(doc.get("author"))),
        year=year_of(doc.get("year")),
        published_on=day_of(doc.get("pubdate")),
        # "arXiv e-prints": the name of a preprint server is no place of publication.
        venue=None if eprint or (venue or "").lower().startswith("arxiv") else venue,
        doi=next((i.value for i in ids if i.scheme == DOI), None),
        ids=ids,
    )


def _ids(doc: dict[str, JsonValue]) -> list[Identifier]:
    """All names of the record, each once: the bibcode of its preprint stays among them."""
    found: list[Identifier | None] = [canonical(DOI, doi) for doi in texts(doc.get("doi"))]
    for name in texts(doc.get("identifier")):
        if _ARXIV.match(name):
            found.append(canonical(ARXIV, name))
        elif name.startswith("10."):
            found.append(canonical(DOI, name))
        else:
            found.append(canonical(ADS, name) or canonical(ARXIV, name))
    return list(dict.fromkeys(i for i in found if i is not None))


def quota_of(headers: Mapping[str, str]) -> Quota | None:
    """What is left of the day's requests; ``X-RateLimit-Reset`` counts from 1970."""
    left = _number(headers, "x-ratelimit-remaining")
    if left is None:
        return None
    return Quota(
        left=left,
        of=_number(headers, "x-ratelimit-limit"),
        resets_at=_number(headers, "x-ratelimit-reset"),
    )


def spent_until(headers: Mapping[str, str]) -> int | None:
    """When a spent allowance is given anew; None where something is left of it."""
    left = _number(headers, "x-ratelimit-remaining")
    return _number(headers, "x-ratelimit-reset") if not left else None


def _number(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if _WHOLE.fullmatch(text) else None


LISTING = Listing(outer="response", rows="docs", total="numFound", read=read_doc)
"""A search's answer."""
