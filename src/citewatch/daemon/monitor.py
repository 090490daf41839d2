"""``/healthz`` and ``/metrics``, from a thread of their own: they answer when the loop hangs.

A small server for two pages that machines read: GET and HEAD, one answer a connection, a few
connections at a time, and a few seconds for each, whatever the other side does.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from citewatch.errors import InputError

_HEAD_BYTES = 8192
_PATIENCE_S = 5.0
_CONNECTIONS = 32
_REASONS = {
    200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
    500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered."""

    status: int
    content_type: str
    body: bytes
    allow: str = ""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `InputError` when it cannot be had."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        line = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot(host, port, error) from error
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.bind(address)
        line.listen(_CONNECTIONS)
    except OSError as error:
        line.close()
        raise _cannot(host, port, error) from error
    line.settimeout(0)
    return line


def _cannot(host: str, port: int, error: OSError) -> InputError:
    return InputError(
        f"{host}:{port} cannot be listened on: {error.strerror or error}",
        remedy="choose another one with --port or 'port' under [web]; --port 0 does without",
    )


class Monitor:
    """The server in its thread. ``pages`` are called there, by path."""

    def __init__(self, line: socket.socket, pages: dict[str, Callable[[], Page]]) -> None:
        self._line = line
        self._pages = pages
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._begun = threading.Event()
        self._open = 0
        self._thread = threading.Thread(target=self._live, name="monitor", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()
        self._begun.wait(_PATIENCE_S)

    def stop(self) -> None:
        """Answer nobody any more."""
        if self._loop is not None and self._over is not None:
            with suppress(RuntimeError):  # it has ended by itself
                self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(_PATIENCE_S)
        self._line.close()

    def _live(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._meet, sock=self._line, limit=_HEAD_BYTES)
        self._begun.set()
        await self._over.wait()
        server.close()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._open >= _CONNECTIONS:
                return
            self._open += 1
            try:
                # One limit for the whole: whoever sends a byte a second gets no further.
                async with asyncio.timeout(_PATIENCE_S):
                    await self._converse(reader, writer)
            finally:
                self._open -= 1
        except (TimeoutError, OSError, asyncio.CancelledError):
            return
        finally:
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            page, method = Page(400, _TEXT, b"that is no request\n"), "GET"
        else:
            page, method = self._answer(head)
        lines = [
            f"HTTP/1.1 {page.status} {_REASONS[page.status]}",
            f"Content-Type: {page.content_type}",
            f"Content-Length: {len(page.body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Connection: close",
        ]
        if page.allow:
            lines.append(f"Allow: {page.allow}")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        if method != "HEAD":
            writer.write(page.body)
        await writer.drain()

    def _answer(self, head: bytes) -> tuple[Page, str]:
        words = head.partition(b"\r\n")[0].decode("latin-1").split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return Page(400, _TEXT, b"that is no request\n"), "GET"
        method, target, _ = words
        if method not in ("GET", "HEAD"):
            return Page(405, _TEXT, b"GET and HEAD only\n", "GET, HEAD"), "GET"
        page = self._pages.get(target.partition("?")[0])
        if page is None:
            return Page(404, _TEXT, b"there are /healthz and /metrics\n"), method
        try:
            return page(), method
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not end the server
            words_ = f"unexpected {type(error).__name__}\n".encode()
            return Page(500, _TEXT, words_), method


def json_page(status: int, value: object) -> Page:
    """A page that is one JSON document."""
    body = json.dumps(value, ensure_ascii=False).encode() + b"\n"
    return Page(status, "application/json", body)
