"""How a count becomes believed, held or a milestone. Part of the judge; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from citewatch.domain.milestones import Ladder, badge_text
from citewatch.domain.papers import Change, Held, Instant, Kind, Pending, Rise, Status
from citewatch.domain.weather import Weather, agree, is_fall, unusual_rise, weeks_since

_JUMP_MIN, _JUMP_SHARE = 10, 0.25
"""What a week may add without a question: 10, or a quarter."""
_FAULT_WAIT = 2
"""Whole-source faults last longer than single ones: twice ``confirm_after``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the user and the source's schedule lay down."""

    ladder: Ladder
    confirm_after_s: int
    every_s: int
    jitter: float = 0.0
    """0..1, one for the whole pass."""
    label: str = ""
    """The source's name for people."""
    vague_misses: bool = False
    """Whether "not known" and "not cited" look alike there: then neither is news."""


def judge_count(
    held: Held, count: int, now: Instant, *, rules: Rules, weather: Weather
) -> tuple[Held, list[Change]]:
    """The state after a count, and the lines that it is worth.

    ``held`` itself when the count moves nothing: nearly always, and copying a state costs
    more than judging it.
    """
    believed = held.citation_count
    if believed is None:
        return replace(
            held, status=Status.OK, citation_count=count, pending=None,
            confirmed_high=max(held.confirmed_high or 0, count), high=max(held.high or 0, count),
        ), []  # fmt: skip
    if not _suspicious(held, believed, count, now, weather):
        fresh = Rise(now, count, 0, believed)
        return _settle(_believe(_raise(held, fresh), count), now, rules)
    pending = _pend(held, believed, count, now, weather)
    wait = rules.confirm_after_s * (_FAULT_WAIT if pending.fault else 1)
    if pending.readings < 2 or now - pending.since_at < wait:
        # A count that was seen below a level has not held it, believed or not.
        rises = tuple(rise for rise in held.rises if rise.level <= count)
        return replace(held, status=Status.HELD, pending=pending, rises=rises), []
    fresh = Rise(pending.since_at, min(pending.least, count), pending.readings - 1, believed)
    after, changes = _settle(_believe(_raise(held, fresh), count), now, rules)
    if is_fall(believed, count):
        text = f"fell from {believed} to {count} citations on {rules.label}"
        changes.insert(0, Change(
            kind=Kind.DROP, at=now, source=held.source, text=text, paper=held.paper,
            old=believed, new=count, first_seen_at=pending.since_at,
        ))  # fmt: skip
    return after, changes


def _suspicious(held: Held, believed: int, count: int, now: Instant, weather: Weather) -> bool:
    step = count - believed
    if step < 0:
        return is_fall(believed, count)
    if step > max(_JUMP_MIN, _JUMP_SHARE * believed) * weeks_since(held, now):
        return True
    return weather.rising and step > unusual_rise(believed, held, now)


def _pend(held: Held, believed: int, count: int, now: Instant, weather: Weather) -> Pending:
    """The held reading continued, or begun anew when this one disagrees with it."""
    fault = weather.falling if count < believed else weather.rising
    before = held.pending
    rising = count > believed
    same_side = before is not None and (before.citation_count > believed) == rising
    if before is not None and same_side and agree(before.citation_count, count, rising=rising):
        least = min(before.least, count)
        return Pending(before.since_at, count, before.readings + 1, least, before.fault or fault)
    return Pending(now, count, 1, count, fault)


def _believe(held: Held, count: int) -> Held:
    high = count if held.high is None else max(held.high, count)
    believed = (held.status, held.citation_count, held.pending, held.high)
    if believed == (Status.OK, count, None, high):
        return held
    return replace(held, status=Status.OK, citation_count=count, pending=None, high=high)


def _raise(held: Held, fresh: Rise) -> Held:
    """Note how long the count has stood at which level above what is confirmed.

    ``rises`` ascend in level and time: each says since when the count has never been
    below its level.
    """
    standing: list[Rise] = []
    for rise in held.rises:
        if rise.level < fresh.level:
            standing.append(replace(rise, readings=rise.readings + 1))
        else:
            fresh = Rise(rise.since_at, fresh.level, rise.readings, rise.previous_count)
            break
    if fresh.level > (held.confirmed_high or 0):
        standing.append(replace(fresh, readings=fresh.readings + 1))
    return replace(held, rises=tuple(standing)) if standing or held.rises else held


def _settle(held: Held, now: Instant, rules: Rules) -> tuple[Held, list[Change]]:
    """Confirm what has held long enough; one line for the highest threshold in it."""
    confirmed = held.confirmed_high or 0
    levels = [
        rise.level
        for rise in held.rises
        if rise.readings >= 2 and now - rise.since_at >= rules.confirm_after_s
    ]
    if not levels:
        return held, []
    level = levels[-1]
    left = tuple(rise for rise in held.rises if rise.level > level)
    after = replace(held, confirmed_high=level, rises=left)
    threshold = rules.ladder.highest_between(confirmed, level)
    if threshold is None:
        return after, []
    first = next(rise for rise in held.rises if rise.level >= threshold)
    count = held.citation_count
    text = f"reached {badge_text(threshold)} citations on {rules.label} ({count} now)"
    milestone = Change(
        kind=Kind.MILESTONE, at=now, source=held.source, text=text, paper=held.paper,
        old=first.previous_count, new=count, threshold=threshold, first_seen_at=first.since_at,
    )  # fmt: skip
    return after, [milestone]
