"""Whole series, now or as they were known at an instant: a handful of queries for any number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from operator import attrgetter

from sqlalchemy import Connection

from citewatch.domain.papers import Facts, Instant, Snapshot
from citewatch.ports import History
from citewatch.store.catalog import numbers_text
from citewatch.store.codec import Known, compact, snapshot_value
from citewatch.store.engine import raw_rows
from citewatch.store.polling import read_states

_END_OF_TIME = 2**62

# CROSS JOIN keeps SQLite to this order: for each series one stretch of the clustered
# table, which begins at the newest snapshot at or before ``since``.
_SNAPSHOTS = """SELECT s.series_id, s.at, s.citation_count, s.previous_count,
        s.influential_count, s.status, s.without_self_count
    FROM json_each(?) n CROSS JOIN snapshot s
    WHERE s.series_id = n.value AND s.at <= ? AND s.at >= coalesce(
        (SELECT max(b.at) FROM snapshot b WHERE b.series_id = n.value AND b.at <= ?), ?)"""

_FACTS = """SELECT n.value, f.data FROM json_each(?) n CROSS JOIN facts f
    WHERE f.series_id = n.value AND f.at =
        (SELECT max(b.at) FROM facts b WHERE b.series_id = n.value AND b.at <= ?)"""


def read_histories(
    connection: Connection,
    *,
    papers: Collection[int] | None,
    sources: Collection[str],
    since: Instant | None,
    until: Instant | None,
    known: Known,
) -> list[History]:
    """Series in the order of their papers; with state rows only when ``until`` is None."""
    where, values = _chosen(papers, sources)
    if until is None:
        return _as_of_now(connection, where, values, since=since, known=known)
    rows = connection.exec_driver_sql(
        f"SELECT t.id, t.paper_id, t.source FROM track t {where}",  # noqa: S608  (constants)
        values,
    ).fetchall()
    numbers = [row[0] for row in rows]
    snapshots = _snapshots(connection, numbers, since=since, until=until)
    facts = _facts(connection, numbers, until=until, known=known)
    return [
        History(
            series=series,
            paper=paper,
            source=source,
            snapshots=snapshots.get(series, ()),
            facts=facts.get(series),
        )
        for series, paper, source in rows
    ]


def _as_of_now(
    connection: Connection,
    where: str,
    values: tuple[str, ...],
    *,
    since: Instant | None,
    known: Known,
) -> list[History]:
    helds = read_states(connection, where, values, known)
    numbers = [held.series for held in helds]
    snapshots = _snapshots(connection, numbers, since=since, until=_END_OF_TIME)
    return [
        History(
            series=held.series,
            paper=held.paper,
            source=held.source,
            snapshots=snapshots.get(held.series, ()),
            held=held,
            facts=held.facts,
        )
        for held in helds
    ]


def _chosen(
    papers: Collection[int] | None, sources: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    tests, values = [], []
    if papers is not None:
        tests.append("t.paper_id IN (SELECT n.value FROM json_each(?) n)")
        values.append(numbers_text(papers))
    if sources:
        tests.append("t.source IN (SELECT w.value FROM json_each(?) w)")
        values.append(compact(list(sources)))
    where = f"WHERE {' AND '.join(tests)}" if tests else ""
    return f"{where} ORDER BY t.paper_id, t.id", tuple(values)


def _snapshots(
    connection: Connection, series: Sequence[int], *, since: Instant | None, until: Instant
) -> dict[int, list[Snapshot]]:
    # A window that begins after it ends still shows what was known at its end.
    start = -1 if since is None else min(since, until)
    rows = raw_rows(connection, _SNAPSHOTS, (numbers_text(series), until, start, start))
    found: defaultdict[int, list[Snapshot]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(snapshot_value(row))
    for readings in found.values():
        # They come in this order already; ORDER BY would sort them all once more.
        readings.sort(key=attrgetter("at"))
    return found


def _facts(
    connection: Connection, series: Sequence[int], *, until: Instant, known: Known
) -> dict[int, Facts]:
    rows = raw_rows(connection, _FACTS, (numbers_text(series), until))
    return {number: known.facts(data) for number, data in rows}
