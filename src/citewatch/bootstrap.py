"""The composition root: settings become an application. The only reader of real time."""

from __future__ import annotations

import asyncio
import heapq
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from citewatch import __version__
from citewatch.config import (
    Settings,
    daemon_secrets,
    find_config,
    load_settings,
    resolve_database_url,
    secrets,
)
from citewatch.domain.counts import Rules
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Instant
from citewatch.errors import InputError
from citewatch.intake import read_list
from citewatch.ports import Clock, Job, Source, Store
from citewatch.services.doctor import Disk
from citewatch.services.health import Health, source_health
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

    @contextmanager
    def beside(self) -> Iterator[Store]:
        """The store beside the daemon, which holds the lock: only to leave it a word."""
        from citewatch.store import open_store

        store = open_store(self.database_url, now=self.now(), upgrade=False)
        try:
            yield store
        finally:
            store.close()

    def database_file(self) -> Path:
        """The file of the database."""
        from citewatch.store import database_path

        return database_path(self.database_url)

    def reloaded(self) -> App:
        """The same with config.toml read again; the database stays the one it is.

        Raises what `open_app` raises.
        """
        path = self.settings.path
        settings = load_settings(path, environ=self.environ, extra_sources=plugin_names())
        return replace(self, settings=settings)

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
            newest_answer_at=state.newest_answer_at,
        )  # fmt: skip

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

    def heartbeat_url(self) -> str:
        """Where a good pass is announced, "" for nowhere; never to be shown."""
        return daemon_secrets(self.settings, environ=self.environ).get("heartbeat_url", "")

    async def beat(self, url: str) -> str:
        """Announce a good pass; why that failed, "" when it did not."""
        from citewatch.sources.heartbeat import beat

        return await beat(url, version=__version__)

    def all_secrets(self) -> frozenset[str]:
        """Every secret that is there, so that it can be blotted out of what is written."""
        found = {v for name in self.settings.sources for v in self.secrets_of(name).values()}
        return frozenset(found | {self.heartbeat_url()}) - {""}

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


def jobs(app: App, store: Store) -> list[Job]:
    """What the daemon looks after beside asking the sources, one line each."""
    del app, store
    return []


def outbox_depth(store: Store) -> int | None:
    """How many changes people are still to be told; None: nobody is told anything."""
    del store
    return None


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
