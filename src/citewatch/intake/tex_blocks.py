"""A printed LaTeX file cut into what may be entries, by its items, records and paragraphs."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from citewatch.intake.lines import Line
from citewatch.intake.marked import Run
from citewatch.intake.printed import M, Mark, Printed
from citewatch.intake.sections import heading_of
from citewatch.intake.unmarked import split_block

_PARAGRAPHS = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_NUMBER = re.compile(r"\W*(?:[A-Z]{1,2}[-.]?)?(\d{1,4})\W*")
_NUMBER_AHEAD = re.compile(r"\s*(?:\[\s*[A-Z]{0,2}(\d{1,3})\s*\]|(\d{1,3})[.)](?=\s))\s*")
_OF_PAPERS = re.compile(
    r"(?:(?:selected|refereed|peer[- ]reviewed|international|recent|other|invited|in|and|&|/|my|"
    r"journals?|conferences?|workshops?|symposia|works?|arxiv|letters|research|outputs?|scholarly|"
    r"accepted|submitted|forthcoming|under|review|preparation|to|appear|unpublished|technical|"
    r"reports?|book|chapters?|scholarship)(?:\s+|,\s*|:?$))+",
    re.IGNORECASE,
)
"""Words that head a list of papers where the markup says that they are a heading."""
_SHORTEST, _LEAST, _LONGEST = 25, 12, 60_000
"""Characters of an entry among paragraphs, of an item, and of an entry with 3,000 authors."""
_EMPTY = re.compile(r"[(\[]\s*[)\]]")


@dataclass(frozen=True, slots=True)
class Draft:
    """Printed characters [start, end) that may be an entry."""

    start: int
    end: int
    text: str
    """Its own text, without its label; `runs` count from its beginning."""
    runs: tuple[Run, ...]
    sure: bool
    """Whether it is an item of a list of papers."""
    listed: bool = False
    """Whether it stands in a section of papers at all."""
    depth: int = 0
    """Of its list, among lists within lists."""
    label: int | None = None
    source: int = 0
    """Where in the file its markup begins."""
    offset: int = 0
    """Printed characters before ``text``: where the label ends."""


@dataclass(slots=True)
class Blocks:
    """What a file was cut into."""

    drafts: list[Draft] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Piece:
    kind: str
    """"item", "text" or "heading"."""
    start: int
    end: int
    source: int | None = None
    label: Mark | None = None
    level: int = 0
    """Of a heading; of an item's list."""
    of_bibliography: bool = False


@dataclass(slots=True)
class _Section:
    """Where in the document we are: ``kind`` is None before any heading."""

    kind: str | None = None
    level: int = 0

    def enter(self, text: str, level: int) -> None:
        """A heading: a deeper one with unknown words divides its section and closes it not."""
        heading = heading_of(" ".join(text.split()))
        if heading is not None and heading.kind == "year":
            return
        if heading is None and self.kind is not None and level > self.level:
            return
        known = heading.kind if heading else "unknown"
        self.kind = "papers" if heading is None and _OF_PAPERS.fullmatch(text.strip()) else known
        self.level = level


def lines_of(text: str) -> list[str]:
    """Lines with single blanks, without brackets that hold nothing; none is empty."""
    lines = (_EMPTY.sub(" ", " ".join(line.split())).strip() for line in text.splitlines())
    return [line for line in lines if line]


def drafts_of(printed: Printed) -> Blocks:
    """All drafts of a file, in order; sections that are not about papers are skipped."""
    blocks, section = Blocks(), _Section()
    runs = _runs(printed.marks)
    for piece in _pieces(printed):
        text = printed.text[piece.start : piece.end]
        if piece.kind == "heading":
            section.enter(text, piece.level)
            continue
        if piece.kind == "text" and heading_of(" ".join(text.split())):
            section.enter(text, _BY_WORDS)
            continue
        if section.kind not in (None, "papers", "unknown"):
            blocks.skipped[section.kind] += sum(bool(line.strip()) for line in text.splitlines())
            continue
        listed = section.kind == "papers"
        if len(text) > _LONGEST:
            blocks.skipped["text too long for an entry"] += 1
            continue
        if piece.kind == "item" and len(text) < _LEAST:
            blocks.skipped["other text"] += 1
            continue
        if piece.kind == "item":
            blocks.drafts.append(_draft(printed, piece, runs, listed=listed))
            continue
        for start, end in _entries_of(text, piece.start):
            if len(printed.text[start:end].strip()) >= _SHORTEST:
                part = _Piece("text", start, end)
                blocks.drafts.append(_draft(printed, part, runs, listed=listed))
            else:
                blocks.skipped["other text"] += 1
    return blocks


