"""arXiv's ``search_query``: a small part of its language, enough for titles and authors."""

from __future__ import annotations

import re

from citewatch.sandbox.records import Preprint
from citewatch.sandbox.titles import TitleIndex, words

FIELDS = ("ti", "au", "abs", "co", "jr", "cat", "rn", "id", "all")
_TERM = re.compile(r'\s*\(?\s*(?:(\w+):)?("[^"]*"|[^\s()":]+)\s*\)?\s*')
_OPERATOR = re.compile(r"\s+(ANDNOT|AND|OR)\s+")


class InvalidQuery(ValueError):
    """The query is not in the language."""


def run_query(text: str, preprints: tuple[Preprint, ...], index: TitleIndex) -> set[int]:
    """Positions of the preprints that match; operators apply from left to right.

    ``index`` holds the titles of ``preprints`` by position. Raises InvalidQuery.
    """
    if text.count('"') % 2 or text.count("(") != text.count(")"):
        raise InvalidQuery(text)
    parts = _OPERATOR.split(text)
    found = _term(parts[0], text, preprints, index)
    for operator, part in zip(parts[1::2], parts[2::2], strict=True):
        other = _term(part, text, preprints, index)
        match operator:
            case "AND":
                found &= other
            case "OR":
                found |= other
            case _:
                found -= other
    return found


def _term(part: str, text: str, preprints: tuple[Preprint, ...], index: TitleIndex) -> set[int]:
    terms = list(_TERM.finditer(part))
    if "".join(term[0] for term in terms) != part or not terms:
        raise InvalidQuery(text)
    found: set[int] | None = None
    for term in terms:
        hits = _field(term[1] or "all", term[2], text, preprints, index)
        found = hits if found is None else found & hits
    return found or set()


def _field(
    field: str, value: str, text: str, preprints: tuple[Preprint, ...], index: TitleIndex
) -> set[int]:
    if field not in FIELDS:
        raise InvalidQuery(text)
    exact, value = value.startswith('"'), value.strip('"')
    match field:
        case "ti":
            return index.holding(value, exact=exact)
        case "au":
            return {at for at, preprint in enumerate(preprints) if _has_author(preprint, value)}
        case "all" | "abs":
            by_author = {
                at for at, preprint in enumerate(preprints) if _has_author(preprint, value)
            }
            return index.holding(value, exact=exact) | by_author
        case "id":
            return {at for at, preprint in enumerate(preprints) if preprint.id == value}
        case "cat":
            # A bare archive matches nothing: the category has to be whole or end in a star.
            pattern = re.escape(value).replace(r"\*", ".*")
            return {at for at, p in enumerate(preprints) if re.fullmatch(pattern, p.category)}
        case _:
            return set()


def _has_author(preprint: Preprint, value: str) -> bool:
    asked = set(words(value.replace("_", " ")))
    return bool(asked) and any(asked <= set(words(name)) for name in preprint.authors)
