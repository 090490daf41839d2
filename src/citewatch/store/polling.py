"""What polling reads and writes: state rows out, one answer's worth of readings in.

Plain SQL on the driver's cursor: per row SQLAlchemy's own results and inserts cost three
times as much, and this is where a hundred thousand papers pass by.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection

from citewatch.domain.papers import Facts, Held, Instant, Snapshot
from citewatch.errors import StoreError
from citewatch.ports import Batch, Due, HeldBack, LoggedChange
from citewatch.store.catalog import accepted_ids, numbers_text, upsert_identifiers
from citewatch.store.codec import (
    HELD_COLUMNS,
    Cells,
    Known,
    compact,
    facts_text,
    held_cells,
    held_value,
    pending_value,
    snapshot_cells,
)
from citewatch.store.dialect import either
from citewatch.store.engine import raw_rows
from citewatch.store.heard import note_answers
from citewatch.store.log import insert_changes, insert_past_runs
from citewatch.store.memo import remember

_HELD = ", ".join(f"t.{name}" for name in ("id", "paper_id", "source", *HELD_COLUMNS))
# The newest facts ride along: one step down the clustered table for each series.
_NEWEST_FACTS = "(SELECT f.data FROM facts f WHERE f.series_id = t.id ORDER BY f.at DESC LIMIT 1)"
_STATE = f"SELECT {_HELD}, {_NEWEST_FACTS} FROM track t"  # noqa: S608  (constants)

_OF_PAPERS = "WHERE t.source = ? AND t.paper_id IN (SELECT n.value FROM json_each(?) n)"

_SET = ", ".join(f"{name} = ?" for name in HELD_COLUMNS)
_UPDATE = f"UPDATE track SET {_SET} WHERE id = ?"  # noqa: S608  (constants)
_INSERT_SNAPSHOT = """INSERT INTO snapshot
    (series_id, at, citation_count, previous_count, influential_count, status,
     without_self_count)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
# Which of the rows, given as JSON, found another reading in their second.
_TAKEN = either(
    """SELECT j.key FROM json_each(?) j CROSS JOIN snapshot s
    WHERE s.series_id = json_extract(j.value, '$[0]') AND s.at = json_extract(j.value, '$[1]')
    AND (s.citation_count, s.previous_count, s.influential_count, s.status,
         s.without_self_count) IS NOT
        (json_extract(j.value, '$[2]'), json_extract(j.value, '$[3]'),
         json_extract(j.value, '$[4]'), json_extract(j.value, '$[5]'),
         json_extract(j.value, '$[6]'))""",
    postgresql="""SELECT j.key - 1
    FROM json_array_elements(?::json) WITH ORDINALITY AS j(value, key)
    JOIN snapshot s ON s.series_id = (j.value->>0)::bigint AND s.at = (j.value->>1)::bigint
    WHERE (s.citation_count, s.previous_count, s.influential_count, s.status,
           s.without_self_count) IS DISTINCT FROM
        ((j.value->>2)::bigint, (j.value->>3)::bigint, (j.value->>4)::bigint,
         (j.value->>5)::bigint, (j.value->>6)::bigint)""",
)
_HELD_BACK = """SELECT p.id, p.title, t.source, t.citation_count, t.pending
    FROM track t JOIN paper p ON p.id = t.paper_id
    WHERE t.status = 'held' AND t.pending IS NOT NULL AND p.watched = 1 ORDER BY t.id LIMIT ?"""
_INSERT_FACTS = """INSERT INTO facts (series_id, at, data) VALUES (?, ?, ?)
    ON CONFLICT (series_id, at) DO UPDATE SET data = excluded.data"""


def read_states(
    connection: Connection, conditions: str, values: tuple[int | str, ...], known: Known
) -> list[Held]:
    """State rows ``t`` that meet the conditions (and joins), with their newest facts."""
    return [
        held_value(row, known.facts(row[-1]) if row[-1] else None, known)
        for row in raw_rows(connection, f"{_STATE} {conditions}", values)
    ]


def add_series(connection: Connection, source: str, papers: Iterable[int]) -> None:
    """Make the state rows that are absent."""
    connection.exec_driver_sql(
        """INSERT INTO track (paper_id, source) SELECT n.value, ? FROM json_each(?) n WHERE true
           ON CONFLICT (paper_id, source) DO NOTHING""",
        (source, numbers_text(papers)),
    )


def without_series(connection: Connection, source: str, papers: Iterable[int]) -> list[int]:
    """Which of these papers have no state row at the source yet."""
    rows = connection.exec_driver_sql(
        """SELECT n.value FROM json_each(?) n
           WHERE NOT EXISTS (SELECT 1 FROM track t WHERE t.paper_id = n.value AND t.source = ?)""",
        (numbers_text(papers), source),
    )
    return [number for (number,) in rows]


# A series without a count has no rises yet, so there is nothing else to settle.
_BELOW_CLAIMS = """SELECT t.id, CAST(o.value AS BIGINT) FROM json_each(?) o
    JOIN track t ON t.paper_id = CAST(o.key AS BIGINT) AND t.source = ?
    WHERE t.citation_count IS NULL AND coalesce(t.confirmed_high, -1) < CAST(o.value AS BIGINT)"""


def below_claims(
    connection: Connection, source: str, claims: Mapping[int, int]
) -> list[tuple[int, int]]:
    """(series, claim) of those that never gave a count and have less than the claim settled."""
    if not claims:
        return []
    rows = connection.exec_driver_sql(_BELOW_CLAIMS, (compact(dict(claims)), source))
    return [(series, claim) for series, claim in rows]


