"""OpenReview: decisions, venues, withdrawals and ratings; it does not count citations.

https://docs.openreview.net/reference/api-v2; API v1 holds the older venues.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from datetime import datetime

from citewatch.domain.identifiers import OPENREVIEW, Identifier, canonical
from citewatch.domain.papers import (
    Blocked,
    Failed,
    Found,
    Missing,
    Observed,
    Outcome,
    SearchOutcome,
)
from citewatch.ports import Ask, Readings, Search
from citewatch.sources.answers import Answer, load_json, refused
from citewatch.sources.http import Call
from citewatch.sources.in_flight import as_they_come
from citewatch.sources.openreview_login import NEEDS_LOGIN, Login
from citewatch.sources.openreview_notes import Note, candidates, observe, read_notes
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.policy import RetryPolicy
from citewatch.sources.polite import ClientRules, PoliteClient, Refusal
from citewatch.sources.text import tidy

V2_URL = "https://api2.openreview.net"
V1_URL = "https://api.openreview.net"
V2, V1 = "v2", "v1"
INTERVAL_S = 5.0
# No numbers are documented; 98 and 144 requests a window were seen for accounts.
HOURLY_BUDGET = 60
TIMEOUT_S = 30.0
_NOTES_LIMIT = "1000"
_QUERY_LENGTH = 500
_LARGE_BODY = 200_000

# Repeating a request against a limit of an hour only uses it up: a 429 parks at once.
_POLICY = RetryPolicy(
    server_waits_s=(5, 10, 20), throttle_waits_s=(), park_s=1_800.0, park_most_s=7_200.0
)

_BAD_ID = Failed(reason="bad_id", detail="not an OpenReview id", retry=False)


class OpenReview:
    """One forum a request: the submission with all replies. v2 first, then v1."""

    name = "openreview"
    label = "OpenReview"
    counts = False
    schemes = (OPENREVIEW,)

    def __init__(self, options: SourceOptions, tools: Tools) -> None:
        self._hosts = {
            V2: options.first_url(V2_URL),
            V1: options.further_url("v1_url", V1_URL),
        }
        self._gap_s = options.interval_s(INTERVAL_S)
        self._in_flight = max(1, options.max_in_flight or 1)
        self._client = PoliteClient(
            tools,
            ClientRules(
                max_in_flight=self._in_flight,
                timeout_s=options.timeout_s or TIMEOUT_S,
                policy=_POLICY,
                daily_budget=options.daily_budget,
                quiet_hours=options.quiet_hours,
                open_at=reset_time,
                # Whoever sets a quicker pace than the rule has a limit of their own in mind.
                hourly_budget=HOURLY_BUDGET if self._gap_s >= INTERVAL_S else None,
            ),
            secrets=tuple(options.secrets.values()),
        )
        self._login = Login(options, self._client, gap_s=self._gap_s)

    @property
    def requests(self) -> int:
        """Requests sent so far, logins included."""
        return self._client.requests

    def blocked(self) -> str | None:
        """Guests get nothing since July 2026."""
        return None if self._login.possible else NEEDS_LOGIN

    async def aclose(self) -> None:
        """Close connections and forget tokens."""
        await self._client.aclose()

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        """Ask for one forum after the other."""
        by_id: dict[Identifier, list[Ask]] = {}
        for ask in asks:
            by_id.setdefault(ask.identifier, []).append(ask)

        async def run(entry: tuple[Identifier, list[Ask]]) -> Readings:
            identifier, askers = entry
            hint = next((a.hint for a in askers if a.hint in self._hosts), V2)
            outcome = await self._forum(identifier, first=hint)
            return [(ask, outcome) for ask in askers]

        async with aclosing(
            as_they_come(deque(by_id.items()), run, limit=self._in_flight)
        ) as answers:
            async for readings in answers:
                yield readings

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        """Look for the exact title; v1 where v2 has none."""

        async def run(search: Search) -> tuple[Search, SearchOutcome]:
            return search, await self._find(search.reference.title)

        async with aclosing(as_they_come(deque(searches), run, limit=self._in_flight)) as answers:
            async for answered in answers:
                yield answered

    # --- questions ---------------------------------------------------------------------

    async def _forum(self, identifier: Identifier, *, first: str) -> Outcome:
        if canonical(OPENREVIEW, identifier.value) != identifier:
            return _BAD_ID
        for api in (first, V1 if first == V2 else V2):
            params = (("forum", identifier.value), ("limit", _NOTES_LIMIT))
            notes = await self._notes(api, params)
            if not isinstance(notes, tuple):
                return notes
            observed = observe(notes, identifier, hint=api)
            if isinstance(observed, Observed):
                return observed
        return Missing(asked=identifier)

    async def _find(self, title: str) -> SearchOutcome:
        words = tidy(title)[:_QUERY_LENGTH]
        if not words:
            return Found(candidates=())
        for api in (V2, V1):
            notes = await self._notes(api, (("content.title", words), ("limit", "10")))
            if not isinstance(notes, tuple):
                return notes
            if found := candidates(notes, hint=api):
                return Found(candidates=found, complete=False)
        return Found(candidates=())

    async def _notes(
        self, api: str, params: tuple[tuple[str, str], ...]
    ) -> tuple[Note, ...] | Blocked | Refusal:
        """The notes that an API gives, () where it knows none."""
        if not self._login.possible:
            return Blocked(reason=NEEDS_LOGIN)
        host = self._hosts[api]
        while True:
            token = await self._login.token(host)
            if not isinstance(token, str):
                return token
            answer = await self._client.ask(
                Call(
                    url=f"{host}/notes",
                    params=params,
                    headers={"Authorization": f"Bearer {token}"},
                    gap_s=self._gap_s,
                )
            )
            if not isinstance(answer, Answer):
                return answer
            if not wants_login(answer):
                break
            # At most one renewal a host, so that this ends.
            blocked = await self._login.refused(host, token)
            if blocked is not None:
                return blocked
        if answer.status == 200:
            if len(answer.body) > _LARGE_BODY:
                return await asyncio.to_thread(read_notes, answer)
            return read_notes(answer)
        return _refused(answer)


def _refused(answer: Answer) -> tuple[Note, ...] | Blocked | Failed:
    name = error_name(answer)
    if answer.status == 404 and name == "NotFoundError":
        return ()
    if answer.status == 403:
        return Blocked(reason="private" if name == "ForbiddenError" else "refuses access (403)")
    return refused(answer)


def wants_login(answer: Answer) -> bool:
    """Whether the token is not taken: 401, or the challenge that guests get."""
    if answer.status == 401:
        return True
    return answer.status == 403 and error_name(answer) == "ChallengeRequiredError"


def error_name(answer: Answer) -> str:
    """``name`` of OpenReview's error body ``{name, message, status, details}``, else ""."""
    value = load_json(answer)
    name = value.get("name") if type(value) is dict else None
    return name if type(name) is str else ""


def reset_time(answer: Answer) -> float | None:
    """``details.resetTime`` of a 429 as seconds since 1970."""
    value = load_json(answer)
    details = value.get("details") if type(value) is dict else None
    text = details.get("resetTime") if type(details) is dict else None
    if type(text) is not str or len(text) > 40:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    # A time without a zone could be any hour: the answer then says nothing.
    return at.timestamp() if at.tzinfo else None
