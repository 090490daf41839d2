"""Processes are killed and nothing is lost; days go by and nothing grows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"


def soak(*words: str) -> str:
    """What the benchmark prints."""
    done = subprocess.run(
        [sys.executable, FOLDER / "soak.py", *words],
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return done.stdout


def figure(table: str, what: str) -> int:
    found = re.search(rf"^{what} +([\d,]+)", table, re.MULTILINE)
    assert found, table
    return int(found[1].replace(",", ""))


@pytest.mark.slow
def test_killed_at_any_moment_it_loses_and_doubles_nothing() -> None:
    table = soak("kills", "--number", "8", "--seed", "3")
    assert sum(int(n) for n in re.findall(r"^killed: .* (\d+)$", table, re.MULTILINE)) == 8
    assert figure(table, "anything lost, doubled or unsound") == 0
    assert figure(table, "acknowledged readings looked for") > 100
    assert figure(table, "changes") > 20


@pytest.mark.slow
def test_a_hundred_days_in_one_process_leave_nothing_open() -> None:
    table = soak("days", "--number", "100")
    assert table.count("  met") == 6
    assert figure(table, "passes") >= 100
