"""Backups by hand and by the clock, and that tidying alters no figure."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from citewatch.bootstrap import seeded_chance
from citewatch.domain.papers import DAY
from citewatch.errors import Full, InputError
from citewatch.ports import Contents, Run
from citewatch.services.health import source_health
from citewatch.services.keeping import (
    BackupPlan,
    back_up,
    back_up_if_due,
    backup_name,
    backup_state,
    is_due,
    lost_database,
    made_at,
    own_backups,
    tidy_if_due,
)
from citewatch.services.report import build_report
from citewatch.store import FileKeeper, SqlStore, open_store
from worlds import ARXIV, HELD, MISSING, S2, World, day, paper

NOW = day(10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "citewatch.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqlStore]:
    with closing(open_store(f"sqlite:///{path}", now=day(0))) as opened:
        yield opened


@pytest.fixture
def world(store: SqlStore) -> World:
    made = World(paper("a-2020", "A"), paper("b-2021", "B"), store=store)
    made.ask(day(1), {0: 5, 1: 7})
    return made


@pytest.fixture
def plan(tmp_path: Path) -> BackupPlan:
    return BackupPlan(folder=tmp_path / "backups", stem="citewatch", every_s=7 * DAY, keep=3)


class FullDisk(FileKeeper):
    """A keeper whose disk is full."""

    def copy_to(self, target: Path) -> Contents:
        raise Full(f"{target}: no room on the disk")


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []


# --- by hand ---------------------------------------------------------------------


def test_a_backup_replaces_an_older_one_of_the_same_history(
    path: Path, world: World, tmp_path: Path
) -> None:
    keeper, target = FileKeeper(path), tmp_path / "backup.db"
    assert back_up(keeper, target).readings == 2
    world.ask(day(2), {0: 6, 1: 9})
    assert back_up(keeper, target).readings == 4


def test_a_backup_that_holds_more_is_not_overwritten(
    path: Path, world: World, tmp_path: Path
) -> None:
    keeper, target = FileKeeper(path), tmp_path / "backup.db"
    back_up(keeper, target)
    world.store.close()
    path.unlink()
    with closing(open_store(f"sqlite:///{path}", now=day(5))) as anew:
        World(paper("a-2020", "A"), store=anew).ask(day(5), {0: 6})
    with pytest.raises(InputError, match="holds readings that this database does not have"):
        back_up(keeper, target)
    assert keeper.contents(target).readings == 2
    assert back_up(keeper, target, force=True).readings == 1


def test_a_file_of_another_kind_is_left_alone_also_with_force(
    path: Path, world: World, tmp_path: Path
) -> None:
    keeper = FileKeeper(path)
    thesis = tmp_path / "thesis.txt"
    thesis.write_text("chapter one")
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as bare:
        bare.execute("CREATE TABLE mine (x)")
    for file in (thesis, other):
        with pytest.raises(InputError, match="not a citewatch database"):
            back_up(keeper, file, force=True)
    assert thesis.read_text() == "chapter one"
    with pytest.raises(InputError, match="is a folder"):
        back_up(keeper, tmp_path)


def test_a_database_in_use_is_no_place_for_a_backup(path: Path, world: World) -> None:
    with pytest.raises(InputError, match="in use"):
        back_up(FileKeeper(path), path, force=True)


def test_a_damaged_backup_is_replaced(path: Path, world: World, tmp_path: Path) -> None:
    keeper, target = FileKeeper(path), tmp_path / "backup.db"
    back_up(keeper, target)
    target.write_bytes(target.read_bytes()[:9000])
    assert back_up(keeper, target).readings == 2


# --- by the clock ----------------------------------------------------------------


def test_names_sort_by_time_and_tell_it(plan: BackupPlan) -> None:
    times = [day(0), day(0) + 1, day(40), day(400)]
    made = [backup_name(plan, at) for at in times]
    assert made == sorted(made)
    assert made[0] == "citewatch-20250101T000000Z.db"
    assert [made_at(plan, Path(name)) for name in made] == times
    for other in ("other-20250101T000000Z.db", "citewatch-20259901T000000Z.db", "citewatch.db"):
        assert made_at(plan, Path(other)) is None


def test_a_job_at_the_same_time_each_week_finds_it_due() -> None:
    assert is_due([], 7 * DAY, NOW)
    assert not is_due([NOW - 6 * DAY], 7 * DAY, NOW)
    assert is_due([NOW - 7 * DAY + 60], 7 * DAY, NOW)
    assert is_due([NOW + 400 * DAY], 7 * DAY, NOW), "made by a clock that ran ahead"
    assert not is_due([NOW], 1, NOW)


def test_backups_come_by_the_clock_and_the_oldest_go(
    path: Path, world: World, plan: BackupPlan
) -> None:
    keeper = FileKeeper(path)
    plan.folder.mkdir()
    for name in ("notes.txt", "other-20200101T000000Z.db", "citewatch.before-0001.db"):
        (plan.folder / name).write_text("mine")
    made = []
    for at in range(10, 60):
        done = back_up_if_due(keeper, world.store, plan, now=day(at))
        assert done.news == ""
        made += [at] * bool(done.made)
    assert made == [10, 17, 24, 31, 38, 45, 52, 59]
    kept = [backup_name(plan, day(at)) for at in (45, 52, 59)]
    assert [p.name for _, p in own_backups(keeper, plan)] == kept
    assert {"notes.txt", "other-20200101T000000Z.db"} <= {*names(plan.folder)}
    assert keeper.contents(plan.folder / kept[-1]).readings == 2


def test_what_a_killed_backup_left_behind_is_cleared_away(
    path: Path, world: World, plan: BackupPlan
) -> None:
    plan.folder.mkdir()
    left = plan.folder / f".{backup_name(plan, day(1))}.4711.tmp"
    for file in (left, plan.folder / ".notes.4711.tmp"):
        file.write_text("half")
    back_up_if_due(FileKeeper(path), world.store, plan, now=NOW)
    assert names(plan.folder) == [".notes.4711.tmp", backup_name(plan, NOW)]


def test_one_that_is_kept_is_the_new_one(path: Path, world: World, plan: BackupPlan) -> None:
    plan = replace(plan, keep=1)
    for at in (10, 20, 5):  # the last time the clock was set back
        back_up_if_due(FileKeeper(path), world.store, plan, now=day(at))
        assert names(plan.folder) == [backup_name(plan, day(at))]


def test_no_backups_are_made_where_none_are_wanted(
    path: Path, world: World, plan: BackupPlan
) -> None:
    back_up_if_due(FileKeeper(path), world.store, replace(plan, keep=0), now=NOW)
    assert not plan.folder.exists()


def test_a_backup_that_fails_deletes_nothing_and_is_told_once(
    path: Path, world: World, plan: BackupPlan
) -> None:
    good, full = FileKeeper(path), FullDisk(path)
    for at in (10, 17, 24):
        back_up_if_due(good, world.store, plan, now=day(at))
    before = names(plan.folder)
    told = [
        back_up_if_due(full, world.store, plan, now=day(31) + minute * 60).news
        for minute in range(300)
    ]
    assert [news for news in told if news] == [told[0]]
    assert "no room on the disk" in told[0]
    assert names(plan.folder) == before
    state = backup_state(good, world.store, plan, now=day(32))
    assert state.problem_since == day(31)
    assert "no room" in state.problem
    again = [back_up_if_due(good, world.store, plan, now=day(at)).news for at in (32, 40)]
    assert again == ["automatic backups work again", ""]
    assert backup_state(good, world.store, plan, now=day(40)).problem == ""


def test_a_folder_that_cannot_be_made_is_told(path: Path, world: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    plan = BackupPlan(folder=tmp_path / "file" / "backups", stem="citewatch")
    done = back_up_if_due(FileKeeper(path), world.store, plan, now=NOW)
    assert done.failed
    assert "cannot be written" in done.news


def test_backups_of_a_time_before_the_loss_are_never_deleted(
    path: Path, world: World, plan: BackupPlan
) -> None:
    keeper = FileKeeper(path)
    back_up_if_due(keeper, world.store, plan, now=day(10))
    world.store.close()
    path.unlink()
    with closing(open_store(f"sqlite:///{path}", now=day(15))) as anew:
        World(paper("a-2020", "A"), store=anew).ask(day(15), {0: 6})
        news = [back_up_if_due(keeper, anew, plan, now=day(at)).news for at in range(17, 100)]
    told = [text for text in news if text]
    assert len(told) == 1
    assert "reaches further back" in told[0]
    kept = [p.name for _, p in own_backups(keeper, plan)]
    assert kept[0] == backup_name(plan, day(10))
    assert len(kept) == 4, "beside the three that are kept anyway"


def test_a_damaged_newest_backup_is_seen(path: Path, world: World, plan: BackupPlan) -> None:
    keeper = FileKeeper(path)
    made = back_up_if_due(keeper, world.store, plan, now=NOW).made
    assert made is not None
    assert backup_state(keeper, None, plan, now=NOW).damage == ""
    made.path.write_bytes(made.path.read_bytes()[:5000])
    assert "damaged" in backup_state(keeper, None, plan, now=NOW).damage


def test_a_database_that_is_gone_is_told_from_one_that_never_was(
    path: Path, plan: BackupPlan, tmp_path: Path
) -> None:
    keeper = FileKeeper(path)
    assert lost_database(keeper, plan) == ""
    with closing(open_store(f"sqlite:///{path}", now=NOW)) as store:
        back_up_if_due(keeper, store, plan, now=NOW)
    assert lost_database(keeper, plan) == ""
    path.unlink()
    assert backup_name(plan, NOW) in lost_database(keeper, plan)
    shutil.rmtree(plan.folder)
    assert lost_database(keeper, plan) == ""
    (tmp_path / "citewatch.db.lock").touch()
    assert "begins anew" in lost_database(keeper, plan)


# --- tidying ---------------------------------------------------------------------


def fortunes(world: World, days: int) -> None:
    """Two sources, asked several times a day, with outages, gaps and passes for nothing."""
    chance = seeded_chance(5)
    for number in range(days):
        for source in ("semantic_scholar", "arxiv"):
            for part in range(4):
                at = day(number + (part + chance()) / 4)
                kind = chance()
                if number % 90 > 80:
                    run = Run(source=source, started_at=at, requests=1)
                    ended = replace(run, number=world.store.begin_run(run), finished_at=at + 60)
                    note = "HTTP 503" if chance() < 0.9 else "timeout"
                    world.store.end_run(replace(ended, status="failed", note=note))
                elif kind < 0.3:
                    run = Run(source=source, started_at=at)
                    number_ = world.store.begin_run(run)
                    if kind > 0.02:
                        world.store.end_run(
                            replace(run, number=number_, finished_at=at, status="ok")
                        )
                elif kind < 0.4:
                    run = Run(source=source, started_at=at, trigger="resolve", requests=2, found=1)
                    run = replace(run, number=world.store.begin_run(run), status="ok")
                    world.store.end_run(replace(run, finished_at=at + 5))
                else:
                    grown = 20 + number // 5 + int(3 * chance())
                    held = (HELD, 9000) if kind > 0.97 else grown
                    lost = MISSING if kind > 0.95 else 3 + number // 9
                    world.ask(at, {0: held, 1: lost}, source=source, took_s=7)


def test_no_figure_of_any_day_changes_when_rows_go(world: World) -> None:
    fortunes(world, 500)
    store, now = world.store, day(501)

    def figures() -> list[object]:
        chance, found = seeded_chance(6), []
        for at in (now, *(day(2 + 498 * chance()) for _ in range(60))):
            since = int(at - (1 + 199 * chance()) * DAY)
            found.append(
                build_report(
                    store,
                    world.question(now, sources=(S2, ARXIV), as_of=at, since=since),
                )
            )
        health = source_health(store, S2, world.numbers, now=now, blocked=None, key="none")
        return [*found, health]

    before, runs = figures(), len(store.runs())
    gone = tidy_if_due(store, now=now)
    assert gone > runs // 4
    assert len(store.runs()) == runs - gone
    assert figures() == before


def test_tidying_is_done_once_a_day(world: World) -> None:
    for at in (1, 2):
        run = Run(source="arxiv", started_at=day(at))
        world.store.begin_run(run)
    assert tidy_if_due(world.store, now=day(31) + 10) == 1
    assert tidy_if_due(world.store, now=day(32) + 5) == 0
    assert tidy_if_due(world.store, now=day(32) + 20) == 1
    assert len(world.store.runs()) == 1
