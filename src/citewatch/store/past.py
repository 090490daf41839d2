"""Who cites a paper, in the database: listed works, looks at lists, reconstructed pasts.

A look belongs to whoever holds its lease, and every write of it is conditional on that. So
the daemon and a command beside it can both look, without a lock on the database.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from sqlalchemy import Connection

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Instant
from citewatch.domain.reconstruction import Reconstruction
from citewatch.ports.past import Finished, KnownWork, Look, PastDue
from citewatch.ports.store import LoggedChange
from citewatch.store.catalog import numbers_text
from citewatch.store.codec import compact, storable
from citewatch.store.engine import Database, raw_rows
from citewatch.store.log import insert_changes
from citewatch.store.past_rows import (
    LOOK_COLUMNS,
    MADE_COLUMNS,
    WORK_COLUMNS,
    known_work,
    look_cells,
    look_value,
    made_cells,
    made_value,
    work_cells,
)

_L = ", ".join(f"l.{name}" for name in LOOK_COLUMNS)
_W = ", ".join(WORK_COLUMNS)
_M = ", ".join(MADE_COLUMNS)
_RM = ", ".join(f"r.{name}" for name in MADE_COLUMNS)


def _marks(columns: Sequence[str]) -> str:
    return ", ".join("?" for _ in columns)


# Constants throughout: the names of columns are put together, values never are.
_TRACKED = f"""SELECT t.id, t.paper_id, t.asked, t.answered, t.citation_count, l.series_id, {_L}
    FROM track t JOIN paper p ON p.id = t.paper_id LEFT JOIN look l ON l.series_id = t.id
    WHERE t.source = ? AND t.citation_count IS NOT NULL
    AND COALESCE(t.answered, t.asked) IS NOT NULL"""  # noqa: S608
_DUE = f"""{_TRACKED} AND p.watched = 1 AND t.status = 'ok'
    AND COALESCE(l.next_look_at, 0) <= ?"""
_NEVER = f"""{_DUE} AND l.baseline_at IS NULL ORDER BY COALESCE(l.next_look_at, 0), t.id LIMIT ?"""
_MOVED = f"""{_DUE} AND l.baseline_at IS NOT NULL
    AND (l.record <> COALESCE(t.answered, t.asked)
         OR COALESCE(l.citation_count, -1) <> t.citation_count OR l.unsettled = 1
         OR (l.capped = 1 AND ? = 1))
    ORDER BY l.next_look_at, t.id LIMIT ?"""
_OF_PAPERS = f"""{_TRACKED} AND t.paper_id IN (SELECT n.value FROM json_each(?) n)
    ORDER BY t.id"""  # noqa: S608
_INSERT_LOOK = "INSERT INTO look (series_id) VALUES (?) ON CONFLICT (series_id) DO NOTHING"
_UPDATE_LOOK = f"""UPDATE look SET ({", ".join(LOOK_COLUMNS)}) = ({_marks(LOOK_COLUMNS)})
    WHERE series_id = ?"""  # noqa: S608
_MINE = " AND number = ? AND lease_until IS NOT NULL"
_INSERT_WORK = f"""INSERT INTO citing (series_id, {_W}, first_seen_at, seen)
    VALUES (?, {_marks(WORK_COLUMNS)}, ?, ?)
    ON CONFLICT (series_id, record) DO UPDATE SET title = excluded.title,
        venue = excluded.venue, published_on = excluded.published_on,
        authors = excluded.authors, ids = excluded.ids,
        influential = COALESCE(excluded.influential, citing.influential),
        seen = excluded.seen, gone_since = NULL"""  # noqa: S608
_WORKS = f"""SELECT {_W}, first_seen_at, seen, told, gone_since, gone_at FROM citing
    WHERE series_id = ? ORDER BY record"""  # noqa: S608
_SOME = "series_id = ? AND record IN (SELECT w.value FROM json_each(?) w)"


@dataclass(frozen=True, slots=True)
class SqlPast:
    """`citewatch.ports.past.Past` over five tables."""

    database: Database

    def due(
        self, source: str, *, now: Instant, limit: int, deep: bool = False
    ) -> Sequence[PastDue]:
        """Watched papers whose list is to be looked at now, new ones and others in turn."""
        with self.database.read() as connection:
            never = _dues(connection, source, _NEVER, (source, now, limit))
            moved = _dues(connection, source, _MOVED, (source, now, int(deep), limit))
        turns = chain.from_iterable(zip_longest(moved, never))
        return [due for due in turns if due is not None][:limit]

    def tracked(self, source: str, papers: Collection[int]) -> Sequence[PastDue]:
        """These papers at the source, due or not, where it ever gave a count."""
        with self.database.read() as connection:
            return _dues(connection, source, _OF_PAPERS, (source, numbers_text(papers)))

    def begin(
        self, due: PastDue, *, record: str, now: Instant, lease_until: Instant, seize: bool = False
    ) -> Look | None:
        """A look begins; None while another one is under way, unless we ``seize`` it."""
        with self.database.write() as connection:
            connection.exec_driver_sql(_INSERT_LOOK, (due.series,))
            before = _look(connection, due.series)
            # What lies further ahead than a lease can was written by a clock that was ahead.
            held = before.lease_until is not None and now < before.lease_until <= lease_until
            if held and not seize:
                return None
            look = replace(before, number=before.number + 1, lease_until=lease_until)
            if before.record not in ("", record):
                look = Look(
                    series=due.series, number=look.number, lease_until=lease_until, record=record
                )
            look = replace(look, record=record)
            connection.exec_driver_sql(_UPDATE_LOOK, (*look_cells(look), due.series))
            return look

    def keep(
        self, look: Look, works: Sequence[CitingWork], *, now: Instant, lease_until: Instant
    ) -> int | None:
        """Store a page; how many of its works were new. None: the look is no longer ours."""
        with self.database.write() as connection:
            held = connection.exec_driver_sql(
                f"UPDATE look SET lease_until = ? WHERE series_id = ?{_MINE}",  # noqa: S608
                (lease_until, look.series, look.number),
            )
            if held.rowcount != 1:
                return None
            source = _source(connection, look.series)
            cells = {str(c[0]): c for c in (work_cells(work, source) for work in works)}
            known = _known(connection, look.series, cells)
            if cells:
                connection.exec_driver_sql(
                    _INSERT_WORK, [(look.series, *c, now, look.number) for c in cells.values()]
                )
            return len(cells.keys() - known)

    def works(self, series: int) -> Sequence[KnownWork]:
        """Every work of a list, by its record."""
        with self.database.read() as connection:
            source = _source(connection, series)
            return [known_work(row, source) for row in raw_rows(connection, _WORKS, (series,))]

    def finish(self, done: Finished, *, now: Instant) -> Sequence[LoggedChange] | None:
        """A look came to an end; None: it was no longer ours, and nothing was stored."""
        look = done.look
        with self.database.write() as connection:
            if not _end(connection, look):
                return None
            if done.told:
                connection.exec_driver_sql(
                    "UPDATE citing SET told = 1 WHERE series_id = ? AND told = 0", (look.series,)
                )
            for column, records, value in (
                ("gone_since", done.gone_since, now),
                ("gone_at", done.gone_at, now),
                ("gone_at", done.again, None),
            ):
                if records:
                    connection.exec_driver_sql(
                        f"UPDATE citing SET {column} = ? WHERE {_SOME}",  # noqa: S608
                        (value, look.series, compact(sorted(records))),
                    )
            if done.reconstruction is not None:
                _store_made(connection, look.series, done.reconstruction)
            return insert_changes(connection, done.changes, notify=True)

    def give_up(self, look: Look) -> None:
        """A look came to no end: its lease goes, and when to try again is remembered."""
        with self.database.write() as connection:
            _end(connection, look)

    def looks(self, papers: Collection[int]) -> Mapping[tuple[int, str], Look]:
        """What is known of these papers' lists, by (paper, source)."""
        query = f"""SELECT t.paper_id, t.source, l.series_id, {_L} FROM track t
            JOIN look l ON l.series_id = t.id
            WHERE t.paper_id IN (SELECT n.value FROM json_each(?) n)"""  # noqa: S608
        with self.database.read() as connection:
            rows = raw_rows(connection, query, (numbers_text(papers),))
            return {(row[0], row[1]): look_value(row[2], row[3:]) for row in rows}

    def reconstructions(self, papers: Collection[int]) -> Mapping[tuple[int, str], Reconstruction]:
        """The reconstructed pasts of these papers, by (paper, source)."""
        query = f"""SELECT t.paper_id, t.source, r.series_id, {_RM} FROM track t
            JOIN reconstruction r ON r.series_id = t.id
            WHERE t.paper_id IN (SELECT n.value FROM json_each(?) n)
            ORDER BY t.paper_id, t.source"""  # noqa: S608
        with self.database.read() as connection:
            rows = list(raw_rows(connection, query, (numbers_text(papers),)))
            points = _points(connection, [row[2] for row in rows])
        return {(row[0], row[1]): made_value(row[3:], points.get(row[2], ())) for row in rows}

    def forget(self, papers: Collection[int]) -> None:
        """Forget who cites these papers and what their past was."""
        with self.database.write() as connection:
            delete_past(connection, papers)

    def learn(self, paper: int, source: str, authors: Sequence[Person]) -> None:
        """A source names the authors of a watched paper, with their identities."""
        rows = {p.identity: p.name for p in authors if p.identity}
        if rows:
            with self.database.write() as connection:
                connection.exec_driver_sql(
                    """INSERT INTO person (paper_id, identity, name, source) VALUES (?, ?, ?, ?)
                       ON CONFLICT (paper_id, identity) DO UPDATE SET name = excluded.name""",
                    [(paper, storable(i), storable(name), source) for i, name in rows.items()],
                )

    def people(self, papers: Collection[int] = ()) -> Mapping[int, Sequence[Person]]:
        """Authors of watched papers with an identity, by paper; all papers when empty."""
        query, chosen = "SELECT paper_id, name, identity FROM person", tuple[str, ...]()
        if papers:
            query += " WHERE paper_id IN (SELECT n.value FROM json_each(?) n)"
            chosen = (numbers_text(papers),)
        found: dict[int, list[Person]] = defaultdict(list)
        with self.database.read() as connection:
            for paper, name, identity in raw_rows(connection, query, chosen):
                found[paper].append(Person(name, identity))
        return found


