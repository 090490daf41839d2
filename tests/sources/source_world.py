"""A clock that runs by itself, a gate in memory, and a loopback server that misbehaves on cue."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import ssl
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from types import TracebackType
from urllib.parse import parse_qsl, urlsplit

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Outcome, Reference, SearchOutcome
from citewatch.ports import Ask, GateState, Search, Source
from citewatch.sources.registry import SourceOptions, SourceSpec, Tools, known_sources

START = 1_770_000_000.0


class RunningClock:
    """Sleeping takes no time: the clock jumps instead. Keeps every sleep."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    def time(self) -> float:
        return START + self.now

    def monotonic(self) -> float:
        return 500.0 + self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += max(0.0, seconds)
        await asyncio.sleep(0)


class MemoryGate:
    """One source's gate; shared between sources it is one shared by processes."""

    def __init__(self, state: GateState | None = None) -> None:
        self.state = state or GateState()
        self.threads: set[int] = set()
        self.parkings: list[tuple[int, str]] = []
        self.sent_at: list[float] = []
        self.good_answers = 0
        self._lock = threading.Lock()

    def load(self) -> GateState:
        self.threads.add(threading.get_ident())
        with self._lock:
            return self.state

    def sent(self, at: float) -> None:
        with self._lock:
            self.sent_at.append(at)
            day = int(at // 86_400)
            done = self.state.day_requests if self.state.day == day else 0
            self.state = replace(self.state, last_request_at=at, day=day, day_requests=done + 1)

    def spend(self, until: int) -> None:
        with self._lock:
            self.state = replace(self.state, spent_until=until)

    def park(self, until: int, reason: str, *, strike: bool = True) -> None:
        self.threads.add(threading.get_ident())
        with self._lock:
            self.parkings.append((until, reason))
            strikes = self.state.strikes + strike
            self.state = replace(self.state, not_before=until, reason=reason, strikes=strikes)

    def answered(self, at: float) -> None:
        with self._lock:
            self.good_answers += 1
            if (self.state.not_before or 0) <= at:
                self.state = replace(self.state, not_before=None, reason="", strikes=0)


# --- a server ----------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    line: str
    at: float
    """On the server's clock."""


@dataclass(frozen=True)
class Reply:
    """What is written back; ``pieces`` go out one by one, ``pause_s`` (real) apart."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    pieces: Sequence[bytes] | None = None
    pause_s: float = 0.0
    delay_s: float = 0.0
    promise: int | None = None
    """A Content-Length that is not that of the body."""
    hang_up: bool = False
    reset: bool = False
    """Break the connection off (TCP RST) instead of closing it."""
    garbage: bytes | None = None


Handler = Callable[[Request], "Reply | Awaitable[Reply]"]


class Server:
    """HTTP/1.1 on a loopback port; keeps what it was asked."""

    def __init__(
        self,
        handler: Handler,
        now: Callable[[], float] | None = None,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.handler = handler
        self.tls = tls
        self.requests: list[Request] = []
        self.open_now = 0
        self.open_most = 0
        self._now = now or (lambda: 0.0)
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        assert self._server is not None
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Server:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=self.tls)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._one(reader, writer):
                    pass
        finally:
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()
            self._talks.discard(task)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await self._read(reader)
        if request is None:
            return False
        self.requests.append(request)
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        try:
            given = self.handler(request)
            reply = given if isinstance(given, Reply) else await given
            if reply.delay_s:
                await asyncio.sleep(reply.delay_s)
        finally:
            self.open_now -= 1
        return await _write(writer, reply)

    async def _read(self, reader: asyncio.StreamReader) -> Request | None:
        try:
            head = await reader.readexactly(1)
            if not head.isalpha():
                return None  # somebody begins to speak TLS: any server hangs up
            head += await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        line, *rest = head.decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ", 2)
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (h.partition(":") for h in rest if h)
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Request(method, parts.path, query, headers, body, line, self._now())


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> bool:
    if reply.garbage is not None:
        writer.write(reply.garbage)
        await writer.drain()
        return False
    if reply.reset:
        wire: socket.socket = writer.get_extra_info("socket")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    if reply.hang_up or reply.reset:
        return False
    whole = b"".join(reply.pieces) if reply.pieces is not None else reply.body
    length = len(whole) if reply.promise is None else reply.promise
    headers = {"Content-Type": reply.content_type, "Content-Length": str(length), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} Words", *(f"{k}: {v}" for k, v in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    for piece in reply.pieces if reply.pieces is not None else (reply.body,):
        writer.write(piece)
        await writer.drain()
        if reply.pause_s:
            await asyncio.sleep(reply.pause_s)
    return reply.promise is None


def json_reply(value: object, status: int = 200, **headers: str) -> Reply:
    return Reply(status, json.dumps(value).encode(), headers)


def gzipped(body: bytes, content_type: str = "application/json") -> Reply:
    return Reply(200, gzip.compress(body), {"Content-Encoding": "gzip"}, content_type)


# --- sources -----------------------------------------------------------------------


@dataclass
class World:
    """Everything one source touches, and the source itself."""

    clock: RunningClock
    gate: MemoryGate
    server: Server
    source: Source


@asynccontextmanager
async def world(
    name: str,
    handler: Handler,
    *,
    spec: SourceSpec | None = None,
    tls: ssl.SSLContext | None = None,
    folder: str = "",
    gate: MemoryGate | None = None,
    clock: RunningClock | None = None,
    base_url: str | None = None,
    min_interval_s: float | None = 0.0,
    timeout_s: float = 5.0,
    batch_size: int | None = None,
    max_in_flight: int | None = None,
    secrets: Mapping[str, str] | None = None,
    daily_budget: int | None = None,
    quiet_hours: tuple[int, int] | None = None,
    jitter: float = 0.0,
) -> AsyncIterator[World]:
    """A source whose addresses all lead to the handler's server.

    ``spec`` is for a source that is not in the registry, ``folder`` a path at the server.
    """
    clock = clock or RunningClock()
    gate = gate or MemoryGate()
    async with Server(handler, clock.monotonic, tls=tls) as server:
        options = SourceOptions(
            base_url=base_url or server.url + folder,
            min_interval_s=min_interval_s,
            timeout_s=timeout_s,
            batch_size=batch_size,
            max_in_flight=max_in_flight,
            daily_budget=daily_budget,
            quiet_hours=quiet_hours,
            secrets=secrets if secrets is not None else {"token": "pasted-token"},
        )
        tools = Tools(
            clock=clock, gate=gate, jitter=lambda: jitter, contact="me@example.org", version="9.9"
        )
        source = (spec or known_sources()[name]).make(options, tools)
        try:
            yield World(clock, gate, server, source)
        finally:
            await source.aclose()


def asks_for(identifiers: Iterable[Identifier], hint: str = "") -> list[Ask]:
    return [Ask(number, identifier, hint) for number, identifier in enumerate(identifiers, 1)]


async def fetched(source: Source, asks: Sequence[Ask]) -> dict[int, Outcome]:
    """Outcomes by series; fails when an ask ended twice or not at all."""
    outcomes: dict[int, Outcome] = {}
    async for readings in source.fetch(asks):
        for ask, outcome in readings:
            assert ask.series not in outcomes, "an ask ended twice"
            outcomes[ask.series] = outcome
    assert set(outcomes) == {ask.series for ask in asks}, "an ask did not end"
    return outcomes


async def searched(source: Source, *titles: str) -> dict[int, SearchOutcome]:
    searches = [Search(number, Reference(title=title)) for number, title in enumerate(titles, 1)]
    found: dict[int, SearchOutcome] = {}
    async for search, outcome in source.search(searches):
        assert search.series not in found, "a search ended twice"
        found[search.series] = outcome
    assert set(found) == {s.series for s in searches}, "a search did not end"
    return found
