"""Author lists where the format itself says that they are author lists."""

from __future__ import annotations

import re
from collections.abc import Sequence

from citewatch.intake.names import SUFFIX, Names, is_name, read_names, with_suffixes

_TAGS = re.compile(r"<[a-z/][^<>]{0,200}>", re.IGNORECASE)
_ASIDE = re.compile(r"\((?:incl|including|with|eds?|editors?)\b[^()]{0,60}\)", re.IGNORECASE)
_MARKS = re.compile(r"[*†‡§¶∗⋆#^✉♯♭⁎¹²³⁰⁴-⁹_]+|\{\}|(?<=[^\W\d_])\d\b")
_CUT = re.compile(
    r"[,;&\s]*(?:\b(?:et\.?\s+al\b\.?|and\s+(?:\d+\s+)?others\b\.?|u\.\s?a\.)|…|\.\.\.)",
    re.IGNORECASE,
)
_AND = re.compile(r"[\s,;]+(?:[Aa][Nn][Dd]|&|und|et|y|и)\s+")
_LAST_FIRST = re.compile(r"[^,;]{1,60},\s*[^,;]{1,40}")
_GIVEN = re.compile(r"(?:[^\W\d_]\.\s+)?[^\W\d_][^\W\d_'’.-]*(?:-[^\W\d_]+)?\.?(?:\s+[^\W\d_]\.?)*")
"""A given name: one word, and initials behind it."""
_BEFORE = re.compile(r"^[\s,;:&]*(?:(?:and|with|by|w/)\s+)*", re.IGNORECASE)
_GROUP = re.compile(r"ollaboration|onsortium|\bteam\b|\bgroup\b|\bproject\b", re.IGNORECASE)
_WORDS = 4
"""Words of a name that does not read as one: more are no name."""
_LONGEST = 60_000
"""Characters of an author list: three thousand authors of one experiment fit."""
_MOST = 3_000


def authors_of(text: str) -> Names:
    """The names of a text that is surely an author list, in natural order; may be none.

    "Roe, Jane and Doe, John", "Roe, J.; Doe, J.", "Jane Roe, John Doe et al." and
    "Roe, Jane, Doe, John, & Poe, Jack" are all read.
    """
    bare = _ASIDE.sub(" ", _TAGS.sub(" ", text[:_LONGEST]))
    bare = " ".join(_MARKS.sub("", bare).split())
    shortened = _CUT.sub("", bare)
    cut = shortened != bare
    shortened = _BEFORE.sub("", shortened).strip(" ,;:&")
    if not shortened:
        return Names((), cut)
    names = [natural(name) for name in _parted(shortened)]
    return Names(tuple(name for name in names if name)[:_MOST], cut)


def certain_authors(text: str) -> Names | None:
    """The names of a text that should be an author list, None when it does not read as one."""
    plain = read_names(text)
    if plain is not None and not _turned_pairs(text):
        return plain
    found = authors_of(text)
    odd = [name for name in found.names if not is_name(name) and not _GROUP.search(name)]
    if not found.names or len(odd) * 4 > len(found.names):
        return None
    return None if any(len(name.split()) > _WORDS for name in odd) else found


def _parted(text: str) -> list[str]:
    """The names of a list, "Last, First" still turned."""
    if ";" in text:
        return [
            part for piece in text.split(";") for part in _AND.split(f" {piece} ") if part.strip()
        ]
    pieces = [piece.strip() for piece in _AND.split(text) if piece.strip(" ,")]
    turned = all("," not in piece or _LAST_FIRST.fullmatch(piece) for piece in pieces)
    comma = any("," in piece for piece in pieces[1:])
    if len(pieces) > 1 and turned and (comma or _few_words(pieces)):
        return pieces
    items = [item.strip() for piece in pieces for item in piece.split(",") if item.strip()]
    if _alternate(items) or (_turned_pairs(text) and len(items) % 2 == 0):
        return [f"{last}, {first}" for last, first in zip(items[::2], items[1::2], strict=True)]
    return with_suffixes(items)


def _few_words(pieces: Sequence[str]) -> bool:
    """ "Roe, Jane and John Doe": the first comma turns a name, it does not part two."""
    first = pieces[0].split(",")
    return len(first) == 1 or len(first[0].split()) == 1 == len(first[1].split())


def _turned_pairs(text: str) -> bool:
    """Whether commas part a name's halves too: "Roe, Jane, Poe, Jack, & Doe, John"."""
    pieces = _AND.split(_CUT.sub("", text).strip(" ,;"))
    items = [item.strip() for piece in pieces for item in piece.split(",") if item.strip()]
    if ";" in text or len(items) < 2 or len(items) % 2:
        return False
    single = sum(len(item.split()) == 1 for item in items)
    if len(items) == 2 or (len(pieces) > 1 and _LAST_FIRST.fullmatch(pieces[-1].strip())):
        return single * 2 >= len(items)
    if all(len(item.split()) == 1 for item in items[::2]):
        return True
    given = sum(bool(_GIVEN.fullmatch(item)) for item in items[1::2])
    return given * 10 >= len(items) * 4 and single * 5 >= len(items) * 2


def _alternate(items: Sequence[str]) -> bool:
    return (
        len(items) > 1
        and len(items) % 2 == 0
        and all(_initials(item) for item in items[1::2])
        and not any(_initials(item) for item in items[::2])
    )


def _initials(text: str) -> bool:
    return bool(re.fullmatch(r"(?:[^\W\d_]\.?[-\s]?){1,4}", text)) and text.upper() == text


def natural(name: str) -> str:
    """ "Roe, Jane" and "von Roe, Jr., Jane" in natural order."""
    parts = [part.strip() for part in name.strip(" ,;:&").split(",") if part.strip()]
    if not parts or not re.search(r"[^\W\d_]", name):
        return ""
    if len(parts) == 1:
        return parts[0]
    if len(parts) > 2 and SUFFIX.fullmatch(parts[1]):
        return f"{parts[2]} {parts[0]} {parts[1]}"
    if SUFFIX.fullmatch(parts[1]):
        return f"{parts[0]} {parts[1]}"
    return f"{' '.join(parts[1:])} {parts[0]}"
