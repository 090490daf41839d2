"""What the doctor finds, and how bad it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from citewatch.services.doctor import (
    Disk,
    Finding,
    Level,
    examine_disk,
    examine_lists,
    examine_plugins,
    examine_source,
)
from citewatch.services.health import Health
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
