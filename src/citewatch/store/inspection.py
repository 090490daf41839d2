"""What a database file looks like from outside, without opening, making or upgrading it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from citewatch.domain.papers import DAY
from citewatch.store import migrate
from citewatch.store.engine import BUSY_MS, connect, damage

NEWEST = """SELECT max(at) FROM (SELECT max(answered_at) AS at FROM track
    UNION ALL SELECT max(started_at) FROM run UNION ALL SELECT max(at) FROM change) AS seen"""
"""When something was last seen, whatever it was."""
_UNUSED = """SELECT f.freelist_count * p.page_size
    FROM pragma_freelist_count() AS f, pragma_page_size() AS p"""

_GROWTH_DAYS = 30
_GROWING = (("snapshot", "at"), ("facts", "at"), ("change", "at"), ("run", "started_at"))
_ROW_BYTES = {"snapshot": 24, "facts": 420, "change": 400, "run": 98}
"""What a row takes with its indexes, as `benchmarks/storage.py` and the demo's file give it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """One look at a database file."""

    path: Path
    exists: bool
    bytes: int = 0
    """With its write-ahead log."""
    revision: str = ""
    """"" where the file has none: it is not a database of citewatch."""
    newest_revision: str
    damage: str = ""
    """What SQLite's own quick check found, its first line."""
    free_bytes: int = 0
    """Left on the disk."""
    newest_answer_at: int | None = None
    """When a source last answered or a pass last began, by the clock of that time."""
    unused_bytes: int = 0
    """Pages that later rows will fill."""
    growth_bytes_a_day: float | None = None
    """Over the last 30 days in which something was stored; None after less than one."""


def inspect_file(path: Path) -> FileState:
    """Look at a database file; nothing is written and nothing raises."""
    newest = migrate.revisions(migrate.scripts_folder())[-1]
    free = _free_bytes(path)
    if not path.exists():
        return FileState(path=path, exists=False, newest_revision=newest, free_bytes=free)
    revision, found, answered, unused, growth = "", "", None, 0, None
    try:
        with closing(connect(path, "mode=ro", busy_ms=BUSY_MS)) as bare:
            found = damage(bare, "quick_check")
            revision = str(bare.execute("SELECT version_num FROM alembic_version").fetchone()[0])
            answered = bare.execute(NEWEST).fetchone()[0]
            unused = bare.execute(_UNUSED).fetchone()[0]
            growth = _growth(bare)
    except (sqlite3.Error, TypeError) as error:
        found = found or str(error)[:200]
    log = path.with_name(f"{path.name}-wal")
    return FileState(
        path=path, exists=True, bytes=_size(path) + _size(log), revision=revision,
        newest_revision=newest, damage=found, free_bytes=free, newest_answer_at=answered,
        unused_bytes=unused, growth_bytes_a_day=growth,
    )  # fmt: skip


def _growth(bare: sqlite3.Connection) -> float | None:
    """Bytes a day: the rows of the last 30 days, at what a row of their table takes."""
    first, last = bare.execute("SELECT min(started_at), max(started_at) FROM run").fetchone()
    if first is None or last - first < DAY:
        return None
    since = max(first, last - _GROWTH_DAYS * DAY)
    rows = {
        table: bare.execute(f"SELECT count(*) FROM {table} WHERE {column} > ?", (since,))  # noqa: S608
        for table, column in _GROWING
    }
    grown = sum(_ROW_BYTES[table] * int(row.fetchone()[0]) for table, row in rows.items())
    return float(grown * DAY / (last - since))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _free_bytes(path: Path) -> int:
    folder = next((p for p in path.parents if p.is_dir()), Path("/"))
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
