"""How a count becomes believed, held or a milestone. Part of the judge; pure.

Three numbers tell how far a count is trusted. ``citation_count`` is *believed*: the last
one that was plausible, or implausible and confirmed. ``firm`` has *held*: nothing below it
was read for long enough, and a fall is measured from it. ``confirmed_high`` is the
highest that was ever firm; thresholds at or below it are settled for ever.
"""

from __future__ import annotations

from dataclasses import replace

from citewatch.domain.papers import Change, Held, Instant, Kind, Pending, Rise, Status
from citewatch.domain.rules import Rules, Waits
from citewatch.domain.settling import settle, undo
from citewatch.domain.weather import Weather, continues, is_fall, unusual_rise, weeks_since

_JUMP_MIN, _JUMP_SHARE = 10, 0.25
"""What a week may add without a question: 10, or a quarter."""


def judge_count(
    held: Held,
    count: int,
    now: Instant,
    *,
    rules: Rules,
    weather: Weather,
    another_record: bool = False,
) -> tuple[Held, list[Change]]:
    """The state after a count, and the lines that it is worth.

    ``held`` itself when the count moves nothing: nearly always, and copying a state costs
    more than judging it. ``another_record``: the source answered with another one than
    before, which explains whatever the count does.
    """
    believed = held.citation_count
    if believed is None:
        return _baseline(held, count, now), []
    if not is_implausible(held, count, now, weather):
        if count == believed and held.status is Status.OK and not _is_open(held):
            return held, []
        fresh = _rise(held, believed, count, now, rules.waits)
        if weather.quiet:
            # What a source at fault says of others is not good enough for news either.
            return _raise(_believe(held, count), fresh), []
        return _accept(held, count, fresh, now, rules, silent=False)
    pending = _pend(held, count, now, weather, rules, another_record=another_record)
    if not _is_confirmed(pending, now, weather, rules):
        return _hold(held, pending, count, now), []
    fresh = _rise(held, believed, count, now, rules.waits)
    if held.firm is None:
        return _begin_again(held, count, fresh), []
    return _accept(held, count, fresh, now, rules, silent=pending.another_record)


def _is_confirmed(pending: Pending, now: Instant, weather: Weather, rules: Rules) -> bool:
    """Whether a held count has stood for long enough, by two readings at least."""
    if pending.fault and pending.citation_count == 0:
        return False  # an outage, however long it lasts: many papers do not lose everything
    wait = rules.confirm_after_s * (rules.waits.fault if pending.fault else 1)
    together = pending.fault and weather.released
    return pending.readings >= 2 and (now - pending.since_at >= wait or together)


def is_implausible(held: Held, count: int, now: Instant, weather: Weather) -> bool:
    """Whether a count has to be seen again before it is believed.

    Falls are measured from what is believed and from what has held: a paper that goes
    back to what it had before a short-lived rise has not fallen.
    """
    believed = held.citation_count
    if believed is None or count == believed:
        return False
    step = count - believed
    if step < 0:
        firm = believed if held.firm is None else held.firm
        return count == 0 or (is_fall(believed, count) and is_fall(firm, count))
    if step > max(_JUMP_MIN, _JUMP_SHARE * believed) * weeks_since(held, now):
        return True
    return weather.rising and step > unusual_rise(believed, held, now)


def _is_open(held: Held) -> bool:
    """Whether an unchanged count may still settle something, by standing."""
    below = any(stand.below_since_at for stand in held.stands)
    return bool(held.rises or held.pending or held.low_since_at or below)


def _baseline(held: Held, count: int, now: Instant) -> Held:
    """The first count: nothing at or below it is ever announced.

    A zero is no firm ground: a source that is at fault says it of papers with hundreds.
    """
    firm, rises = (count, ()) if count else (None, (Rise(now, 0, 1, 0),))
    return replace(
        held, status=Status.OK, citation_count=count, pending=None, firm=firm, rises=rises,
        confirmed_high=max(held.confirmed_high or 0, count), high=max(held.high or 0, count),
    )  # fmt: skip


def _begin_again(held: Held, count: int, fresh: Rise) -> Held:
    """A first zero that did not last was none: what is confirmed now is the baseline."""
    return replace(
        _believe(held, count), firm=fresh.level, rises=(), low_since_at=None,
        confirmed_high=max(held.confirmed_high or 0, fresh.level),
    )  # fmt: skip


