"""``citewatch export`` as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_world import Citewatch

KINDS = ("csv", "json", "bibtex", "latex-macros", "al-folio", "feed")


@pytest.fixture
def counted(citewatch: Citewatch, folder: Path) -> Path:
    """Two papers with counts of two days, read in from a file."""
    (folder / "old.csv").write_text(
        "paper,source,date,count\n"
        "A first paper,semantic_scholar,2026-01-01,10\n"
        "A first paper,semantic_scholar,2026-01-03,12\n"
        "A second paper,semantic_scholar,2026-01-03,110\n"
    )
    assert citewatch("init").code == 0
    assert citewatch("import-history", "old.csv", "--adopt").code == 0
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_text_goes_to_standard_output(citewatch: Citewatch, counted: Path, kind: str) -> None:
    said = citewatch("export", kind)
    assert said.code == 0
    assert said.out
    assert said.err == ""


@pytest.mark.parametrize("kind", [*KINDS, "parquet", "badges", "scholar-json"])
def test_the_same_counts_give_the_same_files(
    citewatch: Citewatch, counted: Path, kind: str
) -> None:
    def made() -> dict[str, tuple[bytes, int]]:
        place = counted / "made"
        files = [place] if place.is_file() else sorted(place.iterdir())
        return {f.name: (f.read_bytes(), f.stat().st_mtime_ns) for f in files}

    assert citewatch("export", kind, "--output", "made").code == 0
    before = made()
    assert citewatch("export", kind, "--output", "made").code == 0
    assert made() == before


def test_every_reading_is_exported_and_can_be_taken_in_elsewhere(
    citewatch: Citewatch, counted: Path
) -> None:
    assert citewatch("export", "csv", "--history", "--output", "all.csv").code == 0
    lines = (counted / "all.csv").read_text().splitlines()
    assert len(lines) == 4
    said = citewatch(
        "--database", "sqlite:///other.db", "import-history", "all.csv", "--adopt",
        "--columns", "paper=title",
    )  # fmt: skip
    assert said.code == 0
    other = citewatch("--database", "sqlite:///other.db", "export", "json")
    assert '"citations": 110' in other.out


def test_a_list_that_there_is_none_of_is_refused(citewatch: Citewatch, counted: Path) -> None:
    said = citewatch("export", "csv", "--watchlist", "nobody")
    assert said.code == 2
    assert "no watchlist 'nobody'" in said.err
    assert said.out == ""


def test_a_place_that_cannot_be_written_is_said(citewatch: Citewatch, counted: Path) -> None:
    (counted / "file").write_text("mine")
    said = citewatch("export", "badges", "--output", "file")
    assert said.code == 2
    assert "file: no folder for the files" in said.err
    assert (counted / "file").read_text() == "mine"


def test_history_goes_with_sheets_alone(citewatch: Citewatch, counted: Path) -> None:
    said = citewatch("export", "badges", "--history")
    assert said.code == 2
    assert "--history goes with csv, json and parquet" in said.err


def test_before_the_first_sync_nothing_is_claimed(citewatch: Citewatch, folder: Path) -> None:
    assert citewatch("init").code == 0
    said = citewatch("export", "csv")
    assert said.code == 0
    assert len(said.out.splitlines()) == 1
    assert "run 'citewatch sync'" in said.err
