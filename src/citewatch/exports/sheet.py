"""The counts as a sheet: one row a paper and source, or one a reading; CSV and Parquet.

Every row says whose number it is, links the record at the source and gives the date at which
the source last confirmed it. A number that is unknown is empty, never 0.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from citewatch.domain.credits import credit, record_page
from citewatch.domain.papers import Instant
from citewatch.domain.printable import clean, rfc3339
from citewatch.domain.tabular import write_csv
from citewatch.services.reported import Report, ReportedPaper

ID_COLUMNS = ("arxiv", "doi", "semantic_scholar", "openreview", "openalex")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``kind`` is ``text``, ``number``, ``yes`` or ``instant`` (seconds, UTC)."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of values; None is unknown."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[object]]
    sources: Sequence[str]
    """The sources whose numbers are in it."""


_NOW_COLUMNS = (
    *(Column(name, "text") for name in ("key", "title")),
    Column("year", "number"),
    Column("venue", "text"),
    Column("source", "text"),
    Column("citations", "number"),
    Column("observed_at", "instant"),
    Column("status", "text"),
    Column("high", "number"),
    Column("headline", "yes"),
    *(Column(name, "number") for name in ("badge", "claim", "influential", "without_self")),
    *(Column(name, "text") for name in ("source_name", "source_url", *ID_COLUMNS)),
)

_THEN_COLUMNS = (
    *(Column(name, "text") for name in ("paper", "source")),
    Column("date", "instant"),
    Column("count", "number"),
    *(Column(name, "text") for name in ("status", "title", "source_name", "source_url")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One thing that a source said about one paper; ``count`` is None where it gave none."""

    key: str
    source: str
    at: Instant
    count: int | None
    status: str


def counts_sheet(report: Report) -> Sheet:
    """One row for every paper and source that is known, in the order of the report."""
    rows = [row for paper in report.papers for row in _rows(paper)]
    return Sheet(_NOW_COLUMNS, rows, _sources(str(row[4]) for row in rows if row[5] is not None))


def _rows(paper: ReportedPaper) -> Iterator[Sequence[object]]:
    ids = dict(paper.ids)
    for count in paper.counts:
        headline = count.source == paper.source
        yield (
            *(paper.key, clean(paper.title), paper.year, clean(paper.venue) or None),
            *(count.source, count.citations, count.observed_at, count.status.value, count.high),
            headline,
            paper.badge if headline else None,
            paper.claim,
            *(count.influential, count.without_self),
            *(credit(count.source).label, record_page(count.source, ids) or None),
            *(ids.get(scheme) for scheme in ID_COLUMNS),
        )


def readings_sheet(readings: Iterable[Reading], report: Report) -> Sheet:
    """One row for every reading there ever was, in the form that `import-history` reads."""
    papers = {paper.key: paper for paper in report.papers}
    rows = []
    for one in readings:
        paper = papers[one.key]
        page = record_page(one.source, dict(paper.ids)) or None
        name = credit(one.source).label
        rows.append(
            (one.key, one.source, one.at, one.count, one.status, clean(paper.title), name, page)
        )
    return Sheet(_THEN_COLUMNS, rows, _sources(str(row[1]) for row in rows))


def _sources(names: Iterable[str]) -> Sequence[str]:
    return tuple(sorted(set(names)))


def as_csv(sheet: Sheet) -> bytes:
    """Comma-separated, UTF-8; text that a spreadsheet would take for a formula is quoted."""
    out = io.StringIO(newline="")
    write_csv([c.name for c in sheet.columns], (_worded(sheet, row) for row in sheet.rows), out)
    return out.getvalue().encode()


def _worded(sheet: Sheet, row: Sequence[object]) -> list[object]:
    return [_word(column, value) for column, value in zip(sheet.columns, row, strict=True)]


def _word(column: Column, value: object) -> object:
    if column.kind == "instant" and isinstance(value, int):
        return rfc3339(value)
    if column.kind == "yes":
        return "yes" if value else "no"
    return value


def as_parquet(sheet: Sheet) -> bytes:
    """Parquet with typed columns (times with zone UTC); the credits are in its metadata."""
    # Imported here: 33 MB of compiled code that only this needs.
    from arro3.core import Array, DataType, Table
    from arro3.io import write_parquet

    types: Mapping[str, DataType] = {
        "text": DataType.string(),
        "number": DataType.int64(),
        "yes": DataType.bool(),
        "instant": DataType.int64(),
    }
    columns: dict[str, Any] = {}
    for place, column in enumerate(sheet.columns):
        values = [row[place] for row in sheet.rows]
        if column.kind == "instant":
            micros = [v * 1_000_000 if isinstance(v, int) else None for v in values]
            zoned = DataType.timestamp("us", tz="UTC")
            columns[column.name] = Array(micros, type=types["instant"]).cast(zoned)
        else:
            columns[column.name] = Array(values, type=types[column.kind])
    # One entry: the writer puts several in an order that differs from run to run.
    named = {"citewatch": " | ".join(_credit_line(name) for name in sheet.sources)}
    out = io.BytesIO()
    write_parquet(Table.from_pydict(columns), out, key_value_metadata=named)
    return out.getvalue()


def _credit_line(source: str) -> str:
    one = credit(source)
    return f"{one.label} {one.url} {one.sentence}"
