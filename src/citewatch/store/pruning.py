"""Rows that nobody will ever read again. Snapshots, facts and changes are never among them.

Nothing here may alter a figure of any report, also not of a past day: services.report,
services.standing and services.health say which passes they read.
"""

from __future__ import annotations

from sqlalchemy import Connection

from citewatch.domain.papers import Instant

# The daemon begins a pass whenever something may be due; one that asked nothing says
# nothing. Nor does one that never ended: reports read finished passes only.
_IDLE = """DELETE FROM run WHERE started_at < ? AND trigger <> 'import' AND (finished_at IS NULL
    OR (status = 'ok' AND requests = 0 AND found + missing = 0))"""

# Of equal failures in a row the first says since when, the last until when.
_REPEATED = """DELETE FROM run WHERE id IN (
    SELECT id FROM (
        SELECT id, started_at, status,
               (status, note) = (lag(status) OVER w, lag(note) OVER w) AS as_before,
               (status, note) = (lead(status) OVER w, lead(note) OVER w) AS as_after
        FROM run WHERE trigger <> 'import' AND finished_at IS NOT NULL
        AND NOT (status = 'ok' AND requests = 0 AND found + missing = 0)
        WINDOW w AS (PARTITION BY source ORDER BY started_at, id)) AS runs
    WHERE started_at < ? AND status IN ('failed', 'parked', 'blocked')
    AND as_before AND as_after)"""

PRUNED = (_IDLE, _REPEATED)
"""Statements that take an instant before which rows may go."""


def prune(connection: Connection, before: Instant) -> int:
    """Delete what is not needed any more; how many rows that were.

    Their pages are used again by later rows. The file does not shrink: that would take
    as much room again and keep everybody waiting. Backups leave free pages out.
    """
    return sum(connection.exec_driver_sql(sql, (before,)).rowcount for sql in PRUNED)
