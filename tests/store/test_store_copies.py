"""Copies: consistent while others write, checked, whole or not at all."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from store_samples import NOW, Nobody, Opener, keep, milestone, one_series, reading

from citewatch.errors import Full, InputError, NotOurs, ReadOnly, StoreError, TooNew
from citewatch.ports import Batch
from citewatch.store import FileKeeper, copies, look_into, write_copy


def fill(opened: Opener, count: int = 3) -> int:
    store = opened()
    held = one_series(store)
    keep(store, held.series, *(reading(NOW + at, 90 + at) for at in range(count)))
    store.apply(Batch(changes=[milestone(held.paper)]))
    return held.series


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file may grow beyond ``size`` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def listing(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_a_copy_says_what_it_holds_and_is_one_file(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    target = tmp_path / "away" / "copy.db"
    target.parent.mkdir()
    found = write_copy(path, target)
    assert (found.papers, found.readings, found.changes) == (1, 3, 1)
    assert (found.oldest_reading_at, found.newest_reading_at) == (NOW, NOW + 2)
    assert found == look_into(target)
    assert listing(target.parent) == {"copy.db"}


def test_a_copy_can_be_used_as_a_database(path: Path, opened: Opener, tmp_path: Path) -> None:
    fill(opened)
    write_copy(path, tmp_path / "copy.db")
    store = opened(tmp_path / "copy.db")
    assert len(store.histories()[0].snapshots) == 3
    with closing(sqlite3.connect(tmp_path / "copy.db")) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_copy_taken_while_another_writes_is_of_one_moment(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    """Each batch adds two readings, so a copy with an odd number would be torn."""
    store = opened()
    held = one_series(store)
    stop = threading.Event()

    def write() -> None:
        at = NOW
        while not stop.is_set():
            keep(store, held.series, reading(at, at % 97), reading(at + 1, at % 89))
            at += 2

    writer = threading.Thread(target=write)
    writer.start()
    try:
        found = [write_copy(path, tmp_path / "copy.db").readings for _ in range(8)]
    finally:
        stop.set()
        writer.join()
    assert [number % 2 for number in found] == [0] * 8
    assert found == sorted(found)
    assert found[-1] > found[0]


def test_a_copy_is_readable_for_no_more_people_than_the_original(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    path.chmod(0o600)
    write_copy(path, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_a_read_only_original_gives_a_copy_that_can_be_written(
    opened: Opener, open_folder: Path, nobody: Nobody
) -> None:
    fill_at = open_folder / "c.db"
    opened(fill_at).close()
    fill_at.chmod(0o444)
    open_folder.chmod(0o777)
    with nobody():
        write_copy(fill_at, open_folder / "copy.db")
    assert (open_folder / "copy.db").stat().st_mode & 0o777 == 0o644


def test_a_full_disk_leaves_the_copy_from_before(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    fill(opened)
    target = tmp_path / "copy.db"
    write_copy(path, target)
    before = target.read_bytes()
    fill_more = opened()
    keep(fill_more, 1, *(reading(NOW + 10 + at, at) for at in range(20_000)))
    names = listing(tmp_path)
    with small_disk(100_000), pytest.raises(Full) as caught:
        write_copy(path, target)
    assert str(target.name) in caught.value.problem
    assert target.read_bytes() == before
    assert listing(tmp_path) == names


def test_a_missing_folder_and_one_without_permission_are_told(
    path: Path, opened: Opener, open_folder: Path, nobody: Nobody, tmp_path: Path
) -> None:
    fill(opened)
    with pytest.raises(InputError, match="there is no folder"):
        write_copy(path, tmp_path / "absent" / "copy.db")
    source = open_folder / "c.db"
    opened(source).close()
    with nobody(), pytest.raises(ReadOnly, match="cannot be written"):
        write_copy(source, open_folder / "copy.db")
    assert listing(open_folder) == {"c.db"}


def test_a_copy_that_would_fill_the_disk_is_not_begun(
    path: Path, opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(opened)
    usage = shutil.disk_usage(tmp_path)._replace(free=10_000_000)
    monkeypatch.setattr(copies.shutil, "disk_usage", lambda _folder: usage)
    with pytest.raises(Full, match=r"0\.\d MB are needed, 10\.0 MB free"):
        write_copy(path, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_no_room_for_an_empty_file_is_a_full_disk(
    path: Path, opened: Opener, tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(opened)

    def full(*_words: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(copies.os, "open", full)
    with pytest.raises(Full):
        write_copy(path, tmp_path / "copy.db")


def damage(path: Path) -> None:
    """Overwrite the second half."""
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + b"\xee" * (len(whole) - len(whole) // 2))


def test_a_damaged_database_gives_no_copy(path: Path, opened: Opener, tmp_path: Path) -> None:
    fill(opened, 5000)
    opened().close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = tmp_path / "whole.db"
    shutil.copy(path, whole)
    damage(whole)
    with pytest.raises(StoreError, match="damaged"):
        write_copy(whole, tmp_path / "copy.db")
    with pytest.raises(StoreError, match="damaged"):
        look_into(whole)
    assert not (tmp_path / "copy.db").exists()


def test_what_is_no_database_of_ours_is_refused(path: Path, opened: Opener, tmp_path: Path) -> None:
    text = tmp_path / "text.db"
    text.write_text("key,title\n" * 500)
    with pytest.raises(NotOurs):
        look_into(text)
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as bare:
        bare.execute("CREATE TABLE mine (x)")
    with pytest.raises(NotOurs, match="another program"):
        look_into(other)
    (tmp_path / "empty.db").touch()
    with pytest.raises(NotOurs, match="empty"):
        look_into(tmp_path / "empty.db")
    with pytest.raises(InputError, match="is not there"):
        look_into(tmp_path / "absent.db")
    with pytest.raises(InputError, match="is a folder"):
        look_into(tmp_path)
    fill(opened)
    write_copy(path, tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as bare:
        bare.execute("UPDATE alembic_version SET version_num = '9999'")
        bare.commit()
    with pytest.raises(TooNew):
        look_into(tmp_path / "copy.db")


def test_a_copy_can_be_looked_into_where_nothing_may_be_written(
    opened: Opener, open_folder: Path, nobody: Nobody
) -> None:
    opened(open_folder / "c.db").close()
    write_copy(open_folder / "c.db", open_folder / "copy.db")
    (open_folder / "copy.db").chmod(0o444)
    open_folder.chmod(0o555)
    with nobody():
        assert look_into(open_folder / "copy.db").papers == 0
    assert listing(open_folder) == {"c.db", "copy.db"}


def test_how_far_a_copy_reaches_back(path: Path, opened: Opener, tmp_path: Path) -> None:
    keeper = FileKeeper(path)
    assert keeper.oldest_reading(path) is None
    fill(opened)
    assert keeper.oldest_reading(path) == NOW
    (tmp_path / "x.db").write_text("no database")
    assert keeper.oldest_reading(tmp_path / "x.db") is None
    assert keeper.copies(tmp_path / "absent") == []
