"""Whether OpenAlex may be asked for what costs credits, remembered across passes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial

from citewatch.domain.papers import Failed, Instant, Throttled
from citewatch.ports import Clock, Gate, Quota
from citewatch.sources.openalex_limits import Limit, Refused, new_credits_at
from citewatch.sources.polite import Refusal

_FREE = 200
"""Single works looked up in one pass instead of lists: 40 s at the usual pace."""

_UNTOLD = 100
"""Pages that can wait, asked for in one pass while the service does not say what is left."""
KEPT = 0.5
"""Of a day's credits this share is kept for counts and titles: who cites a paper can wait."""


class Credits:
    """What has been refused so far. The gate is a database: it is touched in threads only."""

    def __init__(self, clock: Clock, gate: Gate) -> None:
        self.free = _FREE
        """Look-ups of single works that may still stand in for lists."""
        self._untold = _UNTOLD
        self._clock = clock
        self._gate = gate
        self._recalled = False
        self._spent: Throttled | None = None
        self._no_search: Throttled | None = None
        self._shut: Throttled | None = None

    async def recall(self) -> None:
        """Once: whether an earlier pass has spent the day's credits."""
        if self._recalled:
            return
        self._recalled = True
        until = (await asyncio.to_thread(self._gate.load)).spent_until
        if until is not None and self._spent is None:
            self._spent = _no_credits(until)

    def spent(self) -> Throttled | None:
        """Why nothing that costs can be asked; the same object until that is over."""
        self._spent = self._unless_over(self._spent)
        return self._spent

    def saved(self, quota: Quota | None) -> Throttled | None:
        """Why what can wait is not paid for any more today; None where it may be, once."""
        if quota is None or quota.of is None:
            self._untold -= 1
            return None if self._untold >= 0 else self._kept("what is left is not known")
        if quota.left > quota.of * KEPT:
            return None
        return self._kept(f"{quota.left:,.0f} of {quota.of:,.0f} are left")

    def _kept(self, words: str) -> Throttled:
        reason = f"the other half of the day's credits is kept for counts ({words})"
        return Throttled(until=self._new_ones_at(), reason=reason)

    def shut(self) -> Throttled | None:
        """Why not even what is free can be asked."""
        self._shut = self._unless_over(self._shut)
        return self._shut

    async def shut_down(self) -> Throttled:
        """Even what is free was refused for want of credits: the source is parked."""
        spent = await self._spend()
        if self._shut is None:
            self._shut = spent
            until = spent.until or self._new_ones_at()
            park = partial(self._gate.park, until, spent.reason, strike=False)
            await asyncio.to_thread(park)
        return spent

    def no_search(self) -> Throttled | None:
        """Why no title can be looked for."""
        self._no_search = self._unless_over(self._no_search)
        return self.spent() or self._no_search

    async def refuse(self, refused: Refused) -> Refusal:
        """What a refusal comes to, for the question that met it; kept for those that follow."""
        match refused.limit:
            case Limit.PLAN:
                return Failed(reason="plan", detail=refused.words, retry=False)
            case Limit.CREDITS if refused.lists_pass:
                words = "the day's credits do not suffice for a title search any more"
                self._no_search = Throttled(until=self._new_ones_at(), reason=words)
                return self._no_search
            case Limit.CREDITS:
                return await self._spend()
            case Limit.SEARCH:
                self._no_search = Throttled(until=None, reason=refused.words)
                return self._no_search
            case Limit.PACE:  # waited out by the polite client
                return Throttled(until=None, reason=refused.words)

    async def _spend(self) -> Throttled:
        if (spent := self.spent()) is not None:
            return spent
        until = self._new_ones_at()
        self._spent = spent = _no_credits(until)
        await asyncio.to_thread(self._gate.spend, until)
        return spent

    def _new_ones_at(self) -> Instant:
        return new_credits_at(self._clock.time())

    def _unless_over(self, throttled: Throttled | None) -> Throttled | None:
        if throttled is None or throttled.until is None:
            return throttled
        return throttled if throttled.until > self._clock.time() else None


def _no_credits(until: Instant) -> Throttled:
    at = datetime.fromtimestamp(until, UTC)
    words = f"the day's credits are spent; new ones come at {at:%Y-%m-%d %H:%M} UTC"
    return Throttled(until=until, reason=words)
