"""Open a database: look at what is there first, then make, upgrade or refuse."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from citewatch.domain.papers import Instant
from citewatch.errors import Busy, ReadOnly, StoreError, TooNew
from citewatch.store import migrate
from citewatch.store.engine import (
    BUSY_MS,
    Database,
    connect,
    make_engine,
    not_ours,
    translate,
)
from citewatch.store.lock import writer_lock
from citewatch.store.mark import APPLICATION_ID
from citewatch.store.postgres import is_server
from citewatch.store.sqlstore import SqlStore

_PREFIX = "sqlite:///"

Guard: TypeAlias = Callable[[], None]
"""Raises `Lost` when we may not write any more."""

# For reading only, in this order: as a writer that does not write, which leaves no files
# behind; as a reader, which needs the two files of the write-ahead log or a writable
# folder; as a file that nobody changes, which needs nothing.
_WRITING = "mode=rw"
_READING = ("mode=rw", "mode=ro", "mode=ro&immutable=1")


_EFFECTIVE = os.access in os.supports_effective_ids


class _Is(Enum):
    EMPTY = "empty"
    CURRENT = "current"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look at the file gave."""

    what: _Is
    revision: str = ""
    options: str = _WRITING


def database_path(url: str) -> Path:
    """The file that a database URL names: ``sqlite:///`` and its absolute path.

    Raises `StoreError` for any other kind of database: a server's has no file of ours.
    """
    text = url.removeprefix(_PREFIX)
    if text == url or text in ("", ":memory:"):
        raise StoreError(
            f"the database {_without_secrets(url)!r} is not possible",
            remedy="give a SQLite file: sqlite:////home/me/citewatch.db",
        )
    return Path(text).absolute()


@contextmanager
def hold(url: str, *, now: Instant, who: str) -> Iterator[Guard]:
    """Be the one writer for the block, as ``who`` (the command) since ``now``.

    What is given raises `Lost` once that is over: a server's lock can go while the file's
    cannot. Raises `Busy`, naming the holder, while somebody else is.
    """
    if is_server(url):
        from citewatch.store.leading import leading

        with leading(url, now=now, who=who) as lead:
            yield lead.check
    else:
        with writer_lock(database_path(url), now=now, who=who):
            yield lambda: None


def _without_secrets(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}…@{rest.rpartition('@')[2]}" if "@" in rest else url


def open_store(
    url: str,
    *,
    now: Instant,
    read_only: bool = False,
    upgrade: bool = True,
    guard: Guard | None = None,
) -> SqlStore:
    """Open the database, making or upgrading it as needed; ``now`` names the copy taken before.

    With ``read_only`` nothing is written to a database that is up to date, and an absent
    one gives an empty store in memory, which takes writes and forgets them. Raises
    `NotOurs`, `TooNew`, `ReadOnly`, `Busy`, `Full` or a plain `StoreError` for a damaged
    file; nothing is changed then. Without ``upgrade`` an older schema is `Busy`: somebody
    else is at work on it. ``guard`` is what `hold` gave: at a server it is asked before
    anything is written.
    """
    if is_server(url):
        from citewatch.store.serving import open_server

        return open_server(url, now=now, read_only=read_only, upgrade=upgrade, guard=guard)
    return open_path(database_path(url), now=now, read_only=read_only, upgrade=upgrade)


def open_path(
    path: Path,
    *,
    now: Instant,
    read_only: bool = False,
    upgrade: bool = True,
    scripts: Path | None = None,
    busy_ms: int = BUSY_MS,
) -> SqlStore:
    """`open_store` for a path; ``scripts`` holds the migrations, ``busy_ms`` is patience."""
    scripts = scripts or migrate.scripts_folder()
    found = _look(path, revisions=migrate.revisions(scripts), busy_ms=busy_ms, read_only=read_only)
    if found.what is _Is.EMPTY:
        if read_only:
            return SqlStore(in_memory())
        _writable(path, busy_ms=busy_ms, mode="mode=rwc")
        migrate.create(path, scripts=scripts, busy_ms=busy_ms)
    elif found.what is _Is.OLD and not upgrade:
        raise Busy(
            f"{path} is in use by an older citewatch",
            remedy="restart the daemon, so that it is of the same version as this one",
        )
    elif found.what is _Is.OLD:
        _writable(path, busy_ms=busy_ms)
        migrate.upgrade(path, revision=found.revision, scripts=scripts, now=now, busy_ms=busy_ms)
    elif not read_only:
        _writable(path, busy_ms=busy_ms)
    options = found.options if found.what is _Is.CURRENT else _WRITING
    engine = make_engine(path, options, query_only=read_only, busy_ms=busy_ms)
    return SqlStore(Database(engine, path, read_only=read_only))


