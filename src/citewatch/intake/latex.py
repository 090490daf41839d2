r"""LaTeX: CVs and lists of papers, each badge at its place in the file."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from citewatch.domain.badge_context import Owner
from citewatch.domain.badge_numbers import number_in
from citewatch.domain.badges import Badge, counts_in, totals_in
from citewatch.domain.identifiers import find_urls, parse_identifier
from citewatch.errors import ListError
from citewatch.intake.document import Document
from citewatch.intake.fields import Evidence, Fields, from_paragraph
from citewatch.intake.layout import read_entries
from citewatch.intake.links import identifiers_in
from citewatch.intake.marked import before_venue, from_marked, with_turned_names
from citewatch.intake.printed import Printed
from citewatch.intake.records import Findings, Record, listed
from citewatch.intake.tex_blocks import Draft, drafts_of, lines_of
from citewatch.intake.tex_press import Press
from citewatch.intake.titles import Vocabulary, vocabulary
from citewatch.ports import PublicationList

_SIGNS = "\\{}$%&~[]"
_CITING = re.compile(r"\b[Cc]it(?:ation|ed)")
_FAR, _REACH = 4_000, 400
"""Characters of an entry, from its end, and around a word that are searched for counts."""
_TIES = re.compile(r"~|\\ ")
_BRACES = 8
"""Signs that the source of a badge may have beyond its print."""
_NEAR = 12
"""Characters within which an entry begins."""
_MOST_WINDOWS = 200
"""Lines outside of entries that are searched for totals."""
_DENSE, _LONG = 4, 50_000
"""No list has a sign of LaTeX in every fourth character (the densest: every sixth)."""


def read_latex(document: Document) -> PublicationList:
    """The papers of a LaTeX file. Raises ListError when there is none.

    No file that it names with ``\\input`` or ``\\bibliography`` is opened: a note says so.
    """
    _refuse_noise(document)
    press = Press(document.text)
    printed, found = press.printed, Findings(notes=press.notes)
    blocks = drafts_of(printed)
    found.skipped.update(blocks.skipped)
    taken: list[Draft] = []
    counts = [_counts(draft.text) for draft in blocks.drafts]
    fields = _fields(blocks.drafts, counts)
    for draft, badges, read in zip(blocks.drafts, counts, fields, strict=True):
        record = _record(draft, read, printed, document.text, badges=badges)
        why = _why_none(draft, record)
        if not why:
            found.records.append(record)
            taken.append(draft)
        elif taken and draft.depth > taken[-1].depth and record.start >= found.records[-1].end:
            # Items within an entry's item say more of it.
            found.records[-1] = _joined(found.records[-1], record)
            taken.append(dataclasses.replace(draft, depth=taken[-1].depth))
        elif draft.sure:
            found.leave(record.start, draft.text, why)
        else:
            found.skip("other text")
    found.totals += _totals(printed, taken)
    return listed(found, document, kind="LaTeX")


def _refuse_noise(document: Document) -> None:
    text = document.text
    if len(text) > _LONG and sum(map(text.count, _SIGNS)) * _DENSE > len(text):
        raise ListError(
            f"{document.path}: hardly anything but braces and signs, so no publication list",
            remedy="give the LaTeX file that has the entries",
        )


def _counts(text: str) -> tuple[Badge, ...]:
    """The counts of an entry: at its end, where it is a long one."""
    if "cit" not in text.casefold():
        return ()
    if len(text) <= _FAR:
        return counts_in(text)
    skipped = len(text) - _FAR
    return tuple(
        dataclasses.replace(one, start=one.start + skipped, end=one.end + skipped)
        for one in counts_in(text[skipped:])
    )


def _fields(drafts: Sequence[Draft], counts: Sequence[Sequence[Badge]]) -> list[Fields | None]:
    """Each draft's fields as its markup shows them, else as its words do."""
    texts = [_blanked(draft.text, found) for draft, found in zip(drafts, counts, strict=True)]
    marked = [from_marked(text, draft.runs) for text, draft in zip(texts, drafts, strict=True)]
    lines = [lines_of(text) for text in texts]
    words = vocabulary(line for entry in lines for line in entry)
    rest = [entry for entry, fields in zip(lines, marked, strict=True) if fields is None]
    plain = iter(read_entries(rest, words))
    found = [fields if fields is not None else next(plain) for fields in marked]
    return [
        fields or _turned(entry, words) or before_venue(text, draft.runs)
        for draft, text, entry, fields in zip(drafts, texts, lines, found, strict=True)
    ]


def _blanked(text: str, counts: Sequence[Badge]) -> str:
    """A text with blanks in place of its badges."""
    for badge in counts:
        text = f"{text[: badge.start]}{' ' * (badge.end - badge.start)}{text[badge.end :]}"
    return text


def _turned(lines: Sequence[str], words: Vocabulary) -> Fields | None:
    """The fields of an entry that commas alone part: "Roe, Jane, Poe, Jack, 2019, Title"."""
    text = " ".join(lines)
    turned = with_turned_names(text)
    return from_paragraph(turned, Evidence(words)) if turned != text else None


