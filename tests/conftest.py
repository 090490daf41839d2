"""Shared fixtures: the data folder, the network guard."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

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
