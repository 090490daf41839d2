"""The log of changes with its outbox, and the passes over the sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from citewatch.domain.papers import Change, Instant, Kind
from citewatch.errors import StoreError
from citewatch.ports import ChangeFilter, LoggedChange, Run
from citewatch.store.catalog import numbers_text
from citewatch.store.codec import compact, scalar_text, scalar_value, storable
from citewatch.store.engine import raw_rows

# A milestone that happened, or was taken back, before is no error and leaves no trace.
_INSERT = """INSERT INTO change
    (at, kind, paper_id, source, old, new, threshold, first_seen_at, text, imported)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING
    RETURNING id"""


def insert_changes(
    connection: Connection, changes: Sequence[Change], *, notify: bool
) -> list[LoggedChange]:
    """Add changes and, with ``notify``, their outbox rows; those that were new."""
    if not changes:
        return []
    added: list[tuple[int, Change]] = []
    for change in changes:
        row = connection.exec_driver_sql(_INSERT, _cells(change, imported=not notify)).fetchone()
        if row is not None:
            added.append((row[0], change))
    if notify and added:
        connection.exec_driver_sql(
            "INSERT INTO outbox (change_id, created_at) VALUES (?, ?)",
            [(number, change.at) for number, change in added],
        )
    names = _names(connection, {c.paper for _, c in added if c.paper is not None})
    return [
        LoggedChange(number=number, change=change, key=key, title=title)
        for number, change in added
        for key, title in [names.get(change.paper or 0, (None, None))]
    ]


def _cells(change: Change, *, imported: bool) -> tuple[int | str | None, ...]:
    return (
        change.at,
        change.kind.value,
        change.paper,
        change.source,
        scalar_text(change.old),
        scalar_text(change.new),
        change.threshold,
        change.first_seen_at,
        storable(change.text),
        int(imported),
    )


def _names(connection: Connection, papers: set[int]) -> dict[int, tuple[str | None, str | None]]:
    rows = connection.exec_driver_sql(
        "SELECT id, key, title FROM paper WHERE id IN (SELECT n.value FROM json_each(?) n)",
        (numbers_text(papers),),
    )
    return {number: (key, title) for number, key, title in rows}


_LOGGED = """SELECT c.id, c.at, c.kind, c.paper_id, c.source, c.old, c.new, c.threshold,
        c.first_seen_at, c.text, p.key, p.title
    FROM change c LEFT JOIN paper p ON p.id = c.paper_id"""


def read_changes(connection: Connection, wanted: ChangeFilter) -> list[LoggedChange]:
    """The log in the order of ``at``, then number; ``since`` and ``until`` belong to it."""
    tests, values = _conditions(wanted)
    where = f"WHERE {' AND '.join(tests)}" if tests else ""
    sql = f"{_LOGGED} {where} ORDER BY c.at, c.id"
    return [logged(row) for row in raw_rows(connection, sql, values)]


def logged(row: Sequence[Any]) -> LoggedChange:
    """One line of the log out of its columns."""
    change = Change(
        at=row[1],
        kind=Kind(row[2]),
        paper=row[3],
        source=row[4],
        old=scalar_value(row[5]),
        new=scalar_value(row[6]),
        threshold=row[7],
        first_seen_at=row[8],
        text=row[9],
    )
    return LoggedChange(number=row[0], change=change, key=row[10], title=row[11])


def _conditions(wanted: ChangeFilter) -> tuple[list[str], tuple[int | str, ...]]:
    words = "(SELECT w.value FROM json_each(?) w)"
    tests: list[tuple[str, int | str]] = []
    if wanted.since is not None:
        tests.append(("c.at >= ?", wanted.since))
    if wanted.until is not None:
        tests.append(("c.at <= ?", wanted.until))
    if wanted.kinds:
        tests.append((f"c.kind IN {words}", compact([kind.value for kind in wanted.kinds])))
    if wanted.papers:
        numbers = "(SELECT n.value FROM json_each(?) n)"
        tests.append((f"c.paper_id IN {numbers}", numbers_text(wanted.papers)))
    if wanted.sources:
        tests.append((f"c.source IN {words}", compact(list(wanted.sources))))
    if wanted.numbers:
        numbers = "(SELECT n.value FROM json_each(?) n)"
        tests.append((f"c.id IN {numbers}", numbers_text(wanted.numbers)))
    if wanted.after_number:
        tests.append(("c.id > ?", wanted.after_number))
    return [test for test, _ in tests], tuple(value for _, value in tests)


_RUN_COLUMNS = (
    "source, started_at, finished_at, status, trigger, requests, papers, found, missing, failed, "
    "changed, note"
)
_RUN_MARKS = "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
_INSERT_RUN = f"INSERT INTO run ({_RUN_COLUMNS}) VALUES ({_RUN_MARKS}) RETURNING id"  # noqa: S608
_FINISH_RUN = f"UPDATE run SET ({_RUN_COLUMNS}) = ({_RUN_MARKS}) WHERE id = ?"  # noqa: S608
_INSERT_RUN_ONCE = f"""INSERT INTO run ({_RUN_COLUMNS}) SELECT {_RUN_MARKS}
    WHERE NOT EXISTS (SELECT 1 FROM run WHERE source = ? AND started_at = ? AND trigger = ?)
"""  # noqa: S608  (constants)


def insert_run(connection: Connection, run: Run) -> int:
    """Add a pass; its number."""
    (number,) = connection.exec_driver_sql(_INSERT_RUN, _run_cells(run)).one()
    return int(number)


def finish_run(connection: Connection, run: Run) -> None:
    """Overwrite the pass ``run.number``."""
    done = connection.exec_driver_sql(_FINISH_RUN, (*_run_cells(run), run.number))
    if done.rowcount != 1:
        raise StoreError(f"there is no run number {run.number} in the database")


def insert_past_runs(connection: Connection, runs: Sequence[Run]) -> None:
    """Add passes that are over; one known by source, start and trigger is left alone."""
    if runs:
        connection.exec_driver_sql(
            _INSERT_RUN_ONCE,
            [(*_run_cells(run), run.source, run.started_at, run.trigger) for run in runs],
        )


def _run_cells(run: Run) -> tuple[int | str | None, ...]:
    """In the order of `_RUN_COLUMNS`."""
    return (
        run.source,
        run.started_at,
        run.finished_at,
        run.status,
        run.trigger,
        run.requests,
        run.papers,
        run.found,
        run.missing,
        run.failed,
        run.changed,
        storable(run.note),
    )


_RUNS = f"""SELECT r.id, {_RUN_COLUMNS} FROM run r
    WHERE r.started_at >= ? AND r.started_at <= ?"""  # noqa: S608  (constants)
_END_OF_TIME = 2**62


def read_runs(
    connection: Connection, *, source: str | None, since: Instant, until: Instant | None
) -> list[Run]:
    """Passes that began in the window, both ends included, in the order of their start."""
    values: tuple[int | str, ...] = (since, _END_OF_TIME if until is None else until)
    query = _RUNS
    if source is not None:
        query, values = f"{query} AND r.source = ?", (*values, source)
    return [
        _run(row) for row in raw_rows(connection, f"{query} ORDER BY r.started_at, r.id", values)
    ]


def _run(row: Sequence[Any]) -> Run:
    return Run(
        number=row[0],
        source=row[1],
        started_at=row[2],
        finished_at=row[3],
        status=row[4],
        trigger=row[5],
        requests=row[6],
        papers=row[7],
        found=row[8],
        missing=row[9],
        failed=row[10],
        changed=row[11],
        note=row[12],
    )
