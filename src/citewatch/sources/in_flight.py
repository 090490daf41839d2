"""Several questions under way at once, answers in the order of their arrival."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import TypeVar

Job = TypeVar("Job")
Answered = TypeVar("Answered")


async def as_they_come(
    work: deque[Job], run: Callable[[Job], Awaitable[Answered]], *, limit: int
) -> AsyncGenerator[Answered, None]:
    """Run the jobs, at most ``limit`` at a time, and yield what they return.

    ``run`` may put further jobs into ``work`` (a batch that was halved). Work is
    bounded here and not in httpx's pool, which is quadratic in waiting requests. Who is
    cancelled in between still gets what was answered by then, and the cancellation after it.
    No task outlives the generator, which is closed with ``aclosing``: an ``async for``
    that is left early does not do it.
    """
    running: set[asyncio.Future[Answered]] = set()
    try:
        while work or running:
            while work and len(running) < limit:
                running.add(asyncio.ensure_future(run(work.popleft())))
            try:
                done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                for task in [task for task in running if task.done()]:
                    running.discard(task)
                    yield await task
                raise
            for task in done:
                answered = await task
                running.discard(task)
                yield answered
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
