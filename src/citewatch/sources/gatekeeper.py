"""Who may leave for a source, and when: pace, parking and budget, also across processes."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from dataclasses import dataclass
from functools import partial

from citewatch.domain.papers import Throttled
from citewatch.ports import Clock, Gate, GateState
from citewatch.sources.pacer import PADDING, Pacer

_HOUR_S = 3_600.0
_DAY_S = 86_400.0
# Two parkings of one wave, seconds apart, are one strike.
_SAME_PARKING_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rations:
    """How much is asked at most, and when not at all; None: no such rule."""

    an_hour: int | None = None
    a_day: int | None = None
    """Requests on one day, UTC."""
    quiet: tuple[int, int] | None = None
    """Minutes after midnight UTC: from, to; ``from > to`` runs over midnight."""

    def quiet_for_s(self, now: float) -> float:
        """Seconds until the quiet hours end; 0 outside of them."""
        if self.quiet is None:
            return 0.0
        begin, end = (60.0 * minutes for minutes in self.quiet)
        second = now % _DAY_S
        inside = begin <= second < end if begin < end else second >= begin or second < end
        return (end - second) % _DAY_S if inside else 0.0


class Gatekeeper:
    """Keeps requests apart, and remembers in the gate what other processes must know.

    The gate is a database: it is only ever touched from a thread. With a gap of 0
    nothing has to be remembered of single requests, and it is read only once.
    """

    def __init__(self, clock: Clock, gate: Gate, rations: Rations) -> None:
        self._clock = clock
        self._gate = gate
        self._pacer = Pacer(clock)
        self._turn = asyncio.Lock()
        self._state: GateState | None = None
        self._sent_at: float | None = None
        self._parked: Throttled | None = None
        self._rations = rations
        self._departures: deque[float] = deque(maxlen=rations.an_hour or 1)

    @property
    def strikes(self) -> int:
        """Parkings in a row before now, without a good answer in between."""
        return self._state.strikes if self._state else 0

    def parked(self) -> Throttled | None:
        """Whether the source must be left alone now, as far as is known here."""
        parked = self._parked
        if parked is not None and parked.until is not None and parked.until > self._clock.time():
            return parked
        self._parked = None
        return None

    def hold(self, seconds: float) -> None:
        """Let nothing leave for so long: a question waits to be repeated."""
        self._pacer.hold(self._clock.monotonic() + seconds)

    async def reserve(self, gap_s: float) -> float:
        """A slot to leave in (monotonic); look at `parked` before and after waiting for it."""
        async with self._turn:
            slot = self._pacer.reserve(gap_s)
            if gap_s > 0 or self._state is None or self._rations.a_day is not None:
                slot = await self._pass_gate(slot, gap_s)
        return slot

    async def depart(self, slot: float, gap_s: float) -> bool:
        """Wait for the slot and leave; False when a hold came in between: reserve again."""
        if not await self._pacer.depart(slot, gap_s):
            return False
        self._departures.append(self._clock.time())
        return True

    def written(self) -> None:
        """A request that left has reached its connection only now: the gap counts from here."""
        self._pacer.written()

    async def check_rations(self) -> None:
        """Park the source while a rule of our own says that nothing is asked."""
        if self.parked():
            return
        if (quiet_s := self._rations.quiet_for_s(self._clock.time())) > 0:
            # Not remembered in the gate: the user may change them at any time.
            until = math.ceil(self._clock.time() + quiet_s)
            self._parked = Throttled(until=until, reason="quiet hours")
            return
        budget = self._rations.an_hour
        if budget is None or len(self._departures) < budget:
            return
        left_s = self._departures[0] + _HOUR_S - self._clock.time()
        if left_s > 0:
            words = f"own budget of {budget} requests an hour is spent"
            await self.park(left_s, words, strike=False)

    async def kept_back(self) -> Throttled | None:
        """Why what can wait is not asked any more today: half of our own budget is spent."""
        budget = self._rations.a_day
        if budget is None:
            return None
        state = await asyncio.to_thread(self._gate.load)
        now = self._clock.time()
        done = state.day_requests if state.day == int(now // _DAY_S) else 0
        if 2 * (done + 1) <= budget:
            return None
        words = f"the other half of our own {budget} requests a day is kept for counts"
        return Throttled(until=math.ceil(now + _DAY_S - now % _DAY_S), reason=words)

    async def park(self, seconds: float, reason: str, *, strike: bool = True) -> Throttled:
        """Leave the source alone for so long, whoever asks, restarts included."""
        until = math.ceil(self._clock.time() + seconds)
        already = self.parked()
        if already and already.until is not None and already.until + _SAME_PARKING_S >= until:
            return already
        self._parked = Throttled(until=until, reason=reason)
        await asyncio.to_thread(partial(self._gate.park, until, reason, strike=strike))
        return self._parked

    async def answered(self) -> None:
        """A good answer came: what was remembered against the source is forgotten."""
        if self.parked():
            return  # it was under way when another one was told to wait
        state = self._state
        if state is not None and (state.strikes or state.not_before is not None):
            self._state = GateState(last_request_at=state.last_request_at)
            await asyncio.to_thread(self._gate.answered, self._clock.time())

    async def _pass_gate(self, slot: float, gap_s: float) -> float:
        """Heed what is remembered from other processes, and leave word of this request."""
        while True:
            offset = self._clock.time() - self._clock.monotonic()
            state = await asyncio.to_thread(self._enter, slot + offset, gap_s)
            self._state = state
            if state.not_before is not None and state.not_before > self._clock.time():
                reason = state.reason or "asked to be left alone"
                self._parked = Throttled(until=state.not_before, reason=reason)
                return slot
            if self._day_is_spent(state):
                left_s = _DAY_S - self._clock.time() % _DAY_S
                words = f"own budget of {self._rations.a_day} requests a day is spent"
                # Not remembered as a parking: the day's count is, and the user may raise it.
                until = math.ceil(self._clock.time() + left_s)
                self._parked = Throttled(until=until, reason=words)
                return slot
            earliest = self._after_others(state, gap_s)
            if slot + offset >= earliest:
                if gap_s > 0:
                    self._sent_at = slot + offset
                return slot
            slot = self._pacer.postpone(earliest + 0.001 - offset)

    def _enter(self, at: float, gap_s: float) -> GateState:
        """In a thread."""
        state = self._gate.load()
        parked = state.not_before is not None and state.not_before > self._clock.time()
        noted = gap_s > 0 or self._rations.a_day is not None
        may_go = not parked and not self._day_is_spent(state)
        if noted and may_go and at >= self._after_others(state, gap_s):
            self._gate.sent(at)
        return state

    def _day_is_spent(self, state: GateState) -> bool:
        budget = self._rations.a_day
        today = int(self._clock.time() // _DAY_S)
        return budget is not None and state.day == today and state.day_requests >= budget

    def _after_others(self, state: GateState, gap_s: float) -> float:
        """When a request may leave as far as another process' last one is concerned."""
        last = state.last_request_at
        if last is None or gap_s <= 0:
            return -math.inf
        if self._sent_at is not None and last <= self._sent_at + 0.01:
            return -math.inf
        # A clock that was set back must not make us wait for the future.
        return min(last, self._clock.time()) + gap_s * PADDING
