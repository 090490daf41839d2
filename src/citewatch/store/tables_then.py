"""The tables that say what was known at an instant of the past. See `citewatch.store.tables`."""

from __future__ import annotations

from sqlalchemy import Text
from sqlmodel import Field

from citewatch.store.row import Row


class HeardRow(Row, table=True):
    """Series about which a source answered at one instant: ``first`` and, coded, the others.

    Most answers change nothing and leave no snapshot; this says that they came. A request
    about five hundred neighbours takes some thirty bytes, whatever their number.
    """

    __tablename__ = "heard"
    __table_args__ = ({"sqlite_with_rowid": False},)

    at: int = Field(primary_key=True)
    first: int = Field(primary_key=True)
    others: str = Field(sa_type=Text)


class TurnRow(Row, table=True):
    """The state of a series when anything but its counts and clocks turned.

    ``counted_at`` is when the believed count was last confirmed before that.
    """

    __tablename__ = "turn"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: int = Field(
        primary_key=True, foreign_key="track.id", sa_column_kwargs={"autoincrement": False}
    )
    at: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    status: str = Field(sa_type=Text)
    answered: str | None = Field(default=None, sa_type=Text)
    begun_at: int | None = None
    counted_at: int | None = None


class IdentifierBeforeRow(Row, table=True):
    """What was decided on an identifier from ``at`` on, until it was decided otherwise."""

    __tablename__ = "identifier_before"
    __table_args__ = ({"sqlite_with_rowid": False},)

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    scheme: str = Field(sa_type=Text, primary_key=True)
    value: str = Field(sa_type=Text, primary_key=True)
    until: int = Field(primary_key=True)
    state: str = Field(sa_type=Text)
    at: int


class PaperBeforeRow(Row, table=True):
    """What the list said of a paper until it said otherwise."""

    __tablename__ = "paper_before"
    __table_args__ = ({"sqlite_with_rowid": False},)

    paper_id: int = Field(
        primary_key=True, foreign_key="paper.id", sa_column_kwargs={"autoincrement": False}
    )
    until: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    title: str = Field(sa_type=Text)
    year: int | None = None
    authors: str = Field(sa_type=Text)
    venue: str = Field(sa_type=Text)
    claim: int | None = None
