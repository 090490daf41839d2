"""Where each entry begins and ends, and which links stand at the foot of which page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from citewatch.domain.badges import Badge, claim_in
from citewatch.intake.fields import Fields
from citewatch.intake.ledger import Ledger
from citewatch.intake.lines import Fate, Line, web_links
from citewatch.intake.links import identifiers_in
from citewatch.intake.names import read_names
from citewatch.intake.outline import Placed, Role
from citewatch.intake.style import Mark, Marker, begins, mark_of, style_of
from citewatch.intake.unmarked import split_block
from citewatch.intake.venues import ends_entry, has_year

_FEW = 2
"""Links that one entry has below it at most; a page's foot has more."""
_SHORT = 70
"""A line of at most so many characters, alone and without digits, is a sub-heading."""


@dataclass(slots=True)
class Draft:
    """The lines of one entry, before they are taken apart."""

    lines: list[Line]
    texts: list[str]
    """As `lines`, without marker."""
    label: int | None = None
    year: int | None = None
    """From a heading above."""
    links: list[str] = field(default_factory=list)
    sure: bool = True
    """Whether a marker or a heading says that this is an entry."""
    fields: Fields | None = None
    """What the file's own structure says (the columns of a table)."""
    badge: Badge | None = None
    """A count that the structure gives, with its place."""
    span: tuple[int, int] | None = None
    """Its place in the file, where it is more than its lines."""


@dataclass(slots=True)
class Foot:
    """The links at a page's foot with the drafts that begin or go on above them."""

    drafts: list[int]
    lines: list[Line]


@dataclass(slots=True)
class Segments:
    """The whole document in pieces."""

    drafts: list[Draft] = field(default_factory=list)
    feet: list[Foot] = field(default_factory=list)


class _Walk:
    """One walk over the lines of a document, from the first to the last."""

    def __init__(self, ledger: Ledger, *, style: tuple[Marker, str] | None, sure: bool) -> None:
        self.ledger = ledger
        self.style = style
        self.sure = sure
        self.inline = False
        self.found = Segments()
        self.current: Draft | None = None
        self.before: int | None = None
        self.above: list[int] = []
        """Drafts on the page so far."""
        self.foot: list[Line] = []
        self.block: list[Placed] = []
        self.in_entry = False
        """Whether the line before was a link that belongs to the current entry."""

    def step(self, placed: Placed) -> None:
        """Take one line."""
        line = placed.line
        if self.foot and placed.role in (Role.TEXT, Role.HEADING):
            self.end_page()
        if placed.role is not Role.TEXT and self.style is None:
            self.end_block()
        if placed.role is not Role.LINKS:
            self.in_entry = False
        match placed.role:
            case Role.BLANK:
                return
            case Role.FURNITURE:
                self.ledger.skip(line, placed.kind)
            case Role.HEADING:
                self.ledger.note([line], Fate.HEADING)
                self.current, self.before = None, None
            case Role.LINKS:
                self._links(placed)
            case Role.TEXT:
                self._text(placed)

    def _links(self, placed: Placed) -> None:
        line = placed.line
        attached = not self.foot and (self.in_entry or not placed.free)
        self.in_entry = self.inline and attached and self.current is not None
        if self.in_entry and self.current is not None:
            self.current.links += web_links(line.links)
            self.current.lines.append(line)
        elif not web_links(line.links):
            self.ledger.skip(line, "e-mail addresses")
        else:
            self.foot.append(line)

    def _text(self, placed: Placed) -> None:
        line = placed.line
        if not placed.open:
            if identifiers_in(line.text):
                self.ledger.leave([line], f"has an identifier but stands under {placed.section}")
            else:
                self.ledger.skip(line, placed.section)
            return
        if self.style is None:
            self.block.append(placed)
            return
        mark = mark_of(line.text)
        if begins(mark, self.style, before=self.before, free=placed.free) and mark is not None:
            self._begin(placed, mark)
        elif self.current is None:
            self._stray(placed)
        elif placed.free and _complete(self.current):
            self._behind(placed)
        else:
            self._go_on(line)

    def _begin(self, placed: Placed, mark: Mark) -> None:
        self.before = mark.number
        draft = Draft([placed.line], [mark.rest], mark.number, placed.year, sure=self.sure)
        self.add(draft)

    def add(self, draft: Draft) -> None:
        """One more entry on this page."""
        self.current = draft
        self.above.append(len(self.found.drafts))
        self.found.drafts.append(draft)

    def _go_on(self, line: Line) -> None:
        if self.current is None:
            return
        self.current.lines.append(line)
        self.current.texts.append(line.text)
        last = len(self.found.drafts) - 1
        if not self.above:
            # It began on the page before: its links may stand at this page's foot too.
            self.above.append(last)

    def _behind(self, placed: Placed) -> None:
        """Text behind an entry that has come to its end."""
        text = placed.line.text
        if len(text) <= _SHORT and claim_in(text):
            self._go_on(placed.line)
        elif len(text) <= _SHORT and not re.search(r"\d", text) and not text.endswith((".", ",")):
            self.ledger.note([placed.line], Fate.HEADING)
        else:
            self._stray(placed)

    def _stray(self, placed: Placed) -> None:
        text = placed.line.text
        if _looks_published(text):
            self.ledger.leave([placed.line], "looks like a publication without a number")
        else:
            self.ledger.skip(placed.line, "remarks")

    def end_block(self) -> None:
        """A blank or other line ends a block of text in a list without markers."""
        block, self.block = self.block, []
        if not block:
            return
        goes_on = self.current is not None and not _complete(self.current)
        if goes_on and self.above == [] and has_year(block[-1].line.text):
            # The entry was cut by a page's end.
            for placed in block:
                self._go_on(placed.line)
            return
        for lines in split_block([placed.line for placed in block]):
            texts = [line.text for line in lines]
            self.add(Draft(list(lines), texts, None, block[0].year, sure=False))

    def end_page(self) -> None:
        """The links so far were the foot of a page."""
        foot, self.foot = self.foot, []
        above, self.above = self.above, []
        if foot:
            self.found.feet.append(Foot(above, foot))


