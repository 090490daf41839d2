"""Channels and what each is still to be given, and a name for this database."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None

ORIGIN = "outbox:origin"
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    zero = sa.text("0")
    op.create_table(
        "channel",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("since_at", WHOLE, nullable=False),
        sa.Column("key", WORDS, nullable=True),
        sa.Column("failures", WHOLE, server_default=zero, nullable=False),
        sa.Column("failing_since", WHOLE, nullable=True),
        sa.Column("reported", WHOLE, server_default=zero, nullable=False),
        sa.Column("next_try_at", WHOLE, nullable=True),
        sa.Column("lease_until", WHOLE, nullable=True),
        sa.Column("digest_at", WHOLE, nullable=True),
        sa.Column("sent_at", WHOLE, nullable=True),
        sa.Column("sent_count", WHOLE, server_default=zero, nullable=False),
        sa.Column("trouble", WORDS, server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "delivery",
        sa.Column("channel", WORDS, nullable=False),
        sa.Column("change_id", WHOLE, nullable=False),
        sa.Column("taken", WHOLE, server_default=zero, nullable=False),
        sa.PrimaryKeyConstraint("channel", "change_id"),
        sa.ForeignKeyConstraint(["channel"], ["channel.name"]),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"]),
        sqlite_with_rowid=False,
    )
    memo = sa.table("memo", sa.column("name", sa.Text), sa.column("text", sa.Text))
    op.bulk_insert(memo, [{"name": ORIGIN, "text": secrets.token_hex(5)}])


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM memo WHERE name = :name").bindparams(name=ORIGIN))
    op.drop_table("delivery")
    op.drop_table("channel")
