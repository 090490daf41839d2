"""One exchange over HTTP, with its limits. The only module that knows httpx.

httpx has been quiet since 0.28.1 (2024-12) and forks exist: a swap is this file.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TypeAlias

import httpx

from citewatch.domain.papers import Failed
from citewatch.sources.answers import Answer, JsonValue
from citewatch.sources.body import BodyReader, TooLarge, Undecodable
from citewatch.sources.options import is_loopback
from citewatch.sources.policy import Setback
from citewatch.sources.text import detail, spellings
from citewatch.sources.trace import OutOfReach, Trace

MAX_BODY_BYTES = 20_000_000
_MAX_ERROR_BYTES = 1_000_000
_KEPT_HEADERS = ("content-type", "retry-after", "date", "x-concurrency-limit", "x-api-pool")
_KEPT_PREFIXES = ("x-ratelimit-", "x-rate-limit-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question over HTTP."""

    url: str
    gap_s: float = 0.0
    """Pace: seconds between the start of the request before and this one's."""
    method: str = "GET"
    params: Sequence[tuple[str, str]] = ()
    json: JsonValue = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    max_bytes: int = MAX_BODY_BYTES
    large: bool = False
    """Come back after a 504 or a second 5xx: less has to be asked for."""
    suspect: bool = False
    """What is left of a large one: come back after a second 5xx if others are answered."""
    spare: bool = False
    """Can wait: not asked once half of the user's own budget of the day is spent."""
    wanted: Callable[[str], bool] = lambda _content_type: True
    """Whether a body of this type is read at all; else the answer comes without it."""
    enough: Callable[[bytes], bool] = lambda _beginning: False
    """Whether the first ``max_bytes`` of a longer body will do; else it is too large."""


@dataclass(frozen=True, slots=True)
class Broken:
    """No answer came: the time was up, or there is no connection."""

    setback: Setback
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The source says that the answer is elsewhere."""

    url: str


Exchange: TypeAlias = Answer | Moved | Broken | Failed


_NO_PLACE = Failed(reason="redirect", detail="sent to something that is not a URL")
_CANNOT_BE_SENT = (
    httpx.LocalProtocolError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    ValueError,
    ExceptionGroup,
)
"""anyio gives a port above 65,535 back as a group of OverflowErrors."""


class Wire:
    """Sends one request at a time for one source; keeps connections open in between.

    Redirects are reported, not followed; cookies are refused; a proxy named in the
    environment is used, but never for addresses of this machine.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        timeout_s: float,
        connections: int,
        secrets: Sequence[str],
        on_written: Callable[[], None] = lambda: None,
        may_reach: Callable[[str], bool] | None = None,
    ) -> None:
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        self._timeout_s = timeout_s
        self._connections = connections
        self._on_written = on_written
        self._may_reach = may_reach
        self._secrets: set[bytes] = set()
        for secret in secrets:
            self.hide(secret)
        self._clients: dict[bool, httpx.AsyncClient] = {}

    def hide(self, secret: str) -> None:
        """Blot this out of errors and pages; what is shorter than four characters is no secret."""
        if len(secret.strip()) >= 4:
            self._secrets |= spellings(secret.strip())

    async def aclose(self) -> None:
        """Close connections; whoever asks meanwhile or later opens new ones."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def prepare(self, url: str) -> None:
        """Do what takes time once (certificates), so that a request leaves when its turn comes."""
        with suppress(OSError):  # reported by `send`
            await self._client(url)

    async def send(self, call: Call, url: str | None = None) -> Exchange:
        """One request; ``url`` (after a redirect) replaces the call's own with its query."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._send(call, url)
        except (TimeoutError, httpx.TimeoutException):
            words = f"no answer in {self._timeout_s:g} seconds"
            return Broken(Setback.TIMEOUT, "timeout", words)
        except OutOfReach:
            words = "its name leads to an address inside"
            return Failed(reason="address", detail=words, retry=False)
        except TooLarge:
            return Failed(reason="too_large", detail=f"more than {call.max_bytes:,} bytes")
        except Undecodable as error:
            return Failed(reason="encoding", detail=detail(str(error)))
        except httpx.RemoteProtocolError as error:
            return _protocol_trouble(str(error))
        except _CANNOT_BE_SENT:
            # Their messages may hold header values, so they are not passed on.
            return Failed(reason="bad_request", detail="the request cannot be sent", retry=False)
        except httpx.TransportError as error:
            return _connection_trouble(error)
        except OSError:
            # SSL_CERT_FILE or SSL_CERT_DIR name something that is not there.
            return Failed(reason="tls", detail="the trusted certificates cannot be read")

    async def _send(self, call: Call, url: str | None) -> Answer | Moved | Failed:
        client = await self._client(url or call.url)
        request = client.build_request(
            call.method,
            url or call.url,
            params=list(call.params) if url is None and call.params else None,
            json=call.json,
            headers=dict(call.headers),
        )
        host = request.url.raw_host.decode("ascii")
        request.extensions["trace"] = Trace(host, self._on_written, self._may_reach)
        try:
            response = await client.send(request, stream=True)
        except httpx.InvalidURL:  # of a redirect, which httpx looks at unasked
            return _NO_PLACE
        try:
            if response.status_code in (301, 302, 303, 307, 308) and "location" in response.headers:
                return Moved(str(response.url.join(response.headers["location"])))
            body = await _read(response, call)
        finally:
            await response.aclose()
        kind = response.headers.get("content-type", "").lower()
        if response.status_code >= 400 or "html" in kind or body.lstrip()[:1] == b"<":
            # Errors and pages may quote the request; they end in logs and reports.
            for secret in self._secrets:
                body = body.replace(secret, b"***")
        return Answer(
            response.status_code,
            _kept(response.headers),
            body,
            kind,
            str(response.url.copy_with(query=None, fragment=None)),
        )

    async def _client(self, url: str) -> httpx.AsyncClient:
        direct = is_loopback(url)
        if direct not in self._clients:
            ready = _trusted.cache_info().currsize > 0
            context = _trusted() if ready else await asyncio.to_thread(_trusted)
            # Whoever waited for the thread meanwhile must not make a second client.
            if direct not in self._clients:
                self._clients[direct] = httpx.AsyncClient(
                    headers=self._headers,
                    verify=context,
                    trust_env=not direct,
                    follow_redirects=False,
                    cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
                    limits=httpx.Limits(max_connections=self._connections),
                    timeout=httpx.Timeout(self._timeout_s, pool=None),
                )
        return self._clients[direct]


