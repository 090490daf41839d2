"""Opening a database: new, ours, somebody else's, locked, read-only, damaged."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from store_samples import NOW, Nobody, Opener, one_series, paper, url

from citewatch.errors import Busy, NotOurs, ReadOnly, StoreError, TooNew
from citewatch.store import database_path, open_store


def refuse(error: type[StoreError], opened: Opener, **options: object) -> StoreError:
    with pytest.raises(error) as caught:
        opened(**options)
    assert type(caught.value) is error
    assert caught.value.problem
    return caught.value


def listing(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


def test_a_new_file_is_made_and_found_again(path: Path) -> None:
    with closing(open_store(url(path), now=NOW)) as store:
        store.add_papers([paper()], now=NOW)
    with closing(open_store(url(path), now=NOW)) as store:
        assert [p.paper.key for p in store.papers()] == ["zoo-zeroth-order-2017"]


def test_a_closed_store_leaves_one_file_behind(path: Path) -> None:
    with closing(open_store(url(path), now=NOW)) as store:
        one_series(store)
    assert [p.name for p in path.parent.iterdir()] == ["citewatch.db"]


def test_an_empty_file_becomes_a_database(path: Path, opened: Opener) -> None:
    path.touch()
    assert opened().papers() == []


def test_a_database_whose_making_was_cut_short_is_made_anew(path: Path, opened: Opener) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
    assert opened().papers() == []


def test_a_path_with_signs_that_urls_reserve_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "50% off? #1 & co.db"
    open_store(url(path), now=NOW).close()
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_the_file_is_in_wal_mode(path: Path, store: object) -> None:
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_file_is_never_writable_by_everybody(path: Path, opened: Opener) -> None:
    before = os.umask(0)
    try:
        opened()
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o002 == 0


@pytest.mark.parametrize(
    "address", ["mysql://me:geheim@host/db", "sqlite://", "sqlite:///:memory:", "citewatch.db"]
)
def test_other_databases_are_refused_with_what_is_possible(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(address, now=NOW)
    assert "sqlite:///" in caught.value.remedy
    assert "geheim" not in str(caught.value)


def test_the_url_names_the_file(tmp_path: Path) -> None:
    assert database_path(f"sqlite:///{tmp_path}/a.db") == tmp_path / "a.db"


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("content", [b"hi\n", bytes(range(256)) * 40, b"key,title\n" * 5000])
def test_a_file_that_is_not_sqlite_is_not_ours(
    path: Path, opened: Opener, read_only: bool, content: bytes
) -> None:
    path.write_bytes(content)
    before = listing(path.parent)
    refuse(NotOurs, opened, read_only=read_only)
    assert listing(path.parent) == before


def test_a_file_that_only_begins_like_sqlite_is_not_ours(path: Path, opened: Opener) -> None:
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 4096)
    refuse(NotOurs, opened)


@pytest.mark.parametrize("mark", [0, 1234])
def test_the_database_of_another_program_is_not_ours(path: Path, opened: Opener, mark: int) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE alembic_version (version_num TEXT)")
        other.execute("INSERT INTO alembic_version VALUES ('0001')")
        other.execute(f"PRAGMA application_id = {mark}")
        other.commit()
    before = listing(path.parent)
    refuse(NotOurs, opened)
    assert listing(path.parent) == before


def test_a_folder_in_place_of_the_file_is_not_ours(path: Path, opened: Opener) -> None:
    path.mkdir()
    refuse(NotOurs, opened)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_database_is_refused_untouched(path: Path, opened: Opener, read_only: bool) -> None:
    opened().close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    before = listing(path.parent)
    error = refuse(TooNew, opened, read_only=read_only)
    assert "9999" in error.problem
    assert listing(path.parent) == before


def test_a_missing_folder_is_named(tmp_path: Path, opened: Opener) -> None:
    error = refuse(ReadOnly, opened, where=tmp_path / "absent" / "c.db")
    assert str(tmp_path / "absent") in error.problem


def test_a_folder_that_takes_no_files_is_read_only_even_for_root(opened: Opener) -> None:
    if not Path("/proc/self").is_dir():
        pytest.skip("no /proc here")
    refuse(ReadOnly, opened, where=Path("/proc/citewatch.db"))


def test_a_folder_without_permission_is_read_only(
    open_folder: Path, opened: Opener, nobody: Nobody
) -> None:
    with nobody():
        refuse(ReadOnly, opened, where=open_folder / "c.db")
    assert list(open_folder.iterdir()) == []


def test_a_file_without_permission_is_read_only(
    open_folder: Path, opened: Opener, nobody: Nobody
) -> None:
    path = open_folder / "c.db"
    opened(path).close()
    path.chmod(0o444)
    open_folder.chmod(0o777)
    with nobody():
        refuse(ReadOnly, opened, where=path)


def test_reading_needs_no_permission_to_write(
    open_folder: Path, opened: Opener, nobody: Nobody
) -> None:
    path = open_folder / "c.db"
    full = opened(path)
    one_series(full)
    full.close()
    path.chmod(0o444)
    open_folder.chmod(0o555)
    with nobody():
        store = opened(path, read_only=True)
        assert len(store.papers()) == 1
        store.close()


def test_reading_where_nothing_may_be_written_sees_what_stands_in_the_log(
    open_folder: Path, opened: Opener, nobody: Nobody
) -> None:
    path = open_folder / "c.db"
    one_series(opened(path))  # stays open: its rows are in the -wal file alone
    with nobody():
        store = opened(path, read_only=True)
        assert len(store.papers()) == 1
        store.close()


def test_a_store_for_reading_refuses_to_write(opened: Opener) -> None:
    opened().close()
    store = opened(read_only=True)
    with pytest.raises(ReadOnly):
        store.add_papers([paper()], now=NOW)


def test_reading_only_leaves_an_existing_folder_as_it_is(path: Path, opened: Opener) -> None:
    opened().close()
    before = listing(path.parent)
    store = opened(read_only=True)
    assert store.papers() == []
    store.close()
    assert listing(path.parent) == before


def test_an_absent_file_reads_as_an_empty_store_and_is_not_made(path: Path, opened: Opener) -> None:
    store = opened(read_only=True)
    assert store.papers() == store.histories() == store.changes() == store.runs() == []
    assert not path.exists()


def test_an_empty_store_in_memory_takes_writes_and_forgets_them(path: Path, opened: Opener) -> None:
    store = opened(read_only=True)
    held = one_series(store)
    assert store.due(held.source, now=NOW)[0].held == held
    assert not path.exists()


def test_a_locked_database_is_busy(path: Path, opened: Opener) -> None:
    opened().close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        refuse(Busy, opened, busy_ms=20)


def test_a_locked_database_can_be_read(path: Path, opened: Opener) -> None:
    one_series(opened())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert len(opened(read_only=True, busy_ms=20).papers()) == 1


def test_a_database_locked_later_is_busy_and_nothing_is_stored(path: Path, opened: Opener) -> None:
    store = opened(busy_ms=20)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Busy):
            one_series(store)
    assert store.papers() == []


def test_a_damaged_database_says_so_and_names_a_way_back(path: Path, opened: Opener) -> None:
    one_series(opened())
    opened().close()
    whole = path.read_bytes()
    for log in path.parent.glob("*-wal"):
        log.unlink()
    path.write_bytes(whole[:100] + b"\xee" * (len(whole) - 100))
    with pytest.raises(StoreError) as caught:
        opened()
    assert "damaged" in caught.value.problem
    assert "backup" in caught.value.remedy


def test_damage_behind_the_first_page_is_told_when_it_is_met(path: Path, opened: Opener) -> None:
    first = opened()
    one_series(first)
    first.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xee" * (len(whole) - 4096))
    with pytest.raises(StoreError) as caught:
        opened(read_only=True).papers()
    assert "damaged" in caught.value.problem


def test_opening_an_up_to_date_file_does_not_import_alembic(path: Path, opened: Opener) -> None:
    opened().close()
    code = (
        "import sys; from citewatch.store import open_store\n"
        f"open_store({url(path)!r}, now=1).close()\n"
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
