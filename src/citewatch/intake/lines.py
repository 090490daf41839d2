"""A text as clean lines: pages, indents, lines that hold nothing but links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from citewatch.domain.identifiers import find_urls

_BREAK = re.compile(r"\r\n|\n|\r")
_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb]")
_BLANKS = re.compile("[\t\x0b\x1c-\x1f\x85\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_LINK_WORD = re.compile(r"(?:(?:https?|ftp)://|www\.|mailto:)\S+", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"(?:page|p\.|seite)?\s*[-–—]?\s*(?:\d{1,3}|[ivx]{1,5})\s*(?:(?:of|/|von)\s*\d{1,3})?\s*[-–—]?",
    re.IGNORECASE,
)
_RULE = re.compile(r"[\W_]+")
_HEAD_LENGTH = 120
_RUNNING = 3
"""A page's first or last line that comes back on so many pages is a running head."""


class Fate(StrEnum):
    """What became of a line; no line that is not blank stays without one."""

    ENTRY = "entry"
    PAGE_LINK = "page link"
    OTHER_LINK = "other link"
    HEADING = "heading"
    SKIPPED = "skipped"
    LEFTOVER = "leftover"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as an editor counts it."""

    number: int
    """From 1."""
    text: str
    """Without control characters, ligatures and blanks at the ends."""
    indent: int
    page: int
    """Counted by form feeds, from 0."""
    start: int = 0
    end: int = 0
    """Characters [start, end) of the file's text, without the line's end."""

    @property
    def links(self) -> tuple[str, ...]:
        """The links, when the line holds nothing else; else ()."""
        words = self.text.split()
        return tuple(words) if words and all(map(_LINK_WORD.fullmatch, words)) else ()


def clean(text: str) -> str:
    """One line without what typesetting and copying leave behind."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text).translate(_LIGATURES)
        text = re.sub("\u00ad$", "-", text.rstrip()).replace("\u00ad", "")
        # TeX sets an accent over a dotless i; as a letter it is í.
        text = unicodedata.normalize("NFC", re.sub("\u0131(?=[\u0300-\u0308])", "i", text))
    text = _BLANKS.sub(" ", text)
    return "".join(c for c in text if c.isprintable())


def split_lines(text: str) -> tuple[Line, ...]:
    """All lines, blank ones too, numbered as editors number them."""
    lines: list[Line] = []
    page = start = 0
    breaks = [*(found.span() for found in _BREAK.finditer(text)), (len(text), len(text))]
    for number, (end, after) in enumerate(breaks, 1):
        raw = text[start:end]
        ahead = len(raw) - len(raw.lstrip(" \t\f"))
        page += raw.count("\f", 0, ahead)
        cleaned = clean(raw.replace("\f", " " if raw.strip("\f \t") else ""))
        stripped = " ".join(cleaned.split())
        indent = len(cleaned) - len(cleaned.lstrip()) if stripped else 0
        lines.append(Line(number, stripped, indent, page, start, end))
        page += raw.count("\f", ahead)
        start = after
    return tuple(lines)


def furniture(lines: Sequence[Line]) -> dict[int, str]:
    """Numbers of lines that belong to the paper, not to the text, with their kind.

    Page numbers, drawn rules, and first or last lines that come back page after page.
    """
    found: dict[int, str] = {}
    for before, line, after in zip((None, *lines[:-1]), lines, (*lines[1:], None), strict=True):
        if not line.text:
            continue
        alone = (
            before is None or not before.text or before.page != line.page or bool(before.links)
        ) and (after is None or not after.text or after.page != line.page or bool(after.links))
        if alone and len(line.text) < 24 and _PAGE_NUMBER.fullmatch(line.text):
            found[line.number] = "page numbers"
        elif len(line.text) > 2 and _RULE.fullmatch(line.text):
            found[line.number] = "drawn rules"
    found.update(_running_heads(lines))
    return found


def _running_heads(lines: Sequence[Line]) -> dict[int, str]:
    """First and last lines of pages that come back with at most the page number changed.

    The last line of a page may also be the venue of an entry, which comes back too: so
    there a blank line above, or a changing number, has to set it apart.
    """
    first: dict[int, Line] = {}
    last: dict[int, Line] = {}
    apart: set[int] = set()
    above: Line | None = None
    for line in lines:
        if line.text and not line.links:
            first.setdefault(line.page, line)
            last[line.page] = line
            if above is None or not above.text or above.page != line.page:
                apart.add(line.number)
        above = line
    found: dict[int, str] = {}
    for ends, free in ((first, True), (last, False)):
        groups: dict[str, list[Line]] = {}
        for line in ends.values():
            groups.setdefault(_shape(line), []).append(line)
        for group in groups.values():
            counted = len({line.text for line in group}) == len(group)
            if len(group) < _RUNNING or len(group[0].text) > _HEAD_LENGTH:
                continue
            for line in group:
                if free or counted or line.number in apart:
                    found[line.number] = "running heads"
    return found


def _shape(line: Line) -> str:
    """The line without page numbers; years and entry marks stay."""
    return re.sub(r"(?<![\[(\w.])\d{1,3}(?![\w\])])", "0", line.text.casefold())


def web_links(words: Sequence[str]) -> tuple[str, ...]:
    """The http(s) addresses among the words of a link line."""
    return tuple(url for word in words for url in find_urls(_with_scheme(word)))


def _with_scheme(word: str) -> str:
    return f"https://{word}" if word.lower().startswith("www.") else word
