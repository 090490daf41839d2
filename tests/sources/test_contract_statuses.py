"""Every status and every ``Retry-After``: what is asked again, what is waited for, what parks."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from contract_cases import (
    after_one,
    assert_ends,
    baseline_of,
    ending,
    found_for,
    kit_world,
    outcomes_of,
    truth_of,
)
from source_kit import Kit
from source_world import (
    START,
    Reply,
    Request,
    asks_for,
    fetched,
    json_reply,
    searched,
)

from citewatch.domain.papers import Failed, Throttled

pytestmark = pytest.mark.anyio

THREE_MINUTES_S = 180
_USUAL = {401: "failed:refused", 403: "failed:refused"}
"""Without a key, or with one that was refused twice, it is this machine that is not let in."""


# --- refusals --------------------------------------------------------------------------


@pytest.mark.parametrize("status", [204, 206, 300, 304])
async def test_a_status_out_of_place_is_a_named_failure(kit: Kit, status: int) -> None:
    reply = Reply(status)
    outcomes, w = await outcomes_of(kit, lambda _r: reply)
    assert_ends(kit, outcomes, f"status {status}", f"failed:http_{status}")
    assert w.clock.sleeps == []


REFUSALS = {
    **{
        f"{status}": json_reply({"message": "no"}, status)
        for status in (400, 401, 402, 403, 404, 405, 408, 410, 413, 414, 418, 422, 451)
    },
    **{
        f"{status} with a page": Reply(
            status, b"<html><h1>No</h1></html>", content_type="text/html"
        )
        for status in (400, 401, 403, 404, 410)
    },
    **{f"{status} without a word": Reply(status) for status in (400, 401, 403, 404, 410)},
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_a_refused_question_is_not_asked_again(kit: Kit, what: str) -> None:
    reply = REFUSALS[what]
    status = reply.status
    outcomes, w = await outcomes_of(kit, lambda _r: reply)
    usual = _USUAL.get(status, f"failed:http_{status}")
    assert_ends(kit, outcomes, f"status {status}", usual)
    assert not [o for o in outcomes if isinstance(o, Failed) and o.retry]
    # Once with a key and once more before it is set aside, and the halves of a batch.
    assert len(w.server.requests) <= 5
    assert (w.clock.sleeps, w.gate.parkings) == ([], [])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410])
async def test_a_refused_search_finds_nobody(kit: Kit, status: int) -> None:
    async with kit_world(kit, lambda _r: json_reply({"message": "no"}, status)) as w:
        found = await found_for(w, "A title")
        assert w.clock.sleeps == []
    usual = _USUAL.get(status, f"failed:http_{status}")
    assert ending(found) in (
        kit.endings(f"status {status}", usual) if kit.searches else {"nothing found"}
    )


async def test_a_door_that_is_locked_is_not_rattled(kit: Kit) -> None:
    """Many papers behind a 403: what refuses this machine refuses it once."""
    reply = json_reply({"message": "Forbidden"}, 403)
    asked = (*kit.known, *kit.unknown)
    outcomes, w = await outcomes_of(kit, lambda _r: reply, *asked, batch_size=1, max_in_flight=1)
    assert_ends(kit, outcomes, "status 403", "failed:refused")
    assert len(w.server.requests) <= (len(asked) if kit.private else 3)


# --- 5xx -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520])
async def test_a_broken_source_is_asked_a_few_times_and_then_left(kit: Kit, status: int) -> None:
    async with kit_world(kit, lambda _r: json_reply({"message": "oh"}, status)) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known[:2])))
        sent = len(w.server.requests)
        assert 3 <= sent <= 8
        assert 10 <= w.clock.now <= 100
        assert max(w.clock.sleeps) <= 60
        again = await fetched(w.source, asks_for(kit.ids(*kit.known)))
        titles = await searched(w.source, "A title") if kit.searches else {}
        assert len(w.server.requests) == sent
    for outcome in (*outcomes.values(), *again.values(), *titles.values()):
        assert ending(outcome) == f"failed:http_{status}"
        assert isinstance(outcome, Failed)
        assert outcome.retry


async def test_a_source_that_recovers_is_heard(kit: Kit) -> None:
    sick = iter([500, 503])

    def handler(request: Request) -> Reply:
        status = next(sick, 200)
        return kit.answer(request) if status == 200 else json_reply({"message": "oh"}, status)

    outcomes, _ = await outcomes_of(kit, handler)
    assert outcomes == await truth_of(kit)


@pytest.mark.parametrize("status", [500, 503, 504, 429])
@pytest.mark.parametrize("header", [{}, {"Retry-After": "1"}, {"Retry-After": "60"}])
async def test_a_wave_ends_within_three_minutes(
    kit: Kit, status: int, header: dict[str, str]
) -> None:
    """Every answer bad, each paper a request, the longest jitter: the clock says when it ends."""
    asked = (*kit.known, *kit.unknown)
    async with kit_world(kit, lambda _r: Reply(status, b"", header), batch_size=1, jitter=1.0) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*asked)))
        await found_for(w, "A title")
        assert w.clock.now <= THREE_MINUTES_S
        assert max(w.clock.sleeps, default=0.0) <= 60
    wanted = {"throttled"} if status == 429 else {f"failed:http_{status}"}
    assert {ending(outcome) for outcome in outcomes.values()} == wanted


async def test_a_wave_of_slow_failures_ends_within_three_minutes(kit: Kit) -> None:
    """Each answer takes half a minute to fail, as gateways do."""

    def handler(_request: Request) -> Reply:
        w.clock.now += 30.0
        return Reply(504)

    async with kit_world(kit, handler, batch_size=1, max_in_flight=1, jitter=1.0) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known, *kit.unknown)))
        assert w.clock.now <= THREE_MINUTES_S
    assert {ending(outcome) for outcome in outcomes.values()} == {"failed:http_504"}


# --- 429 and Retry-After ---------------------------------------------------------------

BODIES = {
    "words": Reply(429, b"Rate exceeded.", content_type="text/plain"),
    "nothing": Reply(429, b""),
    "a page": Reply(429, b"<html><h1>Too many requests</h1></html>", content_type="text/html"),
    "JSON": json_reply({"error": "Too Many Requests", "message": "Slow down"}, 429),
}


@pytest.mark.parametrize("body", BODIES)
async def test_a_429_ends_in_throttled_and_the_gate_remembers(kit: Kit, body: str) -> None:
    outcomes, w = await outcomes_of(kit, lambda _r: BODIES[body])
    assert [ending(o) for o in outcomes] == ["throttled"] * 2
    (until, reason), *more = w.gate.parkings
    assert not more
    assert all(getattr(o, "until", None) == until for o in outcomes)
    assert until > w.clock.time()
    assert "429" in reason


async def test_a_short_retry_after_is_waited_in_place(kit: Kit) -> None:
    first = iter([Reply(429, b"slow", {"Retry-After": "7"})])
    outcomes, w = await outcomes_of(kit, lambda r: next(first, None) or kit.answer(r))
    assert outcomes == await truth_of(kit)
    assert 7 <= w.clock.now <= 60
    assert w.gate.parkings == []


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("wait_s", [61, 3_600, 86_400])
async def test_a_source_that_parks_is_sent_nothing_more(kit: Kit, status: int, wait_s: int) -> None:
    reply = Reply(status, b"later", {"Retry-After": str(wait_s)})
    async with kit_world(kit, lambda _r: reply) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known)))
        again = await fetched(w.source, asks_for(kit.ids(*kit.known, *kit.unknown)))
        titles = await searched(w.source, "A title") if kit.searches else {}
        assert (w.clock.sleeps, len(w.server.requests)) == ([], 1)
    ends = [*outcomes.values(), *again.values(), *titles.values()]
    assert {getattr(end, "until", None) for end in ends} == {START + wait_s}
    assert w.gate.parkings[0][0] == START + wait_s
    assert len(w.gate.parkings) == 1


async def test_a_retry_after_date_is_understood(kit: Kit) -> None:
    at = datetime.fromtimestamp(START + 1_800, tz=UTC)
    reply = Reply(429, b"later", {"Retry-After": format_datetime(at, usegmt=True)})
    outcomes, _ = await outcomes_of(kit, lambda _r: reply)
    assert [getattr(o, "until", None) for o in outcomes] == [START + 1_800] * 2


SENSELESS = {
    "words": "soon",
    "negative": "-5",
    "zero": "0",
    "nothing": "",
    "exponent": "1e9",
    "no date": "Mon, 99 Foo 2026 00:00:00 GMT",
    "a date in the past": "Sun, 06 Nov 1994 08:49:37 GMT",
    "NaN": "NaN",
    "infinity": "inf",
    "400 digits": "9" * 400,
    "two values": "60, 120",
    "hexadecimal": "0xFF",
    "a unit": "60s",
}


@pytest.mark.parametrize("value", SENSELESS)
async def test_a_senseless_retry_after_is_as_none(kit: Kit, value: str) -> None:
    """The next wait, or parking, is that of an answer without the header."""
    for status in (429, 503):
        reply = Reply(status, b"oh", {"Retry-After": SENSELESS[value]})
        assert await after_one(kit, reply) == await baseline_of(kit, status)


@pytest.mark.parametrize("value", ["999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_nobody_is_left_alone_for_more_than_a_year(kit: Kit, value: str) -> None:
    reply = Reply(429, b"later", {"Retry-After": value})
    outcomes, w = await outcomes_of(kit, lambda _r: reply)
    assert len(w.server.requests) == 1
    for outcome in outcomes:
        assert isinstance(outcome, Throttled)
        assert outcome.until is not None
        assert START + 360 * 86_400 <= outcome.until <= START + 366 * 86_400
