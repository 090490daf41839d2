"""Years, venues, addresses and identifiers as JSON files have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from citewatch.domain.identifiers import Identifier, canonical, find_urls, parse_identifier
from citewatch.intake.columns import scheme_of
from citewatch.intake.json_tree import Array, Node, Object, Scalar, folded, scalars
from citewatch.intake.links import identifiers_in
from citewatch.intake.records import year_in

_LINKS = (
    "url",
    "pdf",
    "link",
    "doi",
    "ee",
    "links",
    "arxiv",
    "html",
    "paperurl",
    "website",
    "uri",
    "openaccesspdf",
    "id",
    "ids",
    "externalids",
    "code",
)
_LONG = 2_000


def year_of(node: Node | None) -> int | None:
    """The year of a number, a date, a ``date-parts`` or an object with a ``raw`` date."""
    for _ in range(4):
        if isinstance(node, Object):
            values = folded(node)
            node = next(
                (
                    values[k]
                    for k in ("dateparts", "raw", "literal", "year", "value")
                    if k in values
                ),
                None,
            )
        elif isinstance(node, Array):
            node = node.items[0] if node.items else None
        else:
            break
    if not isinstance(node, Scalar) or isinstance(node.value, bool):
        return None
    return year_in(node.words)


def venue_of(node: Node | None) -> str:
    for _ in range(4):
        if isinstance(node, Object):
            values = folded(node)
            keys = ("displayname", "name", "title", "source", "value")
            node = next((values[key] for key in keys if key in values), None)
        elif isinstance(node, Array):
            node = node.items[0] if node.items else None
    words = node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""
    return "" if next(iter(find_urls(words)), "") else " ".join(words.split())[:300]


def urls_of(fields: Mapping[str, Node]) -> Iterator[str]:
    for key in _LINKS:
        value = fields.get(key)
        if isinstance(value, Object):
            value = Array(0, 0, [v for v in value.items.values() if isinstance(v, Scalar)])
        for scalar in scalars(value):
            yield from find_urls(scalar.words[:_LONG])


def ids_of(fields: Mapping[str, Node], urls: tuple[str, ...]) -> Iterator[Identifier]:
    """The identifiers that a paper's values name."""
    spread = dict(fields)
    for key in ("externalids", "ids"):
        if isinstance(inner := fields.get(key), Object):
            spread.update(folded(inner))
    found: list[Identifier | None] = []
    for key, value in spread.items():
        scheme = scheme_of(key)
        if scheme and isinstance(value, Scalar):
            words = f"CorpusId:{value.words}" if key == "corpusid" else value.words
            found.append(canonical(scheme, words) or parse_identifier(words))
    found += map(parse_identifier, urls)
    for key in ("venue", "journal", "note", "id"):
        for scalar in scalars(fields.get(key)):
            found += identifiers_in(scalar.words)
    yield from (one for one in found if one is not None)
