"""When people are written to: digests, quiet hours, changes of clocks, patience."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from citewatch.domain.delivery import (
    LONGEST_WAIT_S,
    Rhythm,
    Timing,
    Waiting,
    is_dead,
    is_quiet,
    next_parcel,
    period_begun_at,
    still_waits,
    wait_s,
)
from citewatch.domain.papers import DAY, Kind

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = (22 * 60, 7 * 60)


def berlin(text: str, fold: int = 0) -> int:
    """An instant by Berlin's clock: ``2026-11-23 06:00``."""
    local = datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)
    return int(local.timestamp())


def timing(
    rhythm: str = "daily", quiet: tuple[int, int] | None = None, zone: ZoneInfo = BERLIN
) -> Timing:
    return Timing(rhythm=Rhythm(rhythm), zone=zone, quiet_hours=quiet)


def waits(*times: int, kind: Kind = Kind.MILESTONE) -> list[Waiting]:
    return [Waiting(number, at, kind) for number, at in enumerate(times, 1)]


@pytest.mark.parametrize(
    ("clock", "quiet", "expected"),
    [
        ("21:59", NIGHT, False),
        ("22:00", NIGHT, True),
        ("00:00", NIGHT, True),
        ("06:59", NIGHT, True),
        ("07:00", NIGHT, False),
        ("12:59", (13 * 60, 14 * 60), False),
        ("13:00", (13 * 60, 14 * 60), True),
        ("14:00", (13 * 60, 14 * 60), False),
        ("03:00", None, False),
    ],
)
def test_quiet_hours_are_those_on_the_wall_also_over_midnight(
    clock: str, quiet: tuple[int, int] | None, expected: bool
) -> None:
    assert is_quiet(timing(quiet=quiet), berlin(f"2026-11-23 {clock}")) is expected


def test_quiet_hours_hold_through_a_change_of_clocks() -> None:
    quiet = timing(quiet=(2 * 60 + 30, 3 * 60))
    # In autumn 02:30 to 03:00 comes twice, in spring not at all.
    assert is_quiet(quiet, berlin("2026-10-25 02:45", fold=0))
    assert is_quiet(quiet, berlin("2026-10-25 02:45", fold=1))
    spring = [berlin("2026-03-29 01:59") + minutes * 60 for minutes in range(70)]
    assert not any(is_quiet(quiet, at) for at in spring)


@pytest.mark.parametrize(
    ("rhythm", "quiet", "now", "begun"),
    [
        ("daily", None, "2026-11-23 06:00", "2026-11-23 06:00"),
        ("daily", None, "2026-11-23 05:59", "2026-11-22 06:00"),
        ("daily", NIGHT, "2026-11-23 06:30", "2026-11-22 07:00"),
        ("daily", NIGHT, "2026-11-23 07:00", "2026-11-23 07:00"),
        ("weekly", None, "2026-11-25 12:00", "2026-11-23 06:00"),
        ("weekly", None, "2026-11-23 05:59", "2026-11-16 06:00"),
        # Days of 23 and of 25 hours begin at six on the wall as well.
        ("daily", None, "2026-03-29 05:00", "2026-03-28 06:00"),
        ("daily", None, "2026-03-29 07:00", "2026-03-29 06:00"),
        ("daily", None, "2026-10-25 07:00", "2026-10-25 06:00"),
        ("weekly", None, "2026-03-29 12:00", "2026-03-23 06:00"),
        ("weekly", None, "2026-10-26 12:00", "2026-10-26 06:00"),
    ],
)
def test_a_period_begins_on_the_wall_clock(
    rhythm: str, quiet: tuple[int, int] | None, now: str, begun: str
) -> None:
    assert period_begun_at(timing(rhythm, quiet), berlin(now)) == berlin(begun)


def test_every_day_of_a_year_has_one_daily_digest_in_any_zone() -> None:
    for name in ("Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"):
        when = timing(zone=ZoneInfo(name))
        sent: list[int] = []
        start = int(datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp())
        for hour in range(365 * 24):
            now = start + hour * 3600
            last = sent[-1] if sent else None
            if next_parcel(waits(now - 700), when, digest_at=last, now=now):
                sent.append(now)
        walls = [datetime.fromtimestamp(at, when.zone).replace(tzinfo=None) for at in sent]
        days = [(wall - timedelta(hours=6)).date() for wall in walls]
        assert len(days) == len(set(days))
        assert len(days) in (365, 366), name


def test_a_program_gets_everything_at_once() -> None:
    now = berlin("2026-11-23 03:00")
    assert next_parcel(waits(now, now), None, digest_at=now, now=now) == (1, 2)
    assert next_parcel(waits(now, now, now), None, digest_at=now, now=now, most=2) == (1, 2)
    assert next_parcel([], None, digest_at=None, now=now) == ()


