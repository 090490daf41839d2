"""Who cites the papers goes along into a backup that takes the database's place.

A backup does not know which citing works were told since, and would tell them again. The
lists of the database that is replaced are newer, so they go along whole, with the looks
that they belong to and the pasts that were made from them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

_SAME = """JOIN there.track t ON t.id = o.series_id JOIN there.paper p ON p.id = t.paper_id
    JOIN main.paper kept ON kept.key = p.key
    JOIN main.track k ON k.paper_id = kept.id AND k.source = t.source"""
_COPY = """INSERT OR REPLACE INTO main.{table} (series_id, {columns})
    SELECT k.id, {columns_of_o} FROM there.{table} o {same}"""
_OLD_POINTS = f"""DELETE FROM main.reconstructed WHERE series_id IN (
    SELECT k.id FROM there.reconstruction o {_SAME})"""  # noqa: S608  (constants)
_PEOPLE = """INSERT OR IGNORE INTO main.person (paper_id, identity, name, source)
    SELECT kept.id, o.identity, o.name, o.source FROM there.person o
    JOIN there.paper p ON p.id = o.paper_id JOIN main.paper kept ON kept.key = p.key"""

Columns = Callable[[str], Sequence[str]]
"""The columns of a table but for ``series_id`` that both databases know; none: no such table."""


def carry_past(bare: sqlite3.Connection, columns: Columns) -> None:
    """Take the lists of ``there`` into ``main``, inside the caller's transaction."""
    if not columns("look"):
        return
    bare.execute(_OLD_POINTS)
    for table in ("look", "citing", "reconstruction", "reconstructed"):
        names = columns(table)
        bare.execute(
            _COPY.format(
                table=table, columns=", ".join(names),
                columns_of_o=", ".join(f"o.{name}" for name in names), same=_SAME,
            )
        )  # fmt: skip
    # Whoever was at it is gone with the database that it looked for.
    bare.execute("UPDATE main.look SET lease_until = NULL")
    bare.execute(_PEOPLE)
