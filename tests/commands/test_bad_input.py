"""Wrong input: one clear message, the exit code of a usage error, nothing changed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest
from command_world import Citewatch

from citewatch.sandbox import Sandbox
from citewatch.store import writer_lock


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.txt", b"", "the file is empty"),
        ("binary.txt", bytes(range(256)) * 8, "a binary file"),
        ("prose.txt", b"Dear colleagues,\nthank you all.\n", "no paper found in 2 lines"),
        ("cv.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
    ],
)
def test_a_list_that_is_none_changes_nothing(
    citewatch: Citewatch, folder: Path, name: str, content: bytes, message: str
) -> None:
    (folder / name).write_bytes(content)
    said = citewatch("init", name)
    assert said.code == 2
    assert message in said.err
    assert "Traceback" not in said.err
    assert not (folder / "config.toml").exists()


def test_an_existing_config_is_left_alone(citewatch: Citewatch, folder: Path) -> None:
    (folder / "config.toml").write_text("# mine\n", encoding="utf-8")
    assert citewatch("init").code == 2
    assert (folder / "config.toml").read_text(encoding="utf-8") == "# mine\n"


def test_without_a_config_every_command_says_how_to_begin(citewatch: Citewatch) -> None:
    for command in (["report"], ["list"], ["sync"], ["sources"], ["changes"], ["resolve"]):
        said = citewatch(*command)
        assert said.code == 2, command
        assert "citewatch init" in said.err


def test_all_mistakes_of_a_config_are_said_at_once(citewatch: Citewatch, folder: Path) -> None:
    (folder / "config.toml").write_text(
        '[sources.arxiv]\nevry = "1d"\n[milestones]\nladder = [50, 10]\nconfirm_after = 3\n',
        encoding="utf-8",
    )
    said = citewatch("sync")
    assert said.code == 2
    for part in ("line 2", "did you mean 'every'", "line 4", "line 5"):
        assert part in said.err
    assert not (folder / "citewatch.db").exists()


@pytest.mark.parametrize("content", [b"not a database" * 100, b""], ids=["text", "empty"])
def test_a_file_that_is_no_database_is_left_alone(
    citewatch: Citewatch, folder: Path, content: bytes
) -> None:
    assert citewatch("init").code == 0
    (folder / "citewatch.db").write_bytes(content)
    said = citewatch("report")
    if content:
        assert said.code == 2
        assert "not a citewatch database" in said.err
    assert (folder / "citewatch.db").read_bytes() == content


def test_a_database_of_another_program_is_left_alone(citewatch: Citewatch, folder: Path) -> None:
    citewatch("init")
    database = sqlite3.connect(folder / "citewatch.db")
    database.execute("create table mail (id integer)")
    database.commit()
    database.close()
    said = citewatch("sync")
    assert said.code == 2
    assert "another program" in said.err


def test_two_syncs_at_once_are_one_sync(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    with writer_lock(folder / "citewatch.db", now=0, who="citewatch sync"):
        said = citewatch("sync")
    assert said.code == 2
    assert "citewatch sync" in said.err
    assert str(os.getpid()) in said.err
    assert not listed.requests
    assert citewatch("sync").code == 0


def test_what_is_neither_file_nor_identifier_is_refused_whole(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    before = (folder / "config.toml").read_bytes()
    said = citewatch("add", "arxiv:2101.00001", "no-such-thing")
    assert said.code == 2
    assert "neither a file nor an identifier" in said.err
    assert (folder / "config.toml").read_bytes() == before


def test_a_paper_is_added_once_and_removed_with_its_history_kept(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    citewatch("sync")
    assert "watched already" in citewatch("add", "https://arxiv.org/abs/1708.03999v2").out
    before = (folder / "config.toml").read_bytes()
    assert citewatch("remove", "zoo-zeroth-order-2017").code == 0
    assert "zoo-zeroth" not in citewatch("list").out
    added = citewatch("add", "arxiv:1708.03999")
    assert "added zoo-zeroth-order-2017" in added.out
    assert len(before) > 0
    history = citewatch("history", "zoo-zeroth-order-2017", "--format", "json").data
    assert history["series"]["semantic_scholar"][0]["citations"] > 1300


def test_a_paper_of_a_list_file_is_ignored_and_taken_back(
    pointed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    (folder / "more.txt").write_text(
        "Publications\n\n[1] Counting without Looking\nJane Roe, Bo Li\nMade Conference, 2018\n\n"
        "[2] Sorting Unseen Bolts\nJane Roe, Bo Li\nMade Conference, 2019\n",
        encoding="utf-8",
    )
    (folder / "config.toml").write_text(
        '[watchlists.me]\nlists = ["more.txt"]  # mine\n', encoding="utf-8"
    )
    before = (folder / "config.toml").read_bytes()
    assert citewatch("remove", "counting-without-looking-2018").code == 0
    assert b'ignore = ["counting-without-looking-2018"]' in (folder / "config.toml").read_bytes()
    keys = [p["key"] for p in citewatch("list", "--format", "json").data["papers"]]
    assert keys == ["sorting-unseen-bolts-2019"]
    assert "added counting-without" in citewatch("add", "more.txt").out
    keys = [p["key"] for p in citewatch("list", "--format", "json").data["papers"]]
    assert keys == ["counting-without-looking-2018", "sorting-unseen-bolts-2019"]
    assert before.rstrip() in (folder / "config.toml").read_bytes()


def test_a_list_file_that_shrinks_or_vanishes_changes_nothing_and_is_said_once(
    pointed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    entries = "".join(
        f"[{n}] A Study of Thing Number {n}\nJane Roe, Bo Li\nMade Conference, 2018\n\n"
        for n in range(1, 7)
    )
    path = folder / "more.txt"
    path.write_text(f"Publications\n\n{entries}", encoding="utf-8")
    (folder / "config.toml").write_text('[watchlists.me]\nlists = ["more.txt"]\n', encoding="utf-8")
    assert citewatch("sync").code == 0
    for content in (None, "", f"Publications\n\n{entries[:80]}"):
        path.unlink(missing_ok=True)
        if content is not None:
            path.write_text(content, encoding="utf-8")
        first, second = citewatch("sync"), citewatch("sync")
        assert "more.txt" in first.err
        assert "more.txt" not in second.err
        assert len(citewatch("list", "--format", "json").data["papers"]) == 6
    path.write_text(f"Publications\n\n{entries}", encoding="utf-8")
    assert citewatch("sync").err == ""


def test_usage_errors_name_the_nearest_command(citewatch: Citewatch) -> None:
    said = citewatch("reprot")
    assert said.code == 2
    assert "did you mean 'report'" in said.err


def _run(folder: Path, *words: str, limit: int | None = None) -> subprocess.Popen[str]:
    """The program as a process, its files limited to ``limit`` bytes."""
    limited = f"ulimit -f {limit // 512}; " if limit is not None else ""
    return subprocess.Popen(
        ["sh", "-c", f'{limited}exec "$@"', "sh", sys.executable, "-m", "citewatch", *words],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _whole(folder: Path) -> None:
    database = sqlite3.connect(folder / "citewatch.db")
    try:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        orphans = database.execute(
            "select count(*) from change where paper_id not in (select id from paper)"
        ).fetchone()
        assert orphans == (0,)
    finally:
        database.close()


def _has_counts(folder: Path) -> bool:
    """Whether an answer is stored already; the database may still be in the making."""
    file = f"file:{folder / 'citewatch.db'}?mode=ro"
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(file, uri=True)) as database,
    ):
        query = "select count(*) from track where citation_count > 0"
        return bool(database.execute(query).fetchone()[0])
    return False


def test_ctrl_c_in_the_middle_keeps_what_was_seen(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    listed.latency_s = 0.15
    process = _run(folder, "sync")
    while process.poll() is None and not _has_counts(folder):
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    listed.latency_s = 60.0  # whatever is asked now is still open when the end comes
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "everything seen so far is kept" in err
    assert "Traceback" not in err
    _whole(folder)
    listed.latency_s = 0.0
    assert citewatch("report", "--format", "json").data["totals"]["citations"] > 0
    assert citewatch("sync").code == 0


def test_a_full_disk_during_a_sync_is_said_and_loses_nothing(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    process = _run(folder, "sync", limit=250_000)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert "no room on the disk" in err
    assert "Traceback" not in err
    _whole(folder)
    assert citewatch("sync").code == 0
