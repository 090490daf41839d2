"""What OpenAlex's work objects mean. Pure; nothing raises.

https://developers.openalex.org/api-reference/works
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from citewatch.domain.bibliography import is_published_venue
from citewatch.domain.identifiers import (
    ARXIV,
    DOI,
    MAG,
    OPENALEX,
    PUBMED,
    Identifier,
    canonical,
    parse_identifier,
)
from citewatch.domain.papers import Facts, Failed, Found, Observed
from citewatch.sources.answers import Answer, JsonValue, load_json
from citewatch.sources.openalex_questions import KNOWN
from citewatch.sources.questions import Question, Record
from citewatch.sources.text import tidy, tidy_or_none

# The most cited paper of all has some 500,000 citations: ten million is nonsense.
_MOST_CITATIONS = 10_000_000
_LONGEST_ID = 500
_LONGEST_TITLE = 20_000
_LOCATIONS = 200
_NOTHING: Mapping[str, Identifier] = MappingProxyType({})
_NO_WORK = Failed(reason="shape", detail="no work with an id")

_MARKUP = re.compile(
    r"</?(?:i|b|em|strong|sub|sup|sc|scp|tt|u|span|p|(?:jats|mml):\w{1,20})(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_ARXIV_DOI = "10.48550/arxiv."
_OWN_ID = re.compile(r"(?:https?://openalex\.org/(?:works/)?)?(W\d{4,12})", re.ASCII)
_ARXIV_PAGE = re.compile(r"https?://arxiv\.org/abs/([\w./-]{6,40})", re.ASCII)
_HOST = re.compile(r"\s*\([^()]*\)$")


@dataclass(frozen=True, slots=True)
class Works:
    """The works of one list."""

    records: tuple[Record, ...]
    whole: bool
    """Whether it is all that the service found."""


def read_list(
    answer: Answer, questions: Sequence[Question] = (), *, by_page: bool = False
) -> Works | Failed:
    """The works of a list that answers these questions.

    Entries that are no works are passed over: who is not in a list is asked for singly.
    With ``by_page`` a work answers to the arXiv ids in its locations as well.
    """
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    results = value.get("results") if type(value) is dict else None
    if type(results) is not list or type(value) is not dict:
        return Failed(reason="shape", detail="no list of works")
    asked = _asked(questions)
    read = [read_work(work, asked, by_page=by_page) for work in results]
    records = tuple([record for record in read if record is not None])
    if results and not records:
        return _NO_WORK
    meta = value.get("meta")
    count = meta.get("count") if type(meta) is dict else None
    return Works(records, whole=type(count) is not int or count <= len(records))


def _asked(questions: Sequence[Question]) -> dict[str, Identifier]:
    """Identifiers under the DOIs that stand for them in records: most need no second look."""
    return {
        f"https://doi.org/{question.written}": question.identifier
        for question in questions
        # The DOI of a preprint is read as its arXiv id, whoever asks by it.
        if question.identifier.scheme == ARXIV
        or (question.identifier.scheme == DOI and not question.written.startswith(_ARXIV_DOI))
    }


def read_one(answer: Answer) -> Observed | Failed:
    """The work of a single look-up."""
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    record = read_work(value)
    return _NO_WORK if record is None else record.observed


def read_found(answer: Answer) -> Found | Failed:
    """The works that a title search gave, best first; a count may be None."""
    works = read_list(answer)
    if isinstance(works, Failed):
        return works
    return Found(candidates=tuple(record.observed for record in works.records))


def read_work(
    work: JsonValue, asked: Mapping[str, Identifier] = _NOTHING, *, by_page: bool = False
) -> Record | None:
    """One work; ``citation_count`` is None where it holds no usable number.

    ``asked`` are canonical identifiers under the URLs of DOIs.
    """
    if type(work) is not dict:
        return None
    own_id, doi = work.get("id"), work.get("doi")
    if type(own_id) is not str or (named := _OWN_ID.fullmatch(own_id)) is None:
        return None
    answered = Identifier(OPENALEX, named[1])
    asked_by = asked.get(doi) if type(doi) is str else None
    own = _ids(work, asked_by)
    is_preprint = bool(own) and own[0].scheme == ARXIV
    arxiv = _arxiv_ids(work.get("locations")) if by_page or not is_preprint else []
    # Two preprints in one record are a mistake of one of the two: neither is passed on.
    found = arxiv[0] if len(arxiv) == 1 and not is_preprint else None
    observed = Observed(
        asked=asked_by or answered,
        answered=answered,
        citation_count=_count(work.get("cited_by_count")),
        facts=_facts(work, own if found is None else (*own, found)),
        hint=KNOWN,
    )
    keys = (answered, *own, *arxiv) if by_page and len(arxiv) == 1 else (answered, *own)
    return Record(frozenset(keys), observed)


def _count(value: JsonValue) -> int | None:
    # bool is an int in Python: `true` must not become one citation.
    return value if type(value) is int and 0 <= value <= _MOST_CITATIONS else None


# --- identifiers -----------------------------------------------------------------------


def _ids(work: dict[str, JsonValue], doi: Identifier | None) -> tuple[Identifier, ...]:
    """The record's own: DOI (arXiv's DOI as the arXiv id), PubMed, MAG."""
    ids = work.get("ids")
    if type(ids) is not dict:
        ids = {}
    found = (
        doi or _doi(work.get("doi")) or _doi(ids.get("doi")),
        _number(PUBMED, ids.get("pmid")),
        _number(MAG, ids.get("mag")),
    )
    return tuple([identifier for identifier in found if identifier is not None])


def _doi(value: JsonValue) -> Identifier | None:
    if type(value) is not str or len(value) > _LONGEST_ID or not value.isprintable():
        return None
    return canonical(DOI, value)


def _number(scheme: str, value: JsonValue) -> Identifier | None:
    """An identifier of digits, given as a number, a text or the end of a URL."""
    if type(value) is int:
        value = str(value) if 0 < value < 10**12 else ""
    if type(value) is not str or len(value) > _LONGEST_ID or not value.isascii():
        return None
    return canonical(scheme, value.rstrip("/").rpartition("/")[2])


def _arxiv_ids(locations: JsonValue) -> list[Identifier]:
    """The preprints among the places where a work lies, each once."""
    found: list[Identifier] = []
    if type(locations) is not list:
        return found
    for location in locations[:_LOCATIONS]:
        page = location.get("landing_page_url") if type(location) is dict else None
        if type(page) is not str or len(page) > _LONGEST_ID or "arxiv" not in page.lower():
            continue
        usual = _ARXIV_PAGE.fullmatch(page)
        identifier = canonical(ARXIV, usual[1]) if usual else parse_identifier(page)
        if identifier is not None and identifier.scheme == ARXIV and identifier not in found:
            found.append(identifier)
    return found


# --- facts -----------------------------------------------------------------------------


def _facts(work: dict[str, JsonValue], ids: Sequence[Identifier]) -> Facts:
    year, retracted = work.get("publication_year"), work.get("is_retracted")
    return Facts(
        title=_title(work.get("title") or work.get("display_name")),
        authors=_authors(work.get("authorships")),
        year=year if type(year) is int and 1000 <= year <= 2200 else None,
        published_on=_day(work.get("publication_date")),
        venue=_venue(work.get("primary_location")),
        doi=next((i.value for i in ids if i.scheme == DOI), None),
        retracted=retracted if type(retracted) is bool else None,
        ids=tuple(ids),
    )


def _title(value: JsonValue) -> str | None:
    """A title without the markup that publishers deposit ("<i>E. coli</i>", "&amp;")."""
    if type(value) is str and ("<" in value or "&" in value):
        value = html.unescape(_MARKUP.sub("", value[:_LONGEST_TITLE]))
    return tidy_or_none(value)


def _authors(value: JsonValue) -> tuple[str, ...]:
    if type(value) is not list:
        return ()
    names: list[str] = []
    for authorship in value:
        if type(authorship) is not dict:
            continue
        author = authorship.get("author")
        name = author.get("display_name") if type(author) is dict else None
        if type(name) is not str or not name:
            name = authorship.get("raw_author_name")
        if type(name) is str and (clean := tidy(name)):
            names.append(clean)
    return tuple(names)


def _day(value: JsonValue) -> str | None:
    if type(value) is not str or len(value) != 10:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _venue(location: JsonValue) -> str | None:
    """Where a work was published, or the name of its preprint server."""
    source = location.get("source") if type(location) is dict else None
    if type(source) is not dict or (name := tidy_or_none(source.get("display_name"))) is None:
        return None
    return _venue_name(name, keeps_copies=source.get("type") in ("repository", "metadata"))


@lru_cache(maxsize=1_000)
def _venue_name(name: str, *, keeps_copies: bool) -> str | None:
    """The name, None for a repository ("HAL (Le Centre …)"): that publishes nothing.

    Taken for a venue it would look like a publication. The hosts of preprint servers are left
    out: "arXiv (Cornell University)".
    """
    bare = _HOST.sub("", name) or name
    if not is_published_venue(bare):
        return bare
    return None if keeps_copies else name