def segment(placed: Sequence[Placed], ledger: Ledger) -> Segments:
    """Cut a document into drafts of entries and the feet of its pages."""
    texts = [p.line.text for p in placed if p.role is Role.TEXT and p.open]
    sure = any(p.role is Role.HEADING and p.open for p in placed)
    style = style_of(texts)
    walk = _Walk(ledger, style=style, sure=sure)
    walk.inline = _links_inline(placed, style)
    page = 0
    for one in placed:
        if one.line.page != page:
            page = one.line.page
            if style is None:
                walk.end_block()
            walk.end_page()
        walk.step(one)
    walk.end_block()
    walk.end_page()
    return walk.found


def _links_inline(placed: Sequence[Placed], style: tuple[Marker, str] | None) -> bool:
    """Whether lines of links belong to the entry right above them, not to the page.

    So it is where about every second entry has such a line directly below its text, and
    where blank lines part the entries: the foot of a page would have one above it too.
    """
    attached = entries = apart = longest = length = 0
    for before, one in zip((None, *placed[:-1]), placed, strict=True):
        if not one.open:
            continue
        length = length + len(one.line.links) if one.role is Role.LINKS else 0
        longest = max(longest, length)
        begun = one.role is Role.TEXT and _may_begin(one, style)
        entries += begun
        apart += begun and one.free
        if one.role is Role.LINKS and before is not None and before.role is Role.TEXT:
            attached += 1
    if attached * 2 >= entries:
        return attached > 0
    return attached > 0 and longest <= _FEW and apart * 4 >= entries * 3


def _may_begin(one: Placed, style: tuple[Marker, str] | None) -> bool:
    if style is None:
        return one.free
    mark = mark_of(one.line.text)
    return mark is not None and mark.marker is style[0]


def _complete(draft: Draft) -> bool:
    """Whether an entry seems to have come to its end: its last line says the year."""
    last = draft.texts[-1]
    if ends_entry(last):
        return True
    return has_year(last) and (len(draft.texts) > 1 or len(last) > 100)


def _looks_published(text: str) -> bool:
    if identifiers_in(text):
        return True
    return has_year(text) and read_names(text.split(". ")[0]) is not None
