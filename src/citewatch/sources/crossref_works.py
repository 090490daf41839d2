"""What Crossref's work records mean. Pure; nothing raises.

https://api.crossref.org/swagger-ui/index.html, https://www.crossref.org/documentation/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from citewatch.domain.identifiers import ARXIV, DOI, Identifier, canonical, parse_identifier
from citewatch.domain.keys import squash
from citewatch.domain.papers import Facts, Failed, Found, Observed
from citewatch.sources.answers import Answer, JsonValue, load_json, message, refused
from citewatch.sources.crossref_notices import partial_date, read_notices
from citewatch.sources.markup import plain
from citewatch.sources.values import count_or_none

# What is stored, and nothing else; an unknown name is answered with 400. All of these were
# among the names that the service itself listed as valid in October 2026.
FIELDS = (
    "DOI",
    "is-referenced-by-count",
    "title",
    "subtitle",
    "author",
    "container-title",
    "issued",
    "type",
    "relation",
    "updated-by",
    "update-to",
)
NEEDED = frozenset({"DOI", "is-referenced-by-count"})
"""Without these a list is of no use."""

_MOST_ROWS = 1_000
_LONGEST_GAP_S = 60.0
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S{1,400}")
_INTERVAL = re.compile(r"(\d{1,6})\s*(ms|s|m|h|)")
_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "": 1.0}
_PREPRINT = "posted-content"
_NO_PAPERS = (
    *("book-series", "book-set", "book-track", "journal", "journal-issue", "journal-volume"),
    *("proceedings-series", "report-series", "component", "sa-component"),
    *("grant", "peer-review"),
)
"""Whole journals, figures and reviews: figures and reviews bear the titles of papers."""
_SPLITS_TITLES = "10.1145/"
"""ACM deposits what stands before a colon as the title and the rest as the subtitle."""


@dataclass(frozen=True, slots=True)
class Works:
    """The records of a list."""

    observed: tuple[Observed, ...]
    whole: bool
    """Whether it has every record that there is, each with a DOI that can be read."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer says of the pool that it came from; None where it says nothing."""

    gap_s: float | None = None
    """Seconds between two requests."""
    in_flight: int | None = None

    def narrowed(self, other: Limits) -> Limits:
        """What satisfies both."""
        gaps = [gap for gap in (self.gap_s, other.gap_s) if gap is not None]
        places = [number for number in (self.in_flight, other.in_flight) if number is not None]
        return Limits(max(gaps, default=None), min(places, default=None))


# --- answers --------------------------------------------------------------------------


def read_list(answer: Answer) -> Works | Failed:
    """The records of a ``work-list``; one without a usable count has ``citation_count`` None."""
    listed = _message(answer)
    if isinstance(listed, Failed):
        return listed
    items = listed.get("items")
    if type(items) is not list:
        return Failed(reason="shape", detail="no list of works")
    found = [seen for item in items[:_MOST_ROWS] if (seen := read_record(item)) is not None]
    total = listed.get("total-results")
    most = max(total if type(total) is int else 0, len(items))
    return Works(tuple(found), whole=len(found) == most)


def read_work(answer: Answer) -> Observed | Failed | None:
    """The record of a single DOI; None where the service says that it does not know it."""
    if answer.status == 404 and "resource not found" in message(answer).lower():
        return None
    if answer.status != 200:
        return refused(answer)
    work = _message(answer)
    if isinstance(work, Failed):
        return work
    return read_record(work) or Failed(reason="shape", detail="a record without DOI")


def read_search(answer: Answer) -> Found | Failed:
    """Candidates, best first, without what is no paper: figures, reviews, notices."""
    if answer.status != 200:
        return refused(answer)
    listed = _message(answer)
    if isinstance(listed, Failed):
        return listed
    items = listed.get("items")
    if type(items) is not list:
        return Failed(reason="shape", detail="no list of works")
    seen = [read_record(item) for item in items[:20] if not _is_no_paper(item)]
    return Found(candidates=tuple(o for o in seen if o is not None))


def refused_fields(answer: Answer) -> frozenset[str] | None:
    """The names that a 400 refuses in ``select``; None where it is about something else."""
    value = load_json(answer)
    told = value.get("message") if type(value) is dict else None
    names: set[str] = set()
    about = False
    for reason in told if type(told) is list else ():
        kind, name = (reason.get("type"), reason.get("value")) if type(reason) is dict else ("", "")
        if name == "select" or (type(kind) is str and kind.startswith("select")):
            about = True
            names |= {name} if type(name) is str else set()
    return frozenset(names) if about else None


