"""How OpenAlex is asked: filters, paths, parameters. Pure.

https://developers.openalex.org/api-reference/works
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from urllib.parse import quote

from citewatch.domain.identifiers import ARXIV, DOI, MAG, OPENALEX, PUBMED, Identifier
from citewatch.ports import Ask
from citewatch.sources.http import Call
from citewatch.sources.questions import Job, Question, Size, cut
from citewatch.sources.text import tidy

PER_LIST = 100
"""Values in one filter, and works on one page."""
SCHEMES = (OPENALEX, DOI, ARXIV, PUBMED, MAG)

# What is stored, and nothing else: a whole work is some 20 kB, these fields are 3.
FIELDS = (
    "id,doi,ids,title,publication_year,publication_date,cited_by_count,is_retracted,"
    "primary_location,locations"
)
AUTHORS = ",authorships"
"""Half of an answer, with every affiliation: asked for until a paper has been seen once."""
KNOWN = "known"
"""The hint that comes back with papers whose authors are stored already."""

_PER_PAGE_LIST = 50
"""Preprints in one list by landing page, each with two forms of it."""
_PER_SEARCH = 5
_QUERY_LENGTH = 300
_TITLE = "title.search"
_PAGE = "locations.landing_page_url"
_FILTERS = {OPENALEX: "openalex", DOI: "doi", ARXIV: "doi", PUBMED: "pmid", MAG: "mag"}
_SINGLES = {OPENALEX: "", DOI: "doi:", ARXIV: "doi:", PUBMED: "pmid:", MAG: "mag:"}
_FILES = (".pdf", ".grobid-xml")
"""The look-up of a DOI that ends so is taken for a download, at 100 credits."""


def breaks_filters(identifier: Identifier) -> bool:
    """Whether it holds a comma, which ends a filter, or a bar, which ends a value."""
    return "," in identifier.value or "|" in identifier.value


def written_as(identifier: Identifier) -> str | None:
    """The value in filters and paths; None for what can be asked by neither.

    A preprint is asked by the DOI that arXiv gives it: there are no arXiv ids in records.
    """
    if identifier.scheme not in _FILTERS:
        return None
    if identifier.scheme == ARXIV:
        return f"10.48550/arxiv.{identifier.value}"
    value = identifier.value
    return None if breaks_filters(identifier) and value.endswith(_FILES) else value


def filter_of(identifier: Identifier) -> str | None:
    """The name of the filter, of which a request has but one; None: no filter takes it."""
    return None if breaks_filters(identifier) else _FILTERS.get(identifier.scheme)


def listed(base: str, questions: Sequence[Question]) -> Call:
    """A list by identifier, each once: an arXiv id and its DOI are the same value."""
    values = dict.fromkeys(question.written for question in questions)
    condition = f"{filter_of(questions[0].identifier)}:{'|'.join(values)}"
    return _list(base, condition, fields=_fields(questions), size=PER_LIST)


def listed_by_page(base: str, questions: Sequence[Question]) -> Call:
    """A list of works that lie at these landing pages."""
    condition = f"{_PAGE}:{'|'.join(question.written for question in questions)}"
    return _list(base, condition, fields=_fields(questions), size=PER_LIST)


def searched(base: str, title: str) -> Call | None:
    """The best works with all words of a title; None without a word."""
    words = _words(title)
    if not words:
        return None
    return _list(base, f"{_TITLE}:{words}", fields=FIELDS + AUTHORS, size=_PER_SEARCH)


def _list(base: str, condition: str, *, fields: str, size: int) -> Call:
    # Put together here: httpx would go over a line of 8,000 characters three times.
    query = f"filter={quote(condition, safe=':')}&per_page={size}&select={quote(fields, safe=',')}"
    return Call(url=f"{base}/works?{query}")


def single(base: str, question: Question) -> Call | None:
    """The free look-up of one work; None where it would be taken for a download.

    With ``doi:`` and not with a URL: only the former is known for a single work, and free.
    """
    if question.written.endswith(_FILES):
        return None
    name = _SINGLES[question.identifier.scheme] + quote(question.written, safe="")
    return Call(url=f"{base}/works/{name}", params=(("select", _fields((question,))),))


def is_free(call: Call) -> bool:
    """Whether it costs no credits."""
    return "/works?" not in call.url


def is_search(call: Call) -> bool:
    """Whether it costs 10 credits, and may be refused where a list is not."""
    return f"/works?filter={_TITLE}:" in call.url


def _fields(questions: Sequence[Question]) -> str:
    """What to answer with: authors too, unless all these papers have been seen before."""
    seen = all(ask.hint == KNOWN for question in questions for ask in question.asks)
    return FIELDS if seen else FIELDS + AUTHORS


def _words(title: str) -> str:
    """A title without the marks that mean something in filters (, | :) or searches (" * ( - ?)."""
    text = "".join(c if _belongs_to_a_word(c) else " " for c in tidy(title))
    words = [word.strip("-'’") for word in text.split()]
    plain = " ".join(w.lower() if w in ("AND", "OR", "NOT") else w for w in words if w)
    return plain if len(plain) <= _QUERY_LENGTH else plain[:_QUERY_LENGTH].rpartition(" ")[0]


def _belongs_to_a_word(character: str) -> bool:
    # Vowel signs of Indic scripts are marks (M) and no letters.
    return character.isalnum() or character in "-'’" or unicodedata.category(character)[0] == "M"


def page_jobs(asks: Sequence[Ask], size: Size) -> list[Job]:
    """Lists by landing page for preprints, of which each page has two forms in records."""
    by_id: dict[Identifier, list[Ask]] = {}
    for ask in asks:
        by_id.setdefault(ask.identifier, []).append(ask)
    questions = [
        Question(identifier, "|".join(_pages(identifier)), tuple(askers))
        for identifier, askers in by_id.items()
    ]
    most = min(size.identifiers, _PER_PAGE_LIST)
    return list(cut(questions, Size(identifiers=most, line_bytes=size.line_bytes)))


def _pages(identifier: Identifier) -> list[str]:
    return [f"{scheme}://arxiv.org/abs/{identifier.value}" for scheme in ("https", "http")]
