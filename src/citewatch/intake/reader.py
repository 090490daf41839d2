"""From a publication list to `PublicationList`: the whole way, in order."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from citewatch.domain.badges import counts_in, totals_in
from citewatch.errors import ListError
from citewatch.intake.badge_places import View, totals, view_of
from citewatch.intake.decode import refuse_other_formats
from citewatch.intake.duplicates import merge_duplicates
from citewatch.intake.entries import make_entries
from citewatch.intake.idlist import is_identifier_list, read_identifiers
from citewatch.intake.ledger import Ledger
from citewatch.intake.lines import Fate, Line, split_lines
from citewatch.intake.outline import Role, outline
from citewatch.intake.pages import Feet, attach
from citewatch.intake.segment import segment
from citewatch.intake.titles import vocabulary
from citewatch.ports import Entry, PublicationList

_NO_LINKS: Mapping[int, Sequence[str]] = MappingProxyType({})
_MOST = 200
"""Totals that are told."""


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """A publication list together with what became of each of its lines."""

    found: PublicationList
    fates: Mapping[int, Fate]
    """By line number; every line that is not blank has one."""


def read_text(text: str, *, file: str) -> PublicationList:
    """Read a publication list that is already text; ``file`` names it in messages.

    Raises ListError for other formats and for a text without a paper.
    """
    return account(text, file=file).found


def account(text: str, *, file: str) -> Account:
    """`read_text`, with the fate of every line."""
    if not text.strip():
        raise ListError(f"{file}: the file is empty", remedy=_REMEDY)
    refuse_other_formats(text, file=file)
    return read_lines(split_lines(text), file=file, view=view_of(text))


def read_lines(
    lines: Sequence[Line],
    *,
    file: str,
    view: View | None,
    anchored: Mapping[int, Sequence[str]] = _NO_LINKS,
) -> Account:
    """Read lines, however they came out of the file.

    ``view`` is the file's text, None where it has none that could be edited; ``anchored``
    are links that stand on words of a line, by the line's number.
    """
    ledger = Ledger()
    if is_identifier_list(lines):
        entries, _ = merge_duplicates(read_identifiers(lines, ledger))
        return Account(publications(file, entries, ledger, Feet((), ())), ledger.fates)
    placed = outline(lines)
    pieces = segment(placed, ledger)
    for draft in pieces.drafts:
        draft.links += [link for line in draft.lines for link in anchored.get(line.number, ())]
    words = vocabulary(line.text for line in lines if not line.links)
    read, positions = make_entries(pieces.drafts, words, ledger, view=view)
    kept, moved = merge_duplicates(read)
    positions = {draft: moved[position] for draft, position in positions.items()}
    feet = attach(kept, pieces.feet, positions, ledger=ledger)
    if not kept:
        seen = Counter(p.role for p in placed)
        raise no_paper(file, ledger, texts=sum(seen[role] for role in Role if role != Role.BLANK))
    found = publications(file, kept, ledger, feet)
    known = {link for entry in kept for link in entry.links}
    others = dict.fromkeys(link for links in anchored.values() for link in links)
    found = dataclasses.replace(
        found,
        links=tuple(dict.fromkeys((*found.links, *(o for o in others if o not in known)))),
        totals=_totals(lines, ledger.fates, view),
    )
    return Account(found, ledger.fates)


def _totals(
    lines: Sequence[Line], fates: Mapping[int, Fate], view: View | None
) -> tuple[tuple[int, str, int], ...]:
    """Totals outside of entries: in the file, or line by line where it has no text."""
    within = [line for line in lines if fates.get(line.number) is Fate.ENTRY]
    headings = [line for line in lines if fates.get(line.number) is Fate.HEADING]
    if view is not None:
        places = [[(line.start, line.end) for line in some] for some in (within, headings)]
        return totals(view, places[0], places[1])
    outside = [line for line in lines if fates.get(line.number) is not Fate.ENTRY]
    return tuple(
        (line.number, total.text, total.claim)
        for line in outside
        for total in (counts_in if line in headings else totals_in)(line.text)
    )[:_MOST]


def publications(
    file: str, entries: Sequence[Entry], ledger: Ledger, feet: Feet
) -> PublicationList:
    """The list that entries and the ledger's remains make."""
    return PublicationList(
        file=file,
        entries=tuple(_numbered(entries)),
        pages=feet.pages,
        links=feet.links,
        leftovers=tuple(sorted(ledger.leftovers)),
        skipped=dict(ledger.skipped),
    )


def _numbered(entries: Sequence[Entry]) -> list[Entry]:
    """Entries with the numbers that the list prints, else with their positions.

    Printed numbers that begin anew in each section name no single entry.
    """
    numbers = [entry.number for entry in entries]
    if all(numbers) and len(set(numbers)) == len(numbers):
        return list(entries)
    return [dataclasses.replace(entry, number=at) for at, entry in enumerate(entries, 1)]


_REMEDY = (
    "give a publication list as plain text (for a PDF: the text taken out of it), "
    "or identifiers and URLs, one on each line"
)


def no_paper(file: str, ledger: Ledger, *, texts: int, remedy: str = "") -> ListError:
    """The error for a file in which no paper was found."""
    seen = [f"{count} of {kind}" for kind, count in ledger.skipped.most_common(4)]
    if ledger.leftovers:
        line, text, why = ledger.leftovers[0]
        seen.append(
            f"{len(ledger.leftovers)} not understood, first line {line} ({why}): {text[:80]}"
        )
    return ListError(
        f"{file}: no paper found in {texts} lines" + (f" ({'; '.join(seen)})" if seen else ""),
        remedy=f"{remedy or _REMEDY}; each entry needs a title, its authors and a year or identifier",
    )
