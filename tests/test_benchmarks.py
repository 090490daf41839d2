"""The benchmarks run, and what they count without a clock reaches its goals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "benchmarks"


def run(name: str, *options: str) -> str:
    """What a benchmark prints at its smallest size."""
    done = subprocess.run(
        [sys.executable, FOLDER / f"{name}.py", "--size", "tiny", *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.slow
def test_the_requests_of_a_list_are_counted_and_are_as_few_as_promised() -> None:
    table = run("requests")
    assert table.count("  met") == 5
    assert "MISSED" not in table


@pytest.mark.slow
def test_the_counts_table_is_as_small_as_promised() -> None:
    table = run("storage")
    assert table.count("  met") == 2
    assert "MISSED" not in table


@pytest.mark.slow
def test_throughput_is_measured_with_and_without_limits() -> None:
    table = run("throughput")
    assert "papers/s" in table
    assert "µs CPU/paper" in table
    assert "wall / floor" in table
    assert "loop blocked at most" in table


@pytest.mark.slow
def test_start_up_and_a_report_are_measured() -> None:
    python = Path(sys.executable)
    if not (python.parent / "citewatch").exists():
        pytest.skip("the command 'citewatch' is not installed beside this interpreter")
    table = run("startup", "--python", str(python))
    assert table.count("x bare") == 4
    assert "report: 53 papers" in table
