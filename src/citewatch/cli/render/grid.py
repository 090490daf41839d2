"""Tables of a fixed width in which only words shrink, never numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

WIDTH = 100
"""The width that a report keeps to, also in wider terminals and in pipes."""
GAP = 2
_LEAST_WORDS = 20


class Cell(NamedTuple):
    """One cell: text that was cleaned, and its style where there are colours."""

    text: str
    style: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a grid. ``give_way`` above 0: left out when room is short, highest first."""

    header: str
    cells: Sequence[Cell]
    right: bool = False
    give_way: int = 0

    @cached_property
    def width(self) -> int:
        """Terminal cells that its widest entry needs."""
        texts = [self.header, *[cell.text for cell in self.cells]]
        return max([len(text) if text.isascii() else cell_len(text) for text in texts])


def page_width(console: Console) -> int:
    """The room there is: `WIDTH`, or less on a narrower terminal."""
    return min(WIDTH, console.width) if console.is_terminal else WIDTH


def fit(text: str, width: int) -> str:
    """Text cut to ``width`` terminal cells, with … where something was left out."""
    if length(text) <= width:
        return text
    kept = text[:width]
    while kept and length(kept) > width - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def words_width(columns: Sequence[Column], width: int) -> int:
    """What the other columns leave to the first one."""
    return width - sum(c.width + GAP for c in columns[1:])


def choose(columns: Sequence[Column], width: int) -> list[Column]:
    """The columns for which there is room; the first one is words and shrinks."""
    chosen = list(columns)
    least = min(_LEAST_WORDS, columns[0].width)
    while words_width(chosen, width) < least:
        least_needed = max(chosen, key=lambda c: c.give_way)
        if least_needed.give_way == 0:
            break
        chosen.remove(least_needed)
    return chosen


def print_grid(columns: Sequence[Column], console: Console) -> None:
    """Print a table in which every row is one line and only the first column is cut.

    Put together here: a table of rich, which may wrap any cell, takes a millisecond a row.
    """
    width = page_width(console)
    chosen = choose(columns, width)
    words = max(1, min(chosen[0].width, words_width(chosen, width)))
    widths = [words, *(c.width for c in chosen[1:])]
    heads = [Cell(text=column.header, style="bold") for column in chosen]
    heads[0] = Cell(text=fit(heads[0].text, words), style="bold")
    rule = "─" * (sum(widths) + GAP * (len(widths) - 1))
    layout = [(wide, column.right) for wide, column in zip(widths, chosen, strict=True)]
    rows = zip(*(column.cells for column in chosen), strict=True)
    fitted = [
        (Cell(text=fit(first.text, words), style=first.style), *rest) for first, *rest in rows
    ]
    if console.color_system is None:
        columns_of_text = [
            _padded_all([cell.text for cell in cells], *at)
            for cells, at in zip(zip(heads, *fitted, strict=True), layout, strict=True)
        ]
        head, *lines = map((" " * GAP).join, zip(*columns_of_text, strict=True))
        console.file.write("\n".join([head, rule, *lines]) + "\n")
        return
    for text in (_styled(heads, layout), Text(rule), *(_styled(c, layout) for c in fitted)):
        console.print(text, crop=False, no_wrap=True, overflow="ignore", soft_wrap=True)


_Layout = Sequence[tuple[int, bool]]


def _padded_all(texts: Sequence[str], width: int, right: bool) -> list[str]:  # noqa: FBT001
    """A whole column: ten thousand cells by themselves would take a tenth of a second."""
    if right:
        return [t.rjust(width) if t.isascii() else _padded(t, width, right) for t in texts]
    return [t.ljust(width) if t.isascii() else _padded(t, width, right) for t in texts]


def _styled(cells: Sequence[Cell], layout: _Layout) -> Text:
    line = Text()
    for place, (cell, at) in enumerate(zip(cells, layout, strict=True)):
        line.append(" " * GAP if place else "")
        line.append(_padded(cell.text, *at), style=cell.style or None)
    return line


def _padded(text: str, width: int, right: bool) -> str:  # noqa: FBT001
    room = " " * (width - length(text))
    return room + text if right else text + room


def length(text: str) -> int:
    """Terminal cells that a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def print_line(text: str | Text, console: Console) -> None:
    """Print one paragraph: wrapped to the page on a terminal, one whole line into a pipe."""
    paragraph = Text(text) if isinstance(text, str) else text
    if not console.is_terminal and isinstance(text, str):
        console.print(paragraph, soft_wrap=True)
        return
    for line in paragraph.wrap(console, page_width(console)):
        console.print(line, soft_wrap=True)
