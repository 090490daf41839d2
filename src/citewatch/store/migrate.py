"""Bring a database to the newest schema, with a copy of the old one beside it.

Revisions are read off the file names in ``migrations/versions`` (``0001_first.py``), so
that a start on an up-to-date file need not import alembic, which costs a quarter of a
second.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from citewatch.domain.papers import Instant
from citewatch.errors import CitewatchError, StoreError
from citewatch.store.engine import connect, damage, make_engine, translate

KEPT_COPIES = 3
"""How many copies from before an upgrade stay beside the database."""


def scripts_folder() -> Path:
    """Where the migrations are: in the installed package, else in the checkout."""
    packaged = Path(__file__).parents[1] / "migrations"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "migrations"


def revisions(scripts: Path) -> tuple[str, ...]:
    """All revisions, oldest first."""
    found = sorted(p.name.partition("_")[0] for p in (scripts / "versions").glob("[0-9]*_*.py"))
    if not found:
        raise StoreError(
            f"no migrations in {scripts}", remedy="install citewatch again: files are missing"
        )
    return tuple(found)


def create(path: Path, *, scripts: Path, busy_ms: int) -> None:
    """Make the tables in an empty or absent file; whole or not at all."""
    with closing(connect(path, "mode=rwc", busy_ms=busy_ms)) as bare:
        bare.execute("PRAGMA journal_mode = WAL")
    _upgrade(path, scripts=scripts, busy_ms=busy_ms)


def upgrade(path: Path, *, revision: str, scripts: Path, now: Instant, busy_ms: int) -> Path:
    """Bring a file at ``revision`` to the newest one; the path of the copy taken before.

    All in one transaction: when a migration fails the file is as it was. Of the copies
    of earlier upgrades the newest stay.
    """
    copy = unused(path.parent, f"{path.stem}.before-{revision}-{stamp(now)}")
    _copy_aside(path, copy, busy_ms=busy_ms)
    try:
        bring_up(path, revision=revision, scripts=scripts, busy_ms=busy_ms)
    except BaseException:
        # The file is as it was, so the copy would say nothing new.
        copy.unlink(missing_ok=True)
        raise
    _let_go(path, spare=copy)
    return copy


def bring_up(path: Path, *, revision: str, scripts: Path, busy_ms: int) -> None:
    """Bring a file to the newest revision without a copy; whole or not at all."""
    try:
        _upgrade(path, scripts=scripts, busy_ms=busy_ms)
    except CitewatchError:
        raise
    except Exception as error:
        raise StoreError(
            f"{path} could not be upgraded from revision {revision}: {error}",
            remedy="nothing was changed; report this, and go on with the version that wrote it",
        ) from error


def stamp(at: Instant) -> str:
    """An instant as file names have it, in the order of time: ``20261128T232603Z``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y%m%dT%H%M%SZ")


def utc(at: Instant) -> str:
    """An instant for people: ``2026-11-28 23:26 UTC``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _let_go(path: Path, *, spare: Path) -> None:
    """Delete the oldest copies from before upgrades; only files that we named."""
    ours = re.compile(rf"{re.escape(path.stem)}\.before-\d{{4}}-(\d{{8}}T\d{{6}}Z)(-\d+)?\.db")
    found = [
        (made[1], other)
        for other in path.parent.iterdir()
        if other != spare and (made := ours.fullmatch(other.name))
    ]
    for _, other in sorted(found)[: -(KEPT_COPIES - 1)]:
        other.unlink(missing_ok=True)


def unused(folder: Path, name: str) -> Path:
    """A path for a file of this name, numbered where one is there already."""
    path, number = folder / f"{name}.db", 1
    while path.exists():
        number += 1
        path = folder / f"{name}-{number}.db"
    return path


def _copy_aside(path: Path, copy: Path, *, busy_ms: int) -> None:
    try:
        with (
            closing(connect(path, "mode=rw", busy_ms=busy_ms)) as source,
            closing(connect(copy, "mode=rwc")) as target,
        ):
            source.backup(target)
            if found := damage(target, "quick_check"):
                raise sqlite3.DatabaseError(found)
    except sqlite3.Error as error:
        copy.unlink(missing_ok=True)
        if getattr(error, "sqlite_errorcode", None) is None:  # our own: the check failed
            raise StoreError(
                f"{path} is damaged ({error}) and is not upgraded",
                remedy="'citewatch restore FILE' puts a backup in its place",
            ) from error
        raise translate(error, copy) from error


def _upgrade(path: Path, *, scripts: Path, busy_ms: int) -> None:
    engine = make_engine(path, pooled=False, busy_ms=busy_ms, immediate=True)
    run_scripts(engine, scripts, explain=lambda error: translate(error, path))


def run_scripts(
    engine: Engine, scripts: Path, *, explain: Callable[[BaseException | None], StoreError]
) -> None:
    """All migrations that the database does not have yet, in one transaction."""
    # Imported here: 275 ms that only a new or an old database needs to pay.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy.exc import DBAPIError

    try:
        with engine.connect() as connection:
            config = Config()
            config.set_main_option("script_location", str(scripts).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise explain(error.orig) from error
    finally:
        engine.dispose()
