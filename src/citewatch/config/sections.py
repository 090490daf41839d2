"""The sections of config.toml, one function each; together they are its schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from citewatch.config import addresses, readers
from citewatch.config.readers import Reader
from citewatch.config.settings import (
    NOTHING,
    Backup,
    Daemon,
    Milestones,
    Notify,
    SourceSettings,
    Web,
)
from citewatch.config.table import Table
from citewatch.domain.papers import DAY

PREFERRED = ("semantic_scholar", "openalex", "crossref")


@dataclass(frozen=True, slots=True)
class SourceKeys:
    """What one source's section may hold beyond what every source's may."""

    urls: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """What is secret → the variable that holds it unless ``…_env`` names another."""


SOURCES: Mapping[str, SourceKeys] = MappingProxyType(
    {
        "semantic_scholar": SourceKeys(secrets=MappingProxyType({"api_key": "S2_API_KEY"})),
        "arxiv": SourceKeys(urls=("abs_url",)),
        "openreview": SourceKeys(
            urls=("v1_url",),
            secrets=MappingProxyType(
                {
                    "username": "OPENREVIEW_USERNAME",
                    "password": "OPENREVIEW_PASSWORD",
                    "token": "OPENREVIEW_TOKEN",
                }
            ),
        ),
        "openalex": SourceKeys(secrets=MappingProxyType({"api_key": "OPENALEX_API_KEY"})),
        "crossref": SourceKeys(),
        "inspire": SourceKeys(),
        "ads": SourceKeys(secrets=MappingProxyType({"token": "ADS_API_TOKEN"})),
        "opencitations": SourceKeys(secrets=MappingProxyType({"token": "OPENCITATIONS_TOKEN"})),
        "dblp": SourceKeys(),
        "page": SourceKeys(),
    }
)

_FOREIGN = SourceKeys(secrets=MappingProxyType({"api_key": ""}))
"""A source that another package brings; it has no variable unless the file names one."""


def database_url(root: Table, folder: Path) -> str:
    """[database]: a URL whose path is absolute."""
    table = root.child("database")
    default = addresses.parse_database_url("sqlite:///citewatch.db", folder=folder)
    url = table.take("url", addresses.database_url(folder), default)
    table.close()
    return url


def contact_email(root: Table) -> str:
    """[contact]: who is told to the sources; "" where nobody is."""
    table = root.child("contact")
    email = table.take("email", Reader(readers.read_email, readers.read_email), "")
    table.close()
    return email


def milestones(root: Table) -> Milestones:
    """[milestones]."""
    table = root.child("milestones")
    default = Milestones()
    value = Milestones(
        ladder=table.take("ladder", Reader(readers.read_ladder), default.ladder),
        every=table.take("every", readers.whole(1), default.every),
        confirm_after_s=table.take(
            "confirm_after", readers.whole_seconds(0, example="3d"), 3 * DAY
        ),
    )
    table.close()
    return value


def preferred(root: Table) -> tuple[str, ...]:
    """[report]: any names, since imported readings name their sources freely."""
    table = root.child("report")
    names = table.take("preferred", Reader(readers.read_texts), PREFERRED)
    table.close()
    return tuple(dict.fromkeys(names))


def sources(
    root: Table, folder: Path, extra_sources: Sequence[str]
) -> Mapping[str, SourceSettings]:
    """[sources.*]: one for every source there is, named in the file or not."""
    table = root.child("sources")
    keys = {**dict.fromkeys(extra_sources, _FOREIGN), **SOURCES}
    value = {name: _source(table.child(name), name, folder, keys=keys[name]) for name in keys}
    table.close()
    return MappingProxyType(value)


def _source(table: Table, name: str, folder: Path, *, keys: SourceKeys) -> SourceSettings:
    url = Reader(addresses.read_http_url, addresses.read_http_url)
    every = readers.whole_seconds(1, example="1d")
    quiet = Reader(readers.read_quiet_hours, readers.read_quiet_hours)
    envs, files = _secrets(table, folder, keys.secrets)
    urls = {key: found for key in keys.urls if (found := table.take(key, _optional(url), None))}
    value = SourceSettings(
        name=name,
        enabled=table.take("enabled", _optional(readers.flag()), None),
        every_s=table.take("every", _optional(every), None),
        base_url=table.take("base_url", _optional(url), None),
        urls=MappingProxyType(urls),
        min_interval_s=table.take(
            "min_interval", _optional(readers.seconds(0, example="1.1s")), None
        ),
        batch_size=table.take("batch_size", _optional(readers.whole(1)), None),
        max_in_flight=table.take("max_in_flight", _optional(readers.whole(1, 1000)), None),
        timeout_s=table.take(
            "timeout", _optional(readers.seconds(0, example="30s", above=True)), None
        ),
        daily_budget=table.take("daily_budget", _optional(readers.whole(1)), None),
        quiet_hours=table.take("quiet_hours", _optional(quiet), None),
        secret_envs=envs,
        secret_files=files,
    )
    table.close()
    return value


def _optional(reader: Reader[readers.T]) -> Reader[readers.T | None]:
    """The same reader for a key whose default is None."""
    return Reader(reader.read, reader.of_text)


def _secrets(
    table: Table, folder: Path, defaults: Mapping[str, str]
) -> tuple[Mapping[str, str], Mapping[str, Path]]:
    """``…_env`` and ``…_file`` of each secret; the secret itself is refused."""
    envs: dict[str, str] = {}
    files: dict[str, Path] = {}
    variable = Reader(readers.read_variable, readers.read_variable)
    for secret, default in defaults.items():
        if env := table.take(f"{secret}_env", variable, default):
            envs[secret] = env
        if file := table.take(f"{secret}_file", _optional(addresses.path_from(folder)), None):
            files[secret] = file
        where = f"set the variable {envs[secret]}" if secret in envs else "set a variable"
        table.forbid(
            secret,
            f"secrets do not stand in config.toml; {where} (another one: {secret}_env = "
            f'"NAME") or name a file that holds it ({secret}_file = "PATH")',
        )
    return MappingProxyType(envs), MappingProxyType(files)


def notify(root: Table, folder: Path) -> Notify:
    """[notify]."""
    table = root.child("notify")
    path = _optional(addresses.path_from(folder))
    secrets = dict.fromkeys(("urls", "webhook_url", "webhook_secret"), "")
    envs, files = _secrets(table, folder, secrets)
    zone = Reader(readers.read_timezone, readers.read_timezone)
    quiet = Reader(readers.read_quiet_hours, readers.read_quiet_hours)
    value = Notify(
        digest=table.take("digest", readers.one_of("each", "daily", "weekly"), "daily"),
        kinds=table.take("kinds", _optional(Reader(readers.read_kinds)), None),
        timezone=table.take("timezone", _optional(zone), None),
        quiet_hours=table.take("quiet_hours", _optional(quiet), None),
        feed=table.take("feed", path, None),
        jsonl=table.take("jsonl", path, None),
        templates=table.take("templates", path, None),
        secret_envs=envs,
        secret_files=files,
    )
    if value.feed is not None and value.feed == value.jsonl:
        table.problems.add((*table.place, "jsonl"), "must be another file than feed")
    table.close()
    return value


def daemon(root: Table, folder: Path) -> Daemon:
    """[daemon]."""
    table = root.child("daemon")
    envs, files = _secrets(table, folder, {"heartbeat_url": ""})
    table.close()
    return Daemon(secret_envs=envs, secret_files=files)


def backup(root: Table, folder: Path) -> Backup:
    """[backup]."""
    table = root.child("backup")
    value = Backup(
        every_s=table.take("every", _optional(readers.whole_seconds(1, example="7d")), None),
        keep=table.take("keep", _optional(readers.whole(0)), None),
        path=table.take("path", _optional(addresses.path_from(folder)), None),
    )
    table.close()
    return value


def web(root: Table) -> Web:
    """[web]."""
    table = root.child("web")
    value = Web(
        host=table.take("host", Reader(addresses.read_host, addresses.read_host), "127.0.0.1"),
        port=table.take("port", readers.whole(0, 65_535), 8765),
    )
    table.close()
    return value
