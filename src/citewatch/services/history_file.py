"""A file of counts that another tool saw: CSV, also gzip, checked line by line."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from citewatch.domain.papers import Instant
from citewatch.errors import InputError

COLUMNS = ("paper", "source", "date", "count")
_MAX_BYTES = 500_000_000
_MAX_COUNT = 10_000_000
_SOURCE = re.compile(r"[^\x00-\x1f\x7f]{1,100}")


class Reader(Protocol):
    """What `csv.reader` makes."""

    line_num: int

    def __next__(self) -> list[str]:
        """The next line's cells."""


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the file: a count of a paper at a source on a day."""

    line: int
    paper: str
    source: str
    at: Instant
    count: int


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """What a file says, and the lines that say nothing usable."""

    points: tuple[Point, ...]
    problems: tuple[str, ...]


def parse_columns(text: str) -> dict[str, str]:
    """Read ``paper=title,count=citations``: our column names and the file's.

    Raises `InputError` for a column that is none of the four.
    """
    names: dict[str, str] = {}
    for part in filter(None, text.split(",")):
        column, equals, name = part.partition("=")
        if column.strip() not in COLUMNS or not equals or not name.strip():
            raise InputError(
                f"--columns {part!r}: expected one of {', '.join(COLUMNS)}, '=' and a name",
                remedy="for example --columns paper=title,count=citations",
            )
        names[column.strip()] = name.strip()
    return names


def read_history(path: Path, columns: Mapping[str, str], *, now: Instant) -> HistoryFile:
    """Read a CSV file (also gzip) with the four columns, under the given names.

    Raises `InputError` when it is no such file at all.
    """
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip().lstrip("\ufeff") for name in next(reader)]
    except (StopIteration, csv.Error):
        raise InputError(f"{path}: the file is empty", remedy=_EXPECTED) from None
    names = {column: columns.get(column, column) for column in COLUMNS}
    absent = [f"{name!r}" for name in names.values() if name not in header]
    if absent:
        raise InputError(
            f"{path}: line 1: no column {', '.join(absent)} in {', '.join(header)[:200]}",
            remedy=f"{_EXPECTED}, or name yours: --columns paper=title,count=citations",
        )
    places = [header.index(names[column]) for column in COLUMNS]
    points: list[Point] = []
    problems: list[str] = []
    for row in _rows(reader, problems):
        if not any(cell.strip() for cell in row):
            continue
        point = _point(row, places, reader.line_num, now)
        (points if isinstance(point, Point) else problems).append(point)  # type: ignore[arg-type]
    return HistoryFile(tuple(points), tuple(problems))


def _rows(reader: Reader, problems: list[str]) -> Iterator[list[str]]:
    """The lines that are CSV; one that is not is a problem, and the next one is read."""
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(f"line {reader.line_num}: not CSV: {error}")
            continue
        yield row


_EXPECTED = "expected a CSV file with the columns paper,source,date,count"


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        if raw[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
                raw = packed.read(_MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or "a damaged gzip file"
        raise InputError(f"{path}: cannot be read: {reason}") from error
    if len(raw) > _MAX_BYTES:
        raise InputError(f"{path}: larger than {_MAX_BYTES // 1_000_000} MB", remedy="split it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: not UTF-8 text (byte {error.start})", remedy="save it as CSV in UTF-8"
        ) from error
    if "\x00" in text:
        raise InputError(f"{path}: not a text file", remedy=_EXPECTED)
    return text


def _point(row: Sequence[str], places: Sequence[int], line: int, now: Instant) -> Point | str:
    if len(row) <= max(places):
        return f"line {line}: {len(row)} cells, too few"
    paper, source, date, count = (row[place].strip() for place in places)
    if not paper:
        return f"line {line}: no paper"
    if not _SOURCE.fullmatch(source):
        return f"line {line}: no usable source"
    at = _instant(date)
    if at is None:
        return f"line {line}: {date[:40]!r} is not a date (2024-01-31)"
    if at > now:
        return f"line {line}: {date[:40]} is in the future"
    if not re.fullmatch(r"\d{1,9}", count) or int(count) > _MAX_COUNT:
        return f"line {line}: {count[:40]!r} is not a count"
    return Point(line, paper, source, at, int(count))


def _instant(text: str) -> Instant | None:
    """The beginning of a day, or the instant of a full RFC 3339 time; None if neither."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    at = int(moment.timestamp())
    return at if at >= 0 else None
