"""From a file's bytes to text, or one clear message on why that cannot be."""

from __future__ import annotations

import codecs
import errno
import re
from dataclasses import dataclass
from pathlib import Path

from citewatch.errors import ListError

MAX_BYTES = 20_000_000
"""A publication list is text: a lifetime of papers is well under one megabyte."""
CAN_READ = (
    "give the list as text, PDF, LaTeX, BibTeX, Markdown, HTML, CSV, CSL-JSON or RIS, "
    "or as identifiers and URLs, one on each line"
)
SUFFIXES = {
    ".md": "Markdown",
    ".markdown": "Markdown",
    ".mkd": "Markdown",
    ".qmd": "Markdown",
    ".pdf": "PDF",
    ".tex": "LaTeX",
    ".ltx": "LaTeX",
    ".bib": "BibTeX",
    ".bbl": "LaTeX",
    ".html": "HTML",
    ".htm": "HTML",
    ".xhtml": "HTML",
    ".xml": "XML",
    ".json": "JSON",
    ".csv": "CSV",
    ".tsv": "CSV",
    ".ris": "RIS",
    ".nbib": "PubMed",
    ".docx": "Word",
    ".doc": "Word",
    ".odt": "OpenDocument",
    ".rtf": "RTF",
    ".yaml": "YAML",
    ".yml": "YAML",
    ".epub": "EPUB",
}
_LOOKS = (
    (re.compile(r"%PDF-"), "PDF"),
    (re.compile(r"PK\x03\x04"), "Word, OpenDocument or ZIP"),
    (re.compile(r"\{\\rtf"), "RTF"),
    (re.compile(r"(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE), "HTML"),
    (re.compile(r"<\?xml\b"), "XML"),
    (re.compile(r"[\[{]\s*(?:[\"{\[]|\}\s*$|\]\s*$)"), "JSON"),
)
_LOOKS_INSIDE = (
    (
        re.compile(r"^\s*\\(?:documentclass|begin\{|item\b|section\b|bibitem\b)", re.MULTILINE),
        "LaTeX",
    ),
    (
        re.compile(
            r"^\s*@(?:article|inproceedings|misc|book|incollection|techreport|phdthesis|"
            r"proceedings|unpublished|conference|string|comment|preamble)\s*[{(]",
            re.MULTILINE | re.IGNORECASE,
        ),
        "BibTeX",
    ),
    (re.compile(r"<(?:html|body|head)\b[^>]*>", re.IGNORECASE), "HTML"),
    (re.compile(r"^TY  - ", re.MULTILINE), "RIS"),
)
_HEAD = 4_000
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 27})
_CONTROL_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Decoded:
    """``mark + text.encode(encoding)`` are the bytes that were decoded."""

    text: str
    encoding: str
    mark: bytes = b""
    notes: tuple[str, ...] = ()


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises ListError when it cannot be opened or is too large."""
    name = str(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ListError(_why_not(name, error), remedy="give the name of a readable file") from error
    if len(data) > MAX_BYTES:
        raise ListError(
            f"{name}: larger than {MAX_BYTES // 1_000_000} MB, so no publication list",
            remedy=CAN_READ,
        )
    return data


def _why_not(name: str, error: OSError) -> str:
    match error.errno:
        case errno.ENOENT:
            return f"{name}: no such file"
        case errno.EISDIR:
            return f"{name}: a folder, not a file"
        case errno.EACCES | errno.EPERM:
            return f"{name}: not allowed to read it"
    return f"{name}: cannot be read ({error.strerror or 'unknown reason'})"


def decode(data: bytes, *, file: str) -> Decoded:
    """Text of a list's bytes: UTF-8, UTF-16 or UTF-32 with a mark, else Windows-1252."""
    if not data.strip():
        raise ListError(f"{file}: the file is empty", remedy=CAN_READ)
    head = data[:_HEAD].decode("latin-1").lstrip("\ufeff\xef\xbb\xbf \t\r\n")
    for look, kind in _LOOKS[:3]:
        if look.match(head):
            raise unreadable(file, kind)
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return Decoded(_marked(data[len(mark) :], encoding, file=file), encoding, mark)
    if b"\0" in data or _control_share(data) > _CONTROL_SHARE:
        raise ListError(f"{file}: a binary file, not text", remedy=CAN_READ)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        note = (
            f"not UTF-8 (byte {error.start + 1}): read as Windows-1252; "
            "if names look wrong, save the file as UTF-8"
        )
    try:
        return Decoded(data.decode("cp1252"), "cp1252", notes=(note,))
    except UnicodeDecodeError:
        note = note.replace("Windows-1252", "Latin-1")
        return Decoded(data.decode("latin-1"), "latin-1", notes=(note,))


def _marked(data: bytes, encoding: str, *, file: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ListError(
            f"{file}: begins as {encoding.upper()} but is not (byte {error.start + 1})",
            remedy="save the file as UTF-8",
        ) from error
    if "\0" in text:
        raise ListError(f"{file}: a binary file, not text", remedy=CAN_READ)
    if not text.strip():
        raise ListError(f"{file}: the file is empty", remedy=CAN_READ)
    return text


def _control_share(data: bytes) -> float:
    return 1 - len(data.translate(None, _CONTROL)) / len(data)


def look_of(text: str) -> str | None:
    """The format that a text is in by its looks: "LaTeX", "HTML"; None for plain text."""
    head = text[:_HEAD].lstrip("\ufeff \t\r\n")
    for look, kind in _LOOKS:
        if look.match(head):
            return kind
    return next((kind for look, kind in _LOOKS_INSIDE if look.search(head)), None)


def refuse_other_formats(text: str, *, file: str) -> None:
    """Raise ListError when the text is LaTeX, BibTeX, HTML or another known format."""
    if kind := look_of(text):
        raise unreadable(file, kind)


def unreadable(file: str, kind: str) -> ListError:
    """The error for a format that is not read."""
    return ListError(f"{file}: {kind} is not a format that can be read", remedy=CAN_READ)
