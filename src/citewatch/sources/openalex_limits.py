"""What OpenAlex's refusals and headers say about its limits. Pure; nothing raises.

Credits a day (1,000 without a key, 10,000 with a free one) and requests a second, since
2026: https://developers.openalex.org/guides/authentication. One status, 429, stands for
four different refusals, of which only the one about speed is worth a wait.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from citewatch.domain.papers import DAY, Instant
from citewatch.ports import Quota
from citewatch.sources.answers import Answer, JsonValue, load_json
from citewatch.sources.text import detail

_AFTER_MIDNIGHT_S = 300
"""Their day ends at 00:00 UTC; clocks differ."""
_BODY_BYTES = 65_536
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)
_SPENT = re.compile(r"insufficient (?:budget|credits)", re.IGNORECASE)
_SHED = re.compile(r"anonymous search|search\b.{0,20}\bunavailable", re.IGNORECASE)


class Limit(StrEnum):
    """Which limit a refusal is about."""

    PACE = "pace"
    """Too many requests in a second: wait a second."""
    CREDITS = "credits"
    """The day's credits do not cover it; what is free still passes."""
    PLAN = "plan"
    """Part of a paid plan: never ask that again."""
    SEARCH = "search"
    """Searches are refused for now, nothing else is."""


@dataclass(frozen=True, slots=True)
class Refused:
    """One refusal, in its own words."""

    limit: Limit
    words: str
    lists_pass: bool = False
    """There is less left than this costs, and enough for a list (1 credit)."""


def read_refusal(answer: Answer) -> Refused | None:
    """What a 429 or 503 is about; None for any other answer, or one in words not known."""
    if answer.status not in (429, 503) or len(answer.body) > _BODY_BYTES:
        return None
    value = load_json(answer)
    if type(value) is not dict:
        return None
    said = [t for name in ("error", "message") if type(t := value.get(name)) is str]
    words = detail(": ".join(said))
    if answer.status == 429 and "per second" in words.lower():
        return Refused(Limit.PACE, words)
    if answer.status == 429 and "plan upgrade" in words.lower():
        return Refused(Limit.PLAN, words)
    left, cost = _amount(value.get("creditsRemaining")), _amount(value.get("creditsRequired"))
    lacking = left is not None and cost is not None and left < cost
    if answer.status == 429 and (lacking or _SPENT.search(words)):
        return Refused(Limit.CREDITS, words, lists_pass=left is not None and left >= 1)
    return Refused(Limit.SEARCH, words) if _SHED.search(words) else None


def _amount(value: JsonValue) -> int | float | None:
    return value if type(value) is int or type(value) is float else None


def new_credits_at(now: float) -> Instant:
    """When there are credits again: five minutes after the next midnight, UTC."""
    return (int(now // DAY) + 1) * DAY + _AFTER_MIDNIGHT_S


def read_quota(headers: Mapping[str, str], now: float) -> Quota | None:
    """What is left of the day's credits by an answer's headers.

    ``X-RateLimit-Reset`` are the seconds until midnight, not a time.
    """
    left = _number(headers.get("x-ratelimit-remaining"))
    if left is None:
        return None
    wait = _number(headers.get("x-ratelimit-reset"))
    return Quota(
        left=left,
        of=_number(headers.get("x-ratelimit-limit")),
        unit="credits",
        resets_at=int(now + wait) if wait is not None and wait <= DAY else None,
    )


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and _NUMBER.fullmatch(text.strip()) else None
