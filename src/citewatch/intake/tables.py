"""Tables whose heads name their columns, and the rows of a saved Google Scholar profile."""

from __future__ import annotations

import re
from collections.abc import Sequence

from citewatch.domain.badges import Badge, Style, badges_in
from citewatch.domain.identifiers import find_urls
from citewatch.intake.authors import authors_of
from citewatch.intake.badge_places import View
from citewatch.intake.fields import Fields
from citewatch.intake.lines import Line, clean
from citewatch.intake.names import read_names
from citewatch.intake.segment import Draft
from citewatch.intake.tree import Block, Tree
from citewatch.intake.venues import Tail, read_tail

_COLUMNS = {
    "title": r"(?:paper|publication|article|work)?\s*titles?|papers?|publications?|articles?|works?",
    "citations": r"(?:#|no\.?|number)?\s*(?:of\s*)?(?:total\s+)?(?:citations?|cites|cited|times\s+cited)"
    r"(?:\s+by)?(?:\s+(?:count|\(.{1,20}\)))?|citation\s+count|google\s+scholar|gs|scholar",
    "year": r"years?|date|published|when",
    "authors": r"authors?|by|who",
    "venue": r"venues?|journals?|conferences?|journal\s*/\s*conference|published\s+in|where|source",
}  # fmt: skip
_COLUMN = {name: re.compile(words, re.IGNORECASE) for name, words in _COLUMNS.items()}
_COUNT = re.compile(r"\d{1,3}(?:[,.'’\u202f ]\d{3}){1,3}|\d{1,9}")
_YEAR = re.compile(r"(?:19[3-9]|20[0-4])\d")
_SCHOLAR_ROW = "gsc_a_tr"


def rows_of_tables(tree: Tree, view: View) -> tuple[list[Draft], list[Block]]:
    """The rows that are entries by their columns, and every block of the tables they are in.

    Tables that name a column of papers and no other that an entry has (who read what when)
    hold no entries.
    """
    drafts: list[Draft] = []
    taken: list[Block] = []
    profile = [block for block in tree.root.walk() if _SCHOLAR_ROW in block.names]
    if profile:
        drafts = [draft for row in profile if (draft := _scholar(tree, view, row))]
        return drafts, list(tree.root.walk())
    for table in (block for block in tree.root.walk() if block.tag == "table"):
        rows = [block for block in table.walk() if block.tag == "tr"]
        cells = [[b for b in row.children if b.tag in ("td", "th")] for row in rows]
        head = _head(tree, cells[0]) if len(cells) > 1 else None
        if head is None:
            continue
        taken += table.walk()
        if len(head) > 1:
            some = (
                _row(tree, view, row, each, head) for row, each in zip(rows, cells, strict=True)
            )
            drafts += [draft for draft in list(some)[1:] if draft]
    return drafts, taken


def _head(tree: Tree, cells: Sequence[Block]) -> dict[str, int] | None:
    """Which column is what, None where none is named for papers."""
    named: dict[str, int] = {}
    for at, cell in enumerate(cells):
        words = " ".join(tree.words(cell).split()).strip(" *_:")
        for name, pattern in _COLUMN.items():
            if pattern.fullmatch(words):
                named.setdefault(name, at)
                break
    return named if "title" in named else None


def _row(
    tree: Tree, view: View, row: Block, cells: Sequence[Block], head: dict[str, int]
) -> Draft | None:
    """The entry of a row; None for one without a title."""
    words = {
        name: " ".join(clean(tree.words(cells[at])).split())
        for name, at in head.items()
        if at < len(cells)
    }
    title = words.get("title", "")
    if not re.search(r"[^\W\d_]{2}", title):
        return None
    names = authors_of(words["authors"]) if words.get("authors") else None
    years = _YEAR.findall(words.get("year", "")) or _YEAR.findall(words.get("venue", ""))
    tail = Tail(read_tail(words.get("venue", "")).venue, int(years[0]) if years else None)
    badge = None
    if head.get("citations", len(cells)) < len(cells):
        badge = _count(tree, view, cells[head["citations"]])
    fields = Fields(
        title.strip(' *_"“”'), names.names if names else (), tail, bool(names and names.cut)
    )
    return _draft(tree, view, row, fields, badge)


def _scholar(tree: Tree, view: View, row: Block) -> Draft | None:
    """A row of a profile: title, two grey lines, count and year, each with its class."""
    cells = [block for block in row.children if block.tag == "td"]
    first = next((cell for cell in cells if "gsc_a_t" in cell.names), None)
    if first is None:
        return None
    lines = [line.strip() for line in tree.words(first).split("\n") if line.strip()]
    if not lines:
        return None
    title, grey = lines[0], lines[1:]
    names = read_names(grey[0]) if grey else None
    count = next((cell for cell in cells if "gsc_a_c" in cell.names), None)
    year = next((cell for cell in cells if "gsc_a_y" in cell.names), None)
    told = _YEAR.search(tree.words(year)) if year else None
    tail = read_tail(grey[1]) if len(grey) > 1 else Tail("", None)
    fields = Fields(
        " ".join(title.split()),
        names.names if names else (),
        Tail(tail.venue, int(told[0]) if told else tail.year),
        bool(names and names.cut),
    )
    badge = _count(tree, view, count) if count else None
    return _draft(tree, view, row, fields, badge)


def totals_of_profile(tree: Tree, view: View) -> tuple[tuple[int, str, int], ...]:
    """(line, words, number) of all citations in the table of figures at a profile's side."""
    for table in tree.root.walk():
        if table.tag == "table" and "gsc_rsb_st" in table.names:
            for row in (block for block in table.walk() if block.tag == "tr"):
                figures = [b for b in row.children if "gsc_rsb_std" in b.names]
                words = [" ".join(tree.words(block).split()) for block in row.children]
                if figures and (found := _COUNT.fullmatch(tree.words(figures[0]).strip())):
                    line = view.line_at(figures[0].source[0])
                    return ((line, f"{words[0]}: {found[0]}", int(re.sub(r"\D", "", found[0]))),)
    return ()


def _count(tree: Tree, view: View, cell: Block) -> Badge | None:
    """The number in a cell, with its place; words around it make it a badge of its style."""
    words = tree.words(cell)
    found = _COUNT.search(words)
    if found is None or not re.fullmatch(
        r"[\s*_+~≈>]*", f"{words[: found.start()]}{words[found.end() :]}"
    ):
        place = view.badges(*cell.source)
        return place[0] if place else None
    if "+" in words:
        found = re.search(r"[\d,.'’\u202f ]*\d\s*\+", words) or found
    start = cell.start + found.start()
    source = tree.printed.source_of(start, cell.start + found.end())
    if source is None:
        return None
    style = Style.FLOOR if "+" in found[0] else Style.EXACT
    return Badge(
        text=view.text[source[0] : source[1]],
        claim=int(re.sub(r"\D", "", found[0])),
        start=source[0],
        end=source[1],
        style=style,
    )


def _draft(tree: Tree, view: View, row: Block, fields: Fields, badge: Badge | None) -> Draft:
    first, last = row.source
    texts = [" ".join(clean(tree.words(row)).split())]
    links = [
        url
        for run in tree.runs
        if run.kind == "link" and row.start <= run.start < row.end
        for url in tuple(find_urls(run.value))[:1]
        if "://scholar.google." not in url
    ]
    return Draft(
        lines=[Line(view.line_at(first), texts[0], 0, 0, first, last)],
        texts=texts,
        links=links,
        fields=fields,
        badge=badge,
        span=row.source,
    )
