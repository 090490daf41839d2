"""Papers and their identifiers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Instant, Paper
from citewatch.errors import StoreError
from citewatch.ports import KnownIdentifier, StoredPaper
from citewatch.store.codec import Known, compact, storable
from citewatch.store.engine import raw_rows

ACCEPTED = "accepted"

# Plain SQL where every pass goes by: composing a statement and SQLAlchemy's rows cost as
# much again as running it.
_PAPERS = """SELECT p.id, p.key, p.title, p.year, p.authors, p.venue, p.claim, p.watched,
        p.adopted, p.added_at FROM paper p"""
_CHOSEN = "p.id IN (SELECT n.value FROM json_each(?) n)"
_PAPERS_THEN = """SELECT p.id, p.key, coalesce(b.title, p.title),
        CASE WHEN b.paper_id IS NULL THEN p.year ELSE b.year END,
        coalesce(b.authors, p.authors), coalesce(b.venue, p.venue),
        CASE WHEN b.paper_id IS NULL THEN p.claim ELSE b.claim END,
        p.watched, p.adopted, p.added_at
    FROM paper p LEFT JOIN paper_before b ON b.paper_id = p.id AND b.until =
        (SELECT min(o.until) FROM paper_before o WHERE o.paper_id = p.id AND o.until > ?)
    WHERE (p.added_at <= ? OR EXISTS (
        SELECT 1 FROM track t JOIN snapshot s ON s.series_id = t.id
        WHERE t.paper_id = p.id AND s.at <= ?))"""
# What stands since before an instant held at it; so did what was superseded only later.
# Of a paper that came later, with readings from before, everything is known.
_IDS_THEN = """SELECT k.paper_id, k.scheme || ':' || k.value FROM (
        SELECT i.paper_id, i.scheme, i.value, i.state, i.at, i.rowid AS place
        FROM identifier i JOIN paper p ON p.id = i.paper_id
        WHERE (i.at <= ? OR p.added_at > ?){these}
        UNION ALL
        SELECT b.paper_id, b.scheme, b.value, b.state, b.at, i.rowid AS place
        FROM identifier_before b JOIN identifier i ON i.paper_id = b.paper_id
            AND i.scheme = b.scheme AND i.value = b.value
        WHERE b.at <= ? AND b.until > ?{these}) k
    WHERE k.state = 'accepted' ORDER BY k.paper_id, k.at, k.place"""
_THESE = " AND i.paper_id IN (SELECT n.value FROM json_each(?) n)"
_INSERT_PAPER = """INSERT INTO paper
    (id, key, title, year, authors, venue, claim, watched, adopted, added_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_KEEP_PAPER = """INSERT INTO paper_before (paper_id, until, title, year, authors, venue, claim)
    SELECT p.id, ?, p.title, p.year, p.authors, p.venue, p.claim FROM paper p WHERE p.id = ?
    ON CONFLICT (paper_id, until) DO NOTHING"""
_REWRITE_PAPER = """UPDATE paper SET title = ?, year = ?, authors = ?, venue = ?, claim = ?
    WHERE id = ?"""
_IDENTIFIERS = """SELECT paper_id, scheme || ':' || value, state, origin, score, note, at
    FROM identifier"""
_KEEP_IDENTIFIER = """INSERT INTO identifier_before
    (paper_id, scheme, value, until, state, at)
    SELECT i.paper_id, i.scheme, i.value, ?, i.state, i.at FROM identifier i
    WHERE i.paper_id = ? AND i.scheme = ? AND i.value = ? AND (i.state <> ? OR i.at <> ?)
        AND (i.state <> 'rejected' OR ? = 'rejected' OR ? IN ('user', 'list'))
    ON CONFLICT (paper_id, scheme, value, until) DO NOTHING"""
_UPSERT_IDENTIFIER = """INSERT INTO identifier
    (paper_id, scheme, value, state, origin, score, note, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (paper_id, scheme, value) DO UPDATE SET state = excluded.state,
        origin = excluded.origin, score = excluded.score, note = excluded.note, at = excluded.at
    WHERE identifier.state <> 'rejected' OR excluded.state = 'rejected'
        OR excluded.origin IN ('user', 'list')"""


def numbers_text(numbers: Iterable[int]) -> str:
    """Numbers as one JSON parameter for ``json_each``: no limit on how many."""
    return compact(list(numbers))


def read_papers(
    connection: Connection,
    known: Known,
    *,
    numbers: Collection[int] | None = None,
    until: Instant | None = None,
) -> list[StoredPaper]:
    """Papers in the order in which they were added, with their accepted identifiers.

    With ``until`` as they were known then, without those added later.
    """
    chosen = () if numbers is None else (numbers_text(numbers),)
    if until is None:
        where = "" if numbers is None else f" WHERE {_CHOSEN}"
        rows = raw_rows(connection, f"{_PAPERS}{where} ORDER BY p.id", chosen)
        ids = accepted_ids(connection, numbers, known=known)
    else:
        also = "" if numbers is None else f" AND {_CHOSEN}"
        rows = raw_rows(
            connection, f"{_PAPERS_THEN}{also} ORDER BY p.id", (until, until, until, *chosen)
        )
        sql = _IDS_THEN.format(these="" if numbers is None else _THESE)
        ids = _grouped(raw_rows(connection, sql, (until, until, *chosen) * 2), known)
    return [
        StoredPaper(
            number=number,
            paper=Paper(
                key=key,
                title=title,
                year=year,
                authors=tuple(json.loads(authors)),
                venue=venue,
                claim=claim,
                ids=ids.get(number, ()),
            ),
            watched=bool(watched),
            adopted=bool(adopted),
            added_at=added_at,
        )
        for number, key, title, year, authors, venue, claim, watched, adopted, added_at in rows
    ]


def insert_papers(
    connection: Connection, papers: Sequence[Paper], *, now: Instant, adopted: bool
) -> list[int]:
    """Add papers, watched unless adopted; their numbers, in order."""
    if not papers:
        return []
    (newest,) = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM paper").one()
    numbers = list(range(newest + 1, newest + 1 + len(papers)))
    connection.exec_driver_sql(
        _INSERT_PAPER,
        [
            (number, paper.key, *_listed(paper), int(not adopted), int(adopted), now)
            for number, paper in zip(numbers, papers, strict=True)
        ],
    )
    upsert_identifiers(
        connection,
        [
            KnownIdentifier(
                paper=number, identifier=identifier, state=ACCEPTED, origin="list", at=now
            )
            for number, paper in zip(numbers, papers, strict=True)
            for identifier in paper.ids
        ],
    )
    return numbers


def _listed(paper: Paper) -> tuple[str | int | None, ...]:
    return (
        storable(paper.title),
        paper.year,
        compact(paper.authors),
        storable(paper.venue),
        paper.claim,
    )


def rewrite_paper(connection: Connection, number: int, paper: Paper, *, now: Instant) -> None:
    """Replace what the list says of a paper; what it said until now stays, for past days."""
    connection.exec_driver_sql(_KEEP_PAPER, (now, number))
    done = connection.exec_driver_sql(_REWRITE_PAPER, (*_listed(paper), number))
    if done.rowcount != 1:
        raise StoreError(f"there is no paper number {number} in the database")


def watch_exactly(connection: Connection, numbers: Collection[int]) -> None:
    """Set ``watched`` for these and clear it for all others; rows already right are left."""
    connection.exec_driver_sql(
        """UPDATE paper SET watched = 1 - watched WHERE watched <>
           CASE WHEN id IN (SELECT n.value FROM json_each(?) n) THEN 1 ELSE 0 END""",
        (numbers_text(numbers),),
    )


def accepted_ids(
    connection: Connection, papers: Iterable[int] | None = None, *, known: Known
) -> dict[int, tuple[Identifier, ...]]:
    """Accepted identifiers by paper, oldest first (all papers when None)."""
    query = "SELECT paper_id, scheme || ':' || value FROM identifier WHERE state = 'accepted'"
    values: tuple[str, ...] = ()
    if papers is not None:
        query += " AND paper_id IN (SELECT n.value FROM json_each(?) n)"
        values = (numbers_text(papers),)
    return _grouped(raw_rows(connection, f"{query} ORDER BY paper_id, at, rowid", values), known)


def _grouped(rows: Iterable[tuple[int, str]], known: Known) -> dict[int, tuple[Identifier, ...]]:
    found: defaultdict[int, list[Identifier]] = defaultdict(list)
    for paper, text in rows:
        found[paper].append(known.identifier(text))
    return {paper: tuple(ids) for paper, ids in found.items()}


def read_identifiers(
    connection: Connection,
    papers: Collection[int],
    known: Known,
    *,
    states: Collection[str] = (),
) -> list[KnownIdentifier]:
    """Everything decided on identifiers, by paper, oldest first."""
    wheres: list[str] = []
    values: tuple[str, ...] = ()
    if papers:
        wheres.append("paper_id IN (SELECT n.value FROM json_each(?) n)")
        values = (numbers_text(papers),)
    if states:
        wheres.append("state IN (SELECT w.value FROM json_each(?) w)")
        values = (*values, json.dumps(sorted(states)))
    query = _IDENTIFIERS + (f" WHERE {' AND '.join(wheres)}" if wheres else "")
    return [
        KnownIdentifier(
            paper=paper,
            identifier=known.identifier(text),
            state=state,
            origin=origin,
            score=score,
            note=note,
            at=at,
        )
        for paper, text, state, origin, score, note, at in raw_rows(
            connection, f"{query} ORDER BY paper_id, at, rowid", values
        )
    ]


def upsert_identifiers(connection: Connection, rows: Sequence[KnownIdentifier]) -> None:
    """Add or overwrite, by (paper, scheme, value); only people take a rejection back.

    What was decided before stays, so that a past day knows it.
    """
    if rows:
        connection.exec_driver_sql(
            _KEEP_IDENTIFIER,
            [
                (
                    row.at, row.paper, row.identifier.scheme, storable(row.identifier.value),
                    row.state, row.at, row.state, row.origin,
                )
                for row in rows
            ],
        )  # fmt: skip
        connection.exec_driver_sql(
            _UPSERT_IDENTIFIER,
            [
                (
                    row.paper,
                    row.identifier.scheme,
                    storable(row.identifier.value),
                    row.state,
                    row.origin,
                    row.score,
                    storable(row.note),
                    row.at,
                )
                for row in rows
            ],
        )
