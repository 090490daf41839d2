"""The polite client, one a source: pace, patience, memory.

What the etiquette asks for: https://www.semanticscholar.org/product/api,
https://info.arxiv.org/help/api/tou.html. Every call ends in an `Answer`, `Throttled` or
`Failed`; nothing that a source does raises. (What our own database does, does.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from citewatch.domain.papers import Failed, Throttled
from citewatch.sources.answers import Answer, message
from citewatch.sources.gatekeeper import Gatekeeper, Rations
from citewatch.sources.http import Broken, Call, Moved, Wire, may_follow, place_of
from citewatch.sources.options import Tools
from citewatch.sources.policy import (
    MAY_BE_THE_QUESTION,
    GiveUp,
    Park,
    RetryPolicy,
    Setback,
    Wait,
    next_step,
    retry_after_s,
    tries_allowed,
)
from citewatch.sources.text import detail

_MAX_REDIRECTS = 3

# A source object normally lives for one pass. One that is kept must not stay mute for ever.
_LEFT_ALONE_S = 600.0

Refusal: TypeAlias = Throttled | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRules:
    """One source's own manners."""

    max_in_flight: int
    timeout_s: float
    policy: RetryPolicy
    settled: Callable[[Answer], bool] = lambda _answer: False
    """Whether a 429 or 5xx is a considered answer, for the adapter to judge."""
    busy: frozenset[int] = frozenset()
    """Further statuses that say "not now" like a 5xx (ADS's 499)."""
    hourly_budget: int | None = None
    """Requests in any hour, None without such a rule of our own."""
    daily_budget: int | None = None
    """Requests on one day (UTC), None without such a rule."""
    quiet_hours: tuple[int, int] | None = None
    """Minutes after midnight UTC, from and to, in which nothing is asked."""
    open_at: Callable[[Answer], float | None] = lambda _answer: None
    """When (seconds since 1970) the body of a 429 says that the door opens again."""
    may_reach: Callable[[str], bool] | None = None
    """Which IP addresses may be connected to; None: all."""


@dataclass(frozen=True, slots=True)
class _Trouble:
    setback: Setback
    reason: str
    detail: str
    retry_after_s: float | None = None


