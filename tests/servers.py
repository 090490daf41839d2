"""Databases at the PostgreSQL server of the tests; none stays behind."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

FreshServer = Callable[..., str]

_TABLES = """SELECT relname::text FROM pg_class WHERE relkind = 'r'
    AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"""


class Server:
    """A server that lets us make databases; ``url`` names one to begin at."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._number = 0
        self._made: list[str] = []
        self._shared = ""
        self._empty = ""
        self._memos: list[tuple[Any, ...]] = []

    def unreachable(self) -> str:
        """Why it cannot be used, "" when it can."""
        import psycopg

        try:
            self.ask("SELECT 1")
        except psycopg.Error as error:
            return str(error).splitlines()[0]
        return ""

    def ask(self, sql: str, url: str = "") -> list[tuple[Any, ...]]:
        """What a statement gives, in a connection of its own."""
        import psycopg

        with psycopg.connect(url or self.url, autocommit=True) as bare:
            cursor = bare.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def fresh(self, more: str = "") -> str:
        """The URL of a new, empty database."""
        self._number += 1
        name = f"citewatch_test_{os.getpid()}_{self._number}"
        self.ask(f"CREATE DATABASE {name} {more}")
        self._made.append(name)
        return f"{self.url.rpartition('/')[0]}/{name}"

    def emptied(self) -> str:
        """The URL of a database as the program makes it: one for all tests, made empty again.

        Making a database takes as long as most tests do.
        """
        if not self._shared:
            self._shared = self.fresh()
            self._made.clear()
            from citewatch.store import open_store

            open_store(self._shared, now=1).close()
            found = self.ask(_TABLES, self._shared)
            self._empty = f"TRUNCATE {', '.join(t for (t,) in found)} RESTART IDENTITY"
            self._memos = self.ask("SELECT name, text FROM memo", self._shared)
        self.ask(self._empty, self._shared)
        for name, text in self._memos:
            self.ask(f"INSERT INTO memo VALUES ('{name}', '{text}')", self._shared)
        return self._shared

    def drop(self) -> None:
        """Remove what was made since the last time."""
        while self._made:
            self.ask(f"DROP DATABASE IF EXISTS {self._made.pop()} WITH (FORCE)")

    def clear(self) -> None:
        """Leave nothing behind."""
        self.drop()
        if self._shared:
            name = self._shared.rpartition("/")[2]
            self.ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