def read_limits(answer: Answer) -> Limits:
    """``x-rate-limit-limit`` requests in ``x-rate-limit-interval``, so many at once."""
    number = _whole(answer.headers.get("x-rate-limit-limit"))
    at_once = _whole(answer.headers.get("x-concurrency-limit"))
    found = _INTERVAL.fullmatch(answer.headers.get("x-rate-limit-interval", "").strip().lower())
    gap_s = None
    if number and found:
        gap_s = min(_LONGEST_GAP_S, int(found[1]) * _UNITS_S[found[2]] / number)
    return Limits(gap_s, at_once)


def _whole(text: str | None) -> int | None:
    """A whole number above 0."""
    found = re.fullmatch(r"[0-9]{1,6}", (text or "").strip())
    return (int(found[0]) or None) if found else None


def _message(answer: Answer) -> dict[str, JsonValue] | Failed:
    value = load_json(answer)
    if isinstance(value, Failed):
        return value
    told = value.get("message") if type(value) is dict else None
    if type(told) is not dict:
        return Failed(reason="shape", detail="no message with works")
    return told


def _is_no_paper(item: JsonValue) -> bool:
    if type(item) is not dict:
        return True
    doi = item.get("DOI")
    own = doi.strip().lower() if type(doi) is str else ""
    return item.get("type") in _NO_PAPERS or read_notices(item, own).is_notice


# --- one record -----------------------------------------------------------------------


def read_record(work: JsonValue) -> Observed | None:
    """One record; None where its DOI cannot be read."""
    doi = work.get("DOI") if type(work) is dict else None
    if type(work) is not dict or type(doi) is not str:
        return None
    doi = doi.strip().lower()
    if not _DOI.fullmatch(doi) or not doi.isprintable():
        return None
    own = Identifier(DOI, doi)
    return Observed(
        asked=own,
        answered=own,
        citation_count=count_or_none(work.get("is-referenced-by-count")),
        facts=_facts(work, own),
    )


def _facts(work: Mapping[str, JsonValue], own: Identifier) -> Facts:
    issued = partial_date(work.get("issued"))
    notices = read_notices(work, own.value)
    published = [i for i in _related(work, "is-preprint-of") if i != own]
    others = [i for i in _related(work, "has-preprint") if i != own]
    posted = work.get("type") == _PREPRINT
    doi = next((i.value for i in published if i.scheme == DOI), None) if posted else own.value
    return Facts(
        title=_title(work, own.value),
        authors=_authors(work.get("author")),
        year=issued[0] if issued else None,
        published_on=_day(issued),
        # A preprint is published where its journal version is.
        venue=None if posted else _venue(work.get("container-title")),
        doi=doi,
        retracted=notices.retracted,
        notices=notices.lines,
        ids=tuple(dict.fromkeys((*published, *others))),
    )


def _words(value: JsonValue) -> Iterator[str]:
    """What a list of strings says, cleaned of markup."""
    for text in value[:20] if type(value) is list else (value,):
        if type(text) is str and (words := plain(text)):
            yield words


def _title(work: Mapping[str, JsonValue], doi: str) -> str | None:
    title = next(_words(work.get("title")), None)
    # Other journals put summaries and reviewed books into the subtitle.
    journal = work.get("type") == "journal-article" and not doi.startswith(_SPLITS_TITLES)
    if title is None or journal:
        return title
    subtitle = next(_words(work.get("subtitle")), None)
    if subtitle is None or squash(subtitle) in squash(title):
        return title
    return f"{title.rstrip(' :')}: {subtitle}"


def _venue(value: JsonValue) -> str | None:
    """The last one: chapters name the series first (LNCS), then the volume."""
    return next(iter(list(_words(value))[::-1]), None)


def _authors(value: JsonValue) -> tuple[str, ...]:
    found = []
    for author in value if type(value) is list else ():
        if type(author) is dict:
            parts = [author.get("given"), author.get("family")]
            names = [plain(part) for part in parts if type(part) is str]
            name = " ".join(names).strip() or next(_words(author.get("name")), "")
            found += [name] if name else []
    return tuple(found)


def _day(issued: tuple[int, ...]) -> str | None:
    if len(issued) < 3:
        return None
    try:
        return date(*issued).isoformat()
    except ValueError:
        return None


def _related(work: Mapping[str, JsonValue], relation: str) -> list[Identifier]:
    """The other end of a relation, as far as it is a DOI or at arXiv; in a fixed order."""
    related = work.get("relation")
    ends = related.get(relation) if type(related) is dict else None
    found = set()
    for end in ends[:50] if type(ends) is list else ():
        kind, value = (end.get("id-type"), end.get("id")) if type(end) is dict else (None, None)
        if type(value) is not str or len(value) > 500 or not value.isprintable():
            continue
        scheme = {"doi": DOI, "arxiv": ARXIV}.get(kind) if type(kind) is str else None
        identifier = canonical(scheme, value) if scheme else parse_identifier(value)
        if identifier is not None and identifier.scheme in (DOI, ARXIV):
            found.add(identifier)
    return sorted(found)
