"""The first schema: papers, series, readings, changes, runs, politeness."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None

APPLICATION_ID = 0x63697465

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


def upgrade() -> None:
    _papers()
    _track()
    _readings()
    _log()
    _runs()
    _small()
    op.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for view in (LATEST_COUNTS, SERIES, CHANGES):
        op.execute(view)


def _papers() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("venue", sa.Text(), nullable=False),
        sa.Column("claim", sa.Integer(), nullable=True),
        sa.Column("watched", sa.Integer(), nullable=False),
        sa.Column("adopted", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_table(
        "identifier",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
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
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.Column("answered", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default=sa.text("'never'"), nullable=False),
        sa.Column("citation_count", sa.Integer(), nullable=True),
        sa.Column("influential_count", sa.Integer(), nullable=True),
        sa.Column("high", sa.Integer(), nullable=True),
        sa.Column("confirmed_high", sa.Integer(), nullable=True),
        sa.Column("rises", sa.Text(), nullable=True),
        sa.Column("pending", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.Integer(), nullable=True),
        sa.Column("missing_since_at", sa.Integer(), nullable=True),
        sa.Column("absences", sa.Integer(), server_default=zero, nullable=False),
        sa.Column("lost", sa.Integer(), server_default=zero, nullable=False),
        sa.Column("failures", sa.Integer(), server_default=zero, nullable=False),
        sa.Column("next_check_at", sa.Integer(), server_default=zero, nullable=False),
        sa.Column("searches", sa.Integer(), server_default=zero, nullable=False),
        sa.Column("next_search_at", sa.Integer(), server_default=zero, nullable=False),
        sa.Column("inspected_at", sa.Integer(), nullable=True),
        sa.Column("hint", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"]),
    )
    op.create_index("track_of_paper", "track", ["paper_id", "source"], unique=True)
    op.create_index("track_due", "track", ["source", "next_check_at"])


def _readings() -> None:
    op.create_table(
        "snapshot",
        sa.Column("series_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("citation_count", sa.Integer(), nullable=True),
        sa.Column("previous_count", sa.Integer(), nullable=True),
        sa.Column("influential_count", sa.Integer(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.CheckConstraint("status BETWEEN 0 AND 2", name="snapshot_status"),
        sa.CheckConstraint("status <> 2 OR citation_count IS NULL", name="snapshot_missing"),
        sa.PrimaryKeyConstraint("series_id", "at"),
        sa.ForeignKeyConstraint(["series_id"], ["track.id"]),
        sqlite_with_rowid=False,
        sqlite_strict=True,
    )
    op.create_table(
        "facts",
        sa.Column("series_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("series_id", "at"),
        sa.ForeignKeyConstraint(["series_id"], ["track.id"]),
        sqlite_with_rowid=False,
    )


def _log() -> None:
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.Column("threshold", sa.Integer(), nullable=True),
        sa.Column("first_seen_at", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("imported", sa.Integer(), nullable=False),
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
    )
    op.create_index("change_by_time", "change", ["at"])
    op.create_index("change_of_paper", "change", ["paper_id", "at"])
    op.create_table(
        "outbox",
        sa.Column("change_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("created_at", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("change_id"),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"]),
    )


def _runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("run_of_source", "run", ["source", "started_at"])
    op.create_index("run_by_time", "run", ["started_at"])


def _small() -> None:
    op.create_table(
        "gate",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("not_before", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("last_request_at_ms", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "memo",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
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
    op.execute("PRAGMA application_id = 0")
