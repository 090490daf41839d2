"""A stand-in server, a folder, and the command line run in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_world import Citewatch, Said

from citewatch.bootstrap import RealClock
from citewatch.cli.main import run
from citewatch.sandbox import (
    SANDBOX_PASSWORD,
    SANDBOX_USERNAME,
    Sandbox,
    World,
    publication_list,
)

DAY = 86_400


@pytest.fixture(autouse=True)
def jumping(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock on the wall jumps over every wait, for the program and for the stand-in."""
    passed = [0.0]
    real_time, real_monotonic = RealClock.time, RealClock.monotonic

    async def jump(_self: RealClock, seconds: float) -> None:
        await asyncio.sleep(0)
        passed[0] += max(0.0, seconds)

    monkeypatch.setattr(RealClock, "time", lambda self: real_time(self) + passed[0])
    monkeypatch.setattr(RealClock, "monotonic", lambda self: real_monotonic(self) + passed[0])
    monkeypatch.setattr(RealClock, "sleep", jump)


@pytest.fixture
def box(jumping: None) -> Iterator[Sandbox]:
    """A stand-in without limits whose world began ten days ago."""
    clock = RealClock()
    with Sandbox(World(clock.time() - 10 * DAY), clock.time, limits=False) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one; no configuration from elsewhere."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CITEWATCH_CONFIG", "S2_API_KEY", "OPENREVIEW_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return place


@pytest.fixture
def citewatch(folder: Path, capsys: pytest.CaptureFixture[str]) -> Citewatch:
    """Run a command in this process."""

    def call(*words: object) -> Said:
        capsys.readouterr()
        code = run([str(word) for word in words])
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return call


def point_at(box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every source of the configuration is the stand-in, asked without a pace."""
    for name, urls in box.urls.items():
        for key, url in urls.items():
            monkeypatch.setenv(f"CITEWATCH_SOURCES__{name.upper()}__{key.upper()}", url)
        monkeypatch.setenv(f"CITEWATCH_SOURCES__{name.upper()}__MIN_INTERVAL", "0s")


@pytest.fixture
def pointed(box: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The stand-in, with all sources pointed at it."""
    point_at(box, monkeypatch)
    return box


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account at the stand-in's OpenReview."""
    monkeypatch.setenv("OPENREVIEW_USERNAME", SANDBOX_USERNAME)
    monkeypatch.setenv("OPENREVIEW_PASSWORD", SANDBOX_PASSWORD)


@pytest.fixture
def listed(pointed: Sandbox, folder: Path, citewatch: Citewatch) -> Sandbox:
    """A folder in which the publication list was taken in."""
    (folder / "cv.txt").write_text(publication_list(pointed.world), encoding="utf-8")
    assert citewatch("init", "cv.txt").code == 0
    return pointed
