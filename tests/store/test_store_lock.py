"""One writer a database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_samples import NOW, Nobody

from citewatch.errors import Busy, ReadOnly
from citewatch.store import writer_lock

HOLDER = """
import sys, pathlib
from citewatch.store import writer_lock
with writer_lock(pathlib.Path(sys.argv[1]), now=1_790_000_000, who="citewatch run"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def take(path: Path) -> None:
    with writer_lock(path, now=NOW, who="citewatch sync"):
        pass


def test_a_second_process_is_told_who_holds_the_lock(
    path: Path, holder: subprocess.Popen[bytes]
) -> None:
    with pytest.raises(Busy) as caught:
        take(path)
    assert f"process {holder.pid}" in caught.value.problem
    assert "'citewatch run'" in caught.value.problem
    assert f"on {socket.gethostname()}" in caught.value.problem
    assert (caught.value.who, caught.value.process) == ("citewatch run", holder.pid)
    assert f"kill {holder.pid}" in caught.value.remedy, "a daemon does not end by itself"
    assert "since 2026-09-21T14:13:20Z" in caught.value.problem


def test_the_lock_of_a_killed_process_is_free(path: Path, holder: subprocess.Popen[bytes]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    take(path)


def test_the_lock_can_be_taken_once_only_within_a_process(path: Path) -> None:
    with writer_lock(path, now=NOW, who="one"), pytest.raises(Busy, match="'one'"):
        take(path)


def test_the_lock_is_free_after_the_block_also_when_it_failed(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), writer_lock(path, now=NOW, who="x"):
        _ = 1 / 0
    take(path)


def test_the_lock_file_is_for_its_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        take(path)
    finally:
        os.umask(before)
    assert (path.parent / "citewatch.db.lock").stat().st_mode & 0o777 == 0o600


def test_a_lock_file_that_says_nothing_still_locks(path: Path) -> None:
    with writer_lock(path, now=NOW, who="x"):
        (path.parent / "citewatch.db.lock").write_text("")
        with pytest.raises(Busy, match="another citewatch"):
            take(path)


def test_a_command_line_cannot_forge_what_the_lock_says(path: Path) -> None:
    with (
        writer_lock(path, now=NOW, who="sync\n1\x1b[31m"),
        pytest.raises(Busy) as caught,
    ):
        take(path)
    assert "\x1b" not in caught.value.problem
    assert f"process {os.getpid()}" in caught.value.problem


def test_a_link_in_place_of_the_lock_is_not_followed(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    (path.parent / "citewatch.db.lock").symlink_to(target)
    with pytest.raises(ReadOnly):
        take(path)
    assert target.read_text() == "mine"


def test_a_missing_folder_cannot_be_locked(tmp_path: Path) -> None:
    with pytest.raises(ReadOnly, match="absent"):
        take(tmp_path / "absent" / "c.db")


def test_a_folder_without_permission_cannot_be_locked(open_folder: Path, nobody: Nobody) -> None:
    with nobody(), pytest.raises(ReadOnly):
        take(open_folder / "c.db")
