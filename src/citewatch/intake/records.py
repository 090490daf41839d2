"""What a reader of any format gives for each entry, and the list that comes of it."""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape

from citewatch.domain.badge_numbers import number_in
from citewatch.domain.badges import Badge, Style
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Paper
from citewatch.errors import ListError
from citewatch.intake.authors import authors_of
from citewatch.intake.document import Document
from citewatch.intake.duplicates import merge_duplicates
from citewatch.intake.links import certain
from citewatch.intake.names import Names
from citewatch.ports import Entry, PublicationList

_EOL = re.compile(r"\r\n|\n|\r")
_CELL = re.compile(
    r"(?P<about>[>≥~≈∼]\s*)?(?P<n>\d{1,9}|\d{1,3}(?:[,.'’\u00a0\u2009\u202f]\d{3}){1,3}|\d{1,4}(?:\.\d)?k)"
    r"(?P<plus>\s?\+)?(?:\.0)?(?:\s*(?:citations?|cites|times))?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:1[89]\d\d|20[0-4]\d)(?!\d)")
_ASIDE = re.compile(r"\s[—–-]\s|\s\|\s")
_TAGS = re.compile(
    r"</?(?:su[bp]|i|b|em|strong|span|tt|scp|jats:\w+|mml:\w+|inf|p)\b[^<>]{0,200}>", re.IGNORECASE
)
_QUOTES = (("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("{", "}"))
_SHOWN = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One entry as its format gives it; ``start`` and ``end`` bound it in the file's text."""

    start: int
    end: int
    title: str = ""
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str = ""
    ids: tuple[Identifier, ...] = ()
    links: tuple[str, ...] = ()
    badge: Badge | None = None
    """The badge with its place in the file."""
    words: str = ""
    """The badge's words where it has no place that can be edited."""
    claim: int | None = None
    number: int = 0
    doubts: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Findings:
    """All that a reader found in a document."""

    records: list[Record] = field(default_factory=list)
    totals: list[tuple[int, str, int]] = field(default_factory=list)
    """(place, words, number)."""
    left: list[tuple[int, str, str]] = field(default_factory=list)
    """(place, text, why)."""
    skipped: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def skip(self, kind: str) -> None:
        """Something that is recognised as no paper."""
        self.skipped[kind] = self.skipped.get(kind, 0) + 1

    def leave(self, place: int, text: str, why: str) -> None:
        """Something that should be a paper and was not understood."""
        shown = " ".join(text[: 2 * _SHOWN].split())
        self.left.append((place, shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…", why))


class Lines:
    """Line numbers of places in a text, as an editor counts them."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in _EOL.finditer(text))]

    def number(self, place: int) -> int:
        """The line, from 1, in which the character at ``place`` stands."""
        return bisect_right(self._starts, place)


def listed(found: Findings, document: Document, *, kind: str) -> PublicationList:
    """The publication list of all findings: numbered, and each paper once.

    Raises ListError when there is no paper; ``kind`` names the format.
    """
    lines = Lines(document.text)
    read = [_entry(record, lines) for record in found.records]
    for record, entry in zip(found.records, read, strict=True):
        if not entry.paper.title and not entry.paper.ids:
            shown = document.text[record.start : min(record.end, record.start + 2 * _SHOWN)]
            found.leave(record.start, shown, "no title, and no identifier that is certain")
    entries, _ = merge_duplicates([e for e in read if e.paper.title or e.paper.ids])
    if not entries:
        raise _no_paper(found, document, lines, kind=kind)
    return PublicationList(
        file=str(document.path),
        entries=tuple(numbered(entries)),
        totals=tuple((lines.number(at), words, number) for at, words, number in found.totals),
        leftovers=tuple((lines.number(at), text, why) for at, text, why in found.left),
        skipped=dict(found.skipped),
        notes=tuple(found.notes),
    )


def numbered(entries: Sequence[Entry]) -> list[Entry]:
    """Entries with the numbers that the list prints, else with their positions."""
    numbers = [entry.number for entry in entries]
    if all(numbers) and len(set(numbers)) == len(numbers):
        return list(entries)
    return [dataclasses.replace(entry, number=at) for at, entry in enumerate(entries, 1)]


def _entry(record: Record, lines: Lines) -> Entry:
    ids, doubts = certain(record.ids)
    badge = record.badge
    claim = badge.claim if badge is not None else record.claim
    paper = Paper(
        title=record.title,
        year=record.year,
        authors=record.authors,
        venue=record.venue,
        ids=ids,
        claim=claim,
    )
    return Entry(
        number=record.number,
        line=lines.number(record.start),
        paper=paper,
        links=tuple(dict.fromkeys(record.links)),
        badge=badge.text if badge is not None else record.words,
        doubts=tuple(dict.fromkeys((*doubts, *record.doubts, *_missing(record)))),
        place=badge,
        badge_line=lines.number(badge.start) if badge is not None else None,
        span=(record.start, record.end),
    )


def _missing(record: Record) -> Iterable[str]:
    if not record.title:
        yield "no title: the identifier alone has to tell"
    elif not record.authors:
        yield "no authors"
    if record.year is None and record.title:
        yield "no year"


def count_at(text: str, start: int, end: int) -> Badge | None:
    """The count that a field of its own holds: ``text[start:end]`` is the field's value.

    "412", "1,204", "400+" and "~2.3k" are counts; an empty field, "null" or "n/a" claims
    nothing, and so does anything longer.
    """
    value = text[start:end]
    found = _CELL.fullmatch(value.strip()) if len(value) < 40 else None
    if found is None:
        return None
    begin = start + len(value) - len(value.lstrip())
    place = begin + found.start("about" if found["about"] else "n")
    stop = begin + found.end("plus" if found["plus"] else "n")
    words = text[place:stop]
    number = number_in(words)
    if number is None:
        return None
    style = Style.FLOOR if found["plus"] else Style.WORDS if found["about"] else Style.EXACT
    style = Style.WORDS if number.unit and style is Style.EXACT else style
    return Badge(text=words, claim=number.value, start=place, end=stop, style=style)


def moved(badge: Badge, by: int) -> Badge:
    """A badge found in a part of the file, at its place in the whole."""
    return dataclasses.replace(badge, start=badge.start + by, end=badge.end + by)


def field_title(words: str) -> str:
    """The title that a field of its own holds, without tags, entities and a full stop."""
    title = " ".join(unescape(_TAGS.sub("", unescape(words))).split()).strip(" ,;")
    if title.endswith(".") and not title.endswith("..."):
        title = title[:-1].rstrip()
    for opening, closing in _QUOTES:
        inner = title[1:-1]
        if title[:1] == opening and title[-1:] == closing and not {opening, closing} & set(inner):
            return inner.strip()
    return title


def names_in(words: str) -> Names:
    """The author list of a field of its own, without what is said behind it of the work."""
    return authors_of(_ASIDE.split(words, maxsplit=1)[0])


def year_in(words: str) -> int | None:
    """The year that a field says: "2019", "2019-05-01", "May 2019", "c2019"."""
    found = _YEAR.search(words[:200])
    return int(found[0]) if found else None


def _no_paper(found: Findings, document: Document, lines: Lines, *, kind: str) -> ListError:
    seen = [f"{count} of {what}" for what, count in list(_most(found.skipped))[:4]]
    if found.left:
        place, text, why = found.left[0]
        first = f"first line {lines.number(place)} ({why}): {text[:80]}"
        seen.append(f"{len(found.left)} not understood, {first}")
    if found.totals:
        seen.append(f"counts over all papers only: {found.totals[0][1]}")
    seen += found.notes[:3]
    return ListError(
        f"{document.path}: no paper found in this {kind} file"
        + (f" ({'; '.join(seen)})" if seen else ""),
        remedy="give the file that has the entries: each needs a title, "
        "and authors, a year or an identifier",
    )


def _most(skipped: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    return sorted(skipped.items(), key=lambda one: -one[1])
