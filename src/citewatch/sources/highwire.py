"""The ``citation_*`` tags that scholarly pages carry for search engines (Highwire tags). Pure.

What each means: https://scholar.google.com/intl/en/scholar/inclusion.html#indexing. Read by
`arxiv_page` and `page_tags`, each of which knows its own pages.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup

from citewatch.domain.papers import Failed
from citewatch.sources.text import detail, tidy_or_none

Tags: TypeAlias = Mapping[str, Sequence[str]]
"""Lower-case name → what the page says under it, in the page's order, tidied, never empty."""

# bs4 warns of XHTML read as HTML, which is what every browser does with it.
_XML_PROLOG = re.compile(r"<\?xml(?=[\s?])", re.IGNORECASE)
_OPENING = re.compile(r"<!--|<(?:meta|script|style|textarea|title)(?=[\s/>])", re.IGNORECASE)
_META = re.compile(
    r"""<meta(?:[\s/]*+[^\s"'<>/=]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>][^\s<>]*+))?+)*+[\s/]*+>""",
    re.IGNORECASE,
)
_META_LENGTH = 65_536
_MALFORMED_MOST = 50
_ELEMENTS_MOST = 5_000
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "md", "phd"})
_YEARS = range(1500, 2200)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:[T\s].*)?)?)?")
_YEAR_LAST = re.compile(r"\d{1,2}[-/.](?:\d{1,2}[-/.])?(\d{4})")
_WORDS = re.compile(r"[A-Za-z]+|\d+")


def parse_html(text: str) -> BeautifulSoup | Failed:
    """The page as a tree: attributes in any order, any quotes or none, entities resolved."""
    try:
        return BeautifulSoup(_XML_PROLOG.sub("<?x", text), "html.parser")
    except (ParserRejectedMarkup, ValueError, RecursionError, AssertionError) as error:
        # html.parser asserts on some broken declarations ("<![") instead of reporting them.
        return Failed(reason="not_html", detail=detail(type(error).__name__))


def citation_elements(text: str) -> str:
    """The ``meta`` elements with these tags of a page that anybody may have written.

    Python's html.parser takes two minutes for half a megabyte of ``<!--`` and longer for
    ``<a ``, so that a page from nowhere in particular is reduced to what it is read for
    first. In linear time; elements in comments and scripts are none, malformed ones neither.
    """
    kept: list[str] = []
    malformed, at = 0, 0
    while malformed < _MALFORMED_MOST and len(kept) < _ELEMENTS_MOST:
        start = _OPENING.search(text, at)
        if start is None:
            break
        at = start.end()
        name = start[0].lower()
        if name == "<meta":
            found = _META.match(text, start.start(), start.start() + _META_LENGTH)
            if found is None:
                malformed += 1
                continue
            at = found.end()
            if "citation_" in found[0].lower():
                kept.append(found[0])
            continue
        # What is never closed goes on to the end of the page.
        if name == "<!--":
            at = text.find("-->", at)
        else:
            end = re.compile("</" + name[1:], re.IGNORECASE).search(text, at)
            at = end.start() if end else -1
        if at < 0:
            break
    return "".join(kept)


def citation_tags(soup: BeautifulSoup) -> Tags:
    """Every ``citation_*`` tag that says something, under ``name`` or ``property``."""
    found: dict[str, list[str]] = {}
    for tag in soup.find_all("meta"):
        name = tag.get("name") or tag.get("property")
        words = tidy_or_none(tag.get("content"))
        if isinstance(name, str) and words:
            name = name.strip().lower()
            if name.startswith("citation_"):
                found.setdefault(name, []).append(words)
    return found


def first_last(name: str) -> str:
    """ "Vaswani, Ashish" as "Ashish Vaswani"; a collaboration has no comma.

    "King, Martin, Jr." and "King, Jr., Martin" are "Martin King Jr."; what has more commas
    is no name and stays as it is.
    """
    parts = [part.strip() for part in name.split(",")]
    suffixes = [part for part in parts if _is_suffix(part)]
    names = [part for part in parts if not _is_suffix(part)]
    if len(names) != 2 or not all(names) or len(suffixes) > 1:
        return name
    return " ".join((names[1], names[0], *suffixes))


def _is_suffix(part: str) -> bool:
    return part.replace(".", "").lower() in _SUFFIXES


def read_date(text: str) -> tuple[int | None, str | None]:
    """(year, ISO day): ``2004``, ``2021/6``, ``2026-04-23``, ``11 July 2023``, ``Jul 2023``.

    The day only where year, month and day are all plain: ``07/11/2023`` is the eleventh of
    July for some and the seventh of November for others, and gives the year alone.
    """
    text = text.strip()[:100]
    if found := _YEAR_FIRST.fullmatch(text):
        return _dated(found[1], found[2], found[3])
    if found := _YEAR_LAST.fullmatch(text):
        return _dated(found[1], None, None)
    words = _WORDS.findall(text)
    years = [word for word in words if len(word) == 4 and word.isdecimal()]
    if len(years) != 1 or len(words) > 4:
        return None, None
    months = [number for word in words if (number := _month(word))]
    days = [word for word in words if len(word) < 3 and word.isdecimal()]
    if len(months) == 1 and len(days) == 1:
        return _dated(years[0], str(months[0]), days[0])
    return _dated(years[0], None, None)


def _month(word: str) -> int | None:
    """1 to 12 for "July", "jul" and "Sept"."""
    word = word.lower()
    if len(word) < 3:
        return None
    return next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(word)), None)


def _dated(year: str, month: str | None, day: str | None) -> tuple[int | None, str | None]:
    number = int(year)
    if number not in _YEARS:
        return None, None
    if month is None or day is None:
        return number, None
    try:
        return number, date(number, int(month), int(day)).isoformat()
    except ValueError:
        return number, None
