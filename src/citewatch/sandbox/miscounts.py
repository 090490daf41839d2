"""Answers that are true but for their counts or for the order of their rows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from citewatch.sandbox.http import Response

_GONE: Final = object()
"""Stands for a count that is left out, with its key."""
_TRUNKS = ("message", "response", "results", "hits", "bindings", "items", "docs", "notes", "data")
"""Keys that lead from the outside of an answer to its rows."""
_ENTRIES = re.compile(rb"[ \t]*<entry>.*?</entry>\n?", re.DOTALL)

COUNT_FAULTS: Mapping[str, Callable[[int], object]] = MappingProxyType(
    {
        "zeros": lambda _: 0,
        "scaled-counts": lambda count: count * 2,
        "null-counts": lambda _: None,
        "negative-counts": lambda count: -1 - count,
        "huge-counts": lambda count: 10**30 + count,
        "string-counts": str,
        "fractional-counts": lambda count: count + 0.5,
        "missing-counts": lambda _: _GONE,
    }
)
ROW_FAULTS = ("reordered", "duplicated")


def miscounted(response: Response, fault: str, keys: Collection[str]) -> Response:
    """The answer with every count under ``keys`` changed as the fault says.

    A service that gives no counts (no ``keys``) answers ``zeros`` with no rows at all, and
    other count faults with the truth. What is no JSON with status 200 stays as it is.
    """
    value = _json(response)
    if value is None:
        return response
    if keys:
        return _with(response, _changed(value, COUNT_FAULTS[fault], keys))
    rows = _rows(value)
    if fault != "zeros" or rows is None:
        return response
    rows.clear()
    return _with(response, value)


def _changed(value: object, change: Callable[[int], object], keys: Collection[str]) -> object:
    if isinstance(value, list):
        return [_changed(item, change, keys) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {
        key: _shown(item, change) if key in keys else _changed(item, change, keys)
        for key, item in value.items()
    }
    return {key: item for key, item in shown.items() if item is not _GONE}


def _shown(count: object, change: Callable[[int], object]) -> object:
    """A count as the fault shows it: a number for a number, a text for a text."""
    if isinstance(count, int) and not isinstance(count, bool):
        return change(count)
    if not isinstance(count, str) or not count.isdecimal():
        return count
    if change is str:
        # Where numbers come as texts anyway, a text that is none.
        return f"{count} citations"
    shown = change(int(count))
    return str(shown) if isinstance(shown, int | float) else shown


def rearranged(response: Response, fault: str) -> Response:
    """The answer with its rows the other way round, or with every row twice.

    Rows are those of the outermost list of a JSON answer, and the entries of a feed; an
    answer without rows stays as it is.
    """
    value = _json(response)
    rows = None if value is None else _rows(value)
    if rows is not None:
        rows[:] = _rearranged(rows, fault)
        return _with(response, value)
    entries = list(_ENTRIES.finditer(response.body)) if response.status == 200 else []
    if not entries:
        return response
    head, tail = response.body[: entries[0].start()], response.body[entries[-1].end() :]
    texts: list[object] = [entry[0] for entry in entries]
    middle = b"".join(text for text in _rearranged(texts, fault) if isinstance(text, bytes))
    return replace(response, body=head + middle + tail)


def _rearranged(rows: list[object], fault: str) -> list[object]:
    return rows[::-1] if fault == "reordered" else [row for row in rows for _ in range(2)]


def _json(response: Response) -> object:
    """What a good JSON answer says; None for anything else."""
    if response.status != 200 or "json" not in response.content_type:
        return None
    try:
        value: object = json.loads(response.body)
    except ValueError:
        return None
    return value


def _rows(value: object) -> list[object] | None:
    """The outermost list of an answer, the one that holds its rows."""
    while isinstance(value, dict):
        value = next((value[key] for key in _TRUNKS if key in value), None)
    return value if isinstance(value, list) else None


def _with(response: Response, value: object) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return replace(response, body=body)
