"""What arXiv's Atom feeds mean. Pure; nothing raises.

The server of November 2025 (github.com/arXiv/arxiv-search) is followed where it and
https://info.arxiv.org/help/api/user-manual.html differ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from xml.etree import ElementTree as ET

from citewatch.domain.identifiers import ARXIV, DOI, Identifier, canonical
from citewatch.domain.papers import Facts, Failed, Observed
from citewatch.sources.text import detail, tidy_or_none

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"

_ENTRY_ID = re.compile(r"https?://arxiv\.org/abs/(\S{5,60}?)(?:v([1-9]\d{0,3}))?")
_ERROR_ID = re.compile(r"https?://arxiv\.org/api/errors")
_BAD_ID = re.compile(r"incorrect id format for (.+)", re.IGNORECASE | re.DOTALL)
_DECLARATION = re.compile(r"<\?xml[^>]*\bencoding\s*=\s*[\"']([^\"']{1,40})[\"']")
_NUMBER = re.compile(r"\d{1,12}")
_FORBIDDEN = re.compile(r"<!(?:DOCTYPE|ENTITY)")


@dataclass(frozen=True, slots=True)
class AtomError:
    """A feed of one entry that says what was wrong with the question."""

    summary: str

    @property
    def bad_id(self) -> str | None:
        """The id that failed the whole request, where that is the reason."""
        found = _BAD_ID.fullmatch(self.summary)
        return found[1].strip() if found else None


@dataclass(frozen=True, slots=True)
class Feed:
    """The papers of a feed, in its order; of one paper the newest version."""

    papers: Mapping[Identifier, Observed]
    complete: bool
    """Every paper that the server found is in the feed: the others are unknown to it."""
    empty: bool
    """The server says that it found nothing."""


Reading: TypeAlias = Feed | AtomError | Failed


def read_feed(body: bytes) -> Reading:
    """Read a feed, an error feed, or say why it is neither."""
    root = _root(body)
    if isinstance(root, Failed):
        return root
    if root.tag != f"{_ATOM}feed":
        kind = "not_xml" if root.tag.rpartition("}")[2].lower() == "html" else "shape"
        return Failed(reason=kind, detail=detail(f"<{root.tag}> instead of an Atom feed"))
    papers: dict[Identifier, Observed] = {}
    unread = 0
    for entry in root.iterfind(f"{_ATOM}entry"):
        name = (entry.findtext(f"{_ATOM}id") or "").strip()
        if _ERROR_ID.match(name):
            return AtomError(detail(entry.findtext(f"{_ATOM}summary") or "error without a word"))
        observed = _observed(entry, name)
        if observed is None:
            unread += 1
            continue
        held = papers.get(observed.answered)
        if held is None or (observed.facts.version or 0) > (held.facts.version or 0):
            papers[observed.answered] = observed
    total = _total(root)
    entries = len(root.findall(f"{_ATOM}entry"))
    return Feed(
        papers,
        complete=unread == 0 and total is not None and total <= entries,
        empty=entries == 0 and total == 0,
    )


def _root(body: bytes) -> ET.Element | Failed:
    """The tree, after refusing what makes XML dangerous.

    Only UTF-8 is taken, so that no other encoding can hide a DOCTYPE from the search
    for it; without a DOCTYPE there are no entities that could grow.
    """
    if not body.strip():
        return Failed(reason="empty", detail="an answer without a body")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Failed(reason="charset", detail="not UTF-8")
    declared = _DECLARATION.match(text.lstrip())
    if declared and declared[1].lower() not in ("utf-8", "utf8", "us-ascii", "ascii"):
        return Failed(reason="charset", detail=detail(f"encoding {declared[1]}"))
    if _FORBIDDEN.search(text):
        html = re.search(r"<!DOCTYPE\s+html", text[:2_000], re.IGNORECASE)
        words = "a page instead of a feed" if html else "a DOCTYPE, which a feed has no use for"
        return Failed(reason="not_xml", detail=words)
    try:
        # Bandit's warning is about entities: refused above.
        return ET.fromstring(text.lstrip())  # noqa: S314
    except (ET.ParseError, ValueError, RecursionError) as error:
        return Failed(reason="not_xml", detail=detail(f"not XML: {error}"))


def _total(root: ET.Element) -> int | None:
    text = (root.findtext(f"{_OPENSEARCH}totalResults") or "").strip()
    return int(text) if _NUMBER.fullmatch(text) else None


def _observed(entry: ET.Element, name: str) -> Observed | None:
    """One paper; None when its id is not that of an arXiv abstract."""
    found = _ENTRY_ID.fullmatch(name)
    identifier = canonical(ARXIV, found[1]) if found else None
    if found is None or identifier is None:
        return None
    dois = _dois(entry)
    published_on = _day(entry.findtext(f"{_ATOM}published"))
    facts = Facts(
        title=tidy_or_none(entry.findtext(f"{_ATOM}title")),
        authors=_authors(entry),
        year=int(published_on[:4]) if published_on else None,
        published_on=published_on,
        version=int(found[2]) if found[2] else None,
        comment=tidy_or_none(entry.findtext(f"{_ARXIV}comment")),
        journal_ref=tidy_or_none(entry.findtext(f"{_ARXIV}journal_ref")),
        doi=dois[0].value if dois else None,
        ids=dois,
    )
    return Observed(asked=identifier, answered=identifier, facts=facts)


def _authors(entry: ET.Element) -> tuple[str, ...]:
    # Some names begin with a blank: " The ATLAS Collaboration".
    names = (tidy_or_none(a.findtext(f"{_ATOM}name")) for a in entry.iterfind(f"{_ATOM}author"))
    return tuple(name for name in names if name)


def _dois(entry: ET.Element) -> tuple[Identifier, ...]:
    """The journal's DOIs as the author typed them; the server gives one element each."""
    found: list[Identifier] = []
    for element in entry.iterfind(f"{_ARXIV}doi"):
        identifier = canonical(DOI, element.text or "")
        if identifier and identifier.scheme == DOI and identifier not in found:
            found.append(identifier)
    return tuple(found)


def _day(text: str | None) -> str | None:
    day = (text or "").strip()[:10]
    try:
        date.fromisoformat(day)
    except ValueError:
        return None
    return day if len(day) == 10 else None
