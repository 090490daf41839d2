"""RIS: the export of reference managers, Scopus and Web of Science, in all its types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import rispy  # type: ignore[import-untyped]

from citewatch.domain.badges import Badge, badges_in
from citewatch.domain.identifiers import Identifier, canonical, find_urls, parse_identifier
from citewatch.intake.authors import natural
from citewatch.intake.document import Document
from citewatch.intake.links import identifiers_in
from citewatch.intake.records import (
    Findings,
    Record,
    count_at,
    field_title,
    listed,
    moved,
    year_in,
)
from citewatch.ports import PublicationList

_Fields: TypeAlias = Mapping[str, object]
_TAG = re.compile(r"^[ \t\ufeff]*([A-Z][A-Z0-9])  -(?: |(?=[\r\n])|\Z)", re.MULTILINE)
_TITLES = ("title", "primary_title", "translated_title", "short_title", "custom3")
_AUTHORS = ("authors", "first_authors", "secondary_authors")
_YEARS = ("year", "publication_year", "date")
_VENUES = ("journal_name", "secondary_title", "alternate_title1", "alternate_title2",
           "alternate_title3", "custom2", "publisher")  # fmt: skip
_SPOKEN = frozenset(
    {"N1", "RN", "U1", "U2", "U3", "U4", "U5", "C1", "C5", "C6", "C7", "M1", "M2", "M3", "N2"}
)
_COUNTED = frozenset({"TC", "Z9"})
"""Tags of Web of Science for a count."""
_LONG = 4_000


def read_ris(document: Document) -> PublicationList:
    """The papers of a RIS file. Raises ListError when there is none."""
    text, found = document.text, Findings()
    for start, end in _records(text, found):
        fields = _parsed(text[start:end])
        record = _record(text, start, end, fields)
        if record.title or record.ids:
            found.records.append(record)
        else:
            found.leave(start, text[start:end], "neither a title nor an identifier")
    return listed(found, document, kind="RIS")


def _records(text: str, found: Findings) -> Iterator[tuple[int, int]]:
    """The places of all records: from TY to ER, or to the next TY where ER was forgotten."""
    begun: int | None = None
    end = stray = 0
    for tag in _TAG.finditer(text):
        name = tag[1]
        if name == "TY":
            if begun is not None:
                yield begun, _stripped(text, begun, tag.start())
            begun, stray = tag.start(1), 0
        elif name == "ER":
            if begun is not None:
                yield begun, tag.end()
            begun = None
        elif begun is None and not stray:
            stray = 1
            found.leave(tag.start(1), text[tag.start(1) : tag.start(1) + _LONG], "no TY before it")
        end = tag.end()
    if begun is not None:
        yield begun, _stripped(text, begun, max(end, len(text)))


def _stripped(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def _parsed(record: str) -> _Fields:
    """One record by the parser, which takes a missing ER for no record at all."""
    lines = "\n".join(
        line.lstrip(" \t\ufeff") if _TAG.match(line) else line for line in record.splitlines()
    )
    read: Sequence[_Fields] = rispy.loads(f"{lines}\nER  - \n")
    return read[0] if read else {}


def _record(text: str, start: int, end: int, fields: _Fields) -> Record:
    names = [natural(name) for key in _AUTHORS[:2] for name in _words(fields.get(key))]
    names = names or [natural(name) for name in _words(fields.get(_AUTHORS[2]))]
    urls = [url for value in fields.values() for words in _words(value) for url in find_urls(words)]
    return Record(
        start=start,
        end=end,
        title=field_title(_first(fields, _TITLES)),
        authors=tuple(name for name in dict.fromkeys(names) if name),
        year=next(
            (y for key in _YEARS for w in _words(fields.get(key)) if (y := year_in(w))), None
        ),
        venue=_first(fields, _VENUES),
        ids=tuple(dict.fromkeys(_ids(fields, urls))),
        links=tuple(dict.fromkeys(urls)),
        badge=_badge(text, start, end),
    )


def _words(value: object) -> list[str]:
    """The text of a field, which has one value or several."""
    values = value if isinstance(value, list) else [value]
    return [" ".join(one.split()) for one in values if isinstance(one, str) and one.strip()]


def _first(fields: _Fields, keys: Sequence[str]) -> str:
    return next((words for key in keys for words in _words(fields.get(key))), "")


def _ids(fields: _Fields, urls: Sequence[str]) -> Iterator[Identifier]:
    found: list[Identifier | None] = [
        canonical("doi", words) or parse_identifier(words) for words in _words(fields.get("doi"))
    ]
    found += map(parse_identifier, urls)
    for key in (
        "accession_number",
        "number",
        "journal_name",
        "secondary_title",
        "custom7",
        "notes",
    ):
        for words in _words(fields.get(key)):
            found += identifiers_in(words)
    yield from (one for one in found if one is not None)


def _badge(text: str, start: int, end: int) -> Badge | None:
    """The first count that a note speaks of, or a tag holds, at its place."""
    tags = list(_TAG.finditer(text, start, end))
    for tag, after in zip(tags, (*tags[1:], None), strict=True):
        stop = min(after.start() if after else end, tag.end() + _LONG)
        if tag[1] in _COUNTED and (badge := count_at(text, tag.end(), stop)):
            return badge
        if tag[1] in _SPOKEN and "cit" in text[tag.end() : stop].casefold():
            for one in badges_in(text[tag.end() : stop]):
                return moved(one, tag.end())
    return None
