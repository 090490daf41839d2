"""When to ask again after a setback, and when to leave a source alone. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TypeAlias

LONGEST_WAIT_S = 60.0
"""No wait above this is served in place: the source is parked instead."""

MAY_BE_THE_QUESTION = ("http_500", "http_502", "http_504", "http_499")
"""One bad or huge record was seen to end a whole batch so; 503 and the rest are outages."""

_LONGEST_PARKING_S = 366 * 86_400.0
"""A source that wants to be left alone for longer is asked once a day whether it still does."""

_ASKED_WAITS = 3
"""In-place waits for a ``Retry-After`` where the policy itself would park at once."""

_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,6})?")


class Setback(StrEnum):
    """How a try failed, as far as waiting is concerned."""

    THROTTLED = "throttled"
    SERVER = "server"
    TIMEOUT = "timeout"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How one source is asked again. Waits are seconds before the 2nd, 3rd, … try."""

    server_waits_s: tuple[float, ...] = (2, 4, 8, 16, 32)
    """After 5xx and timeouts."""
    throttle_waits_s: tuple[float, ...] = (2, 4, 8, 16, 32)
    """After 429; empty: park at once."""
    connection_waits_s: tuple[float, ...] = (2, 4, 8)
    """Names that do not resolve, refused and reset connections: quick to tell."""
    jitter_share: float = 0.25
    series_s: float = 80.0
    """No retry starts later than this after the first setback in a row."""
    park_s: float = 300.0
    """First parking after a 429 that retries did not cure; doubles with every strike."""
    park_most_s: float = 3_600.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Try again after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Park:
    """Leave the source alone for so many seconds, across restarts."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Leave the source for this pass."""


Step: TypeAlias = Wait | Park | GiveUp


def next_step(
    policy: RetryPolicy,
    setback: Setback,
    *,
    tries: int,
    elapsed_s: float,
    strikes: int,
    retry_after_s: float | None,
    jitter: float,
) -> Step:
    """What to do after a setback.

    ``tries`` counts failed tries in a row, this one included, ``elapsed_s`` the time
    since the first of them began, ``strikes`` the parkings in a row before.
    ``retry_after_s`` is what the source asked for, None where it did not.
    """
    if retry_after_s is not None and retry_after_s > LONGEST_WAIT_S:
        return Park(min(retry_after_s, _LONGEST_PARKING_S))
    waits = _waits(policy, setback)
    limit = len(waits) or (_ASKED_WAITS if retry_after_s is not None else 0)
    if tries <= limit:
        base = waits[tries - 1] if retry_after_s is None else retry_after_s
        wait = min(LONGEST_WAIT_S, base * (1 + policy.jitter_share * jitter))
        if elapsed_s + wait <= policy.series_s:
            return Wait(wait)
    if setback is Setback.THROTTLED:
        doubled = policy.park_s * 2.0 ** min(strikes, 20)
        return Park(min(doubled, policy.park_most_s))
    return GiveUp()


def _waits(policy: RetryPolicy, setback: Setback) -> tuple[float, ...]:
    match setback:
        case Setback.THROTTLED:
            return policy.throttle_waits_s
        case Setback.SERVER | Setback.TIMEOUT:
            return policy.server_waits_s
        case Setback.CONNECTION:
            return policy.connection_waits_s


def tries_allowed(policy: RetryPolicy, setback: Setback) -> int:
    """How often one question may fail before it is given up, while others succeed."""
    return len(_waits(policy, setback)) or _ASKED_WAITS


def retry_after_s(header: str | None, now: float) -> float | None:
    """Seconds to wait by a ``Retry-After`` header (RFC 9110 §10.2.3), None without a usable one.

    Zero and dates that have passed say nothing useful (arXiv's OAI sends
    ``Retry-After: 0`` with its 503) and count as absent.
    """
    if header is None:
        return None
    text = header.strip()
    if _SECONDS.fullmatch(text):
        seconds = float(text)
    else:
        try:
            at = parsedate_to_datetime(text)
            seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, TypeError, OverflowError, IndexError):
            return None
    return seconds if seconds > 0 else None
