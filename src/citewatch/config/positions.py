"""Where things stand in a TOML text that is known to be valid.

tomllib gives values without places. This scanner finds the places only, and only where
they are needed: for the lines of problems, and for edits that leave every other byte
alone. It trusts `tomllib` to have accepted the text, and `spots_of` compares what both
have seen: where they differ nothing is said about places, rather than something wrong.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from citewatch.config.problems import Place


class Form(Enum):
    """How a value is written."""

    SCALAR = auto()
    ARRAY = auto()
    """``[1, 2]``"""
    INLINE = auto()
    """``{ a = 1 }``"""
    HEADER = auto()
    """``[a]``"""
    HEADERS = auto()
    """All the ``[[a]]`` together."""
    ELEMENT = auto()
    """One ``[[a]]``."""
    DOTTED = auto()
    """``a`` in ``a.b = 1``."""
    IMPLIED = auto()
    """``a`` in ``[a.b]``."""


@dataclass(slots=True)
class Spot:
    """Offsets of one value. Text of a table's own keys runs from ``start`` to ``end``."""

    form: Form
    at: int
    """Where its key, its header or, in an array, the value itself begins."""
    start: int
    """Where the value begins; for headers behind the header's line."""
    end: int
    """Behind the value; for headers and dotted tables behind their last own line."""
    scope: Place = ()
    """The table in whose text it is written."""


SKIP = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_LINE_END = re.compile(r"[^\n]*\n?")
_KEY = re.compile(r"""[ \t]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z0-9_-]+)[ \t]*""")
_ATOM = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""(?:"{1,2})?'''
    r"""|'{3}.*?'{3}(?:'{1,2})?"""
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
    r"""|\d{4}-\d\d-\d\d[ ]\d\d:[^\s,\]}#]*|[^\s,\]}#\[{"']+""",
    re.DOTALL,
)


def spots_of(text: str, data: Mapping[str, object]) -> dict[Place, Spot] | None:
    """The spot of every value of ``data``, which tomllib read from ``text``.

    None when the scanner and tomllib do not see the same values.
    """
    try:
        spots = _Scanner(text).scan()
    except (_Lost, RecursionError, ValueError):
        return None
    return spots if spots.keys() == set(_places(data, ())) else None


def lines_of(text: str, data: Mapping[str, object]) -> dict[Place, int]:
    """The line, from 1, on which each value's key stands; empty when unsure."""
    spots = spots_of(text, data)
    if spots is None:
        return {}
    lines: dict[Place, int] = {}
    line, seen = 1, 0
    for place, spot in sorted(spots.items(), key=lambda item: item[1].at):
        line += text.count("\n", seen, spot.at)
        seen = spot.at
        lines[place] = line
    return lines


def _places(value: object, place: Place) -> Iterator[Place]:
    yield place
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _places(inner, (*place, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _places(inner, (*place, position))


class _Lost(Exception):
    """The text is not what the scanner expects."""


class _Scanner:
    """One pass over the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 1 if text.startswith("\ufeff") else 0
        self.table: Place = ()
        self.counts: dict[Place, int] = {}
        self.spots: dict[Place, Spot] = {(): Spot(Form.HEADER, 0, self.pos, self.pos)}

    def scan(self) -> dict[Place, Spot]:
        """Find every statement of the text."""
        while True:
            self._skip()
            if self.pos >= len(self.text):
                return self.spots
            if self.text[self.pos] == "[":
                self._header()
            else:
                touched = self._pair(self.table)
                self.pos = self._line_end()
                for place in (self.table, *touched):
                    self.spots[place].end = self.pos

    def _skip(self) -> None:
        found = SKIP.match(self.text, self.pos)
        self.pos = found.end() if found else self.pos

    def _line_end(self) -> int:
        found = _LINE_END.match(self.text, self.pos)
        return found.end() if found else self.pos

    def _expect(self, token: str) -> None:
        if not self.text.startswith(token, self.pos):
            raise _Lost
        self.pos += len(token)

    def _peek(self) -> str:
        return self.text[self.pos : self.pos + 1]

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            found = _KEY.match(self.text, self.pos)
            if found is None:
                raise _Lost
            self.pos = found.end()
            keys.append(_plain_key(found[1]))
            if self._peek() != ".":
                return keys
            self.pos += 1

    def _header(self) -> None:
        at = self.pos
        many = self.text.startswith("[[", at)
        self.pos += 2 if many else 1
        *outer, last = self._keys()
        self._expect("]]" if many else "]")
        self.pos = self._line_end()
        place: Place = ()
        for key in outer:
            place = (*place, key)
            self.spots.setdefault(place, Spot(Form.IMPLIED, at, at, at))
            place = self._newest(place)
        place = (*place, last)
        form = Form.HEADER
        if many:
            self.spots.setdefault(place, Spot(Form.HEADERS, at, at, at))
            position = self.counts[place] = self.counts.get(place, -1) + 1
            place, form = (*place, position), Form.ELEMENT
        self.spots[place] = Spot(form, at, self.pos, self.pos)
        self.table = place

    def _newest(self, place: Place) -> Place:
        """Below an array of tables, a header speaks of its last element."""
        return (*place, self.counts[place]) if place in self.counts else place

    def _pair(self, table: Place) -> list[Place]:
        """One ``key = value``; the dotted tables that it adds to."""
        at = self.pos
        *outer, last = self._keys()
        touched: list[Place] = []
        place = table
        for key in outer:
            place = (*place, key)
            self.spots.setdefault(place, Spot(Form.DOTTED, at, at, at, table))
            touched.append(place)
        self._expect("=")
        while self._peek() in (" ", "\t"):
            self.pos += 1
        self._value((*place, last), at, table)
        return touched

    def _value(self, place: Place, at: int, scope: Place) -> None:
        start = self.pos
        if place in self.spots:
            raise _Lost
        match self._peek():
            case "[":
                spot = self.spots[place] = Spot(Form.ARRAY, at, start, start, scope)
                self._array(place)
            case "{":
                spot = self.spots[place] = Spot(Form.INLINE, at, start, start, scope)
                self._inline(place)
            case _:
                found = _ATOM.match(self.text, start)
                if found is None:
                    raise _Lost
                self.pos = found.end()
                spot = self.spots[place] = Spot(Form.SCALAR, at, start, start, scope)
        spot.end = self.pos

    def _array(self, place: Place) -> None:
        self.pos += 1
        position = 0
        while True:
            self._skip()
            if self._peek() == "]":
                self.pos += 1
                return
            if position:
                self._expect(",")
                self._skip()
                if self._peek() == "]":
                    continue
            self._value((*place, position), self.pos, place)
            position += 1

    def _inline(self, place: Place) -> None:
        self.pos += 1
        first = True
        while True:
            self._skip()
            if self._peek() == "}":
                self.pos += 1
                return
            if not first:
                self._expect(",")
                self._skip()
                if self._peek() == "}":
                    continue
            for touched in self._pair(place):
                self.spots[touched].end = self.pos
            first = False


def _plain_key(token: str) -> str:
    if token[0] == "'":
        return token[1:-1]
    if token[0] != '"':
        return token
    if "\\" not in token:
        return token[1:-1]
    return str(tomllib.loads(f"k = {token}")["k"])
