"""Pages: whom a stranger's link may make us ask, one host's troubles, what is no page."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest
from kit_page import KNOWN, answer, html, page, paper_page
from source_world import (
    START,
    Handler,
    MemoryGate,
    Reply,
    Request,
    RunningClock,
    Server,
    asks_for,
    fetched,
    searched,
    world,
)

from citewatch.domain.identifiers import Identifier, from_link
from citewatch.domain.papers import Failed, Found, Missing, Observed, Outcome, Throttled
from citewatch.ports import GateState
from citewatch.sources.http import Call, Wire
from citewatch.sources.page import Page, Reach
from citewatch.sources.page_addresses import is_public, objection, read_address
from citewatch.sources.registry import SourceOptions, Tools

pytestmark = pytest.mark.anyio

PUBLIC = "93.184.215.14"
TITLE = "On Computable Pages"


def url(text: str) -> Identifier:
    return Identifier("url", text)


async def asked(handler: Handler, *identifiers: Identifier, **more: Any) -> list[Outcome]:
    """Outcomes behind a ``base_url``."""
    async with world("page", handler, **more) as w:
        return list((await fetched(w.source, asks_for(identifiers))).values())


async def ending(reply: Reply, identifier: Identifier | None = None) -> Outcome:
    """The outcome of one page that is answered like this."""
    (outcome,) = await asked(lambda _r: reply, identifier or url("https://example.org/paper"))
    return outcome


# --- what is asked -----------------------------------------------------------------------


async def test_with_a_base_url_every_page_is_asked_in_a_folder_of_its_host() -> None:
    ids = [
        Identifier("pmlr", "v80/lovelace18a"),
        Identifier("acl", "2099.made-main.1"),
        url("https://Journal.Example.org/a/b.html?id=7&x=%20y#part"),
        url("http://example.org"),
    ]
    async with world("page", answer) as w:
        await fetched(w.source, asks_for(ids))
        assert [r.line.split(" ")[1] for r in w.server.requests] == [
            "/proceedings.mlr.press/v80/lovelace18a.html",
            "/aclanthology.org/2099.made-main.1/",
            "/journal.example.org/a/b.html?id=7&x=%20y",
            "/example.org/",
        ]


async def test_what_a_page_says_identifies_the_paper_and_counts_nothing() -> None:
    asked_for = Identifier("acl", KNOWN[0])
    (outcome,) = await asked(answer, asked_for)
    assert isinstance(outcome, Observed)
    assert (outcome.asked, outcome.answered, outcome.citation_count) == (asked_for, asked_for, None)
    facts = outcome.facts
    assert (facts.title, facts.authors) == (
        f"Paper {KNOWN[0]}",
        ("Ada Lovelace", "Émilie du Châtelet"),
    )
    assert (facts.year, facts.venue) == (2099, "Proceedings of Made-Up Results")


async def test_a_link_gives_the_identifiers_that_its_page_names() -> None:
    link = from_link("https://journal.example.org/articles/7")
    assert link is not None
    body = page(TITLE, ("citation_doi", "10.5555/X.1"), ("citation_arxiv_id", "2001.00001v2"))
    outcome = await ending(html(body), link)
    assert isinstance(outcome, Observed)
    assert outcome.answered == link
    assert outcome.facts.ids == (
        Identifier("doi", "10.5555/x.1"),
        Identifier("arxiv", "2001.00001"),
    )


async def test_a_page_that_names_another_paper_than_the_asked_one_is_a_failure() -> None:
    outcome = await ending(html(paper_page("2099.made-main.2")), Identifier("acl", KNOWN[0]))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "other_paper"


async def test_titles_are_not_looked_for() -> None:
    async with world("page", answer) as w:
        assert await searched(w.source, "Paper 1") == {1: Found(candidates=())}
        assert w.server.requests == []


async def test_no_key_is_shown_to_strangers() -> None:
    async with world("page", answer, secrets={"api_key": "k3y", "token": "t0ken"}) as w:
        await fetched(w.source, asks_for([Identifier("acl", KNOWN[0])]))
        assert "authorization" not in w.server.requests[0].headers
    assert getattr(w.source, "key_state", "") == "none"


# --- what is no page of a paper ----------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
async def test_a_page_that_is_gone_is_missing(status: int) -> None:
    link = url("https://example.org/gone")
    assert await ending(html(page(None), status), link) == Missing(asked=link)


async def test_a_page_without_a_citation_title_is_missing() -> None:
    assert isinstance(await ending(html(page(None, ("citation_author", "A. B.")))), Missing)


async def test_a_pdf_is_missing_and_is_not_fetched() -> None:
    reply = Reply(200, b"%PDF-1.7" + b"0" * 3_000_000, content_type="application/pdf")
    assert isinstance(await ending(reply), Missing)
    told_wrong = Reply(200, b"%PDF-1.7 ...", content_type="text/html")
    assert isinstance(await ending(told_wrong), Missing)


async def test_a_file_that_never_ends_is_missing_at_once() -> None:
    reply = Reply(200, pieces=[b"x"] * 300, pause_s=0.05, content_type="application/zip")
    (outcome,) = await asked(lambda _r: reply, url("https://example.org/a.zip"), timeout_s=2.0)
    assert isinstance(outcome, Missing)


async def test_of_a_long_page_the_head_is_enough() -> None:
    body = page(TITLE, body="<p>" + "x" * 3_000_000)
    outcome = await ending(html(body))
    assert isinstance(outcome, Observed)
    assert outcome.facts.title == TITLE


async def test_a_head_that_never_ends_is_too_large() -> None:
    body = page(TITLE).partition(b"</head>")[0] + b"<!-- " + b"x" * 3_000_000
    outcome = await ending(html(body))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "too_large"


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b'{"error": "slow down"}', "application/json", "not_html"),
        (b"<error/>", "application/xml", "not_html"),
        (b"words", "text/html", "not_html"),
        (b"  ", "text/html", "empty"),
        (b"\xff\xfe<", "text/html", "not_html"),
        (b"\xff\xfe\x00\xdc<\x00", "text/html", "charset"),
    ],
)
async def test_an_answer_that_is_no_page_is_a_failure(
    body: bytes, content_type: str, reason: str
) -> None:
    outcome = await ending(Reply(200, body, content_type=content_type))
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason


WALLS = {
    "Cloudflare": "<title>Just a moment...</title><script>window._cf_chl_opt={}</script>",
    "Anubis": "<title>Making sure you&#39;re not a bot!</title>"
    '<link rel="stylesheet" href="/.within.website/x/xess.css">',
    "Imperva": '<script src="/_Incapsula_Resource?x=1"></script>',
    "a plain one": "<title>Access Denied</title>",
}


@pytest.mark.parametrize("status", [200, 403, 503])
@pytest.mark.parametrize("wall", WALLS)
async def test_a_robot_check_is_a_named_failure_that_is_not_asked_again(
    wall: str, status: int
) -> None:
    body = f"<!DOCTYPE html><html><head>{WALLS[wall]}</head><body></body></html>".encode()
    async with world("page", lambda _r: html(body, status)) as w:
        outcomes = await fetched(w.source, asks_for([url("https://example.org/paper")]))
        assert len(w.server.requests) == 1
    outcome = outcomes[1]
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry) == ("bot_wall", False)


async def test_a_paper_about_robot_checks_is_a_paper() -> None:
    body = page("Just a moment: are you a robot? On captcha", body="<p>_cf_chl_opt</p>")
    assert isinstance(await ending(html(body)), Observed)


async def test_a_refusal_names_the_host() -> None:
    outcome = await ending(Reply(403, b"Forbidden"))
    assert outcome == Failed(
        reason="refused", detail="example.org refuses this machine (403)", retry=False
    )


# --- whom a link may make us ask ---------------------------------------------------------

INSIDE = [
    "http://127.0.0.1/x",
    "http://127.1/x",
    "http://2130706433/x",
    "http://0177.0.0.1/x",
    "http://0x7f.0.0.1/x",
    "http://0x7f000001/x",
    "http://0/x",
    "http://0.0.0.0/x",
    "http://10.0.0.8/x",
    "http://172.16.3.4/x",
    "http://192.168.1.1/x",
    "http://100.64.0.1/x",
    "http://169.254.169.254/latest/meta-data/",
    "http://224.0.0.1/x",
    "http://240.0.0.1/x",
    "http://255.255.255.255/x",
    "http://[::1]/x",
    "http://[::]/x",
    "http://[::ffff:127.0.0.1]/x",
    "http://[::ffff:a00:1]/x",
    "http://[::127.0.0.1]/x",
    "http://[64:ff9b::7f00:1]/x",
    "http://[2002:7f00:1::]/x",
    "http://[fe80::1]/x",
    "http://[fe80::1%25eth0]/x",
    "http://[fc00::1]/x",
    "http://[fec0::1]/x",
    "http://[ff02::1]/x",
    "http://[2001:db8::1]/x",
    "http://localhost/x",
    "http://localhost./x",
    "http://a.localhost/x",
    "http://printer/x",
    "http://printer.local/x",
    "http://metadata.google.internal/x",
    "http://１２７.０.０.１/x",
]
MALFORMED = [
    "http://example.org:22/x",
    "http://example.org:8080/x",
    "http://example.org:99999/x",
    "http://me:secret@example.org/x",
    "http://example.org@127.0.0.1/x",
    "http://example.org\\@127.0.0.1/x",
    "http://exa mple.org/x".replace(" ", "%20"),
    "http://-/x",
    "http://[::1/x",
    "http:///x",
]


def tools(gate: MemoryGate | None = None, clock: RunningClock | None = None) -> Tools:
    return Tools(
        clock=clock or RunningClock(), gate=gate or MemoryGate(), jitter=lambda: 0.0, version="9.9"
    )


async def nobody(_host: str, _port: int) -> Sequence[str]:
    raise AssertionError("a name server was asked")


@pytest.mark.parametrize("link", [*INSIDE, *MALFORMED])
async def test_a_link_to_the_inside_is_refused_without_a_word_to_anybody(link: str) -> None:
    source = Page(SourceOptions(min_interval_s=0.0), tools(), Reach(resolve=nobody))
    (outcome,) = (await fetched(source, asks_for([url(link)]))).values()
    await source.aclose()
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry, source.requests) == ("address", False, 0)
    assert "secret" not in outcome.detail


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.1.2.3"], ["fd00::1"], ["::ffff:192.168.0.1"], [PUBLIC, "169.254.169.254"]],
)
async def test_a_name_with_one_address_inside_is_refused(addresses: list[str]) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    source = Page(SourceOptions(), tools(), Reach(resolve=resolve))
    (outcome,) = (await fetched(source, asks_for([url("https://pages.example.org/x")]))).values()
    await source.aclose()
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry, source.requests) == ("address", False, 0)


@pytest.mark.parametrize(
    "address", [PUBLIC, "2606:2800:21f:cb07::1", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14"]
)
def test_addresses_of_the_open_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "link",
    [
        "https://proceedings.mlr.press/v80/x18a.html",
        "http://example.org:80/",
        "https://93.184.215.14/x",
        "https://müller.example/x",
    ],
)
def test_an_ordinary_link_meets_no_objection(link: str) -> None:
    address = read_address(link)
    assert address is not None
    assert objection(address) is None


async def test_who_is_connected_to_counts_and_not_what_a_name_server_said_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: a public address when looked up, the inside when connected to."""

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return [PUBLIC]

    point(monkeypatch, "rebound.example.org")
    async with Server(lambda _r: html(paper_page("x"))) as server:
        reach = Reach(ports=range(65_536), resolve=resolve)
        source = Page(SourceOptions(min_interval_s=0.0), tools(), reach)
        link = url(f"http://rebound.example.org:{server.url.rpartition(':')[2]}/secret")
        outcomes = await fetched(source, asks_for([link]))
        await source.aclose()
        assert server.requests == []
    assert outcomes[1] == Failed(
        reason="address", detail="its name leads to an address inside", retry=False
    )


