"""Collecting everything that is wrong, and saying where it stands."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Place: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys, and positions in arrays from 0."""

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SHOWN_LENGTH = 60
_LISTED_KEYS = 16


class BadValue(ValueError):
    """A value that cannot be used; the text reads on after the name of its key."""


@dataclass(slots=True)
class Problems:
    """Problems in the file, by place, and in environment variables, by name."""

    at_places: list[tuple[Place, str]] = field(default_factory=list)
    in_variables: list[tuple[str, str]] = field(default_factory=list)

    def add(self, place: Place, message: str) -> None:
        """Something at ``place`` in the file is wrong."""
        self.at_places.append((place, message))

    def add_variable(self, name: str, message: str) -> None:
        """An environment variable is wrong."""
        self.in_variables.append((name, message))

    def __bool__(self) -> bool:
        return bool(self.at_places or self.in_variables)

    def render(self, lines: Mapping[Place, int]) -> list[str]:
        """One line of text a problem, in the order of the file, variables last.

        ``lines`` gives the line of each place, in the order of the file.
        """
        rank = {place: position for position, place in enumerate(lines)}
        found = sorted(self.at_places, key=lambda problem: rank.get(problem[0], len(rank)))
        return [
            *(
                f"line {lines[place]}: {dotted(place)}: {text}"
                if place in lines
                else f"{dotted(place)}: {text}"
                for place, text in found
            ),
            *(f"{name}: {text}" for name, text in sorted(self.in_variables)),
        ]


def dotted(place: Place) -> str:
    """``watchlists.me.papers[2].year``: positions count from 1, odd keys are quoted."""
    text = ""
    for part in place:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            name = part if _BARE.fullmatch(part) else shown(part)
            text += f".{name}" if text else name
    return text


def shown(value: object) -> str:
    """A value as a message may repeat it: short, control characters escaped."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            short = value if len(value) <= _SHOWN_LENGTH else value[: _SHOWN_LENGTH - 1] + "…"
            return repr(short)
        case int() if abs(value) >= 10**18:
            return "a number of more than 18 digits"
        case int() | float():
            return str(value)
        case list():
            return "an array"
        case dict():
            return "a table"
        case _:
            return "a date or time"


def must_be(what: str, value: object) -> BadValue:
    """The usual complaint: what it must be, and what it is."""
    return BadValue(f"must be {what}, not {shown(value)}")


def nearest(word: str, valid: Collection[str]) -> str:
    """``; did you mean 'every'?``, or the valid words where none is near."""
    if close := closest(word, valid):
        return f"; did you mean {close!r}?"
    if 0 < len(valid) <= _LISTED_KEYS:
        return f"; valid: {', '.join(sorted(valid))}"
    return ""


def closest(word: str, valid: Collection[str]) -> str | None:
    """The valid word that was probably meant; case does not count."""
    spelled = {v.lower(): v for v in sorted(valid)}
    # Long words cost difflib quadratic time; no valid word is longer than this.
    close = difflib.get_close_matches(word[:100].lower(), spelled, n=1, cutoff=0.6)
    return spelled[close[0]] if close else None
