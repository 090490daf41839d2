"""Answers as bytes, and the first step of making sense of them. Pure.

Nothing here raises, whatever the bytes are: what cannot be read is a `Failed`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from citewatch.domain.papers import Failed
from citewatch.sources.text import detail

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

# Error bodies are a sentence; what is longer is not read for its message.
_MESSAGE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source sent back, decoded but not understood."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names; ``content-type``, ``retry-after``, ``date`` and those about limits."""
    body: bytes
    content_type: str
    """Lower case, with its parameters."""
    url: str
    """Where it came from, without the query string."""


def load_json(answer: Answer) -> JsonValue | Failed:
    """The JSON value of an answer, or why there is none.

    ``NaN`` and ``Infinity``, which Python's reader takes, become None. Depth bombs,
    integers of thousands of digits and bytes that are not UTF-8 are failures.
    """
    body = answer.body
    if not body.strip():
        return Failed(reason="empty", detail="an answer without a body")
    if "html" in answer.content_type or body.lstrip()[:1] == b"<":
        # Bot walls and gateways answer 200 with a page (other sources do so today).
        return Failed(reason="not_json", detail=_excerpt("a page instead of JSON", body))
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Failed(reason="charset", detail="not UTF-8")
    try:
        value: JsonValue = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
        return Failed(reason="not_json", detail=detail(f"not JSON: {why}"))
    return value


def _no_number(_name: str) -> None:
    return None


def message(answer: Answer) -> str:
    """What an error body says, in one line: ``error`` or ``message`` of its JSON, else text."""
    body = answer.body[:_MESSAGE_BYTES]
    if body.lstrip()[:1] == b"{":
        value = load_json(answer) if len(answer.body) <= _MESSAGE_BYTES else None
        if isinstance(value, dict):
            for name in ("error", "message", "name"):
                words = value.get(name)
                if isinstance(words, str) and words.strip():
                    return detail(words)
    return _excerpt("", body)


def refused(answer: Answer) -> Failed:
    """The failure that an unexpected status is; asking the same again is pointless for a 4xx."""
    return Failed(
        reason=f"http_{answer.status}",
        detail=message(answer),
        retry=not 400 <= answer.status < 500,
    )


def _excerpt(prefix: str, body: bytes) -> str:
    words = detail(body[:2_000].decode("utf-8", "replace"))[:120]
    return f"{prefix}: {words}" if prefix and words else prefix or words
