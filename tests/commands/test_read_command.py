"""``citewatch read`` as a person and as a program sees it."""

from __future__ import annotations

import json
from pathlib import Path

from command_world import Citewatch

TEXT = """Jane Roe. My papers have over 2,000 citations.

Publications

[1] Robust Trees for Noisy Forests
Jane Roe, Bo Li
Made Conference, 2019 (Oral, 100+ citations)
https://arxiv.org/abs/1901.00001

[2] Learning to Count
Jane Roe, Bo Li, et al.
Made Letters, 2018
"""


def test_json_has_every_entry_with_its_place(citewatch: Citewatch, folder: Path) -> None:
    (folder / "cv.txt").write_text(TEXT, encoding="utf-8")
    said = citewatch("read", "cv.txt", "--format", "json")
    assert (said.code, said.err) == (0, "")
    found = json.loads(said.out)
    first, second = found["entries"]
    start = TEXT.index("100+")
    assert first["badge"] == {
        "text": "100+ citations",
        "line": 7,
        "start": start,
        "end": start + len("100+ citations"),
        "style": "floor",
    }
    assert {key: first[key] for key in ("number", "line", "title", "year", "ids", "claim")} == {
        "number": 1,
        "line": 5,
        "title": "Robust Trees for Noisy Forests",
        "year": 2019,
        "ids": {"arxiv": "1901.00001"},
        "claim": 100,
    }
    assert TEXT[first["start"] : first["end"]].startswith("[1] Robust Trees")
    # What is not known is absent.
    assert "badge" not in second
    assert "claim" not in second
    assert second["doubts"] == ["the author list is cut short"]
    assert found["totals"] == [{"line": 1, "text": "over 2,000 citations", "value": 2000}]
    assert found["links"] == []


def test_a_person_sees_papers_badges_doubts_and_totals(citewatch: Citewatch, folder: Path) -> None:
    (folder / "cv.txt").write_text(TEXT, encoding="utf-8")
    before = sorted(path.name for path in folder.iterdir())
    said = citewatch("read", "cv.txt")
    assert said.code == 0
    assert "1  Robust Trees for Noisy Forests" in said.out
    assert 'badge "100+ citations", claims 100 (a floor), line 7' in said.out
    assert "? the author list is cut short" in said.out
    assert "total of 2000, line 1: over 2,000 citations (never rewritten)" in said.out
    assert said.out.endswith("2 papers, 1 with a badge, 1 with an identifier, 1 with a doubt\n")
    assert sorted(path.name for path in folder.iterdir()) == before


def test_what_is_no_list_is_said_with_exit_code_2(citewatch: Citewatch, folder: Path) -> None:
    (folder / "cv.txt").write_text("Dear Bo,\nthank you for the trees.\n", encoding="utf-8")
    for name, words in (("cv.txt", "no paper found"), ("none.pdf", "no such file")):
        said = citewatch("read", name)
        assert (said.code, said.out) == (2, "")
        assert words in said.err


def test_words_of_a_list_cannot_act_on_the_terminal(citewatch: Citewatch, folder: Path) -> None:
    page = "<h2>Papers</h2><ul><li>Jane Roe, Bo Li. Robust\x1b[31m Trees\u202e. Made Journal, 2019.</ul>"
    (folder / "cv.html").write_text(page, encoding="utf-8")
    said = citewatch("read", "cv.html")
    assert said.code == 0
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
