"""The tables, as SQLModel sees them. Rows never leave this package.

Times are whole seconds since 1970-01-01 UTC unless a name says otherwise. `migrations/`
creates all this in a real file; a test holds the two together. Each index says which
query it serves.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, Text, text
from sqlmodel import Field

from citewatch.store import forecast_tables, past_tables, tables_then
from citewatch.store.row import Row

__all__ = ["VIEWS", "Row", "forecast_tables", "past_tables", "tables_then"]


class PaperRow(Row, table=True):
    """One paper as its list names it. ``authors`` is a JSON array."""

    __tablename__ = "paper"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(sa_type=Text, unique=True)
    title: str = Field(sa_type=Text)
    year: int | None = None
    authors: str = Field(sa_type=Text)
    venue: str = Field(sa_type=Text)
    claim: int | None = None
    watched: int
    adopted: int
    added_at: int


class IdentifierRow(Row, table=True):
    """One identifier in connection with one paper, and what was decided on it.

    With a rowid: identifiers given in the same second keep the order of their list.
    """

    __tablename__ = "identifier"
    __table_args__ = (
        # Which papers have this identifier? For people; citewatch reads by paper.
        Index("identifier_by_value", "scheme", "value"),
        CheckConstraint("state IN ('accepted', 'candidate', 'rejected')", name="identifier_state"),
    )

    paper_id: int = Field(primary_key=True, foreign_key="paper.id")
    scheme: str = Field(sa_type=Text, primary_key=True)
    value: str = Field(sa_type=Text, primary_key=True)
    state: str = Field(sa_type=Text)
    origin: str = Field(sa_type=Text)
    score: float | None = None
    note: str = Field(sa_type=Text)
    at: int


class TrackRow(Row, table=True):
    """One paper at one source and what is held about it: the series and its state row.

    ``asked`` and ``answered`` read ``scheme:value``. ``rises`` is a JSON array of
    [since_at, level, readings, previous_count, leapt], ``pending`` is [since_at,
    citation_count, readings, least, fault, another_record]; both are NULL nearly always.
    ``stands`` is an array of [threshold, below_since_at].
    """

    __tablename__ = "track"
    __table_args__ = (
        # histories() and helds(): the series of given papers.
        Index("track_of_paper", "paper_id", "source", unique=True),
        # due(): what a source is to be asked now.
        Index("track_due", "source", "next_check_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    paper_id: int = Field(foreign_key="paper.id")
    source: str = Field(sa_type=Text)
    asked: str | None = Field(default=None, sa_type=Text)
    answered: str | None = Field(default=None, sa_type=Text)
    status: str = Field(sa_type=Text, sa_column_kwargs={"server_default": text("'never'")})
    citation_count: int | None = None
    influential_count: int | None = None
    high: int | None = None
    confirmed_high: int | None = None
    rises: str | None = Field(default=None, sa_type=Text)
    pending: str | None = Field(default=None, sa_type=Text)
    changed_at: int | None = None
    counted_at: int | None = None
    answered_at: int | None = None
    missing_since_at: int | None = None
    absences: int = Field(sa_column_kwargs={"server_default": text("0")})
    lost: int = Field(sa_column_kwargs={"server_default": text("0")})
    failures: int = Field(sa_column_kwargs={"server_default": text("0")})
    next_check_at: int = Field(sa_column_kwargs={"server_default": text("0")})
    searches: int = Field(sa_column_kwargs={"server_default": text("0")})
    next_search_at: int = Field(sa_column_kwargs={"server_default": text("0")})
    inspected_at: int | None = None
    hint: str = Field(sa_type=Text, sa_column_kwargs={"server_default": text("''")})
    without_self_count: int | None = None
    compared_at: int | None = None
    begun_at: int | None = None
    firm: int | None = None
    stands: str | None = Field(default=None, sa_type=Text)
    low_since_at: int | None = None
    fell_at: int | None = None


class SnapshotRow(Row, table=True):
    """A reading that differs from the one before it. ``status`` is 0 ok, 1 held, 2 missing.

    Without a rowid, so that a series lies together and needs no second index: 22 bytes
    a row at 3,000 series with 5 % changes a day over five years, page overhead
    included; with a rowid and an index twice that. 0 costs no byte, hence 0 for ok.
    """

    __tablename__ = "snapshot"
    __table_args__ = (
        CheckConstraint("status BETWEEN 0 AND 2", name="snapshot_status"),
        # A miss is never a zero.
        CheckConstraint("status <> 2 OR citation_count IS NULL", name="snapshot_missing"),
        {"sqlite_with_rowid": False, "sqlite_strict": True},
    )

    series_id: int = Field(
        primary_key=True, foreign_key="track.id", sa_column_kwargs={"autoincrement": False}
    )
    at: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    citation_count: int | None = None
    previous_count: int | None = None
    influential_count: int | None = None
    status: int
    without_self_count: int | None = None


class FactsRow(Row, table=True):
    """What a source says about a paper beside the counts, when it changed. JSON object."""

    __tablename__ = "facts"
    __table_args__ = ({"sqlite_with_rowid": False},)

    series_id: int = Field(
        primary_key=True, foreign_key="track.id", sa_column_kwargs={"autoincrement": False}
    )
    at: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    data: str = Field(sa_type=Text)


class ChangeRow(Row, table=True):
    """One line of the log. ``old`` and ``new`` are JSON numbers or strings."""

    __tablename__ = "change"
    __table_args__ = (
        # A milestone happens once, ever.
        Index(
            "change_milestone_once",
            "paper_id",
            "source",
            "threshold",
            unique=True,
            sqlite_where=text("kind = 'milestone'"),
            postgresql_where=text("kind = 'milestone'"),
        ),
        # An announced threshold is taken back once.
        Index(
            "change_milestone_lost_once",
            "paper_id",
            "source",
            "threshold",
            unique=True,
            sqlite_where=text("kind = 'milestone_lost'"),
            postgresql_where=text("kind = 'milestone_lost'"),
        ),
        # changes(): a window of time.
        Index("change_by_time", "at"),
        # changes(): the log of one paper.
        Index("change_of_paper", "paper_id", "at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    at: int
    kind: str = Field(sa_type=Text)
    paper_id: int | None = Field(default=None, foreign_key="paper.id")
    source: str = Field(sa_type=Text)
    old: str | None = Field(default=None, sa_type=Text)
    new: str | None = Field(default=None, sa_type=Text)
    threshold: int | None = None
    first_seen_at: int | None = None
    text: str = Field(sa_type=Text)
    imported: int


class OutboxRow(Row, table=True):
    """A change that people are to be told; written with the change or not at all."""

    __tablename__ = "outbox"

    change_id: int = Field(
        primary_key=True, foreign_key="change.id", sa_column_kwargs={"autoincrement": False}
    )
    created_at: int


class ChannelRow(Row, table=True):
    """A way to somebody, and how it is doing. At most one message is under way: ``key``."""

    __tablename__ = "channel"

    name: str = Field(sa_type=Text, primary_key=True)
    since_at: int
    key: str | None = Field(default=None, sa_type=Text)
    failures: int = Field(sa_column_kwargs={"server_default": text("0")})
    failing_since: int | None = None
    reported: int = Field(sa_column_kwargs={"server_default": text("0")})
    next_try_at: int | None = None
    lease_until: int | None = None
    digest_at: int | None = None
    sent_at: int | None = None
    sent_count: int = Field(sa_column_kwargs={"server_default": text("0")})
    trouble: str = Field(sa_type=Text, sa_column_kwargs={"server_default": text("''")})


class DeliveryRow(Row, table=True):
    """A change that a channel has not taken yet; ``taken`` 1: part of the message under way.

    The row goes when the message was taken: what is delivered leaves nothing behind.
    """

    __tablename__ = "delivery"
    __table_args__ = ({"sqlite_with_rowid": False},)

    channel: str = Field(sa_type=Text, primary_key=True, foreign_key="channel.name")
    change_id: int = Field(
        primary_key=True, foreign_key="change.id", sa_column_kwargs={"autoincrement": False}
    )
    taken: int = Field(sa_column_kwargs={"server_default": text("0")})


class RunRow(Row, table=True):
    """One pass over one source, so that "no row" can be told from "nobody looked"."""

    __tablename__ = "run"
    __table_args__ = (
        # runs(): the passes over one source; apply(): is this imported pass known?
        Index("run_of_source", "source", "started_at"),
        # runs(): all passes in a window of time.
        Index("run_by_time", "started_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(sa_type=Text)
    started_at: int
    finished_at: int | None = None
    status: str = Field(sa_type=Text)
    trigger: str = Field(sa_type=Text)
    requests: int
    papers: int
    found: int
    missing: int
    failed: int
    changed: int
    note: str = Field(sa_type=Text)


class GateRow(Row, table=True):
    """How politely a source is to be left alone."""

    __tablename__ = "gate"

    source: str = Field(sa_type=Text, primary_key=True)
    not_before: int | None = None
    reason: str = Field(sa_type=Text)
    strikes: int
    last_request_at_ms: int | None = None
    day: int | None = None
    """Days since 1970-01-01 UTC: of which day ``day_requests`` are."""
    day_requests: int = Field(sa_column_kwargs={"server_default": text("0")})
    spent_until: int | None = None


class MemoRow(Row, table=True):
    """A small thing to remember under a name, such as what a list's file said last."""

    __tablename__ = "memo"

    name: str = Field(sa_type=Text, primary_key=True)
    text: str = Field(sa_type=Text)


