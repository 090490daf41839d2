"""What goes along from a database into the backup that takes its place.

A backup is older than what it replaces, and so does not know what was announced since.
What people were told is settled: milestones with the highest count that settled them,
badges that can be raised, what was delivered, which citing works were listed, and until when
a source asked to be left alone. Readings and other changes do not go along: they are what the
user chose to give up.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from citewatch.ports.keeping import Loss
from citewatch.store.carrying_past import carry_past
from citewatch.store.engine import address

# A reading is known by its paper's key, its source and its second; numbers differ.
_READINGS = """SELECT count(*), min(s.at) FROM there.snapshot s
    JOIN there.track t ON t.id = s.series_id
    JOIN there.paper p ON p.id = t.paper_id
    LEFT JOIN main.paper kept ON kept.key = p.key
    LEFT JOIN main.track k ON k.paper_id = kept.id AND k.source = t.source
    WHERE NOT EXISTS (SELECT 1 FROM main.snapshot o WHERE o.series_id = k.id AND o.at = s.at
        AND o.status = s.status AND o.citation_count IS s.citation_count)"""
_SAME_CHANGE = """c.at = o.at AND c.kind = o.kind AND c.source = o.source AND c.text = o.text
    AND c.threshold IS o.threshold
    AND (SELECT key FROM there.paper WHERE id = c.paper_id) IS
        (SELECT key FROM main.paper WHERE id = o.paper_id)"""
# What is said once goes along: see below.
_CHANGES = f"""SELECT count(*), min(c.at) FROM there.change c
    WHERE c.kind NOT IN ('milestone', 'milestone_lost', 'claim_stale')
    AND NOT EXISTS (SELECT 1 FROM main.change o WHERE {_SAME_CHANGE})"""  # noqa: S608  (constants)
_DECISIONS = """SELECT count(*) FROM there.identifier i JOIN there.paper p ON p.id = i.paper_id
    WHERE i.origin = 'user' AND NOT EXISTS (
        SELECT 1 FROM main.identifier o JOIN main.paper kept ON kept.id = o.paper_id
        WHERE kept.key = p.key AND o.scheme = i.scheme AND o.value = i.value
        AND o.state = i.state)"""

# Papers of which the backup has not heard, and for which something is settled.
_PAPERS = """INSERT INTO main.paper ({columns}) SELECT {columns} FROM there.paper p
    WHERE NOT EXISTS (SELECT 1 FROM main.paper o WHERE o.key = p.key)
    AND EXISTS (SELECT 1 FROM there.track t WHERE t.paper_id = p.id
        AND t.confirmed_high IS NOT NULL)"""
_SERIES = """INSERT INTO main.track (paper_id, source)
    SELECT kept.id, t.source FROM there.track t
    JOIN there.paper p ON p.id = t.paper_id JOIN main.paper kept ON kept.key = p.key
    WHERE t.confirmed_high IS NOT NULL
    ON CONFLICT (paper_id, source) DO NOTHING"""
# Rises at or below it would lower it again; those above it begin anew.
_SETTLED = """UPDATE main.track SET confirmed_high = known.high, rises = NULL
    FROM (SELECT kept.id AS paper_id, t.source AS source, t.confirmed_high AS high
          FROM there.track t JOIN there.paper p ON p.id = t.paper_id
          JOIN main.paper kept ON kept.key = p.key) AS known
    WHERE track.paper_id = known.paper_id AND track.source = known.source
    AND known.high > ifnull(track.confirmed_high, -1)"""
_MILESTONES = """INSERT INTO main.change (paper_id, imported, {columns})
    SELECT kept.id, 1, {columns_of_c} FROM there.change c
    JOIN there.paper p ON p.id = c.paper_id JOIN main.paper kept ON kept.key = p.key
    WHERE c.kind IN ('milestone', 'milestone_lost') AND NOT EXISTS (
        SELECT 1 FROM main.change o WHERE o.kind = c.kind AND o.paper_id = kept.id
        AND o.source = c.source AND o.threshold IS c.threshold
        AND (o.kind = 'milestone' OR o.at = c.at))
    ORDER BY c.id"""
_BADGES = """INSERT INTO main.change (paper_id, imported, {columns})
    SELECT kept.id, 1, {columns_of_c} FROM there.change c
    JOIN there.paper p ON p.id = c.paper_id JOIN main.paper kept ON kept.key = p.key
    WHERE c.kind = 'claim_stale' AND NOT EXISTS (
        SELECT 1 FROM main.change o WHERE o.kind = c.kind AND o.paper_id = kept.id
        AND o.threshold IS c.threshold)
    ORDER BY c.id"""
# What waited when the backup was made and waits no longer has been delivered since.
_DELIVERED = f"""DELETE FROM main.outbox WHERE change_id IN (
    SELECT o.id FROM main.change o JOIN there.change c ON {_SAME_CHANGE}
    WHERE NOT EXISTS (SELECT 1 FROM there.outbox w WHERE w.change_id = c.id))"""  # noqa: S608
# What was announced there and has yet to be sent is sent from here.
_WAITING = f"""INSERT OR IGNORE INTO main.outbox (change_id, created_at)
    SELECT o.id, w.created_at FROM there.outbox w JOIN there.change c ON c.id = w.change_id
    JOIN main.change o ON {_SAME_CHANGE}
    WHERE o.kind IN ('milestone', 'milestone_lost', 'claim_stale')"""  # noqa: S608
_CHANNELS = "INSERT OR REPLACE INTO main.channel ({columns}) SELECT {columns} FROM there.channel"
_TAKEN = f"""DELETE FROM main.delivery WHERE change_id IN (
    SELECT o.id FROM main.change o JOIN there.change c ON {_SAME_CHANGE})"""  # noqa: S608
_OPEN = f"""INSERT INTO main.delivery (channel, change_id, taken)
    SELECT d.channel, o.id, d.taken FROM there.delivery d
    JOIN there.change c ON c.id = d.change_id JOIN main.change o ON {_SAME_CHANGE}"""  # noqa: S608
# Announced thresholds are watched on, so that they can be taken back.
_STANDS = """UPDATE main.track SET stands = known.stands
    FROM (SELECT kept.id AS paper_id, t.source AS source, t.stands AS stands
          FROM there.track t JOIN there.paper p ON p.id = t.paper_id
          JOIN main.paper kept ON kept.key = p.key WHERE t.stands IS NOT NULL) AS known
    WHERE track.paper_id = known.paper_id AND track.source = known.source"""
_GATES = "INSERT OR REPLACE INTO main.gate ({columns}) SELECT {columns} FROM there.gate"


def attach(bare: sqlite3.Connection, path: Path) -> None:
    """Read the database at ``path`` as ``there``."""
    bare.execute("ATTACH DATABASE ? AS there", (address(path, "mode=rw"),))


def what_is_lost(bare: sqlite3.Connection) -> Loss:
    """What ``there`` holds and ``main`` does not."""
    readings, first_reading = bare.execute(_READINGS).fetchone()
    changes, first_change = bare.execute(_CHANGES).fetchone()
    (decisions,) = bare.execute(_DECISIONS).fetchone()
    since = min((at for at in (first_reading, first_change) if at is not None), default=None)
    return Loss(readings=readings, changes=changes, decisions=decisions, since=since)


def carry_over(bare: sqlite3.Connection) -> int:
    """Settle in ``main`` what ``there`` has announced; how many milestones that were.

    All in one transaction. Columns are those that both know: ``there`` may be older.
    """
    papers, gates = (_columns(bare, name, without=("id",)) for name in ("paper", "gate"))
    lines = _columns(bare, "change", without=("id", "paper_id", "imported"))
    bare.execute("BEGIN IMMEDIATE")
    try:
        bare.execute(_PAPERS.format(columns=", ".join(papers)))
        bare.execute(_SERIES)
        bare.execute(_SETTLED)
        names = {
            "columns": ", ".join(lines), "columns_of_c": ", ".join(f"c.{name}" for name in lines)
        }  # fmt: skip
        added = bare.execute(_MILESTONES.format(**names)).rowcount
        bare.execute(_BADGES.format(**names))
        if "stands" in _columns(bare, "track", without=()):
            bare.execute(_STANDS)
        bare.execute(_DELIVERED)
        bare.execute(_WAITING)
        if channels := _columns(bare, "channel", without=()):
            bare.execute(_CHANNELS.format(columns=", ".join(channels)))
            bare.execute(_TAKEN)
            bare.execute(_OPEN)
        bare.execute(_GATES.format(columns=", ".join(gates)))
        carry_past(bare, lambda table: _columns(bare, table, without=("series_id",)))
    except BaseException:
        bare.execute("ROLLBACK")
        raise
    bare.execute("COMMIT")
    return added


def _columns(bare: sqlite3.Connection, table: str, *, without: tuple[str, ...]) -> list[str]:
    here, there = (
        [str(row[1]) for row in bare.execute(f"PRAGMA {schema}.table_info({table})")]
        for schema in ("main", "there")
    )
    return [name for name in here if name in there and name not in without]
