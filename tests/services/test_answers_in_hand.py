"""Whoever stops a pass keeps what was answered by then, and nothing runs on beside the end."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import aclosing

import pytest

from citewatch.services.loop import aside
from citewatch.sources.in_flight import as_they_come


def test_what_was_answered_by_the_time_of_the_end_is_handed_over() -> None:
    got: list[str] = []

    async def scene() -> None:
        doors = {name: asyncio.Event() for name in ("first", "second", "third")}

        async def run(name: str) -> str:
            await doors[name].wait()
            return name

        async def consume() -> None:
            async with aclosing(as_they_come(deque(doors), run, limit=3)) as answers:
                async for answered in answers:
                    got.append(answered)  # noqa: PERF401 - all but the last one have to be seen

        task = asyncio.create_task(consume())
        await asyncio.sleep(0)
        doors["first"].set()
        for _ in range(9):
            await asyncio.sleep(0)
        doors["second"].set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # it is answered; whoever waits for it has not been told yet
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scene())
    assert got == ["first", "second"]


def test_an_end_while_many_papers_are_stored_waits_for_the_thread_and_for_what_came_meanwhile() -> (
    None
):
    steps: list[str] = []
    inside, go_on = threading.Event(), threading.Event()

    def store(name: str) -> None:
        inside.set()
        go_on.wait(10)
        steps.append(name)

    async def answer(name: str) -> str:
        return name

    async def scene() -> None:
        async def consume() -> None:
            try:
                async with aclosing(as_they_come(deque(["a", "b"]), answer, limit=2)) as answers:
                    async for answered in answers:
                        await aside(1_000, store, answered)
            finally:
                steps.append("end")

        task = asyncio.create_task(consume())
        await asyncio.to_thread(inside.wait, 10)
        task.cancel()
        await asyncio.sleep(0.05)
        assert steps == [], "the end waits for the thread"
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert sorted(steps[:-1]) == ["a", "b"]
    assert steps[-1] == "end"


def test_what_fails_in_the_thread_is_raised_as_itself() -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        asyncio.run(aside(1_000, fail))
