"""Just enough HTTP/1.1 for a stand-in: keep-alive, Content-Length, gzip, bad manners on demand."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

HEAD_LIMIT = 1 << 20
"""Longest request line plus headers, bytes; arXiv's own 4,094 is judged by the service."""
BODY_LIMIT = 10 << 20
GZIP_FROM = 600
"""Shorter bodies are not worth compressing."""
DRIP_BYTES = 16
DRIP_S = 0.05
JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain"
HTML_TYPE = "text/html; charset=utf-8"


class Delivery(Enum):
    """How the bytes of an answer reach the client."""

    WHOLE = "whole"
    DRIP = "drip"
    """A few bytes at a time."""
    CUT = "cut"
    """Half of the promised length, then the connection ends."""
    RESET = "reset"
    """No answer: the connection is torn down."""
    HANG = "hang"
    """No answer, and the connection stays open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as a service sees it: the path decoded and without the service's prefix."""

    method: str
    target: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""
    line_bytes: int = 0
    """Length of the request line as sent, without its line end."""

    def under(self, prefix: str) -> Request:
        """The same request as the service mounted at ``prefix`` sees it."""
        return replace(self, path=self.path[len(prefix) :] or "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One answer; ``ids`` is how many papers the question was about, for the log."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()
    ids: int = 0
    coding: str = ""
    """The content coding that the body already has."""
    delivery: Delivery = Delivery.WHOLE


def json_response(status: int, value: object, *, ids: int = 0) -> Response:
    """An answer with a JSON body."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status=status, body=body, ids=ids)


def text_response(status: int, text: str, *, content_type: str = TEXT_TYPE) -> Response:
    """An answer with a text body."""
    return Response(status=status, body=text.encode(), content_type=content_type)


class Unreadable(Exception):
    """The client sent something that is no HTTP/1.1 request of a supported kind."""


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None when the client has gone. Raises Unreadable."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    except asyncio.LimitOverrunError as error:
        raise Unreadable("headers too large") from error
    line, *rest = head.decode("latin-1").split("\r\n")
    try:
        method, target, _version = line.split(" ")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (text.partition(":") for text in rest if text)
        }
        length = int(headers.get("content-length", "0"))
    except ValueError as error:
        raise Unreadable("not a request") from error
    if "transfer-encoding" in headers or not 0 <= length <= BODY_LIMIT:
        raise Unreadable("body of no supported kind")
    try:
        body = await reader.readexactly(length) if length else b""
    except asyncio.IncompleteReadError:
        return None
    path, _, query = target.partition("?")
    return Request(
        method=method,
        target=target,
        path=unquote(path),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=headers,
        body=body,
        line_bytes=len(line),
    )


def encode(request: Request, response: Response) -> bytes:
    """The head and body of an answer as they go over the wire."""
    body = response.body
    lines = [f"HTTP/1.1 {response.status} {_phrase(response.status)}"]
    if response.coding:
        lines.append(f"Content-Encoding: {response.coding}")
    elif len(body) >= GZIP_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, compresslevel=1, mtime=0)
        lines.append("Content-Encoding: gzip")
    lines.append(f"Content-Type: {response.content_type}")
    lines.append(f"Content-Length: {len(body)}")
    lines.extend(f"{name}: {value}" for name, value in response.headers)
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


async def send(writer: asyncio.StreamWriter, request: Request, response: Response) -> bool:
    """Deliver an answer; True when the connection may be used again."""
    if response.delivery is Delivery.RESET:
        writer.transport.abort()
        return False
    data = encode(request, response)
    if response.delivery is Delivery.CUT:
        head = data.index(b"\r\n\r\n") + 4
        writer.write(data[: head + (len(data) - head) // 2])
        await writer.drain()
        return False
    if response.delivery is Delivery.DRIP:
        for at in range(0, len(data), DRIP_BYTES):
            writer.write(data[at : at + DRIP_BYTES])
            await writer.drain()
            await asyncio.sleep(DRIP_S)
        return True
    writer.write(data)
    await writer.drain()
    return request.headers.get("connection", "").lower() != "close"


async def _hang(reader: asyncio.StreamReader) -> None:
    """Say nothing until the client has gone."""
    while await reader.read(BODY_LIMIT):
        pass


@dataclass(slots=True)
class Connections:
    """The open connections of a server, so that all of them can be ended with it."""

    answer: Callable[[Request], Awaitable[Response]]
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    closed: bool = False

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a new connection in a task of its own."""
        if self.closed:
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        # A task that is cancelled before its first step never gets to its own `finally`.
        task.add_done_callback(lambda _: writer.close())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                response = await self.answer(request)
                if response.delivery is Delivery.HANG:
                    await _hang(reader)
                    break
                if not await send(writer, request, response):
                    break
        except Unreadable as error:
            writer.write(
                f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(str(error))}\r\n"
                f"Connection: close\r\n\r\n{error}".encode()
            )
        except (ConnectionError, asyncio.CancelledError):
            # The client went away or the server is closing: nobody is left to tell.
            writer.transport.abort()
        finally:
            writer.close()

    async def close(self) -> None:
        """End every connection and wait until each has gone; later ones are turned away."""
        self.closed = True
        # Connections that the kernel took before the listener closed turn up a step or two later.
        for _ in range(3):
            tasks = tuple(self.tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)
