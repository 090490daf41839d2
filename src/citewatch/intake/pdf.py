"""PDF: words and links with their places, read as a text whose entries know their page.

Reference of the library: https://pypdfium2.readthedocs.io. What a page says is text to be
parsed and nothing else: no script, form or attachment is looked at.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import re
from collections.abc import Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from citewatch.domain.identifiers import find_urls
from citewatch.errors import ListError
from citewatch.intake.lines import Line, clean
from citewatch.intake.pdf_layout import Box, Row, owner_of, rows_of
from citewatch.intake.reader import read_lines
from citewatch.ports import PublicationList

_PAGES = 400
_CHARS = 800_000
"""What is looked at: a list of a lifetime has a tenth of it."""
_LINKS = 2_000
"""Links of one page."""
_LONG_LINK = 4_000
_SOFT = {0xFFFE: "-", 0x2: "-", 0xAD: "-"}
"""What stands at a line's end where a word was parted."""
_FLAT = 0.2
"""Letters turned by more (radians) are stamps at a page's edge."""
_SAME_PLACE = 4.0
"""Points by which a running head may move from page to page."""
_PASSWORD = (4, 5)


@dataclasses.dataclass(frozen=True, slots=True)
class _Page:
    number: int
    rows: list[Row]
    links: list[tuple[Box, str]]


def read_pdf(data: bytes, *, file: str) -> PublicationList:
    """Read a publication list out of a PDF.

    Raises ListError for one that is protected, damaged, without text (a scan) or without
    a paper.
    """
    with _opened(data, file=file) as document:
        pages = list(_pages(document))
        total = len(document)
    if not any(page.rows for page in pages):
        raise ListError(
            f"{file}: the PDF holds no text; it may be a scan",
            remedy="run text recognition (OCR) over it, or give the list in another format",
        )
    lines, anchored = _lines(_without_heads(pages))
    found = read_lines(lines, file=file, view=None, anchored=anchored).found
    if len(pages) < total:
        note = f"only the first {len(pages)} of {total} pages were read"
        found = dataclasses.replace(found, notes=(*found.notes, note))
    return found


@contextlib.contextmanager
def _opened(data: bytes, *, file: str) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if pdfium_c.FPDF_GetLastError() in _PASSWORD or "assword" in str(error):
            raise ListError(
                f"{file}: the PDF is protected by a password",
                remedy="save it without protection, or give the list in another format",
            ) from error
        raise ListError(
            f"{file}: the PDF is damaged and cannot be read",
            remedy="make it anew, or give the list in another format",
        ) from error
    try:
        yield document
    finally:
        document.close()


def _pages(document: pdfium.PdfDocument) -> Iterator[_Page]:
    chars = 0
    for number in range(min(len(document), _PAGES)):
        try:
            page = document[number]
        except pdfium.PdfiumError:
            # One page that is damaged takes no other with it.
            yield _Page(number, [], [])
            continue
        text = page.get_textpage()
        chars += text.count_chars()
        if chars <= _CHARS:
            yield _Page(number, rows_of(list(_words(text))), list(_links(document, page)))
        text.close()
        page.close()
        if chars > _CHARS:
            return


def _words(page: pdfium.PdfTextPage) -> Iterator[Box]:
    """The words of a page; two letters far from each other are no word."""
    word: list[tuple[int, str]] = []
    for index in range(page.count_chars()):
        code = pdfium_c.FPDFText_GetUnicode(page, index)
        char = _SOFT.get(code) or (chr(code) if 0 < code < 0xD800 or 0xE000 <= code else " ")
        if char.isspace() or (code == 0xA0):
            if word:
                yield from _word(page, word)
            word = []
        elif char.isprintable() or 0xF8FF >= code >= 0xE000:
            word.append((index, char))
    if word:
        yield from _word(page, word)


