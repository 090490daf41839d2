"""The benchmarks run, and what they count without a clock reaches its goals."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date, timedelta
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
def test_a_long_list_costs_as_few_requests_as_the_sources_allow() -> None:
    table = run("bulk", "--papers", "1000", "--missing", "10", "--days", "1")
    known, strangers, _ = table.split("Requests for ")[1:]
    for source, lists, with_misses in (
        ("Semantic Scholar, 1,000 papers", 2, 2),
        ("OpenAlex, 1,000 papers", 10, 20),
        ("Crossref, 1,000 papers", 20, 20),
    ):
        assert re.search(rf"{source} +{lists}  requests", known)
        assert re.search(rf"{source} +{with_misses}  requests", strangers)
    assert re.search("arXiv, 1,000 papers +10  requests", known)
    assert re.search("arXiv, 990 papers +10  requests", strangers)
    assert "MISSED" not in table


@pytest.mark.slow
def test_all_sources_are_asked_at_their_pace_and_no_faster() -> None:
    table = run("pace")
    assert table.count(": wall / floor") == 5
    assert table.count("smallest gap at the server") == 5


@pytest.mark.slow
def test_a_comparison_without_the_other_clients_says_so_and_counts_our_own_requests() -> None:
    table = run("beside", "--offline", "--plain", "--papers", "500")
    for source, per_10_000 in (
        ("Semantic Scholar", 20),
        ("OpenAlex", 100),
        ("Crossref", 200),
        ("arXiv", 100),
    ):
        part = table.partition(f"\n{source}: ")[2].split("\n\n")[1]
        assert re.search(rf"citewatch, adapter +{per_10_000} ", part)
        assert re.search(rf"citewatch, pass with database +{per_10_000} ", part)
    assert "Without the other clients" in table


@pytest.mark.slow
def test_reading_is_measured_for_every_source_that_is_compared() -> None:
    table = run("parsing", "--offline")
    for line in ("arXiv, entries (100)", "papers of one batch (50)", "works (50)", "records (50)"):
        assert f"{line}: citewatch" in table
    assert "Without the other clients" in table


@pytest.mark.slow
def test_the_counts_table_is_as_small_as_promised() -> None:
    table = run("storage")
    assert table.count("  met") == 2
    assert "MISSED" not in table


def test_announcements_on_recorded_series_are_scored(tmp_path: Path) -> None:
    """Three papers: one crosses 100 for good, one for a day, one wavers and is said twice."""
    day = date(2024, 1, 1)
    counts = {
        "steady": [98] * 5 + [101] * 40,
        "brief": [98] * 5 + [101] + [98] * 39,
        "wavering": [98] * 5 + [101, 98] * 3 + [102] * 34,
    }
    rows = ["series_id,paper_title_or_id,date,count,source", "x,x,2024-01-01,,s"]
    for name, series in counts.items():
        rows += [f"{name},{name},{day + timedelta(n)},{c},s" for n, c in enumerate(series)]
    (tmp_path / "s.csv").write_text("\n".join(rows) + "\n")
    table = run("judge", str(tmp_path))
    assert "3 series; 1 lines without a count are skipped." in table
    daily = table.partition("weekly")[0]
    assert re.search(r"^naive +6 +3 +1 ", daily, re.MULTILINE)
    assert re.search(r"^three days +2 +0 +0 +0.00 +0 ", daily, re.MULTILINE)
    assert re.search(r"^the judge +2 +0 +0 +0.00 +0 ", daily, re.MULTILINE)
    assert "MISSED" not in table


def test_forecasts_on_recorded_series_are_scored(tmp_path: Path) -> None:
    """One paper that gains steadily, one that rests, one of which each citation is known."""
    day = date(2021, 1, 1)
    rows = ["series_id,paper_title_or_id,date,count,source"]
    for n in range(0, 900, 3):
        rows += [
            f"a,a,{day + timedelta(n)},{150 + n // 5},ads_x",
            f"b,b,{day + timedelta(n)},7,gs_x",
        ]
    rows += [f"c,c,{day + timedelta(n * 11)},{n},cit-HepTh" for n in range(80)]
    rows += [f"d,d,{day + timedelta(n)},{n},another" for n in range(80)]
    (tmp_path / "s.csv").write_text("\n".join(rows) + "\n")
    table = run("forecast", str(tmp_path))
    assert re.search(r"^[0-9]+ forecasts of 3 papers", table, re.MULTILINE)
    for title in ("90 days ahead, ", "365 days ahead, "):
        part = table.partition(title)[2]
        assert re.search(r"^  100 and more +[1-9]", part, re.MULTILINE)
    assert ": pinball, of the line's" in table
    assert run("forecast", str(tmp_path), "--raw").count("forecasts of 3 papers") == 1


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


def test_the_other_clients_are_no_business_of_the_project() -> None:
    root = FOLDER.parent
    others = re.compile(
        r"^\s*(?:import|from) (?:semanticscholar|arxiv|pyalex|habanero)\b", re.MULTILINE
    )
    using = {
        path.relative_to(root).parts[:2]
        for path in (*root.glob("src/**/*.py"), *root.glob("tests/**/*.py"))
        if others.search(path.read_text(encoding="utf-8"))
    }
    assert using == set()


@pytest.mark.slow
def test_real_lists_are_read_as_they_were_counted(data_dir: Path) -> None:
    table = run("intake", "--data", str(data_dir))
    assert table.count("  met") == 9
    assert "MISSED" not in table


@pytest.mark.slow
def test_reports_and_single_questions_are_measured() -> None:
    table = run("report")
    assert len(re.findall(r"report, \d+ papers", table)) == 2
    assert table.count("  ms  at most 100") == 4