def _record(
    draft: Draft, fields: Fields | None, printed: Printed, text: str, *, badges: Sequence[Badge]
) -> Record:
    links = [run.value for run in draft.runs if run.kind == "link"]
    links = list(dict.fromkeys((*links, *find_urls(draft.text))))
    ids = [parse_identifier(link) for link in links]
    start, end = printed.extent(draft.offset, draft.offset + len(draft.text.rstrip()))
    badge, words, claim, doubts = _badge(draft, badges, printed, text)
    if fields is not None and fields.cut:
        doubts.append("the author list is cut short")
    return Record(
        start=min(draft.source, start),
        end=end,
        title=fields.title if fields else "",
        authors=fields.authors if fields else (),
        year=fields.tail.year if fields else None,
        venue=fields.tail.venue if fields else "",
        ids=tuple(dict.fromkeys((*filter(None, ids), *identifiers_in(draft.text)))),
        links=tuple(link for link in links if link.lower().startswith("http")),
        badge=badge,
        words=words,
        claim=claim,
        number=draft.label or 0,
        doubts=tuple(doubts),
    )


def _set_apart(draft: Draft, record: Record) -> bool:
    """Whether an entry begins with its title, in quotes or a link: its author needs no name."""
    head = draft.text.lstrip()[: len(record.title) + 2]
    linked = any(run.kind == "link" and run.start < _NEAR for run in draft.runs)
    return head[:1] in '“"«„' or (linked and head.startswith(record.title[:_NEAR]))


def _joined(whole: Record, part: Record) -> Record:
    """An entry with what one of its own items says: it may hold the badge."""
    whole = dataclasses.replace(whole, end=max(whole.end, part.end))
    if whole.claim is not None or part.claim is None:
        return whole
    return dataclasses.replace(whole, badge=part.badge, words=part.words, claim=part.claim)


def _badge(
    draft: Draft, counts: Sequence[Badge], printed: Printed, text: str
) -> tuple[Badge | None, str, int | None, list[str]]:
    """The entry's badge at its place; its words, its number, and doubts about it."""
    found = [badge for badge in counts if badge.kind is Owner.PAPER]
    if not found:
        return None, "", None, []
    first = found[0]
    doubts = []
    if len({badge.claim for badge in found}) > 1:
        others = ", ".join(badge.text for badge in found[1:4])
        doubts.append(f"several counts of citations: {first.text} was taken, not {others}")
    placed = _placed(first, draft.offset, printed, text)
    if placed is None:
        doubts.append("the count is written by a macro, so it can only be changed by hand")
    return placed, first.text, first.claim, doubts


def _placed(badge: Badge, offset: int, printed: Printed, text: str) -> Badge | None:
    """A badge of the print at its place in the file; its number alone where markup is between."""
    number = number_in(badge.text)
    if number is None:
        return None
    plus = badge.text[number.end :].startswith("+")
    spans = (
        (badge.start, badge.end),
        (badge.start + number.start, badge.start + number.end + plus),
    )
    for start, end in spans:
        source = printed.extent(offset + start, offset + end)
        words = text[source[0] : source[1]]
        if len(words) > 2 * (end - start) + _BRACES:
            continue
        read = number_in(words)
        if read is not None and read.value == badge.claim and _same(words, badge, start, end):
            return Badge(
                text=words, claim=badge.claim, start=source[0], end=source[1], style=badge.style
            )
    return None


def _same(words: str, badge: Badge, start: int, end: int) -> bool:
    """Whether the file's words are the printed ones, but for ties and the braces of "1{,}204"."""
    shown = badge.text[start - badge.start : end - badge.start]
    return _TIES.sub(" ", words.replace("{,}", ",")) == shown


def _totals(printed: Printed, taken: Sequence[Draft]) -> list[tuple[int, str, int]]:
    """Counts over all papers, outside of entries."""
    found: list[tuple[int, str, int]] = []
    at = windows = 0
    for start, end in (*((d.start, d.end) for d in taken), (printed.length, printed.length)):
        for lo, hi in _windows(printed.text, at, start):
            windows += 1
            if windows > _MOST_WINDOWS:
                return found
            for badge in totals_in(printed.text[lo:hi]):
                place = printed.source_at(lo + badge.start)[0]
                found.append((place, badge.text, badge.claim))
        at = max(at, end)
    return found


def _windows(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines, or parts of them, in which citations are spoken of."""
    done = start
    for found in _CITING.finditer(text, start, end):
        if found.start() < done:
            continue
        lo = max(text.rfind("\n", done, found.start()) + 1, found.start() - _REACH, done)
        hi = text.find("\n", found.end(), min(end, found.end() + _REACH))
        done = hi if hi >= 0 else min(end, found.end() + _REACH)
        yield lo, done


def _why_none(draft: Draft, record: Record) -> str:
    """Why this is no entry; "" when it is one."""
    if not record.title:
        if draft.sure and record.ids:
            return ""
        return "title and authors could not be told apart"
    if draft.sure:
        known = record.authors or record.ids or record.year
        return "" if known else "no author, year or identifier"
    if draft.listed and record.year is not None and (record.authors or _set_apart(draft, record)):
        return ""
    if len(record.authors) < 2 and not record.ids:
        return "outside of a list of papers, with neither several authors nor an identifier"
    if not record.authors or (record.year is None and not record.ids):
        return "no authors, or neither year nor identifier"
    return ""
