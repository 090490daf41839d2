"""The log of changes with its outbox, and the passes over the sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select
from sqlmodel import col

from citewatch.domain.papers import Change, Instant, Kind
from citewatch.errors import StoreError
from citewatch.ports import ChangeFilter, LoggedChange, Run
from citewatch.store.catalog import numbers_text
from citewatch.store.codec import scalar_text, scalar_value, storable
from citewatch.store.tables import ChangeRow, PaperRow, RunRow

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


def read_changes(connection: Connection, wanted: ChangeFilter) -> list[LoggedChange]:
    """The log in the order of ``at``, then number; ``since`` and ``until`` belong to it."""
    query = (
        logged_columns().where(*_conditions(wanted)).order_by(col(ChangeRow.at), col(ChangeRow.id))
    )
    return [logged(row) for row in connection.execute(query)]


def logged_columns() -> Select[Any]:
    """The question for lines of the log, in the order that `logged` reads."""
    c, p = ChangeRow, PaperRow
    return (
        select(
            col(c.id),
            col(c.at),
            col(c.kind),
            col(c.paper_id),
            col(c.source),
            col(c.old),
            col(c.new),
            col(c.threshold),
            col(c.first_seen_at),
            col(c.text),
        )
        .add_columns(col(p.key), col(p.title))
        .select_from(c)
        .outerjoin(p, col(p.id) == col(c.paper_id))
    )


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


def _conditions(wanted: ChangeFilter) -> list[ColumnElement[bool]]:
    c = ChangeRow
    tests: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        tests.append(col(c.at) >= wanted.since)
    if wanted.until is not None:
        tests.append(col(c.at) <= wanted.until)
    if wanted.kinds:
        tests.append(col(c.kind).in_([kind.value for kind in wanted.kinds]))
    if wanted.papers:
        tests.append(col(c.paper_id).in_(list(wanted.papers)))
    if wanted.sources:
        tests.append(col(c.source).in_(list(wanted.sources)))
    if wanted.numbers:
        tests.append(col(c.id).in_(list(wanted.numbers)))
    if wanted.after_number:
        tests.append(col(c.id) > wanted.after_number)
    return tests


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


def read_runs(
    connection: Connection, *, source: str | None, since: Instant, until: Instant | None
) -> list[Run]:
    """Passes that began in the window, both ends included, in the order of their start."""
    r = RunRow
    query = (
        select(
            col(r.id),
            col(r.source),
            col(r.started_at),
            col(r.finished_at),
            col(r.status),
            col(r.trigger),
            col(r.requests),
            col(r.papers),
            col(r.found),
            col(r.missing),
            col(r.failed),
            col(r.changed),
        )
        .add_columns(col(r.note))
        .where(col(r.started_at) >= since)
        .order_by(col(r.started_at), col(r.id))
    )
    if source is not None:
        query = query.where(col(r.source) == source)
    if until is not None:
        query = query.where(col(r.started_at) <= until)
    return [_run(row) for row in connection.execute(query)]


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
