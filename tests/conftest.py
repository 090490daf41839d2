"""Shared fixtures: the data folder, the network guard."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from servers import FreshServer, Server

LOOPBACK = ("127.", "::1", "localhost")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with recorded answers and real lists; tests skip without it."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("CITEWATCH_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"no recorded data at {folder} (set CITEWATCH_DATA)")
    return folder


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio alone: that is what the program uses."""
    return "asyncio"


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may reach beyond this machine."""
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family != socket.AF_UNIX and not str(host).startswith(LOOPBACK):
            raise AssertionError(f"a test tried to reach {host!r}")
        real_connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The PostgreSQL server that .ci/run starts; tests skip without one."""
    url = os.environ.get("CITEWATCH_TEST_POSTGRES", "")
    if not url:
        why = os.environ.get("CITEWATCH_NO_POSTGRES", "")
        pytest.skip(why or "no PostgreSQL server: set CITEWATCH_TEST_POSTGRES, or use .ci/run")
    server = Server(url)
    if why := server.unreachable():
        pytest.skip(f"CITEWATCH_TEST_POSTGRES cannot be reached: {why}")
    yield server
    server.clear()


@pytest.fixture
def server(postgres: Server) -> Iterator[FreshServer]:
    """Databases of this test's own at the server."""
    yield postgres.fresh
    postgres.drop()
