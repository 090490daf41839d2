"""Times, names and text from strangers, made fit to be printed."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from citewatch.domain.printable import INVISIBLE, SURROGATES, clean, minute, rfc3339
from citewatch.services.credits import SHORT_NAMES, short_name

__all__ = [
    "SHORT_NAMES",
    "clean",
    "markdown",
    "minute",
    "plural",
    "rfc3339",
    "short_name",
    "signed",
    "write_csv",
    "write_json",
    "write_markdown",
]

_RISKY = re.compile(r"[\x7f-\x9f\u2028\u2029]")
_MARKDOWN = re.compile(r"([\\`*_\[\]|~#$])")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def signed(number: int) -> str:
    """``+3``, ``-3``, ``0``."""
    return f"{number:+d}" if number else "0"


def plural(number: int, word: str) -> str:
    """``1 paper``, ``2 papers``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def write_json(document: object, out: TextIO) -> None:
    """One JSON document and a newline.

    Letters stay letters. What could act on a terminal, or cannot be encoded, is escaped;
    outside of strings JSON has none of it.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2)
    for risky in (_RISKY, INVISIBLE, SURROGATES):
        text = risky.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    out.write(text + "\n")


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


def markdown(text: str) -> str:
    """Text that shows as itself inside a Markdown table."""
    text = clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", text)


def write_markdown(
    header: Sequence[str], rows: Iterable[Iterable[str]], out: TextIO, *, right: Iterable[int] = ()
) -> None:
    """A pipe table; cells are escaped already. Columns in ``right`` are right-aligned."""
    to_right = set(right)
    rules = ["---:" if place in to_right else "---" for place in range(len(header))]
    out.writelines(f"| {' | '.join(cells)} |\n" for cells in (header, rules, *rows))
