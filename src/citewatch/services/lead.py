"""Waiting for those who may spare others a question, as long as they get on."""

from __future__ import annotations

import asyncio

PATIENCE_S = 20.0
"""Real seconds without any answer after which nobody waits any longer."""


class Lead:
    """Work in progress that may name identifiers: until then no title is looked for elsewhere.

    What has an identifier is never held up. A leader that hangs, or that a source keeps
    waiting, holds up nobody for longer than `PATIENCE_S` after its last answer.
    """

    def __init__(self, leaders: int) -> None:
        self._open = leaders
        self._moved: asyncio.Future[None] | None = None

    def beat(self) -> None:
        """An answer came."""
        if self._moved is not None and not self._moved.done():
            self._moved.set_result(None)
        self._moved = None

    def leave(self) -> None:
        """One of the leaders is done, however it ended."""
        self._open -= 1
        self.beat()

    async def finish(self) -> None:
        """Return when all are done, however long it takes."""
        while self._open > 0:
            await self._next()

    async def wait(self) -> None:
        """Return when all are done, or when none has got on for a while."""
        while self._open > 0:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._next()
            except TimeoutError:
                return

    async def _next(self) -> None:
        if self._moved is None:
            self._moved = asyncio.get_running_loop().create_future()
        await asyncio.shield(self._moved)
