"""JSON whose values know where they stand in the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from citewatch.errors import ListError

_TOKEN = re.compile(r"\s*([\[\]{},:\"]|[^\s\[\]{},:\"]+)")
_SCAN = json.JSONDecoder()
_DEEPEST = 100
"""Values within values; nothing that lists papers is deeper."""
_LINES = re.compile(r"[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A string, a number, true, false or null; [start, end) is inside of a string's quotes."""

    value: str | float | bool | None
    start: int
    end: int

    @property
    def words(self) -> str:
        """The value as text; "" for null, true and false."""
        if isinstance(self.value, bool) or self.value is None:
            return ""
        return self.value if isinstance(self.value, str) else _number(self.value)


@dataclass(slots=True)
class Object:
    """Keys and values; of a key that comes twice, the last value counts."""

    start: int
    end: int = 0
    items: dict[str, Node] = field(default_factory=dict)


@dataclass(slots=True)
class Array:
    """Values in their order."""

    start: int
    end: int = 0
    items: list[Node] = field(default_factory=list)


Node: TypeAlias = Scalar | Object | Array


def tree_of(text: str, *, file: str) -> Node:
    """The file's value; of a file with one value a line, all of them as an array.

    Raises ListError where the text is no JSON, or is nested too deeply.
    """
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and (lines := _by_lines(text)) is not None:
            return lines
        raise ListError(
            f"{file}: not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})",
            remedy="mend the file there, or export it again",
        ) from error
    except (RecursionError, ValueError) as error:
        raise ListError(
            f"{file}: not valid JSON: nested too deeply, or with a number that is too long",
            remedy="give a file that lists papers",
        ) from error
    node = _read(text, 0, len(text))
    if node is None:
        raise ListError(
            f"{file}: values within values, more than {_DEEPEST} deep",
            remedy="give a file that lists papers",
        )
    return node


def _by_lines(text: str) -> Array | None:
    """One value a line; None when a line is none."""
    whole = Array(0, len(text))
    for line in _LINES.finditer(text):
        if not line[0].strip():
            continue
        try:
            json.loads(line[0])
        except (RecursionError, ValueError):
            return None
        node = _read(text, line.start(), line.end())
        if node is None:
            return None
        whole.items.append(node)
    return whole


def _read(text: str, at: int, end: int) -> Node | None:
    """The valid JSON in [at, end), without recursion; None where it is too deep."""
    root = Array(at)
    opened: list[Object | Array] = [root]
    key: str | None = None
    while at < end and (token := _TOKEN.match(text, at, end)) is not None:
        sign, at = token[1], token.end()
        if sign in ",:":
            continue
        if sign in "]}":
            opened.pop().end = at
            continue
        node: Node
        if sign == '"':
            value, at = _SCAN.raw_decode(text, token.start(1))
            if key is None and isinstance(opened[-1], Object):
                key = value
                continue
            node = Scalar(value, token.end(), at - 1)
        elif sign in "[{":
            node = Object(at - 1) if sign == "{" else Array(at - 1)
        else:
            node = Scalar(json.loads(sign), token.start(1), at)
        parent = opened[-1]
        if isinstance(parent, Object):
            parent.items[key or ""] = node
            key = None
        else:
            parent.items.append(node)
        if not isinstance(node, Scalar):
            opened.append(node)
            if len(opened) > _DEEPEST:
                return None
    return root.items[0] if root.items else None


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def child(node: Node | None, *keys: str) -> Node | None:
    """The value under a path of keys, None where there is none."""
    for key in keys:
        if not isinstance(node, Object):
            return None
        node = node.items.get(key)
    return node


def scalars(node: Node | None) -> Iterator[Scalar]:
    """A scalar itself, and the scalars of an array."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Array):
        yield from (item for item in node.items if isinstance(item, Scalar))


def members(node: Node) -> Iterator[tuple[str, Node]]:
    """The children of a value with their keys; "" in an array."""
    if isinstance(node, Object):
        yield from node.items.items()
    elif isinstance(node, Array):
        yield from (("", item) for item in node.items)


def folded(node: Object) -> Mapping[str, Node]:
    """An object's values by their keys without case and signs; the first key of several wins."""
    found: dict[str, Node] = {}
    for key, value in node.items.items():
        found.setdefault(re.sub(r"[\W_]", "", key.casefold()), value)
    return found
