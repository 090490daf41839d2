"""What is wrong, and what to do about it. Pure: it judges what others looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from citewatch.domain.delivery import DEAD_TRIES, Rhythm
from citewatch.domain.papers import DAY, Instant, Status
from citewatch.domain.printable import minute
from citewatch.ports import ChannelState, Due
from citewatch.services.health import Health
from citewatch.services.keeping import BackupPlan, BackupState
from citewatch.services.standing import SourceSchedule

if TYPE_CHECKING:
    # Every command imports this module; only those that tell people need channels.
    from citewatch.services.channels import Roster

_LITTLE_ROOM = 200_000_000
_ROOM_DAYS = 90
_MUCH_UNUSED = 20_000_000
_OVERDUE = 2
"""So many times ``every`` late is worth a line."""
_CLOCK_SLACK_S = 300
_YEAR_2024 = 1_704_067_200
_LATE_S = {Rhythm.EACH: DAY, Rhythm.DAILY: 2 * DAY, Rhythm.WEEKLY: 8 * DAY}
"""What waits longer than that is late; nothing that quiet hours hold back is."""


class Level(StrEnum):
    """How bad it is. Only a note is nothing to act on."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor."""

    area: str
    level: Level
    text: str
    advice: str = ""
    health: Health | None = None
    """Of a source: all that is known of how it is doing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The database, as it was found; ``path`` is the address of one at a server."""

    path: str
    exists: bool
    size_bytes: int
    free_bytes: int | None
    """None: at a server, whose disk is not for us to see."""
    revision: str
    newest_revision: str
    damage: str
    newest_answer_at: Instant | None
    unused_bytes: int = 0
    growth_bytes_a_day: float | None = None
    remedy: str = "'citewatch restore FILE' puts a backup in its place and keeps this file"
    """Of the damage."""


def examine_disk(disk: Disk, *, now: Instant) -> Iterator[Finding]:
    """The database, the room on its disk, and the clock against its newest answer."""
    yield _database(disk)
    if disk.free_bytes is not None:
        yield _room(disk.free_bytes, disk.growth_bytes_a_day or 0.0)
    yield _clock(disk.newest_answer_at, now)


def _room(free_bytes: int, growth: float) -> Finding:
    text = f"{free_bytes / 1e9:.1f} GB free"
    days = free_bytes / growth if growth else None
    if free_bytes < _LITTLE_ROOM:
        advice = "make room: without it nothing that is seen can be kept"
        return Finding(area="disk", level=Level.PROBLEM, text=text, advice=advice)
    if days is not None and days < _ROOM_DAYS:
        return Finding(
            area="disk", level=Level.WARNING,
            text=f"{text}, {days:.0f} days' worth as the database grows now",
            advice="make room in time, or let 'every' be longer",
        )  # fmt: skip
    return Finding(area="disk", level=Level.OK, text=text)


def _database(disk: Disk) -> Finding:
    if not disk.exists:
        text = f"{disk.path} is not there yet"
        return Finding(
            area="database", level=Level.NOTE, text=text, advice="the first sync makes it"
        )
    if disk.damage:
        return Finding(
            area="database", level=Level.PROBLEM,
            text=disk.damage if disk.free_bytes is None else f"{disk.path}: {disk.damage}",
            advice=disk.remedy,
        )  # fmt: skip
    size = f"{disk.path}, {disk.size_bytes / 1e6:.1f} MB, revision {disk.revision}"
    if disk.revision < disk.newest_revision:
        text = f"{size} (the newest is {disk.newest_revision})"
        advice = "the next command upgrades it and keeps a copy of the old file"
        if disk.free_bytes is None:
            advice = "the next command upgrades it: all of it or nothing"
        return Finding(area="database", level=Level.NOTE, text=text, advice=advice)
    if disk.revision > disk.newest_revision:
        text = f"{size}, written by a newer citewatch"
        return Finding(area="database", level=Level.PROBLEM, text=text, advice="upgrade citewatch")
    if disk.growth_bytes_a_day is not None:
        size += f", grows by {_bytes(disk.growth_bytes_a_day)} a day"
    if disk.unused_bytes > max(_MUCH_UNUSED, disk.size_bytes // 4):
        return Finding(
            area="database", level=Level.NOTE,
            text=f"{size}, {_bytes(disk.unused_bytes)} of it unused",
            advice="it is filled again; to give it back, 'citewatch backup' and restore that",
        )  # fmt: skip
    return Finding(area="database", level=Level.OK, text=size)


def _bytes(number: float) -> str:
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number:.0f} bytes"


