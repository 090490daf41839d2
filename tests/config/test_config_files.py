"""Putting a new config.toml in the place of the old one."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from citewatch.config import files, read_config, write_config
from citewatch.errors import InputError


def test_a_file_is_replaced_as_a_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"old\r\n")
    path.chmod(0o640)
    write_config(path, "new – text\r\n", expected=read_config(path))
    assert path.read_bytes() == "new – text\r\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_mode_of_an_ordinary_one(tmp_path: Path) -> None:
    path, other = tmp_path / "config.toml", tmp_path / "other"
    write_config(path, "new\n", expected=None)
    other.touch()
    assert path.read_text() == "new\n"
    assert path.stat().st_mode == other.stat().st_mode
    assert sorted(tmp_path.iterdir()) == [path, other]


def test_an_existing_file_is_left_alone_when_there_must_be_none(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("mine")
    with pytest.raises(InputError) as caught:
        write_config(path, "new", expected=None)
    assert str(caught.value) == (
        f"{path}: exists already; nothing was changed\nedit it, or move it away first"
    )
    assert path.read_text() == "mine"


def test_a_file_that_appears_at_the_last_moment_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    real = os.fsync

    def appear(handle: int) -> None:
        real(handle)
        path.write_text("mine")

    monkeypatch.setattr(files.os, "fsync", appear)
    with pytest.raises(InputError, match="exists already"):
        write_config(path, "new", expected=None)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("gone", [True, False])
def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path, gone: bool) -> None:
    path = tmp_path / "config.toml"
    path.write_text("theirs")
    if gone:
        path.unlink()
    with pytest.raises(InputError) as caught:
        write_config(path, "new", expected=b"old")
    assert str(caught.value) == (
        f"{path}: was changed by someone else meanwhile; nothing was written\nrun the command again"
    )
    assert gone != path.exists()


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "c.toml", tmp_path / "config.toml"
    real.write_text("old")
    link.symlink_to(real)
    write_config(link, "new", expected=b"old")
    assert link.is_symlink()
    assert real.read_text() == "new"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "no room on the disk; nothing was changed"),
        (errno.EIO, "cannot be written: Input/output error; nothing was changed"),
        (errno.EROFS, "cannot be written: Read-only file system; nothing was changed"),
    ],
)
def test_a_failed_write_changes_nothing_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, message: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("old")

    def fail(handle: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(files.os, "fsync", fail)
    with pytest.raises(InputError) as caught:
        write_config(path, "new", expected=b"old")
    assert caught.value.problem == f"{path}: {message}"
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_read_only_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text("old")
    path.chmod(0o444)
    # Nothing is read-only for root, who may be running this.
    monkeypatch.setattr(files.os, "access", lambda file, mode: file != path)
    with pytest.raises(InputError, match="cannot be written: Permission denied"):
        write_config(path, "new", expected=b"old")
    assert path.read_text() == "old"


def test_a_folder_that_is_not_there_is_one_clear_message(tmp_path: Path) -> None:
    path = tmp_path / "no" / "config.toml"
    with pytest.raises(InputError) as caught:
        write_config(path, "new", expected=None)
    assert caught.value.problem == (
        f"{path}: cannot be written: No such file or directory; nothing was changed"
    )
