"""Putting new text into a list: these characters and no other byte."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from citewatch.errors import InputError
from citewatch.intake.document import Document

Edit: TypeAlias = tuple[int, int, str]
"""(start, end, new text) in characters of the document's text."""


def apply_edits(document: Document, edits: Sequence[Edit]) -> bytes:
    """The document's bytes with the edits made; every byte outside of them as it was.

    Raises `ValueError` for edits that overlap or lie outside of the text, which is a
    mistake of the caller, and `InputError` for a character that the file's encoding
    does not have.
    """
    pieces: list[bytes] = [document.mark]
    kept = 0
    for start, end, new in sorted(edits):
        if not kept <= start <= end <= len(document.text):
            raise ValueError(f"edit [{start}, {end}) overlaps another or lies outside the text")
        pieces += [_encode(document.text[kept:start], document), _new(new, start, document)]
        kept = end
    pieces.append(_encode(document.text[kept:], document))
    return b"".join(pieces)


def _encode(text: str, document: Document) -> bytes:
    return text.encode(document.encoding)


def _new(text: str, start: int, document: Document) -> bytes:
    try:
        return _encode(text, document)
    except UnicodeEncodeError as error:
        char = text[error.start]
        line = document.text.count("\n", 0, start) + 1
        raise InputError(
            f"{document.path}: line {line}: the character {char!r} (U+{ord(char):04X}) of "
            f"{text!r} cannot be written in {document.encoding}, the file's encoding; "
            "nothing was changed",
            remedy="save the file as UTF-8, or make this change by hand",
        ) from None
