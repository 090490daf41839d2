"""Secrets: out of the environment or files, at the moment when they are needed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from citewatch.config.settings import Settings
from citewatch.errors import ConfigError

_LARGEST_BYTES = 64_000
_HTTP = re.compile(r"https?://[^\s/]+\S*")
_IN_HEADERS = ("api_key", "token")


def secrets(settings: Settings, source: str, *, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The secrets of one source by what they are: ``{"api_key": "…"}``.

    A variable counts before a file; blanks around a value are dropped, and what is
    empty is absent. Raises `ConfigError`, which never repeats a value, when a file
    cannot be read or a value cannot be sent.
    """
    known = settings.sources[source]
    place = f"sources.{source}"
    return _secrets(settings, place, known.secret_envs, known.secret_files, environ)


def daemon_secrets(settings: Settings, *, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The secrets of the daemon: ``{"heartbeat_url": "https://…"}``. As `secrets`."""
    known = settings.daemon
    found = _secrets(settings, "daemon", known.secret_envs, known.secret_files, environ)
    url = found.get("heartbeat_url", "")
    if url and not _HTTP.fullmatch(url):
        words = "daemon.heartbeat_url: what its variable or file holds is no http(s) URL"
        raise ConfigError(str(settings.path), [words])
    return found


def _secrets(
    settings: Settings,
    place: str,
    envs: Mapping[str, str],
    files: Mapping[str, Path],
    environ: Mapping[str, str],
) -> Mapping[str, str]:
    found: dict[str, str] = {}
    problems: list[str] = []
    for secret in {**envs, **files}:
        variable = envs.get(secret, "")
        origin, value = f"the variable {variable}", environ.get(variable, "").strip()
        try:
            if not value and (path := files.get(secret)):
                origin = f"the file {path}"
                value = _read_secret(path)
        except OSError as error:
            problems.append(f"{place}.{secret}_file: {origin}: {error.strerror}")
        except ValueError:
            problems.append(f"{place}.{secret}_file: {origin}: not a short UTF-8 text")
        if value and not _can_be_sent(secret, value):
            problems.append(f"{place}.{secret}: {origin} holds unusable characters")
        elif value:
            found[secret] = value
    if problems:
        raise ConfigError(str(settings.path), problems)
    return MappingProxyType(found)


def _read_secret(path: Path) -> str:
    with path.open("rb") as file:
        raw = file.read(_LARGEST_BYTES + 1)
    if len(raw) > _LARGEST_BYTES:
        raise ValueError
    return raw.decode().strip()


def _can_be_sent(secret: str, value: str) -> bool:
    """A line break in a header would start another header."""
    if secret in _IN_HEADERS:
        return value.isascii() and value.isprintable() and " " not in value
    return value.isprintable()
