"""Small things to remember, each under a name."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col

from citewatch.store.codec import storable
from citewatch.store.tables import MemoRow


def recall(connection: Connection, name: str) -> str | None:
    """The text under a name, None when there is none."""
    return connection.execute(
        select(col(MemoRow.text)).where(col(MemoRow.name) == name)
    ).scalar_one_or_none()


def remember(connection: Connection, name: str, text: str) -> None:
    """Write the text under a name, over what was there."""
    add = insert(MemoRow).values(name=name, text=storable(text))
    connection.execute(
        add.on_conflict_do_update(index_elements=["name"], set_={"text": add.excluded.text})
    )
