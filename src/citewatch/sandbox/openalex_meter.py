"""What OpenAlex lets a client do: keys, credits a day, requests a second (since 2026).

A request without a key belongs to its address, one with a key to the key.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

from citewatch.sandbox.http import Request, Response, json_response
from citewatch.sandbox.limits import TOLERANCE, Window
from citewatch.sandbox.records import DAY_S

GOOD_KEY = "good"
"""Keys that begin with this are valid."""
SANDBOX_OPENALEX_KEY = "good-sandbox-key"
KEYLESS_CREDITS = 1_000
KEY_CREDITS = 10_000
KEYLESS_PER_SECOND = 10
KEY_PER_SECOND = 30
CREDIT_USD = 0.0001
COSTS = {"singleton": 0, "list": 1, "search": 10, "content": 100, "semantic": 10, "text": 100}
"""Credits by kind of request."""
_EXCEEDED = "Rate limit exceeded"


@dataclass(slots=True)
class Account:
    """One client: what it may do, and what it has used today."""

    credits: int
    per_second: int
    used: int = 0
    day: int = -1
    window: Window = field(init=False)

    def __post_init__(self) -> None:
        self.window = Window(self.per_second, 1 - TOLERANCE)

    def turn(self, now: float) -> None:
        """Begin a new day at 00:00 UTC."""
        today = math.floor(now / DAY_S)
        if today != self.day:
            self.day, self.used = today, 0

    @property
    def left(self) -> int:
        """Credits left today."""
        return max(0, self.credits - self.used)


class Meter:
    """The accounts of all clients."""

    def __init__(self) -> None:
        self._accounts: dict[str | None, Account] = {}

    def account(self, key: str | None, now: float) -> Account:
        """The account of a key, or of everyone without one, as of today."""
        account = self._accounts.get(key)
        if account is None:
            numbers = (
                (KEYLESS_CREDITS, KEYLESS_PER_SECOND)
                if key is None
                else (KEY_CREDITS, KEY_PER_SECOND)
            )
            account = self._accounts[key] = Account(*numbers)
        account.turn(now)
        return account


def key_of(request: Request) -> str | None:
    """The key that came with a request; None without one, empty for a blank one."""
    if "api_key" in request.query:
        return request.query["api_key"].strip()
    headers = request.headers
    if (authorization := headers.get("authorization")) is not None:
        scheme, _, key = authorization.partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""
    return headers.get("api-key", headers.get("api_key"))


def seconds_to_midnight(now: float) -> int:
    """Seconds until 00:00 UTC, at least 1 and at most 86,400."""
    return max(1, math.ceil(DAY_S - now % DAY_S))


def usd(credits_: float) -> float:
    """Credits in dollars."""
    return round(credits_ * CREDIT_USD, 6)


def headers(account: Account, cost: int, now: float) -> tuple[tuple[str, str], ...]:
    """The headers that say what a request cost and what is left."""
    limit, left = account.credits, account.left
    values: dict[str, object] = {
        "Limit": limit,
        "Remaining": left,
        "Credits-Used": cost,
        "Reset": seconds_to_midnight(now),
        "Onetime-Remaining": 0,
        "Limit-USD": usd(limit),
        "Remaining-USD": usd(left),
        "Cost-USD": usd(cost),
        "Prepaid-Remaining-USD": 0,
    }
    return tuple((f"X-RateLimit-{name}", str(value)) for name, value in values.items())


def report(key: str, account: Account, now: float) -> Response:
    """The answer of /rate-limit."""
    wait = seconds_to_midnight(now)
    resets = datetime.fromtimestamp(now + wait, UTC).strftime("%Y-%m-%dT00:00:00.000Z")
    limit = {
        "daily_budget_usd": usd(account.credits),
        "daily_used_usd": usd(account.used),
        "daily_remaining_usd": usd(account.left),
        "prepaid_balance_usd": 0,
        "prepaid_remaining_usd": 0,
        "prepaid_expires_at": None,
        "resets_at": resets,
        "resets_in_seconds": wait,
        "endpoint_costs_usd": {name: usd(cost) for name, cost in COSTS.items()},
    }
    return json_response(200, {"api_key": f"{key[:4]}...", "rate_limit": limit})


def bad_key() -> Response:
    """401, also where nothing is charged."""
    text = "The API key is blank or unknown. Keys are free: https://openalex.org/settings/api"
    return json_response(401, {"error": "Invalid or missing API key", "message": text})


def key_wanted() -> Response:
    """401 to a cursor behind the first page, where there is no key (seen since October 2026)."""
    text = "Cursor paging needs an API key. Keys are free: https://openalex.org/settings/api"
    return json_response(401, {"error": "API key required", "message": text})


def too_fast(per_second: int = KEYLESS_PER_SECOND) -> Response:
    """429 for too many requests in one second."""
    text = f"{_EXCEEDED}: {per_second} requests per second. Slow down and try again."
    body = {"error": _EXCEEDED, "message": text, "retryAfter": 0.1}
    return _waiting(body, 1)


def budget_spent(cost: int, left: int, now: float) -> Response:
    """429 until midnight: the day's credits do not cover the request."""
    wait = seconds_to_midnight(now)
    body = {
        "error": _EXCEEDED,
        "message": f"Insufficient budget. This request costs ${usd(cost)} but only ${usd(left)} "
        "is left today. Resets at midnight UTC. Single look-ups stay free.",
        "retryAfter": wait,
        "costUsd": usd(cost),
        "dailyRemainingUsd": usd(left),
        "prepaidRemainingUsd": 0,
        "creditsRequired": cost,
        "creditsRemaining": left,
    }
    return _waiting(body, wait)


def plan_required() -> Response:
    """429 that no waiting ends: the filter is part of a paid plan."""
    text = "Filtering and sorting by created or updated dates needs another plan."
    return json_response(429, {"error": "Plan upgrade required", "message": text})


def search_shed(*, keyed: bool) -> Response:
    """429 without a key, 503 with one: searches are shed under load, nothing else."""
    if keyed:
        return json_response(503, {"error": "Search temporarily unavailable", "message": "Busy."})
    text = "Anonymous search is limited at the moment. Use an API key."
    return _waiting({"error": "Anonymous search is unavailable", "message": text}, 30)


def query_timeout() -> Response:
    """504 after 9 seconds of work; the credits come back."""
    text = "The query took too long."
    body = {"error": "Gateway timeout", "reason": "query_timeout", "message": text}
    return json_response(504, body)


def _waiting(body: dict[str, object], seconds: int) -> Response:
    answer = json_response(429, body)
    return Response(status=429, body=answer.body, headers=(("Retry-After", str(seconds)),))
