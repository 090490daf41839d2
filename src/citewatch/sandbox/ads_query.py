"""ADS's query language: fields, values in quotes or bare, brackets, OR and AND."""

from __future__ import annotations

import re
from collections.abc import Callable

FIELDS = frozenset(
    {
        "identifier",
        "bibcode",
        "alternate_bibcode",
        "doi",
        "arxiv",
        "title",
        "year",
        "author",
        "*",
    }
)
ANY_FIELD = "any"
_TOKEN = re.compile(r'\s*(?:("[^"]*")|([()])|([^\s()"]+))')
_FIELD = re.compile(r"([A-Za-z_]+|\*):(.*)", re.DOTALL)

Lookup = Callable[[str, str], set[int]]
"""From a field and a value (quotes kept) to what it denotes."""


class InvalidQuery(ValueError):
    """The query is not in the language."""


def parse_query(text: str, lookup: Lookup) -> tuple[set[int], int]:
    """(what a query denotes, how many values it names). Raises InvalidQuery."""
    reader = _Reader(text, lookup)
    found = reader.any_of(ANY_FIELD)
    if reader.next is not None:
        raise InvalidQuery(f"Cannot parse '{text}': unexpected {reader.next}")
    return found, reader.values


class _Reader:
    def __init__(self, text: str, lookup: Lookup) -> None:
        self._text = text
        self._lookup = lookup
        self._tokens = _tokens(text)
        self._at = 0
        self.values = 0

    @property
    def next(self) -> str | None:
        """The token that comes next; None at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _take(self) -> str:
        token = self.next
        if token is None:
            raise InvalidQuery(f"Cannot parse '{self._text}': something is missing at the end")
        self._at += 1
        return token

    def any_of(self, field: str) -> set[int]:
        """Parts joined by OR."""
        found = self._all_of(field)
        while self.next == "OR":
            self._at += 1
            found = found | self._all_of(field)
        return found

    def _all_of(self, field: str) -> set[int]:
        """Parts joined by AND, written or not."""
        found = self._part(field)
        while self.next not in (None, "OR", ")"):
            if self.next == "AND":
                self._at += 1
            found = found & self._part(field)
        return found

    def _part(self, field: str) -> set[int]:
        piece = self._take()
        if piece == "(":
            found = self.any_of(field)
            if self._take() != ")":
                raise InvalidQuery(f"Cannot parse '{self._text}': a bracket is not closed")
            return found
        if piece in (")", "OR", "AND"):
            raise InvalidQuery(f"Cannot parse '{self._text}': unexpected {piece}")
        named = None if piece.startswith('"') else _FIELD.fullmatch(piece)
        if named is None:
            return self._value(field, piece)
        name = named[1].lower()
        if name not in FIELDS:
            raise InvalidQuery(f"undefined field {named[1]}")
        return self._value(name, named[2]) if named[2] else self._part(name)

    def _value(self, field: str, text: str) -> set[int]:
        self.values += 1
        return self._lookup(field, text)


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    end = len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise InvalidQuery(f"Cannot parse '{text}': a quotation mark is not closed")
        tokens.append(found[1] or found[2] or found[3])
        at = found.end()
    return tokens
