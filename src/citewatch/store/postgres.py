"""A database that a PostgreSQL server keeps: connections, transactions, what errors mean.

psycopg is imported here alone, and only when a URL asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExecutionContext

from citewatch.errors import Busy, Full, InputError, ReadOnly, StoreError
from citewatch.store.dialect import for_postgresql
from citewatch.store.engine import WRITE, Database
from citewatch.store.mark import APPLICATION_ID

if TYPE_CHECKING:
    import psycopg

_SCHEMES = ("postgresql", "postgresql+psycopg")
_CONNECT_S = 10
# Whose machine is gone without a word is noticed by both sides within half a minute; what
# holds others up gives way: a writer that waits after five seconds, as with a file, and a
# transaction of a process that stands still after some minutes.
_SERVER = (
    "-c lock_timeout=5s -c idle_in_transaction_session_timeout=300s -c tcp_keepalives_idle=10 "
    "-c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000"
)
_CLIENT = {
    "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 25_000, "client_encoding": "utf8",
}  # fmt: skip

LEAD = f"{APPLICATION_ID}, hashtext(current_schema())"
"""The advisory lock of the one writer, as the two numbers that it is asked for by. A
schema has its own, so that several can live in one database."""
TURN = f"{APPLICATION_ID + 1}, hashtext(current_schema())"
"""The advisory lock that a transaction which writes holds, as SQLite's writers hold theirs."""
TAKE_TURN = f"SELECT pg_advisory_xact_lock({TURN})"


def is_server(url: str) -> bool:
    """Whether a URL names a server rather than a file."""
    return url.partition("://")[0] in _SCHEMES


def shown(url: str) -> str:
    """The address without login and options: what may be read by everybody."""
    rest = url.partition("://")[2].partition("?")[0].rpartition("@")[2]
    return f"postgresql://{rest}"


def connect(url: str, *, name: str = "citewatch", autocommit: bool = True) -> psycopg.Connection:
    """A bare connection; ``name`` is what the server shows of it. Raises `StoreError`."""
    library = driver()
    given = _given(url)
    given = {"connect_timeout": _CONNECT_S, **_CLIENT, **given, "application_name": name}
    given["options"] = f"{_SERVER} {given.get('options') or ''}".strip()
    try:
        connection: psycopg.Connection = library.connect(**given, autocommit=autocommit)
    except library.Error as error:
        raise _unreachable(error, url, given) from error
    connection.adapters.register_dumper(str, _text_dumper())
    return connection


def _given(url: str) -> dict[str, Any]:
    """What the URL says, piece by piece."""
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict

    rest = url.partition("://")[2]
    try:
        # A slash in a password would make the host of what stands before it, and the errors
        # of libpq, and of whoever looks for that host, repeat it.
        if "@" not in rest.partition("?")[0].partition("/")[2]:
            return conninfo_to_dict(f"postgresql://{rest}")
    except Error:
        pass
    raise InputError(
        "the database URL cannot be read",
        remedy="postgresql://USER@HOST:PORT/NAME; in it a sign such as / : @ % of a name or "
        "password is written %2F %3A %40 %25",
    )


def driver() -> Any:  # noqa: ANN401  (a module)
    """psycopg. Raises `InputError` where it is not installed."""
    try:
        import psycopg
    except ImportError as error:
        raise InputError(
            "a postgresql:// database needs psycopg, which is not installed here",
            remedy="pip install 'citewatch[postgres]'",
        ) from error
    return psycopg


def _text_dumper() -> Any:  # noqa: ANN401  (a class of a library that may be absent)
    from psycopg.types.string import StrDumperUnknown

    class Text(StrDumperUnknown):
        """PostgreSQL's texts cannot hold a zero byte, which SQLite's can."""

        def dump(self, obj: str) -> Any:  # noqa: ANN401  (whatever the base gives)
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    return Text


