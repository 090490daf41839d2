"""``citewatch check`` as its user meets it."""

from __future__ import annotations

import codecs
import subprocess
import sys
from pathlib import Path

import pytest
from checking_folder import CV, LOOKING, NOTHING, THEORY, TREES, Desk
from command_world import Citewatch

from citewatch.cli import checking
from citewatch.intake.document import Document
from citewatch.sandbox import Sandbox

COUNTS = {"robust_trees_for_2019": 437, "learning_to_count_2018": 341,
          "a_theory_of_2016": 1344, "nothing_yet_about_2024": 3}  # fmt: skip
AFTER = CV.replace("100+ citations", "400+ citations").replace("340 times", "341 times")


@pytest.fixture
def desk(folder: Path, citewatch: Citewatch) -> Desk:
    desk = Desk(folder, citewatch)
    desk.init()
    desk.counted(**COUNTS)
    return desk


def test_what_is_stale_is_said_with_source_and_date_and_ends_with_1(desk: Desk) -> None:
    said = desk.check("--format", "json")
    assert said.code == 1
    assert said.err == ""
    document = said.data
    assert (document["file"], document["entries"], document["matched"]) == ("cv.txt", 4, 4)
    assert document["unmatched"] == []
    trees, looking, theory = document["badges"]
    observed_at = trees.pop("observed_at")
    assert trees == {
        "kind": "paper", "entry": 1, "line": 5, "paper": TREES, "text": "100+ citations",
        "claim": 100, "citations": 437, "source": "semantic_scholar", "verdict": "raise",
        "suggest": "400+ citations", "why": f"437 on Semantic Scholar, {observed_at[:10]}",
    }  # fmt: skip
    assert (looking["paper"], looking["text"], looking["suggest"]) == (
        LOOKING, "cited 340 times", "cited 341 times"
    )  # fmt: skip
    assert (theory["paper"], theory["verdict"], theory["line"]) == (THEORY, "current", 13)
    assert "suggest" not in theory
    assert desk.cv.read_bytes() == CV.encode()


def test_the_table_says_the_same_to_people(desk: Desk) -> None:
    said = desk.check()
    assert said.code == 1
    assert "cv.txt: 4 entries, 4 watched" in said.out
    assert "100+ citations → 400+ citations" in said.out
    assert "3 badges: 1 current, 2 to raise" in said.out
    assert max(map(len, said.out.splitlines())) <= 100


def test_writing_changes_the_badges_and_nothing_else(desk: Desk) -> None:
    said = desk.check("--write")
    assert said.code == 0
    assert desk.cv.read_bytes() == AFTER.encode()
    assert (desk.folder / "cv.txt.bak").read_bytes() == CV.encode()
    assert "2 badges written; as it was before:" in said.err


def test_the_claims_of_the_configuration_follow(desk: Desk) -> None:
    config = desk.folder / "config.toml"
    before = config.read_text()
    assert 'claim = "100+"' in before
    said = desk.check("--write")
    assert "config.toml: 2 claims changed with the list" in said.err
    expected = before.replace('claim = "100+"', 'claim = "400+"')
    assert config.read_text() == expected.replace('claim = "340+"', 'claim = "341+"')
    claims = {
        p["key"]: p.get("claim")
        for p in desk.citewatch("report", "--format", "json").data["papers"]
    }
    assert claims == {TREES: 400, LOOKING: 341, THEORY: 1300, NOTHING: None}


def test_a_second_run_changes_nothing(desk: Desk) -> None:
    desk.check("--write")
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in desk.folder.glob("c*.t*")}
    said = desk.check("--write")
    assert said.code == 0
    assert "no badge was to be written" in said.err
    assert {
        p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in desk.folder.glob("c*.t*")
    } == before
    assert desk.check().code == 0


def test_claims_that_could_not_follow_follow_the_next_time(desk: Desk) -> None:
    config = desk.folder / "config.toml"
    before = config.read_bytes()
    desk.check("--write")
    config.write_bytes(before)  # as if we had been killed in between
    said = desk.check("--write")
    assert "config.toml: 2 claims changed with the list" in said.err
    assert b'claim = "400+"' in config.read_bytes()


def test_a_configuration_that_cannot_be_written_is_said_after_the_list_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changes_meanwhile(text: str, name: str, claims: object) -> str:
        (desk.folder / "config.toml").write_text("[web]\n")
        return text + "# more"

    monkeypatch.setattr(checking, "set_claims", changes_meanwhile)
    said = desk.check("--write")
    assert said.code == 2
    assert "the list was written (before:" in said.err
    assert desk.cv.read_bytes() == AFTER.encode()


