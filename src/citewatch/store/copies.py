"""Copies of a database file: made while others write, looked into before they count.

``VACUUM INTO`` and not SQLite's backup API: both see one state of the database and let
writers go on, but this one reads every row (a damaged page stops it), leaves out pages
that are free, and gives one file without a write-ahead log, which can be read from a
medium that takes no writes. It does not call fsync, so that is done here.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from citewatch.domain.papers import Instant
from citewatch.errors import CitewatchError, Full, InputError, ReadOnly, StoreError, TooNew
from citewatch.ports.keeping import Contents
from citewatch.store import migrate
from citewatch.store.engine import BUSY_MS, connect, damage, not_ours, translate
from citewatch.store.mark import APPLICATION_ID

WAYS = ("mode=rw", "mode=ro", "mode=ro&immutable=1")
"""How to open what is only read; see `citewatch.store.opening`."""

_LEFT_OVER = 20_000_000
"""What a copy leaves free on its disk."""

_COUNTS = """SELECT (SELECT count(*) FROM paper), (SELECT count(*) FROM snapshot),
    (SELECT count(*) FROM change), (SELECT min(at) FROM snapshot), (SELECT max(at) FROM snapshot),
    (SELECT max(answered_at) FROM track)"""

_MARK = APPLICATION_ID.to_bytes(4, "big")


class FileKeeper:
    """`citewatch.ports.Keeper` over SQLite files."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """The database that is copied."""
        return self._path

    def copy_to(self, target: Path) -> Contents:
        """A sound copy, whole or not at all, while others read and write."""
        return write_copy(self._path, target)

    def contents(self, path: Path) -> Contents:
        """Look into a file, thoroughly. Raises `StoreError` when it is of no use."""
        return look_into(path)

    def is_ours(self, path: Path) -> bool:
        """Whether a file is a citewatch database, sound or not."""
        return is_ours(path)

    def oldest_reading(self, path: Path) -> Instant | None:
        """How far a copy reaches back; None when it holds nothing or cannot be read."""
        try:
            with _reading(path) as bare:
                oldest = bare.execute("SELECT min(at) FROM snapshot").fetchone()[0]
        except (CitewatchError, sqlite3.Error):
            return None
        return None if oldest is None else int(oldest)

    def copies(self, folder: Path) -> list[Path]:
        """Files in a folder, in the order of their names; empty where there is none."""
        try:
            return sorted(path for path in folder.iterdir() if path.is_file())
        except OSError:
            return []

    def make_folder(self, folder: Path) -> None:
        """Make a folder where there is none."""
        with _told(folder):
            folder.mkdir(parents=True, exist_ok=True)

    def delete(self, path: Path) -> None:
        """Delete a copy."""
        with _told(path):
            path.unlink(missing_ok=True)


def write_copy(source: Path, target: Path) -> Contents:
    """Copy a database into a file that appears whole and checked, or not at all.

    ``target`` is replaced when it exists: that is for the caller to decide. Raises
    `InputError` when it cannot be written, `Full`, or what is wrong with ``source``.
    """
    place = target.resolve()  # behind a link, so that the link stays one
    beside = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    try:
        with _told(target):
            make_like(source, beside)
            _room(source, target)
        copy_into(source, beside, name=target)
        contents = look_into(beside)
        with _told(target):
            settle_file(beside)
            beside.replace(place)
            settle_folder(place.parent)
    finally:
        beside.unlink(missing_ok=True)
    return Contents(
        path=target, bytes=contents.bytes, revision=contents.revision, papers=contents.papers,
        readings=contents.readings, changes=contents.changes,
        oldest_reading_at=contents.oldest_reading_at,
        newest_reading_at=contents.newest_reading_at,
    )  # fmt: skip


def copy_into(source: Path, target: Path, *, name: Path) -> None:
    """One state of ``source`` into ``target``, an absent or empty file; errors call it ``name``."""
    try:
        with _reading(source) as bare:
            bare.execute("VACUUM INTO ?", (str(target.absolute()),))
    except sqlite3.Error as error:
        code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
        own = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_BUSY)
        raise translate(error, source if own else name) from error


def look_into(path: Path) -> Contents:
    """What a database file holds, after SQLite has checked every page of it.

    Raises `NotOurs`, `TooNew`, or a `StoreError` that says what is damaged.
    """
    try:
        with _reading(path) as bare:
            revision = _revision(bare, path)
            if found := damage(bare, "integrity_check"):
                raise _damaged(path, found)
            papers, readings, changes, oldest, newest, answered = bare.execute(_COUNTS).fetchone()
    except sqlite3.DatabaseError as error:
        if (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF == sqlite3.SQLITE_CORRUPT:
            raise _damaged(path, str(error)) from error
        raise translate(error, path) from error
    return Contents(
        path=path, bytes=path.stat().st_size, revision=revision, papers=papers,
        readings=readings, changes=changes, oldest_reading_at=oldest,
        newest_reading_at=max(filter(None, (newest, answered)), default=None),
    )  # fmt: skip


def _revision(bare: sqlite3.Connection, path: Path) -> str:
    (mark,) = bare.execute("PRAGMA application_id").fetchone()
    tables = {name for (name,) in bare.execute("SELECT name FROM sqlite_master")}
    if not tables and not mark:
        raise not_ours(str(path), "it is empty")
    if mark != APPLICATION_ID or "alembic_version" not in tables:
        raise not_ours(str(path), "it belongs to another program")
    known = migrate.revisions(migrate.scripts_folder())
    (revision,) = bare.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision not in known:
        raise TooNew(
            f"{path} was written by a newer citewatch (revision {revision}, "
            f"this one knows up to {known[-1]})",
            remedy="upgrade citewatch, or take another backup",
        )
    return str(revision)


def _damaged(path: Path, what: str) -> StoreError:
    return StoreError(
        f"{path} is damaged ({what})",
        remedy="take another backup; if it is the database itself, 'citewatch restore FILE' "
        "puts a backup in its place",
    )


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that sees the file as it is; SQLite alone opens it."""
    if not path.is_file():
        why = "is a folder" if path.is_dir() else "is not there"
        raise InputError(f"{path} {why}", remedy="give the path of a citewatch database")
    problem: sqlite3.Error | None = None
    for options in WAYS:
        log = path.with_name(f"{path.name}-wal")
        if "immutable" in options and log.exists() and log.stat().st_size:
            break  # what stands in the log alone would not be seen
        try:
            bare = connect(path, options, busy_ms=BUSY_MS)
        except sqlite3.Error as error:
            problem = problem or error
            continue
        with closing(bare):
            try:
                bare.execute("SELECT count(*) FROM sqlite_master").fetchone()
            except sqlite3.OperationalError as error:
                problem = problem or error
                continue
            yield bare
            return
    raise translate(problem, path) from problem


