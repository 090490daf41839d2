"""Authors as JSON files have them: a string, a list, objects with given and family names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from citewatch.intake.authors import natural
from citewatch.intake.json_tree import Array, Node, Object, Scalar, folded
from citewatch.intake.names import Names
from citewatch.intake.records import names_in

_NAMES = ("displayname", "name", "fullname", "literal", "text", "value", "rawauthorname")
_INNER = ("author", "authors", "creator")
_NUMBERED = re.compile(r"\s+\d{4}$")
"""dblp tells namesakes apart by four digits."""
_MOST = 3_000


def names_of(node: Node | None) -> Names:
    """The names that a value lists, in natural order."""
    if isinstance(node, Scalar):
        return names_in(node.words)
    if isinstance(node, Object) and (inner := _inner(node)) is not None:
        return names_of(inner)
    items = node.items if isinstance(node, Array) else [node] if node is not None else []
    names = [name for item in items[:_MOST] for name in _name(item)]
    cut = any(name.casefold().strip(" .") in ("et al", "others", "…", "") for name in names)
    kept = (name for name in names if re.search(r"[^\W\d_]", name))
    return Names(tuple(n for n in kept if n.casefold().strip(" .") not in ("et al", "others")), cut)


def _inner(node: Object) -> Node | None:
    """What a wrapper around authors holds: ``{"author": [...]}``."""
    values = folded(node)
    if any(key in values for key in (*_NAMES, "family", "given", "last", "first")):
        return None
    return next((values[key] for key in _INNER if key in values), None)


def _name(node: Node) -> Iterator[str]:
    if isinstance(node, Scalar):
        if node.words:
            yield natural(_NUMBERED.sub("", " ".join(node.words.split())))
        return
    if not isinstance(node, Object):
        return
    values = folded(node)
    inner = next((values[key] for key in _INNER if isinstance(values.get(key), Object)), None)
    if isinstance(inner, Object):
        yield from _name(inner)
        return
    words = {key: _words(values.get(key)) for key in values}
    family = (
        words.get("family") or words.get("last") or words.get("lastname") or words.get("familyname")
    )
    if family:
        given = (
            words.get("given")
            or words.get("first")
            or words.get("firstname")
            or words.get("givenname")
        )
        parts = (
            given,
            words.get("nondroppingparticle"),
            words.get("droppingparticle"),
            family,
            words.get("suffix"),
        )
        yield " ".join(part for part in parts if part)
        return
    name = next((words[key] for key in _NAMES if words.get(key)), "")
    if name:
        yield _NUMBERED.sub("", name if "literal" in values else natural(name))


def _words(node: Node | None) -> str:
    return " ".join(node.words.split()) if isinstance(node, Scalar) else ""
