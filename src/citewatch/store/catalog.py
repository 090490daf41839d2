"""Papers and their identifiers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, func, insert, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlmodel import col

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Instant, Paper
from citewatch.errors import StoreError
from citewatch.ports import KnownIdentifier, StoredPaper
from citewatch.store.codec import Known, compact, storable
from citewatch.store.engine import raw_rows
from citewatch.store.tables import IdentifierRow, PaperRow

ACCEPTED = "accepted"


def numbers_text(numbers: Iterable[int]) -> str:
    """Numbers as one JSON parameter for ``json_each``: no limit on how many."""
    return compact(list(numbers))


def read_papers(connection: Connection, known: Known) -> list[StoredPaper]:
    """All papers in the order in which they were added, with their accepted identifiers."""
    ids = accepted_ids(connection, known=known)
    p = PaperRow
    rows = connection.execute(
        select(
            col(p.id),
            col(p.key),
            col(p.title),
            col(p.year),
            col(p.authors),
            col(p.venue),
            col(p.claim),
            col(p.watched),
            col(p.adopted),
            col(p.added_at),
        ).order_by(col(p.id))
    )
    return [
        StoredPaper(
            number=number or 0,
            paper=Paper(
                key=key,
                title=title,
                year=year,
                authors=tuple(json.loads(authors)),
                venue=venue,
                claim=claim,
                ids=ids.get(number or 0, ()),
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
    newest = connection.execute(select(func.max(col(PaperRow.id)))).scalar() or 0
    numbers = list(range(newest + 1, newest + 1 + len(papers)))
    connection.execute(
        insert(PaperRow),
        [
            {
                "id": number,
                "key": paper.key,
                **_listed(paper),
                "watched": int(not adopted),
                "adopted": int(adopted),
                "added_at": now,
            }
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


def _listed(paper: Paper) -> dict[str, str | int | None]:
    return {
        "title": storable(paper.title),
        "year": paper.year,
        "authors": compact(paper.authors),
        "venue": storable(paper.venue),
        "claim": paper.claim,
    }


def rewrite_paper(connection: Connection, number: int, paper: Paper) -> None:
    """Replace what the list says of a paper."""
    done = connection.execute(
        update(PaperRow).where(col(PaperRow.id) == number).values(**_listed(paper))
    )
    if done.rowcount != 1:
        raise StoreError(f"there is no paper number {number} in the database")


def watch_exactly(connection: Connection, numbers: Collection[int]) -> None:
    """Set ``watched`` for these and clear it for all others; rows already right are left."""
    connection.exec_driver_sql(
        """UPDATE paper SET watched = NOT watched
           WHERE watched <> (id IN (SELECT value FROM json_each(?)))""",
        (numbers_text(numbers),),
    )


def accepted_ids(
    connection: Connection, papers: Iterable[int] | None = None, *, known: Known
) -> dict[int, tuple[Identifier, ...]]:
    """Accepted identifiers by paper, oldest first (all papers when None)."""
    query = "SELECT paper_id, scheme || ':' || value FROM identifier WHERE state = 'accepted'"
    values: tuple[str, ...] = ()
    if papers is not None:
        query += " AND paper_id IN (SELECT value FROM json_each(?))"
        values = (numbers_text(papers),)
    found: defaultdict[int, list[Identifier]] = defaultdict(list)
    for paper, text in raw_rows(connection, f"{query} ORDER BY paper_id, at, rowid", values):
        found[paper].append(known.identifier(text))
    return {paper: tuple(ids) for paper, ids in found.items()}


def read_identifiers(connection: Connection, papers: Collection[int]) -> list[KnownIdentifier]:
    """Everything decided on identifiers, by paper, oldest first."""
    i = IdentifierRow
    query = select(
        col(i.paper_id),
        col(i.scheme),
        col(i.value),
        col(i.state),
        col(i.origin),
        col(i.score),
        col(i.note),
        col(i.at),
    ).order_by(col(i.paper_id), col(i.at), literal_column("identifier.rowid"))
    if papers:
        query = query.where(col(i.paper_id).in_(list(papers)))
    return [
        KnownIdentifier(
            paper=paper,
            identifier=Identifier(scheme, value),
            state=state,
            origin=origin,
            score=score,
            note=note,
            at=at,
        )
        for paper, scheme, value, state, origin, score, note, at in connection.execute(query)
    ]


def upsert_identifiers(connection: Connection, rows: Sequence[KnownIdentifier]) -> None:
    """Add or overwrite, by (paper, scheme, value)."""
    if not rows:
        return
    add = upsert(IdentifierRow)
    again = {
        name: getattr(add.excluded, name) for name in ("state", "origin", "score", "note", "at")
    }
    connection.execute(
        add.on_conflict_do_update(index_elements=["paper_id", "scheme", "value"], set_=again),
        [
            {
                "paper_id": row.paper,
                "scheme": row.identifier.scheme,
                "value": storable(row.identifier.value),
                "state": row.state,
                "origin": row.origin,
                "score": row.score,
                "note": storable(row.note),
                "at": row.at,
            }
            for row in rows
        ],
    )
