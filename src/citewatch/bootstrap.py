"""The composition root: settings become an application. The only reader of real time."""

from __future__ import annotations

import asyncio
import heapq
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from citewatch import __version__
from citewatch.config import Settings, find_config, load_settings, resolve_database_url, secrets
from citewatch.domain.counts import Rules
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Instant
from citewatch.errors import InputError, StoreError
from citewatch.intake import read_list
from citewatch.ports import Clock, Keeper, Restored, Source, Store
from citewatch.services.doctor import Disk
from citewatch.services.health import Health, source_health
from citewatch.services.keeping import (
    EVERY_S,
    FOLDER,
    KEEP,
    BackupPlan,
    back_up_if_due,
    lost_database,
    tidy_if_due,
)
from citewatch.services.standing import SourceSchedule
from citewatch.services.watchlist import IMPORTED, Watch, assemble
from citewatch.sources.options import is_loopback
from citewatch.sources.registry import (
    SourceOptions,
    SourceSpec,
    Tools,
    broken_plugins,
    known_sources,
    plugin_names,
)
from citewatch.sources.unbuilt import build

if TYPE_CHECKING:
    from citewatch.services.deliver import Post


class RealClock:
    """The clock on the wall."""

    def time(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class SimulatedClock:
    """A clock that jumps over every wait: two years pass in a minute.

    It jumps to the earliest wait when everybody waits, and leaves a moment of real time
    before each jump, so that a request that was just released is sent at its own instant.
    """

    _GRACE_S = 0.001

    def __init__(self, start: float) -> None:
        self._now = start
        self._waits: list[tuple[float, int, asyncio.Future[None]]] = []
        self._ticking: asyncio.Task[None] | None = None
        self._number = 0

    def time(self) -> float:
        """Seconds since 1970-01-01 UTC, as simulated."""
        return self._now

    def monotonic(self) -> float:
        """The same seconds: simulated time never runs backwards."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Return when the simulated time has come; waits that overlap pass together."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._number += 1
        heapq.heappush(self._waits, (self._now + seconds, self._number, done))
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())
        await done

    async def _tick(self) -> None:
        while self._waits:
            await asyncio.sleep(self._GRACE_S)
            until, _, done = heapq.heappop(self._waits)
            self._now = max(self._now, until)
            if not done.done():
                done.set_result(None)

    def advance_to(self, instant: float) -> None:
        """Go on to an instant."""
        self._now = max(self._now, instant)


def seeded_chance(seed: int) -> Callable[[], float]:
    """Chance that is the same every time, for simulations."""
    return random.Random(seed).random


def current_environment() -> Mapping[str, str]:
    """The environment of this process."""
    return os.environ


@dataclass(slots=True)
class App:
    """Settings, clock and chance, and what is built from them on demand."""

    settings: Settings
    environ: Mapping[str, str]
    clock: Clock = field(default_factory=RealClock)
    chance: Callable[[], float] = random.random
    database_url: str = ""

    def now(self) -> Instant:
        """This instant, in whole seconds."""
        return int(self.clock.time())

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """The store, for looking only."""
        # Imported here: SQLModel costs as much as forty bare interpreter starts.
        from citewatch.store import open_store

        store = open_store(self.database_url, now=self.now(), read_only=True)
        try:
            yield store
        finally:
            store.close()

    @contextmanager
    def writing(self, who: str) -> Iterator[Store]:
        """The store for one writer; raises `Busy` while another process has it."""
        from citewatch.store import database_path, open_store, writer_lock

        path = database_path(self.database_url)
        with writer_lock(path, now=self.now(), who=who):
            store = open_store(self.database_url, now=self.now())
            try:
                yield store
            finally:
                store.close()

    def watch(self, store: Store) -> Watch:
        """What is watched now."""
        return assemble(self.settings, store, read_list)

    def spec(self, name: str) -> SourceSpec | None:
        """What is known of a source; None for a name that no source has (imports)."""
        return known_sources().get(name)

    def enabled(self, name: str) -> bool:
        """Whether a source is switched on; by default as its own line in the registry says.

        One that needs a key is on as soon as the key is there.
        """
        configured, spec = self.settings.sources.get(name), self.spec(name)
        if configured is not None and configured.enabled is not None:
            return configured.enabled
        if spec is None:
            return True
        if spec.secret:
            return bool(self.secrets_of(name).get(spec.secret, "").strip())
        return spec.on

    def secrets_of(self, name: str) -> Mapping[str, str]:
        """The secrets of a source that are there; never to be shown."""
        if name not in self.settings.sources:
            return {}
        return secrets(self.settings, name, environ=self.environ)

    def every_s(self, name: str) -> int:
        """Seconds between two looks at a paper."""
        configured = self.settings.sources.get(name)
        spec = self.spec(name)
        own = spec.every_s if spec else DAY
        return configured.every_s or own if configured else own

    def schedules(self) -> list[SourceSchedule]:
        """What reports and health have to know of the sources."""
        return [self._schedule(spec) for spec in known_sources().values()]

    def _schedule(self, spec: SourceSpec) -> SourceSchedule:
        configured = self.settings.sources[spec.name]
        needs = ""
        if spec.secret and not self.secrets_of(spec.name).get(spec.secret):
            variable = configured.secret_envs.get(spec.secret, "")
            where = f"the variable {variable}" if variable else f"{spec.secret}_env"
            needs = f"needs a {spec.secret.replace('_', ' ')}: set {where}"
        own = spec.rule_s if configured.min_interval_s is None else configured.min_interval_s
        return SourceSchedule(
            name=spec.name, label=spec.label, every_s=self.every_s(spec.name),
            counts=spec.counts, enabled=self.enabled(spec.name), about=spec.about, needs=needs,
            switched=configured.enabled is not None, interval_s=own, rule_s=spec.rule_s,
        )  # fmt: skip

    def health(self, store: Store, watch: Watch) -> list[tuple[Health, SourceSchedule]]:
        """How every source is doing, asked or not."""
        papers = [
            w.number for w in watch.papers if w.number is not None and w.watchlists != (IMPORTED,)
        ]
        return [
            (
                source_health(
                    store, schedule, papers, now=self.now(), key=self.has_key(schedule.name),
                    blocked=self.source(schedule.name, store).blocked()
                    if schedule.enabled
                    else None,
                ),
                schedule,
            )
            for schedule in self.schedules()
        ]  # fmt: skip

    def on_loopback(self, name: str) -> bool:
        """Whether a source is pointed at this machine (a stand-in)."""
        url = self.settings.sources[name].base_url
        return url is not None and is_loopback(url)

    def broken_plugins(self) -> Mapping[str, str]:
        """Sources that other packages announce and do not bring, with the reason."""
        return broken_plugins()

    def disk(self) -> Disk:
        """The database's file as it lies there."""
        from citewatch.store import database_path, inspect_file

        state = inspect_file(database_path(self.database_url))
        return Disk(
            path=str(state.path), exists=state.exists, size_bytes=state.bytes,
            free_bytes=state.free_bytes, revision=state.revision,
            newest_revision=state.newest_revision, damage=state.damage,
            newest_answer_at=state.newest_answer_at, unused_bytes=state.unused_bytes,
            growth_bytes_a_day=state.growth_bytes_a_day,
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
                remedy="pg_dump makes one, pg_restore puts it back",
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

    def label(self, name: str) -> str:
        """A source's name for people."""
        spec = self.spec(name)
        return spec.label if spec else name

    def ladder(self) -> Ladder:
        """The thresholds."""
        milestones = self.settings.milestones
        return Ladder(milestones.ladder, milestones.every)

    def rules(self, name: str) -> Rules:
        """What the judge is told about one source."""
        spec = self.spec(name)
        return Rules(
            ladder=self.ladder(), confirm_after_s=self.settings.milestones.confirm_after_s,
            every_s=self.every_s(name), jitter=self.chance(), label=self.label(name),
            vague_misses=spec is not None and spec.vague_misses,
        )  # fmt: skip

    def source(self, name: str, store: Store) -> Source:
        """Build one source anew; a source that gave up stays silent, so never keep one."""
        configured = self.settings.sources[name]
        options = SourceOptions(
            base_url=configured.base_url, urls=configured.urls,
            min_interval_s=configured.min_interval_s, batch_size=configured.batch_size,
            max_in_flight=configured.max_in_flight, timeout_s=configured.timeout_s,
            daily_budget=configured.daily_budget, quiet_hours=configured.quiet_hours,
            secrets=self.secrets_of(name),
        )  # fmt: skip
        tools = Tools(
            clock=self.clock, gate=store.gate(name), jitter=self.chance,
            contact=self.settings.contact_email, version=__version__,
        )  # fmt: skip
        return build(known_sources()[name], options, tools)

    def post(self, store: Store) -> Post:
        """What is to be told, and the channels that tell it."""
        # Imported here: only what tells people needs templates, time zones and the like.
        from citewatch.services.channels import build_roster
        from citewatch.services.deliver import Post

        outbox = store.outbox()
        roster = build_roster(
            self.settings, outbox, environ=self.environ, clock=self.clock, version=__version__
        )
        return Post(store=store, outbox=outbox, roster=roster, clock=self.clock, chance=self.chance)

    @contextmanager
    def delivering(self) -> Iterator[Store]:
        """The store for delivery alone: what is sent is claimed row by row, without the lock."""
        from citewatch.store import open_store

        store = open_store(self.database_url, now=self.now())
        try:
            yield store
        finally:
            store.close()

    def has_key(self, name: str) -> str:
        """Whether a secret is there: ``set``, ``none``, or ``not needed``."""
        configured = self.settings.sources[name]
        if not configured.secret_envs and not configured.secret_files:
            return "not needed"
        return "set" if self.secrets_of(name) else "none"

    def sources(self, store: Store, only: Sequence[str] = ()) -> list[tuple[Source, Rules]]:
        """The sources that are switched on (of ``only``, if given), ready to be asked.

        Raises `InputError` for a name that is no source.
        """
        for name in only:
            if name not in known_sources():
                known = ", ".join(sorted(known_sources()))
                raise InputError(f"no source {name!r}", remedy=f"one of: {known}")
        return [
            (self.source(name, store), self.rules(name))
            for name in known_sources()
            if self.enabled(name) and (not only or name in only)
        ]


def open_app(
    config: Path | None,
    database: str | None,
    *,
    environ: Mapping[str, str],
    cwd: Path,
    user_folder: Path,
) -> App:
    """Find and read the configuration.

    Raises `InputError` when there is none, `ConfigError` with all that is wrong with it.
    """
    path = find_config(config, environ=environ, cwd=cwd, user_dir=user_folder)
    if path is None:
        raise InputError(
            f"no config.toml in {cwd} or {user_folder}",
            remedy="'citewatch init cv.txt' makes one from a publication list, "
            "'citewatch demo' shows everything without one",
        )
    settings = load_settings(path, environ=environ, extra_sources=plugin_names())
    url = resolve_database_url(database, folder=cwd) if database else settings.database_url
    return App(settings=settings, environ=environ, database_url=url)
