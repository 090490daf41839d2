"""Times, names and text from strangers, made fit to be printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import TextIO

from citewatch.domain.credits import SHORT_NAMES, short_name
from citewatch.domain.printable import INVISIBLE, SURROGATES, clean, minute, rfc3339
from citewatch.domain.tabular import write_csv

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


def signed(number: int) -> str:
    """``+3``, ``-3``, ``0``."""
    return f"{number:+d}" if number else "0"


def plural(number: int, word: str) -> str:
    """``1 paper``, ``2 papers``."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def write_json(document: object, out: TextIO, *, compact: bool = False) -> None:
    """One JSON document and a newline; ``compact`` for what nobody reads line by line.

    Letters stay letters. What could act on a terminal, or cannot be encoded, is escaped;
    outside of strings JSON has none of it.
    """
    text = json.dumps(document, ensure_ascii=False, indent=None if compact else 2)
    # Of ASCII only DEL is risky: JSON escapes the other controls by itself.
    harmless = text.isascii() and "\x7f" not in text
    for risky in () if harmless else (_RISKY, INVISIBLE, SURROGATES):
        text = risky.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    out.write(text + "\n")


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
