"""The table of what was foreseen. See `citewatch.store.tables`."""

from __future__ import annotations

from sqlalchemy import Float
from sqlmodel import Field

from citewatch.store.row import Row

_DOUBLE = Float(53)


class ForecastRow(Row, table=True):
    """A forecast as it was made: what it follows from, and what it says.

    ``changed_at`` to ``ignored`` are the pace at the newest change by then (see
    `domain.pace`); ``expected_on``, ``low_on`` and ``high_on`` are days since 1970. About
    100 bytes a row; `store.forecasts` says which rows are kept.
    """

    __tablename__ = "forecast"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: int = Field(
        primary_key=True, foreign_key="track.id", sa_column_kwargs={"autoincrement": False}
    )
    made_at: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    known_at: int
    changed_at: int
    first_at: int
    citation_count: int
    lately_gained: float = Field(sa_type=_DOUBLE)
    usually_gained: float = Field(sa_type=_DOUBLE)
    lately_days: float = Field(sa_type=_DOUBLE)
    usually_days: float = Field(sa_type=_DOUBLE)
    ignored: float = Field(sa_type=_DOUBLE)
    median_90: int
    low_90: int
    high_90: int
    median_365: int
    low_365: int
    high_365: int
    threshold: int | None = None
    expected_on: int | None = None
    low_on: int | None = None
    high_on: int | None = None
