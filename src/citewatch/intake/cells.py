"""A table of separated values, with the place of each value in the file."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from citewatch.errors import ListError

DELIMITERS = (",", "\t", ";", "|")
_SAID = re.compile(r"sep=(.)[ \t]*(?:\r\n|\n|\r)", re.IGNORECASE)
_HEAD, _SAMPLE = 60, 60_000
"""Rows and characters that are looked at for the delimiter."""
_QUOTED = re.compile(r'"([^"]*(?:""[^"]*)*)"')
_EOL = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value; ``text[start:end]`` of the file is what stands in the cell, quotes left out."""

    value: str
    start: int
    end: int
    placed: bool = True
    """Whether the place is sure: parser and file agree on the value."""


def rows_of(text: str, *, file: str) -> list[list[Cell]]:
    """All rows that are not blank.

    Raises ListError for a file that is no table: a quote that never closes, say.
    """
    said = _SAID.match(text)
    start = said.end() if said else 0
    delimiter = said[1] if said else delimiter_of(text)
    try:
        read = list(_parsed(text[start:], delimiter))
    except csv.Error as error:
        raise ListError(
            f"{file}: cannot be read as a table ({error})",
            remedy="save the table as CSV again; a quote that never closes is a common cause",
        ) from error
    scanned = _scanned(text, start, delimiter)
    rows: list[list[Cell]] = []
    for values, cells in zip_longest(read, scanned):
        if values is None:
            break
        places = [*(cells or ()), *(None for _ in values)]
        row = [_agreed(value, cell) for value, cell in zip(values, places, strict=False)]
        if any(cell.value.strip() for cell in row):
            rows.append(row)
    return rows


def delimiter_of(text: str) -> str:
    """What separates the values: the sign by which most rows have the same number of cells."""
    sample = text[:_SAMPLE]
    return max(DELIMITERS, key=lambda sign: _evenness(sample, sign))


def _evenness(sample: str, sign: str) -> tuple[float, int]:
    try:
        widths = Counter(len(row) for row in islice(_parsed(sample, sign), _HEAD) if row)
    except csv.Error:
        return 0.0, 0
    if not widths:
        return 0.0, 0
    width, count = max(widths.items(), key=lambda one: (one[1], one[0]))
    return (count / widths.total() if width > 1 else 0.0), width


def _parsed(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)


def _scanned(text: str, at: int, delimiter: str) -> Iterator[list[Cell]]:
    """The rows again, by places."""
    bare = re.compile(rf"[^{re.escape(delimiter)}\r\n]*")
    while at < len(text):
        row: list[Cell] = []
        while True:
            while text[at : at + 1] == " ":
                at += 1
            cell, at = _cell(text, at, bare)
            row.append(cell)
            if text[at : at + 1] != delimiter:
                break
            at += 1
        yield row
        ended = _EOL.match(text, at)
        if ended is None:
            return
        at = ended.end()


def _cell(text: str, at: int, bare: re.Pattern[str]) -> tuple[Cell, int]:
    quoted = _QUOTED.match(text, at) if text[at : at + 1] == '"' else None
    if quoted is None:
        plain = bare.match(text, at)
        end = plain.end() if plain else at
        return Cell(text[at:end], at, end), end
    after = bare.match(text, quoted.end())
    end = after.end() if after else quoted.end()
    return Cell(quoted[1].replace('""', '"') + text[quoted.end() : end], *quoted.span(1)), end


def _agreed(value: str, cell: Cell | None) -> Cell:
    if cell is None or cell.value != value:
        return Cell(value, 0, 0, placed=False)
    return cell


def width_of(rows: Sequence[Sequence[Cell]]) -> int:
    """The number of cells that most rows have."""
    widths = Counter(map(len, rows))
    return widths.most_common(1)[0][0] if widths else 0
