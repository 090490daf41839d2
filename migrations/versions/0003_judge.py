"""What has held, which announced thresholds still stand, and since when a count is low."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")
ADDED = (("firm", WHOLE), ("stands", WORDS), ("low_since_at", WHOLE), ("fell_at", WHOLE))

FIRM = """UPDATE track SET firm = min(citation_count, coalesce(confirmed_high, citation_count))
WHERE citation_count IS NOT NULL"""
STANDS = """UPDATE track SET stands = (
    SELECT json_group_array(json_array(m.threshold, NULL)) FROM (
        SELECT c.threshold FROM change c
        WHERE c.kind = 'milestone' AND c.paper_id = track.paper_id AND c.source = track.source
        ORDER BY c.threshold
    ) m
) WHERE EXISTS (
    SELECT 1 FROM change c
    WHERE c.kind = 'milestone' AND c.paper_id = track.paper_id AND c.source = track.source
)"""


def upgrade() -> None:
    for name, kind in ADDED:
        op.add_column("track", sa.Column(name, kind, nullable=True))
    op.create_index(
        "change_milestone_lost_once",
        "change",
        ["paper_id", "source", "threshold"],
        unique=True,
        sqlite_where=sa.text("kind = 'milestone_lost'"),
        postgresql_where=sa.text("kind = 'milestone_lost'"),
    )
    # No database of PostgreSQL is older than this: there are no rows to bring along.
    if op.get_bind().dialect.name == "sqlite":
        op.execute(FIRM)
        op.execute(STANDS)


def downgrade() -> None:
    op.drop_index("change_milestone_lost_once", "change")
    for name, _ in reversed(ADDED):
        op.drop_column("track", name)
