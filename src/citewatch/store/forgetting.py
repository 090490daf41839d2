"""Everything about one paper, deleted: the user asked for it, and was asked again."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, delete, false, or_, select

from citewatch.store.tables import PaperRow, Row


def forget(connection: Connection, number: int) -> int:
    """Delete a paper with every row that belongs to it; how many rows that were.

    What belongs to it is read off the foreign keys, so that a table that is added later
    is not left out: its rows would be somebody else's once the number is given again.
    """
    papers = _table(PaperRow)
    owned = papers.c.id == number
    gone = 0
    for table in reversed(Row.metadata.sorted_tables):
        condition = owned if table is papers else _belongs(table, papers, owned)
        if condition is not None:
            gone += connection.execute(delete(table).where(condition)).rowcount
    return gone


def _table(row: type[Row]) -> Table:
    return Row.metadata.tables[str(row.__tablename__)]


def _belongs(table: Table, papers: Table, owned: ColumnElement[bool]) -> ColumnElement[bool] | None:
    """Which rows of a table hang on the paper, at any remove; None for none ever."""
    conditions: list[ColumnElement[bool]] = []
    for key in table.foreign_keys:
        parent = key.column.table
        theirs = owned if parent is papers else _belongs(parent, papers, owned)
        if theirs is not None:
            conditions.append(key.parent.in_(select(key.column).where(theirs)))
    return or_(false(), *conditions) if conditions else None
