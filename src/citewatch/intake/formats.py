"""Which format a publication list is in, and who reads it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from citewatch.errors import ListError
from citewatch.intake.csv_list import is_table, read_csv
from citewatch.intake.decode import SUFFIXES, look_of, read_bytes, unreadable
from citewatch.intake.document import Document, parse_document
from citewatch.intake.json_list import read_json
from citewatch.intake.reader import read_text
from citewatch.ports import PublicationList

Reader: TypeAlias = Callable[[Document], PublicationList]
_PDF = re.compile(rb"%PDF-\d")
_PDF_HEAD = 1_024
"""Bytes within which a PDF says that it is one."""
_BINARY = frozenset({"PDF", "Word", "OpenDocument", "RTF", "EPUB"})
_TAG = re.compile(r"<[a-zA-Z][^<>]{0,2000}>")
_MARKDOWN = re.compile(
    r"\]\((?:https?://|/|\.|#)|^\s{0,9}\|(?:\s{0,9}:?-{3,40}:?\s{0,9}\|){1,40}", re.MULTILINE
)
"""Links in brackets, and tables: marks that plain text lacks."""
_HEAD = 20_000
_KEPT, _MISTAKEN = frozenset({"LaTeX", "BibTeX", "CSV", "RIS"}), frozenset({"LaTeX", "JSON"})
"""Names that count for more than looks which their files may have: a note in a BibTeX file
may begin a line with ``\\item``, a LaTeX file may begin with two braces."""


def _read_plain(document: Document) -> PublicationList:
    return read_text(document.text, file=str(document.path))


def _read_html(document: Document) -> PublicationList:
    from citewatch.intake.html import read_html  # a parser that only HTML needs

    return read_html(document)


def _read_markdown(document: Document) -> PublicationList:
    from citewatch.intake.markdown import read_markdown  # likewise

    try:
        return read_markdown(document)
    except ListError as error:
        try:
            # Plain text under a name of Markdown: lines mean what they look like.
            return _read_plain(document)
        except ListError:
            raise error from None


def _read_latex(document: Document) -> PublicationList:
    from citewatch.intake.latex import read_latex  # likewise

    return read_latex(document)


def _read_bibtex(document: Document) -> PublicationList:
    from citewatch.intake.bibtex import read_bibtex  # likewise

    return read_bibtex(document)


def _read_ris(document: Document) -> PublicationList:
    from citewatch.intake.ris import read_ris  # likewise

    return read_ris(document)


READERS: Mapping[str, Reader] = {
    "text": _read_plain,
    "HTML": _read_html,
    "Markdown": _read_markdown,
    "LaTeX": _read_latex,
    "BibTeX": _read_bibtex,
    "CSV": read_csv,
    "JSON": read_json,
    "RIS": _read_ris,
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
    if _PDF.search(data, 0, _PDF_HEAD):
        from citewatch.intake.pdf import read_pdf  # its library is large

        return read_pdf(data, file=str(path))
    document = parse_document(data, path=path)
    kind = format_of(document)
    if kind not in READERS:
        raise unreadable(str(path), kind)
    found = READERS[kind](document)
    return dataclasses.replace(found, notes=(*document.notes, *_name_lies(document), *found.notes))


def format_of(document: Document) -> str:
    """The format of a text: what it looks like, where it looks like anything, else its name.

    A file whose name lies is read as what it is; Markdown may hold HTML, and is told by
    its name or by marks that nothing else has.
    """
    named = SUFFIXES.get(document.path.suffix.lower())
    if named == "Markdown":
        return named
    look = look_of(document.text)
    if named in _KEPT and look in _MISTAKEN:
        return named
    if look is not None:
        return look
    if named in _BINARY or (named == "HTML" and not _TAG.search(document.text)):
        named = None
    if named is not None:
        return named
    if is_table(document.text[:_HEAD]):
        return "CSV"
    return "Markdown" if _MARKDOWN.search(document.text[:_HEAD]) else "text"


def _name_lies(document: Document) -> tuple[str, ...]:
    named = SUFFIXES.get(document.path.suffix.lower())
    return (f"its name says {named}, but it holds text: read as text",) if named in _BINARY else ()
