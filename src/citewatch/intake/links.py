"""Links and identifiers that stand inside an entry's own text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from citewatch.domain.identifiers import Identifier, canonical, find_urls, parse_identifier

_ARXIV = re.compile(
    r"\barxiv\s*(?:preprint\s*)?(?:arxiv\s*)?[:.\s]\s*((?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?)",
    re.IGNORECASE,
)
_DOI = re.compile(r"\bdoi\s*[:.]?\s*(10\.\d{4,9}/[^\s\"<>“”]+)", re.IGNORECASE)
_OPEN_URL = re.compile(r"https?://\S*[/_=?&-]$", re.IGNORECASE)
_URL_PIECE = re.compile(r"[\w%/.?=&_~#+:-]*[\d/._-][\w%/.?=&_~#+:-]*")
_LONGEST = 20_000


def whole_urls(lines: Sequence[str]) -> tuple[str, ...]:
    """Addresses in an entry's lines, also one that was cut at a line's end."""
    text = ""
    for line in lines:
        first = line.split(" ", 1)[0]
        cut = _OPEN_URL.search(text[-300:]) and _URL_PIECE.fullmatch(first)
        text = f"{text}{'' if cut or not text else ' '}{line}"
        if len(text) > _LONGEST:
            break
    return tuple(dict.fromkeys(find_urls(text[:_LONGEST])))


def identifiers_in(text: str) -> tuple[Identifier, ...]:
    """Every identifier that a text names, by address or by word, each once."""
    text = text[:_LONGEST]
    found = [parse_identifier(url) for url in find_urls(text)]
    found += [canonical("arxiv", m[1]) for m in _ARXIV.finditer(text)]
    found += [canonical("doi", m[1]) for m in _DOI.finditer(text)]
    return tuple(dict.fromkeys(i for i in found if i is not None))


def certain(
    identifiers: Iterable[Identifier],
) -> tuple[tuple[Identifier, ...], tuple[str, ...]]:
    """Identifiers of which there is one a scheme, and doubts about all others."""
    by_scheme: dict[str, list[Identifier]] = {}
    for identifier in dict.fromkeys(identifiers):
        by_scheme.setdefault(identifier.scheme, []).append(identifier)
    kept = tuple(ids[0] for ids in by_scheme.values() if len(ids) == 1)
    doubts = tuple(
        f"names several identifiers of one kind: {', '.join(map(str, ids[:4]))}; none was taken"
        for ids in by_scheme.values()
        if len(ids) > 1
    )
    return kept, doubts
