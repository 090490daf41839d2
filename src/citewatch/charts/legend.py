"""What the strokes of a chart mean, inside a picture that stands alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from citewatch.charts.frame import SIZE
from citewatch.charts.svg import group, path, text, width_of
from citewatch.services.reported import Line

_SWATCH, _GAP, _ROW = 26, 16, 18

Entry = tuple[str, str]
"""(class of its stroke, words)."""


def legend_of(lines: Sequence[Line], *, fan: bool, ladder: bool) -> list[Entry]:
    """What needs a word: only what occurs."""
    entries: list[Entry] = []
    if any(not line.reconstructed for line in lines):
        entries.append(("l n", "observed"))
    if any(line.reconstructed for line in lines):
        entries.append(("d n", "reconstructed from the dates of citing works"))
    if _has_break(lines):
        entries.append(("", "a break: not known at that time"))
    if fan:
        entries.append(("e n", "expected, with an 80 % interval"))
    if ladder:
        entries.append(("r", "100+ a step of the ladder"))
    return entries


def _has_break(lines: Sequence[Line]) -> bool:
    seen = [line.source for line in lines if not line.reconstructed]
    return len(seen) > len(set(seen))


def legend_height(entries: Sequence[Entry], width: int) -> int:
    """The room that the entries need."""
    rows = max((row for row, _, _ in _placed(entries, width)), default=-1) + 1
    return rows * _ROW + 6


def draw_legend(root: ET.Element, entries: Sequence[Entry], *, top: float, width: int) -> None:
    """Draw the entries row by row."""
    legend = group(root)
    for row, x, (stroke, words) in _placed(entries, width):
        y = top + row * _ROW + SIZE
        if stroke:
            path(legend, f"M{x:.0f} {y - 4:.0f}h{_SWATCH - 6}", stroke)
        text(legend, (x + (_SWATCH if stroke else 0), y), words, classes="q")


def _placed(entries: Sequence[Entry], width: int) -> Iterator[tuple[int, float, Entry]]:
    row, x = 0, 4.0
    for entry in entries:
        needs = width_of(entry[1]) + (_SWATCH if entry[0] else 0)
        if x > 4 and x + needs > width - 4:
            row, x = row + 1, 4.0
        yield row, x, entry
        x += needs + _GAP
