"""CSV and TSV: exports of Google Scholar, Publish or Perish, Zotero, Scopus and tables by hand."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence

from citewatch.domain.badges import Badge, badges_in
from citewatch.domain.identifiers import Identifier, canonical, find_urls, parse_identifier
from citewatch.errors import ListError
from citewatch.intake.cells import Cell, delimiter_of, rows_of
from citewatch.intake.columns import columns_of, scheme_of
from citewatch.intake.document import Document
from citewatch.intake.idlist import is_identifier_list
from citewatch.intake.lines import split_lines
from citewatch.intake.links import identifiers_in
from citewatch.intake.reader import read_text
from citewatch.intake.records import (
    Findings,
    Record,
    count_at,
    field_title,
    listed,
    moved,
    names_in,
    year_in,
)
from citewatch.ports import PublicationList

_HEADS = 40
"""Rows among which the names of the columns are looked for: exports begin with a preamble."""
_WIDEST = 2_000
"""Characters of a row that names columns."""
_SUM = re.compile(r"(?:grand\s+)?(?:total|sum|all\s+papers|summe|gesamt)s?:?", re.IGNORECASE)


def read_csv(document: Document) -> PublicationList:
    """The papers of a table with named columns; the count is the badge.

    Raises ListError when no row names the columns, or no row is a paper.
    """
    if is_identifier_list(split_lines(document.text)):
        return read_text(document.text, file=str(document.path))
    rows = rows_of(document.text, file=str(document.path))
    head, columns = _header(rows, document)
    names = [cell.value for cell in rows[head]]
    found = Findings()
    if head:
        found.skipped["rows above the names of the columns"] = head
    for row in rows[head + 1 :]:
        _read_row(row, names, columns, document.text, found=found)
    return listed(found, document, kind="CSV")


def is_table(head: str) -> bool:
    """Whether the beginning of a text has a row that names columns: titles and two others."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    if not 1 < len(first) < _WIDEST:
        return False
    names = next(csv.reader([first], delimiter=delimiter_of(head)), [])
    return len(names) > 2 and len(columns := columns_of(names)) > 2 and "title" in columns


def _header(
    rows: Sequence[Sequence[Cell]], document: Document
) -> tuple[int, Mapping[str, list[int]]]:
    """Which row names the columns, and what each column holds."""
    for at, row in enumerate(rows[:_HEADS]):
        columns = columns_of([cell.value for cell in row])
        if "title" in columns and (len(columns) > 1 or len(row) == 1):
            return at, columns
        if "id" in columns and not any(map(parse_identifier, (cell.value for cell in row))):
            return at, columns
    shown = ", ".join(cell.value.strip() for cell in rows[0])[:120] if rows else ""
    raise ListError(
        f"{document.path}: no row names a column of titles or identifiers (the first row: {shown})",
        remedy='name the columns in the first row: "title", "authors", "year", "citations", "doi"',
    )


def _read_row(
    row: Sequence[Cell],
    names: Sequence[str],
    columns: Mapping[str, list[int]],
    text: str,
    *,
    found: Findings,
) -> None:
    """One row: a paper, a total, or something that is left over."""
    start = min((cell.start for cell in row if cell.placed), default=0)
    end = max((cell.end for cell in row if cell.placed), default=0)
    title = field_title(_first(row, columns, "title"))
    badge, claim = _badge(row, columns, text)
    if _SUM.fullmatch(title):
        if claim is not None:
            found.totals.append((start, f"{title} {claim}", claim))
        return
    links = [
        url
        for kind in ("link", "id")
        for cell in _all(row, columns, kind)
        for url in find_urls(cell.value)
    ]
    ids = tuple(
        dict.fromkeys((*_ids(row, names, columns), *filter(None, map(parse_identifier, links))))
    )
    authors = names_in(_first(row, columns, "authors"))
    venue = _first(row, columns, "venue")
    if not title and not ids:
        found.leave(start, " ".join(cell.value for cell in row), "neither title nor identifier")
        return
    found.records.append(
        Record(
            start=start,
            end=end,
            title=title,
            authors=authors.names,
            year=year_in(_first(row, columns, "year")),
            venue=" ".join(venue.split()),
            ids=tuple(dict.fromkeys((*ids, *identifiers_in(venue)))),
            links=tuple(links),
            badge=badge,
            words=str(claim) if claim is not None and badge is None else "",
            claim=claim,
            doubts=("the author list is cut short",) if authors.cut else (),
        )
    )


def _all(row: Sequence[Cell], columns: Mapping[str, list[int]], kind: str) -> Iterator[Cell]:
    return (row[at] for at in columns.get(kind, ()) if at < len(row) and row[at].value.strip())


def _first(row: Sequence[Cell], columns: Mapping[str, list[int]], kind: str) -> str:
    return next((cell.value.strip() for cell in _all(row, columns, kind)), "")


def _ids(
    row: Sequence[Cell], names: Sequence[str], columns: Mapping[str, list[int]]
) -> Iterator[Identifier]:
    for at in columns.get("id", ()):
        value = row[at].value.strip() if at < len(row) else ""
        scheme = scheme_of(names[at])
        found = (canonical(scheme, value) if scheme else None) or parse_identifier(value)
        if found is not None:
            yield found


def _badge(
    row: Sequence[Cell], columns: Mapping[str, list[int]], text: str
) -> tuple[Badge | None, int | None]:
    """The count of a row at its place, and its number."""
    for cell in _all(row, columns, "count"):
        badge = count_at(cell.value, 0, len(cell.value))
        if badge is not None:
            return (count_at(text, cell.start, cell.end) if cell.placed else None), badge.claim
    for cell in _all(row, columns, "note"):
        if cell.placed and (spoken := badges_in(text[cell.start : cell.end])):
            return moved(spoken[0], cell.start), spoken[0].claim
    return None, None
