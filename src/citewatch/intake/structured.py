"""From a page's blocks to a publication list: HTML and Markdown take the same way."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from citewatch.domain.badges import counts_in
from citewatch.domain.identifiers import find_urls
from citewatch.intake.badge_places import View, totals, view_of
from citewatch.intake.decode import CAN_READ
from citewatch.intake.document import Document
from citewatch.intake.duplicates import merge_duplicates
from citewatch.intake.entries import make_entries
from citewatch.intake.fields import Fields
from citewatch.intake.layout import read_entries
from citewatch.intake.ledger import Ledger
from citewatch.intake.lines import Line, clean
from citewatch.intake.links import identifiers_in
from citewatch.intake.marked import Run, clean_title, from_marked
from citewatch.intake.names import read_names
from citewatch.intake.outline import PAPERS
from citewatch.intake.pages import Feet
from citewatch.intake.reader import no_paper, publications
from citewatch.intake.segment import Draft
from citewatch.intake.style import mark_of
from citewatch.intake.tables import rows_of_tables, totals_of_profile
from citewatch.intake.titles import Vocabulary, vocabulary
from citewatch.intake.tree import Block, Tree
from citewatch.intake.units import Unit, units_of
from citewatch.intake.venues import VENUE_WORDS, read_tail
from citewatch.ports import PublicationList

_LINKS = 400
"""Links that are told of a page beyond those of its entries."""


def read_tree(tree: Tree, document: Document) -> PublicationList:
    """The publication list that a page holds.

    Raises ListError when it holds no paper.
    """
    page = _Page(tree, document)
    rows, taken = rows_of_tables(tree, page.view)
    page.taken = {id(block) for block in taken}
    units, headings = units_of(tree, page.reads)
    listed = [unit for unit in units if unit.section == PAPERS]
    drafts = [*rows, *(page.draft(unit) for unit in listed if not page.of_table(unit.block))]
    drafts.sort(key=lambda draft: draft.span or (0, 0))
    opened = bool(rows) or any(unit.section != PAPERS for unit in units) or bool(headings)
    for draft in drafts:
        draft.sure = draft.fields is not None or (opened and draft.sure)
    ledger = Ledger()
    for unit in units:
        if unit.section != PAPERS:
            page.elsewhere(unit, ledger)
    read, _ = make_entries(drafts, page.words, ledger, view=page.view)
    kept, _ = merge_duplicates(read)
    if not kept:
        raise no_paper(str(document.path), ledger, texts=len(drafts), remedy=CAN_READ)
    found = publications(str(document.path), kept, ledger, Feet((), ()))
    known = {link for entry in kept for link in entry.links}
    spans = [entry.span for entry in read if entry.span]
    return dataclasses.replace(
        found,
        links=tuple(dict.fromkeys(u for u in page.links() if u not in known))[:_LINKS],
        totals=totals_of_profile(tree, page.view)
        or totals(page.view, spans, [block.source for block in headings]),
    )


class _Page:
    """One page that is being read."""

    def __init__(self, tree: Tree, document: Document) -> None:
        self.tree = tree
        self.view: View = view_of(document.text, tree.seen)
        self.words: Vocabulary = vocabulary(tree.printed.text.split("\n"))
        self.taken: set[int] = set()
        self.known: dict[tuple[int, int], bool] = {}
        self.runs = _telling(tree)
        self.starts = [run.start for run in self.runs]

    def reads(self, block: Block) -> bool:
        """Whether the words of a block alone read as an entry."""
        if id(block) in self.taken:
            return False
        start, end = self._trimmed(block)
        if (start, end) not in self.known:
            self.known[start, end] = self._is_entry(start, end)
        return self.known[start, end]

    def _is_entry(self, start: int, end: int) -> bool:
        text = self.tree.printed.text[start:end]
        if len(_without_counts(text).strip()) < _SHORTEST:
            return False
        runs = self._runs(start, end)
        fields = _card(text, runs) or from_marked(text, runs)
        if fields is None:
            texts = _texts(_without_counts(text))
            fields = read_entries([_without_mark(texts)], self.words)[0]
        if fields is None or not fields.authors or not fields.title:
            return False
        addresses = " ".join(run.value for run in runs)
        return (
            fields.tail.year is not None
            or bool(identifiers_in(f"{text} {addresses}"))
            or bool(VENUE_WORDS.search(fields.tail.venue))
        )

    def draft(self, unit: Unit) -> Draft:
        """The lines of an entry, with what its links and its markup say."""
        start, end = self._trimmed(unit.block)
        text = self.tree.printed.text[start:end]
        runs = self._runs(start, end)
        lines = self._lines(start, end, unit.block)
        texts = _texts(_without_counts(text))
        mark = mark_of(texts[0]) if texts else None
        badges = self.view.badges(*unit.block.source)
        return Draft(
            lines=lines,
            texts=_without_mark(texts),
            label=mark.number if mark else None,
            year=unit.year,
            links=[url for run in runs for url in tuple(find_urls(run.value))[:1]],
            fields=_card(text, runs) or self._marked(text, runs),
            badge=badges[0] if badges else None,
            span=unit.block.source,
            sure=unit.whole or unit.block.tag in _ITEMS,
        )

    def _marked(self, text: str, runs: Sequence[Run]) -> Fields | None:
        fields = from_marked(text, runs)
        if fields is None or not fields.title:
            return None
        told = fields.authors and (fields.tail.year is not None or fields.tail.venue)
        return fields if told else self._or_lines(text, fields)

    def _or_lines(self, text: str, fields: Fields) -> Fields | None:
        """A marked title without authors, unless the lines alone say more."""
        other = read_entries([_without_mark(_texts(text))], self.words)[0]
        if other is not None and other.authors:
            return other
        return fields if fields.tail.year is not None else None

    def _lines(self, start: int, end: int, block: Block) -> list[Line]:
        lines: list[Line] = []
        text = self.tree.printed.text
        at = start
        for piece in text[start:end].split("\n"):
            if piece.strip():
                first, last = self.tree.printed.extent(at, at + len(piece))
                number = self.view.line_at(first)
                lines.append(Line(number, " ".join(clean(piece).split()), 0, 0, first, last))
            at += len(piece) + 1
        return lines or [Line(self.view.line_at(block.source[0]), "", 0, 0, *block.source)]

    def elsewhere(self, unit: Unit, ledger: Ledger) -> None:
        """What stands under another heading; a publication there is told."""
        start, end = self._trimmed(unit.block)
        lines = self._lines(start, end, unit.block)
        text = self.tree.printed.text[start:end]
        if unit.whole and identifiers_in(text):
            ledger.leave(lines, f"has an identifier but stands under {unit.section}")
        else:
            ledger.skip(lines[0], unit.section)

    def of_table(self, block: Block) -> bool:
        """Whether a block is a row or part of a table that was read by its columns."""
        return id(block) in self.taken

    def links(self) -> list[str]:
        """The web addresses of all links of the page."""
        values = (run.value for run in self.tree.runs if run.kind == "link")
        return [url for value in values for url in tuple(find_urls(value))[:1]]

    def _trimmed(self, block: Block) -> tuple[int, int]:
        text = self.tree.printed.text
        start, end = block.start, block.end
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        return start, end

    def _runs(self, start: int, end: int) -> list[Run]:
        """Links and emphasis in [start, end), placed in it."""
        first = bisect_left(self.starts, start)
        runs: list[Run] = []
        for run in self.runs[first:]:
            if run.start >= end:
                break
            if run.end <= end and run.end > run.start:
                runs.append(Run(run.kind, run.start - start, run.end - start, run.value))
        return _outermost(runs)


def _telling(tree: Tree) -> list[Run]:
    """The page's runs without emphasis that comes back: names, venues and "et al."."""
    text = tree.printed.text
    words = [" ".join(text[run.start : run.end].split()).strip(".,;*") for run in tree.runs]
    often = Counter(words)
    return [
        run
        for run, said in zip(tree.runs, words, strict=True)
        if run.kind != "emphasis" or often[said] < _OFTEN
    ]


