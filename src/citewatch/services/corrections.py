"""From a checked list to the edits of its file, and to the claims that follow. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """The edits of the file's text; None where that was not read again.

    Raises `InputError` when a badge does not stand where it was read.
    """
    rows: list[CheckedBadge] = []
    by_hand: list[CheckedBadge] = []
    for row in wanted(checked, allow_lower=allow_lower):
        place = row.place
        if place is None or row.judged.suggest is None:
            by_hand.append(row)
            continue
        if text is not None and text[place.start : place.end] != place.text:
            raise InputError(
                f"{checked.file}: line {row.line}: was changed by someone else meanwhile; "
                "nothing was written",
                remedy="run the command again",
            )
        rows.append(row)
    torn = _torn(rows)
    kept = tuple(row for row in rows if row not in torn)
    edits = dict.fromkeys(edit for row in kept for edit in _edit(row))
    return Corrections(edits=tuple(edits), rows=kept, by_hand=(*by_hand, *torn))


def _edit(row: CheckedBadge) -> Iterator[Edit]:
    if row.place is not None and row.judged.suggest is not None:
        yield row.place.start, row.place.end, row.judged.suggest


def _torn(rows: Sequence[CheckedBadge]) -> list[CheckedBadge]:
    """Rows that would write different things into one place: two papers share a badge."""
    torn: set[Edit] = set()
    last: Edit | None = None
    for edit in sorted({edit for row in rows for edit in _edit(row)}):
        if last is not None and edit[0] < last[1]:
            torn |= {edit, last}
        if last is None or edit[1] >= last[1]:
            last = edit
    return [row for row in rows if not torn.isdisjoint(_edit(row))]


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
