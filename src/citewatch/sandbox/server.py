"""The stand-in as a server on loopback: routing, faults, latency, and a log of requests."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from citewatch.sandbox.faults import Fault, parse_faults
from citewatch.sandbox.faulty import instead, spoiled
from citewatch.sandbox.http import (
    HEAD_LIMIT,
    Connections,
    Request,
    Response,
    json_response,
)
from citewatch.sandbox.mounts import ARXIV, MOUNTS, S2, services_of
from citewatch.sandbox.services import Limits, services
from citewatch.sandbox.world import World

LOG_LIMIT = 200_000
"""The log keeps this many requests, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as the server saw it."""

    at: float
    """By the clock that the server was given, epoch seconds."""
    monotonic_s: float
    """Real time on arrival, from an arbitrary start; for measuring gaps."""
    service: str
    method: str
    path: str
    query: Mapping[str, str]
    status: int
    """0 where no answer was given: a connection torn down, or left hanging."""
    ids: int
    """How many papers were asked for."""


class Sandbox:
    """The stand-in for all services of `mounts.MOUNTS` on one loopback port.

    ``clock`` gives epoch seconds; it drives the world, the limits and token lifetimes.
    ``faults`` maps services and groups to faults (see `set_fault`). With ``limits=False``
    nobody is refused for asking too often; the two keyless values concern Semantic Scholar
    without a key. ``latency_s`` is real time before each answer.

    Use as ``with Sandbox(…) as box`` (a thread of its own), ``async with`` (the running
    loop) or ``await box.serve()`` (until cancelled or `stop`).
    """

    def __init__(
        self,
        world: World,
        clock: Callable[[], float],
        *,
        faults: Mapping[str, str] | None = None,
        limits: bool = True,
        latency_s: float = 0.0,
        keyless_interval_s: float = 1.0,
        keyless_429_share: float = 0.0,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.world = world
        self.host = host
        self.port = port
        self.latency_s = latency_s
        self.counts: Counter[tuple[str, int]] = Counter()
        """Requests so far by (service, status)."""
        self._clock = clock
        self._faults: dict[str, Fault] = {}
        self._log: deque[Seen] = deque(maxlen=LOG_LIMIT)
        self._in_flight: Counter[str] = Counter()
        how = Limits(
            on=limits,
            s2_keyless_interval_s=keyless_interval_s,
            s2_keyless_429_share=keyless_429_share,
        )
        self._services = services(world, how, self._in_flight)
        self._server: asyncio.Server | None = None
        self._connections = Connections(self._respond)
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], None] = lambda: None
        for service, fault in (faults or {}).items():
            self.set_fault(service, fault)

    @property
    def urls(self) -> dict[str, dict[str, str]]:
        """Base addresses by the names that they have in config.toml."""
        root = f"http://{self.host}:{self.port}"
        found: dict[str, dict[str, str]] = {}
        for mount in MOUNTS:
            found.setdefault(mount.source, {})[mount.setting] = root + mount.prefix
        return found

    @property
    def requests(self) -> list[Seen]:
        """The log, oldest first (a copy)."""
        return list(self._log)

    def set_fault(self, service: str, name: str | None) -> None:
        """Make a service, a group (openreview, all) or nobody (None) fail from now on.

        ``name`` is one of `faults.FAULTS`, or ``NAME@N`` for the next N requests alone.
        Raises ValueError for a name that does not exist.
        """
        if name is None:
            for each in services_of(service):
                self._faults.pop(each, None)
        else:
            self._faults |= parse_faults(f"{service}={name}")

    # Answering

    async def _respond(self, request: Request) -> Response:
        began = asyncio.get_running_loop().time()
        now = self._clock()
        mount = next((m for m in MOUNTS if request.path.startswith(m.prefix + "/")), None)
        if mount is None:
            return json_response(404, {"message": "no such service"})
        service, request = mount.service, request.under(mount.prefix)
        self._in_flight[service] += 1
        try:
            response = self._answer(service, request, now)
            if self.latency_s:
                await asyncio.sleep(self.latency_s)
        finally:
            self._in_flight[service] -= 1
        seen = Seen(
            at=now,
            monotonic_s=began,
            service=service,
            method=request.method,
            path=request.path,
            query=request.query,
            status=response.status,
            ids=response.ids,
        )
        self._log.append(seen)
        self.counts[service, seen.status] += 1
        return response

    def _answer(self, service: str, request: Request, now: float) -> Response:
        fault = self._next_fault(service) or self._due(service, now)
        if fault is None:
            return self._services[service](request, now, None)
        replaced = instead(service, fault, request, now)
        if replaced is not None:
            return replaced
        return spoiled(self._services[service](request, now, fault), fault)

    def _next_fault(self, service: str) -> str | None:
        """The fault that the next request to a service meets; used up when it has a number."""
        fault = self._faults.get(service)
        if fault is None:
            return None
        if fault.first == 1:
            self._faults.pop(service, None)
        elif fault.first is not None:
            self._faults[service] = Fault(fault.name, fault.first - 1)
        return fault.name

    def _due(self, service: str, now: float) -> str | None:
        """The fault that the world itself has in store for this time."""
        if service == S2 and self.world.on("s2_outage", now):
            return "outage"
        if service == ARXIV and self.world.on("arxiv_throttled", now):
            return "throttle"
        return None

    # Life

    async def start(self) -> None:
        """Listen; `port` is known afterwards. Raises OSError when the port is taken."""
        self._connections.closed = False
        self._server = await asyncio.start_server(
            self._connections.accept, self.host, self.port, limit=HEAD_LIMIT
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def aclose(self) -> None:
        """Stop listening and end every connection."""
        if self._server is None:
            return
        # asyncio forgets a connection that it accepted in the very step in which the server is
        # closed (Server._attach fails), and its socket stays open. So: first stop accepting,
        # let what has been accepted arrive, then close.
        for listener in self._server.sockets:
            asyncio.get_running_loop().remove_reader(listener.fileno())
        await self._connections.close()
        self._server.close()
        await self._server.wait_closed()
        self._server = None

    async def serve(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Listen and answer until cancelled or until `stop`; then close everything."""
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def stop() -> None:
            loop.call_soon_threadsafe(done.set)

        self._stop = stop
        await self.start()
        try:
            on_ready()
            await done.wait()
        finally:
            await self.aclose()

    def stop(self) -> None:
        """End `serve`, from any thread; harmless when it has ended."""
        with suppress(RuntimeError):
            self._stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        ready = threading.Event()
        failures: list[BaseException] = []

        def run() -> None:
            try:
                asyncio.run(self.serve(ready.set))
            except BaseException as error:  # noqa: BLE001 - handed to the starting thread
                failures.append(error)
            finally:
                ready.set()

        self._thread = threading.Thread(target=run, name="citewatch-sandbox", daemon=True)
        self._thread.start()
        ready.wait()
        if failures:
            self._thread.join()
            raise failures[0]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