def _outermost(runs: Sequence[Run]) -> list[Run]:
    """Runs without emphasis inside a link: "<a><i>Zea mays</i> under drought</a>"."""
    kept: list[Run] = []
    linked = 0
    for run in sorted(runs, key=lambda run: (run.start, run.kind != "link", -run.end)):
        if run.kind == "link":
            linked = max(linked, run.end)
        elif run.end <= linked:
            continue
        kept.append(run)
    return kept


def _card(text: str, runs: Sequence[Run]) -> Fields | None:
    """Title, authors and the rest on lines of their own, the title linked or stressed."""
    lines = [line.strip() for line in text.split("\n")]
    if len(lines) < _CARD or not runs or runs[0].start > _AHEAD:
        return None
    title = text[runs[0].start : runs[0].end].strip()
    if "\n" in title or " " not in title or lines[0].find(title) < 0:
        return None
    names = read_names(lines[1])
    if names is None or not all(word[:1].isupper() for word in lines[1].split()[:2]):
        return None
    tail = read_tail(" ".join(lines[2:]))
    return Fields(clean_title(title), names.names, tail, names.cut) if tail.year else None


@lru_cache(maxsize=512)
def _without_counts(text: str) -> str:
    for count in reversed(counts_in(text)):
        text = f"{text[: count.start]}{text[count.end :]}"
    return text


def _texts(text: str) -> list[str]:
    lines = (" ".join(clean(line).split()) for line in text.split("\n"))
    return [line for line in lines if line]


def _without_mark(texts: list[str]) -> list[str]:
    mark = mark_of(texts[0]) if texts else None
    return [mark.rest, *texts[1:]] if mark else texts


_OFTEN = 3
"""Emphasised words that come back so often are no title."""
_CARD = 3
"""Lines of a card, at least."""
_AHEAD = 6
"""Characters, a number, in front of a title."""
_ITEMS = frozenset({"li", "tr", "article", "dd"})
_SHORTEST = 20
"""Characters of an entry, at least."""
