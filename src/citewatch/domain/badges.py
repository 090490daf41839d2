"""Badges: which numbers of citations a piece of a list claims, and their new texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from citewatch.domain.badge_context import Owner, owner_of
from citewatch.domain.badge_forms import (
    Candidate,
    candidates,
    canvas,
    nearly,
    speaks_of_citing,
    worded,
)
from citewatch.domain.badge_numbers import bare, number_in, written


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
    kind: Owner = Owner.PAPER
    """Of one paper, or a total over papers, which is never rewritten."""


def counts_in(text: str) -> tuple[Badge, ...]:
    """All counts of citations that a text claims for a paper or a person, in order.

    Rules ("papers with 100+ citations"), goals, rates, bounds, the references of a
    document and addresses are none.
    """
    if not speaks_of_citing(text):
        return ()
    seen = canvas(text)
    found = (_badge(text, seen, one) for one in candidates(text, seen))
    return tuple(badge for badge in found if badge is not None)


def badges_in(text: str) -> tuple[Badge, ...]:
    """All badges in a piece of a list, in order; no look-alike is among them."""
    return tuple(badge for badge in counts_in(text) if badge.kind is Owner.PAPER)


def totals_in(text: str) -> tuple[Badge, ...]:
    """Counts of a person or over all papers, in order; they are never rewritten."""
    return tuple(badge for badge in counts_in(text) if badge.kind is Owner.TOTAL)


def _badge(text: str, seen: str, one: Candidate) -> Badge | None:
    words = text[one.start : one.end]
    number = number_in(words)
    kind = owner_of(text, seen, one)
    if number is None or kind is None:
        return None
    return Badge(
        text=words,
        claim=number.value,
        start=one.start,
        end=one.end,
        style=_style(words),
        kind=kind,
    )


def _style(words: str) -> Style:
    """A plus means a floor; words, or thousands as k, a round number; else the number itself."""
    number = number_in(words)
    if number is None:
        return Style.EXACT
    behind = words[number.end :].lstrip(" \t*_`")
    if behind.startswith(("+", "%2B", "%2b", "&plus;", "&#43;")) or behind[:4] == "plus":
        return Style.FLOOR
    return Style.WORDS if number.unit or worded(bare(words)[: number.start]) else Style.EXACT


def rewritten(
    badge: Badge,
    citations: int,
    *,
    floor: Callable[[int], int | None],
    separator: str = "",
) -> str | None:
    """The badge's text with a new number in its own style; None where it has no such text.

    ``floor`` is the ladder (437 → 400). "1,300+ cites" with 1873 becomes "1,800+ cites",
    "[447 citations]" with 460 "[460 citations]". A badge below a thousand does not say how
    thousands are set off: ``separator`` says it, as `separator_of` finds it in the file.
    Totals, and words that say "almost", have no new text.
    """
    number = number_in(badge.text)
    if number is None or badge.kind is Owner.TOTAL or nearly(badge.text):
        return None
    value = citations if badge.style is Style.EXACT else floor(citations)
    if value is None:
        return None
    new = written(value, number, separator=separator)
    return f"{badge.text[: number.start]}{new}{badge.text[number.end :]}"


def separator_of(badges: Iterable[Badge]) -> str:
    """What sets off thousands in the badges of a file; "" where nothing does or none says."""
    numbers = (number_in(badge.text) for badge in badges)
    return next((number.separator for number in numbers if number and number.separator), "")


def claim_in(text: str) -> tuple[int, str] | None:
    """The number that the first badge in ``text`` claims and its exact words; None without one."""
    badge = next(iter(badges_in(text)), None)
    return (badge.claim, badge.text) if badge else None