def delete_past(connection: Connection, papers: Collection[int]) -> None:
    """Forget who cites these papers and what their past was; before their series go."""
    chosen = (numbers_text(papers),)
    series = """SELECT t.id FROM track t
        WHERE t.paper_id IN (SELECT n.value FROM json_each(?) n)"""
    for table in ("reconstructed", "reconstruction", "citing", "look"):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE series_id IN ({series})", chosen)  # noqa: S608
    connection.exec_driver_sql(
        "DELETE FROM person WHERE paper_id IN (SELECT n.value FROM json_each(?) n)", chosen
    )


def _dues(
    connection: Connection, source: str, query: str, values: tuple[int | str, ...]
) -> list[PastDue]:
    return [
        PastDue(
            series=row[0], paper=row[1], source=source, asked=_identifier(row[2]),
            answered=_identifier(row[3]), count=row[4],
            look=None if row[5] is None else look_value(row[5], row[6:]),
        )
        for row in raw_rows(connection, query, values)
    ]  # fmt: skip


def _identifier(text: str | None) -> Identifier | None:
    if text is None:
        return None
    scheme, _, value = text.partition(":")
    return Identifier(scheme, value)


def _look(connection: Connection, series: int) -> Look:
    query = f"SELECT {_L} FROM look l WHERE l.series_id = ?"  # noqa: S608
    return look_value(series, next(iter(raw_rows(connection, query, (series,)))))


