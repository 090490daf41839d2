"""What a database file looks like from outside, without opening, making or upgrading it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from citewatch.store import migrate
from citewatch.store.engine import BUSY_MS, connect


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
    """When a source last answered, by the clock of that time."""


def inspect_file(path: Path) -> FileState:
    """Look at a database file; nothing is written and nothing raises."""
    newest = migrate.revisions(migrate.scripts_folder())[-1]
    free = _free_bytes(path)
    if not path.exists():
        return FileState(path=path, exists=False, newest_revision=newest, free_bytes=free)
    revision, damage, answered = "", "", None
    try:
        with closing(connect(path, "mode=ro", busy_ms=BUSY_MS)) as bare:
            found = [str(row[0]) for row in bare.execute("PRAGMA quick_check(1)")]
            damage = "" if found == ["ok"] else (found or ["no answer"])[0][:200]
            revision = str(bare.execute("SELECT version_num FROM alembic_version").fetchone()[0])
            answered = bare.execute("SELECT max(answered_at) FROM track").fetchone()[0]
    except (sqlite3.Error, TypeError) as error:
        damage = damage or str(error)[:200]
    log = path.with_name(f"{path.name}-wal")
    return FileState(
        path=path, exists=True, bytes=_size(path) + _size(log), revision=revision,
        newest_revision=newest, damage=damage, free_bytes=free, newest_answer_at=answered,
    )  # fmt: skip


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
