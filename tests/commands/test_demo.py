"""The demo, and the folder that it leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from command_world import Citewatch


def test_the_demo_shows_everything_and_leaves_nothing(citewatch: Citewatch, folder: Path) -> None:
    said = citewatch("demo", "--days", 12)
    assert said.code == 0
    assert "53 papers" in said.out
    assert "ZOO: Zeroth Order" in said.out
    assert "h-index" in said.out
    assert "changes:" in said.out
    assert list(folder.iterdir()) == []


def test_a_kept_demo_is_a_folder_in_which_the_other_commands_work(
    citewatch: Citewatch, folder: Path
) -> None:
    assert citewatch("demo", "--keep", "kept", "--days", 8).code == 0
    os.chdir(folder / "kept")
    report = citewatch("report", "--format", "json").data
    assert report["totals"]["papers"] == 53
    assert citewatch("list").code == 0
    assert citewatch("changes").code == 0
    assert citewatch("sources").code == 0
    assert citewatch("history", "zoo-zeroth-order-2017").code == 0
    assert citewatch("report", "--as-of", report["as_of"][:10], "--format", "csv").code == 0
    refused = citewatch("demo", "--keep", ".")
    assert refused.code == 2
    assert "not an empty folder" in refused.err


def test_output_is_unicode_in_every_locale(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "citewatch", "--quiet", "demo", "--days", "2"],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "▁" in done.stdout.decode("utf-8")
    assert done.stderr == b""
