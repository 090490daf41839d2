"""A list source that lets one question go first.

Several questions under way at once are only for a service that has just answered one and
has not said that it wants fewer.
"""

from __future__ import annotations

import asyncio

from citewatch.domain.papers import Blocked
from citewatch.sources.answers import Answer
from citewatch.sources.batched import BatchedSource
from citewatch.sources.http import Call
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.polite import Refusal


class Places:
    """A semaphore whose number of places may change while it is in use."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._taken = 0
        self._left = asyncio.Event()

    def allow(self, places: int) -> None:
        """So many at once from now on; whoever is inside stays."""
        self._allowed = max(1, places)
        self._left.set()

    async def __aenter__(self) -> None:
        while self._taken >= self._allowed:
            self._left.clear()
            await self._left.wait()
        self._taken += 1

    async def __aexit__(self, *_error: object) -> None:
        self._taken -= 1
        self._left.set()


class OneFirst(BatchedSource):
    """Asks one question, then as many at once as `places` finds in the answer."""

    def __init__(self, options: SourceOptions, tools: Tools) -> None:
        super().__init__(options, tools)
        self._places = Places(1)

    def places(self, answer: Answer) -> int:
        """How many questions may be under way at once after this answer."""
        del answer
        return self._limit

    async def send(self, call: Call) -> Answer | Refusal | Blocked:
        """One question while it has its place."""
        return await super().ask(call)

    async def ask(self, call: Call) -> Answer | Refusal | Blocked:
        """One question when a place is free."""
        async with self._places:
            answer = await self.send(call)
            if isinstance(answer, Answer) and answer.status < 400:
                self._places.allow(min(self._limit, self.places(answer)))
            return answer
