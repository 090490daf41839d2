"""What an arXiv abstract page says that the API does not: versions and withdrawal. Pure.

Markup: github.com/arXiv/arxiv-browse, ``templates/abs`` and ``formatting/metatags.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from bs4 import BeautifulSoup
from bs4.element import Tag

from citewatch.domain.identifiers import ARXIV, DOI, Identifier, canonical
from citewatch.domain.papers import Facts, Failed, Observed
from citewatch.sources.highwire import citation_tags, first_last, parse_html, read_date

_VERSION = re.compile(
    r"\[v([1-9]\d{0,3})\]\s*"
    r"((?:\w{3},\s+)?\d{1,2}\s+\w{3}\s+\d{4}\s+\d{2}:\d{2}:\d{2})\s+(?:UTC|GMT)"
    r"(?:\s*\([\d.,]+\s*[KMG]?B\))?\s*(\(withdrawn\))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Version:
    """One line of the submission history."""

    number: int
    submitted_on: str | None
    """ISO date."""
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsPage:
    """An abstract page. Authors as "First Last", the way the API writes them."""

    identifier: Identifier
    title: str | None
    authors: tuple[str, ...]
    doi: Identifier | None
    published_on: str | None
    versions: tuple[Version, ...]


def read_page(body: bytes) -> AbsPage | Failed:
    """The page's Highwire tags and its submission history, or why it is not such a page."""
    if not body.strip():
        return Failed(reason="empty", detail="an answer without a body")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Failed(reason="charset", detail="not UTF-8")
    soup = parse_html(text)
    if isinstance(soup, Failed):
        return soup
    tags = citation_tags(soup)
    versions = _versions(soup)
    identifier = canonical(ARXIV, (tags.get("citation_arxiv_id") or [""])[0])
    if identifier is None:
        return Failed(reason="shape", detail="a page without citation_arxiv_id")
    doi = canonical(DOI, (tags.get("citation_doi") or [""])[0])
    stated = tags.get("citation_date") or tags.get("citation_publication_date") or [""]
    _, stated_on = read_date(stated[0])
    return AbsPage(
        identifier=identifier,
        title=next(iter(tags.get("citation_title", [])), None),
        authors=tuple(first_last(name) for name in tags.get("citation_author", [])),
        doi=doi if doi is not None and doi.scheme == DOI else None,
        published_on=(versions[0].submitted_on if versions else None) or stated_on,
        versions=versions,
    )


def observe(page: AbsPage, asked: Identifier) -> Observed | Failed:
    """What the page says about the paper that was asked for.

    The comments cell is left out: links in it are rewritten ("this https URL"), so that
    it would differ from the API's at every look. So is ``td.jref``, which holds the
    report number as well.
    """
    if page.identifier != asked:
        return Failed(reason="other_paper", detail=f"the page is about {page.identifier}")
    if not page.versions:
        # Without it nobody would notice that withdrawals are no longer seen.
        return Failed(reason="shape", detail="a page without a submission history")
    newest = page.versions[-1]
    return Observed(
        asked=asked,
        answered=page.identifier,
        facts=Facts(
            title=page.title,
            authors=page.authors,
            year=int(page.published_on[:4]) if page.published_on else None,
            published_on=page.published_on,
            version=newest.number,
            doi=page.doi.value if page.doi else None,
            # Earlier versions stay; only a withdrawn newest one withdraws the paper.
            withdrawn=newest.withdrawn,
            ids=(page.doi,) if page.doi else (),
        ),
    )


def _versions(soup: BeautifulSoup) -> tuple[Version, ...]:
    """Ascending by number."""
    history = soup.find("div", class_="submission-history")
    if not isinstance(history, Tag):
        return ()
    # At most some hundred versions: what is longer is not a history.
    text = " ".join(history.get_text(" ").split())[:100_000]
    found = {
        int(m[1]): Version(int(m[1]), _history_day(m[2]), m[3] is not None)
        for m in _VERSION.finditer(text)
    }
    return tuple(found[number] for number in sorted(found))


def _history_day(text: str) -> str | None:
    try:
        at = parsedate_to_datetime(f"{text} +0000")
    except (ValueError, TypeError, IndexError):
        return None
    return at.astimezone(UTC).date().isoformat()
