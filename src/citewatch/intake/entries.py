"""From the pieces that a file was cut into to entries, each with its place and its doubts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from citewatch.domain.badges import claim_in
from citewatch.domain.papers import Paper
from citewatch.intake.badge_places import View, badge_of
from citewatch.intake.fields import Fields
from citewatch.intake.layout import read_entries
from citewatch.intake.ledger import Ledger
from citewatch.intake.lines import Fate
from citewatch.intake.links import certain, identifiers_in, whole_urls
from citewatch.intake.segment import Draft
from citewatch.intake.titles import Vocabulary, join_lines, lost_blanks
from citewatch.ports import Entry

_MARKUP = ("](", "\\href", "\\textbf", "</", "| --", "{{", "{%", "<br")

_RAISED = re.compile(r"</?(?:su[bp]|i|b|em|strong|scp|tt)>", re.IGNORECASE)
"""Tags that databases leave in titles, in files of every format."""


def make_entries(
    drafts: Sequence[Draft], words: Vocabulary, ledger: Ledger, *, view: View | None
) -> tuple[list[Entry], dict[int, int]]:
    """Entries of all drafts that were understood, and their positions by draft.

    ``view`` is the file; None where it has no text that could be edited (a PDF).
    """
    for draft in drafts:
        if re.search("[<&]", "".join(draft.texts)):
            draft.texts = [_shown(text) for text in draft.texts]
    fields = _fields(drafts, words)
    entries: list[Entry] = []
    positions: dict[int, int] = {}
    for at, (draft, found) in enumerate(zip(drafts, fields, strict=True)):
        entry = _entry(draft, found, words, view=view)
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


def _shown(text: str) -> str:
    for written, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(written, sign)
    return _RAISED.sub("", text)


def _fields(drafts: Sequence[Draft], words: Vocabulary) -> list[Fields | None]:
    """What the file's own structure says, else what the lines are understood to say."""
    read = iter(read_entries([d.texts for d in drafts if d.fields is None], words))
    return [draft.fields or next(read) for draft in drafts]


def _entry(
    draft: Draft, found: Fields | None, words: Vocabulary, *, view: View | None
) -> Entry | str:
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
    badge = draft.badge or (badge_of(view, draft.lines) if view else None)
    told = (badge.claim, badge.text) if badge else claim_in(join_lines(draft.texts, words))
    paper = Paper(
        title=found.title if found else "",
        year=year,
        authors=found.authors if found else (),
        venue=found.tail.venue if found else "",
        ids=ids,
        claim=told[0] if told else None,
    )
    first, last = draft.lines[0], draft.lines[-1]
    return Entry(
        number=draft.label or 0,
        line=first.number,
        paper=paper,
        links=links,
        badge=" ".join(told[1].split()) if told else "",
        doubts=(*doubts, *_doubts(found, year, text, unplaced=bool(view and told and not badge))),
        place=badge if view else None,
        badge_line=view.line_at(badge.start) if view and badge else None,
        span=(draft.span or (first.start, last.end)) if view else None,
        page=None if view else first.page + 1,
    )


def _like_a_paper(draft: Draft, found: Fields | None) -> bool:
    """Whether text outside of any marked list has enough of a publication to be shown."""
    return found is not None or bool(identifiers_in(" ".join(draft.texts)))


def _doubts(
    found: Fields | None, year: int | None, text: str, *, unplaced: bool
) -> tuple[str, ...]:
    doubts: list[str] = []
    if found is None:
        doubts.append(f"title and authors could not be told apart: {text[:160]}")
    elif run_together := lost_blanks(found.title):
        doubts.append(f"the title seems to have lost blanks: {', '.join(run_together)}")
    if found and found.cut:
        doubts.append("the author list is cut short")
    if year is None:
        doubts.append("no year")
    if unplaced:
        doubts.append("the badge is cut in two and cannot be edited in place")
    return tuple(doubts)
