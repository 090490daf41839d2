"""The patch of a change: `patch` and git make the new file of the old one with it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from citewatch.intake.patching import unified_patch

LINES = [f"line {n}\n".encode() for n in range(40)]


def changed(*places: int) -> bytes:
    return b"".join(b"new " + ln if n in places else ln for n, ln in enumerate(LINES))


OLD = b"".join(LINES)
CASES = {
    "first line": (OLD, changed(0)),
    "last line": (OLD, changed(39)),
    "near and far": (OLD, changed(3, 5, 11, 30)),
    "context meets": (OLD, changed(5, 12)),
    "context overlaps": (OLD, changed(5, 13)),
    "everything": (OLD, changed(*range(40))),
    "one line": (b"cited 3 times", b"cited 4 times"),
    "CRLF": (OLD.replace(b"\n", b"\r\n"), changed(7).replace(b"\n", b"\r\n")),
    "CR alone": (b"a\rb 10+\rc", b"a\rb 25+\rc"),
    "no end of line": (OLD[:-1], changed(38)[:-1]),
    "no end of line, last": (OLD[:-1], changed(39)[:-1]),
    "cp1252": ("Müller – 10+\nétude\n".encode("cp1252"), "Müller – 25+\nétude\n".encode("cp1252")),
    "utf-16": (
        b"\xff\xfe" + "a\n10+ citations\nb\n".encode("utf-16-le"),
        b"\xff\xfe" + "a\n100+ citations\nb\n".encode("utf-16-le"),
    ),
    "a line more": (OLD, changed(4).replace(b"new ", b"new\n")),
    "a line less": (OLD, OLD.replace(b"line 9\nline 10\n", b"line 9 and 10\n")),
    "marks of a patch": (b"--- a\n+++ b\n@@ x\n10+\n\\ no\n", b"--- a\n+++ b\n@@ x\n25+\n\\ no\n"),
    "trailing blanks": (b"a  \n10+ \t\nb \n\n\n", b"a  \n25+ \t\nb \n\n\n"),
}  # fmt: skip
NAMES = ["cv.tex", "my cv.tex", "Lebenslauf-é.md", "sub/cv.tex", 'a"b.txt', "a\tb\nc.txt"]


def apply(tool: str, patch: bytes, folder: Path) -> None:
    words = {
        "patch": ["patch", "-p0", "--binary", "--quiet", "--fuzz=0"],
        "git": ["git", "apply", "-p0", "--whitespace=nowarn"],
    }[tool]
    done = subprocess.run(words, cwd=folder, input=patch, capture_output=True, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr, patch)


@pytest.fixture(params=["patch", "git"])
def tool(request: pytest.FixtureRequest) -> str:
    if shutil.which(request.param) is None:
        pytest.skip(f"there is no {request.param} here")
    return str(request.param)


@pytest.mark.parametrize("case", CASES)
def test_a_patch_makes_the_new_file_of_the_old_one(tool: str, case: str, tmp_path: Path) -> None:
    before, after = CASES[case]
    path = tmp_path / "cv.tex"
    path.write_bytes(before)
    apply(tool, unified_patch(before, after, name=b"cv.tex"), tmp_path)
    assert path.read_bytes() == after
    assert [p.name for p in tmp_path.iterdir()] == ["cv.tex"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_that_a_file_can_have_is_found_again(tool: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(OLD)
    apply(tool, unified_patch(OLD, changed(8), name=name.encode()), tmp_path)
    assert path.read_bytes() == changed(8)


def test_it_shows_three_lines_around_each_change() -> None:
    assert unified_patch(OLD, changed(1, 20), name=b"cv").decode().splitlines() == [
        "--- cv", "+++ cv",
        "@@ -1,5 +1,5 @@", " line 0", "-line 1", "+new line 1", " line 2", " line 3", " line 4",
        "@@ -18,7 +18,7 @@", " line 17", " line 18", " line 19", "-line 20", "+new line 20",
        " line 21", " line 22", " line 23",
    ]  # fmt: skip


def test_no_change_is_no_patch() -> None:
    assert unified_patch(OLD, OLD, name=b"cv") == b""
    assert unified_patch(b"", b"", name=b"cv") == b""


def test_a_long_file_takes_no_time() -> None:
    lines = [f"}}\n  note = {{{n % 7}}}\n".encode() for n in range(50_000)]
    before = b"".join(lines)
    after = before.replace(b"note = {3}", b"note = {4}")
    assert len(unified_patch(before, after, name=b"papers.bib")) > 500_000
