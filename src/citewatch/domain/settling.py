"""What has held: levels that become firm, thresholds announced, and taken back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from citewatch.domain.milestones import badge_text
from citewatch.domain.papers import DAY, Change, Held, Instant, Kind, Rise, Stand
from citewatch.domain.rules import Rules

_UNDONE_AFTER_S = 30 * DAY
"""A milestone whose count has stood below it for this long did not hold."""
_STANDS_KEPT = 32
"""Announced thresholds that are watched; who loses more of them has other troubles."""


def settle(held: Held, now: Instant, rules: Rules, *, before: Held) -> tuple[Held, list[Change]]:
    """Make firm what has held long enough; one line for the highest threshold in it."""
    confirmed = held.confirmed_high or 0
    level = None
    for rise in held.rises:
        if not _has_held(rise, held, now, rules, last_at=before.answered_at):
            break  # what stands on a doubtful step is as doubtful
        level = rise.level
    if level is None:
        return held, []
    left = tuple(rise for rise in held.rises if rise.level > level)
    after = replace(held, firm=level, confirmed_high=max(confirmed, level), rises=left)
    found = _news(held.rises, confirmed, level, rules)
    if found is None:
        return after, []
    threshold, first = found
    count = held.citation_count
    text = f"reached {badge_text(threshold)} citations on {rules.label} ({count} now)"
    milestone = Change(
        kind=Kind.MILESTONE, at=now, source=held.source, text=text, paper=held.paper,
        old=first.previous_count, new=count, threshold=threshold, first_seen_at=first.since_at,
    )  # fmt: skip
    stands = (*held.stands, Stand(threshold))[-_STANDS_KEPT:]
    return replace(after, stands=stands), [milestone]


def _news(
    rises: Sequence[Rise], confirmed: int, level: int, rules: Rules
) -> tuple[int, Rise] | None:
    """The highest threshold that was newly reached, and the rise that reached it.

    One that joined the ladder only after the count had reached it is no news.
    """
    former = rules.former
    for threshold in rules.ladder.between(confirmed, level):
        first = next(rise for rise in rises if rise.level >= threshold)
        if former is None or first.since_at >= former.until_at or former.ladder.has(threshold):
            return threshold, first
    return None


def _has_held(
    rise: Rise, held: Held, now: Instant, rules: Rules, *, last_at: Instant | None
) -> bool:
    """Whether a level has stood for as long as its kind has to, at two readings at least."""
    age, unit = now - rise.since_at, rules.confirm_after_s
    if rise.readings < 2 or age < unit:
        return False
    wait = unit * _wait(rise, held, now, rules)
    if age >= wait:
        return True
    # The next reading may come too late: none is to wait past the longest of the waits.
    gap = max(now - (last_at or now), age // (rise.readings - 1))
    return age + gap > rules.waits.longest * unit


def _wait(rise: Rise, held: Held, now: Instant, rules: Rules) -> int:
    waits = rules.waits
    if rise.leapt:
        return waits.leap
    count = held.citation_count
    exact = rise.level == count and rules.ladder.has(rise.level)
    restless = held.fell_at is not None and now - held.fell_at <= waits.unrest_s
    return waits.exact if exact and restless else 1


def undo(
    held: Held, count: int, since: Instant, now: Instant, rules: Rules
) -> tuple[Held, list[Change]]:
    """Take back, once, what was announced and did not hold; regaining it is silent."""
    if not held.stands or (
        count >= held.stands[-1].threshold and held.stands[-1].below_since_at is None
    ):
        return held, []
    stands: list[Stand] = []
    lines: list[Change] = []
    for stand in held.stands:
        if count >= stand.threshold:
            stands.append(Stand(stand.threshold))
            continue
        below = min(since, now) if stand.below_since_at is None else stand.below_since_at
        if below >= now or now - below < _UNDONE_AFTER_S:
            stands.append(Stand(stand.threshold, below))
            continue
        days = (now - below) // DAY
        text = (
            f"no longer {badge_text(stand.threshold)} citations on {rules.label}: "
            f"{count} now, below it for {days} days"
        )
        lines.append(
            Change(
                kind=Kind.MILESTONE_LOST, at=now, source=held.source, text=text, paper=held.paper,
                old=stand.threshold, new=count, threshold=stand.threshold, first_seen_at=below,
            )
        )  # fmt: skip
    return replace(held, stands=tuple(stands)), lines