async def test_a_wire_asks_whom_it_may_reach() -> None:
    seen: list[str] = []

    def may_reach(ip: str) -> bool:
        seen.append(ip)
        return True

    async with Server(lambda _r: html(b"<html>")) as server:
        wire = Wire(
            user_agent="x", timeout_s=5.0, connections=1, secrets=(), may_reach=may_reach
        )  # fmt: skip
        answered = await wire.send(Call(url=server.url))
        await wire.aclose()
    assert (getattr(answered, "status", None), seen) == (200, ["127.0.0.1"])


async def test_a_redirect_to_another_host_is_not_followed() -> None:
    outcome = await ending(Reply(302, b"", {"Location": "http://localhost:1/x"}))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "redirect"


# --- many hosts --------------------------------------------------------------------------


def point(monkeypatch: pytest.MonkeyPatch, *hosts: str) -> None:
    """These names lead to this machine."""
    real = socket.getaddrinfo

    def resolve(host: object, port: object, *args: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        return real("127.0.0.1" if name in hosts else name, port, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Web:
    """Three hosts on one server, and a source that may reach them."""

    HOSTS = ("a.example.org", "b.example.org", "c.example.org")

    def __init__(self, server: Server, gate: MemoryGate, clock: RunningClock) -> None:
        self.server = server
        self.gate = gate
        self.clock = clock
        self.port = server.url.rpartition(":")[2]

        async def resolve(_host: str, _port: int) -> Sequence[str]:
            return ["127.0.0.1"]

        self.reach = Reach(ports=range(65_536), may_reach=lambda _ip: True, resolve=resolve)
        self.source = Page(SourceOptions(timeout_s=5.0), tools(gate, clock), self.reach)

    def link(self, host: str, path: str = "paper") -> Identifier:
        return url(f"http://{host}.example.org:{self.port}/{path}")

    async def ask(self, *links: Identifier) -> list[Outcome]:
        outcomes = await fetched(self.source, asks_for(links))
        return [outcomes[series] for series in sorted(outcomes)]

    def sent_to(self, host: str) -> list[float]:
        return [r.at for r in self.server.requests if r.headers["host"].startswith(f"{host}.")]


@asynccontextmanager
async def web(
    monkeypatch: pytest.MonkeyPatch, handler: Handler, gate: MemoryGate | None = None
) -> AsyncIterator[Web]:
    point(monkeypatch, *Web.HOSTS)
    clock = RunningClock()
    async with Server(handler, clock.monotonic) as server:
        world = Web(server, gate or MemoryGate(), clock)
        try:
            yield world
        finally:
            await world.source.aclose()


def only_a(reply: Reply) -> Handler:
    """The first host answers like this, the others with papers."""

    def handler(request: Request) -> Reply:
        mine = request.headers["host"].startswith("a.")
        return reply if mine else html(page(TITLE))

    return handler


async def test_a_host_that_is_down_does_not_silence_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with web(monkeypatch, only_a(html(b"oh", 500))) as w:
        outcomes = await w.ask(w.link("a"), w.link("b"), w.link("a", "second"), w.link("c"))
        again = await w.ask(w.link("b", "later"))
        assert w.source.requests == len(w.server.requests)
    assert [getattr(o, "reason", "") for o in outcomes] == ["http_500", "", "http_500", ""]
    assert isinstance(again[0], Observed)


async def test_a_host_that_wants_peace_is_parked_alone_until_the_next_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reply = Reply(429, b"slow down", {"Retry-After": str(90 * 86_400)})
    async with web(monkeypatch, only_a(reply)) as w:
        (parked,) = await w.ask(w.link("a"))
        others = await w.ask(w.link("b"), w.link("a", "second"), w.link("c"))
        assert len(w.sent_to("a")) == 1
        ((until, reason),) = w.gate.parkings
        after_a_restart = Page(SourceOptions(), tools(w.gate, w.clock), w.reach)
        outcomes = await fetched(after_a_restart, asks_for([w.link("b")]))
        await after_a_restart.aclose()
    assert isinstance(parked, Throttled)
    assert parked.until == START + 90 * 86_400
    assert [type(o) for o in others] == [Observed, Throttled, Observed]
    assert until <= START + w.clock.now + 86_400
    assert reason == f"a.example.org:{w.port}: http_429: slow down"
    assert isinstance(outcomes[1], Throttled)


async def test_a_parking_from_before_the_pass_holds_for_every_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = MemoryGate(GateState(not_before=int(START) + 900, reason="rest", strikes=1))
    async with web(monkeypatch, only_a(html(b"")), gate) as w:
        outcomes = await w.ask(w.link("b"), w.link("c"))
        assert w.server.requests == []
    assert {type(o) for o in outcomes} == {Throttled}


async def test_each_host_is_asked_at_its_own_pace_over_one_connection_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with web(monkeypatch, lambda _r: html(page(TITLE))) as w:
        links = [w.link(host, str(n)) for n in range(4) for host in "ab"]
        outcomes = await w.ask(*links)
        for host in "ab":
            at = w.sent_to(host)
            assert all(b - a >= 5.0 for a, b in pairwise(at)), at
        assert w.server.open_most <= 2
        # Side by side: no slower than the pages of one host alone.
        assert w.clock.now < 4 * 5.0 * 1.5
    assert {type(o) for o in outcomes} == {Observed}


async def test_a_request_of_a_moment_ago_is_heeded_across_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = MemoryGate(GateState(last_request_at=START - 1.0))
    async with web(monkeypatch, lambda _r: html(page(TITLE)), gate) as w:
        await w.ask(w.link("a"), w.link("b"))
        assert w.clock.now >= 4.0


async def test_the_connections_of_a_host_that_is_done_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_now: list[int] = []

    def handler(_request: Request) -> Reply:
        open_now.append(len(w.server._talks))
        return html(page(TITLE))

    async with web(monkeypatch, handler) as w:
        for number in range(5):
            await w.ask(*(w.link(host, str(number)) for host in "abc"))
    assert max(open_now) <= 4
