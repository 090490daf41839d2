"""Restoring: checked, whole or not at all, and nothing is announced a second time."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import ARXIV, NOW, S2, SHA, Opener, keep, milestone, one_series, paper, reading
from test_store_copies import damage, listing, small_disk
from test_store_upgrades import later_scripts

from citewatch.domain.judge import judge
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Held, Kind, Observed, Rise, Status
from citewatch.domain.rules import Rules
from citewatch.errors import Busy, Full, InputError, NotOurs, StoreError, TooNew
from citewatch.ports import Batch, KnownIdentifier, Subscription
from citewatch.store import SqlStore, look_into, migrate, restore, restoring, write_copy

LATER = NOW + 30 * DAY
RULES = Rules(ladder=Ladder(), confirm_after_s=0, every_s=DAY)


def polled(store: SqlStore, held: Held, *counts: int, at: int = NOW) -> Held:
    """A series that is judged and stored, one count a day."""
    for day, count in enumerate(counts):
        outcome = Observed(asked=ARXIV, answered=SHA, citation_count=count)
        now = at + day * DAY
        verdict = judge(held, outcome, now, rules=RULES)
        held = verdict.held
        rows = [(held.series, verdict.snapshot)] if verdict.snapshot else []
        store.apply(Batch(helds=[held], snapshots=rows, changes=verdict.changes))
    return held


def milestones(store: SqlStore) -> list[tuple[str | None, int | None]]:
    return [(c.key, c.change.threshold) for c in store.changes() if c.change.kind is Kind.MILESTONE]


def outbox(path: Path) -> list[int]:
    with closing(sqlite3.connect(path)) as bare:
        return [n for (n,) in bare.execute("SELECT change_id FROM outbox")]


@pytest.fixture
def backup(path: Path, opened: Opener, tmp_path: Path) -> Path:
    """A backup at 95 citations; the database went on to 101 and announced 100."""
    store = opened()
    held = polled(store, one_series(store), 90, 95)
    target = tmp_path / "kept" / "backup.db"
    target.parent.mkdir()
    write_copy(path, target)
    polled(store, held, 101, 102, at=NOW + 10 * DAY)
    assert milestones(store) == [("zoo-zeroth-order-2017", 100)]
    store.close()
    return target


def test_newer_data_is_not_lost_without_force(path: Path, backup: Path) -> None:
    before, names = path.read_bytes(), listing(path.parent)
    with pytest.raises(InputError) as caught:
        restore(backup, path, now=LATER)
    assert "2 readings since 2026-10-01 14:13 UTC" in caught.value.problem
    assert "--force" in caught.value.remedy
    assert path.read_bytes() == before
    assert listing(path.parent) == names


def test_a_restore_brings_back_the_backup_and_keeps_what_was_there(
    path: Path, backup: Path, opened: Opener
) -> None:
    done = restore(backup, path, now=LATER, force=True)
    assert done.loss is not None
    assert (done.loss.readings, done.loss.changes) == (2, 0), "milestones go along"
    assert done.aside == path.with_name("citewatch.before-restore-20261021T141320Z.db")
    (now,) = opened().histories()
    assert [s.citation_count for s in now.snapshots] == [90, 95]
    (before,) = opened(done.aside).histories()
    assert [s.citation_count for s in before.snapshots] == [90, 95, 101, 102]


def test_what_was_announced_is_not_announced_again(
    path: Path, backup: Path, opened: Opener
) -> None:
    done = restore(backup, path, now=LATER, force=True)
    assert done.settled == 1
    store = opened()
    waiting = outbox(path)
    (history,) = store.histories()
    assert history.held is not None
    assert (history.held.citation_count, history.held.confirmed_high) == (95, 101)
    polled(store, history.held, 99, 101, 102, 103, at=LATER)
    assert milestones(store) == [("zoo-zeroth-order-2017", 100)]
    assert outbox(path) == waiting
    (again,) = store.histories()
    assert again.held is not None
    polled(store, again.held, 150, 150, 199, 199, 201, 201, at=LATER + 9 * DAY)
    assert milestones(store)[-1] == ("zoo-zeroth-order-2017", 200), "what is new is announced"


def test_a_badge_that_was_said_to_be_stale_goes_along_and_is_told_once(
    path: Path, backup: Path, opened: Opener
) -> None:
    store = opened()
    (number,) = [p.number for p in store.papers()]
    badge = replace(milestone(number, 100, NOW + 12 * DAY), kind=Kind.CLAIM_STALE)
    store.apply(Batch(changes=[badge]))
    store.close()
    for _ in range(2):
        done = restore(backup, path, now=LATER, force=True)
        assert done.settled <= 1, "milestones alone are counted"
        store = opened()
        kinds = [line.change.kind for line in store.changes()]
        assert kinds.count(Kind.CLAIM_STALE) == 1
        waiting = {line.number for line in store.changes() if line.change.kind is Kind.CLAIM_STALE}
        assert waiting <= set(outbox(path))
        store.close()


def test_a_rise_that_waits_does_not_lower_what_is_settled(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    store = opened()
    held = polled(store, one_series(store), 90)
    store.apply(Batch(helds=[replace(held, rises=(Rise(NOW, 95, 5, 90),))]))
    write_copy(path, tmp_path / "backup.db")
    polled(store, held, 101, 101, at=NOW + DAY)
    store.close()
    restore(tmp_path / "backup.db", path, now=LATER, force=True)
    store = opened()
    held = store.histories()[0].held
    assert held is not None
    assert (held.confirmed_high, held.rises) == (101, ())
    polled(store, held, 97, 97, 101, 102, at=LATER)
    assert len(milestones(store)) == 1


def test_papers_that_came_after_the_backup_stay_settled(
    path: Path, backup: Path, opened: Opener
) -> None:
    store = opened()
    held = polled(store, one_series(store, "new-paper-2026"), 8, 9, 11, 11, at=NOW + 11 * DAY)
    assert ("new-paper-2026", 10) in milestones(store)
    store.close()
    assert restore(backup, path, now=LATER, force=True).settled == 2
    store = opened()
    (number,) = [p.number for p in store.papers() if p.paper.key == "new-paper-2026"]
    (held,) = store.helds(S2, [number])
    assert (held.status, held.citation_count, held.confirmed_high) == (Status.NEVER, None, 11)
    polled(store, held, 8, 12, 12, at=LATER)
    assert milestones(store).count(("new-paper-2026", 10)) == 1


def test_what_was_delivered_since_the_backup_does_not_wait_again(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    store = opened()
    held = one_series(store)
    store.apply(Batch(changes=[milestone(held.paper, 100), milestone(held.paper, 200)]))
    write_copy(path, tmp_path / "backup.db")
    store.close()
    with closing(sqlite3.connect(path)) as bare:
        bare.execute("DELETE FROM outbox WHERE change_id = 1")
        bare.commit()
    restore(tmp_path / "backup.db", path, now=LATER)
    assert outbox(path) == [2]


def test_each_channel_is_still_given_what_it_was_not_given(
    path: Path, backup: Path, opened: Opener
) -> None:
    """Two channels were to be told of 100+ after the backup; one of them was."""
    soon, both = NOW + 11 * DAY, [Subscription(channel="a"), Subscription(channel="b")]
    store = opened()
    box = store.outbox()
    box.distribute(both, now=soon)
    (said,) = box.waiting("a")
    claim = box.claim("a", parcel=[said.number], key="k", now=soon, lease_until=soon + 60,
                      digest=False)  # fmt: skip
    assert claim is not None
    box.sent(claim, now=soon)
    store.close()
    restore(backup, path, now=LATER, force=True)
    store = opened()
    box = store.outbox()
    box.distribute(both, now=LATER)
    assert list(box.waiting("a")) == []
    assert [row.kind for row in box.waiting("b")] == [Kind.MILESTONE]
    (held,) = store.helds(S2, [1])
    assert [stand.threshold for stand in held.stands] == [100]


def test_what_nobody_was_given_yet_is_given_after_a_restore(
    path: Path, backup: Path, opened: Opener
) -> None:
    restore(backup, path, now=LATER, force=True)
    box = opened().outbox()
    assert box.undistributed()[0] == 1


def test_a_source_that_asked_to_be_left_alone_is(path: Path, backup: Path, opened: Opener) -> None:
    store = opened()
    store.gate(S2).park(LATER + DAY, "http_429")
    store.close()
    restore(backup, path, now=LATER, force=True)
    assert opened().gate(S2).load().not_before == LATER + DAY


def test_decisions_count_as_something_to_lose(path: Path, backup: Path, opened: Opener) -> None:
    restore(backup, path, now=LATER, force=True)
    store = opened()
    row = KnownIdentifier(paper=1, identifier=SHA, state="rejected", origin="user", at=LATER)
    store.save_identifiers([row])
    store.close()
    with pytest.raises(InputError, match="1 decision"):
        restore(backup, path, now=LATER)


def test_a_backup_that_holds_as_much_needs_no_force(
    path: Path, opened: Opener, tmp_path: Path
) -> None:
    store = opened()
    polled(store, one_series(store), 90, 95)
    store.close()
    write_copy(path, tmp_path / "backup.db")
    done = restore(tmp_path / "backup.db", path, now=LATER)
    assert done.loss is not None
    assert (done.loss.readings, done.loss.changes, done.loss.decisions) == (0, 0, 0)
    assert done.settled == 0


def test_a_deleted_database_is_put_back_without_its_old_log(
    path: Path, backup: Path, opened: Opener
) -> None:
    path.unlink()
    path.with_name("citewatch.db-wal").write_bytes(b"what an earlier one left behind" * 300)
    done = restore(backup, path, now=LATER)
    assert done.aside is None
    assert len(opened().histories()[0].snapshots) == 2


def test_a_damaged_database_is_replaced_without_force_and_kept(
    path: Path, backup: Path, opened: Opener
) -> None:
    store = opened()
    keep(store, 1, *(reading(LATER + at, at) for at in range(5000)))
    store.close()
    damage(path)
    broken = path.read_bytes()
    done = restore(backup, path, now=LATER)
    assert done.settled is None
    assert done.aside is not None
    # Only the header differs: it says which kind of log the file has.
    assert done.aside.read_bytes()[100:] == broken[100:]
    assert len(opened().histories()[0].snapshots) == 2


def test_an_older_backup_is_upgraded(
    path: Path, backup: Path, opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = later_scripts(tmp_path)
    monkeypatch.setattr(migrate, "scripts_folder", lambda: scripts)
    restore(backup, path, now=LATER, force=True)
    with closing(sqlite3.connect(path)) as bare:
        newest = migrate.revisions(scripts)[-1]
        assert bare.execute("SELECT version_num FROM alembic_version").fetchone() == (newest,)
    assert len(opened().histories()[0].snapshots) == 2


def test_a_backup_that_cannot_be_upgraded_changes_nothing(
    path: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = later_scripts(tmp_path, then='raise ValueError("power cut")')
    monkeypatch.setattr(migrate, "scripts_folder", lambda: scripts)
    before, names = path.read_bytes(), listing(path.parent)
    with pytest.raises(StoreError, match="power cut"):
        restore(backup, path, now=LATER, force=True)
    assert path.read_bytes() == before
    assert listing(path.parent) == names


def test_backups_of_no_use_change_nothing(path: Path, backup: Path, tmp_path: Path) -> None:
    before, names = path.read_bytes(), listing(path.parent)
    newer = backup.with_name("newer.db")
    shutil.copy(backup, newer)
    with closing(sqlite3.connect(newer)) as bare:
        bare.execute("UPDATE alembic_version SET version_num = '9999'")
        bare.commit()
    broken = backup.with_name("broken.db")
    shutil.copy(backup, broken)
    damage(broken)
    short = backup.with_name("short.db")
    short.write_bytes(backup.read_bytes()[:-20_000])
    text = backup.with_name("text.db")
    text.write_text("no database")
    for file, error in (
        (newer, TooNew), (broken, StoreError), (short, StoreError), (text, NotOurs),
        (backup.with_name("absent.db"), InputError), (path, InputError),
    ):  # fmt: skip
        with pytest.raises(error):
            restore(file, path, now=LATER, force=True)
    assert path.read_bytes() == before
    assert listing(path.parent) == names


def test_somebody_else_s_file_is_never_replaced(backup: Path, tmp_path: Path) -> None:
    mine = tmp_path / "thesis.db"
    mine.write_text("chapter one\n" * 500)
    with pytest.raises(NotOurs, match="left alone"):
        restore(backup, mine, now=LATER, force=True)
    assert mine.read_text().startswith("chapter one")


def test_a_database_that_is_being_read_is_not_pulled_away(
    path: Path, backup: Path, opened: Opener
) -> None:
    names = listing(path.parent)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM paper").fetchone()
        with pytest.raises(Busy, match="read by another program"):
            restore(backup, path, now=LATER, force=True, busy_ms=20)
    assert listing(path.parent) == names
    assert len(opened().histories()[0].snapshots) == 4


def test_a_full_disk_leaves_the_database(path: Path, backup: Path, opened: Opener) -> None:
    names = listing(path.parent)
    with small_disk(50_000), pytest.raises(Full):
        restore(backup, path, now=LATER, force=True)
    assert listing(path.parent) == names
    assert len(opened().histories()[0].snapshots) == 4


KILLED = """
import sys
from pathlib import Path
from citewatch.store import restore, write_copy
backup, path, spare = map(Path, sys.argv[1:4])
print("ready", flush=True)
write_copy(path, spare)
restore(backup, path, now=int(sys.argv[4]), force=True)
print("done", flush=True)
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_the_old_one_or_the_new_one(
    path: Path, backup: Path, opened: Opener
) -> None:
    store = opened()
    keep(store, 1, *(reading(LATER + at, at % 7) for at in range(3000)))
    store.close()
    spare = backup.with_name("spare.db")
    write_copy(path, spare)
    whole = spare.read_bytes()
    seen = set()
    for attempt in range(8):
        spare.write_bytes(whole)
        words = [sys.executable, "-c", KILLED, backup, path, spare, str(LATER + attempt)]
        with subprocess.Popen([*map(str, words)], stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            # Every 10 ms from the beginning on; the last ones come when all is over.
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(attempt * 0.01)
            child.kill()
        readings = look_into(path).readings
        assert readings in (2, 3004)
        assert look_into(spare).readings in (2, 3004)
        seen.add(readings)
        if readings == 2:
            restore(spare if look_into(spare).readings == 3004 else asides(path)[-1], path,
                    now=LATER + 100 + attempt, force=True)  # fmt: skip
    assert 3004 in seen


def asides(path: Path) -> list[Path]:
    return sorted(path.parent.glob("citewatch.before-restore-*.db"))


def test_what_a_killed_restore_left_behind_is_cleared_away(path: Path, backup: Path) -> None:
    left = path.with_name(".citewatch.db.restore-4711")
    left.write_text("half")
    restore(backup, path, now=LATER, force=True)
    assert not left.exists()


def test_a_link_to_the_database_stays_a_link(path: Path, backup: Path, opened: Opener) -> None:
    link = backup.with_name("link.db")
    link.symlink_to(path)
    done = restore(backup, link, now=LATER, force=True)
    assert link.is_symlink()
    assert done.aside is not None
    assert done.aside.parent == path.parent
    assert len(opened().histories()[0].snapshots) == 2
    other = backup.with_name("other.db")
    other.symlink_to(backup)
    write_copy(path, other)
    assert other.is_symlink()


def test_the_database_keeps_its_permissions_and_its_owner(path: Path, backup: Path) -> None:
    path.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(path, 65_534, 65_534)
    owner = path.stat().st_uid
    restore(backup, path, now=LATER, force=True)
    assert (path.stat().st_mode & 0o777, path.stat().st_uid) == (0o640, owner)


def test_a_file_system_without_hard_links_will_do(
    path: Path, backup: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: object) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr(restoring.os, "link", refuse)
    done = restore(backup, path, now=LATER, force=True)
    assert done.aside is not None
    assert len(opened(done.aside).histories()[0].snapshots) == 4
    assert len(opened().histories()[0].snapshots) == 2


def test_two_restores_in_one_second_keep_both(path: Path, backup: Path) -> None:
    restore(backup, path, now=LATER, force=True)
    done = restore(backup, path, now=LATER)
    assert done.aside == path.with_name("citewatch.before-restore-20261021T141320Z-2.db")


def test_the_same_paper_under_another_number_is_the_same_paper(
    path: Path, backup: Path, opened: Opener
) -> None:
    """A database that was begun anew gives other numbers; keys are what stays."""
    path.unlink()
    store = opened()
    store.add_papers([paper("another-2020")], now=LATER)
    polled(store, one_series(store), 200, 301, 301, at=LATER)
    store.close()
    done = restore(backup, path, now=LATER, force=True)
    store = opened()
    (number,) = [p.number for p in store.papers() if p.paper.key == "zoo-zeroth-order-2017"]
    assert number == 1
    assert store.helds(S2, [number])[0].confirmed_high == 301
    assert done.settled == len(milestones(store))
