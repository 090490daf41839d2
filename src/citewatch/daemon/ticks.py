"""The clockwork. The only module that knows APScheduler.

No job store: the schedule is in the rows, and a tick only asks what is due. A tick that was
missed, however often, is one tick (``coalesce``), at any time later (no grace time), and never
beside itself (``max_instances``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.base import BaseTrigger  # type: ignore[import-untyped]

_HEAL_S = 5.0


class _Every(BaseTrigger):  # type: ignore[misc]
    """So many seconds after the last time, whenever that was.

    APScheduler's own interval goes through every time that was missed, also to make one of
    them: half a minute of work after a week of sleep, for ever after a clock that began in 1970.
    """

    def __init__(self, seconds: float) -> None:
        self._gap = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Never before now, so that there is nothing to go through."""
        return now if previous is None else max(previous, now) + self._gap


class Ticks:
    """Calls things regularly. What they raise has to be dealt with by themselves."""

    def __init__(self, time: Callable[[], float]) -> None:
        self._time = time
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._running: set[asyncio.Task[None]] = set()
        self._every_s: dict[str, float] = {}
        self._healer: asyncio.Task[None] | None = None

    def every(self, name: str, seconds: float, call: Callable[[], Awaitable[None]]) -> None:
        """Call this now and then every so many seconds; another one of that name is replaced."""
        self._every_s[name] = seconds
        self._scheduler.add_job(
            self._run, _Every(seconds), args=[call], id=name, name=name,
            replace_existing=True, next_run_time=self._now(),
        )  # fmt: skip

    def never(self, name: str) -> None:
        """Do not call this any more."""
        if self._every_s.pop(name, None) is not None:
            self._scheduler.remove_job(name)

    def start(self) -> None:
        """Begin, in the loop that runs."""
        self._scheduler.start()
        self._healer = asyncio.create_task(self._heal_for_ever())

    async def stop(self, patience_s: float) -> None:
        """Begin nothing more; what is under way may come to its end, then it is cancelled."""
        if self._healer is None:
            return  # it never began
        self._healer.cancel()
        self._scheduler.shutdown(wait=False)
        running = set(self._running)
        if running:
            await asyncio.wait(running, timeout=patience_s)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def heal(self) -> None:
        """Bring back what a clock that was set back has put off into a far future.

        APScheduler keeps the wall clock's time of the next run; set back by a year, it
        would sleep for a year.
        """
        now = self._now()
        for job in self._scheduler.get_jobs():
            latest = now + timedelta(seconds=self._every_s[job.id] + _HEAL_S)
            if job.next_run_time is not None and job.next_run_time > latest:
                job.modify(next_run_time=now)

    async def _heal_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_HEAL_S)
            self.heal()

    async def _run(self, call: Callable[[], Awaitable[None]]) -> None:
        # A task of its own behind a shield: to shut down, the scheduler cancels what runs.
        task: asyncio.Task[None] = asyncio.ensure_future(_awaited(call))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        with suppress(asyncio.CancelledError):
            await asyncio.shield(task)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._time(), UTC)


async def _awaited(call: Callable[[], Awaitable[Any]]) -> None:
    await call()
