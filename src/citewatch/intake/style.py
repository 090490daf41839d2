"""How a list marks where an entry begins: judged per document, from evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_NUMBERED = re.compile(
    r"(?:\[(?P<square>[A-Za-z]{0,3}[-.]?\d{1,4}[a-z]?)\]\.?"
    r"|\((?P<round>[A-Za-z]{0,3}\d{1,4})\)"
    r"|(?P<dot>\d{1,3})\.(?=\s|[^\W\d_]{2}|[\"“])"
    r"|(?P<close>\d{1,3})\)"
    r"|(?P<letter>[A-Z]{1,3}[-.]?\d{1,4})[.):]"
    r")\s*(?=\S)"
)
_BULLET = re.compile(r"(?P<bullet>[•◦▪‣●○■□◆◇▶►·∙⁃*–—-])\s+(?=\S)")
_ENOUGH = 2
_GAP = 6
"""Numbers may skip so many (an entry was removed) and still be one list."""


class Marker(StrEnum):
    """The shapes in which entries are numbered or bulleted."""

    SQUARE = "square"
    ROUND = "round"
    DOT = "dot"
    CLOSE = "close"
    LETTER = "letter"
    BULLET = "bullet"


@dataclass(frozen=True, slots=True)
class Mark:
    """A line's marker: its shape, its number and what follows it."""

    marker: Marker
    sign: str
    """Letters of the number ("J" in [J12]) or the bullet itself."""
    number: int | None
    rest: str


def mark_of(text: str) -> Mark | None:
    """The marker with which a line begins, if any."""
    if found := _NUMBERED.match(text):
        shape = found.lastgroup or ""
        label = found[shape]
        digits = re.search(r"\d+", label)
        number = int(digits[0]) if digits else None
        sign = re.sub(r"[\W\d]", "", label[: digits.start()] if digits else "").upper()
        return Mark(Marker(shape), sign, number, text[found.end() :])
    if found := _BULLET.match(text):
        return Mark(Marker.BULLET, found["bullet"], None, text[found.end() :])
    return None


def style_of(texts: Sequence[str]) -> tuple[Marker, str] | None:
    """The shape (and the bullet) that marks entries in these lines; None when nothing does.

    A numbering wins by the numbers that follow on one another, upwards or downwards,
    anew from 1 as often as it likes; a bullet by its count. A numbering beats a
    bullet, which then marks remarks inside entries.
    """
    marks = [mark for text in texts if (mark := mark_of(text))]
    scores: dict[tuple[Marker, str], int] = {}
    last: dict[tuple[Marker, str], int] = {}
    for mark in marks:
        key = (mark.marker, mark.sign if mark.marker is Marker.BULLET else "")
        series = (mark.marker, mark.sign)
        if mark.number is None:
            scores[key] = scores.get(key, 0) + 1
            continue
        before = last.get(series)
        if before is None or mark.number == 1 or abs(mark.number - before) == 1:
            scores[key] = scores.get(key, 0) + 1
        last[series] = mark.number
    numbered = {k: n for k, n in scores.items() if k[0] is not Marker.BULLET and n >= _ENOUGH}
    chosen = numbered or {k: n for k, n in scores.items() if n >= _ENOUGH}
    if chosen:
        return max(chosen, key=lambda key: chosen[key])
    return _single(marks, texts)


def _single(marks: Sequence[Mark], texts: Sequence[str]) -> tuple[Marker, str] | None:
    """A list of one paper: the only marker stands on the first line and says 1."""
    first = mark_of(texts[0]) if texts else None
    if first and len(marks) == 1 and (first.number == 1 or first.marker is Marker.BULLET):
        return first.marker, first.sign if first.marker is Marker.BULLET else ""
    return None


def begins(mark: Mark | None, style: tuple[Marker, str], *, before: int | None, free: bool) -> bool:
    """Whether a marker begins an entry, given the number of the entry before.

    ``free``: a blank line or a heading stands above, where any number may begin. Inside
    running text a number has to follow on the last, so that a wrapped "2012. In" or
    a citation "[7]" at the start of a line begins nothing.
    """
    if mark is None or mark.marker is not style[0]:
        return False
    if mark.marker is Marker.BULLET:
        return mark.sign == style[1]
    if mark.number is None or free or before is None:
        return True
    return 0 < abs(mark.number - before) <= _GAP or mark.number == 1