def _rise(held: Held, believed: int, count: int, now: Instant, waits: Waits) -> Rise:
    """What a count that is now believed has shown, since when, and how it came about.

    Time makes a jump plausible: then the readings that were held say the same.
    """
    pending = held.pending
    since, level, readings = now, count, 0
    if pending is not None and continues(pending, believed, count):
        since, level, readings = pending.since_at, min(pending.least, count), pending.readings
    limit = max(waits.leap_min, waits.leap_share * believed) * weeks_since(held, since)
    return Rise(since, level, readings, believed, leapt=count - believed > limit)


def _pend(
    held: Held, count: int, now: Instant, weather: Weather, rules: Rules, *, another_record: bool
) -> Pending:
    """The held reading continued, or begun anew when this one disagrees with it."""
    believed, before = held.citation_count or 0, held.pending
    fault = weather.falling if count < believed else weather.rising
    if before is not None and before.fault and _is_over(held, now, weather, rules, fault=fault):
        before = None
    if before is not None and continues(before, believed, count):
        least = min(before.least, count)
        return Pending(
            before.since_at, count, before.readings + 1, least, before.fault or fault,
            before.another_record or another_record,
        )  # fmt: skip
    return Pending(now, count, 1, count, fault, another_record)


def _is_over(held: Held, now: Instant, weather: Weather, rules: Rules, *, fault: bool) -> bool:
    """Whether the fault in which a reading was held is past: this one speaks for itself.

    The other papers are back, or the source is at fault anew after a long time. One fault
    does not bear out another: they like to hit the same papers.
    """
    if not fault:
        return weather.recovered
    before = held.answered_at or 0
    long_ago = now - before > rules.waits.longest * rules.confirm_after_s
    return long_ago and before < (weather.since_at or 0)


def _hold(held: Held, pending: Pending, count: int, now: Instant) -> Held:
    """A reading that waits. What a source at fault says leaves no trace in the rest."""
    if pending.fault:
        return replace(held, status=Status.HELD, pending=pending)
    # A count that was seen below a level has not held it, believed or not.
    rises = tuple(rise for rise in held.rises if rise.level <= count)
    fell_at = now if count < (held.citation_count or 0) else held.fell_at
    return replace(held, status=Status.HELD, pending=pending, rises=rises, fell_at=fell_at)


def _accept(
    held: Held, count: int, fresh: Rise, now: Instant, rules: Rules, *, silent: bool
) -> tuple[Held, list[Change]]:
    """Believe a count, and see what has now held long enough.

    ``silent``: a fall is no news, because another record answers and a line said so.
    """
    fell = count < fresh.previous_count
    after = _raise(_believe(held, count), fresh)
    if fell:
        after = replace(after, fell_at=fresh.since_at)
    after, drops = _fall(after, count, fresh.since_at, now, rules, silent=silent)
    after, milestones = settle(after, now, rules, before=held)
    after, undone = undo(after, count, fresh.since_at, now, rules)
    return after, [*drops, *milestones, *undone]


def _believe(held: Held, count: int) -> Held:
    high = count if held.high is None else max(held.high, count)
    believed = (held.status, held.citation_count, held.pending, held.high)
    if believed == (Status.OK, count, None, high):
        return held
    return replace(held, status=Status.OK, citation_count=count, pending=None, high=high)


def _raise(held: Held, fresh: Rise) -> Held:
    """Note how long the count has stood at which level above what is firm.

    ``rises`` ascend in level and time: each says since when the count has never been
    below its level.
    """
    standing: list[Rise] = []
    for rise in held.rises:
        if rise.level < fresh.level:
            standing.append(replace(rise, readings=rise.readings + 1))
        else:
            fresh = replace(rise, level=fresh.level)
            break
    if held.firm is None or fresh.level > held.firm:
        standing.append(replace(fresh, readings=fresh.readings + 1))
    return replace(held, rises=tuple(standing)) if standing or held.rises else held


def _fall(
    held: Held, count: int, since: Instant, now: Instant, rules: Rules, *, silent: bool
) -> tuple[Held, list[Change]]:
    """A drop: the count has stood well below what was firm, in one step or in many."""
    firm = held.firm
    if firm is None or not is_fall(firm, count):
        return (held if held.low_since_at is None else replace(held, low_since_at=None)), []
    low_since = min(since, now) if held.low_since_at is None else held.low_since_at
    if low_since >= now or now - low_since < rules.confirm_after_s:
        return replace(held, low_since_at=low_since), []
    after = replace(held, firm=count, low_since_at=None, rises=())
    if silent:
        return after, []
    text = f"fell from {firm} to {count} citations on {rules.label}"
    return after, [
        Change(
            kind=Kind.DROP, at=now, source=held.source, text=text, paper=held.paper,
            old=firm, new=count, first_seen_at=low_since,
        )
    ]  # fmt: skip
