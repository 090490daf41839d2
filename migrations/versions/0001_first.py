"""The first schema: papers, series, readings, changes, runs, politeness."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None

APPLICATION_ID = 0x63697465

# SQLite's INTEGER holds 64 bits, and its texts compare as bytes.
WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")

LATEST_COUNTS = """CREATE VIEW latest_counts AS
SELECT p.key, p.title, t.source, t.citation_count AS citations, t.status,
       strftime('%Y-%m-%dT%H:%M:%SZ', t.counted_at, 'unixepoch') AS observed_at
FROM track AS t JOIN paper AS p ON p.id = t.paper_id"""

SERIES = """CREATE VIEW series AS
SELECT p.key, t.source, strftime('%Y-%m-%dT%H:%M:%SZ', s.at, 'unixepoch') AS at,
       s.citation_count AS citations,
       s.influential_count AS influential,
       CASE s.status WHEN 0 THEN 'ok' WHEN 1 THEN 'held' ELSE 'missing' END AS status
FROM snapshot AS s JOIN track AS t ON t.id = s.series_id JOIN paper AS p ON p.id = t.paper_id"""

CHANGES = """CREATE VIEW changes AS
SELECT c.id, strftime('%Y-%m-%dT%H:%M:%SZ', c.at, 'unixepoch') AS at, c.kind,
       p.key, p.title, c.source,
       json_extract(c.old, '$') AS old, json_extract(c.new, '$') AS new, c.threshold, c.text
FROM change AS c LEFT JOIN paper AS p ON p.id = c.paper_id"""

# What the views say in SQLite's words alone, and PostgreSQL's for the same. Its JSON has
# no zero byte, not even as an escape.
TIME = re.compile(r"strftime\('%Y-%m-%dT%H:%M:%SZ', ([a-z_.]+), 'unixepoch'\)")
TIME_IN_POSTGRESQL = (
    r"""to_char(to_timestamp(\1) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
)
SCALAR = re.compile(r"json_extract\(([a-z.]+), '\$'\)")
SCALAR_IN_POSTGRESQL = r"replace(\1, '\\u0000', '\\ufffd')::json #>> '{}'"


def upgrade() -> None:
    _papers()
    _track()
    _readings()
    _log()
    _runs()
    _small()
    postgresql = op.get_bind().dialect.name == "postgresql"
    if postgresql:
        # Identifiers given in the same second keep the order of their list.
        op.execute("ALTER TABLE identifier ADD rowid BIGINT GENERATED ALWAYS AS IDENTITY")
    else:
        op.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for view in (LATEST_COUNTS, SERIES, CHANGES):
        if postgresql:
            op.execute(sa.text(in_postgresql(view)))
        else:
            op.execute(view)


def in_postgresql(view: str) -> str:
    """The view for PostgreSQL; colons are no parameters."""
    view = SCALAR.sub(SCALAR_IN_POSTGRESQL, TIME.sub(TIME_IN_POSTGRESQL, view))
    return view.replace(":", "\\:")


