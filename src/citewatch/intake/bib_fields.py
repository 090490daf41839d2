"""The fields of one BibTeX entry with the places of their values.

The parser says which entries there are and what is broken; it does not say where a value
stands. So an entry's text is gone through once more, and a place counts only where both
agree on the value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_HEAD = re.compile(r"@\s*[\w-]+\s*[{(]\s*[^\s,{}()=]*\s*,?")
_NAME = re.compile(r"[\s,]*([^\s=,{}\"#]+)\s*=\s*")
_BARE = re.compile(r"[^\s,#{}\"()]+")
_JOIN = re.compile(r"\s*#\s*")
_LONGEST = 100_000
"""Characters of a value that is put together from strings: strings may double one another."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a value: the file's text [start, end), without braces or quotes."""

    start: int
    end: int
    bare: bool
    """A number, or the name of a string."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field's name in lower case, and its value's parts, which # joins."""

    name: str
    pieces: tuple[Piece, ...]

    def place(self) -> tuple[int, int] | None:
        """Where the value stands, when it stands in one piece."""
        if len(self.pieces) != 1:
            return None
        return self.pieces[0].start, self.pieces[0].end

    def value(self, text: str, strings: Mapping[str, str]) -> str:
        """The whole value, strings put in; what no string is called stays as it is."""
        parts: list[str] = []
        for piece in self.pieces:
            words = text[piece.start : piece.end]
            parts.append(strings.get(words.casefold(), words) if piece.bare else words)
        return "".join(parts)[:_LONGEST]


def fields_of(text: str, start: int, end: int) -> list[Field]:
    """The fields of the entry that is ``text[start:end]``; it ends at what is none."""
    head = _HEAD.match(text, start, end)
    at = head.end() if head else start
    found: list[Field] = []
    while (name := _NAME.match(text, at, end)) is not None:
        pieces, at = _value(text, name.end(), end)
        if not pieces:
            break
        found.append(Field(name[1].lower(), tuple(pieces)))
    return found


def string_of(text: str, start: int, end: int, strings: Mapping[str, str]) -> str:
    """The value of the ``@string`` that is ``text[start:end]``, "" when it has none."""
    opened = re.compile(r"@\s*string\s*[{(]", re.IGNORECASE).match(text, start, end)
    name = _NAME.match(text, opened.end(), end) if opened else None
    if name is None:
        return ""
    pieces, _ = _value(text, name.end(), end)
    return Field(name[1], tuple(pieces)).value(text, strings)


def _value(text: str, at: int, end: int) -> tuple[list[Piece], int]:
    """The parts of a value that begins at ``at``, and where it ends."""
    pieces: list[Piece] = []
    while at < end:
        if text[at] in '{"':
            close = _closing(text, at, end)
            if close is None:
                return [], end
            pieces.append(Piece(at + 1, close, bare=False))
            at = close + 1
        elif bare := _BARE.match(text, at, end):
            pieces.append(Piece(bare.start(), bare.end(), bare=True))
            at = bare.end()
        else:
            break
        joined = _JOIN.match(text, at, end)
        if joined is None:
            break
        at = joined.end()
    return pieces, at


_SIGNS = re.compile(r"\\.|[{}\"]", re.DOTALL)


def _closing(text: str, at: int, end: int) -> int | None:
    """Where the braces or quotes that open at ``at`` close."""
    quoted = text[at] == '"'
    depth = 0 if quoted else 1
    for found in _SIGNS.finditer(text, at + 1, end):
        match found[0]:
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if depth == 0 and not quoted:
                    return found.start()
                if depth < 0:
                    return None
            case '"' if quoted and depth == 0:
                return found.start()
            case _:
                pass
    return None
