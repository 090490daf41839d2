"""The specifications, and the scripted server of the tests of sources."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from citewatch.bootstrap import RealClock

# The little server that answers sources lives beside their tests.
sys.path.append(str(Path(__file__).resolve().parents[1] / "sources"))

from spec_world import Spec


def spec_file(data_dir: Path, name: str) -> Path:
    path = data_dir / "specs" / name
    if not path.is_file():
        pytest.skip(f"no specification at {path}")
    return path


@pytest.fixture(scope="session")
def s2_spec(data_dir: Path) -> Spec:
    """Semantic Scholar's academic graph (Swagger 2.0)."""
    return Spec.of_file(spec_file(data_dir, "s2-graph-api.json"))


@pytest.fixture(scope="session")
def openalex_spec(data_dir: Path) -> Spec:
    """OpenAlex (OpenAPI 3)."""
    # It calls itself 3.1.0 and says `nullable: true` 60 times over, which only 3.0 knows:
    # read as 3.1 it would promise that nothing is ever null.
    # It demands the key as a parameter; the service takes it as a header too, which keeps
    # it out of logs, and answers without one (help.openalex.org, "Authentication").
    return Spec.of_file(
        spec_file(data_dir, "openalex-openapi.json"), version="3.0.3", not_sent={"api_key"}
    )


@pytest.fixture
def clocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wait takes time."""
    passed = [0.0]
    real_time, real_monotonic = RealClock.time, RealClock.monotonic

    async def jump(_self: RealClock, seconds: float) -> None:
        await asyncio.sleep(0)
        passed[0] += max(0.0, seconds)

    monkeypatch.setattr(RealClock, "time", lambda self: real_time(self) + passed[0])
    monkeypatch.setattr(RealClock, "monotonic", lambda self: real_monotonic(self) + passed[0])
    monkeypatch.setattr(RealClock, "sleep", jump)
