"""Connections: how they are set up, how transactions begin, what their errors mean."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from citewatch.errors import Busy, Full, NotOurs, ReadOnly, StoreError

BUSY_MS = 5000
"""How long a writer waits for another process before it gives up."""

CACHE_KIB = 16_000
"""Pages kept by a connection; SQLite's own 2 MB cost an eighth more at 100,000 papers."""

WRITE = "citewatch_write"
"""An option of connections whose transactions write."""


def address(path: Path, options: str) -> str:
    """The file as a URI for `sqlite3.connect`; ``options`` such as ``mode=ro``."""
    return f"{path.absolute().as_uri()}?{options}"


def connect(path: Path, options: str, *, busy_ms: int = BUSY_MS) -> sqlite3.Connection:
    """A bare connection without implicit transactions, usable from any one thread at a time."""
    return sqlite3.connect(
        address(path, options),
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=busy_ms / 1000,
    )


def make_engine(
    path: Path | None,
    options: str = "mode=rw",
    *,
    pooled: bool = True,
    immediate: bool = False,
    query_only: bool = False,
    busy_ms: int = BUSY_MS,
) -> Engine:
    """An engine over the file, or over an empty database in memory when ``path`` is None.

    Transactions begin with BEGIN IMMEDIATE when they will write (always, when
    ``immediate``): in SQLite's default mode two processes that read, add and write lose
    a third of their updates without an error, and with a plain BEGIN they fail as locked
    in spite of the timeout.
    """
    pool: dict[str, Any] = {"poolclass": NullPool}
    if path is None:
        pool = {"poolclass": StaticPool}
    elif pooled:
        # A few connections stay open; more threads than that never wait for one.
        pool = {"poolclass": QueuePool, "pool_size": 4, "max_overflow": -1}

    def creator() -> sqlite3.Connection:
        if path is None:
            bare = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        else:
            bare = connect(path, options, busy_ms=busy_ms)
        bare.execute("PRAGMA synchronous = NORMAL")
        bare.execute("PRAGMA foreign_keys = ON")
        bare.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        bare.execute(f"PRAGMA query_only = {int(query_only)}")
        return bare

    engine = create_engine(
        "sqlite://", creator=creator, execution_options={WRITE: immediate}, **pool
    )
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """The file behind a store: transactions for reading and writing, from any thread."""

    def __init__(self, engine: Engine, path: Path | None, *, read_only: bool = False) -> None:
        self._engine = engine
        self._path = path
        self._read_only = read_only
        self.name = str(path) if path else "the database in memory"
        # Writers of this process queue here rather than in SQLite's busy handler,
        # which sleeps up to 100 ms between two tries.
        self._writing = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database throughout."""
        # In memory there is one connection only, so readers queue as well.
        turn: AbstractContextManager[object] = nullcontext() if self._path else self._writing
        with self._errors(), turn, self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is stored whole at the end of the block, or not at all."""
        if self._read_only:
            raise ReadOnly(f"{self.name} was opened for reading only")
        with self._errors(), self._writing, self._engine.connect() as plain:
            connection = plain.execution_options(**{WRITE: True})
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close every connection; the last one out folds the write-ahead log into the file."""
        with self._writing:
            self._engine.dispose()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self._explain(error.orig) from error
        except sqlite3.Error as error:
            raise self._explain(error) from error
        except OverflowError as error:
            raise StoreError(f"a number does not fit into the database: {error}") from error

    def _explain(self, error: BaseException | None) -> StoreError:
        return translate(error, self._path)


def raw_rows(
    connection: Connection, sql: str, values: tuple[int | str, ...]
) -> Iterator[tuple[Any, ...]]:
    """The driver's own tuples: SQLAlchemy's rows cost as much again as reading them."""
    cursor = connection.exec_driver_sql(sql, values).cursor
    while rows := cursor.fetchmany(1000):
        yield from rows


def damage(bare: sqlite3.Connection, check: str) -> str:
    """What ``quick_check`` or ``integrity_check`` finds first, "" when all is well."""
    found = [str(row[0]) for row in bare.execute(f"PRAGMA {check}(1)")]
    if found == ["ok"]:
        return ""
    text = " ".join((found or ["no answer"])[0].split())
    return text.removeprefix("*** in database main *** ")[:200]


def translate(error: BaseException | None, path: Path | None) -> StoreError:
    """What an error of SQLite means to the user.

    Codes: https://www.sqlite.org/rescode.html. The low byte is the kind, the rest detail.
    """
    name = str(path) if path else "the database in memory"
    code = getattr(error, "sqlite_errorcode", None)
    match code & 0xFF if isinstance(code, int) else None:
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return Full(
                f"{name}: no room on the disk, or the disk fails ({error})",
                remedy="make room and run the same again; what was stored before is safe",
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Busy(
                f"{name} is locked by another program",
                remedy="wait until it is done, or close it, and run the same again",
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return ReadOnly(
                f"{name} cannot be written ({error})",
                remedy="make the file and its folder writable, or choose another --database",
            )
        case sqlite3.SQLITE_NOTADB:
            return not_ours(name, "it is not a SQLite file")
        case sqlite3.SQLITE_CORRUPT:
            return StoreError(
                f"{name} is damaged ({error})",
                remedy="'citewatch restore FILE' puts a backup in its place and keeps this file; "
                "'citewatch doctor' names the newest",
            )
    return StoreError(f"{name}: {error}")


def not_ours(name: str, why: str) -> NotOurs:
    """The refusal to touch somebody else's file."""
    return NotOurs(
        f"{name} is not a citewatch database: {why}",
        remedy="give the path of a citewatch database, or of a file that does not exist yet",
    )