def _papers() -> None:
    op.create_table(
        "paper",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("year", WHOLE, nullable=True),
        sa.Column("authors", WORDS, nullable=False),
        sa.Column("venue", WORDS, nullable=False),
        sa.Column("claim", WHOLE, nullable=True),
        sa.Column("watched", WHOLE, nullable=False),
        sa.Column("adopted", WHOLE, nullable=False),
        sa.Column("added_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "identifier",
        sa.Column("paper_id", WHOLE, nullable=False),
        sa.Column("scheme", WORDS, nullable=False),
        sa.Column("value", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("origin", WORDS, nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("note", WORDS, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.CheckConstraint(
            "state IN ('accepted', 'candidate', 'rejected')", name="identifier_state"
        ),
        sa.PrimaryKeyConstraint("paper_id", "scheme", "value"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"]),
    )
    op.create_index("identifier_by_value", "identifier", ["scheme", "value"])


def _track() -> None:
    zero = sa.text("0")
    op.create_table(
        "track",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("paper_id", WHOLE, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("asked", WORDS, nullable=True),
        sa.Column("answered", WORDS, nullable=True),
        sa.Column("status", WORDS, server_default=sa.text("'never'"), nullable=False),
        sa.Column("citation_count", WHOLE, nullable=True),
        sa.Column("influential_count", WHOLE, nullable=True),
        sa.Column("high", WHOLE, nullable=True),
        sa.Column("confirmed_high", WHOLE, nullable=True),
        sa.Column("rises", WORDS, nullable=True),
        sa.Column("pending", WORDS, nullable=True),
        sa.Column("changed_at", WHOLE, nullable=True),
        sa.Column("counted_at", WHOLE, nullable=True),
        sa.Column("answered_at", WHOLE, nullable=True),
        sa.Column("missing_since_at", WHOLE, nullable=True),
        sa.Column("absences", WHOLE, server_default=zero, nullable=False),
        sa.Column("lost", WHOLE, server_default=zero, nullable=False),
        sa.Column("failures", WHOLE, server_default=zero, nullable=False),
        sa.Column("next_check_at", WHOLE, server_default=zero, nullable=False),
        sa.Column("searches", WHOLE, server_default=zero, nullable=False),
        sa.Column("next_search_at", WHOLE, server_default=zero, nullable=False),
        sa.Column("inspected_at", WHOLE, nullable=True),
        sa.Column("hint", WORDS, server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"]),
    )
    op.create_index("track_of_paper", "track", ["paper_id", "source"], unique=True)
    op.create_index("track_due", "track", ["source", "next_check_at"])


def _readings() -> None:
    op.create_table(
        "snapshot",
        sa.Column("series_id", WHOLE, nullable=False, autoincrement=False),
        sa.Column("at", WHOLE, nullable=False, autoincrement=False),
        sa.Column("citation_count", WHOLE, nullable=True),
        sa.Column("previous_count", WHOLE, nullable=True),
        sa.Column("influential_count", WHOLE, nullable=True),
        sa.Column("status", WHOLE, nullable=False),
        sa.CheckConstraint("status BETWEEN 0 AND 2", name="snapshot_status"),
        sa.CheckConstraint("status <> 2 OR citation_count IS NULL", name="snapshot_missing"),
        sa.PrimaryKeyConstraint("series_id", "at"),
        sa.ForeignKeyConstraint(["series_id"], ["track.id"]),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "facts",
        sa.Column("series_id", WHOLE, nullable=False, autoincrement=False),
        sa.Column("at", WHOLE, nullable=False, autoincrement=False),
        sa.Column("data", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("series_id", "at"),
        sa.ForeignKeyConstraint(["series_id"], ["track.id"]),
        sqlite_with_rowid=False,
    )


def _log() -> None:
    op.create_table(
        "change",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("paper_id", WHOLE, nullable=True),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("old", WORDS, nullable=True),
        sa.Column("new", WORDS, nullable=True),
        sa.Column("threshold", WHOLE, nullable=True),
        sa.Column("first_seen_at", WHOLE, nullable=True),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("imported", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"]),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "change_milestone_once",
        "change",
        ["paper_id", "source", "threshold"],
        unique=True,
        sqlite_where=sa.text("kind = 'milestone'"),
        postgresql_where=sa.text("kind = 'milestone'"),
    )
    op.create_index("change_by_time", "change", ["at"])
    op.create_index("change_of_paper", "change", ["paper_id", "at"])
    op.create_table(
        "outbox",
        sa.Column("change_id", WHOLE, nullable=False, autoincrement=False),
        sa.Column("created_at", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("change_id"),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"]),
    )


def _runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", WHOLE, nullable=False),
        sa.Column("source", WORDS, nullable=False),
        sa.Column("started_at", WHOLE, nullable=False),
        sa.Column("finished_at", WHOLE, nullable=True),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("trigger", WORDS, nullable=False),
        sa.Column("requests", WHOLE, nullable=False),
        sa.Column("papers", WHOLE, nullable=False),
        sa.Column("found", WHOLE, nullable=False),
        sa.Column("missing", WHOLE, nullable=False),
        sa.Column("failed", WHOLE, nullable=False),
        sa.Column("changed", WHOLE, nullable=False),
        sa.Column("note", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("run_of_source", "run", ["source", "started_at"])
    op.create_index("run_by_time", "run", ["started_at"])


def _small() -> None:
    op.create_table(
        "gate",
        sa.Column("source", WORDS, nullable=False),
        sa.Column("not_before", WHOLE, nullable=True),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("strikes", WHOLE, nullable=False),
        sa.Column("last_request_at_ms", WHOLE, nullable=True),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "memo",
        sa.Column("name", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    for view in ("latest_counts", "series", "changes"):
        op.execute(f"DROP VIEW {view}")
    for table in (
        "memo",
        "gate",
        "run",
        "outbox",
        "change",
        "facts",
        "snapshot",
        "track",
        "identifier",
        "paper",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA application_id = 0")
