"""When the daemon has which source asked: decided from the rows, by the clock of this moment.

Nothing here is remembered between two looks but how often a source was asked in vain, so a
machine that slept for a week, a clock that jumped or a new time zone makes one pass, not many.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from citewatch.domain.cadence import slack_of
from citewatch.domain.papers import Instant

APART_S = 300
"""The least time between two passes over one source, unless its schedule is quicker."""
_CLOCK_BEHIND_S = 3600
"""So much a clock may be behind the newest answer: what people and NTP correct."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """One source that is switched on and can be asked, as the rows and this process know it."""

    name: str
    every_s: int
    ask_at: Instant | None = None
    """When a paper falls due that it can be asked about by identifier."""
    search_at: Instant | None = None
    """When a title is to be looked for."""
    leads: bool = False
    """Whether it finds titles cheaply; at others only a few are looked for in a pass."""
    rests_until: Instant | None = None
    """It asked to be left alone, or a rule of our own says so."""
    passed_at: Instant | None = None
    """When the last pass over it ended."""
    in_vain: int = 0
    """Passes in a row after which as much was due as before."""


def apart_s(prospect: Prospect) -> int:
    """Seconds between two passes: doubled each time that one was in vain, at most ``every_s``."""
    return min(prospect.every_s, APART_S << min(prospect.in_vain, 12))


def due_at(prospect: Prospect) -> Instant | None:
    """When something is to be asked of the source; None where nothing will be."""
    times = [] if prospect.ask_at is None else [prospect.ask_at]
    if (at := prospect.search_at) is not None:
        last, every_s = prospect.passed_at, prospect.every_s
        if last is not None and not prospect.leads:
            # Ten titles a pass where looking is dear are meant a day, not every few minutes.
            at = max(at, last + every_s - slack_of(every_s))
        times.append(at)
    return min(times, default=None)


def allowed_at(prospect: Prospect) -> Instant:
    """Before this the source is left alone, whatever is due."""
    last = prospect.passed_at
    return max(0 if last is None else last + apart_s(prospect), prospect.rests_until or 0)


def goes_at(prospect: Prospect) -> Instant | None:
    """When the source is to be asked next; None where nothing will be due."""
    at = due_at(prospect)
    return None if at is None else max(at, allowed_at(prospect))


@dataclass(frozen=True, slots=True)
class Plan:
    """Which sources go now, and when to look again."""

    now: tuple[str, ...]
    next_at: Instant | None
    """When the first of the others goes; None where nothing will be due."""


def plan(prospects: Iterable[Prospect], now: Instant) -> Plan:
    """Who goes now. When one does, others that would within their slack go along.

    The slack is one of the schedule: who is to be left alone is left alone to the second.
    """
    known = [(p, at) for p in prospects if (at := goes_at(p)) is not None]
    going: tuple[str, ...] = ()
    if any(at <= now for _, at in known):
        going = tuple(p.name for p, _ in known if _may_go_along(p, now))
    return Plan(going, min((at for p, at in known if p.name not in going), default=None))


def _may_go_along(prospect: Prospect, now: Instant) -> bool:
    at = due_at(prospect)
    return at is not None and at <= now + slack_of(prospect.every_s) and allowed_at(prospect) <= now


def overdue_s(prospects: Iterable[Prospect], now: Instant, *, since: Instant) -> int:
    """Seconds by which the most overdue source is behind its schedule; 0 where none is.

    A paper that was never asked about has been due for ever: it counts from ``since``.
    """
    times = [goes_at(p) for p in prospects]
    return max((now - (at or since) for at in times if at is not None and at <= now), default=0)


def clock_trouble(now: Instant, newest_answer_at: Instant | None) -> str:
    """What is wrong with the clock, "" when it may be right.

    A reading with a false time would stand in a history for ever, so nothing is asked while
    the clock is behind what was seen already.
    """
    behind = (newest_answer_at or 0) - now
    if behind <= _CLOCK_BEHIND_S:
        return ""
    return f"the clock is {behind / 3600:.1f} hours behind the newest answer in the database"
