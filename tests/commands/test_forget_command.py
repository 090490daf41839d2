"""``citewatch forget`` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_world import Citewatch


@pytest.fixture
def two(citewatch: Citewatch, folder: Path) -> Path:
    """Two papers with counts; the first is in config.toml, the second came with the counts."""
    (folder / "cv.txt").write_text("arXiv:1708.03999\n")
    (folder / "old.csv").write_text(
        "paper,source,date,count\n"
        "arxiv:1708.03999,semantic_scholar,2026-01-01,10\n"
        "arxiv:1708.03999,semantic_scholar,2026-01-03,112\n"
        "arxiv:1708.03999,semantic_scholar,2026-01-09,112\n"
        "A second paper,semantic_scholar,2026-01-03,110\n"
    )
    (folder / "config.toml").write_text(
        '[watchlists.mine]\npapers = [\n  { title = "ZOO", arxiv = "1708.03999" },  # mine\n]\n'
    )
    assert citewatch("import-history", "old.csv", "--adopt").code == 0
    return folder


def test_a_paper_is_gone_with_all_that_was_seen(citewatch: Citewatch, two: Path) -> None:
    said = citewatch("forget", "1708.03999", "--yes")
    assert said.code == 0
    assert "its history is deleted" in said.out
    assert "ZOO" not in (two / "config.toml").read_text()
    assert citewatch("history", "1708.03999").code == 2
    assert "ZOO" not in citewatch("changes").out
    assert '"citations": 110' in citewatch("report", "--format", "json").out


def test_nobody_is_asked_by_a_pipe(citewatch: Citewatch, two: Path) -> None:
    before = (two / "config.toml").read_bytes()
    said = citewatch("forget", "second paper")
    assert said.code == 2
    assert "would delete A second paper: 1 reading since 2026-01-03" in said.err
    assert "--yes" in said.err
    assert (two / "config.toml").read_bytes() == before
    assert citewatch("history", "second paper").code == 0


def test_its_number_is_nobody_elses_history(citewatch: Citewatch, two: Path) -> None:
    assert citewatch("forget", "second paper", "--yes").code == 0
    (two / "more.csv").write_text(
        "paper,source,date,count\nA third paper,semantic_scholar,2026-01-05,3\n"
    )
    assert citewatch("import-history", "more.csv", "--adopt").code == 0
    said = citewatch("history", "third paper", "--format", "csv")
    assert "110" not in said.out
    assert said.out.count("2026-01-05") == 1
