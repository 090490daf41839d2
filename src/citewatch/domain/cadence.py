"""When to ask next: interval, jitter, sooner when something is open, later when it failed."""

from __future__ import annotations

from citewatch.domain.papers import DAY, Instant

HOUR = 3600
WEEK = 7 * DAY

_SEARCH_AFTER = (1 * WEEK, 2 * WEEK, 4 * WEEK)
"""An unresolved title is asked again after 1, 2, 4 weeks …"""
_SEARCH_THEN = 30 * DAY
"""… then monthly."""

_HELD_AGAIN = 6 * HOUR
_SLACK = HOUR
_FIRST_RETRY = 60


def next_check_after(now: Instant, every_s: int, jitter: float) -> Instant:
    """When a paper that was just answered is asked again.

    A little before the full interval (up to an hour, at most a tenth, by ``jitter`` in
    0..1), so that a job that runs at the same time every day finds it due. The jitter
    belongs to the pass, not to the paper: papers of one batch stay one batch.
    """
    return now + max(1, every_s - int(slack_of(every_s) * (0.5 + jitter / 2)))


def slack_of(every_s: int) -> int:
    """Seconds by which a question may come early: an hour, at most a tenth of the interval."""
    return min(_SLACK, every_s // 10)


def in_step(since: Instant, now: Instant, every_s: int) -> Instant:
    """The newest of the instants ``since``, ``since + every_s``, … that is not after ``now``.

    A paper that was asked about sooner, because its count was held, goes on with the
    others of its batch: out of step it would cost a request of its own, every day.
    """
    return now if since > now else since + (now - since) // every_s * every_s


def next_check_held(now: Instant, every_s: int) -> Instant:
    """Something is held: ask sooner, to confirm or to drop it."""
    return now + min(every_s, _HELD_AGAIN)


def next_check_failed(now: Instant, every_s: int, failures: int) -> Instant:
    """After ``failures`` unusable answers in a row (this one included).

    The first failure leaves the paper due, so that a user who runs again is served.
    """
    if failures <= 1:
        return now
    return now + min(every_s, _FIRST_RETRY << min(failures - 2, 12))


def next_search_after(now: Instant, searches: int) -> Instant:
    """When a title that was looked for ``searches`` times in vain is looked for again."""
    wait = _SEARCH_AFTER[searches - 1] if searches <= len(_SEARCH_AFTER) else _SEARCH_THEN
    # An hour early for the same reason as above.
    return now + wait - _SLACK


def interval(every_s: int, *, decided: bool) -> int:
    """Seconds between two looks; a decided submission moves so rarely that a week will do."""
    return max(every_s, WEEK) if decided else every_s
