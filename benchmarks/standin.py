"""The stand-in in a process of its own, with a day that the benchmark turns."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from threading import Thread

from citewatch.bootstrap import RealClock
from citewatch.domain.papers import DAY
from citewatch.sandbox import DEFAULT_START, Sandbox, synthetic_world
from tls import HOST, Certificate, serve_in_front_of
from worlds import bulk_world


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How the stand-in behaves; see `Sandbox`."""

    papers: int
    bulk: bool = False
    """Every paper at every source; else Semantic Scholar's alone, which is quicker to make."""
    limits: bool = False
    latency_s: float = 0.0
    keyless_interval_s: float = 1.0
    keyless_429_share: float = 0.0
    certificate: Certificate | None = None
    """With one it is asked over TLS."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request as the server saw it."""

    at_s: float
    """Real time, from an arbitrary start."""
    status: int
    service: str


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

    urls: Mapping[str, Mapping[str, str]]
    """Base addresses by source and setting; see `Sandbox.urls`."""
    clock: DayClock
    _pipe: Connection
    environ: Mapping[str, str] = field(default_factory=dict)
    """What clients need in their environment to trust it."""

    @property
    def url(self) -> str:
        """The base address of Semantic Scholar in it."""
        return self.urls["semantic_scholar"]["base_url"]

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
        trust = manners.certificate.environ if manners.certificate else {}
        yield StandIn(ours.recv(), clock, ours, trust)
    finally:
        ours.send("stop")
        process.join(timeout=10)
        if process.is_alive():
            process.terminate()


def _serve(manners: Manners, shift_s: Synchronized[float], pipe: Connection) -> None:
    papers = manners.papers
    box = Sandbox(
        bulk_world(papers) if manners.bulk else synthetic_world(papers, preprints=False),
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
            arrivals = [Arrival(s.monotonic_s, s.status, s.service) for s in log[told:]]
            pipe.send(sorted(arrivals, key=lambda arrival: arrival.at_s))
            told = len(log)
        box.stop()

    async def serve() -> None:
        listening = asyncio.Event()
        serving = asyncio.create_task(box.serve(listening.set))
        await listening.wait()
        urls = box.urls
        if manners.certificate is not None:
            front = await serve_in_front_of(box.port, manners.certificate.context())
            urls = _over_tls(urls, box.port, front.sockets[0].getsockname()[1])
        pipe.send(urls)
        Thread(target=listen, daemon=True).start()
        await serving

    asyncio.run(serve())


def _over_tls(
    urls: Mapping[str, Mapping[str, str]], plain: int, port: int
) -> dict[str, dict[str, str]]:
    old, new = f"http://{HOST}:{plain}", f"https://{HOST}:{port}"
    return {
        source: {name: url.replace(old, new) for name, url in by_name.items()}
        for source, by_name in urls.items()
    }


def monotonic() -> float:
    """Seconds for measuring spans of real time."""
    return time.perf_counter()
