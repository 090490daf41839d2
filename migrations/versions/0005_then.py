"""What was known then: answers, turns of a series, and what was superseded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")

# Databases of the first schema do not say when a record was let go; the state's high tells:
# it is missing, or lower than what the snapshots hold.
BEGUN = """UPDATE track SET begun_at = (
    SELECT max(s.at) FROM snapshot s WHERE s.series_id = track.id AND s.status = 0
    AND s.citation_count IS NOT NULL AND s.previous_count IS NULL)
WHERE begun_at IS NULL AND citation_count IS NOT NULL AND high IS NOT NULL AND high < (
    SELECT max(s.citation_count) FROM snapshot s WHERE s.series_id = track.id AND s.status = 0)"""
TURNS = """INSERT INTO turn (series_id, at, status, answered, begun_at, counted_at)
SELECT id, answered_at, status, answered, begun_at, counted_at FROM track
WHERE answered_at IS NOT NULL"""


def upgrade() -> None:
    op.create_table(
        "heard",
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("first", WHOLE, nullable=False),
        sa.Column("others", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("at", "first"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "turn",
        sa.Column("series_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at", WHOLE, autoincrement=False, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("answered", WORDS, nullable=True),
        sa.Column("begun_at", WHOLE, nullable=True),
        sa.Column("counted_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("series_id", "at"),
        sa.ForeignKeyConstraint(["series_id"], ["track.id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identifier_before",
        sa.Column("paper_id", WHOLE, nullable=False),
        sa.Column("scheme", WORDS, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.Column("until", WHOLE, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("paper_id", "scheme", "value", "until"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "paper_before",
        sa.Column("paper_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("until", WHOLE, autoincrement=False, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("year", WHOLE, nullable=True),
        sa.Column("authors", WORDS, nullable=False),
        sa.Column("venue", WORDS, nullable=False),
        sa.Column("claim", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("paper_id", "until"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"]),
        sqlite_with_rowid=False,
    )
    # No database of PostgreSQL is older than 0003: nothing there was let go unnoticed.
    if op.get_bind().dialect.name == "sqlite":
        op.execute(BEGUN)
    op.execute(TURNS)


def downgrade() -> None:
    for table in ("paper_before", "identifier_before", "turn", "heard"):
        op.drop_table(table)