def _word(page: pdfium.PdfTextPage, letters: list[tuple[int, str]]) -> Iterator[Box]:
    first, last = letters[0][0], letters[-1][0]
    if abs(_turned(page, first)) > _FLAT:
        return
    left, bottom, right, top = page.get_charbox(first, loose=True)
    end = page.get_charbox(last, loose=True)
    if end[0] < left - 1 or abs(end[1] - bottom) > (top - bottom):
        # The word goes on in another line: pdfium joins what a hyphen parts.
        cut = _cut(page, letters)
        if 0 < cut < len(letters):
            yield from _word(page, letters[:cut])
            yield from _word(page, letters[cut:])
            return
    text = "".join(char for _, char in letters)
    yield Box(text, left, min(bottom, end[1]), max(right, end[2]), max(top, end[3]))


def _cut(page: pdfium.PdfTextPage, letters: list[tuple[int, str]]) -> int:
    """Behind which letter the next one stands in another line."""
    before = page.get_charbox(letters[0][0], loose=True)
    for at, (index, _) in enumerate(letters):
        box = page.get_charbox(index, loose=True)
        if box[0] < before[0] - 1 or abs(box[1] - before[1]) > (before[3] - before[1]):
            return at
        before = box
    return len(letters)


def _turned(page: pdfium.PdfTextPage, index: int) -> float:
    angle = float(pdfium_c.FPDFText_GetCharAngle(page, index))
    return 0.0 if angle < 0 or angle > 6.0 else angle


def _links(document: pdfium.PdfDocument, page: pdfium.PdfPage) -> Iterator[tuple[Box, str]]:
    """The web addresses that are laid over a page's words."""
    position, link = ctypes.c_int(0), pdfium_c.FPDF_LINK()
    rect = pdfium_c.FS_RECTF()
    for _ in range(_LINKS):
        if not pdfium_c.FPDFLink_Enumerate(page, position, link):
            return
        action = pdfium_c.FPDFLink_GetAction(link)
        if not action or not pdfium_c.FPDFLink_GetAnnotRect(link, rect):
            continue
        size = pdfium_c.FPDFAction_GetURIPath(document, action, None, 0)
        if not 1 < size <= _LONG_LINK:
            continue
        buffer = ctypes.create_string_buffer(size)
        pdfium_c.FPDFAction_GetURIPath(document, action, buffer, size)
        url = next(iter(find_urls(buffer.value.decode("utf-8", "replace"))), None)
        if url:
            low, high = sorted((rect.bottom, rect.top))
            yield Box("", min(rect.left, rect.right), low, max(rect.left, rect.right), high), url


def _without_heads(pages: list[_Page]) -> list[_Page]:
    """Pages without the lines that come back at one place with only the number changed."""
    seen: dict[str, list[tuple[int, float]]] = {}
    for page in pages:
        for row in {id(r): r for r in (*page.rows[:1], *page.rows[-1:])}.values():
            seen.setdefault(_shape(row.text), []).append((page.number, row.middle))
    heads = {
        (number, shape, middle)
        for shape, places in seen.items()
        for number, middle in places
        if any(n != number and abs(m - middle) < _SAME_PLACE for n, m in places)
    }
    return [
        dataclasses.replace(
            page,
            rows=[r for r in page.rows if (page.number, _shape(r.text), r.middle) not in heads],
        )
        for page in pages
    ]


def _shape(text: str) -> str:
    return re.sub(r"\b(?:\d{1,3}|[ivx]{1,6})\b", "0", text.casefold())


def _lines(pages: list[_Page]) -> tuple[list[Line], dict[int, list[str]]]:
    """All lines, numbered through, and the links on the words of each."""
    lines: list[Line] = []
    anchored: dict[int, list[str]] = {}
    for page in pages:
        numbers: list[int] = []
        margin = min((row.left for row in page.rows), default=0.0)
        for row in page.rows:
            if row.apart and numbers:
                lines.append(Line(len(lines) + 1, "", 0, page.number))
            indent = round((row.left - margin) / 4)
            text = " ".join(clean(row.text).split())
            lines.append(Line(len(lines) + 1, text, indent, page.number))
            numbers.append(len(lines))
        for box, url in page.links:
            at = owner_of(page.rows, box)
            if at is not None:
                anchored.setdefault(numbers[at], []).append(url)
    return lines, anchored
