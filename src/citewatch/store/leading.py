"""One writer a database at a server: an advisory lock that ends with its connection.

The connection does nothing else. Who holds the lock, and since when, is in the name under
which the server shows it: there before any table is, and gone with the holder.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from citewatch.domain.papers import Instant
from citewatch.errors import Busy, Lost
from citewatch.store.lock import Holder, described, iso, one_line, remedy
from citewatch.store.postgres import LEAD, TAKE_TURN, connect, driver, explain, shown

if TYPE_CHECKING:
    import psycopg

_TAKE = f"SELECT pg_try_advisory_lock({LEAD})"
_HOLDER = """SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.database = a.datid
    AND a.datname = current_database() AND l.classid = (%s)::oid
    AND l.objid = (hashtext(current_schema())::bigint & 4294967295)::oid"""
_TRIES = 5
_NAME_BYTES = 63


class Lead:
    """The lock, for as long as its connection lives."""

    def __init__(self, connection: psycopg.Connection, url: str) -> None:
        self._connection = connection
        self._url = url
        self._turn = threading.Lock()

    def check(self) -> None:
        """Raise `Lost` unless the server still answers on the connection that has the lock."""
        psycopg = driver()

        try:
            with self._turn:
                self._connection.execute("SELECT 1")
        except psycopg.Error as error:
            raise Lost(
                f"{shown(self._url)}: the connection that held the lock is gone; "
                "nothing more is written",
                remedy="run the same again; what was stored before is safe",
            ) from error


@contextmanager
def leading(url: str, *, now: Instant, who: str) -> Iterator[Lead]:
    """Be the one writer for the block, as ``who`` (the command) since ``now``.

    Raises `Busy`, naming the holder, when there is one already.
    """
    psycopg = driver()

    with closing(connect(url, name=_name(who, now))) as connection:
        try:
            _take(connection, url)
            # Whoever led before may be in the middle of its last transaction, which its
            # guard let begin: what comes after this sees what it stored.
            with connection.transaction():
                connection.execute(TAKE_TURN)
        except psycopg.Error as error:
            raise explain(error, url) from error
        yield Lead(connection, url)


def _take(connection: psycopg.Connection, url: str) -> None:
    for _ in range(_TRIES):
        row = connection.execute(_TAKE).fetchone()
        if row is not None and row[0]:
            return
        if (holder := _holder(connection)) is not None:
            break  # else it went between the two questions
    raise Busy(
        f"{shown(url)} is in use by {described(holder)}", remedy=remedy(holder),
        who=holder.who if holder else "", process=holder.process if holder else None,
    )  # fmt: skip


def lead_holder(url: str) -> str:
    """The command that holds the lock now, "" for nobody. Raises `StoreError`."""
    psycopg = driver()

    with closing(connect(url)) as connection:
        try:
            holder = _holder(connection)
        except psycopg.Error as error:
            raise explain(error, url) from error
    return holder.who if holder else ""


def _name(who: str, now: Instant) -> str:
    """What the server shows of the connection; it keeps 63 bytes of ASCII."""
    text = f"{one_line(who)[:30]}/{os.getpid()}/{now}/{one_line(socket.gethostname())}"
    return text.encode("ascii", errors="replace")[:_NAME_BYTES].decode()


def _holder(connection: psycopg.Connection) -> Holder | None:
    from citewatch.store.mark import APPLICATION_ID

    row = connection.execute(_HOLDER, (APPLICATION_ID,)).fetchone()
    if row is None:
        return None
    who, process, since, host = (*str(row[0]).split("/"), "", "", "", "")[:4]
    if not (process.isdecimal() and since.isdecimal()):
        return Holder(0, one_line(str(row[0])) or "another program", "", "")
    return Holder(int(process), who, iso(int(since)), one_line(host))
