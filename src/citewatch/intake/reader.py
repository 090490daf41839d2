"""From a publication list to `PublicationList`: the whole way, in order."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from citewatch.domain.badges import claim_in
from citewatch.domain.papers import Paper
from citewatch.errors import ListError
from citewatch.intake.decode import load, refuse_other_formats
from citewatch.intake.duplicates import merge_duplicates
from citewatch.intake.fields import Fields
from citewatch.intake.idlist import is_identifier_list, read_identifiers
from citewatch.intake.layout import read_entries
from citewatch.intake.ledger import Ledger
from citewatch.intake.lines import Fate, split_lines
from citewatch.intake.links import certain, identifiers_in, whole_urls
from citewatch.intake.outline import Role, outline
from citewatch.intake.pages import Feet, attach
from citewatch.intake.segment import Draft, segment
from citewatch.intake.titles import Vocabulary, lost_blanks, vocabulary
from citewatch.ports import Entry, PublicationList

_MARKUP = ("](", "\\href", "\\textbf", "</", "| --", "{{", "{%", "<br")


@dataclasses.dataclass(frozen=True, slots=True)
class Account:
    """A publication list together with what became of each of its lines."""

    found: PublicationList
    fates: Mapping[int, Fate]
    """By line number; every line that is not blank has one."""


def read_list(path: Path) -> PublicationList:
    """Read a publication list from a file: plain text, or identifiers one a line.

    Raises ListError when the file cannot be opened, is too large, empty, binary, of
    another format, or holds no paper.
    """
    text, notes = load(path)
    found = read_text(text, file=str(path))
    return dataclasses.replace(found, notes=(*notes, *found.notes))


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
    lines = split_lines(text)
    ledger = Ledger()
    if is_identifier_list(lines):
        entries, _ = merge_duplicates(read_identifiers(lines, ledger))
        return _result(file, entries, ledger, Feet((), ()))
    placed = outline(lines)
    pieces = segment(placed, ledger)
    words = vocabulary(line.text for line in lines if not line.links)
    read, positions = _entries(pieces.drafts, words, ledger)
    kept, moved = merge_duplicates(read)
    positions = {draft: moved[position] for draft, position in positions.items()}
    feet = attach(kept, pieces.feet, positions, ledger=ledger)
    if not kept:
        seen = Counter(p.role for p in placed)
        raise _no_paper(file, ledger, texts=sum(seen[role] for role in Role if role != Role.BLANK))
    return _result(file, kept, ledger, feet)


def _result(file: str, entries: Sequence[Entry], ledger: Ledger, feet: Feet) -> Account:
    found = PublicationList(
        file=file,
        entries=tuple(_numbered(entries)),
        pages=feet.pages,
        links=feet.links,
        leftovers=tuple(sorted(ledger.leftovers)),
        skipped=dict(ledger.skipped),
    )
    return Account(found, ledger.fates)


def _numbered(entries: Sequence[Entry]) -> list[Entry]:
    """Entries with the numbers that the list prints, else with their positions.

    Printed numbers that begin anew in each section name no single entry.
    """
    numbers = [entry.number for entry in entries]
    if all(numbers) and len(set(numbers)) == len(numbers):
        return list(entries)
    return [dataclasses.replace(entry, number=at) for at, entry in enumerate(entries, 1)]


def _entries(
    drafts: Sequence[Draft], words: Vocabulary, ledger: Ledger
) -> tuple[list[Entry], dict[int, int]]:
    """Entries of all drafts that were understood, and their positions by draft."""
    fields = read_entries([draft.texts for draft in drafts], words)
    entries: list[Entry] = []
    positions: dict[int, int] = {}
    for at, (draft, found) in enumerate(zip(drafts, fields, strict=True)):
        entry = _entry(draft, found)
        if isinstance(entry, Entry):
            ledger.note(draft.lines, Fate.ENTRY)
            positions[at] = len(entries)
            entries.append(entry)
        elif draft.sure or _like_a_paper(draft, found):
            ledger.leave(draft.lines, entry)
        else:
            for line in draft.lines:
                ledger.skip(line, "other text")
    return entries, positions


def _entry(draft: Draft, found: Fields | None) -> Entry | str:
    """The entry, or why the draft is none."""
    text = " ".join(draft.texts)
    if any(mark in text for mark in _MARKUP):
        return "has markup of another format, which is not read"
    links = tuple(dict.fromkeys((*whole_urls(draft.texts), *draft.links)))
    ids, doubts = certain(identifiers_in(" ".join((*links, text))))
    year = found.tail.year if found and found.tail.year is not None else draft.year
    if found is None and not (ids and draft.sure):
        return "title and authors could not be told apart"
    if found is not None and not draft.sure and year is None and not ids:
        return "no year and no identifier"
    claim = claim_in(text)
    doubts = (*doubts, *_doubts(found, year, text))
    paper = Paper(
        title=found.title if found else "",
        year=year,
        authors=found.authors if found else (),
        venue=found.tail.venue if found else "",
        ids=ids,
        claim=claim[0] if claim else None,
    )
    return Entry(
        number=draft.label or 0,
        line=draft.lines[0].number,
        paper=paper,
        links=links,
        badge=claim[1] if claim else "",
        doubts=doubts,
    )


def _like_a_paper(draft: Draft, found: Fields | None) -> bool:
    """Whether text outside of any marked list has enough of a publication to be shown."""
    text = " ".join(draft.texts)
    return found is not None or bool(identifiers_in(text))


def _doubts(found: Fields | None, year: int | None, text: str) -> tuple[str, ...]:
    doubts: list[str] = []
    if found is None:
        doubts.append(f"title and authors could not be told apart: {text[:160]}")
    elif run_together := lost_blanks(found.title):
        doubts.append(f"the title seems to have lost blanks: {', '.join(run_together)}")
    if found and found.cut:
        doubts.append("the author list is cut short")
    if year is None:
        doubts.append("no year")
    return tuple(doubts)


_REMEDY = (
    "give a publication list as plain text (for a PDF: the text taken out of it), "
    "or identifiers and URLs, one on each line"
)


def _no_paper(file: str, ledger: Ledger, *, texts: int) -> ListError:
    seen = [f"{count} of {kind}" for kind, count in ledger.skipped.most_common(4)]
    if ledger.leftovers:
        line, text, why = ledger.leftovers[0]
        seen.append(
            f"{len(ledger.leftovers)} not understood, first line {line} ({why}): {text[:80]}"
        )
    return ListError(
        f"{file}: no paper found in {texts} lines" + (f" ({'; '.join(seen)})" if seen else ""),
        remedy=f"{_REMEDY}; each entry needs a title, its authors and a year or identifier",
    )