for _table in Row.metadata.tables.values():
    for _column in _table.columns:
        # PostgreSQL's INTEGER has 32 bits, which end in 2038; SQLite's has 64.
        if isinstance(_column.type, Integer):
            _column.type = BigInteger().with_variant(Integer(), "sqlite")
        elif isinstance(_column.type, Text):
            # In the order of bytes, whatever the language of the server.
            _column.type = Text(collation="C").with_variant(Text(), "sqlite")

VIEWS = {
    "latest_counts": """CREATE VIEW latest_counts AS
SELECT p.key, p.title, t.source, t.citation_count AS citations, t.status,
       strftime('%Y-%m-%dT%H:%M:%SZ', t.counted_at, 'unixepoch') AS observed_at
FROM track AS t JOIN paper AS p ON p.id = t.paper_id""",
    "series": """CREATE VIEW series AS
SELECT p.key, t.source, strftime('%Y-%m-%dT%H:%M:%SZ', s.at, 'unixepoch') AS at,
       s.citation_count AS citations,
       s.influential_count AS influential,
       CASE s.status WHEN 0 THEN 'ok' WHEN 1 THEN 'held' ELSE 'missing' END AS status
FROM snapshot AS s JOIN track AS t ON t.id = s.series_id JOIN paper AS p ON p.id = t.paper_id""",
    "changes": """CREATE VIEW changes AS
SELECT c.id, strftime('%Y-%m-%dT%H:%M:%SZ', c.at, 'unixepoch') AS at, c.kind,
       p.key, p.title, c.source,
       json_extract(c.old, '$') AS old, json_extract(c.new, '$') AS new, c.threshold, c.text
FROM change AS c LEFT JOIN paper AS p ON p.id = c.paper_id""",
}
"""For people with ``sqlite3`` or Datasette: keys instead of numbers, times as text."""
