"""A marked-up text as it is printed, where each printed character knows its source."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum, auto


class M(Enum):
    """What a mark says of the printed characters that it covers."""

    EMPHASIS = auto()
    LINK = auto()
    """Its value is the address."""
    FIELD = auto()
    """Named by the markup itself: its value is "title", "author", "year", …"""
    HEADING = auto()
    LABEL = auto()
    """The printed label of an entry: a number."""
    ITEM = auto()
    """An entry of a list begins; its value is the depth of the list, or "bib"."""
    CELL = auto()
    """One argument of a command that sets an entry."""
    BLOCK = auto()
    """A block of an entry of a bibliography begins: authors, title, venue."""
    CUT = auto()
    """Whatever came before has ended: a list or a row closes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark over printed characters [start, end)."""

    kind: M
    start: int
    end: int
    value: str = ""
    source: int = 0
    """Where in the file its markup begins."""


@dataclass(slots=True)
class Printed:
    """Pieces of print are only ever appended; `text` joins them once."""

    marks: list[Mark] = field(default_factory=list)
    length: int = 0
    _parts: list[str] = field(default_factory=list)
    _at: list[int] = field(default_factory=list)
    _sources: list[tuple[int, int, bool]] = field(default_factory=list)
    _text: str | None = None

    def add(self, text: str, start: int, end: int) -> None:
        """Print ``text`` for the source's [start, end); start == end when it has no source."""
        if not text:
            return
        self._at.append(self.length)
        self._parts.append(text)
        self._sources.append((start, end, end - start == len(text)))
        self.length += len(text)
        self._text = None

    @property
    def text(self) -> str:
        """All that was printed."""
        if self._text is None:
            self._text = "".join(self._parts)
        return self._text

    def source_at(self, place: int) -> tuple[int, int]:
        """The source's [start, end) behind one printed character."""
        at = bisect_right(self._at, place) - 1
        if at < 0:
            return 0, 0
        start, end, literal = self._sources[at]
        if not literal:
            return start, end
        start += min(place - self._at[at], end - start)
        return start, min(start + 1, end)

    def source_of(self, start: int, end: int) -> tuple[int, int] | None:
        """The source of printed [start, end) when it is one run of the file; else None.

        Characters that a macro made have no source: a run must not have them inside.
        """
        if not 0 <= start < end <= self.length:
            return None
        first = at = None
        for place in range(start, end):
            here = self.source_at(place)
            if here[0] == here[1] or (at is not None and here[0] not in (at[0], at[1])):
                return None
            first = here[0] if first is None else first
            at = here
        return None if first is None or at is None else (first, at[1])

    def extent(self, start: int, end: int) -> tuple[int, int]:
        """The least [start, end) of the file that has all of printed [start, end)."""
        lo = max(bisect_right(self._at, start) - 1, 0)
        hi = bisect_right(self._at, max(end - 1, start))
        places = self._sources[lo:hi]
        if not places:
            return 0, 0
        first, last = self.source_at(start), self.source_at(max(end - 1, start))
        return (
            min(first[0], *(place[0] for place in places[1:]), first[0]),
            max(last[1], *(place[1] for place in places[:-1]), last[1]),
        )
