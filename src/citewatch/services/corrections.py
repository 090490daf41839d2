"""From a checked list to the edits of its file, and to the claims that follow. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from citewatch.domain.badge_numbers import number_in
from citewatch.domain.checking import Verdict
from citewatch.errors import InputError
from citewatch.intake.rewrite import Edit
from citewatch.services.check import Checked, CheckedBadge


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What is written into the file, and what only a person can change."""

    edits: tuple[Edit, ...]
    rows: tuple[CheckedBadge, ...]
    """The badges that these edits change."""
    by_hand: tuple[CheckedBadge, ...]
    """Stale badges whose place in the file's text is not known (a PDF), or without a new text."""


def wanted(checked: Checked, *, allow_lower: bool) -> tuple[CheckedBadge, ...]:
    """The badges that are to be rewritten; none is lowered unless that was asked for."""
    verdicts = {Verdict.RAISE, Verdict.LOWER} if allow_lower else {Verdict.RAISE}
    return tuple(row for row in checked.badges if row.verdict in verdicts)


def corrections(checked: Checked, text: str | None, *, allow_lower: bool) -> Corrections:
    """The edits of the file's text; None where it has no text that can be edited.

    Raises `InputError` when a badge does not stand where it was read.
    """
    edits: dict[Edit, None] = {}
    rows: list[CheckedBadge] = []
    by_hand: list[CheckedBadge] = []
    for row in wanted(checked, allow_lower=allow_lower):
        place, new = row.place, row.judged.suggest
        if place is None or new is None or text is None:
            by_hand.append(row)
            continue
        if text[place.start : place.end] != place.text:
            raise InputError(
                f"{checked.file}: line {row.line}: was changed by someone else meanwhile; "
                "nothing was written",
                remedy="run the command again",
            )
        edits[place.start, place.end, new] = None
        rows.append(row)
    return Corrections(edits=tuple(edits), rows=tuple(rows), by_hand=tuple(by_hand))


def claims_shown(
    checked: Checked, written: tuple[CheckedBadge, ...]
) -> dict[str, tuple[int, bool]]:
    """What the file now claims of papers, by key, and whether it was just written.

    Only of badges that what is known bears out: those that were written, and those that
    were right already.
    """
    claims: dict[str, tuple[int, bool]] = {}
    for row in checked.badges:
        if row.key is None or row.place is None:
            continue
        if row in written and row.judged.suggest is not None:
            number = number_in(row.judged.suggest)
            new = (row.place.claim if number is None else number.value, True)
        elif row.verdict is Verdict.CURRENT:
            new = (row.place.claim, False)
        else:
            continue
        before = claims.get(row.key)
        if before is None or (new[1], new[0]) > (before[1], before[0]):
            claims[row.key] = new
    return claims