def _end(connection: Connection, look: Look) -> bool:
    cells = look_cells(replace(look, lease_until=None))
    done = connection.exec_driver_sql(f"{_UPDATE_LOOK}{_MINE}", (*cells, look.series, look.number))
    return bool(done.rowcount == 1)


def _source(connection: Connection, series: int) -> str:
    query = "SELECT source FROM track WHERE id = ?"
    found = connection.exec_driver_sql(query, (series,)).fetchone()
    return "" if found is None else str(found[0])


def _known(connection: Connection, series: int, records: Iterable[str]) -> set[str]:
    rows = raw_rows(
        connection, f"SELECT record FROM citing WHERE {_SOME}",  # noqa: S608
        (series, compact(list(records))),
    )  # fmt: skip
    return {record for (record,) in rows}


def _points(connection: Connection, series: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    query = """SELECT series_id, at, citation_count FROM reconstructed
        WHERE series_id IN (SELECT n.value FROM json_each(?) n) ORDER BY series_id, at"""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, at, count in raw_rows(connection, query, (numbers_text(series),)):
        found[number].append((at, count))
    return found


def _store_made(connection: Connection, series: int, made: Reconstruction) -> None:
    for table in ("reconstructed", "reconstruction"):
        connection.exec_driver_sql(f"DELETE FROM {table} WHERE series_id = ?", (series,))  # noqa: S608
    connection.exec_driver_sql(
        f"INSERT INTO reconstruction (series_id, {_M}) VALUES (?, {_marks(MADE_COLUMNS)})",  # noqa: S608
        (series, *made_cells(made)),
    )
    if made.times:
        connection.exec_driver_sql(
            "INSERT INTO reconstructed (series_id, at, citation_count) VALUES (?, ?, ?)",
            [(series, at, count) for at, count in zip(made.times, made.counts, strict=True)],
        )
