"""What goes wrong below an answer: no connection, no certificate, no end, another place."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from contract_cases import assert_ends, ending, found_for, kit_world, outcomes_of, truth_of
from source_kit import Kit
from source_world import Reply, Request, Server, asks_for, fetched

from citewatch.domain.papers import Failed, Observed
from citewatch.sources.http import _trusted

pytestmark = pytest.mark.anyio

PEM = Path(__file__).with_name("self_signed.pem")
ENOUGH_S = 60.0
"""Connections that do not come about are quick to tell: nobody waits longer for them."""


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


# --- no answer -------------------------------------------------------------------------

NO_ANSWER: dict[str, tuple[Reply, str]] = {
    "cut short": (Reply(200, b'[{"pap', promise=5_000), "truncated"),
    "hung up on": (Reply(hang_up=True), "reset"),
    "broken off": (Reply(reset=True), "reset"),
    "not HTTP": (Reply(garbage=b"SSH-2.0-OpenSSH_9.9\r\n\r\n"), "protocol"),
    "endless headers": (Reply(garbage=b"HTTP/1.1 200 OK\r\n" + b"X-Y: z\r\n" * 20_000), "protocol"),
    "two lengths": (
        Reply(garbage=b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n[]"),
        "protocol",
    ),
}
NEVER_ENDING = {
    "silence": Reply(200, delay_s=30.0),
    "a slow drip": Reply(200, pieces=[b" "] * 1_000, pause_s=0.01),
    "a page that drips": Reply(200, pieces=[b"<html><!-- "] * 1_000, pause_s=0.01),
    "an error that drips": Reply(404, pieces=[b"no "] * 1_000, pause_s=0.01),
}


@pytest.mark.parametrize("what", NO_ANSWER)
async def test_no_answer_is_a_named_failure(kit: Kit, what: str) -> None:
    reply, reason = NO_ANSWER[what]
    outcomes, w = await outcomes_of(kit, lambda _r: reply)
    assert_ends(kit, outcomes, what, f"failed:{reason}")
    assert len(w.server.requests) <= 5
    assert w.clock.now <= ENOUGH_S


@pytest.mark.parametrize("what", NEVER_ENDING)
async def test_the_sources_own_patience_ends_what_does_not(kit: Kit, what: str) -> None:
    reply = replace(NEVER_ENDING[what], content_type=kit.dialect.content_type)
    outcomes, w = await outcomes_of(kit, lambda _r: reply, timeout_s=0.03)
    assert_ends(kit, outcomes, what, "failed:timeout")
    assert w.clock.now <= 100


async def test_a_connection_that_breaks_once_is_made_anew(kit: Kit) -> None:
    first = iter([Reply(reset=True), Reply(hang_up=True)])
    outcomes, _ = await outcomes_of(kit, lambda r: next(first, None) or kit.answer(r))
    assert outcomes == await truth_of(kit)


# --- no connection ---------------------------------------------------------------------


async def test_a_refused_connection_is_a_named_failure(kit: Kit) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    outcomes, w = await outcomes_of(kit, kit.answer, base_url=f"http://127.0.0.1:{port}")
    assert_ends(kit, outcomes, "refused connection", "failed:connect")
    assert 5 <= w.clock.now <= ENOUGH_S


async def test_a_name_that_does_not_resolve_is_a_named_failure(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, no_proxy: None
) -> None:
    real = socket.getaddrinfo

    def resolve(host: object, *args: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name == "stand-in.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    outcomes, w = await outcomes_of(kit, kit.answer, base_url="http://stand-in.invalid")
    assert_ends(kit, outcomes, "unknown name", "failed:dns")
    assert 5 <= w.clock.now <= ENOUGH_S


@pytest.mark.parametrize("base_url", ["http://[::1", "http://127.0.0.1:99999", "http://\x00", "x"])
async def test_an_address_that_is_none_is_a_named_failure(
    kit: Kit, base_url: str, no_proxy: None
) -> None:
    outcomes, w = await outcomes_of(kit, kit.answer, base_url=base_url)
    assert {type(o) for o in outcomes} == {Failed}
    assert w.server.requests == []


# --- TLS -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certified() -> ssl.SSLContext:
    """What a server on 127.0.0.1 needs to speak TLS with a certificate of its own making."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    return context


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The certificate is among the trusted ones."""
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    _trusted.cache_clear()
    yield
    _trusted.cache_clear()


async def test_a_server_without_tls_behind_https_is_a_named_failure(kit: Kit) -> None:
    async with Server(kit.answer) as plain:
        base_url = plain.url.replace("http:", "https:")
        outcomes, w = await outcomes_of(kit, kit.answer, base_url=base_url)
    assert_ends(kit, outcomes, "no TLS", "failed:tls")
    assert 5 <= w.clock.now <= ENOUGH_S


async def test_a_certificate_that_nobody_signed_is_a_named_failure(
    kit: Kit, certified: ssl.SSLContext
) -> None:
    outcomes, w = await outcomes_of(kit, kit.answer, tls=certified)
    assert_ends(kit, outcomes, "self-signed", "failed:tls")
    assert w.server.requests == []


@pytest.mark.usefixtures("trusting")
async def test_a_certificate_that_is_trusted_is_spoken_to(
    kit: Kit, certified: ssl.SSLContext
) -> None:
    outcomes, _ = await outcomes_of(kit, kit.answer, tls=certified)
    assert outcomes == await truth_of(kit)


@pytest.mark.usefixtures("trusting")
async def test_nobody_is_led_down_from_https(kit: Kit, certified: ssl.SSLContext) -> None:
    async with Server(kit.answer) as plain:
        reply = Reply(302, b"", {"Location": plain.url})
        outcomes, _ = await outcomes_of(kit, lambda _r: reply, tls=certified)
        assert plain.requests == []
    assert_ends(kit, outcomes, "led down", "failed:redirect")


# --- redirects -------------------------------------------------------------------------

ELSEWHERE = {
    "another host": "http://localhost:1/elsewhere",
    "a public host": "https://evil.example/",
    "another port": "http://127.0.0.1:1/",
    "an address inside": "http://169.254.169.254/latest/meta-data/",
    "this machine by another name": "http://[::1]/",
    "a relative host": "//evil.example/x",
    "a file": "file:///etc/passwd",
    "a script": "javascript:alert(1)",
    "data": "data:application/json,[]",
    "no URL": "http://[::1",
    "a port that is none": "http://127.0.0.1:99999/",
    "a loop": "/again",
    "a loop that grows": "/" + "x" * 3_000,
    "bytes": "\xff\xfe",
}


LEADS = {
    **{place: Reply(302, b"", {"Location": there}) for place, there in ELSEWHERE.items()},
    **{
        f"another host by {status}": Reply(status, b"", {"Location": ELSEWHERE["another host"]})
        for status in (301, 303, 307, 308)
    },
}


@pytest.mark.parametrize("place", LEADS)
async def test_nobody_is_led_elsewhere(kit: Kit, place: str) -> None:
    outcomes, w = await outcomes_of(kit, lambda _r: LEADS[place])
    assert_ends(kit, outcomes, f"led to {place}", "failed:redirect")
    assert w.clock.sleeps == []
    assert len(w.server.requests) == w.source.requests <= 8


async def test_nobody_is_led_to_another_user_of_the_same_host(kit: Kit) -> None:
    def handler(request: Request) -> Reply:
        host = request.headers["host"]
        return Reply(302, b"", {"Location": f"http://me:secret@{host}{request.path}"})

    outcomes, _ = await outcomes_of(kit, handler)
    assert_ends(kit, outcomes, "led to another user", "failed:redirect")


async def test_a_redirect_without_a_place_is_a_named_failure(kit: Kit) -> None:
    outcomes, _ = await outcomes_of(kit, lambda _r: Reply(302))
    assert_ends(kit, outcomes, "status 302", "failed:http_302")


async def test_a_search_is_not_led_elsewhere_either(kit: Kit) -> None:
    reply = Reply(302, b"", {"Location": "http://localhost:1/elsewhere"})
    async with kit_world(kit, lambda _r: reply) as w:
        found = await found_for(w, f"Paper {kit.known[0]}")
    assert ending(found) == ("failed:redirect" if kit.searches else "nothing found")


async def test_a_redirect_on_the_same_host_is_followed_and_counted(kit: Kit) -> None:
    def handler(request: Request) -> Reply:
        if request.path.startswith("/moved") or request.method == "POST":
            return kit.answer(replace(request, path=request.path.removeprefix("/moved")))
        target = request.line.split(" ")[1]
        return Reply(302, b"", {"Location": f"/moved{target}"})

    async with kit_world(kit, handler) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known[:2])))
        assert w.source.requests == len(w.server.requests)
    assert {type(o) for o in outcomes.values()} == {Observed}
