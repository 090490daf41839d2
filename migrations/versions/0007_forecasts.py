"""Forecasts as they were made, each with the pace from which it follows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KNOWN = ("series_id", "made_at", "known_at", "changed_at", "first_at", "citation_count")
RATES = ("lately_gained", "usually_gained", "lately_days", "usually_days", "ignored")
SAID = ("median_90", "low_90", "high_90", "median_365", "low_365", "high_365")
NEXT = ("threshold", "expected_on", "low_on", "high_on")


def upgrade() -> None:
    op.create_table(
        "forecast",
        *(sa.Column(name, WHOLE, nullable=False) for name in KNOWN),
        *(sa.Column(name, sa.Float(53), nullable=False) for name in RATES),
        *(sa.Column(name, WHOLE, nullable=False) for name in SAID),
        *(sa.Column(name, WHOLE, nullable=True) for name in NEXT),
        sa.PrimaryKeyConstraint("series_id", "made_at"),
        sa.ForeignKeyConstraint(["series_id"], ["track.id"]),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("forecast")
