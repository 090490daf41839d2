"""The words of one block of a page taken apart: title, authors, venue, year.

What the markup sets apart (a linked or stressed title) speaks first, then lines of their
own, then the words alone. Buttons ("PDF", "Code"), dates on lines of their own, venues on
a label in front and counts of citations are put aside before.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from functools import lru_cache

from citewatch.domain.badges import counts_in
from citewatch.intake.fields import Evidence, Fields, from_paragraph
from citewatch.intake.layout import read_entries
from citewatch.intake.lines import clean
from citewatch.intake.marked import Run, clean_title, from_marked
from citewatch.intake.names import read_names
from citewatch.intake.style import mark_of
from citewatch.intake.titles import Vocabulary
from citewatch.intake.tree import SOFT
from citewatch.intake.venues import VENUE_WORDS, Tail, read_tail

_BUTTON = re.compile(
    r"\W*(?:(?:full\s+|download\s+|official\s+|view\s+|read\s+)?(?:pdf|paper|code|codes|doi|arxiv|"
    r"url|slides?|video|talk|bib|bibtex|html|link|links|abs|abstract|cite|poster|data|dataset|"
    r"website|web|blog|demo|models?|supp(?:lement(?:ary|al)?)?|appendix|openreview|github|project|"
    r"preprint|publisher|media|press|page|acm|ieee|springer|scholar|more)(?:\s+page|\s+version)?)\W*",
    re.IGNORECASE,
)
_DATE_LINE = re.compile(
    r"^[ \t]*(?:(?:[A-Z][a-z]{2,8}\.?[ ,]+)?(?:\d{1,2},?\s+)?((?:19[3-9]|20[0-4])\d))[ \t]*$",
    re.MULTILINE,
)
_LABEL = re.compile(
    r"\W{0,3}([A-Z][\w&.’'/ -]{0,28}?[ ’'-]?(?:19|20)?\d\d|[A-Z][A-Za-z-]{1,12})\W{0,4}[\s:·|–-]+"
)
_RECITED = re.compile(
    r"^\W*(?:recommended\s+)?(?:citation|cite\s+as|reference)\s*:\s*", re.IGNORECASE
)
_CARD = 3
"""Lines of a card, at least."""
_AHEAD = 6
"""Characters, a number, in front of a title."""


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """A block's text with its runs, both placed in it."""

    text: str
    runs: tuple[Run, ...]
    year: int | None = None
    """From a date that stands on a line of its own."""


def prepared(text: str, runs: Sequence[Run]) -> Words:
    """A block's words without counts, buttons and lone dates; every place stays."""
    for count in counts_in(text):
        text = _blanked(text, count.start, count.end)
    kept: list[Run] = []
    for run in runs:
        if run.kind == "link" and _BUTTON.fullmatch(text, run.start, run.end):
            text = _blanked(text, run.start, run.end)
        else:
            kept.append(run)
    year = None
    found = _DATE_LINE.search(text)
    if found is not None and "\n" in text.strip():
        year = int(found[1])
        text = _blanked(text, found.start(), found.end())
    return Words(text, tuple(kept), year)


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def fields_of(words: Words, vocabulary: Vocabulary) -> Fields | None:
    """What the markup says; None where it says nothing and the lines have to."""
    return _card(words) or _dated(_marked(words, vocabulary), words.year)


def best_fields(words: Words, vocabulary: Vocabulary) -> Fields | None:
    """What the markup says, or the lines."""
    return fields_of(words, vocabulary) or by_lines(words, vocabulary)[1]


