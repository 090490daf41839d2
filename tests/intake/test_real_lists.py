"""Lists of real people against what was counted in them by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from citewatch.errors import ListError
from citewatch.intake import read_list
from citewatch.intake.document import open_document
from citewatch.ports import Entry

TRUTH: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "cvs_truth.toml").read_text("utf-8")
)


def entries_of(path: Path) -> tuple[Entry, ...]:
    try:
        return read_list(path).entries
    except ListError:
        return ()


@pytest.mark.parametrize("name", TRUTH)
def test_entries_and_badges_are_those_that_were_counted(data_dir: Path, name: str) -> None:
    entries, truth = entries_of(data_dir / "real" / "cvs" / name), TRUTH[name]
    claims = [e.paper.claim for e in entries if e.paper.claim is not None]
    again = [badge.claim for e in entries for _, badge in e.also]
    assert len(entries) == truth["entries"]
    assert len(claims) + len(again) == truth["badges"]
    assert sum(claims) + sum(again) == truth.get("sum", 0)


@pytest.mark.parametrize("name", [n for n, t in TRUTH.items() if t["entries"] and "totals" in t])
def test_totals_are_reported_and_are_no_badges(data_dir: Path, name: str) -> None:
    totals = [number for _, _, number in read_list(data_dir / "real" / "cvs" / name).totals]
    assert TRUTH[name]["totals"][0] in totals


@pytest.mark.parametrize("name", [n for n in TRUTH if not n.endswith(".pdf")])
def test_every_badge_stands_at_its_place(data_dir: Path, name: str) -> None:
    path = data_dir / "real" / "cvs" / name
    text = open_document(path).text
    for entry in entries_of(path):
        assert entry.span is not None
        if entry.place is not None:
            assert text[entry.place.start : entry.place.end] == entry.place.text
            assert entry.span[0] <= entry.place.start
            assert entry.place.end <= entry.span[1]


@pytest.mark.parametrize(
    ("name", "rows", "counted"),
    [("ben18785_citations_2022-03-27.csv", 47, 47), ("borgr_citations.csv", 117, 103)],
)
def test_exports_of_google_scholar_give_every_row(
    data_dir: Path, name: str, rows: int, counted: int
) -> None:
    entries = read_list(data_dir / "real" / "scholar_raw" / name).entries
    again = sum(doubt.startswith("listed again") for e in entries for doubt in e.doubts)
    claims = sum(e.paper.claim is not None for e in entries) + sum(len(e.also) for e in entries)
    assert len(entries) + again == rows
    assert claims == counted
