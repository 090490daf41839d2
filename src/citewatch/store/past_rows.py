"""Between citing works, looks, reconstructions and their columns."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import Identifier
from citewatch.domain.reconstruction import Method, Reconstruction
from citewatch.ports.past import KnownWork, Look
from citewatch.store.codec import Cells, compact, storable

LOOK_COLUMNS = (
    "number", "record", "lease_until", "baseline_at", "looked_at", "complete_at",
    "citation_count", "listed", "total", "by_year", "pages", "cut", "capped", "newest_first",
    "unsettled", "failures", "next_look_at", "note",
)  # fmt: skip
WORK_COLUMNS = ("record", "title", "venue", "published_on", "authors", "ids", "influential")
MADE_COLUMNS = (
    "made_at", "first_at", "first_count", "method", "works", "dated", "by_year", "undated",
    "early", "future", "later", "scale", "cut", "reason",
)  # fmt: skip


def look_cells(look: Look) -> Cells:
    """In the order of `LOOK_COLUMNS`."""
    by_year = compact({str(y): n for y, n in look.by_year.items()}) if look.by_year else ""
    return (
        look.number, look.record, look.lease_until, look.baseline_at, look.looked_at,
        look.complete_at, look.count, look.listed, look.total, by_year, look.pages,
        storable(look.cut), int(look.capped), int(look.newest_first), int(look.unsettled),
        look.failures, look.next_look_at, storable(look.note),
    )  # fmt: skip


def look_value(series: int, row: Sequence[Any]) -> Look:
    """Out of `LOOK_COLUMNS`."""
    by_year: Mapping[str, int] = json.loads(row[9]) if row[9] else {}
    return Look(
        series=series, number=row[0], record=row[1], lease_until=row[2], baseline_at=row[3],
        looked_at=row[4], complete_at=row[5], count=row[6], listed=row[7], total=row[8],
        by_year={int(year): number for year, number in by_year.items()}, pages=row[10],
        cut=row[11], capped=bool(row[12]), newest_first=bool(row[13]), unsettled=bool(row[14]),
        failures=row[15], next_look_at=row[16], note=row[17],
    )  # fmt: skip


def work_cells(work: CitingWork, source: str) -> Cells:
    """In the order of `WORK_COLUMNS`."""
    own = f"{source}:"
    authors = [
        [p.name, p.identity[len(source) :] if p.identity.startswith(own) else p.identity]
        for p in work.authors
    ]
    return (
        _text(work.record), _text(work.title), _text(work.venue), _text(work.published_on),
        compact(authors) if authors else "", _text(" ".join(str(i) for i in work.ids)),
        None if work.influential is None else int(work.influential),
    )  # fmt: skip


def _text(text: str) -> str:
    """PostgreSQL takes no NUL in a text."""
    return storable(text.replace("\0", ""))


def known_work(row: Sequence[Any], source: str) -> KnownWork:
    """Out of `WORK_COLUMNS`, then first_seen_at, seen, told, gone_since, gone_at."""
    authors = json.loads(row[4]) if row[4] else []
    work = CitingWork(
        record=row[0],
        title=row[1],
        venue=row[2],
        published_on=row[3],
        authors=tuple(
            Person(name, f"{source}{identity}" if identity.startswith(":") else identity)
            for name, identity in authors
        ),
        ids=tuple(_identifier(text) for text in row[5].split(" ") if text),
        influential=None if row[6] is None else bool(row[6]),
    )
    return KnownWork(
        work=work, first_seen_at=row[7], seen=row[8], told=bool(row[9]), gone_since=row[10],
        gone_at=row[11],
    )  # fmt: skip


def _identifier(text: str) -> Identifier:
    scheme, _, value = text.partition(":")
    return Identifier(scheme, value)


def made_cells(made: Reconstruction) -> tuple[int | float | str, ...]:
    """In the order of `MADE_COLUMNS`."""
    return (
        made.made_at, made.first_at, made.first_count, made.method.value, made.works, made.dated,
        made.by_year, made.undated, made.early, made.future, made.later, made.scale,
        storable(made.cut), storable(made.reason),
    )  # fmt: skip


def made_value(row: Sequence[Any], points: Sequence[tuple[int, int]]) -> Reconstruction:
    """Out of `MADE_COLUMNS` and the points of the series, ascending."""
    return Reconstruction(
        made_at=row[0], first_at=row[1], first_count=row[2], method=Method(row[3]), works=row[4],
        dated=row[5], by_year=row[6], undated=row[7], early=row[8], future=row[9], later=row[10],
        scale=row[11], cut=row[12], reason=row[13],
        times=tuple(at for at, _ in points), counts=tuple(count for _, count in points),
    )  # fmt: skip
