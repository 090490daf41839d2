"""Stores over real, migrated databases: SQLite files, and a PostgreSQL server where one is.

A test that takes ``store`` or ``opened`` runs on both. One that also takes ``path`` or
``tmp_path`` is about files, and runs on SQLite alone; so is one that is marked ``files``.
"""

from __future__ import annotations

import inspect
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from store_samples import NOW, Nobody, Opener

from citewatch.store import SqlStore, open_store
from citewatch.store.opening import open_path
from servers import Server


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "citewatch.db"


_FILES = ("path", "tmp_path")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        own = inspect.signature(metafunc.function).parameters
        marked = metafunc.definition.get_closest_marker("files") is not None
        of_files = marked or ("backend" not in own and not own.keys().isdisjoint(_FILES))
        backends = ["sqlite"] if of_files else ["sqlite", "postgresql"]
        metafunc.parametrize("backend", backends, indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> str:
    """The URL of an empty, migrated database at a server; "" for a file."""
    if request.param == "sqlite":
        return ""
    server: Server = request.getfixturevalue("postgres")
    return server.emptied()


@pytest.fixture
def opened(path: Path, backend: str) -> Iterator[Opener]:
    """Open the test's database (or another path); everything is closed at the end."""
    with ExitStack() as stack:

        def opener(where: Path | None = None, **options: object) -> SqlStore:
            if backend and where is None:
                store = open_store(backend, now=NOW, **options)  # type: ignore[arg-type]
            else:
                store = open_path(where or path, now=NOW, **options)  # type: ignore[arg-type]
            return stack.enter_context(closing(store))

        yield opener


@pytest.fixture
def store(opened: Opener) -> SqlStore:
    return opened()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user of this machine can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Permission bits do not bind root: be somebody else for the block."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def nobody() -> Nobody:
    return _as_nobody
