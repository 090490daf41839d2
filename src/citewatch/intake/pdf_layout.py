"""Words on a page put into the lines and the order in which a person reads them.

All lengths are in points, y grows upwards as in PDF.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

_LABEL = re.compile(r"[\[(]?\d{1,3}[\]).]?")
_GUTTER_MIN = 6.0
"""A blank strip between columns is at least so wide."""
_LOOSE = 1.45
"""Lines further apart than so many usual distances have a blank line between them."""
_COLUMN_LINES = 6
"""Lines that each of two columns has at least."""
_COLUMN_WORDS = 2.5
"""Words that a line of a column has on average at least: else it is a column of labels."""
_HANGING = 1.0
"""A number hangs in the margin when it stands so far left of everything else."""
_CROSSING = 0.12
"""Share of lines that may cross the strip between columns: headings."""


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of text with its place on the page."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> float:
        """Its height on the page."""
        return (self.bottom + self.top) / 2

    @property
    def height(self) -> float:
        """Of its letters; never 0."""
        return max(self.top - self.bottom, 1.0)


@dataclass(frozen=True, slots=True)
class Row(Box):
    """A line of text with its words."""

    words: tuple[Box, ...] = ()
    apart: bool = False
    """Whether there is more room above it than between the lines of a paragraph."""


def rows_of(words: Sequence[Box]) -> list[Row]:
    """The lines of a page in reading order; two columns one after the other."""
    pieces = _pieces(words)
    gutter = _gutter(pieces)
    if gutter is None:
        return _column(pieces)
    rows: list[Row] = []
    band: list[Row] = []
    for piece in sorted(pieces, key=lambda p: -p.middle):
        if piece.left < gutter < piece.right:
            rows += [*_sides(band, gutter), *_column([piece])]
            band = []
        else:
            band.append(piece)
    return [*rows, *_sides(band, gutter)]


def _sides(pieces: Sequence[Row], gutter: float) -> list[Row]:
    left = [piece for piece in pieces if piece.right <= gutter]
    right = [piece for piece in pieces if piece.right > gutter]
    return [*_column(left), *_column(right)]


def _pieces(words: Sequence[Box]) -> list[Row]:
    """Words of one height without a wide gap between them."""
    pieces: list[Row] = []
    for line in _same_height(words):
        run: list[Box] = []
        for word in line:
            if run and word.left - run[-1].right > 1.1 * word.height:
                pieces.append(_row(run))
                run = []
            run.append(word)
        pieces.append(_row(run))
    return pieces


def _same_height(words: Sequence[Box]) -> list[list[Box]]:
    """Words in lines from top to bottom, each from left to right."""
    lines: list[list[Box]] = []
    for word in sorted(words, key=lambda w: -w.middle):
        line = lines[-1] if lines else []
        if line and abs(line[0].middle - word.middle) < 0.5 * min(line[0].height, word.height):
            line.append(word)
        else:
            lines.append([word])
    return [sorted(line, key=lambda w: w.left) for line in lines]


def _row(words: Sequence[Box]) -> Row:
    return Row(
        text=" ".join(word.text for word in words),
        left=min(word.left for word in words),
        bottom=min(word.bottom for word in words),
        right=max(word.right for word in words),
        top=max(word.top for word in words),
        words=tuple(words),
    )


def _gutter(pieces: Sequence[Row]) -> float | None:
    """Where the strip between two columns of text is; None in a page of one column."""
    if len(pieces) < 2 * _COLUMN_LINES:
        return None
    left, right = min(p.left for p in pieces), max(p.right for p in pieces)
    best: tuple[float, float] | None = None
    for at in sorted({p.left for p in pieces}):
        if not left + 0.2 * (right - left) < at < left + 0.8 * (right - left):
            continue
        strip = at - _GUTTER_MIN / 2
        crossing = sum(p.left < strip < p.right for p in pieces)
        one = [p for p in pieces if p.right <= strip]
        two = [p for p in pieces if p.left >= strip]
        if crossing > _CROSSING * len(pieces) or not (_is_column(one) and _is_column(two)):
            continue
        balance = min(len(one), len(two)) - crossing
        if best is None or balance > best[0]:
            best = balance, strip
    return None if best is None else best[1]


def _is_column(pieces: Sequence[Row]) -> bool:
    words = sum(len(piece.words) for piece in pieces)
    return len(pieces) >= _COLUMN_LINES and words >= _COLUMN_WORDS * len(pieces)


def _column(pieces: Sequence[Row]) -> list[Row]:
    """Pieces of one column as lines, with the room above them and labels in brackets."""
    rows = [_row(line) for line in _same_height([w for p in pieces for w in p.words])]
    steps = [above.middle - below.middle for above, below in zip(rows, rows[1:], strict=False)]
    usual = median(steps) if steps else 0.0
    spaced = [
        replace(row, apart=bool(at and steps[at - 1] > _LOOSE * usual))
        for at, row in enumerate(rows)
    ]
    return _labelled(spaced)


def _labelled(rows: Sequence[Row]) -> list[Row]:
    """Bare numbers that hang in the margin as "[12]": all else begins further right."""
    others = [row.left for row in rows if not _LABEL.fullmatch(row.words[0].text)]
    margin = min(others, default=None)
    if margin is None:
        return list(rows)
    return [_with_label(row, margin) for row in rows]


def _with_label(row: Row, margin: float) -> Row:
    label = row.words[0].text
    if len(row.words) < 2 or not label.isdigit() or not _LABEL.fullmatch(label):
        return row
    if row.left > margin - _HANGING:
        return row
    rest = " ".join(word.text for word in row.words[1:])
    return replace(row, text=f"[{label}] {rest}")


def owner_of(rows: Sequence[Row], link: Box) -> int | None:
    """The line on which a link's rectangle stands, by the area that they share."""
    best: tuple[float, int] | None = None
    for at, row in enumerate(rows):
        wide = min(row.right, link.right) - max(row.left, link.left)
        high = min(row.top, link.top) - max(row.bottom, link.bottom)
        if wide > 0 and high > 0 and (best is None or wide * high > best[0]):
            best = wide * high, at
    return None if best is None else best[1]
