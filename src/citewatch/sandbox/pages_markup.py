"""Highwire tags as six kinds of sites write them: order, quotes, names, dates all differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape

from citewatch.sandbox.known import inverted
from citewatch.sandbox.pages_places import ACL, CVF, JOURNAL, NEURIPS, PMLR, USENIX, Sheet

Tags = list[tuple[str, str]]
_PLAIN = re.compile(r"[\w .,:/()-]", re.ASCII)
_NEEDS_NO_QUOTES = re.compile(r"[\w./:-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """How one kind of site writes a tag."""

    key: str = "name"
    """``name``, or the ``property`` of Open Graph."""
    quote: str = '"'
    """Empty for none, where the value can do without."""
    content_first: bool = False
    upper: bool = False
    ending: str = ">"
    numeric: bool = False
    """Everything beyond ASCII letters and digits as ``&#8217;``."""

    def tag(self, name: str, value: str) -> str:
        """One meta tag."""
        element, key, content = "meta", self.key, "content"
        if self.upper:
            element, key, content = element.upper(), key.upper(), content.upper()
        shown = _numeric(value) if self.numeric else escape(value)
        pair = [f"{key}={self._quoted(name)}", f"{content}={self._quoted(shown)}"]
        if self.content_first:
            pair.reverse()
        return f"<{element} {' '.join(pair)}{self.ending}"

    def _quoted(self, text: str) -> str:
        if not self.quote and _NEEDS_NO_QUOTES.fullmatch(text):
            return text
        quote = self.quote or '"'
        return f"{quote}{text}{quote}"


def _numeric(text: str) -> str:
    return "".join(c if _PLAIN.fullmatch(c) else f"&#{ord(c)};" for c in text)


def head_of(sheet: Sheet) -> str:
    """All that stands in the head of a page."""
    markup, tags = _SITES[sheet.host]
    lines = [markup.tag(name, value) for name, value in tags(sheet)]
    # Some sites write all tags into one line, as their templates have it.
    between = "" if sheet.host == PMLR else "\n  "
    extra = '<meta charset="utf-8">\n  <meta property="og:type" content="article">'
    return f"  {extra}\n  <title>{escape(sheet.title)}</title>\n  {between.join(lines)}"


def _authors(names: Iterable[str]) -> Tags:
    return [("citation_author", name) for name in names]


def _pmlr(sheet: Sheet) -> Tags:
    return [
        ("citation_publisher", "PMLR"),
        ("citation_title", sheet.title),
        ("citation_language", "en"),
        ("citation_abstract_html_url", sheet.url),
        ("citation_pdf_url", sheet.pdf_url),
        *_pages(sheet),
        *_authors(sheet.authors),
        ("citation_publication_date", f"{sheet.year}/{sheet.month:02d}/{sheet.day:02d}"),
        ("citation_inbook_title", sheet.venue),
        ("citation_conference_title", sheet.venue),
        ("citation_issn", "2640-3498"),
    ]


def _neurips(sheet: Sheet) -> Tags:
    return [
        ("citation_title", sheet.title),
        *_authors(map(inverted, sheet.authors)),
        ("citation_journal_title", sheet.venue),
        ("citation_volume", str(sheet.year - 1987)),
        ("citation_pdf_url", sheet.pdf_url),
        ("citation_publication_date", str(sheet.year)),
    ]


def _acl(sheet: Sheet) -> Tags:
    return [
        ("citation_title", sheet.title),
        *_authors(sheet.authors),
        ("citation_conference_title", sheet.venue),
        ("citation_publication_date", f"{sheet.year}/{sheet.month}"),
        ("citation_pdf_url", sheet.pdf_url),
        *_pages(sheet),
        *([("citation_doi", sheet.doi)] if sheet.doi else []),
    ]


def _cvf(sheet: Sheet) -> Tags:
    return [
        ("citation_title", sheet.title),
        *_authors(map(inverted, sheet.authors)),
        ("citation_publication_date", str(sheet.year)),
        ("citation_conference_title", sheet.venue),
        *_pages(sheet),
        ("citation_pdf_url", sheet.pdf_url),
    ]


def _usenix(sheet: Sheet) -> Tags:
    people: Tags = []
    for at, name in enumerate(sheet.authors):
        people += [
            ("citation_author", name),
            ("citation_author_institution", f"University of Nowhere, Campus {at + 1}"),
            ("citation_author_email", f"author{at + 1}@example.org"),
        ]
    return [
        ("citation_title", sheet.title),
        *people,
        ("citation_publication_date", str(sheet.year)),
        ("citation_conference_title", sheet.venue),
    ]


def _journal(sheet: Sheet) -> Tags:
    return [
        ("citation_journal_title", sheet.venue),
        ("Citation_Title", sheet.title),
        *_authors(map(inverted, sheet.authors)),
        ("citation_date", f"{sheet.year}-{sheet.month:02d}-{sheet.day:02d}"),
        ("citation_online_date", f"{sheet.year - 1}/{sheet.month}"),
        *([("citation_doi", f"doi:{sheet.doi}")] if sheet.doi else []),
        ("citation_pdf_url", sheet.pdf_path),
        ("citation_keywords", "made up; invented"),
    ]


def _pages(sheet: Sheet) -> Tags:
    last = sheet.first_page + 9
    return [("citation_firstpage", str(sheet.first_page)), ("citation_lastpage", str(last))]


_SITES: dict[str, tuple[Markup, Callable[[Sheet], Tags]]] = {
    PMLR: (Markup(), _pmlr),
    NEURIPS: (Markup(quote="'"), _neurips),
    ACL: (Markup(quote="", content_first=True), _acl),
    CVF: (Markup(upper=True, quote="'"), _cvf),
    USENIX: (Markup(ending=" />"), _usenix),
    JOURNAL: (Markup(key="property", content_first=True, numeric=True, ending="/>"), _journal),
}
