"""Comma-separated rows that no spreadsheet takes for anything but data."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO

from citewatch.domain.printable import clean

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def write_csv(header: Sequence[str], rows: Iterable[Sequence[object]], out: TextIO) -> None:
    """Rows that a spreadsheet takes for data: None is empty, text is never a formula."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(value) for value in row])


def _cell(value: object) -> object:
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