def settle(connection: Connection, highs: Sequence[tuple[int, int]]) -> None:
    """Set how high each series is settled."""
    connection.exec_driver_sql(
        "UPDATE track SET confirmed_high = ? WHERE id = ?", [(h, series) for series, h in highs]
    )


def read_helds(
    connection: Connection, source: str, papers: Collection[int], known: Known
) -> list[Held]:
    """State rows in the order of ``papers``; those without one are left out."""
    helds = read_states(connection, _OF_PAPERS, (source, numbers_text(papers)), known)
    found = {held.paper: held for held in helds}
    return [found[paper] for paper in papers if paper in found]


def read_due(
    connection: Connection,
    source: str,
    *,
    now: Instant,
    papers: Collection[int] | None,
    force: bool,
    known: Known,
) -> list[Due]:
    """Watched papers whose time has come, in the order of their series.

    In that order, and not by how long they have been due, because neighbours share
    pages: a batch of 500 then rewrites some 30 pages instead of 500.
    """
    chosen = "SELECT id FROM track WHERE source = ?"
    values: list[str | int] = [source]
    if not force:
        chosen += " AND next_check_at <= ?"
        values.append(now)
    if papers is not None:
        chosen += " AND paper_id IN (SELECT n.value FROM json_each(?) n)"
        values.append(numbers_text(papers))
    # The numbers first: sorted alone, they are a tenth of what whole rows would be.
    conditions = (
        f"JOIN paper p ON p.id = t.paper_id WHERE t.id IN ({chosen}) AND p.watched = 1 "
        "ORDER BY t.id"
    )
    helds = read_states(connection, conditions, tuple(values), known)
    ids = accepted_ids(connection, [held.paper for held in helds], known=known)
    return [Due(held=held, ids=ids.get(held.paper, ())) for held in helds]


def read_held_back(connection: Connection, limit: int) -> list[HeldBack]:
    """Watched papers with a count that waits, as people are told of them."""
    rows = raw_rows(connection, _HELD_BACK, (limit,))
    return [
        HeldBack(
            paper=paper, title=title, source=source, believed=believed,
            said=waits.citation_count, since_at=waits.since_at,
        )
        for paper, title, source, believed, pending in rows
        for waits in (pending_value(pending),)
    ]  # fmt: skip


def store(connection: Connection, batch: Batch) -> list[LoggedChange]:
    """Write everything of the batch; the changes that are new, with their numbers."""
    if batch.identifiers:
        upsert_identifiers(connection, batch.identifiers)
    if batch.helds:
        if not batch.runs:
            # An import says when its passes were; they confirm what they found by themselves.
            decided_at = max((row.at for row in batch.identifiers), default=0)
            note_answers(connection, batch.helds, decided_at=decided_at)
        _update_states(connection, batch.helds)
    if batch.snapshots:
        _insert_snapshots(connection, batch.snapshots)
    if batch.facts:
        _insert_facts(connection, batch.facts)
    for name, text in batch.memos:
        remember(connection, name, text)
    insert_past_runs(connection, batch.runs)
    return insert_changes(connection, batch.changes, notify=batch.notify)


def _update_states(connection: Connection, helds: Sequence[Held]) -> None:
    # The whole row each time: telling what has changed would cost more than writing it,
    # since SQLite rewrites the record anyway and skips indexes whose columns stay equal.
    done = connection.exec_driver_sql(_UPDATE, [held_cells(held) for held in helds])
    if done.rowcount != len(helds):
        raise StoreError(
            f"{len(helds) - done.rowcount} of {len(helds)} series are no longer in the database",
            remedy="run the same again: it reads anew what is there",
        )


def _insert_snapshots(connection: Connection, rows: Sequence[tuple[int, Snapshot]]) -> None:
    """Add snapshots; one that is there already, equal to the last value, is left alone."""
    cells = [snapshot_cells(series, snapshot) for series, snapshot in rows]
    # Not OR IGNORE, which would also swallow a broken CHECK or NOT NULL.
    done = connection.exec_driver_sql(
        f"{_INSERT_SNAPSHOT} ON CONFLICT (series_id, at) DO NOTHING", cells
    )
    if done.rowcount != len(cells):
        taken = connection.exec_driver_sql(_TAKEN, (compact(cells),)).fetchall()
        for (position,) in taken:
            _next_free_second(connection, cells[position])


def _next_free_second(connection: Connection, wanted: Cells) -> None:
    """Two different readings in one second: the later one moves on, neither is lost."""
    series, at, *values = wanted
    assert isinstance(at, int)  # noqa: S101  (for the type checker)
    while True:
        row = connection.exec_driver_sql(
            """SELECT citation_count, previous_count, influential_count, status,
                      without_self_count
               FROM snapshot WHERE series_id = ? AND at = ?""",
            (series, at),
        ).fetchone()
        if row is None:
            connection.exec_driver_sql(_INSERT_SNAPSHOT, (series, at, *values))
        if row is None or list(row) == values:
            return
        at += 1


def _insert_facts(connection: Connection, rows: Sequence[tuple[int, Instant, Facts]]) -> None:
    connection.exec_driver_sql(
        _INSERT_FACTS, [(series, at, facts_text(facts)) for series, at, facts in rows]
    )
