"""Values as TOML text: strings that no title can break out of, one paper a line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from citewatch.config.readers import cleaned
from citewatch.domain.papers import LinkPage, Paper

Value: TypeAlias = str | int | Sequence[str]
Items: TypeAlias = Mapping[str, Value]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f\ud800-\udfff]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def toml_string(text: str) -> str:
    """A basic string on one line. Half surrogates, which TOML cannot hold, become U+FFFD."""
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    if "\ud800" <= char <= "\udfff":
        return "�"
    return _SHORT.get(char) or f"\\u{ord(char):04x}"


def toml_key(*parts: str) -> str:
    """A key, dotted where it has several parts, quoted where it must be."""
    return ".".join(part if _BARE.fullmatch(part) else toml_string(part) for part in parts)


def toml_value(value: Value) -> str:
    """A text, a whole number, or an array of texts on one line."""
    match value:
        case str():
            return toml_string(value)
        case int():
            return str(value)
        case _:
            return f"[{', '.join(map(toml_string, value))}]"


def inline_table(items: Items) -> str:
    """``{ key = "…", title = "…" }`` on one line."""
    return f"{{ {', '.join(f'{toml_key(k)} = {toml_value(v)}' for k, v in items.items())} }}"


def pairs(items: Items) -> list[str]:
    """``key = "…"``, one line each."""
    return [f"{toml_key(key)} = {toml_value(value)}" for key, value in items.items()]


def paper_items(paper: Paper) -> dict[str, Value]:
    """A paper as config.toml has it, without what is not known of it."""
    ids: dict[str, list[str]] = {}
    for identifier in paper.ids:
        ids.setdefault(identifier.scheme, []).append(identifier.value)
    items: dict[str, Value | None] = {
        "key": paper.key,
        "title": cleaned(paper.title),
        "year": paper.year,
        "authors": [name for author in paper.authors if (name := cleaned(author))],
        "venue": cleaned(paper.venue),
        **{scheme: found if len(found) > 1 else found[0] for scheme, found in ids.items()},
        # "0 citations" stands in some lists, and claims nothing.
        "claim": f"{paper.claim}+" if paper.claim else None,
    }
    return {
        key: value for key, value in items.items() if value is not None and value not in ("", [])
    }


def page_items(page: LinkPage) -> dict[str, Value]:
    """Links that are not placed yet, with the papers that they may belong to."""
    links = [link for text in page.links if (link := cleaned(text))]
    return {"papers": list(page.papers), "links": links}
