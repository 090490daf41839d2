"""Every trouble ends as docs/reliability.md says: one clear message, nothing lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from troubles import TROUBLES, Stage, Trouble, complaints, play, prepare  # noqa: E402

TEXT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, int]:
    stage = prepare(tmp_path_factory.mktemp("troubles") / "before")
    return stage, stage.readings()


@pytest.mark.slow
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda t: t.what)
def test_a_trouble_is_told_in_one_message_and_costs_no_reading(
    trouble: Trouble, before: tuple[Stage, int], tmp_path: Path
) -> None:
    stage, readings = before
    said, after = play(trouble, stage, tmp_path / "after")
    assert complaints(trouble, said, after, readings) == [], said


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda t: t.what)
def test_a_trouble_stands_in_the_document(trouble: Trouble) -> None:
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| {trouble.what} |")]
    assert f"| `citewatch {trouble.command}` | {trouble.code} |" in row
    assert trouble.told in row