class PoliteClient:
    """Asks one source, however many questions are under way, as one well-behaved visitor.

    Setbacks count for the source and not for the question: while one question waits
    to be repeated, no other leaves either. After one exhausted series of retries
    every further call is refused at once, without a request.
    """

    def __init__(self, tools: Tools, rules: ClientRules, *, secrets: Sequence[str] = ()) -> None:
        self.requests = 0
        """Sent so far, retries and redirects included."""
        self._clock = tools.clock
        self._jitter = tools.jitter
        self._rules = rules
        self._places = asyncio.Semaphore(max(1, rules.max_in_flight))
        self._gate = Gatekeeper(
            tools.clock,
            tools.gate,
            Rations(an_hour=rules.hourly_budget, a_day=rules.daily_budget, quiet=rules.quiet_hours),
        )
        self._wire = Wire(
            user_agent=_user_agent(tools.version, tools.contact),
            timeout_s=rules.timeout_s,
            connections=max(1, rules.max_in_flight),
            secrets=secrets,
            on_written=self._gate.written,
            may_reach=rules.may_reach,
        )
        self._left_alone: tuple[float, Failed] | None = None
        # Failed tries in a row, over all questions; a wave that was under way together
        # when the source stumbled counts once.
        self._setbacks = 0
        self._answers = 0
        self._first_setback_at = 0.0
        self._wave = 0

    @property
    def refusing(self) -> bool:
        """Whether the source is parked or left alone for this pass."""
        return self._refusal() is not None

    def hide(self, secret: str) -> None:
        """Keep one more secret (a token just given) out of what is passed on."""
        self._wire.hide(secret)

    async def aclose(self) -> None:
        """Close connections."""
        await self._wire.aclose()

    async def ask(self, call: Call) -> Answer | Refusal:
        """Ask until there is an answer or patience ends.

        Answers with 4xx (but 429) are returned for the source's adapter to judge.
        """
        if call.spare and (kept := await self._gate.kept_back()) is not None:
            return kept
        await self._wire.prepare(call.url)
        async with self._places:
            tries = 0
            while True:
                refusal = await self._depart(call.gap_s)
                if refusal is not None:
                    return refusal
                number, began_at = self.requests, self._clock.monotonic()
                result = await self._exchange(call)
                if isinstance(result, Answer):
                    self._setbacks = 0
                    self._answers += 1
                    if result.status not in (401, 403, 429):
                        await self._gate.answered()
                if not isinstance(result, _Trouble):
                    return result
                tries += 1
                self._count_setback(number, began_at)
                refusal = await self._stumble(result, call, tries)
                if refusal is not None:
                    return refusal

    # --- leaving ---------------------------------------------------------------------

    def _refusal(self) -> Refusal | None:
        if (parked := self._gate.parked()) is not None:
            return parked
        if self._left_alone is not None:
            until, failed = self._left_alone
            if self._clock.monotonic() < until:
                return failed
            self._left_alone = None
        return None

    async def _depart(self, gap_s: float) -> Refusal | None:
        """Leave in a slot of our own, or say why nothing may leave."""
        while True:
            await self._gate.check_rations()
            if (refusal := self._refusal()) is not None:
                return refusal
            slot = await self._gate.reserve(gap_s)
            # Known only now, when another process has parked the source.
            if (refusal := self._refusal()) is not None:
                return refusal
            if await self._gate.depart(slot, gap_s):
                break
        self.requests += 1
        return None

    # --- after a setback -------------------------------------------------------------

    def _count_setback(self, number: int, began_at: float) -> None:
        if self._setbacks == 0:
            self._first_setback_at = began_at
        if self._setbacks == 0 or number > self._wave:
            self._setbacks += 1
            self._wave = self.requests

    async def _stumble(self, trouble: _Trouble, call: Call, tries: int) -> Refusal | None:
        """Hold, park or give up; None when the question should be asked again."""
        policy = self._rules.policy
        now = self._clock.monotonic()
        step = next_step(
            policy,
            trouble.setback,
            tries=self._setbacks,
            elapsed_s=now - self._first_setback_at,
            strikes=self._gate.strikes,
            retry_after_s=trouble.retry_after_s,
            jitter=min(1.0, max(0.0, self._jitter())),
        )
        failed = Failed(reason=trouble.reason, detail=trouble.detail)
        match step:
            case Wait(seconds):
                self._gate.hold(seconds)
            case Park(seconds):
                words = detail(": ".join(w for w in (trouble.reason, trouble.detail) if w))
                return await self._gate.park(seconds, words)
            case GiveUp():
                self._left_alone = (now + _LEFT_ALONE_S, failed)
                return failed
        if trouble.setback is Setback.SERVER:
            gate_timeout = call.large and trouble.reason == "http_504"
            own_fault = call.large or (call.suspect and self._answers > 0)
            own_fault = own_fault and trouble.reason in MAY_BE_THE_QUESTION
            if gate_timeout or (own_fault and tries > 1):
                return failed
        if tries > tries_allowed(policy, trouble.setback):
            # Others were answered meanwhile: only this question is given up.
            if trouble.setback is Setback.THROTTLED:
                return Throttled(until=None, reason=trouble.detail or trouble.reason)
            return failed
        return None

    # --- one exchange --------------------------------------------------------------

    async def _exchange(self, call: Call) -> Answer | _Trouble | Refusal:
        """One request and what redirects on the same host make of it."""
        url = call.url
        for hop in range(_MAX_REDIRECTS + 1):
            if hop:
                refusal = await self._depart(call.gap_s)
                if refusal is not None:
                    return refusal
            result = await self._wire.send(call, None if hop == 0 else url)
            match result:
                case Answer():
                    return self._weigh(result)
                case Broken():
                    return _Trouble(result.setback, result.reason, result.detail)
                case Failed():
                    return result
                case Moved():
                    if not may_follow(url, result.url, call.method):
                        words = detail(f"sent elsewhere: {place_of(result.url)}")
                        return Failed(reason="redirect", detail=words)
                    url = result.url
        return Failed(reason="redirect", detail=f"redirected more than {_MAX_REDIRECTS} times")

    def _weigh(self, answer: Answer) -> Answer | _Trouble:
        """Which answers are setbacks: 429, and 5xx (or the like) that are not settled."""
        if answer.status not in (429, *self._rules.busy) and answer.status < 500:
            return answer
        if self._rules.settled(answer):
            return answer
        setback = Setback.THROTTLED if answer.status == 429 else Setback.SERVER
        now = self._clock.time()
        wait = retry_after_s(answer.headers.get("retry-after"), now)
        if setback is Setback.THROTTLED and (at := self._rules.open_at(answer)) is not None:
            wait = max(wait or 0.0, at - now) if at > now else wait
        words = message(answer)
        return _Trouble(setback, f"http_{answer.status}", words, wait)


def _user_agent(version: str, contact: str) -> str:
    mail = "".join(c for c in contact if c.isascii() and c.isprintable() and c not in " ()")
    return f"citewatch/{version} (+mailto:{mail})" if mail else f"citewatch/{version}"
