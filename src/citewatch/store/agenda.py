"""What lies before a source: a few numbers out of many rows, for whoever plans passes."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from citewatch.ports import Agenda
from citewatch.store.codec import compact

# A paper that the source never answered about waits for its title to be looked for when it
# has no identifier that the source takes, or when none of them led anywhere.
_ROWS = """SELECT p.title, t.status, t.next_check_at, t.next_search_at, t.answered, t.answered_at,
    EXISTS (SELECT 1 FROM identifier i WHERE i.paper_id = t.paper_id AND i.state = 'accepted'
            AND i.scheme IN (SELECT w.value FROM json_each(?) w)) AS usable
    FROM track t JOIN paper p ON p.id = t.paper_id WHERE t.source = ? AND p.watched = 1"""
_BEFORE = f"""SELECT
    min(CASE WHEN usable THEN next_check_at END),
    min(CASE WHEN answered IS NULL AND title <> '' AND (status = 'missing' OR NOT usable)
        THEN CASE WHEN next_search_at > next_check_at THEN next_search_at ELSE next_check_at END
        END),
    count(*), count(CASE WHEN status = 'held' THEN 1 END), max(answered_at)
    FROM ({_ROWS}) AS tracks"""  # noqa: S608
_BEHIND = """SELECT
    max(CASE WHEN status IN ('ok', 'partial') AND found + missing > 0 THEN finished_at END),
    max(finished_at) FROM run WHERE source = ? AND "trigger" <> 'import'"""


def read_agenda(connection: Connection, source: str, schemes: Collection[str]) -> Agenda:
    """What lies before a source, and what lies behind it."""
    ask_at, search_at, papers, held, newest = connection.exec_driver_sql(
        _BEFORE, (compact(sorted(schemes)), source)
    ).one()
    good_at, passed_at = connection.exec_driver_sql(_BEHIND, (source,)).one()
    return Agenda(
        ask_at=ask_at, search_at=search_at, papers=papers, held=held, newest_answer_at=newest,
        good_at=good_at, passed_at=passed_at,
    )  # fmt: skip