def make_engine(url: str, *, pooled: bool = True, immediate: bool = False) -> Engine:
    """An engine over the server; transactions that write queue as they do at a file."""
    from sqlalchemy.pool import NullPool, QueuePool

    pool: dict[str, Any] = {"poolclass": NullPool}
    if pooled:
        pool = {"poolclass": QueuePool, "pool_size": 4, "max_overflow": -1}
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connect(url, autocommit=False),
        execution_options={WRITE: immediate},
        **pool,
    )
    event.listen(engine, "before_cursor_execute", _translate, retval=True)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITE, False):
        connection.exec_driver_sql(TAKE_TURN)


def _translate(
    _connection: Connection,
    _cursor: object,
    statement: str,
    parameters: Any,  # noqa: ANN401  (as the event has it)
    context: ExecutionContext | None,
    _many: bool,  # noqa: FBT001
) -> tuple[str, Any]:
    if context is not None and context.compiled is None:
        statement = for_postgresql(statement)
    return statement, parameters


class ServerDatabase(Database):
    """`Database` at a server. ``guard`` raises in a transaction that must not write."""

    def __init__(
        self,
        url: str,
        *,
        read_only: bool = False,
        guard: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(make_engine(url), None, read_only=read_only)
        self._url = url
        self._guard = guard
        self._reading = self._engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self.name = shown(url)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database throughout."""
        with self._errors(), self._reading.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is stored whole at the end of the block, or not at all.

        The guard is asked when all others that write have to wait: whoever leads next
        waits too (`citewatch.store.leading`), so nothing of two leaders is ever mixed.
        """
        with super().write() as connection:
            if self._guard is not None:
                self._guard()
            yield connection

    def _explain(self, error: BaseException | None) -> StoreError:
        return explain(error, self._url)


def explain(error: BaseException | None, url: str) -> StoreError:
    """What an error of the server means to the user.

    Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html.
    """
    if isinstance(error, StoreError):
        return error
    name, code = shown(url), str(getattr(error, "sqlstate", None) or "")
    said = _one_line(error)
    if code == "55P03":
        return Busy(
            f"{name} is locked by another program",
            remedy="wait until it is done, or close it, and run the same again",
        )
    if code == "42501":
        return ReadOnly(
            f"{name}: no permission ({said})",
            remedy="let the user of the URL own the database, or GRANT it CREATE and USAGE on "
            "the schema and all rights on the tables in it",
        )
    if code == "25006":
        return ReadOnly(
            f"{name} cannot be written ({said})",
            remedy="give the address of the primary server, not of a standby of it",
        )
    if code in ("53100", "58030"):
        return Full(
            f"{name}: no room on the server's disk, or the disk fails ({said})",
            remedy="make room and run the same again; what was stored before is safe",
        )
    if code == "22003":
        return StoreError(f"a number does not fit into the database: {said}")
    if not code or code[:2] in ("08", "57"):
        return StoreError(
            f"{name}: the connection was lost ({said})",
            remedy="see whether the server runs, and run the same again; what was stored before "
            "is safe",
        )
    return StoreError(f"{name}: {said} [{code}]")


# The server speaks the language of its administrator: where no words are known, the
# advice is general.
_REFUSED = ("password", "authentication", "pg_hba.conf")
_LOGIN = (
    "set the password in CITEWATCH_DATABASE__URL, PGPASSWORD or ~/.pgpass, and see whether the "
    "server lets this user in from here"
)
_ABSENT = "'createdb NAME' makes it; then run the same again"
_GENERAL = "see whether the server runs, and whether host, port, user and name in the URL are right"


def _unreachable(error: BaseException, url: str, given: Mapping[str, Any]) -> StoreError:
    said = _one_line(error).removeprefix("connection failed: ")
    if password := str(given.get("password") or ""):
        said = said.replace(password, "…")
    advice = _GENERAL
    if any(word in said for word in _REFUSED):
        advice = _LOGIN
    elif "database" in said and "does not exist" in said:
        advice = _ABSENT
    return StoreError(f"{shown(url)} cannot be reached: {said}", remedy=advice)


def _one_line(error: BaseException | None) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines or ["no reason given"])[0][:300]
