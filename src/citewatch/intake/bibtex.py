"""BibTeX: every type of entry, with strings, cross-references and accents."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import Block, Entry, MiddlewareErrorBlock, ParsingFailedBlock, String

from citewatch.domain.badges import Badge, badges_in
from citewatch.domain.identifiers import Identifier, canonical, find_urls, parse_identifier
from citewatch.intake.authors import natural
from citewatch.intake.bib_fields import Field, fields_of, string_of
from citewatch.intake.document import Document
from citewatch.intake.links import identifiers_in
from citewatch.intake.names import Names
from citewatch.intake.records import Findings, Record, count_at, field_title, listed, moved, year_in
from citewatch.intake.tex_words import plain
from citewatch.ports import PublicationList

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)

COUNTS = re.compile(
    r"(?:google[_-]?scholar[_-]?|gs[_-]?|scholar[_-]?|scopus[_-]?|wos[_-]?|s2[_-]?|num[_-]?|n[_-]?|number[_-]?of[_-]?)?"
    r"(?:citations?|cites|cited[_-]?by|citation[_-]?counts?|times[_-]?cited|citedby[_-]?count)",
    re.IGNORECASE,
)
"""Names of fields that hold a count of citations."""
_SPOKEN = (
    "note",
    "annote",
    "annotation",
    "addendum",
    "comment",
    "howpublished",
    "bibnote",
    "extra",
)
_VENUES = (
    "journal", "journaltitle", "booktitle", "school", "institution", "organization", "publisher",
    "howpublished",
)  # fmt: skip
_LINKS = ("url", "pdf", "html", "link", "website", "arxiv", "ee", "adsurl", "bdsk-url-1", "eprint",
          "openreview", "hal", "preprint", "paper", "doi")  # fmt: skip
_IDS = {
    "doi": "doi", "arxiv": "arxiv", "arxivid": "arxiv", "pmid": "pubmed", "bibcode": "ads",
    "openreview": "openreview", "openalex": "openalex", "semanticscholar": "semantic_scholar",
    "s2id": "semantic_scholar", "corpusid": "semantic_scholar", "aclid": "acl", "mag": "mag",
}  # fmt: skip
_INHERITED = frozenset(
    {"title", "author", "key", "crossref", "xdata", "doi", "url", "pages", "note"}
)
_VOLUMES = frozenset({"proceedings", "mvproceedings", "mvbook", "mvcollection", "collection"})
_NO_PAPERS = frozenset({"control", "set", "xdata", "jabref-meta", "patent"})
_AND = re.compile(r"\s+and\s+", re.IGNORECASE)
_MARKS = re.compile(r"<[^<>]{0,200}>|[*†‡§¶∗#^✉]+|\$\^?\{?[^$]{0,20}\$")
_PAGE = 2_000
_MOST = 3_000


@dataclass(frozen=True, slots=True)
class _Raw:
    """An entry of the file: [start, end) of its text, and its fields."""

    kind: str
    key: str
    start: int
    end: int
    fields: tuple[Field, ...]


def read_bibtex(document: Document) -> PublicationList:
    """The papers of a BibTeX file; broken entries are named, the others read.

    Raises ListError when there is none.
    """
    found, entries, strings = _parts(document.text)
    known = {entry.key.casefold(): entry for entry in entries}
    reading = _Reading(document.text, strings, known)
    parents = {reading.word(entry, "crossref").casefold() for entry in entries} - {""}
    for entry in entries:
        if entry.kind in _NO_PAPERS:
            found.skip(f"entries of type {entry.kind}")
        elif entry.kind in _VOLUMES and entry.key.casefold() in parents:
            found.skip("volumes that entries refer to")
        else:
            record = reading.record(entry)
            if record.title or record.ids:
                found.records.append(record)
            else:
                shown = document.text[entry.start : min(entry.end, entry.start + _PAGE)]
                found.leave(entry.start, shown, "neither a title nor an identifier")
    return listed(found, document, kind="BibTeX")


def _parts(text: str) -> tuple[Findings, list[_Raw], dict[str, str]]:
    """Entries and strings of a file, and what is broken."""
    found, entries, strings = Findings(), [], dict[str, str]()
    for block, start in _placed(text):
        end = start + len(block.raw or "")
        entry = _entry_of(block)
        if entry is not None:
            fields = tuple(fields_of(text, start, end))
            entries.append(_Raw(entry.entry_type.lower(), entry.key.strip(), start, end, fields))
        elif isinstance(block, String):
            strings[block.key.casefold()] = string_of(text, start, end, strings)
        elif isinstance(block, ParsingFailedBlock):
            found.leave(start, block.raw or "", f"broken: {_why(block)}")
        elif type(block).__name__ == "ExplicitComment":
            found.skip("comments")
    return found, entries, strings


def _placed(text: str) -> Iterator[tuple[Block, int]]:
    """The blocks that the parser finds, each with its place in the file."""
    at = 0
    for block in parse_string(text, parse_stack=[]).blocks:
        start = text.find(block.raw or "", at)
        if start < 0:
            continue
        at = start + len(block.raw or "")
        yield block, start


def _entry_of(block: Block) -> Entry | None:
    """The entry that a block is; one whose key or field comes twice is one all the same."""
    if isinstance(block, Entry):
        return block
    inner = getattr(block, "ignore_error_block", None)
    return (
        inner if isinstance(inner, Entry) and not isinstance(block, MiddlewareErrorBlock) else None
    )


def _why(block: ParsingFailedBlock) -> str:
    words = str(getattr(block.error, "abort_reason", block.error) or "cannot be parsed")
    return " ".join(words.split())[:160]


@dataclass(frozen=True, slots=True)
class _Reading:
    """All entries of one file, which may refer to one another."""

    text: str
    strings: Mapping[str, str]
    known: Mapping[str, _Raw]

    def raw(self, entry: _Raw, name: str, *, inherit: bool = False) -> str:
        """A field's value as it is written; the parent's where the entry has none."""
        for field in entry.fields:
            if field.name == name and (value := field.value(self.text, self.strings)).strip():
                return value
        if inherit and name not in _INHERITED and (parent := self._parent(entry)):
            named = self.raw(parent, name)
            return named or (self.raw(parent, "title") if name == "booktitle" else "")
        return ""

    def _parent(self, entry: _Raw) -> _Raw | None:
        key = self.word(entry, "crossref") or self.word(entry, "xdata")
        parent = self.known.get(key.casefold()) if key else None
        return parent if parent is not entry else None

    def word(self, entry: _Raw, name: str, *, inherit: bool = False) -> str:
        """A field's value as it is printed."""
        return plain(self.raw(entry, name, inherit=inherit))

    def record(self, entry: _Raw) -> Record:
        """The record of an entry."""
        names = bib_names(self.raw(entry, "author") or self.raw(entry, "editor"))
        year = self.word(entry, "year", inherit=True) or self.word(entry, "date", inherit=True)
        badge = self._badge(entry)
        urls = [url for name in _LINKS for url in find_urls(self.raw(entry, name))]
        return Record(
            start=entry.start,
            end=entry.end,
            title=_titled(self.word(entry, "title"), self.word(entry, "subtitle")),
            authors=names.names,
            year=year_in(year),
            venue=self._venue(entry),
            ids=tuple(self._ids(entry, urls)),
            links=tuple(dict.fromkeys(urls)),
            badge=badge,
            doubts=("the author list is cut short",) if names.cut else (),
        )

    def _venue(self, entry: _Raw) -> str:
        for name in _VENUES:
            words = _MARKS.sub("", self.word(entry, name, inherit=True))
            if words.strip() and not find_first(words):
                return " ".join(words.split())
        return ""

    def _ids(self, entry: _Raw, urls: Sequence[str]) -> Iterator[Identifier]:
        found: list[Identifier | None] = []
        for name, scheme in _IDS.items():
            if value := self.raw(entry, name):
                found.append(canonical(scheme, _bare(value)) or parse_identifier(_bare(value)))
        if eprint := _bare(self.raw(entry, "eprint")):
            kind = self.word(entry, "archiveprefix") or self.word(entry, "eprinttype") or "arxiv"
            if kind.casefold() in ("arxiv", "arxiv.org"):
                found.append(canonical("arxiv", eprint) or parse_identifier(eprint))
        found += map(parse_identifier, urls)
        for name in ("journal", "journaltitle", "note", "howpublished", "number", "publisher"):
            found += identifiers_in(self.word(entry, name))
        yield from dict.fromkeys(one for one in found if one is not None)

    def _badge(self, entry: _Raw) -> Badge | None:
        """The count in a field of its own, else one that a note speaks of."""
        places = [(field.name, place) for field in entry.fields if (place := field.place())]
        for name, (start, end) in places:
            if COUNTS.fullmatch(name) and (badge := count_at(self.text, start, end)):
                return badge
        for name, (start, end) in places:
            if name in _SPOKEN and "cit" in self.text[start:end].casefold():
                for one in badges_in(self.text[start : min(end, start + _PAGE)]):
                    return moved(one, start)
        return None


