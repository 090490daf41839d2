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

from citewatch import __version__
from citewatch.config import Settings, find_config, load_settings, resolve_database_url, secrets
from citewatch.domain.counts import Rules
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Instant
from citewatch.errors import InputError
from citewatch.intake import read_list
from citewatch.ports import Clock, Source, Store
from citewatch.services.standing import SourceSchedule
from citewatch.services.watchlist import Watch, assemble
from citewatch.sources.registry import SOURCES, SourceOptions, Tools


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

    def enabled(self, name: str) -> bool:
        """Whether a source is switched on; what the user does not say is on."""
        configured = self.settings.sources.get(name)
        return configured is None or configured.enabled is not False

    def every_s(self, name: str) -> int:
        """Seconds between two looks at a paper."""
        configured = self.settings.sources.get(name)
        own = SOURCES[name].every_s if name in SOURCES else DAY
        return configured.every_s or own if configured else own

    def schedules(self) -> list[SourceSchedule]:
        """What reports have to know of the sources."""
        return [
            SourceSchedule(
                name=spec.name, label=spec.label, every_s=self.every_s(spec.name),
                counts=spec.counts, enabled=self.enabled(spec.name),
            )
            for spec in SOURCES.values()
        ]  # fmt: skip

    def label(self, name: str) -> str:
        """A source's name for people."""
        return SOURCES[name].label if name in SOURCES else name

    def ladder(self) -> Ladder:
        """The thresholds."""
        milestones = self.settings.milestones
        return Ladder(milestones.ladder, milestones.every)

    def rules(self, name: str) -> Rules:
        """What the judge is told about one source."""
        return Rules(
            ladder=self.ladder(), confirm_after_s=self.settings.milestones.confirm_after_s,
            every_s=self.every_s(name), jitter=self.chance(), label=self.label(name),
        )  # fmt: skip

    def source(self, name: str, store: Store) -> Source:
        """Build one source anew; a source that gave up stays silent, so never keep one."""
        configured = self.settings.sources[name]
        options = SourceOptions(
            base_url=configured.base_url, urls=configured.urls,
            min_interval_s=configured.min_interval_s, batch_size=configured.batch_size,
            max_in_flight=configured.max_in_flight, timeout_s=configured.timeout_s,
            secrets=secrets(self.settings, name, environ=self.environ),
        )  # fmt: skip
        tools = Tools(
            clock=self.clock, gate=store.gate(name), jitter=self.chance,
            contact=self.settings.contact_email, version=__version__,
        )  # fmt: skip
        return SOURCES[name].make(options, tools)

    def has_key(self, name: str) -> str:
        """Whether a secret is there: ``set``, ``none``, or ``not needed``."""
        configured = self.settings.sources[name]
        if not configured.secret_envs and not configured.secret_files:
            return "not needed"
        return "set" if secrets(self.settings, name, environ=self.environ) else "none"

    def sources(self, store: Store, only: Sequence[str] = ()) -> list[tuple[Source, Rules]]:
        """The sources that are switched on (of ``only``, if given), ready to be asked.

        Raises `InputError` for a name that is no source.
        """
        for name in only:
            if name not in SOURCES:
                raise InputError(
                    f"no source {name!r}", remedy=f"one of: {', '.join(sorted(SOURCES))}"
                )
        return [
            (self.source(name, store), self.rules(name))
            for name in SOURCES
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
    settings = load_settings(path, environ=environ)
    url = resolve_database_url(database, folder=cwd) if database else settings.database_url
    return App(settings=settings, environ=environ, database_url=url)
