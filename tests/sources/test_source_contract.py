"""What every source in the registry owes: one named ending per question, whatever comes back."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from source_kits import KITS, Kit
from source_world import (
    START,
    MemoryGate,
    Reply,
    Request,
    World,
    asks_for,
    fetched,
    gzipped,
    json_reply,
    searched,
    world,
)

from citewatch.domain.papers import Blocked, Failed, Found, Missing, Observed, Outcome, Throttled
from citewatch.ports import GateState, Inspector, Source
from citewatch.sources.registry import SOURCES

pytestmark = pytest.mark.anyio


@pytest.fixture(params=sorted(SOURCES))
def kit(request: pytest.FixtureRequest) -> Kit:
    return KITS[request.param]


async def outcomes_of(
    kit: Kit, handler: Callable[[Request], Reply], **more: Any
) -> tuple[list[Outcome], World]:
    """Outcomes of two known papers when every request is answered by ``handler``."""
    asks = asks_for(kit.ids(*kit.known[:2]))
    async with world(kit.name, handler, **more) as w:
        outcomes = await fetched(w.source, asks)
        return list(outcomes.values()), w


def has_number(outcome: object) -> bool:
    return isinstance(outcome, Observed) and outcome.citation_count is not None


# --- answers as they should be -------------------------------------------------------


async def test_the_source_says_what_the_registry_says_of_it(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        spec = SOURCES[kit.name]
        source: Source = w.source
        assert (source.name, source.label, source.counts, source.schemes) == (
            spec.name,
            spec.label,
            spec.counts,
            spec.schemes,
        )


async def test_known_papers_are_observed(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known)))
    assert all(isinstance(o, Observed) for o in outcomes.values())
    titles = [o.facts.title for o in outcomes.values() if isinstance(o, Observed)]
    assert sorted(titles) == sorted(f"Paper {value}" for value in kit.known)


async def test_only_a_source_that_counts_gives_numbers(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known)))
    assert {has_number(o) for o in outcomes.values()} == {SOURCES[kit.name].counts}


async def test_an_unknown_paper_is_missing_among_known_ones(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        ids = kit.ids(kit.known[0], kit.unknown[0], kit.known[1])
        outcomes = await fetched(w.source, asks_for(ids))
    assert isinstance(outcomes[1], Observed)
    assert outcomes[2] == Missing(asked=ids[1])
    assert isinstance(outcomes[3], Observed)


async def test_all_unknown_papers_are_missing(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.unknown)))
    assert [type(o) for o in outcomes.values()] == [Missing] * 3


async def test_a_malformed_id_fails_alone_and_is_not_sent(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        ids = kit.ids(kit.known[0], kit.malformed, kit.known[1])
        outcomes = await fetched(w.source, asks_for(ids))
        sent = "".join(r.line + r.body.decode() for r in w.server.requests)
    assert isinstance(outcomes[1], Observed)
    assert isinstance(outcomes[3], Observed)
    bad = outcomes[2]
    assert isinstance(bad, Failed)
    assert (bad.reason, bad.retry) == ("bad_id", False)
    assert f'"{kit.malformed}"' not in sent


async def test_an_id_of_a_foreign_scheme_fails(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        ids = [Kit("", "pmlr", (), (), "", kit.answer).ids("v80/gowal18a")[0]]
        outcomes = await fetched(w.source, asks_for(ids))
        assert w.server.requests == []
    assert isinstance(outcomes[1], Failed)


async def test_duplicate_ids_are_asked_once_and_answered_to_all(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        ids = kit.ids(kit.known[0], kit.known[1], kit.known[0], kit.known[0])
        outcomes = await fetched(w.source, asks_for(ids))
        sent = "".join(r.line + r.body.decode() for r in w.server.requests)
    assert outcomes[1] == outcomes[3] == outcomes[4]
    assert outcomes[1] != outcomes[2]
    assert sent.count(kit.known[0].replace("/", "%2F")) == 1


async def test_nothing_asked_is_nothing_sent(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        assert await fetched(w.source, []) == {}
        assert await searched(w.source) == {}
        assert (w.server.requests, w.source.requests) == ([], 0)


async def test_every_request_says_who_asks_and_takes_gzip(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        await fetched(w.source, asks_for(kit.ids(*kit.known)))
        assert w.server.requests
        for request in w.server.requests:
            assert request.headers["user-agent"] == "citewatch/9.9 (+mailto:me@example.org)"
            assert request.headers["accept-encoding"] == "gzip"
        assert w.source.requests == len(w.server.requests)


async def test_a_gzipped_answer_is_understood(kit: Kit) -> None:
    def handler(request: Request) -> Reply:
        plain = kit.answer(request)
        return gzipped(plain.body, plain.content_type)

    outcomes, _ = await outcomes_of(kit, handler)
    assert all(isinstance(o, Observed) for o in outcomes)


async def test_a_title_is_found_and_an_unknown_title_finds_nothing(kit: Kit) -> None:
    async with world(kit.name, kit.answer) as w:
        found = await searched(w.source, f"Paper {kit.known[0]}", "Nothing of the kind", "  ")
    hit = found[1]
    assert isinstance(hit, Found)
    assert [c.facts.title for c in hit.candidates] == [f"Paper {kit.known[0]}"]
    assert found[2] == found[3] == Found(candidates=())


# --- answers as they should not be -----------------------------------------------------

HTML = b"<!DOCTYPE html><html><body>Checking your browser</body></html>"
BOMB = gzipped(b"0" * 60_000_000)


def with_body(body: bytes, content_type: str | None = None) -> Callable[[Kit], Reply]:
    def make(kit: Kit) -> Reply:
        kind = content_type or (
            "application/atom+xml" if kit.name == "arxiv" else "application/json"
        )
        return Reply(200, body, content_type=kind)

    return make


WRONG_BODIES: dict[str, tuple[Callable[[Kit], Reply], set[str]]] = {
    "empty body": (with_body(b""), {"empty"}),
    "blank body": (with_body(b" \n" * 10), {"empty"}),
    "ten megabytes of nothing": (with_body(b" " * 10_000_000), {"empty"}),
    "a page": (with_body(HTML, "text/html"), {"not_json", "not_xml"}),
    "a page that claims otherwise": (with_body(HTML), {"not_json", "not_xml"}),
    "xhtml": (
        with_body(b'<html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'),
        {"not_json", "not_xml"},
    ),
    "half of it": (with_body(b'[{"paperId": "ab'), {"not_json", "not_xml"}),
    "half of a feed": (with_body(b"<feed><entry>"), {"not_json", "not_xml"}),
    "another shape": (with_body(b'{"data": 3}'), {"shape", "not_xml"}),
    "a list of the wrong things": (with_body(b'[1, "x"]'), {"shape", "not_xml"}),
    "a number": (with_body(b"7"), {"shape", "not_xml"}),
    "null": (with_body(b"null"), {"shape", "not_xml"}),
    "latin-1": (with_body('{"title": "é"}'.encode("latin-1")), {"charset"}),
    "utf-16": (with_body("<feed/>".encode("utf-16")), {"charset"}),
    "depth": (with_body(b"[" * 200_000), {"not_json", "not_xml"}),
    "a number of 5000 digits": (with_body(b"[" + b"9" * 5_000 + b"]"), {"not_json", "not_xml"}),
    "nul bytes": (with_body(b"\0" * 100), {"not_json", "not_xml"}),
    "a gzip bomb": (lambda _kit: BOMB, {"too_large"}),
    "gzip that is none": (
        lambda _kit: Reply(200, b"plain", {"Content-Encoding": "gzip"}),
        {"encoding"},
    ),
    "gzip cut short": (
        lambda _kit: Reply(200, BOMB.body[:30], {"Content-Encoding": "gzip"}),
        {"encoding"},
    ),
    "an encoding that was not asked for": (
        lambda _kit: Reply(200, b"xyz", {"Content-Encoding": "br"}),
        {"encoding"},
    ),
    "another host": (
        lambda _kit: Reply(302, b"", {"Location": "http://localhost:1/elsewhere"}),
        {"redirect"},
    ),
    "another scheme": (
        lambda _kit: Reply(302, b"", {"Location": "file:///etc/passwd"}),
        {"redirect"},
    ),
    "a place that is no URL": (
        lambda _kit: Reply(302, b"", {"Location": "http://[::1"}),
        {"redirect"},
    ),
    "a loop": (lambda _kit: Reply(307, b"", {"Location": "/again"}), {"redirect"}),
}


@pytest.mark.parametrize("what", WRONG_BODIES)
async def test_a_wrong_answer_is_a_named_failure_and_never_a_number(kit: Kit, what: str) -> None:
    make, reasons = WRONG_BODIES[what]
    reply = make(kit)
    outcomes, _ = await outcomes_of(kit, lambda _r: reply)
    for outcome in outcomes:
        assert isinstance(outcome, Failed)
        assert outcome.reason in reasons
        assert len(outcome.detail) <= 200
        assert outcome.detail.isprintable()


@pytest.mark.parametrize("what", WRONG_BODIES)
async def test_a_wrong_answer_to_a_search_is_a_named_failure(kit: Kit, what: str) -> None:
    make, reasons = WRONG_BODIES[what]
    reply = make(kit)
    async with world(kit.name, lambda _r: reply) as w:
        found = await searched(w.source, "A title")
    outcome = found[1]
    assert isinstance(outcome, Failed)
    assert outcome.reason in reasons


CUT = Reply(200, b'[{"pap', promise=5_000)
GARBAGE = Reply(garbage=b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
NO_ANSWER: dict[str, tuple[Reply, str]] = {
    "cut short": (CUT, "truncated"),
    "hung up on": (Reply(hang_up=True), "reset"),
    "not HTTP": (GARBAGE, "protocol"),
    "a slow drip": (Reply(200, pieces=[b" "] * 400, pause_s=0.02), "timeout"),
    "silence": (Reply(200, delay_s=5.0), "timeout"),
}


@pytest.mark.parametrize("what", NO_ANSWER)
async def test_no_answer_is_a_named_failure(kit: Kit, what: str) -> None:
    reply, reason = NO_ANSWER[what]
    outcomes, _ = await outcomes_of(kit, lambda _r: reply, timeout_s=0.1)
    assert [(type(o), getattr(o, "reason", "")) for o in outcomes] == [(Failed, reason)] * 2


async def test_a_refused_connection_is_a_named_failure(kit: Kit) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    outcomes, w = await outcomes_of(kit, kit.answer, base_url=f"http://127.0.0.1:{port}")
    assert [getattr(o, "reason", "") for o in outcomes] == ["connect"] * 2
    assert w.clock.now == 14.0  # 2 + 4 + 8 and no more


async def test_a_name_that_does_not_resolve_is_a_named_failure(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def resolve(host: object, *args: Any, **more: Any) -> Any:
        if str(host) == "stand-in.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    outcomes, w = await outcomes_of(kit, kit.answer, base_url="http://stand-in.invalid")
    assert [getattr(o, "reason", "") for o in outcomes] == ["dns"] * 2
    assert w.clock.now == 14.0


# --- statuses ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 402, 404, 410, 418, 451])
async def test_a_refused_question_is_not_asked_again(kit: Kit, status: int) -> None:
    reply = json_reply({"message": "no"}, status)
    outcomes, w = await outcomes_of(kit, lambda _r: reply)
    for outcome in outcomes:
        assert isinstance(outcome, Failed | Blocked)
        if isinstance(outcome, Failed):
            assert (outcome.reason, outcome.retry) == (f"http_{status}", False)
    assert w.clock.sleeps == []


@pytest.mark.parametrize("status", [401, 403])
async def test_a_locked_door_is_blocked_where_a_login_would_open_it(kit: Kit, status: int) -> None:
    if (kit.name, status) == ("arxiv", 401):
        pytest.skip("arXiv has no accounts: its 401 is an unexpected status")
    outcomes, w = await outcomes_of(kit, lambda _r: json_reply({"message": "Forbidden"}, status))
    kind = Blocked if kit.name == "openreview" else Failed
    assert [type(o) for o in outcomes] == [kind] * 2
    assert len(w.server.requests) <= 2


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_broken_source_is_asked_a_few_times_and_then_left(kit: Kit, status: int) -> None:
    outcomes, w = await outcomes_of(kit, lambda _r: json_reply({"message": "oh"}, status))
    assert [getattr(o, "reason", "") for o in outcomes] == [f"http_{status}"] * 2
    assert 4 <= len(w.server.requests) <= 8
    assert 30 <= w.clock.now <= 100
    assert max(w.clock.sleeps) <= 60


async def test_a_source_that_was_left_is_not_asked_again_in_this_pass(kit: Kit) -> None:
    async with world(kit.name, lambda _r: json_reply({"message": "oh"}, 500)) as w:
        await fetched(w.source, asks_for(kit.ids(*kit.known[:2])))
        sent = len(w.server.requests)
        again = await fetched(w.source, asks_for(kit.ids(*kit.known)))
        titles = await searched(w.source, "A title")
        assert len(w.server.requests) == sent
    assert {getattr(o, "reason", "") for o in (*again.values(), *titles.values())} == {"http_500"}


async def test_a_source_that_recovers_is_heard(kit: Kit) -> None:
    sick = iter([500, 503])

    def handler(request: Request) -> Reply:
        status = next(sick, 200)
        return kit.answer(request) if status == 200 else json_reply({"message": "oh"}, status)

    outcomes, _ = await outcomes_of(kit, handler)
    assert [type(o) for o in outcomes] == [Observed] * 2


async def test_a_429_ends_in_throttled_and_the_gate_remembers(kit: Kit) -> None:
    outcomes, w = await outcomes_of(kit, lambda _r: Reply(429, b"Rate exceeded."))
    assert [type(o) for o in outcomes] == [Throttled] * 2
    (until, reason), *more = w.gate.parkings
    assert not more
    assert all(getattr(o, "until", None) == until for o in outcomes)
    assert until > w.clock.time()
    assert reason == "http_429: Rate exceeded."


async def test_a_short_retry_after_is_waited_in_place(kit: Kit) -> None:
    first = iter([Reply(429, b"slow", {"Retry-After": "7"})])
    outcomes, w = await outcomes_of(kit, lambda r: next(first, None) or kit.answer(r))
    assert [type(o) for o in outcomes] == [Observed] * 2
    assert 7 <= w.clock.now <= 60
    assert w.gate.parkings == []


@pytest.mark.parametrize("status", [429, 503])
async def test_a_long_retry_after_parks_without_waiting(kit: Kit, status: int) -> None:
    reply = Reply(status, b"later", {"Retry-After": "3600"})
    outcomes, w = await outcomes_of(kit, lambda _r: reply)
    assert w.gate.parkings[0][0] == START + 3_600
    assert [getattr(o, "until", None) for o in outcomes] == [START + 3_600] * 2
    assert (w.clock.sleeps, len(w.server.requests)) == ([], 1)


async def test_a_retry_after_date_is_understood(kit: Kit) -> None:
    at = datetime.fromtimestamp(START + 1_800, tz=UTC)
    reply = Reply(429, b"later", {"Retry-After": format_datetime(at, usegmt=True)})
    outcomes, _ = await outcomes_of(kit, lambda _r: reply)
    assert [getattr(o, "until", None) for o in outcomes] == [START + 1_800] * 2


@pytest.mark.parametrize("value", ["soon", "-5", "0", "", "1e9", "Mon, 99 Foo 2026 00:00:00 GMT"])
async def test_a_senseless_retry_after_is_passed_over(kit: Kit, value: str) -> None:
    first = iter([Reply(503, b"oh", {"Retry-After": value})])
    outcomes, w = await outcomes_of(kit, lambda r: next(first, None) or kit.answer(r))
    assert [type(o) for o in outcomes] == [Observed] * 2
    assert w.clock.now in (2.0, 5.0)


async def test_a_parked_source_is_not_asked(kit: Kit) -> None:
    until = int(START) + 900
    gate = MemoryGate(GateState(not_before=until, reason="rest", strikes=1))
    async with world(kit.name, kit.answer, gate=gate) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known)))
        titles = await searched(w.source, "A title")
        assert w.server.requests == []
    assert {*outcomes.values(), *titles.values()} == {Throttled(until=until, reason="rest")}


async def test_a_parking_that_is_over_is_forgotten_at_the_first_answer(kit: Kit) -> None:
    gate = MemoryGate(GateState(not_before=int(START) - 1, reason="rest", strikes=3))
    async with world(kit.name, kit.answer, gate=gate) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known)))
    assert {type(o) for o in outcomes.values()} == {Observed}
    assert (gate.state.strikes, gate.state.not_before, gate.good_answers) == (0, None, 1)


async def test_the_gate_is_never_touched_on_the_loop(kit: Kit) -> None:
    async with world(kit.name, kit.answer, min_interval_s=1.0) as w:
        await fetched(w.source, asks_for(kit.ids(*kit.known)))
    assert w.gate.threads
    assert threading.get_ident() not in w.gate.threads


async def test_secrets_and_query_strings_stay_out_of_details(kit: Kit) -> None:
    secrets = {"api_key": "k3y-s3cret", "token": "t0ken-s3cret"}
    words = "bad k3y-s3cret t0ken-s3cret at https://x.example/a?api_key=hidden\x1b[31m\n\x00!" * 9
    for status in (400, 500):
        reply = json_reply({"message": words}, status)
        outcomes, _ = await outcomes_of(kit, lambda _r, r=reply: r, secrets=secrets)
        for outcome in outcomes:
            assert isinstance(outcome, Failed)
            assert outcome.detail.isprintable()
            assert len(outcome.detail) <= 200
            assert not [w for w in ("s3cret", "hidden") if w in outcome.detail]


async def test_a_redirect_on_the_same_host_is_followed_and_counted(kit: Kit) -> None:
    def handler(request: Request) -> Reply:
        if request.path.startswith("/moved") or request.method == "POST":
            return kit.answer(replace(request, path=request.path.removeprefix("/moved")))
        target = request.line.split(" ")[1]
        return Reply(302, b"", {"Location": f"/moved{target}"})

    outcomes, w = await outcomes_of(kit, handler)
    assert [type(o) for o in outcomes] == [Observed] * 2
    assert w.source.requests == len(w.server.requests)


async def test_closing_early_leaves_nothing_behind(kit: Kit) -> None:
    async with world(kit.name, kit.answer, batch_size=1, max_in_flight=3) as w:
        before = asyncio.all_tasks()
        answers = w.source.fetch(asks_for(kit.ids(*kit.known)))
        await anext(answers)
        await answers.aclose()  # type: ignore[attr-defined]
        assert [t for t in asyncio.all_tasks() - before if "_talk" not in repr(t)] == []


async def test_a_loopback_address_keeps_every_request_on_this_machine(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:3128")
    async with world(kit.name, kit.answer) as w:
        # Unknown papers make OpenReview go on to its second address.
        outcomes = await fetched(w.source, asks_for(kit.ids(kit.unknown[0], kit.known[0])))
        if isinstance(w.source, Inspector):
            readings = [r async for r in w.source.inspect(asks_for(kit.ids(kit.known[0])))]
            assert isinstance(readings[0][0][1], Observed)
    assert [type(o) for o in outcomes.values()] == [Missing, Observed]
