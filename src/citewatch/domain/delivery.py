"""When which changes are told: digests, quiet hours, patience with a channel that fails.

Pure. Times of day are those of the user's time zone, which is an argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from citewatch.domain.papers import DAY, Instant, Kind

HOUR = 3600
DAY_BEGINS_MIN = 6 * 60
"""A digest's day begins at 06:00, or when the quiet hours end."""
SETTLED_S = 600
"""A digest waits until nothing new has come for so long: a pass stores its answers one by one."""
UNSETTLED_MOST_S = 2 * HOUR
SINGLY_MOST = 5
"""With ``each``: when more than this wait, they go out as one message."""
PROGRAM_MOST = 1000
"""Changes in one message to a program: some 400 kB."""
FIRST_WAIT_S = 60
LONGEST_WAIT_S = 6 * HOUR
DEAD_AFTER_S = DAY
DEAD_TRIES = 3
CLOCK_SLACK_S = HOUR
LEASE_S = 300
"""How long a message belongs to whoever is sending it. Longer than any channel may take."""

ALWAYS = frozenset({Kind.CHANNEL_DOWN, Kind.CHANNEL_UP})
"""Told whatever `kinds` says, and not to the channel that they are about."""
URGENT = frozenset({Kind.CHANNEL_DOWN})
"""Told at once, outside of quiet hours: the channel that would have told more is mute."""


class Rhythm(StrEnum):
    """How often people are written to."""

    EACH = "each"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When people want to be written to."""

    rhythm: Rhythm
    zone: tzinfo
    quiet_hours: tuple[int, int] | None = None
    """Minutes after midnight: from, to; ``from > to`` runs over midnight."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A change that a channel has not been given yet."""

    number: int
    """Its number in the log."""
    at: Instant
    kind: Kind


def is_quiet(timing: Timing, now: Instant) -> bool:
    """Whether nothing is sent to people at this time."""
    if timing.quiet_hours is None:
        return False
    start, end = timing.quiet_hours
    local = datetime.fromtimestamp(now, timing.zone)
    minutes = local.hour * 60 + local.minute
    if start < end:
        return start <= minutes < end
    return minutes >= start or minutes < end


def period_begun_at(timing: Timing, now: Instant) -> Instant:
    """When the present day (of a weekly digest: Monday) of digests began."""
    begins = timing.quiet_hours[1] if timing.quiet_hours else DAY_BEGINS_MIN
    local = datetime.fromtimestamp(now, timing.zone)
    day = local.replace(hour=begins // 60, minute=begins % 60, second=0, microsecond=0, fold=0)
    if timing.rhythm is Rhythm.WEEKLY:
        day -= timedelta(days=day.weekday())
    # Subtracting days keeps the time on the wall; only then is it an instant, with the
    # offset of that day. A time that a change of clocks left out becomes the one after it.
    begun = int(day.timestamp())
    if begun <= now:
        return begun
    back = 7 if timing.rhythm is Rhythm.WEEKLY else 1
    return int((day - timedelta(days=back)).timestamp())


def next_parcel(
    waiting: Sequence[Waiting],
    timing: Timing | None,
    *,
    digest_at: Instant | None,
    now: Instant,
    settled: bool = False,
    most: int | None = None,
) -> tuple[int, ...]:
    """The changes that make the next message now; () when it is not time, or nothing waits.

    ``timing`` None: a channel for programs, which gets everything at once, ``most`` a
    message. ``digest_at`` is when the last digest was made. ``settled``: a pass has
    just ended, more is not to be expected. ``waiting`` is in the order of the log.
    """
    if not waiting:
        return ()
    if timing is None:
        return tuple(w.number for w in waiting[:most])
    if is_quiet(timing, now):
        return ()
    urgent = tuple(w.number for w in waiting if w.kind in URGENT)
    everything = tuple(w.number for w in waiting)
    if timing.rhythm is Rhythm.EACH:
        return everything[:1] if len(waiting) <= SINGLY_MOST else everything
    due = _period_open(waiting, timing, digest_at=digest_at, now=now)
    if due and (settled or _settled(waiting, now)):
        return everything
    return urgent


def _period_open(
    waiting: Sequence[Waiting], timing: Timing, *, digest_at: Instant | None, now: Instant
) -> bool:
    """One digest a period: on its first day, or later for what is older than the period."""
    begun = period_begun_at(timing, now)
    # A clock that was ahead must not silence the channel until that time has come.
    if digest_at is not None and begun <= digest_at <= now + CLOCK_SLACK_S:
        return False
    return now - begun < DAY or min(w.at for w in waiting) < begun


def _settled(waiting: Sequence[Waiting], now: Instant) -> bool:
    newest, oldest = max(w.at for w in waiting), min(w.at for w in waiting)
    return not 0 <= now - newest < SETTLED_S or now - oldest >= UNSETTLED_MOST_S


def wait_s(failures: int, chance: float, *, asked_s: float = 0.0) -> int:
    """How long to leave a channel alone after so many failures in a row: 1 min to 6 h.

    Up to a tenth more by ``chance`` (0 to 1), and at least what the channel asked for,
    up to a day.
    """
    doubled = FIRST_WAIT_S * 2 ** min(failures - 1, 20)
    own = min(doubled, LONGEST_WAIT_S) * (1 + chance / 10)
    return int(max(own, min(asked_s, DAY)))


def still_waits(until: Instant | None, now: Instant, *, longest_s: int) -> bool:
    """Whether a remembered wait is on; one that no clock of ours can have set is not."""
    return until is not None and now < until <= now + longest_s


def is_dead(failing_since: Instant | None, failures: int, now: Instant) -> bool:
    """Whether a channel has failed for so long that the others are to be told."""
    if failing_since is None or failures < DEAD_TRIES:
        return False
    return now - failing_since >= DEAD_AFTER_S
