"""Time, chance, processes and the environment as they really are: the only readers of them."""

from __future__ import annotations

import asyncio
import heapq
import os
import random
import time
from collections.abc import Callable, Mapping


class RealClock:
    """The clock on the wall."""

    def time(self) -> float:
        """Seconds since 1970-01-01 UTC."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class SimulatedClock:
    """A clock that jumps over every wait: two years pass in a minute.

    It jumps to the earliest wait when everybody waits, and leaves a moment of real time
    before each jump, so that a request that was just released is sent at its own instant.
    """

    _GRACE_S = 0.001

    def __init__(self, start: float) -> None:
        self._now = start
        self._waits: list[tuple[float, int, asyncio.Future[None]]] = []
        self._ticking: asyncio.Task[None] | None = None
        self._number = 0

    def time(self) -> float:
        """Seconds since 1970-01-01 UTC, as simulated."""
        return self._now

    def monotonic(self) -> float:
        """The same seconds: simulated time never runs backwards."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Return when the simulated time has come; waits that overlap pass together."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._number += 1
        heapq.heappush(self._waits, (self._now + seconds, self._number, done))
        if self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())
        await done

    async def _tick(self) -> None:
        while self._waits:
            await asyncio.sleep(self._GRACE_S)
            until, _, done = heapq.heappop(self._waits)
            self._now = max(self._now, until)
            if not done.done():
                done.set_result(None)

    def advance_to(self, instant: float) -> None:
        """Go on to an instant."""
        self._now = max(self._now, instant)


def seeded_chance(seed: int) -> Callable[[], float]:
    """Chance that is the same every time, for simulations."""
    return random.Random(seed).random


def current_environment() -> Mapping[str, str]:
    """The environment of this process."""
    return os.environ


def is_alive(process: int) -> bool:
    """Whether there is a process of this number on this machine."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it runs as somebody else
    return True


def real_chance() -> float:
    """Chance."""
    return random.random()
