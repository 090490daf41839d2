"""Keeping the event loop free while a pass works through many papers."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

_FEW = 100
"""So many papers are judged and stored in some 5 ms. To hand work to a thread and back was
measured to cost 0.5 ms of CPU on a small virtual machine, more than most of the work itself."""
_NEVER = 1_000_000_000

P = ParamSpec("P")
T = TypeVar("T")


async def aside(size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do work on so many papers: in a thread, unless they are few.

    A thread cannot be stopped, and what follows must not run beside it: a cancellation
    waits until the work is done, and is raised where the caller waits next.
    """
    if size <= _FEW:
        return work(*args, **kwargs)
    thread = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    asked_to_stop = False
    while not thread.done():
        try:
            await asyncio.wait([thread])
        except asyncio.CancelledError:
            asked_to_stop = True
    task = asyncio.current_task()
    if asked_to_stop and task is not None:
        task.uncancel()
        task.cancel()
    return thread.result()


@contextmanager
def young_garbage_only() -> Iterator[None]:
    """No full collections while a pass is under way; passes of one process never overlap.

    A full one looks at everything that is held of every paper: 100 ms at 10,000 papers, in
    which nothing is sent or received, and a fifth of all CPU. What dies in a pass dies young.
    """
    young, middle, old = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(young, middle, old)
