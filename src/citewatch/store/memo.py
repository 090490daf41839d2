"""Small things to remember, each under a name."""

from __future__ import annotations

from sqlalchemy import Connection

from citewatch.store.codec import storable


def recall(connection: Connection, name: str) -> str | None:
    """The text under a name, None when there is none."""
    found = connection.exec_driver_sql("SELECT text FROM memo WHERE name = ?", (name,)).fetchone()
    return None if found is None else str(found[0])


def remember(connection: Connection, name: str, text: str) -> None:
    """Write the text under a name, over what was there."""
    connection.exec_driver_sql(
        """INSERT INTO memo (name, text) VALUES (?, ?)
           ON CONFLICT (name) DO UPDATE SET text = excluded.text""",
        (name, storable(text)),
    )


def recall_all(connection: Connection, prefix: str) -> dict[str, str]:
    """Every text whose name begins with the prefix, by name in its order."""
    # A range of the primary key; LIKE would take "_" and "%" for more than themselves.
    rows = connection.exec_driver_sql(
        "SELECT name, text FROM memo WHERE name >= ? AND name < ? ORDER BY name",
        (prefix, f"{prefix}\U0010ffff"),
    )
    return {str(name): str(text) for name, text in rows}


def unlearn(connection: Connection, name: str) -> None:
    """Let go of the text under a name."""
    connection.exec_driver_sql("DELETE FROM memo WHERE name = ?", (name,))
