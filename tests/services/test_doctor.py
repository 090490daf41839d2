"""What the doctor finds, and how bad it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path

import pytest

from citewatch.domain.delivery import Rhythm, Timing
from citewatch.domain.papers import DAY, Held, Status
from citewatch.ports import ChannelState, Due
from citewatch.services.channels import Absent, Roster
from citewatch.services.doctor import (
    Disk,
    Finding,
    Level,
    examine_backups,
    examine_channels,
    examine_disk,
    examine_lag,
    examine_lists,
    examine_plugins,
    examine_source,
)
from citewatch.services.health import Health
from citewatch.services.keeping import BackupPlan, BackupState
from citewatch.services.standing import SourceSchedule

NOW = 1_790_000_000
DISK = Disk(
    path="/x/citewatch.db", exists=True, size_bytes=4_000_000, free_bytes=10**10,
    revision="0002", newest_revision="0002", damage="", newest_answer_at=NOW - 60,
)  # fmt: skip
HEALTH = Health(name="arxiv", label="arXiv", counts=False, status="ok", key="not needed", found=3)
SCHEDULE = SourceSchedule(
    name="arxiv", label="arXiv", every_s=86_400, counts=False, enabled=True,
    interval_s=3.0, rule_s=3.0,
)  # fmt: skip


def levels(findings: list[Finding]) -> dict[str, Level]:
    return {finding.area: finding.level for finding in findings}


def test_a_healthy_disk_gives_nothing_to_do() -> None:
    found = list(examine_disk(DISK, now=NOW))
    assert levels(found) == {"database": Level.OK, "disk": Level.OK, "clock": Level.OK}


@pytest.mark.parametrize(
    ("disk", "area", "level"),
    [
        (replace(DISK, exists=False), "database", Level.NOTE),
        (replace(DISK, revision="0001"), "database", Level.NOTE),
        (replace(DISK, revision="0009"), "database", Level.PROBLEM),
        (replace(DISK, damage="row 3 missing from index"), "database", Level.PROBLEM),
        (replace(DISK, free_bytes=1_000_000), "disk", Level.PROBLEM),
        (replace(DISK, newest_answer_at=NOW + 7200), "clock", Level.PROBLEM),
    ],
)
def test_what_is_wrong_is_named_with_what_to_do(disk: Disk, area: str, level: Level) -> None:
    found = {f.area: f for f in examine_disk(disk, now=NOW)}[area]
    assert found.level is level
    assert found.advice


def test_a_clock_that_is_years_behind_is_a_problem_even_without_readings() -> None:
    found = list(examine_disk(replace(DISK, newest_answer_at=None), now=1_000_000))
    assert levels(found)["clock"] is Level.PROBLEM


def test_lists_that_cannot_be_read_are_problems() -> None:
    (found,) = examine_lists(["cv.tex: no such file"], 3)
    assert (found.level, found.text) == (Level.PROBLEM, "cv.tex: no such file")
    assert levels(list(examine_lists([], 0))) == {"lists": Level.WARNING}
    assert levels(list(examine_lists([], 2))) == {"lists": Level.OK}


def test_a_pace_above_the_source_s_rule_is_warned_of() -> None:
    quick = replace(SCHEDULE, interval_s=0.5)
    found = list(examine_source(HEALTH, quick, on_loopback=False))
    assert [f.level for f in found] == [Level.OK, Level.WARNING]
    assert "min_interval is 0.5 s, its own rule 3 s" in found[1].text
    assert len(list(examine_source(HEALTH, quick, on_loopback=True))) == 1
    assert len(list(examine_source(HEALTH, replace(quick, enabled=False), on_loopback=False))) == 1


@pytest.mark.parametrize(
    ("status", "level"),
    [
        ("ok", Level.OK),
        ("off", Level.NOTE),
        ("blocked", Level.NOTE),
        ("parked", Level.NOTE),
        ("never", Level.NOTE),
        ("partial", Level.WARNING),
        ("failed", Level.PROBLEM),
    ],
)
def test_a_source_s_state_decides_how_bad_it_is(status: str, level: Level) -> None:
    (found,) = examine_source(replace(HEALTH, status=status), SCHEDULE, on_loopback=False)
    assert found.level is level


def test_a_refused_key_is_a_problem_although_the_source_answers() -> None:
    (found,) = examine_source(replace(HEALTH, key="refused"), SCHEDULE, on_loopback=False)
    assert found.level is Level.PROBLEM


def test_a_package_that_announces_a_source_and_brings_none_is_a_problem() -> None:
    (found,) = examine_plugins({"zenodo": "cannot be imported (ImportError: no x)"})
    assert found.level is Level.PROBLEM
    assert "zenodo" in found.text


@dataclass
class Named:
    """A channel that is only looked at."""

    name: str
    for_people: bool = True

    async def send(self, message: object) -> None:
        raise AssertionError("the doctor sends nothing")


DAILY = Timing(rhythm=Rhythm.DAILY, zone=UTC)
ONE = Roster(channels=(Named("apprise mailto"),), timing=DAILY)
WELL = ChannelState(name="apprise mailto", since_at=1, sent_at=NOW - 60, sent_count=3)


def channel_finding(state: ChannelState | None, roster: Roster = ONE) -> Finding:
    (found,) = examine_channels(roster, [] if state is None else [state], now=NOW)
    assert found.area == "notify"
    return found


def test_a_channel_that_works_gives_nothing_to_do() -> None:
    found = channel_finding(WELL)
    assert found.level is Level.OK
    assert found.text == "apprise mailto: 3 sent, last 2026-09-21 14:12 UTC, 0 changes waiting"
    assert channel_finding(None).text == "apprise mailto: nothing sent yet"


def test_a_channel_that_fails_is_a_warning_and_then_a_problem() -> None:
    state = replace(
        WELL, failures=1, failing_since=NOW - 3600, trouble="it answered 401", waiting=1
    )
    found = channel_finding(state)
    assert found.level is Level.WARNING
    assert (
        "1 change waiting; failed 1 times since 2026-09-21 13:13 UTC: it answered 401" in found.text
    )
    assert channel_finding(replace(state, failures=3)).level is Level.PROBLEM


def test_what_waits_for_longer_than_a_digest_does_is_late() -> None:
    late = replace(WELL, waiting=2, oldest_at=NOW - 3 * 86_400)
    assert channel_finding(late).level is Level.WARNING
    weekly = replace(ONE, timing=replace(DAILY, rhythm=Rhythm.WEEKLY))
    assert channel_finding(late, weekly).level is Level.OK


def test_channels_that_cannot_be_used_are_named_with_what_to_do() -> None:
    roster = Roster(
        timing=DAILY, absent=(Absent("apprise ", "the variable X is not set", for_people=True),),
        problems=("paper.txt: bad",), notes=("not signed",),
    )  # fmt: skip
    found = list(examine_channels(roster, [], now=NOW))
    assert [(f.level, f.text) for f in found] == [
        (Level.PROBLEM, "apprise: the variable X is not set"),
        (Level.WARNING, "paper.txt: bad"),
        (Level.WARNING, "not signed"),
    ]
    assert all(f.advice for f in found)
    (nobody,) = examine_channels(Roster(timing=DAILY), [], now=NOW)
    assert nobody.level is Level.NOTE


# --- keeping -----------------------------------------------------------------------

PLAN = BackupPlan(folder=Path("/x/backups"), stem="citewatch", every_s=7 * DAY)
BACKED_UP = BackupState(newest_at=NOW - DAY, newest=Path("/x/backups/a.db"))


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (BACKED_UP, Level.OK),
        (BackupState(), Level.NOTE),
        (replace(BACKED_UP, newest_at=NOW - 15 * DAY), Level.WARNING),
        (replace(BACKED_UP, problem="no room", problem_since=NOW), Level.PROBLEM),
        (replace(BACKED_UP, damage="a.db is damaged"), Level.PROBLEM),
    ],
)
def test_backups_that_do_not_come_or_are_of_no_use_are_named(
    state: BackupState, level: Level
) -> None:
    (found,) = examine_backups(state, PLAN, now=NOW)
    assert found.level is level
    assert found.advice or level is Level.OK


def test_backups_that_are_switched_off_are_no_trouble() -> None:
    (found,) = examine_backups(BackupState(problem="x"), replace(PLAN, keep=0), now=NOW)
    assert found.level is Level.NOTE


def due(overdue_s: int, status: Status = Status.OK) -> Due:
    held = Held(
        series=1, paper=1, source="arxiv", status=status, answered_at=NOW - 9 * DAY, next_check_at=NOW - overdue_s,
    )  # fmt: skip
    return Due(held=held, ids=())


def test_a_paper_that_is_overdue_for_twice_its_schedule_is_named() -> None:
    late = [due(DAY), due(3 * DAY), due(5 * DAY), due(9 * DAY, Status.MISSING)]
    (found,) = examine_lag(SCHEDULE, "ok", late, now=NOW)
    assert found.level is Level.WARNING
    assert found.text == "arXiv: 2 papers overdue, the longest by 5.0 days"
    assert list(examine_lag(SCHEDULE, "ok", [due(2 * DAY)], now=NOW)) == []


@pytest.mark.parametrize("status", ["parked", "blocked", "off", "failed", "never"])
def test_a_source_that_cannot_be_asked_is_not_late(status: str) -> None:
    assert list(examine_lag(SCHEDULE, status, [due(9 * DAY)], now=NOW)) == []


def test_a_disk_that_will_be_full_soon_is_warned_of() -> None:
    disk = replace(DISK, free_bytes=10**9, growth_bytes_a_day=2e7)
    found = {f.area: f for f in examine_disk(disk, now=NOW)}
    assert found["disk"].level is Level.WARNING
    assert "50 days' worth" in found["disk"].text
    assert "grows by 20.0 MB a day" in found["database"].text


def test_much_unused_room_is_noted() -> None:
    disk = replace(DISK, size_bytes=100_000_000, unused_bytes=60_000_000)
    found = {f.area: f for f in examine_disk(disk, now=NOW)}["database"]
    assert (found.level, "60.0 MB of it unused" in found.text) == (Level.NOTE, True)