def bib_names(value: str) -> Names:
    """The names of an author field: "and" parts them, outside of braces."""
    names: list[str] = []
    cut = False
    for raw in _parted(" ".join(value.split()))[:_MOST]:
        whole = raw.startswith("{") and raw.endswith("}") and raw.count("{") == raw.count("}")
        name = " ".join(_MARKS.sub("", plain(raw)).split()).strip(" ,;")
        if name.casefold() in ("others", "et al.", "et al"):
            cut = True
        elif name:
            names.append(name if whole else natural(name))
    return Names(tuple(filter(None, names)), cut)


def _parted(value: str) -> list[str]:
    parts: list[str] = []
    begin = 0
    for found in _AND.finditer(value):
        before = value[begin : found.start()]
        if before.count("{") - before.count("\\{") <= before.count("}") - before.count("\\}"):
            parts.append(before)
            begin = found.end()
    return [part.strip() for part in (*parts, value[begin:]) if part.strip()]


def _titled(title: str, subtitle: str) -> str:
    title = field_title(title)
    return f"{title}: {field_title(subtitle)}" if title and subtitle else title


def _bare(value: str) -> str:
    """An identifier as it is written in a field, without braces and escapes."""
    return re.sub(r"\\([_%&#])", r"\1", value).strip().strip("{}").strip()


def find_first(text: str) -> str:
    """The first address in a text, "" without one."""
    return next(iter(find_urls(text)), "")