def _clock(newest: Instant | None, now: Instant) -> Finding:
    if now < _YEAR_2024:
        text = "this machine's clock is years behind"
    elif newest is not None and newest > now + _CLOCK_SLACK_S:
        text = (
            f"the newest answer lies {(newest - now) / 3600:.1f} hours ahead of the clock: "
            "it was set back, or ran ahead then"
        )
    else:
        return Finding(area="clock", level=Level.OK, text="agrees with what was seen so far")
    return Finding(
        area="clock", level=Level.PROBLEM, text=text,
        advice="set the clock; until it is right nothing new is due ('sync --force' asks anyway)",
    )  # fmt: skip


def examine_backups(state: BackupState, plan: BackupPlan, *, now: Instant) -> Iterator[Finding]:
    """The copies that are made by themselves: whether they come, and whether they are sound."""
    if not plan.keep:
        yield Finding(
            area="backup", level=Level.NOTE, text="no automatic backups ([backup] keep = 0)",
            advice="'citewatch backup FILE' makes one by hand",
        )  # fmt: skip
        return
    if state.damage:
        yield Finding(
            area="backup", level=Level.PROBLEM, text=f"the newest is of no use: {state.damage}",
            advice="remove that file: the next sync makes another; check the disk",
        )  # fmt: skip
        return
    age_s = None if state.newest_at is None else now - state.newest_at
    newest = "none yet" if age_s is None else f"{state.newest}, {age_s / DAY:.1f} days old"
    if state.problem:
        yield Finding(
            area="backup", level=Level.PROBLEM, text=f"{newest}; the last try: {state.problem}",
            advice="it is tried again; see to the folder under [backup] in config.toml",
        )  # fmt: skip
    elif age_s is None:
        advice = f"the next sync makes one in {plan.folder}"
        yield Finding(area="backup", level=Level.NOTE, text=newest, advice=advice)
    elif age_s > _OVERDUE * plan.every_s:
        yield Finding(
            area="backup", level=Level.WARNING, text=newest,
            advice="no sync and no daemon has made one since: do they still run?",
        )  # fmt: skip
    else:
        yield Finding(area="backup", level=Level.OK, text=newest)


def examine_lag(
    schedule: SourceSchedule, status: str, dues: Sequence[Due], *, now: Instant
) -> Iterator[Finding]:
    """Papers that should have been asked for long ago although the source can be asked.

    Only those that it knows: others have a schedule of their own.
    """
    if status not in ("ok", "partial"):
        return
    late = [
        now - due.held.next_check_at
        for due in dues
        if due.held.status in (Status.OK, Status.HELD)
        and now - due.held.next_check_at > _OVERDUE * schedule.every_s
    ]
    if late:
        yield Finding(
            area="schedule", level=Level.WARNING,
            text=f"{schedule.label}: {len(late)} paper{'' if len(late) == 1 else 's'} overdue, "
            f"the longest by {max(late) / DAY:.1f} days",
            advice="is the daemon, or the job that runs 'citewatch sync', still there? "
            "or this clock runs ahead",
        )  # fmt: skip


def examine_lists(problems: Sequence[str], papers: int) -> Iterator[Finding]:
    """The publication lists that config.toml names."""
    for problem in problems:
        yield Finding(
            area="lists", level=Level.PROBLEM, text=problem,
            advice="nothing changes for its papers until it can be read",
        )  # fmt: skip
    if not problems:
        level = Level.OK if papers else Level.WARNING
        advice = "" if papers else "'citewatch add' takes a list, an identifier or a URL"
        text = f"{papers} paper{'' if papers == 1 else 's'} watched"
        yield Finding(area="lists", level=level, text=text, advice=advice)


