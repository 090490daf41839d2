"""Tables of a fixed width in which only words shrink, never numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH = 100
"""The width that a report keeps to, also in wider terminals and in pipes."""
GAP = 2
_LEAST_WORDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: text that was cleaned, and its style where there are colours."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a grid. ``give_way`` above 0: left out when room is short, highest first."""

    header: str
    cells: Sequence[Cell]
    right: bool = False
    give_way: int = 0

    @property
    def width(self) -> int:
        """Terminal cells that its widest entry needs."""
        return max(cell_len(self.header), *(cell_len(c.text) for c in self.cells), 0)


def page_width(console: Console) -> int:
    """The room there is: `WIDTH`, or less on a narrower terminal."""
    return min(WIDTH, console.width) if console.is_terminal else WIDTH


def fit(text: str, width: int) -> str:
    """Text cut to ``width`` terminal cells, with … where something was left out."""
    if cell_len(text) <= width:
        return text
    kept = text[:width]
    while kept and cell_len(kept) > width - 1:
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
    """Print a table in which every row is one line and only the first column is cut."""
    width = page_width(console)
    chosen = choose(columns, width)
    words = max(1, min(chosen[0].width, words_width(chosen, width)))
    widths = [words, *(c.width for c in chosen[1:])]
    table = Table(
        box=box.SIMPLE_HEAD,
        padding=(0, 0, 0, GAP - 1),
        pad_edge=False,
        show_edge=False,
        width=sum(widths) + GAP * (len(widths) - 1),
        header_style="bold",
    )
    for column, wide in zip(chosen, widths, strict=True):
        table.add_column(
            Text(column.header),
            width=wide,
            no_wrap=True,
            justify="right" if column.right else "left",
        )
    for row in range(len(columns[0].cells)):
        first, *others = (column.cells[row] for column in chosen)
        texts = [Text(fit(first.text, words), style=first.style)]
        texts += [Text(cell.text, style=cell.style) for cell in others]
        table.add_row(*texts)
    console.print(table, crop=False, no_wrap=True, overflow="ignore")


def print_line(text: str | Text, console: Console) -> None:
    """Print one paragraph: wrapped to the page on a terminal, one whole line into a pipe."""
    paragraph = Text(text) if isinstance(text, str) else text
    if not console.is_terminal and isinstance(text, str):
        console.print(paragraph, soft_wrap=True)
        return
    for line in paragraph.wrap(console, page_width(console)):
        console.print(line, soft_wrap=True)
