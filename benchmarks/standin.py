"""The stand-in in a process of its own, with a day that the benchmark turns."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from threading import Thread

from citewatch.bootstrap import RealClock
from citewatch.domain.papers import DAY
from citewatch.sandbox import DEFAULT_START, Sandbox, synthetic_world


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How the stand-in behaves; see `Sandbox`."""

    papers: int
    limits: bool = False
    latency_s: float = 0.0
    keyless_interval_s: float = 1.0
    keyless_429_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request as the server saw it."""

    at_s: float
    """Real time, from an arbitrary start."""
    status: int


class DayClock(RealClock):
    """Real time, moved to whatever day of the made world is wanted."""

    def __init__(self, shift_s: Synchronized[float]) -> None:
        self._shift_s = shift_s

    def time(self) -> float:
        """Seconds since 1970-01-01 UTC, moved."""
        return super().time() + self._shift_s.value

    def go_to_day(self, day: int) -> None:
        """Six in the morning of a day of the world, for both processes."""
        self._shift_s.value = DEFAULT_START + day * DAY + DAY / 4 - super().time()


@dataclass(slots=True)
class StandIn:
    """A running stand-in."""

    url: str
    """The base address of Semantic Scholar in it."""
    clock: DayClock
    _pipe: Connection

    def arrivals(self) -> list[Arrival]:
        """The requests since the last call, in the order of their arrival."""
        self._pipe.send("log")
        log: list[Arrival] = self._pipe.recv()
        return log


@contextmanager
def stand_in(manners: Manners) -> Iterator[StandIn]:
    """Start one; returns when it listens and ends it in the end."""
    context = multiprocessing.get_context("spawn")
    shift_s = context.Value("d", 0.0)
    clock = DayClock(shift_s)
    clock.go_to_day(0)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(manners, shift_s, theirs), daemon=True)
    process.start()
    try:
        yield StandIn(ours.recv(), clock, ours)
    finally:
        ours.send("stop")
        process.join(timeout=10)
        if process.is_alive():
            process.terminate()


def _serve(manners: Manners, shift_s: Synchronized[float], pipe: Connection) -> None:
    box = Sandbox(
        synthetic_world(manners.papers, preprints=False),
        DayClock(shift_s).time,
        limits=manners.limits,
        latency_s=manners.latency_s,
        keyless_interval_s=manners.keyless_interval_s,
        keyless_429_share=manners.keyless_429_share,
    )

    def listen() -> None:
        told = 0
        while pipe.recv() == "log":
            log = box.requests
            arrivals = [Arrival(seen.monotonic_s, seen.status) for seen in log[told:]]
            pipe.send(sorted(arrivals, key=lambda arrival: arrival.at_s))
            told = len(log)
        box.stop()

    def ready() -> None:
        pipe.send(box.urls["semantic_scholar"]["base_url"])
        Thread(target=listen, daemon=True).start()

    asyncio.run(box.serve(ready))


def monotonic() -> float:
    """Seconds for measuring spans of real time."""
    return time.perf_counter()
