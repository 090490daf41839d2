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
_SEVERAL = ("urls",)
"""Several values, separated by blanks or line ends."""


def secrets(settings: Settings, source: str, *, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The secrets of one source by what they are: ``{"api_key": "…"}``.

    A variable counts before a file; blanks around a value are dropped, and what is
    empty is absent. Raises `ConfigError`, which never repeats a value, when a file
    cannot be read or a value cannot be sent.
    """
    known = settings.sources[source]
    found, problems = gather(
        known.secret_envs, known.secret_files, f"sources.{source}", environ=environ
    )
    if problems:
        raise ConfigError(str(settings.path), list(problems.values()))
    return found


def notify_secrets(
    settings: Settings, *, environ: Mapping[str, str]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """``urls``, ``webhook_url``, ``webhook_secret``, as far as they are there.

    With the problems of those that cannot be had, by what they are: one channel that
    cannot be used must not stop the others.
    """
    notify = settings.notify
    return gather(notify.secret_envs, notify.secret_files, "notify", environ=environ)


def daemon_secrets(settings: Settings, *, environ: Mapping[str, str]) -> Mapping[str, str]:
    """The secrets of the daemon: ``{"heartbeat_url": "https://…"}``. As `secrets`."""
    known = settings.daemon
    found, problems = gather(known.secret_envs, known.secret_files, "daemon", environ=environ)
    url = found.get("heartbeat_url", "")
    if url and not _HTTP.fullmatch(url):
        words = "daemon.heartbeat_url: what its variable or file holds is no http(s) URL"
        problems = {**problems, "heartbeat_url": words}
    if problems:
        raise ConfigError(str(settings.path), list(problems.values()))
    return found


def gather(
    envs: Mapping[str, str], files: Mapping[str, Path], section: str, *, environ: Mapping[str, str]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Secrets out of their variables and files, and problems, both by what is secret."""
    found: dict[str, str] = {}
    problems: dict[str, str] = {}
    for secret in {**envs, **files}:
        variable = envs.get(secret, "")
        origin, value = f"the variable {variable}", environ.get(variable, "").strip()
        try:
            if not value and (path := files.get(secret)):
                origin = f"the file {path}"
                value = _read_secret(path)
        except OSError as error:
            problems[secret] = f"{section}.{secret}_file: {origin}: {error.strerror}"
        except ValueError:
            problems[secret] = f"{section}.{secret}_file: {origin}: not a short UTF-8 text"
        if value and not _can_be_sent(secret, value):
            problems[secret] = f"{section}.{secret}: {origin} holds unusable characters"
        elif value:
            found[secret] = value
    return MappingProxyType(found), MappingProxyType(problems)


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
    if secret in _SEVERAL:
        return all(part.isprintable() for part in value.split())
    return value.isprintable()