def _room(source: Path, target: Path) -> None:
    """Raise now rather than fill the disk under those who write beside us."""
    needed, free = source.stat().st_size, shutil.disk_usage(target.parent).free
    if free < needed + _LEFT_OVER:
        raise Full(
            f"{target}: no room on the disk ({needed / 1e6:.1f} MB are needed, "
            f"{free / 1e6:.1f} MB free)",
            remedy="make room, or give another path",
        )


def make_like(source: Path, target: Path, *, owned: bool = False) -> None:
    """An empty file that is readable for the same people as ``source``, and for no others.

    With ``owned`` it also belongs to the same user, as far as we may give it away.
    """
    status = source.stat() if source.exists() else None
    target.unlink(missing_ok=True)
    handle = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        if status is not None:
            if owned:
                with suppress(PermissionError):
                    os.fchown(handle, status.st_uid, status.st_gid)
            os.fchmod(handle, status.st_mode & 0o666 | 0o600)  # it is still to be written
    finally:
        os.close(handle)


def settle_file(path: Path) -> None:
    """Bring a file to the disk itself; no SQLite connection may have it open."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def settle_folder(folder: Path) -> None:
    """Bring a folder's names to the disk, where the file system can do that."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError:
        return  # some network file systems refuse; the file itself is safe
    finally:
        os.close(handle)


@contextmanager
def _told(target: Path) -> Iterator[None]:
    """What the system says of ``target``, as one clear error."""
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(
            f"{target} cannot be made: there is no folder {target.parent}",
            remedy="make the folder, or give another path",
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise Full(
                f"{target}: no room on the disk", remedy="make room, or give another path"
            ) from error
        raise ReadOnly(
            f"{target} cannot be written ({error.strerror})",
            remedy="make the folder writable, or give another path",
        ) from error


def is_ours(path: Path) -> bool:
    """Whether a file is a citewatch database, however damaged behind its header.

    Reads the header (https://www.sqlite.org/fileformat.html, 1.3) and not by SQLite, which
    opens no truncated file; so not for a database that this process has open.
    """
    try:
        with path.open("rb") as file:
            header = file.read(72)
    except OSError:
        return False
    return header.startswith(b"SQLite format 3\0") and header[68:] == _MARK
