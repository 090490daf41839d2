"""Troubles that a machine can bring, each with the command that meets it.

A trouble is prepared in a folder of its own, where a list of three papers has been watched
for a while; no source is switched on, so nothing here depends on a network or on waiting.
More troubles go into `TROUBLES`; `reliability.py` makes the table, a test plays each.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from alembic import command
from alembic.config import Config

from citewatch.store import DAEMON, writer_lock
from citewatch.store.engine import make_engine
from citewatch.store.migrate import scripts_folder

_FIRST_DAY = date(2000, 1, 1)
SOURCES = ("semantic_scholar", "arxiv", "openreview", "openalex", "crossref")
CONFIG = "\n".join(
    [f"[sources.{name}]\nenabled = false" for name in SOURCES]
    + [
        "[watchlists.mine]",
        "papers = [",
        '  { key = "alpha-2019", title = "Alpha", doi = "10.1000/a", claim = "300+" },',
        '  { key = "beta-2020", title = "Beta", year = 2020, doi = "10.1000/b" },',
        '  { key = "gamma-2021", title = "Gamma", year = 2021, doi = "10.1000/c" },',
        "]",
    ]
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


def _bind_root() -> None:
    """Permission bits do not bind root, unless it gives up CAP_DAC_OVERRIDE and the like."""
    prctl = ctypes.CDLL(None).prctl
    for capability in (1, 2):
        prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP: not to be had again by this process


class Stage:
    """A folder with config.toml, a database and a backup of it, and commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "citewatch.db"
        self.backup = folder / "kept.db"
        self.config = folder / "config.toml"

    def environ(self) -> dict[str, str]:
        """What commands find in their environment."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("CITEWATCH_")}
        return {**kept, "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "xdg")}

    def limit(self, largest: int | None) -> Callable[[], None]:
        """For a process before it begins: what binds it."""

        def bind() -> None:
            if os.geteuid() == 0:
                _bind_root()
            if largest is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

        return bind

    def run(self, *words: str, largest: int | None = None) -> Said:
        """Run a command, bound by permissions; no file may grow beyond ``largest`` bytes."""
        done = subprocess.run(
            [sys.executable, "-m", "citewatch", *words],
            cwd=self.folder, env=self.environ(), capture_output=True, text=True, check=False,
            timeout=60, preexec_fn=self.limit(largest),
        )  # fmt: skip
        return Said(done.returncode, done.stdout, done.stderr)

    def counts(self, name: str, days: int, *, first: int = 1) -> Path:
        """A file of counts for import-history: one a day and paper."""
        rows = [
            f"{key},google_scholar,{_FIRST_DAY + timedelta(days=day)},{100 + day % 2 + place}"
            for place, key in enumerate(("alpha-2019", "beta-2020", "gamma-2021"))
            for day in range(first, first + days)
        ]
        path = self.folder / name
        path.write_text("paper,source,date,count\n" + "\n".join(rows) + "\n")
        return path

    def sql(self, statement: str, file: Path | None = None) -> None:
        """Change a database behind the program's back."""
        with closing(sqlite3.connect(file or self.database)) as bare:
            bare.execute(statement)
            bare.commit()

    def overwrite(self, file: Path) -> None:
        """Half of a file's bytes become something else, the beginning stays."""
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2] + b"\xee" * (len(whole) - len(whole) // 2))

    def readings(self) -> int:
        """How many readings are there; a database that is not sound raises."""
        with closing(sqlite3.connect(self.database)) as bare:
            if bare.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise ValueError("the database is not sound")
            return int(bare.execute("SELECT count(*) FROM snapshot").fetchone()[0])


def prepare(folder: Path) -> Stage:
    """The folder before the trouble."""
    folder.mkdir()
    folder.chmod(0o755)
    (folder / "config.toml").write_text(CONFIG)
    stage = Stage(folder)
    for name, days in (("first.csv", 600), ("second.csv", 900)):
        said = stage.run("import-history", str(stage.counts(name, days)))
        if said.code:
            raise RuntimeError(said.err)
        if name == "first.csv":
            stage.run("backup", "older.db")
    stage.run("backup", "kept.db")
    return stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What happens, what the user does, and how that has to end."""

    what: str
    command: str
    play: Callable[[Stage], Said]
    code: int
    told: str
    """A piece of what the user has to be told."""
    sound: bool = True
    """Whether the database afterwards is sound, with nothing lost that was there."""
    grows: bool = False
    """Whether readings may have come that were not there before."""


def _plainly(*words: str) -> Callable[[Stage], Said]:
    return lambda stage: stage.run(*words)


def _after(change: Callable[[Stage], object], *words: str) -> Callable[[Stage], Said]:
    def play(stage: Stage) -> Said:
        change(stage)
        return stage.run(*words)

    return play


def _full_import(stage: Stage) -> Said:
    file = stage.counts("many.csv", 6000, first=2600)
    return stage.run("import-history", file.name, largest=stage.database.stat().st_size + 50_000)


def _read_only(stage: Stage, *, folder: bool) -> Said:
    stage.database.chmod(0o444)
    stage.folder.chmod(0o555 if folder else 0o777)
    try:
        return stage.run("sync")
    finally:
        stage.folder.chmod(0o755)


def of_the_first_release(stage: Stage) -> None:
    """The database as it was at the first revision."""
    engine = make_engine(stage.database, pooled=False, immediate=True)
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(scripts_folder()))
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    engine.dispose()


def _full_upgrade(stage: Stage) -> Said:
    of_the_first_release(stage)
    return stage.run("sync", largest=40_000)


def _other_program(stage: Stage) -> None:
    stage.database.unlink()
    stage.sql("CREATE TABLE bookmarks (url TEXT)")


def _in_use(stage: Stage, *words: str) -> Said:
    with writer_lock(stage.database, now=1_790_000_000, who="citewatch sync"):
        return stage.run(*words)


def _beside_an_older_daemon(stage: Stage) -> Said:
    of_the_first_release(stage)
    with writer_lock(stage.database, now=1_790_000_000, who=DAEMON):
        return stage.run("report")


def _shorter(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: -file.stat().st_size // 3])


def _begun_anew(stage: Stage) -> None:
    stage.database.unlink()
    stage.run("import-history", str(stage.counts("later.csv", 5, first=3000)))


_AHEAD = "UPDATE run SET started_at = 4000000000 WHERE id = (SELECT max(id) FROM run)"

TROUBLES: tuple[Trouble, ...] = (
    Trouble(
        what="the disk is full while readings are stored", command="import-history many.csv",
        play=_full_import, code=2, told="no room on the disk",
    ),
    Trouble(
        what="the disk is full during a backup", command="backup new.db",
        play=lambda stage: stage.run("backup", "new.db", largest=40_000), code=2,
        told="no room on the disk",
    ),
    Trouble(
        what="the disk is full during a restore", command="restore kept.db",
        play=lambda stage: stage.run("restore", "kept.db", largest=40_000), code=2,
        told="no room on the disk",
    ),
    Trouble(
        what="the disk is full during an upgrade", command="sync", play=_full_upgrade, code=2,
        told="no room on the disk",
    ),
    Trouble(
        what="the folder for automatic backups cannot be made", command="sync",
        play=_after(lambda stage: (stage.folder / "backups").write_text(""), "sync"), code=0,
        told="the automatic backup failed",
    ),
    Trouble(
        what="the folder for a backup is not there", command="backup usb/new.db",
        play=_plainly("backup", "usb/new.db"), code=2, told="there is no folder",
    ),
    Trouble(
        what="the database file is read-only", command="sync",
        play=lambda stage: _read_only(stage, folder=False), code=2, told="cannot be written",
    ),
    Trouble(
        what="its folder is read-only", command="sync",
        play=lambda stage: _read_only(stage, folder=True), code=2, told="cannot be written",
    ),
    Trouble(
        what="pages in the middle of the database are overwritten", command="report",
        play=_after(lambda stage: stage.overwrite(stage.database), "report"), code=2,
        told="is damaged", sound=False,
    ),
    Trouble(
        what="the same, and the doctor is asked", command="doctor",
        play=_after(lambda stage: stage.overwrite(stage.database), "doctor"), code=1,
        told="PROBLEM database", sound=False,
    ),
    Trouble(
        what="the same, and a backup is made", command="backup new.db",
        play=_after(lambda stage: stage.overwrite(stage.database), "backup", "new.db"), code=2,
        told="is damaged", sound=False,
    ),
    Trouble(
        what="the same, and a backup is put in its place", command="restore kept.db",
        play=_after(lambda stage: stage.overwrite(stage.database), "restore", "kept.db"), code=0,
        told="it is damaged and could not be read",
    ),
    Trouble(
        what="the database is cut short", command="report",
        play=_after(lambda stage: _shorter(stage.database), "report"), code=2,
        told="is damaged", sound=False,
    ),
    Trouble(
        what="the database is deleted, there are backups", command="sync",
        play=_after(lambda stage: (stage.run("sync"), stage.database.unlink()), "sync"), code=0,
        told="everything begins anew", sound=False,
    ),
    Trouble(
        what="it was begun anew, and the nightly backup comes", command="backup kept.db",
        play=_after(_begun_anew, "backup", "kept.db"), code=2,
        told="holds readings that this database does not have", sound=False,
    ),
    Trouble(
        what="a file that is not SQLite is in its place", command="sync",
        play=_after(lambda stage: stage.database.write_text("bookmarks\n" * 900), "sync"), code=2,
        told="is not a citewatch database", sound=False,
    ),
    Trouble(
        what="the database of another program is in its place", command="sync",
        play=_after(_other_program, "sync"), code=2, told="it belongs to another program",
        sound=False,
    ),
    Trouble(
        what="the database was written by a newer citewatch", command="report",
        play=_after(
            lambda stage: stage.sql("UPDATE alembic_version SET version_num = '9999'"), "report"
        ),
        code=2, told="was written by a newer citewatch",
    ),
    Trouble(
        what="a newer citewatch looks into the database of a daemon that runs", command="report",
        play=_beside_an_older_daemon, code=2, told="it is not upgraded meanwhile",
    ),
    Trouble(
        what="another citewatch is writing", command="sync",
        play=lambda stage: _in_use(stage, "sync"), code=2, told="is in use by 'citewatch sync'",
    ),
    Trouble(
        what="the same, and a backup is to be restored", command="restore kept.db",
        play=lambda stage: _in_use(stage, "restore", "kept.db"), code=2,
        told="is in use by 'citewatch sync'",
    ),
    Trouble(
        what="the backup is damaged", command="restore kept.db",
        play=_after(lambda stage: stage.overwrite(stage.backup), "restore", "kept.db"), code=2,
        told="is damaged",
    ),
    Trouble(
        what="the backup is older than the database", command="restore older.db",
        play=_plainly("restore", "older.db"), code=2, told="nothing was changed",
    ),
    Trouble(
        what="the same, with `--force`", command="restore older.db --force",
        play=_plainly("restore", "older.db", "--force"), code=0, told="is kept as", sound=False,
    ),
    Trouble(
        what="config.toml is deleted", command="sync",
        play=_after(lambda stage: (stage.folder / "config.toml").unlink(), "sync"), code=2,
        told="no config.toml",
    ),
    Trouble(
        what="the clock was set back, or had run ahead", command="doctor",
        play=_after(lambda stage: stage.sql(_AHEAD), "doctor"), code=1, told="PROBLEM clock",
    ),
)  # fmt: skip


def play(trouble: Trouble, before: Stage, folder: Path) -> tuple[Said, Stage]:
    """Let it happen in a copy of the prepared folder."""
    shutil.copytree(before.folder, folder)
    folder.chmod(0o755)
    stage = Stage(folder)
    return trouble.play(stage), stage


def complaints(trouble: Trouble, said: Said, stage: Stage, readings: int) -> list[str]:
    """What is not as it has to be; nothing, when all is well."""
    text = said.out + said.err
    found: Mapping[str, bool] = {
        f"exit code {said.code} instead of {trouble.code}": said.code != trouble.code,
        "a traceback": "Traceback" in text or "defect" in text,
        f"{trouble.told!r} is not said": trouble.told not in text,
        "more than one error": said.err.count("citewatch: ") != (1 if trouble.code == 2 else 0),
    }
    left = [complaint for complaint, true in found.items() if true]
    if trouble.sound:
        there = stage.readings()
        if there < readings or (there > readings and not trouble.grows):
            left.append("readings are lost, or came from nowhere")
    return left
