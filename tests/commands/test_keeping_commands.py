"""Backup, restore, and what sync does beside its pass."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command_world import Citewatch

from citewatch.bootstrap import RealClock
from citewatch.sandbox import Sandbox
from citewatch.store import writer_lock


def test_a_backup_is_made_and_restored(listed: Sandbox, citewatch: Citewatch, folder: Path) -> None:
    citewatch("sync")
    said = citewatch("backup", "kept.db")
    assert said.code == 0
    assert re.fullmatch(
        r"kept\.db: 53 papers, \d+ readings, \d+ changes?, newest reading [-\d]+ [\d:]+ UTC, "
        r"\d+\.\d MB\n",
        said.out,
    )
    before = citewatch("report", "--format", "json").data["papers"]
    (folder / "citewatch.db").unlink()
    restored = citewatch("restore", "kept.db")
    assert (restored.code, restored.err) == (0, "")
    assert restored.out.startswith("restored kept.db: 53 papers, ")
    assert citewatch("report", "--format", "json").data["papers"] == before


def test_a_restore_over_newer_data_needs_force_and_says_what_is_lost(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    citewatch("sync", "--source", "arxiv")
    citewatch("backup", "kept.db")
    citewatch("sync")
    refused = citewatch("restore", "kept.db")
    assert refused.code == 2
    assert re.search(
        r"citewatch\.db holds \d+ readings since .* that kept\.db does not", refused.err
    )
    forced = citewatch("restore", "kept.db", "--force")
    assert forced.code == 0
    assert re.search(r"what was in .*citewatch\.db is kept as .*before-restore-.*\.db", forced.out)
    assert re.search(r"only there: \d+ readings", forced.out)


def test_nobody_is_restored_under(listed: Sandbox, citewatch: Citewatch, folder: Path) -> None:
    citewatch("sync")
    citewatch("backup", "kept.db")
    with writer_lock(folder / "citewatch.db", now=0, who="citewatch run"):
        said = citewatch("restore", "kept.db", "--force")
        assert (said.code, "'citewatch run'" in said.err) == (2, True)
        assert citewatch("backup", "other.db").code == 0, "a backup disturbs nobody"


def test_sync_makes_a_backup_when_one_is_due_and_says_nothing(
    listed: Sandbox, citewatch: Citewatch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert citewatch("sync").err == ""
    (made,) = (folder / "backups").iterdir()
    assert re.fullmatch(r"citewatch-\d{8}T\d{6}Z\.db", made.name)
    citewatch("sync")
    assert list((folder / "backups").iterdir()) == [made]
    later = RealClock().time() + 8 * 86_400
    monkeypatch.setattr(RealClock, "time", lambda self: later)
    citewatch("sync")
    assert len(list((folder / "backups").iterdir())) == 2


def test_the_section_on_backups_is_obeyed(
    listed: Sandbox, citewatch: Citewatch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITEWATCH_BACKUP__KEEP", "0")
    citewatch("sync")
    assert not (folder / "backups").exists()
    monkeypatch.setenv("CITEWATCH_BACKUP__KEEP", "2")
    monkeypatch.setenv("CITEWATCH_BACKUP__PATH", "elsewhere/copies")
    citewatch("sync")
    assert len(list((folder / "elsewhere" / "copies").iterdir())) == 1


def test_another_database_keeps_its_backups_apart(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    citewatch("sync")
    (made,) = (folder / "backups").iterdir()
    (folder / "other").mkdir()
    said = citewatch("--database", "sqlite:///other/citewatch.db", "sync")
    assert said.err == ""
    assert list((folder / "backups").iterdir()) == [made]
    assert len(list((folder / "other" / "backups").iterdir())) == 1


def test_a_backup_that_fails_is_told_once_and_is_seen_by_the_doctor(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    (folder / "backups").write_text("a file in the way")
    first = citewatch("--quiet", "sync")
    assert first.code == 0
    assert "the automatic backup failed" in first.err
    assert citewatch("--quiet", "sync").err == ""
    doctor = citewatch("doctor", "--format", "json")
    (found,) = [f for f in doctor.data["findings"] if f["area"] == "backup"]
    assert (doctor.code, found["level"]) == (1, "problem")


def test_a_database_that_is_gone_is_named_with_the_way_back(
    listed: Sandbox, citewatch: Citewatch, folder: Path
) -> None:
    citewatch("sync")
    (folder / "citewatch.db").unlink()
    said = citewatch("--quiet", "sync")
    assert said.code == 0
    assert "citewatch.db is gone: everything begins anew" in said.err
    assert re.search(r"'citewatch restore .*backups/citewatch-.*\.db' brings back", said.err)
    changes = citewatch("changes", "--kind", "milestone", "--format", "json").data["changes"]
    assert changes == []
    with closing(sqlite3.connect(folder / "citewatch.db")) as bare:
        low = bare.execute(
            "select count(*) from track t join paper p on p.id = t.paper_id"
            " where p.claim is not null and ifnull(t.confirmed_high, 0) < p.claim"
            " and t.source in ('semantic_scholar', 'openalex', 'crossref')"
        ).fetchone()
    assert low == (0,)


def test_the_doctor_sees_backups_growth_and_a_schedule_that_nobody_keeps(
    listed: Sandbox, citewatch: Citewatch, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    citewatch("sync")
    areas = {f["area"]: f for f in citewatch("doctor", "--format", "json").data["findings"]}
    assert areas["backup"]["level"] == "ok"
    assert "schedule" not in areas
    start = RealClock().time()
    monkeypatch.setattr(RealClock, "time", lambda self: start + 2 * 86_400)
    citewatch("sync")
    areas = {f["area"]: f for f in citewatch("doctor", "--format", "json").data["findings"]}
    assert "grows by" in areas["database"]["text"]
    monkeypatch.setattr(RealClock, "time", lambda self: start + 40 * 86_400)
    found = citewatch("doctor", "--format", "json")
    late = [f for f in found.data["findings"] if f["area"] == "schedule"]
    assert found.code == 1
    assert any("Semantic Scholar: " in f["text"] and "overdue" in f["text"] for f in late)
    areas = {f["area"]: f for f in found.data["findings"]}
    assert areas["backup"]["level"] == "warning"
    monkeypatch.setattr(RealClock, "time", lambda self: start - 86_400)
    areas = {f["area"]: f for f in citewatch("doctor", "--format", "json").data["findings"]}
    assert areas["clock"]["level"] == "problem"