def test_each_change_is_a_message_until_they_are_many() -> None:
    now = berlin("2026-11-23 12:00")
    each = timing("each")
    assert next_parcel(waits(*[now] * 5), each, digest_at=now, now=now) == (1,)
    assert next_parcel(waits(*[now] * 6), each, digest_at=now, now=now) == (1, 2, 3, 4, 5, 6)


def test_nothing_is_sent_in_quiet_hours_it_waits() -> None:
    night, morning = berlin("2026-11-23 23:00"), berlin("2026-11-24 07:00")
    for rhythm in ("each", "daily", "weekly"):
        when = timing(rhythm, NIGHT)
        assert next_parcel(waits(night), when, digest_at=None, now=night, settled=True) == ()
    assert next_parcel(waits(night), timing("daily", NIGHT), digest_at=None, now=morning) == (1,)


def test_a_daily_digest_goes_out_once_a_day() -> None:
    when = timing("daily")
    morning = berlin("2026-11-23 06:07")
    assert next_parcel(waits(morning), when, digest_at=None, now=morning, settled=True) == (1,)
    later = berlin("2026-11-23 20:00")
    assert next_parcel(waits(later), when, digest_at=morning, now=later, settled=True) == ()
    next_day = berlin("2026-11-24 06:07")
    assert next_parcel(waits(later), when, digest_at=morning, now=next_day, settled=True) == (1,)


def test_a_weekly_digest_goes_out_on_monday_or_when_it_is_late() -> None:
    when = timing("weekly")
    monday, wednesday = berlin("2026-11-23 06:07"), berlin("2026-11-25 06:07")
    last = berlin("2026-11-16 06:07")
    fresh = waits(wednesday)
    assert next_parcel(fresh, when, digest_at=last, now=wednesday, settled=True) == ()
    assert next_parcel(fresh, when, digest_at=None, now=wednesday, settled=True) == ()
    assert next_parcel(waits(monday), when, digest_at=last, now=monday, settled=True) == (1,)
    old = waits(last + DAY)
    assert next_parcel(old, when, digest_at=last, now=wednesday) == (1,), "asleep on Monday"


def test_a_digest_waits_until_a_pass_has_settled_but_not_for_ever() -> None:
    when, now = timing("daily"), berlin("2026-11-23 12:00")
    assert next_parcel(waits(now - 60), when, digest_at=None, now=now) == ()
    assert next_parcel(waits(now - 60), when, digest_at=None, now=now, settled=True) == (1,)
    assert next_parcel(waits(now - 600), when, digest_at=None, now=now) == (1,)
    assert next_parcel(waits(now - 7200, now), when, digest_at=None, now=now) == (1, 2)


def test_a_clock_that_was_ahead_silences_nobody() -> None:
    when, now = timing("daily"), berlin("2026-11-23 12:00")
    in_ten_years = now + 3650 * DAY
    assert next_parcel(waits(in_ten_years), when, digest_at=in_ten_years, now=now) == (1,)
    assert still_waits(now + 60, now, longest_s=DAY)
    assert not still_waits(in_ten_years, now, longest_s=DAY)
    assert not still_waits(None, now, longest_s=DAY)


def test_a_dead_channel_is_told_of_without_waiting_for_the_digest() -> None:
    when, now = timing("weekly"), berlin("2026-11-25 12:00")
    both = [Waiting(1, now, Kind.DROP), Waiting(2, now, Kind.CHANNEL_DOWN)]
    assert next_parcel(both, when, digest_at=None, now=now) == (2,)
    quiet = timing("weekly", (11 * 60, 13 * 60))
    assert next_parcel(both, quiet, digest_at=None, now=now) == ()


def test_patience_doubles_up_to_six_hours_and_heeds_what_was_asked() -> None:
    assert [wait_s(n, 0.0) for n in (1, 2, 3, 4)] == [60, 120, 240, 480]
    assert wait_s(50, 0.0) == LONGEST_WAIT_S
    assert LONGEST_WAIT_S < wait_s(50, 1.0) <= LONGEST_WAIT_S * 1.1
    assert wait_s(1, 0.0, asked_s=3600.0) == 3600
    assert wait_s(1, 0.0, asked_s=1e9) == DAY


def test_a_channel_is_dead_after_a_day_and_three_tries() -> None:
    assert not is_dead(None, 9, 10 * DAY)
    assert not is_dead(DAY, 3, 2 * DAY - 1)
    assert not is_dead(DAY, 2, 9 * DAY), "one jump of the clock"
    assert is_dead(DAY, 3, 2 * DAY)
