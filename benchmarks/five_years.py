"""A database of five years of daily polls, written at once: for benchmarks that only read.

Rows go into the tables directly, series by series, because five years through the store's
own ``apply`` take longer than everything that is measured on them. What they say is what
daily polls leave behind: a row where a count changed, a state row that the last poll
confirmed, one pass a day and source.
"""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY
from citewatch.services.foreseeing import note_forecasts
from citewatch.store import open_store

SOURCES = ("semantic_scholar", "openalex", "crossref")
CHANGE_SHARE = 0.05
BATCH = 500
FIVE_YEARS = 1_826
FORESEEN = 10_000
"""Larger lists get no forecasts here: making them takes minutes, and one paper's is made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was written."""

    start: int
    days: int
    papers: int
    snapshots: int


def key(number: int) -> str:
    """The key of a paper."""
    return f"a-made-up-{number}-2020"


def title(number: int) -> str:
    """Its title."""
    return f"A Made-up Title of Usual Length, About Subject Number {number}"


def arxiv(number: int) -> str:
    """Its identifier."""
    return f"{20 + number // 90_000:02d}01.{number % 90_000 + 1:05d}"


def fill(path: Path, *, papers: int, days: int, end: int) -> Made:
    """Write a database whose last polls were at ``end``."""
    start = end - (days - 1) * DAY
    open_store(f"sqlite:///{path}", now=start).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        _papers(database, papers, start)
        written = 0
        for place, source in enumerate(SOURCES):
            written += _series(database, place, source, papers, start, days)
        _runs(database, papers, start, days)
        _heard(database, papers, start, days)
        database.execute("COMMIT")
        database.execute("ANALYZE")
    if papers <= FORESEEN:
        with closing(open_store(f"sqlite:///{path}", now=end)) as store:
            for source in SOURCES:
                numbers = range(1, papers + 1)
                note_forecasts(store, source, numbers, above=Ladder().above, now=end, anew=True)
    return Made(start=start, days=days, papers=papers, snapshots=written)


def _papers(database: sqlite3.Connection, papers: int, start: int) -> None:
    authors = json.dumps(["Ada Berger", "Finn Holub"])
    database.executemany(
        "INSERT INTO paper (id, key, title, year, authors, venue, watched, adopted, added_at)"
        " VALUES (?, ?, ?, 2020, ?, '', 1, 0, ?)",
        ((n, key(n), title(n), authors, start) for n in range(1, papers + 1)),
    )
    database.executemany(
        "INSERT INTO identifier (paper_id, scheme, value, state, origin, note, at)"
        " VALUES (?, 'arxiv', ?, 'accepted', 'list', '', ?)",
        ((n, arxiv(n), start) for n in range(1, papers + 1)),
    )


def _series(
    database: sqlite3.Connection, place: int, source: str, papers: int, start: int, days: int
) -> int:
    chance = random.Random(place)
    written = 0
    for number in range(1, papers + 1):
        series = place * papers + number
        count = number * 7 % 900
        rows: list[tuple[int, int, int, int | None]] = [(series, start, count, None)]
        day = 0
        while (day := day + 1 + int(chance.expovariate(CHANGE_SHARE))) < days:
            before, count = count, max(0, count + chance.choice((1, 1, 1, 1, 2, 2, 3, 4, -1)))
            rows.append((series, start + day * DAY, count, before))
        end = start + (days - 1) * DAY
        high = max(row[2] for row in rows)
        facts = {"title": title(number), "authors": ["Ada Berger", "Finn Holub"], "year": 2020}
        database.execute(
            "INSERT INTO track (id, paper_id, source, asked, answered, status, citation_count,"
            " high, firm, confirmed_high, changed_at, counted_at, answered_at, next_check_at)"
            " VALUES (?, ?, ?, ?, ?, 'ok', ?, ?, ?, ?, ?, ?, ?, ?)",
            (series, number, source, f"arxiv:{arxiv(number)}", f"doi:10.1000/{source}.{number}",
             count, high, high, high, rows[-1][1], end, end, end + DAY),
        )  # fmt: skip
        database.executemany(
            "INSERT INTO snapshot (series_id, at, citation_count, previous_count, status)"
            " VALUES (?, ?, ?, ?, 0)",
            rows,
        )
        database.execute(
            "INSERT INTO facts (series_id, at, data) VALUES (?, ?, ?)",
            (series, start, json.dumps(facts)),
        )
        database.execute(
            "INSERT INTO turn (series_id, at, status, answered) VALUES (?, ?, 'ok', ?)",
            (series, start, f"doi:10.1000/{source}.{number}"),
        )
        written += len(rows)
    return written


def _heard(database: sqlite3.Connection, papers: int, start: int, days: int) -> None:
    """One answer about every five hundred papers, a source and a day."""
    batches = [
        (place * papers + first, min(BATCH, papers + 1 - first))
        for place in range(len(SOURCES))
        for first in range(1, papers + 1, BATCH)
    ]
    database.executemany(
        "INSERT INTO heard (at, first, others) VALUES (?, ?, ?)",
        (
            (start + day * DAY, first, str(length) if length > 1 else "")
            for day in range(days)
            for first, length in batches
        ),
    )


def _runs(database: sqlite3.Connection, papers: int, start: int, days: int) -> None:
    database.executemany(
        "INSERT INTO run (source, started_at, finished_at, status, trigger, requests, papers,"
        " found, missing, failed, changed, note)"
        " VALUES (?, ?, ?, 'ok', 'sync', ?, ?, ?, 0, 0, ?, '')",
        (
            (source, start + day * DAY, start + day * DAY + 9, papers // BATCH + 1, papers, papers,
             int(papers * CHANGE_SHARE))
            for day in range(days)
            for source in SOURCES
        ),
    )  # fmt: skip


def configuration(papers: int) -> str:
    """A config.toml that watches them all."""
    lines = [
        f'  {{ key = "{key(n)}", title = "{title(n)}", year = 2020, '
        f'authors = ["Ada Berger", "Finn Holub"], arxiv = "{arxiv(n)}" }},'
        for n in range(1, papers + 1)
    ]
    return "[watchlists.all]\npapers = [\n" + "\n".join(lines) + "\n]\n"