def _card(words: Words) -> Fields | None:
    """Title, authors and the rest on lines of their own, the title linked or stressed."""
    text, runs = words.text, words.runs
    lines = [line.strip() for line in re.split(rf"[\n{SOFT}]", text) if line.strip()]
    if len(lines) < _CARD or not runs or runs[0].start > _AHEAD:
        return None
    title = text[runs[0].start : runs[0].end].strip()
    if "\n" in title or SOFT in title or " " not in title or lines[0].find(title) < 0:
        return None
    names = read_names(lines[1])
    if names is None or not all(word[:1].isupper() for word in lines[1].split()[:2]):
        return None
    tail = read_tail(" ".join(lines[2:]))
    year = tail.year if tail.year is not None else words.year
    return (
        Fields(clean_title(title), names.names, Tail(tail.venue, year), names.cut) if year else None
    )


def _marked(words: Words, vocabulary: Vocabulary) -> Fields | None:
    fields = from_marked(words.text, words.runs) or _labelled(words)
    if fields is None or not fields.title:
        return None
    if fields.authors and (fields.tail.year is not None or fields.tail.venue or words.year):
        return fields
    recited = _recited(words, fields, vocabulary)
    if recited is not None:
        return recited
    other = by_lines(words, vocabulary)[1]
    if other is not None and other.authors:
        return other
    year = fields.tail.year if fields.tail.year is not None else words.year
    return fields if year is not None else None


def _labelled(words: Words) -> Fields | None:
    """An entry with its venue on a label in front of its title: "ICML 2021 | Title"."""
    label = _LABEL.match(words.text)
    if label is None or not (VENUE_WORDS.search(label[1]) or re.search(r"\d\d", label[1])):
        return None
    first = next((run for run in words.runs if run.end > label.end()), None)
    if first is None or abs(first.start - label.end()) > _AHEAD:
        return None
    at = min(first.start, label.end())
    runs = [
        Run(run.kind, run.start - at, run.end - at, run.value)
        for run in words.runs
        if run.start >= at
    ]
    fields = from_marked(words.text[at:], runs)
    if fields is None:
        return None
    told = read_tail(label[1])
    tail = Tail(told.venue or fields.tail.venue, told.year or fields.tail.year)
    return dataclasses.replace(fields, tail=tail)


def _recited(words: Words, fields: Fields, vocabulary: Vocabulary) -> Fields | None:
    """A whole citation below a title that stands alone: "Recommended citation: …"."""
    for line in words.text.split("\n"):
        said = _RECITED.match(line)
        if said is None:
            continue
        found = from_paragraph(" ".join(clean(line[said.end() :]).split()), Evidence(vocabulary))
        if found is not None and found.authors:
            year = found.tail.year if found.tail.year is not None else fields.tail.year
            return dataclasses.replace(found, title=fields.title, tail=Tail(found.tail.venue, year))
    return None


def _dated(fields: Fields | None, year: int | None) -> Fields | None:
    if fields is None or fields.tail.year is not None or year is None:
        return fields
    return dataclasses.replace(fields, tail=Tail(fields.tail.venue, year))


def by_lines(words: Words, vocabulary: Vocabulary) -> tuple[list[str], Fields | None]:
    """The lines of an entry and what they say; the file's own lines where those say more."""
    return _by_lines(words.text, vocabulary)


@lru_cache(maxsize=256)
def _by_lines(text: str, vocabulary: Vocabulary) -> tuple[list[str], Fields | None]:
    first = without_mark(lines_of(text))
    fields = read_entries([first], vocabulary)[0]
    if SOFT in text and (fields is None or not fields.authors):
        lines = without_mark(lines_of(text.replace(SOFT, "\n")))
        other = read_entries([lines], vocabulary)[0]
        if other is not None and other.authors:
            return lines, other
    return first, fields


def lines_of(text: str) -> list[str]:
    """The lines that hold anything, cleaned."""
    lines = (" ".join(clean(line).split()) for line in text.split("\n"))
    return [line for line in lines if line]


def without_mark(texts: list[str]) -> list[str]:
    """Lines without the number or bullet in front of the first."""
    mark = mark_of(texts[0]) if texts else None
    return [mark.rest, *texts[1:]] if mark else texts