_BY_WORDS = 9
"""The depth of a heading that is one by its words alone."""


def _pieces(printed: Printed) -> Iterator[_Piece]:
    """Items, headings, and the paragraphs between them."""
    events = sorted(
        (mark for mark in printed.marks if mark.kind in (M.ITEM, M.CUT, M.HEADING)),
        key=lambda mark: (mark.start, mark.kind is M.ITEM),
    )
    labels = {mark.start: mark for mark in printed.marks if mark.kind is M.LABEL}
    at, item = 0, None
    for event in events:
        yield from _until(printed, at, event.start, item, labels)
        at, item = event.start, event if event.kind is M.ITEM else None
        if event.kind is M.HEADING:
            yield _Piece("heading", event.start, event.end, level=event.value.count("sub") + 1)
            at = event.end
    yield from _until(printed, at, printed.length, item, labels)


def _until(
    printed: Printed, start: int, end: int, item: Mark | None, labels: dict[int, Mark]
) -> Iterator[_Piece]:
    if start >= end or not printed.text[start:end].strip():
        return
    if item is not None:
        level = int(item.value) if item.value.isdigit() else 0
        yield _Piece("item", start, end, item.source, labels.get(start), level, item.value == "bib")
        return
    for found in _PARAGRAPHS.split(printed.text[start:end]):
        place = printed.text.index(found, start)
        start = place + len(found)
        if found.strip():
            yield _Piece("text", place, start)


def _entries_of(text: str, start: int) -> Iterator[tuple[int, int]]:
    """One paragraph, or its lines where each of them is an entry."""
    bounds: list[tuple[int, int]] = []
    lines: list[Line] = []
    for found in re.finditer(r"[^\n]+", text):
        if found[0].strip():
            bounds.append((start + found.start(), start + found.end()))
            lines.append(Line(len(bounds), " ".join(found[0].split()), 0, 0))
    for group in split_block(lines):
        yield bounds[group[0].number - 1][0], bounds[group[-1].number - 1][1]


def _runs(marks: list[Mark]) -> list[tuple[int, int, Run]]:
    """Marks over words, by their places, in order."""
    kinds = {
        M.LINK: "link",
        M.EMPHASIS: "emphasis",
        M.BOLD: "bold",
        M.FIELD: "field",
        M.CELL: "cell",
        M.BLOCK: "block",
    }
    found = [
        (mark.start, mark.end, Run(_kind(mark, kinds[mark.kind]), 0, 0, mark.value))
        for mark in marks
        if mark.kind in kinds and (mark.end > mark.start or mark.kind is not M.LINK)
    ]
    return sorted(found, key=lambda one: (one[0], one[1]))


def _kind(mark: Mark, kind: str) -> str:
    return f"field:{mark.value}" if kind == "field" else kind


def _draft(
    printed: Printed, piece: _Piece, runs: list[tuple[int, int, Run]], *, listed: bool
) -> Draft:
    """The draft of a piece; label and marks are told apart from its text."""
    start, label = piece.start, None
    if piece.label is not None:
        start = piece.label.end
        found = _NUMBER.fullmatch(printed.text[piece.label.start : piece.label.end])
        label = int(found[1]) if found else None
    elif ahead := _NUMBER_AHEAD.match(printed.text, piece.start, piece.end):
        start, label = ahead.end(), int(ahead[1] or ahead[2])
    source = piece.source if piece.source is not None else _first_source(printed, start, piece.end)
    return Draft(
        start=piece.start,
        end=piece.end,
        text=printed.text[start : piece.end],
        runs=tuple(_within(runs, start, piece.end)),
        sure=piece.of_bibliography or (listed and piece.kind == "item"),
        listed=listed,
        depth=piece.level,
        label=label,
        source=source,
        offset=start,
    )


def _first_source(printed: Printed, start: int, end: int) -> int:
    text = printed.text[start:end]
    return printed.source_at(start + len(text) - len(text.lstrip()))[0]


def _within(runs: list[tuple[int, int, Run]], start: int, end: int) -> Iterator[Run]:
    """The runs within [start, end), counted from there."""
    at = bisect_left(runs, (start, -1), key=lambda one: (one[0], one[1]))
    while at < len(runs) and runs[at][0] < end:
        lo, hi, run = runs[at]
        if hi <= end:
            yield Run(run.kind, lo - start, hi - start, run.value)
        at += 1
