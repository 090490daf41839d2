"""Who cites a paper, looks at those lists, and reconstructed pasts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
ZERO, EMPTY = sa.text("0"), sa.text("''")


def upgrade() -> None:
    op.create_table(
        "look",
        sa.Column("series_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("number", WHOLE, server_default=ZERO, nullable=False),
        sa.Column("record", WORDS, server_default=EMPTY, nullable=False),
        sa.Column("lease_until", WHOLE, nullable=True),
        sa.Column("baseline_at", WHOLE, nullable=True),
        sa.Column("looked_at", WHOLE, nullable=True),
        sa.Column("complete_at", WHOLE, nullable=True),
        sa.Column("citation_count", WHOLE, nullable=True),
        sa.Column("listed", WHOLE, nullable=True),
        sa.Column("total", WHOLE, nullable=True),
        sa.Column("by_year", WORDS, server_default=EMPTY, nullable=False),
        sa.Column("pages", WHOLE, server_default=ZERO, nullable=False),
        sa.Column("cut", WORDS, server_default=EMPTY, nullable=False),
        sa.Column("capped", WHOLE, server_default=ZERO, nullable=False),
        sa.Column("newest_first", WHOLE, server_default=ZERO, nullable=False),
        sa.Column("unsettled", WHOLE, server_default=ZERO, nullable=False),
        sa.Column("failures", WHOLE, server_default=ZERO, nullable=False),
        sa.Column("next_look_at", WHOLE, server_default=ZERO, nullable=False),
        sa.Column("note", WORDS, server_default=EMPTY, nullable=False),
        sa.PrimaryKeyConstraint("series_id"),
        sa.ForeignKeyConstraint(["series_id"], ["track.id"]),
    )
    op.create_table(
        "citing",
        sa.Column("series_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("record", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("venue", WORDS, nullable=False),
        sa.Column("published_on", WORDS, nullable=False),
        sa.Column("authors", WORDS, nullable=False),
        sa.Column("ids", WORDS, nullable=False),
        sa.Column("influential", WHOLE, nullable=True),
        sa.Column("first_seen_at", WHOLE, nullable=False),
        sa.Column("seen", WHOLE, nullable=False),
        sa.Column("told", WHOLE, server_default=ZERO, nullable=False),
        sa.Column("gone_since", WHOLE, nullable=True),
        sa.Column("gone_at", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("series_id", "record"),
        sa.ForeignKeyConstraint(["series_id"], ["track.id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reconstruction",
        sa.Column("series_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("made_at", WHOLE, nullable=False),
        sa.Column("first_at", WHOLE, nullable=False),
        sa.Column("first_count", WHOLE, nullable=False),
        sa.Column("method", WORDS, nullable=False),
        sa.Column("works", WHOLE, nullable=False),
        sa.Column("dated", WHOLE, nullable=False),
        sa.Column("by_year", WHOLE, nullable=False),
        sa.Column("undated", WHOLE, nullable=False),
        sa.Column("early", WHOLE, nullable=False),
        sa.Column("future", WHOLE, nullable=False),
        sa.Column("later", WHOLE, nullable=False),
        sa.Column("scale", sa.Float(53), nullable=False),
        sa.Column("cut", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("series_id"),
        sa.ForeignKeyConstraint(["series_id"], ["track.id"]),
    )
    op.create_table(
        "reconstructed",
        sa.Column("series_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at", WHOLE, autoincrement=False, nullable=False),
        sa.Column("citation_count", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("series_id", "at"),
        sa.ForeignKeyConstraint(["series_id"], ["reconstruction.series_id"]),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "person",
        sa.Column("paper_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("identity", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("paper_id", "identity"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"]),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for name in ("person", "reconstructed", "reconstruction", "citing", "look"):
        op.drop_table(name)
