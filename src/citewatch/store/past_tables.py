"""The tables of who cites a paper; `citewatch.store.tables` has the others, and the rules."""

from __future__ import annotations

from sqlalchemy import Text, text
from sqlmodel import Field

from citewatch.store.row import Row


class LookRow(Row, table=True):
    """How far a list of citing works is known; ``by_year`` is a JSON object or "".

    One look at a time: the ``lease_until`` of the one that is under way, by ``number``.
    """

    __tablename__ = "look"

    series_id: int = Field(
        primary_key=True, foreign_key="track.id", sa_column_kwargs={"autoincrement": False}
    )
    number: int = Field(sa_column_kwargs={"server_default": text("0")})
    record: str = Field(sa_type=Text, sa_column_kwargs={"server_default": text("''")})
    lease_until: int | None = None
    baseline_at: int | None = None
    looked_at: int | None = None
    complete_at: int | None = None
    citation_count: int | None = None
    listed: int | None = None
    total: int | None = None
    by_year: str = Field(sa_type=Text, sa_column_kwargs={"server_default": text("''")})
    pages: int = Field(sa_column_kwargs={"server_default": text("0")})
    cut: str = Field(sa_type=Text, sa_column_kwargs={"server_default": text("''")})
    capped: int = Field(sa_column_kwargs={"server_default": text("0")})
    newest_first: int = Field(sa_column_kwargs={"server_default": text("0")})
    unsettled: int = Field(sa_column_kwargs={"server_default": text("0")})
    failures: int = Field(sa_column_kwargs={"server_default": text("0")})
    next_look_at: int = Field(sa_column_kwargs={"server_default": text("0")})
    note: str = Field(sa_type=Text, sa_column_kwargs={"server_default": text("''")})


class CitingRow(Row, table=True):
    """A work in a list of citing works. ``authors`` is a JSON array of [name, identity], with
    ":1741101" for an identity at the list's own source; ``ids`` are divided by blanks.

    Without a rowid: a list lies together, and every question is about one list.
    """

    __tablename__ = "citing"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: int = Field(
        primary_key=True, foreign_key="track.id", sa_column_kwargs={"autoincrement": False}
    )
    record: str = Field(sa_type=Text, primary_key=True)
    title: str = Field(sa_type=Text)
    venue: str = Field(sa_type=Text)
    published_on: str = Field(sa_type=Text)
    authors: str = Field(sa_type=Text)
    ids: str = Field(sa_type=Text)
    influential: int | None = None
    first_seen_at: int
    seen: int
    told: int = Field(sa_column_kwargs={"server_default": text("0")})
    gone_since: int | None = None
    gone_at: int | None = None


class ReconstructionRow(Row, table=True):
    """Where a reconstructed past comes from, or why there is none (``reason``)."""

    __tablename__ = "reconstruction"

    series_id: int = Field(
        primary_key=True, foreign_key="track.id", sa_column_kwargs={"autoincrement": False}
    )
    made_at: int
    first_at: int
    first_count: int
    method: str = Field(sa_type=Text)
    works: int
    dated: int
    by_year: int
    undated: int
    early: int
    future: int
    later: int
    scale: float
    cut: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)


class ReconstructedRow(Row, table=True):
    """A count that nobody saw, from the dates of citing works; never among the snapshots."""

    __tablename__ = "reconstructed"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: int = Field(
        primary_key=True,
        foreign_key="reconstruction.series_id",
        sa_column_kwargs={"autoincrement": False},
    )
    at: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    citation_count: int


class PersonRow(Row, table=True):
    """An author of a watched paper, as a source identifies people."""

    __tablename__ = "person"
    __table_args__ = ({"sqlite_with_rowid": False},)

    paper_id: int = Field(
        primary_key=True, foreign_key="paper.id", sa_column_kwargs={"autoincrement": False}
    )
    identity: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text)
    source: str = Field(sa_type=Text)
