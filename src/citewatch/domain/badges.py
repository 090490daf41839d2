"""Reading a badge: which number of citations a piece of a list claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

# Thousands are set off by comma, dot, apostrophe or a narrow blank, never by an
# ordinary blank: "NeurIPS 2018 300+ citations" claims 300.
_NUMBER = (
    r"(?<![\w.,/–-])"
    r"(?P<n>\d{1,3}(?:[,.'’\u00a0\u2009\u202f]\d{3}){1,3}|\d{1,9}(?:\.\d)?k|\d{1,9})(?!\w)"
)
_WHOSE = r"(?:(?:google\s+scholar|scholar|scopus|web\s+of\s+science|semantic\s+scholar|total)\s+)?"
_SHAPES = (
    re.compile(
        rf"{_NUMBER}\s*\+?\s*{_WHOSE}(?:citations?|cites)\b(?!\s*(?:per|/|a|each|by|across)\b)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bcited\s+(?:by\s+)?(?:(?:over|more\s+than|about|around|at\s+least|nearly)\s+|[>≥~≈]\s*)?"
        rf"{_NUMBER}\+?(?:\s+times\b)?(?!\s*(?:/|reports?\b|%|papers\s+in\b))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:citations?|citation\s+count|cited\s+by)\s*[:=]\s*(?:[>≥~≈]\s*)?{_NUMBER}\+?",
        re.IGNORECASE,
    ),
)
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_OF_A_PERSON = re.compile(r"\b(?:h|i10|hi|g)-?\s?index\b|\btotal\s+citations?\b", re.IGNORECASE)
# "papers with 100+ citations" sorts papers by a rule; it is no word on this paper.
_A_RULE = re.compile(
    r"\b(?:papers?|articles?|publications?|works?|those|ones|researchers?|authors?)\s+"
    r"(?:with|having|of)\s+(?:[>≥~≈]\s*|over\s+|at\s+least\s+|more\s+than\s+)?$",
    re.IGNORECASE,
)
_LESS_THAN = re.compile(
    r"(?:\b(?:under|below|fewer\s+than|less\s+than|up\s+to)\s*|[<≤]\s*)$", re.IGNORECASE
)
_LONGEST = 20_000
"""Characters looked at: an entry is short, and a hostile file may not be."""


class Style(StrEnum):
    """How a badge states its number, and so how a new one is to be written."""

    FLOOR = "floor"
    """A step of the ladder: "100+ citations"."""
    EXACT = "exact"
    """The number itself: "cited 340 times"."""
    WORDS = "words"
    """Words around a round number: "over 2k citations"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """A number of citations that a list claims for one paper, with its exact place.

    ``start`` and ``end`` count characters of the text that was searched (of the whole file
    where the badge belongs to an entry of a file): ``text == whole[start:end]``.
    """

    text: str
    claim: int
    start: int
    end: int
    style: Style


def badges_in(text: str) -> tuple[Badge, ...]:
    """All badges in a piece of a list, in order; no look-alike is among them."""
    raise NotImplementedError


def rewritten(badge: Badge, citations: int, *, floor: Callable[[int], int | None]) -> str | None:
    """The badge's text with a new number in its own style; None where it has no such text.

    ``floor`` is the ladder (437 → 400). "1,300+ cites" with 1873 becomes "1,800+ cites",
    "[447 citations]" with 460 "[460 citations]".
    """
    raise NotImplementedError


def claim_in(text: str) -> tuple[int, str] | None:
    """The number that a badge in ``text`` claims and its exact words; None without one.

    "(Oral, 1,300+ citations)" gives (1300, "1,300+ citations"). Addresses, h-index
    lines, rules ("papers with 100+ citations") and upper bounds claim nothing.
    """
    text = text[:_LONGEST]
    if _OF_A_PERSON.search(text):
        return None
    masked = _URL.sub(lambda found: " " * len(found[0]), text)
    found = min(_matches(masked), key=lambda one: one.start(), default=None)
    if found is None:
        return None
    return _value(found["n"]), text[found.start() : found.end()].strip()


def _matches(text: str) -> Iterator[re.Match[str]]:
    for shape in _SHAPES:
        for found in shape.finditer(text):
            before = text[max(0, found.start() - 60) : found.start()]
            if not _A_RULE.search(before) and not _LESS_THAN.search(before):
                yield found
                break


def _value(words: str) -> int:
    if words[-1] in "kK":
        return round(float(words[:-1]) * 1000)
    return int(re.sub(r"\D", "", words))
