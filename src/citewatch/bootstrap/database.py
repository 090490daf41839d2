"""The database of an application: opened, kept, restored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from citewatch.bootstrap.clocks import RealClock, is_alive, real_chance
from citewatch.config import Settings
from citewatch.domain.papers import Instant
from citewatch.errors import Busy, InputError, StoreError
from citewatch.ports import Clock, Keeper, Restored, Store
from citewatch.services.doctor import Disk
from citewatch.services.keeping import (
    EVERY_S,
    FOLDER,
    KEEP,
    BackupPlan,
    back_up_if_due,
    lost_database,
    tidy_if_due,
)


@dataclass(slots=True)
class WithDatabase:
    """Settings, clock and chance, and the database that they name."""

    settings: Settings
    environ: Mapping[str, str]
    clock: Clock = field(default_factory=RealClock)
    chance: Callable[[], float] = real_chance
    database_url: str = ""

    def now(self) -> Instant:
        """This instant, in whole seconds."""
        return int(self.clock.time())

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """The store, for looking only."""
        store = self._open_brought_up(read_only=True)
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def writing(self, who: str) -> Iterator[Store]:
        """The store for one writer; raises `Busy` while another process has it."""
        with self.holding(who) as (store, _):
            yield store

    @contextmanager
    def holding(self, who: str) -> Iterator[tuple[Store, Callable[[], None]]]:
        """`writing`, for long: what comes with the store raises `Lost` once it is over."""
        from citewatch.store import hold, open_store

        with hold(self.database_url, now=self.now(), who=who) as guard:
            store = open_store(self.database_url, now=self.now(), guard=guard)
            try:
                yield store, guard
            finally:
                store.close()

    def still_held(self, busy: Busy) -> bool:
        """Whether who held the database, and maybe answers, is still there."""
        if self.in_a_file:
            return is_alive(busy.process or 0)
        from citewatch.store.leading import lead_holder

        return lead_holder(self.database_url) == busy.who

    @contextmanager
    def beside(self) -> Iterator[Store]:
        """The store beside the daemon, which holds the lock: only to leave it a word."""
        from citewatch.store import open_store

        store = open_store(self.database_url, now=self.now(), upgrade=False)
        try:
            yield store
        finally:
            store.close()

    def _open_brought_up(self, *, read_only: bool) -> Store:
        """The store for whoever does not hold the lock; an older schema is not changed without it.

        A daemon of an older version would be pulled the tables from under its feet.
        """
        # Imported here: SQLModel costs as much as forty bare interpreter starts.
        from citewatch.store import open_store

        try:
            return open_store(self.database_url, now=self.now(), read_only=read_only, upgrade=False)
        except Busy:
            with self._writing_to_upgrade():
                pass
        return open_store(self.database_url, now=self.now(), read_only=read_only, upgrade=False)

    @contextmanager
    def _writing_to_upgrade(self) -> Iterator[None]:
        try:
            with self.writing("citewatch (upgrade)"):
                yield
        except Busy as busy:
            if busy.process is None:
                raise
            raise Busy(
                f"{busy.problem}, and may be of an older version: it is not upgraded meanwhile",
                remedy="stop or restart that one, so that both are of the same version",
                who=busy.who, process=busy.process,
            ) from busy  # fmt: skip

    def database_file(self) -> Path | None:
        """The file of the database, None where a server keeps it."""
        from citewatch.store import database_path

        return database_path(self.database_url) if self.in_a_file else None

    @contextmanager
    def delivering(self) -> Iterator[Store]:
        """The store for delivery alone: what is sent is claimed row by row, without the lock."""
        store = self._open_brought_up(read_only=False)
        try:
            yield store
        finally:
            store.close()

    def disk(self) -> Disk:
        """The database as it lies there, in its file or at its server."""
        if not self.in_a_file:
            return self._at_server()
        from citewatch.store import database_path, inspect_file

        state = inspect_file(database_path(self.database_url))
        return Disk(
            path=str(state.path), exists=state.exists, size_bytes=state.bytes,
            free_bytes=state.free_bytes, revision=state.revision,
            newest_revision=state.newest_revision, damage=state.damage,
            newest_answer_at=state.newest_answer_at, unused_bytes=state.unused_bytes,
            growth_bytes_a_day=state.growth_bytes_a_day,
        )  # fmt: skip

    def _at_server(self) -> Disk:
        from citewatch.store.serving import inspect_server

        state = inspect_server(self.database_url)
        return Disk(
            path=state.address, exists=state.exists, size_bytes=state.bytes, free_bytes=None,
            revision=state.revision, newest_revision=state.newest_revision, damage=state.problem,
            remedy=state.remedy, newest_answer_at=state.newest_answer_at,
        )  # fmt: skip

    # --- keeping ------------------------------------------------------------------

    @property
    def in_a_file(self) -> bool:
        """Whether the database is a file, which can be copied and may be gone."""
        return self.database_url.startswith("sqlite:")

    def keeper(self) -> Keeper:
        """Makes copies of the database and looks into them.

        Raises `InputError` where a server keeps the database.
        """
        from citewatch.store import FileKeeper, database_path

        if not self.in_a_file:
            raise InputError(
                "the database is kept by a server, which makes its own backups",
                remedy="'pg_dump -Fc' makes one, 'pg_restore --clean' puts it back",
            )

        return FileKeeper(database_path(self.database_url))

    def backup_plan(self) -> BackupPlan:
        """How often copies are made by themselves, where to, and how many stay."""
        backup, path = self.settings.backup, self.keeper().path
        # Another database (--database) must not mix its copies with those of config.toml's.
        usual = self.database_url == self.settings.database_url
        return BackupPlan(
            folder=(backup.path if usual else None) or path.parent / FOLDER, stem=path.stem,
            every_s=backup.every_s or EVERY_S, keep=KEEP if backup.keep is None else backup.keep,
        )  # fmt: skip

    def keep_house(self, store: Store) -> list[str]:
        """What is due after a pass: a backup, and letting go of rows that nobody reads.

        Sentences that people have not been told yet; nearly always none. Takes as long as
        a copy of the database does, so not for an event loop. Never raises what the
        database says: the pass before it is over and stored.
        """
        try:
            tidy_if_due(store, now=self.now())
            if not self.in_a_file:
                return []
            done = back_up_if_due(self.keeper(), store, self.backup_plan(), now=self.now())
        except StoreError as error:
            return [str(error)]
        return [done.news] if done.news else []

    def fresh_start(self) -> str:
        """What to say where a database was and is no more; "" in every other case."""
        return lost_database(self.keeper(), self.backup_plan()) if self.in_a_file else ""

    def restore(self, backup: Path, *, force: bool, who: str) -> Restored:
        """Put a backup in the place of the database; raises `Busy` while somebody writes."""
        from citewatch.store import restore, writer_lock

        path = self.keeper().path
        with writer_lock(path, now=self.now(), who=who):
            return restore(backup, path, now=self.now(), force=force)