@pytest.mark.parametrize("tool", [["patch", "-p0", "--quiet"], ["git", "apply"]])
def test_the_patch_is_one(desk: Desk, tool: list[str]) -> None:
    patch = desk.check("--diff").out.encode()
    assert desk.cv.read_bytes() == CV.encode()
    subprocess.run(tool, cwd=desk.folder, input=patch, check=True)
    assert desk.cv.read_bytes() == AFTER.encode()


def test_the_patch_ends_with_1_and_with_write_it_is_made_too(desk: Desk) -> None:
    first = desk.check("--diff")
    assert first.code == 1
    assert first.out.startswith("--- cv.txt\n+++ cv.txt\n@@ -2,11 +2,11 @@\n")
    both = desk.check("--diff", "--write")
    assert (both.code, both.out) == (0, first.out)
    assert desk.cv.read_bytes() == AFTER.encode()
    assert desk.check("--diff").out == ""


@pytest.mark.parametrize(
    ("code", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("cp1252", b""),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_whatever_the_encoding_and_the_ends_of_lines_the_rest_stays(
    desk: Desk, code: str, mark: bytes, end: str, last: bool
) -> None:
    def written(text: str) -> bytes:
        text = text if last else text.rstrip("\n")
        return mark + text.replace("\n", end).encode(code)

    desk.cv.write_bytes(written(CV))
    said = desk.check("--write")
    assert said.code == 0, said.err
    assert desk.cv.read_bytes() == written(AFTER)
    assert (desk.folder / "cv.txt.bak").read_bytes() == written(CV)


def test_the_patch_of_a_file_that_is_not_utf_8_is_bytes(desk: Desk) -> None:
    desk.cv.write_bytes(CV.replace("\n", "\r\n").encode("cp1252"))
    words = [sys.executable, "-m", "citewatch", "check", "cv.txt", "--diff"]
    done = subprocess.run(words, cwd=desk.folder, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "Müster".encode("cp1252") in done.stdout
    subprocess.run(["patch", "-p0", "--binary"], cwd=desk.folder, input=done.stdout, check=True)
    assert desk.cv.read_bytes() == AFTER.replace("\n", "\r\n").encode("cp1252")


def test_a_link_to_the_list_is_followed_and_a_file_elsewhere_is_named_from_its_folder(
    desk: Desk,
) -> None:
    elsewhere = desk.folder.parent / "elsewhere"
    elsewhere.mkdir()
    real = elsewhere / "my list.txt"
    desk.cv.rename(real)
    desk.cv.symlink_to(real)
    said = desk.check("--diff")
    assert said.out.startswith("--- my list.txt\t\n")
    assert f"the patch is for the folder {elsewhere}: patch -p0 there" in said.err
    assert desk.check("--write").code == 0
    assert desk.cv.is_symlink()
    assert real.read_bytes() == AFTER.encode()
    assert (elsewhere / "my list.txt.bak").read_bytes() == CV.encode()


def test_a_badge_is_lowered_only_when_that_is_asked_for(folder: Path, citewatch: Citewatch) -> None:
    desk = Desk(folder, citewatch, AFTER)
    desk.init()
    desk.counted(20, 19, 18, 17, **COUNTS)
    desk.counted(4.1, 3, 2, 1, 0.01, **COUNTS | {"robust_trees_for_2019": 280})
    row = desk.badges()[TREES]
    assert (row["verdict"], row["suggest"]) == ("lower", "200+ citations")
    kept = desk.check("--write")
    assert (kept.code, desk.cv.read_bytes()) == (1, AFTER.encode())
    lowered = desk.check("--write", "--allow-lower")
    assert (lowered.code, desk.cv.read_bytes()) == (
        0, AFTER.replace("400+", "200+").encode()
    )  # fmt: skip
    assert 'claim = "200+"' in (desk.folder / "config.toml").read_text()


def test_old_counts_raise_nothing_and_unknown_alone_ends_with_0(
    folder: Path, citewatch: Citewatch
) -> None:
    desk = Desk(folder, citewatch)
    desk.init()
    unasked = desk.check()
    assert unasked.code == 0
    assert "no source has been asked yet: run 'citewatch sync'" in unasked.err
    assert "3 badges: 3 unknown" in unasked.out
    desk.counted(40, 30, **COUNTS)
    said = desk.check("--write")
    assert (said.code, desk.cv.read_bytes()) == (0, CV.encode())
    assert "older than twice its schedule" in said.out


def test_an_earned_badge_is_said_and_not_inserted(desk: Desk) -> None:
    desk.counted(0.003, 0.002, nothing_yet_about_2024=12)
    desk.check("--write")
    row = desk.badges()[NOTHING]
    assert (row["verdict"], row["suggest"], row["text"]) == ("add", "10+ citations", "")
    said = desk.check("--write")
    assert said.code == 1
    assert "none was inserted" in said.err
    assert desk.cv.read_bytes() == AFTER.encode()
    assert desk.check("--badges-only").code == 0


def test_entries_that_are_not_watched_are_named_with_what_to_do(desk: Desk) -> None:
    more = "\n[5] Gardens under Snow in Winter\nJane Roe, Erika Müster\nMade Conference, 2021, 50+ citations\n"
    desk.cv.write_bytes((CV + more).encode())
    said = desk.check()
    assert "1 entry is not watched (line 19): 'citewatch add cv.txt' watches them" in said.out
    (entry,) = desk.check("--format", "json").data["unmatched"]
    assert (entry["entry"], entry["line"], entry["title"]) == (
        5,
        19,
        "Gardens under Snow in Winter",
    )
    desk.check("--write")
    assert desk.cv.read_bytes() == (AFTER + more).encode()


def test_a_watched_file_is_the_truth_for_its_papers(folder: Path, citewatch: Citewatch) -> None:
    desk = Desk(folder, citewatch)
    config = folder / "config.toml"
    config.write_text('[watchlists.me]\ntitle = "Me"\nlists = ["cv.txt"]\n')
    assert desk.check().code == 0, "nothing is known yet"
    before = config.read_bytes()
    citewatch("sync")  # reads the list; no source can be reached
    desk.counted(**COUNTS)
    assert desk.check("--write").code == 0
    assert desk.cv.read_bytes() == AFTER.encode()
    assert config.read_bytes() == before
    claims = {
        p["key"]: p.get("claim") for p in citewatch("report", "--format", "json").data["papers"]
    }
    assert claims[TREES] == 400


def test_a_list_that_is_saved_while_it_is_checked_is_left_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = checking.open_document

    def save(path: Path) -> Document:
        document = real(path)
        desk.cv.write_bytes(CV.replace("Trees", "Shrubs").encode())
        return document

    monkeypatch.setattr(checking, "open_document", save)
    said = desk.check("--write")
    assert said.code == 2
    assert "was changed by someone else meanwhile; nothing was written" in said.err
    assert b"Shrubs" in desk.cv.read_bytes()
    assert not list(desk.folder.glob("*.bak*"))


def test_what_is_not_watched_is_asked_about_when_that_is_wanted(
    pointed: Sandbox, folder: Path, citewatch: Citewatch
) -> None:
    assert citewatch("init").code == 0
    (folder / "cv.txt").write_text(
        "[1] ZOO: Zeroth Order Optimization based Black-box Attacks to Deep Neural Networks "
        "without Training Substitute Models\nPin-Yu Chen, Huan Zhang, Yash Sharma, Jinfeng Yi, "
        "Cho-Jui Hsieh\nAISec 2017 (10+ citations)\nhttps://arxiv.org/abs/1708.03999\n"
    )
    offline = citewatch("check", "cv.txt", "--format", "json")
    assert (offline.code, offline.data["badges"][0]["verdict"]) == (0, "unknown")
    assert not pointed.requests
    said = citewatch("check", "cv.txt", "--resolve", "--write", "--format", "json")
    assert said.code == 0, said.err
    (row,) = said.data["badges"]
    assert (row["verdict"], row["source"], row["written"]) == ("raise", "semantic_scholar", True)
    assert row["suggest"] in (folder / "cv.txt").read_text()
    assert pointed.requests


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["no.txt"], "no.txt: no such file"),
        (["cv.txt", "--source", "nobody"], "no source 'nobody'"),
        (["cv.txt", "--diff", "--format", "json"], "it goes without --format json"),
        (["cv.txt", "--allow-lower"], "--allow-lower says what --write and --diff may do"),
        (["."], "a folder, not a file"),
    ],
)
def test_a_mistake_is_one_message_and_ends_with_2(
    desk: Desk, words: list[str], problem: str
) -> None:
    said = desk.citewatch("check", *words)
    assert said.code == 2
    assert problem in said.err
    assert said.out == ""
    assert "Traceback" not in said.err


def test_without_a_configuration_the_user_is_told_how_to_get_one(
    folder: Path, citewatch: Citewatch
) -> None:
    (folder / "cv.txt").write_text(CV)
    said = citewatch("check", "cv.txt")
    assert said.code == 2
    assert "'citewatch init cv.txt' makes one" in said.err
