"""Stores over real, migrated SQLite files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from store_samples import NOW, Nobody, Opener

from citewatch.store import SqlStore
from citewatch.store.opening import open_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "citewatch.db"


@pytest.fixture
def opened(path: Path) -> Iterator[Opener]:
    """Open the test's database (or another path); everything is closed at the end."""
    with ExitStack() as stack:

        def opener(where: Path | None = None, **options: object) -> SqlStore:
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
