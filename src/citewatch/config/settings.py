"""What config.toml says, as frozen values. No secret is ever part of them.

Durations are in seconds and carry ``_s``; paths are absolute. None means that the
file does not say and the default of whoever uses the value holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from citewatch.domain.papers import DAY, Kind, LinkPage, Paper

NOTHING: Mapping[str, str] = MappingProxyType({})
NO_FILES: Mapping[str, Path] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestones:
    """The thresholds, and how long a crossing must hold before it is announced."""

    ladder: tuple[int, ...] = (10, 25, 50)
    """Strictly ascending; then every multiple of ``every`` above the last."""
    every: int = 100
    confirm_after_s: int = 3 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """How one source is to be asked.

    ``urls`` holds the further addresses that the file sets (``abs_url``, ``v1_url``).
    A source whose ``base_url`` is another than its own must take further addresses that
    are not set from ``base_url`` too: nothing may then go to the real service.
    """

    name: str
    enabled: bool | None = None
    every_s: int | None = None
    base_url: str | None = None
    """Without a slash at its end."""
    urls: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    min_interval_s: float | None = None
    batch_size: int | None = None
    max_in_flight: int | None = None
    timeout_s: float | None = None
    daily_budget: int | None = None
    """Requests on one day, UTC."""
    quiet_hours: tuple[int, int] | None = None
    """Minutes after midnight UTC: from, to; ``from > to`` runs over midnight."""
    secret_envs: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """What is secret (``api_key``) → the environment variable that holds it."""
    secret_files: Mapping[str, Path] = field(default_factory=lambda: NO_FILES)
    """What is secret → the file that holds it."""


@dataclass(frozen=True, slots=True)
class ListFile:
    """A publication list that is read again at every sync."""

    path: Path
    written: str
    """As config.toml has it, for messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """A named list of papers."""

    name: str
    title: str
    author_names: tuple[str, ...] = ()
    lists: tuple[ListFile, ...] = ()
    ignore: tuple[str, ...] = ()
    """Keys of papers in ``lists`` that are not wanted."""
    papers: tuple[Paper, ...] = ()
    """In the order of the file; ``key`` is "" where the file gives none."""
    pages: tuple[LinkPage, ...] = ()
    """Links whose papers are not known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Who is told what, and when."""

    digest: str = "daily"
    """``each``, ``daily`` or ``weekly``."""
    kinds: tuple[Kind, ...] | None = None
    timezone: str | None = None
    """An IANA name, checked to exist."""
    quiet_hours: tuple[int, int] | None = None
    """Minutes after midnight: from, to; ``from > to`` runs over midnight."""
    feed: Path | None = None
    jsonl: Path | None = None
    templates: Path | None = None
    secret_envs: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """``urls``, ``webhook_url``, ``webhook_secret`` → environment variable."""
    secret_files: Mapping[str, Path] = field(default_factory=lambda: NO_FILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """The long-running program."""

    secret_envs: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """``heartbeat_url`` → environment variable."""
    secret_files: Mapping[str, Path] = field(default_factory=lambda: NO_FILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """Copies of the database that are made by themselves."""

    every_s: int | None = None
    keep: int | None = None
    """How many stay; 0: none is made."""
    path: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """Where the dashboard listens."""

    host: str = "127.0.0.1"
    port: int = 8765


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of config.toml, with what the environment overrides."""

    path: Path
    folder: Path
    """What relative paths are relative to."""
    database_url: str = field(repr=False)
    """``sqlite:////absolute/path`` or ``postgresql://…``; not in the repr: the
    environment may put a password into it."""
    contact_email: str
    """"" where none is given."""
    milestones: Milestones
    preferred: tuple[str, ...]
    """Sources whose count is the headline, best first."""
    sources: Mapping[str, SourceSettings]
    """Every source that config.toml may name, whether it has a section or not."""
    notify: Notify
    daemon: Daemon
    backup: Backup
    web: Web
    watchlists: Mapping[str, Watchlist]
