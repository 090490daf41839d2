"""Which format a publication list is in, and who reads it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from citewatch.intake.decode import SUFFIXES, look_of, read_bytes, unreadable
from citewatch.intake.document import Document, parse_document
from citewatch.intake.reader import read_text
from citewatch.ports import PublicationList

Reader: TypeAlias = Callable[[Document], PublicationList]
_PDF = re.compile(rb"\s{0,64}%PDF-")
_MARKDOWN = re.compile(
    r"^(?:#{1,6} +\S|\s*\|(?:\s*:?-{3,}:?\s*\|)+|\s{0,3}[-*+] +.*(?:\]\(|\*\*)|---\n(?:\w+:.*\n)+---)",
    re.MULTILINE,
)
_HEAD = 20_000


def _read_plain(document: Document) -> PublicationList:
    return read_text(document.text, file=str(document.path))


def _read_html(document: Document) -> PublicationList:
    from citewatch.intake.html import read_html  # a parser that only HTML needs

    return read_html(document)


def _read_markdown(document: Document) -> PublicationList:
    from citewatch.intake.markdown import read_markdown  # likewise

    return read_markdown(document)


READERS: Mapping[str, Reader] = {
    "text": _read_plain,
    "HTML": _read_html,
    "Markdown": _read_markdown,
}
"""By format. Each reader is a pure function of the document: it opens no other file, and every
entry and badge that it gives has its place in ``document.text``. A PDF has no such text; it
is read by `citewatch.intake.pdf`."""


def read_list(path: Path) -> PublicationList:
    """Read a publication list from a file, in any of the formats.

    Raises ListError when the file cannot be opened, is too large, empty, binary, damaged, of
    a format that is not read, or holds no paper.
    """
    data = read_bytes(path)
    if _PDF.match(data):
        from citewatch.intake.pdf import read_pdf  # its library is large

        return read_pdf(data, file=str(path))
    document = parse_document(data, path=path)
    kind = format_of(document)
    if kind not in READERS:
        raise unreadable(str(path), kind)
    found = READERS[kind](document)
    return dataclasses.replace(found, notes=(*document.notes, *found.notes))


def format_of(document: Document) -> str:
    """The format of a text: what it looks like, where it looks like anything, else its name.

    A file whose name lies is read as what it is; Markdown may hold HTML, and is told by
    its name or by marks that nothing else has.
    """
    named = SUFFIXES.get(document.path.suffix.lower())
    if named == "Markdown":
        return named
    look = look_of(document.text)
    if look is not None:
        return look
    if named is None:
        marked = _MARKDOWN.search(document.text[:_HEAD])
        return "Markdown" if marked and _links_or_tables(document.text[:_HEAD]) else "text"
    return named


def _links_or_tables(text: str) -> bool:
    """Whether marks that plain text lacks stand in a text: links in brackets, tables."""
    return bool(re.search(r"\]\((?:https?://|/|\.|#)|^\s*\|(?:\s*:?-{3,}:?\s*\|)+", text, re.M))