@cache
def _trusted() -> ssl.SSLContext:
    """Reading the certificates takes 20 ms: once, and off the loop."""
    return httpx.create_ssl_context()


async def _read(response: httpx.Response, call: Call) -> bytes:
    """The decoded body. What an error page has beyond a megabyte is not of interest."""
    failed = response.status_code >= 400
    if not failed and not call.wanted(response.headers.get("content-type", "")):
        return b""
    limit = min(call.max_bytes, _MAX_ERROR_BYTES) if failed else call.max_bytes
    reader = BodyReader(response.headers.get("content-encoding", ""), limit)
    try:
        async for chunk in response.aiter_raw():
            reader.feed(chunk)
    except TooLarge:
        if call.enough(reader.beginning()):
            return reader.beginning()
        raise
    return reader.finish()


def _kept(headers: httpx.Headers) -> dict[str, str]:
    """The headers that adapters read; few and short, whatever a server sends."""
    return {
        name: value[:200]
        for name, value in headers.items()
        if name in _KEPT_HEADERS or name.startswith(_KEPT_PREFIXES)
    }


def may_follow(old: str, new: str, method: str) -> bool:
    """Same host, never down from https, never away from http(s), never with a body."""
    try:
        a, b = httpx.URL(old), httpx.URL(new)
    except httpx.InvalidURL:
        return False
    if method != "GET" or b.scheme not in ("http", "https") or a.host != b.host or b.userinfo:
        return False
    if a.scheme == b.scheme:
        return a.port == b.port
    return a.scheme == "http" and a.port is None and b.port is None


def place_of(url: str) -> str:
    """Scheme, host and port; what comes behind may quote the request."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "something that is not a URL"
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii', 'replace')}"


def _protocol_trouble(words: str) -> Broken | Failed:
    """What h11's and httpx's words on a malformed answer come to."""
    if "location header" in words:
        return _NO_PLACE
    if "without sending a response" in words:
        return Broken(Setback.CONNECTION, "reset", "the connection was closed without an answer")
    if "without sending complete" in words or "incomplete" in words:
        return Broken(Setback.CONNECTION, "truncated", "the answer was cut short")
    return Broken(Setback.CONNECTION, "protocol", "the answer is not HTTP")


def _connection_trouble(error: BaseException) -> Broken:
    """A named reason for a connection that did not come about or broke."""
    seen: list[BaseException] = []
    todo: list[BaseException] = [error]
    while todo and len(seen) < 50:
        cause = todo.pop()
        seen.append(cause)
        if isinstance(cause, BaseExceptionGroup):
            todo.extend(cause.exceptions)
        todo.extend(e for e in (cause.__cause__, cause.__context__) if e is not None)
    for kind, reason, words in _CONNECTION_REASONS:
        if any(isinstance(cause, kind) for cause in seen):
            return Broken(Setback.CONNECTION, reason, words)
    if isinstance(error, httpx.ReadError | httpx.WriteError | httpx.CloseError):
        return Broken(Setback.CONNECTION, "reset", "the connection broke")
    words = f"no connection ({type(error).__name__})"
    return Broken(Setback.CONNECTION, "connect", words)


_CONNECTION_REASONS: tuple[tuple[type[BaseException], str, str], ...] = (
    (socket.gaierror, "dns", "the host's name is not known"),
    (ssl.SSLError, "tls", "no secure connection (certificate or protocol)"),
    (ConnectionRefusedError, "connect", "the connection was refused"),
    (ConnectionResetError, "reset", "the connection was reset"),
)
