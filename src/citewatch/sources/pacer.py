"""Start slots: when the next request to a source may leave."""

from __future__ import annotations

from citewatch.ports import Clock

# Start jitter lets the server see gaps a little shorter than ours: measured down to
# 0.98 of one second with fixed slots, so slots are padded.
PADDING = 1.03
_TOLERANCE_S = 1e-4


class Pacer:
    """Hands out departures at least the asked gap apart, retries included.

    Slots lie on a grid, so that a late departure does not delay all that follow;
    the true gap to the last departure is kept as well, so that it does not bunch them.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._slot: float | None = None
        self._departed: float | None = None
        self._held_until: float | None = None

    def reserve(self, gap_s: float) -> float:
        """The next slot (on the monotonic clock) that is ``gap_s`` behind the one before."""
        slot = self._clock.monotonic()
        if self._slot is not None:
            slot = max(slot, self._slot + gap_s * PADDING)
        if self._held_until is not None:
            slot = max(slot, self._held_until)
        self._slot = slot
        return slot

    def postpone(self, until: float) -> float:
        """Move the slot reserved last to ``until`` (monotonic), where that is later."""
        self._slot = until if self._slot is None else max(self._slot, until)
        return self._slot

    def hold(self, until: float) -> None:
        """Let nothing leave before ``until`` (monotonic)."""
        if self._held_until is None or until > self._held_until:
            self._held_until = until

    async def depart(self, slot: float, gap_s: float) -> bool:
        """Wait for ``slot``; False when a hold came in between: reserve again."""
        await self._sleep_until(slot)
        while gap_s and self._departed is not None and self._is_ahead(at := self._departed + gap_s):
            await self._sleep_until(at)
        if self._held_until is not None and self._is_ahead(self._held_until):
            return False
        self._departed = self._clock.monotonic()
        return True

    def written(self) -> None:
        """The last departure was held up (connecting) and reaches the source only now."""
        self._departed = self._clock.monotonic()

    def _is_ahead(self, at: float) -> bool:
        return at - self._clock.monotonic() > _TOLERANCE_S

    async def _sleep_until(self, at: float) -> None:
        wait = at - self._clock.monotonic()
        if wait > 0:
            await self._clock.sleep(wait)
