"""From a page's blocks to a publication list: HTML and Markdown take the same way."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence

from citewatch.domain.identifiers import find_urls
from citewatch.intake.badge_places import View, totals, view_of
from citewatch.intake.block_words import best_fields, by_lines, fields_of, lines_of, prepared
from citewatch.intake.document import Document
from citewatch.intake.duplicates import merge_duplicates
from citewatch.intake.entries import make_entries
from citewatch.intake.ledger import Ledger
from citewatch.intake.lines import Line, clean
from citewatch.intake.links import identifiers_in
from citewatch.intake.marked import Run
from citewatch.intake.outline import PAPERS
from citewatch.intake.pages import Feet
from citewatch.intake.reader import no_paper, publications
from citewatch.intake.segment import Draft
from citewatch.intake.style import mark_of
from citewatch.intake.tables import rows_of_tables, totals_of_profile
from citewatch.intake.titles import Vocabulary, vocabulary
from citewatch.intake.tree import Block, Tree
from citewatch.intake.units import Unit, units_of
from citewatch.intake.venues import VENUE_WORDS
from citewatch.ports import Entry, PublicationList

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
    ledger = Ledger()
    listed = [unit for unit in units if unit.section == PAPERS and page.says(unit, ledger)]
    drafts = [*rows, *(page.draft(unit) for unit in listed if not page.of_table(unit.block))]
    drafts.sort(key=lambda draft: draft.span or (0, 0))
    opened = bool(rows) or any(unit.section != PAPERS for unit in units) or bool(headings)
    for draft in drafts:
        draft.sure = draft.fields is not None or (opened and draft.sure)
    for unit in units:
        if unit.section != PAPERS:
            page.elsewhere(unit, ledger)
    read, _ = make_entries(drafts, page.words, ledger, view=page.view)
    kept, _ = merge_duplicates(_each_badge_once(read))
    if not kept:
        raise no_paper(str(document.path), ledger, texts=len(drafts))
    found = publications(str(document.path), kept, ledger, Feet((), ()))
    known = {link for entry in kept for link in entry.links}
    spans = [entry.span for entry in read if entry.span]
    return dataclasses.replace(
        found,
        links=tuple(dict.fromkeys(u for u in page.links() if u not in known))[:_LINKS],
        totals=totals_of_profile(tree, page.view)
        or totals(page.view, spans, [block.source for block in headings]),
    )


def _each_badge_once(entries: Sequence[Entry]) -> list[Entry]:
    """Entries of broken markup may lie in one another: a badge belongs to the innermost."""
    owners: dict[int, int] = {}
    widths = [e.span[1] - e.span[0] if e.span else 0 for e in entries]
    for at in sorted(range(len(entries)), key=lambda at: widths[at]):
        place = entries[at].place
        if place is not None:
            owners.setdefault(place.start, at)
    return [
        entry
        if entry.place is None or owners[entry.place.start] == at
        else dataclasses.replace(
            entry,
            paper=dataclasses.replace(entry.paper, claim=None),
            badge="",
            place=None,
            badge_line=None,
        )
        for at, entry in enumerate(entries)
    ]


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
        if end - start < _SHORTEST:
            return False
        if (start, end) not in self.known:
            self.known[start, end] = self._is_entry(start, end)
        return self.known[start, end]

    def _is_entry(self, start: int, end: int) -> bool:
        text = self.tree.printed.text[start:end]
        runs = self._runs(start, end)
        words = prepared(text, runs)
        if len(words.text.strip()) < _SHORTEST:
            return False
        fields = best_fields(words, self.words)
        if fields is None or not fields.authors or not fields.title:
            return False
        addresses = " ".join(run.value for run in runs)
        return (
            fields.tail.year is not None
            or bool(identifiers_in(f"{text} {addresses}"))
            or bool(VENUE_WORDS.search(fields.tail.venue))
        )

    def says(self, unit: Unit, ledger: Ledger) -> bool:
        """Whether a block says enough to be an entry at all."""
        if unit.block.end - unit.block.start >= _SHORTEST:
            return True
        ledger.skipped["other text"] += 1
        return False

    def draft(self, unit: Unit) -> Draft:
        """The lines of an entry, with what its links and its markup say."""
        start, end = self._trimmed(unit.block)
        text = self.tree.printed.text[start:end]
        runs = self._runs(start, end)
        words = prepared(text, runs)
        first = lines_of(text)[:1]
        mark = mark_of(first[0]) if first else None
        badges = self.view.badges(*unit.block.source)
        return Draft(
            lines=self._lines(start, end, unit.block),
            texts=by_lines(words, self.words)[0],
            label=mark.number if mark else None,
            year=words.year or unit.year,
            links=[url for run in runs for url in tuple(find_urls(run.value))[:1]],
            fields=fields_of(words, self.words),
            badge=badges[0] if badges else None,
            span=unit.block.source,
            sure=unit.whole or unit.block.tag in _ITEMS,
        )

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


_OFTEN = 3
"""Emphasised words that come back so often are no title."""
_ITEMS = frozenset({"li", "tr", "article", "dd"})
_SHORTEST = 20
"""Characters of an entry, at least."""
