"""Times, names and text from strangers, made fit to be printed."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TextIO

from citewatch.domain.papers import Instant

SHORT_NAMES = {
    "semantic_scholar": "S2",
    "openalex": "OA",
    "crossref": "CR",
    "arxiv": "arXiv",
    "openreview": "OR",
}

# Terminal sequences (ECMA-48 CSI, OSC and two-byte escapes) are dropped whole, so that
# nothing of "\x1b[31m" stays behind as "[31m".
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]?"
)
# C0 and C1 controls, line and paragraph separators.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Marks that reorder the text around them, invisible fillers, and lone surrogates.
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_RISKY = re.compile(r"[\x7f-\x9f\u2028\u2029]")
_BLANKS = re.compile(r"\s+")
_MARKDOWN = re.compile(r"([\\`*_\[\]|~#])")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def clean(text: str) -> str:
    """One line of harmless text: no controls, escapes or reordering marks."""
    text = _CONTROLS.sub(" ", _ESCAPES.sub("", text))
    text = _SURROGATES.sub("\ufffd", _INVISIBLE.sub("", text))
    return _BLANKS.sub(" ", text).strip()


def rfc3339(at: Instant) -> str:
    """``2026-11-22T00:00:00Z``."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def minute(at: Instant) -> str:
    """``2026-11-22 00:00``, for people; in UTC like everything else."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m-%d %H:%M")


def short_name(source: str) -> str:
    """A source's name for narrow columns: ``S2``; eight characters of any other."""
    return SHORT_NAMES.get(source) or clean(source)[:8]


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
    for risky in (_RISKY, _INVISIBLE, _SURROGATES):
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
