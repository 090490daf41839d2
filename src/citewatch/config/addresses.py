"""Readers of where things are: paths, hosts, addresses, the database."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from citewatch.config.problems import BadValue, must_be
from citewatch.config.readers import Reader
from citewatch.errors import InputError


def read_host(value: object) -> str:
    """A host name or address to listen on."""
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9._:\[\]-]{1,255}", value):
        return value
    raise must_be("a host such as '127.0.0.1'", value)


def path_from(folder: Path) -> Reader[Path]:
    """A path; relative ones are relative to ``folder``, ``~`` is the home folder."""

    def read(value: object) -> Path:
        if not isinstance(value, str) or not value.strip() or "\0" in value:
            raise must_be("a path", value)
        try:
            return folder / Path(value).expanduser()
        except RuntimeError:
            raise BadValue("'~' is used, and there is no home folder here") from None

    return Reader(read, read)


def _split(value: str) -> SplitResult | None:
    """None for what is no address at all."""
    if not value.isascii() or not value.isprintable() or " " in value or "\\" in value:
        return None
    try:
        parts = urlsplit(value)
        _ = parts.port  # raises when it is no port
    except ValueError:
        return None
    return parts


def read_http_url(value: object) -> str:
    """An http(s) address without login, query and fragment; no slash at the end."""
    what = "an address such as 'https://example.org/path'"
    if not isinstance(value, str):
        raise must_be(what, value)
    if "@" in value:
        raise BadValue(f"must be {what} without a login")
    parts = _split(value)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise must_be(what, value)
    if "?" in value or "#" in value:
        raise BadValue(f"must be {what} without '?' and '#'")
    return value.rstrip("/")


def database_url(folder: Path) -> Reader[str]:
    """Where the database is; a password is accepted from the environment only."""

    def of_text(text: str) -> str:
        return parse_database_url(text, folder=folder)

    def read(value: object) -> str:
        if not isinstance(value, str):
            raise must_be('a database URL such as "sqlite:///citewatch.db"', value)
        parts = _split(value) if not value.startswith("sqlite:") else None
        if parts is not None and (parts.password is not None or "password=" in parts.query):
            raise BadValue(
                "carries a password; leave it out here and set CITEWATCH_DATABASE__URL instead"
            )
        return of_text(value)

    return Reader(read, of_text)


def parse_database_url(text: str, *, folder: Path) -> str:
    """A database URL with its path made absolute; never repeated in a message."""
    what = '"sqlite:///citewatch.db" or "postgresql://…"'
    scheme, found, rest = text.partition("://")
    if not found or "\0" in text:
        raise BadValue(f"must be a database URL such as {what}")
    if scheme in ("postgresql", "postgresql+psycopg"):
        if _split(text) is None:
            raise BadValue(f"must be a database URL such as {what}")
        return text
    if scheme != "sqlite":
        raise BadValue(f"must be a database URL such as {what}")
    name = rest.removeprefix("/")
    if rest == name or not name or name == ":memory:" or name.endswith("/"):
        raise BadValue('must name a file: "sqlite:///citewatch.db", with four slashes if absolute')
    path = path_from(folder).read(name)
    if "?" in str(path):
        raise BadValue("'?' cannot stand in the path of a database")
    return f"sqlite:///{path.as_posix()}"


def database_password(url: str) -> frozenset[str]:
    """The password in a server's URL, as it stands there and as it is; never to be shown."""
    parts = None if url.startswith("sqlite:") else _split(url)
    if parts is None:
        return frozenset()
    words = [w for w in parts.query.split("&") if w.startswith("password=")]
    given = {parts.password or "", *(word.removeprefix("password=") for word in words)}
    return frozenset(given | {unquote(word) for word in given}) - {""}


def resolve_database_url(text: str, *, folder: Path) -> str:
    """What ``--database`` names, its path relative to ``folder``.

    Raises `InputError`, which does not repeat the text: it may hold a password.
    """
    try:
        return parse_database_url(text, folder=folder)
    except BadValue as bad:
        raise InputError(f"--database: {bad}") from None
