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
_PAPERS = """SELECT id, key, title, year, authors, venue, claim, watched, adopted, added_at
    FROM paper ORDER BY id"""
_INSERT_PAPER = """INSERT INTO paper
    (id, key, title, year, authors, venue, claim, watched, adopted, added_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_REWRITE_PAPER = """UPDATE paper SET title = ?, year = ?, authors = ?, venue = ?, claim = ?
    WHERE id = ?"""
_IDENTIFIERS = """SELECT paper_id, scheme || ':' || value, state, origin, score, note, at
    FROM identifier"""
_UPSERT_IDENTIFIER = """INSERT INTO identifier
    (paper_id, scheme, value, state, origin, score, note, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (paper_id, scheme, value) DO UPDATE SET state = excluded.state,
        origin = excluded.origin, score = excluded.score, note = excluded.note, at = excluded.at
    WHERE identifier.state <> 'rejected' OR excluded.state = 'rejected'
        OR excluded.origin IN ('user', 'list')"""


def numbers_text(numbers: Iterable[int]) -> str:
    """Numbers as one JSON parameter for ``json_each``: no limit on how many."""
    return compact(list(numbers))


def read_papers(connection: Connection, known: Known) -> list[StoredPaper]:
    """All papers in the order in which they were added, with their accepted identifiers."""
    ids = accepted_ids(connection, known=known)
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
        for number, key, title, year, authors, venue, claim, watched, adopted, added_at in raw_rows(
            connection, _PAPERS, ()
        )
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


def rewrite_paper(connection: Connection, number: int, paper: Paper) -> None:
    """Replace what the list says of a paper."""
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
    found: defaultdict[int, list[Identifier]] = defaultdict(list)
    for paper, text in raw_rows(connection, f"{query} ORDER BY paper_id, at, rowid", values):
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
    """Add or overwrite, by (paper, scheme, value); only people take a rejection back."""
    if rows:
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
