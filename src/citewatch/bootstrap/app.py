"""Settings become an application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from citewatch import __version__
from citewatch.bootstrap.database import WithDatabase
from citewatch.config import (
    daemon_secrets,
    database_password,
    find_config,
    load_settings,
    notify_secrets,
    resolve_database_url,
    secrets,
)
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY
from citewatch.domain.rules import Rules
from citewatch.errors import InputError
from citewatch.intake import read_list
from citewatch.ports import CitedSource, Source, Store
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

if TYPE_CHECKING:
    from citewatch.services.deliver import Post


@dataclass(slots=True)
class App(WithDatabase):
    """What is built on demand: sources, rules, channels."""

    @property
    def preferred(self) -> tuple[str, ...]:
        """Sources of headlines, the best first."""
        return self.settings.preferred

    @property
    def author_names(self) -> Mapping[str, tuple[str, ...]]:
        """Whose list each watchlist is, where it says so."""
        return {n: w.author_names for n, w in self.settings.watchlists.items() if w.author_names}

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
        told, _ = notify_secrets(self.settings, environ=self.environ)
        addresses = {word for value in told.values() for word in (value, *value.split())}
        password = database_password(self.database_url)
        return frozenset(found | addresses | {self.heartbeat_url(), *password}) - {""}

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

    def cited(self, store: Store, only: Sequence[str] = ()) -> list[CitedSource]:
        """The sources that are switched on and list who cites a paper.

        Built anew; to be closed by who asked. Raises `InputError` like `sources`.
        """
        found = [source for source, _ in self.sources(store, only)]
        return [source for source in found if isinstance(source, CitedSource)]


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
