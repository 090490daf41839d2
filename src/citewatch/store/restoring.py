"""Put a backup in the place of a database: checked, upgraded, whole or not at all.

The caller holds the writer's lock. Until the last step, a rename, nothing that is there
is changed but for its write-ahead log, which is folded into the file.
"""

from __future__ import annotations

import glob
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from citewatch.domain.papers import Instant
from citewatch.errors import Busy, InputError, StoreError
from citewatch.ports.keeping import Contents, Loss, Restored
from citewatch.store import carrying, migrate
from citewatch.store.copies import (
    copy_into,
    is_ours,
    look_into,
    make_like,
    settle_file,
    settle_folder,
)
from citewatch.store.engine import BUSY_MS, connect, not_ours, translate


def restore(
    backup: Path, path: Path, *, now: Instant, force: bool = False, busy_ms: int = BUSY_MS
) -> Restored:
    """Replace the database at ``path`` by what ``backup`` holds.

    Raises `InputError` when that would lose what ``backup`` does not hold, unless
    ``force``; `NotOurs`, `TooNew` or `StoreError` when ``backup`` is of no use or
    ``path`` is no database of citewatch; `Busy` while another program has it open.
    """
    path = path.resolve()  # behind a link, so that the link stays one
    contents = look_into(backup)
    if path.exists() and path.samefile(backup):
        raise InputError(f"{backup} is the database itself", remedy="give the path of a backup")
    there = path.exists() and path.stat().st_size > 0
    if there and not is_ours(path):
        raise not_ours(str(path), "it is left alone")
    beside = path.with_name(f".{path.name}.restore-{os.getpid()}")
    try:
        _prepare(backup, beside, path, revision=contents.revision, busy_ms=busy_ms)
        loss: Loss | None = None
        settled: int | None = 0
        if there:
            loss, settled = _compare(beside, path, contents, force=force)
        settle_file(beside)
        aside = None
        if there:
            aside = _swap(beside, path, now=now, busy_ms=busy_ms)
        else:
            _place(beside, path)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be replaced ({error.strerror})",
            remedy="nothing was changed; make the folder writable, with room for the backup",
        ) from error
    finally:
        for left in _files(beside):
            left.unlink(missing_ok=True)
    return Restored(contents=contents, aside=aside, loss=loss, settled=settled)


def _files(path: Path) -> tuple[Path, Path, Path]:
    """A database file and the two that SQLite may have put beside it."""
    return path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _prepare(backup: Path, beside: Path, path: Path, *, revision: str, busy_ms: int) -> None:
    """A copy of the backup on the disk of the database, at the newest revision."""
    if not beside.parent.is_dir():
        raise InputError(
            f"there is no folder {beside.parent}", remedy="make the folder of the database first"
        )
    # What a restore left behind that was cut short; the lock keeps out any other one.
    for left in beside.parent.glob(f".{glob.escape(path.name)}.restore-*"):
        left.unlink(missing_ok=True)
    # A root that restores must not take the database away from the user of the daemon.
    make_like(path if path.exists() else backup, beside, owned=path.exists())
    copy_into(backup, beside, name=path)
    scripts = migrate.scripts_folder()
    if revision != migrate.revisions(scripts)[-1]:
        migrate.bring_up(beside, revision=revision, scripts=scripts, busy_ms=busy_ms)
    try:
        with closing(connect(beside, "mode=rw", busy_ms=busy_ms)) as bare:
            bare.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise translate(error, beside) from error


def _compare(
    beside: Path, path: Path, contents: Contents, *, force: bool
) -> tuple[Loss | None, int | None]:
    """What would be lost, and how many milestones were carried over into the copy.

    A database whose damage keeps it from being read has nothing to lose: it is kept as
    it is. One that cannot be compared for another reason may hold anything.
    """
    loss: Loss | None = None
    with closing(connect(beside, "mode=rw")) as bare:
        try:
            carrying.attach(bare, path)
            loss = carrying.what_is_lost(bare)
            if not force and (loss.readings or loss.changes or loss.decisions):
                raise _refusal(path, contents, loss)
            return loss, carrying.carry_over(bare)
        except sqlite3.DatabaseError as error:
            code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
            damaged = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY):
                raise translate(error, path) from error
            if not damaged and not force:
                raise InputError(
                    f"{path} cannot be compared with the backup ({error}); it may hold more",
                    remedy="'--force' replaces it all the same; a copy of it is kept",
                ) from error
            return loss, None


def _refusal(path: Path, contents: Contents, loss: Loss) -> InputError:
    parts = [
        f"{number} {word}{'' if number == 1 else 's'}"
        for number, word in (
            (loss.readings, "reading"), (loss.changes, "change"), (loss.decisions, "decision"),
        )
        if number
    ]  # fmt: skip
    since = "" if loss.since is None else f" since {migrate.utc(loss.since)}"
    return InputError(
        f"{path} holds {', '.join(parts)}{since} that {contents.path} does not; "
        "nothing was changed",
        remedy="take a newer backup, or '--force' to lose them (a copy of what is there is kept)",
    )


def _place(beside: Path, path: Path) -> None:
    """Where there is no database: what an earlier one left behind must not be read with it."""
    for left in _files(path)[1:]:
        left.unlink(missing_ok=True)
    beside.replace(path)
    settle_folder(path.parent)


def _swap(beside: Path, path: Path, *, now: Instant, busy_ms: int) -> Path:
    """Give what is there another name, and its name to the copy."""
    aside = migrate.unused(path.parent, f"{path.stem}.before-restore-{migrate.stamp(now)}")
    with _alone(path, busy_ms=busy_ms):
        try:
            os.link(path, aside)
        except OSError:
            path.rename(aside)  # a file system without hard links: a moment without a database
        for old, new in zip(_files(path)[1:], _files(aside)[1:], strict=True):
            if old.exists():
                old.rename(new)  # only beside a damaged file: its log may hold what it lacks
        beside.replace(path)
        settle_folder(path.parent)
    return aside


@contextmanager
def _alone(path: Path, *, busy_ms: int) -> Iterator[None]:
    """Hold the database for us alone, its log folded in, so that no reader is left with a
    log that belongs to another file. Raises `Busy` while another program has it open.
    """
    with closing(connect(path, "mode=rw", busy_ms=busy_ms)) as bare:
        try:
            (mode,) = bare.execute("PRAGMA journal_mode = DELETE").fetchone()
            if mode != "delete":
                raise _read_by_others(path)
            bare.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as error:
            code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise _read_by_others(path) from error
            # Too damaged to be locked. Closed now: at its end SQLite deletes logs by name.
            bare.close()
        yield


def _read_by_others(path: Path) -> Busy:
    return Busy(
        f"{path} is being read by another program",
        remedy="close it (a dashboard, sqlite3, datasette) and run the same again",
    )
