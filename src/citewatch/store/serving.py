"""Open a database at a server: look at what is there first, then make, upgrade or refuse."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

from citewatch.domain.papers import Instant
from citewatch.errors import Busy, CitewatchError, NotOurs, ReadOnly, StoreError, TooNew
from citewatch.store import migrate
from citewatch.store.leading import leading
from citewatch.store.postgres import ServerDatabase, connect, driver, explain, make_engine, shown
from citewatch.store.sqlstore import SqlStore

_OURS = ("paper", "track", "snapshot", "gate", "memo")
_LOOK = """SELECT current_schema(), current_setting('server_encoding'), ARRAY(
        SELECT c.relname::text FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'))"""


def open_server(
    url: str,
    *,
    now: Instant,
    read_only: bool = False,
    upgrade: bool = True,
    guard: Callable[[], None] | None = None,
    scripts: Path | None = None,
) -> SqlStore:
    """`citewatch.store.open_store` for a server; ``guard`` is asked before anything is written.

    An older schema is upgraded by whoever leads (``guard``), else only while nobody does.
    """
    scripts = scripts or migrate.scripts_folder()
    revisions = migrate.revisions(scripts)
    revision = revision_of(url, revisions)
    if not revision and read_only:
        from citewatch.store.opening import in_memory  # it imports us

        return SqlStore(in_memory())
    if revision not in ("", revisions[-1]) and not upgrade:
        raise Busy(
            f"{shown(url)} is in use by an older citewatch",
            remedy="restart the daemon, so that it is of the same version as this one",
        )
    if revision != revisions[-1]:
        alone = revision and guard is None
        with leading(url, now=now, who="citewatch") if alone else nullcontext():
            _bring_up(url, revision, scripts)
    return SqlStore(ServerDatabase(url, read_only=read_only, guard=guard))


def revision_of(url: str, revisions: tuple[str, ...]) -> str:
    """How new the schema is, "" where there is nothing yet; changes nothing.

    Raises `StoreError` for a database that is not ours, or newer than we are.
    """
    psycopg = driver()

    with closing(connect(url)) as bare:
        try:
            row = bare.execute(_LOOK).fetchone()
            assert row is not None  # noqa: S101  (a question without FROM has one row)
            schema, encoding, tables = row
            _usable(url, schema, encoding, set(tables))
            if not tables:
                return ""
            found = bare.execute("SELECT version_num FROM alembic_version").fetchall()
        except psycopg.Error as error:
            raise explain(error, url) from error
    revision = str(found[0][0]) if len(found) == 1 else ""
    if revision in revisions:
        return revision
    raise TooNew(
        f"{shown(url)} was written by a newer citewatch (revision {revision or 'unknown'}, "
        f"this one knows up to {revisions[-1]})",
        remedy="upgrade citewatch, or choose another --database",
    )


def _usable(url: str, schema: str | None, encoding: str, tables: set[str]) -> None:
    if schema is None:
        raise ReadOnly(
            f"{shown(url)} has no schema that this user may use",
            remedy="CREATE SCHEMA citewatch AUTHORIZATION the user of the URL",
        )
    if encoding != "UTF8":
        raise StoreError(
            f"{shown(url)} keeps its texts as {encoding}, which has no room for all names",
            remedy="createdb --encoding=UTF8 --template=template0 NAME",
        )
    if tables and not tables.issuperset((*_OURS, "alembic_version")):
        some = ", ".join(sorted(tables)[:3])
        raise NotOurs(
            f"{shown(url)} is not a citewatch database: schema {schema!r} has tables of another "
            f"program ({some})",
            remedy="give citewatch a database, or a schema, of its own",
        )


def _bring_up(url: str, revision: str, scripts: Path) -> None:
    engine = make_engine(url, pooled=False, immediate=True)
    try:
        migrate.run_scripts(engine, scripts, explain=lambda error: explain(error, url))
    except CitewatchError:
        raise
    except Exception as error:
        what = f"upgraded from revision {revision}" if revision else "set up"
        raise StoreError(
            f"{shown(url)} could not be {what}: {error}",
            remedy="nothing was changed; report this, and go on with the version that wrote it",
        ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerState:
    """One look at a database at a server, for the doctor."""

    address: str
    exists: bool = True
    bytes: int = 0
    revision: str = ""
    newest_revision: str
    newest_answer_at: int | None = None
    problem: str = ""
    remedy: str = ""


def inspect_server(url: str) -> ServerState:
    """Look at the database; nothing is written and nothing raises."""
    from citewatch.store.inspection import NEWEST

    psycopg = driver()
    revisions = migrate.revisions(migrate.scripts_folder())
    newest, address = revisions[-1], shown(url)
    try:
        revision = revision_of(url, revisions)
        with closing(connect(url)) as bare:
            size = bare.execute("SELECT pg_database_size(current_database())").fetchone()
            answer = bare.execute(NEWEST).fetchone() if revision else (None,)
    except psycopg.Error as error:
        found = explain(error, url)
        return ServerState(
            address=address, newest_revision=newest, problem=found.problem, remedy=found.remedy
        )
    except CitewatchError as error:
        return ServerState(
            address=address, newest_revision=newest, problem=error.problem, remedy=error.remedy
        )
    return ServerState(
        address=address, exists=bool(revision), bytes=size[0] if size else 0, revision=revision,
        newest_revision=newest, newest_answer_at=answer[0] if answer else None,
    )  # fmt: skip