def _look(path: Path, *, revisions: tuple[str, ...], busy_ms: int, read_only: bool) -> _Found:
    """Say what the file is, without changing it.

    Only SQLite opens the file: closing a handle of our own would drop the locks of every
    connection that this process has on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        return _Found(_Is.EMPTY)
    except OSError as error:
        raise ReadOnly(
            f"{path} cannot be reached ({error.strerror})",
            remedy="make its folder accessible, or choose another --database",
        ) from error
    if not stat.S_ISREG(status.st_mode):
        raise not_ours(str(path), "it is not a file")
    if not status.st_size:
        return _Found(_Is.EMPTY)
    ways = _READING if read_only else (_WRITING,)
    problem: StoreError | None = None
    for options in ways:
        if "immutable" in options and _has_log(path):
            break  # what stands in the log alone would not be seen
        try:
            return _identify(path, options, revisions=revisions, busy_ms=busy_ms)
        except ReadOnly as error:
            problem = problem or error
    assert problem is not None  # noqa: S101  (every way was tried and refused)
    raise problem


def _has_log(path: Path) -> bool:
    log = path.with_name(f"{path.name}-wal")
    return log.exists() and log.stat().st_size > 0


def _identify(path: Path, options: str, *, revisions: tuple[str, ...], busy_ms: int) -> _Found:
    try:
        with closing(connect(path, options, busy_ms=busy_ms)) as bare:
            (mark,) = bare.execute("PRAGMA application_id").fetchone()
            tables = {name for (name,) in bare.execute("SELECT name FROM sqlite_master")}
            if not tables and not mark:
                return _Found(_Is.EMPTY)
            if mark != APPLICATION_ID or "alembic_version" not in tables:
                raise not_ours(str(path), "it belongs to another program")
            rows = bare.execute("SELECT version_num FROM alembic_version").fetchall()
    except sqlite3.Error as error:
        raise translate(error, path) from error
    revision = str(rows[0][0]) if len(rows) == 1 else ""
    if revision == revisions[-1]:
        return _Found(_Is.CURRENT, revision, options)
    if revision in revisions:
        return _Found(_Is.OLD, revision, options)
    raise TooNew(
        f"{path} was written by a newer citewatch (revision {revision or 'unknown'}, "
        f"this one knows up to {revisions[-1]})",
        remedy="upgrade citewatch, or choose another --database",
    )


def _writable(path: Path, *, busy_ms: int, mode: str = _WRITING) -> None:
    """Raise now rather than in the middle of the work: take the write lock once."""
    folder = path.parent
    if not folder.is_dir():
        raise ReadOnly(
            f"{path} cannot be made: there is no folder {folder}",
            remedy="make the folder, or choose another --database",
        )
    # SQLite needs the folder too, for its log, and notices neither before the first write.
    for place in (folder, path):
        if place.exists() and not os.access(place, os.W_OK, effective_ids=_EFFECTIVE):
            raise ReadOnly(
                f"{path} cannot be written: no permission to write {place}",
                remedy="make the file and its folder writable, or choose another --database",
            )
    try:
        with closing(connect(path, mode, busy_ms=busy_ms)) as bare:
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("ROLLBACK")
            # A backup that was put here by hand is not in this mode; nearly always it is.
            bare.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise translate(error, path) from error


def in_memory() -> Database:
    """An empty database that nobody else sees, and that goes when it is closed."""
    # Imported here: SQLModel and its tables cost as much as forty bare interpreter starts,
    # and nothing that is read or written in a file that is up to date needs them.
    from citewatch.store.tables import VIEWS, Row

    engine = make_engine(None)
    with engine.begin() as connection:
        Row.metadata.create_all(connection)
        for view in VIEWS.values():
            connection.exec_driver_sql(view)
    return Database(engine, None)