def examine_source(
    health: Health, schedule: SourceSchedule, *, on_loopback: bool
) -> Iterator[Finding]:
    """One source: how it is, and settings that its own rules speak against."""
    level = {
        "failed": Level.PROBLEM,
        "partial": Level.WARNING,
        "parked": Level.NOTE,
        "blocked": Level.NOTE,
        "off": Level.NOTE,
        "never": Level.NOTE,
    }.get(health.status, Level.OK)
    if health.key == "refused":
        level = Level.PROBLEM
    text = f"{health.label}: {health.status}"
    yield Finding(area="sources", level=level, text=text, advice=health.advice, health=health)
    too_quick = schedule.enabled and schedule.interval_s < schedule.rule_s and not on_loopback
    if too_quick:
        yield Finding(
            area="sources", level=Level.WARNING,
            text=f"{health.label}: min_interval is {schedule.interval_s:g} s, its own rule "
            f"{schedule.rule_s:g} s",
            advice=f"raise min_interval under [sources.{schedule.name}], or it may shut you out",
        )  # fmt: skip


def examine_unused(names: Sequence[str]) -> Iterator[Finding]:
    """Sources that are there and not asked."""
    if names:
        yield Finding(
            area="sources", level=Level.NOTE, text=f"not asked: {', '.join(names)}",
            advice="'citewatch sources' says what each is good for",
        )  # fmt: skip


def examine_plugins(broken: Mapping[str, str]) -> Iterator[Finding]:
    """Sources that other packages announce and do not bring."""
    for name, why in broken.items():
        yield Finding(
            area="sources", level=Level.PROBLEM, text=f"{name}: {why}",
            advice="update or remove the package that brings it",
        )  # fmt: skip


def examine_channels(
    roster: Roster, states: Sequence[ChannelState], *, now: Instant
) -> Iterator[Finding]:
    """The channels: whether they can be used, what they refused, what waits for how long."""
    if roster.empty:
        yield Finding(
            area="notify", level=Level.NOTE, text="no channel is configured: nobody is told",
            advice="[notify] in config.toml names channels; 'citewatch notify --test' tries them",
        )  # fmt: skip
    for gone in roster.absent:
        yield Finding(
            area="notify", level=Level.PROBLEM, text=f"{gone.prefix.strip()}: {gone.why}",
            advice="set it where citewatch runs; what is to be told waits until then",
        )  # fmt: skip
    for problem in roster.problems:
        yield Finding(
            area="notify", level=Level.WARNING, text=problem, advice="correct or remove it"
        )
    for note in roster.notes:
        yield Finding(
            area="notify", level=Level.WARNING, text=note, advice="set it, or remove its key"
        )
    known = {state.name: state for state in states}
    for channel in roster.channels:
        state = known.get(channel.name)
        late_s = _LATE_S[roster.timing.rhythm if channel.for_people else Rhythm.EACH]
        yield _channel(channel.name, state, now=now, late_s=late_s)


def _channel(name: str, state: ChannelState | None, *, now: Instant, late_s: int) -> Finding:
    if state is None or (state.sent_at is None and not state.failures and not state.waiting):
        return Finding(
            area="notify", level=Level.OK, text=f"{name}: nothing sent yet",
            advice="'citewatch notify --test' tries it",
        )  # fmt: skip
    waits = f"{state.waiting} change{'' if state.waiting == 1 else 's'} waiting"
    last = "never" if state.sent_at is None else f"{minute(state.sent_at)} UTC"
    text = f"{name}: {state.sent_count} sent, last {last}, {waits}"
    if state.failures:
        since = minute(state.failing_since or now)
        return Finding(
            area="notify",
            level=Level.PROBLEM if state.failures >= DEAD_TRIES else Level.WARNING,
            text=f"{text}; failed {state.failures} times since {since} UTC: {state.trouble}",
            advice="'citewatch notify --test' tries it; it is tried again by itself",
        )
    if state.oldest_at is not None and now - state.oldest_at > late_s:
        return Finding(
            area="notify", level=Level.WARNING, text=f"{text} since {minute(state.oldest_at)} UTC",
            advice="nothing has been delivered since: let 'citewatch sync' run every day",
        )  # fmt: skip
    return Finding(area="notify", level=Level.OK, text=text)
