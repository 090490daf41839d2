"""Counts without self-citations, comparing records, and what a source allows in a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ADDED = (
    ("track", "without_self_count"),
    ("track", "compared_at"),
    ("track", "begun_at"),
    ("snapshot", "without_self_count"),
    ("gate", "day"),
    ("gate", "day_requests"),
    ("gate", "spent_until"),
)
ZERO = {"day_requests"}


def upgrade() -> None:
    for table, column in ADDED:
        zero = sa.text("0") if column in ZERO else None
        op.add_column(table, sa.Column(column, WHOLE, server_default=zero, nullable=zero is None))


def downgrade() -> None:
    for table, column in reversed(ADDED):
        op.drop_column(table, column)
