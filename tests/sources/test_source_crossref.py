"""Crossref's own traps: lists with holes, commas, notices, fields, pools, bans."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from kit_crossref import KIT, answer, asked_dois, listed, not_found, record, single
from source_world import (
    Handler,
    MemoryGate,
    Reply,
    Request,
    RunningClock,
    Server,
    World,
    asks_for,
    fetched,
    json_reply,
    searched,
    world,
)

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Failed, Found, Missing, Observed, Reference, Throttled
from citewatch.ports import Search
from citewatch.sources.crossref import Crossref
from citewatch.sources.crossref_works import FIELDS
from citewatch.sources.registry import SourceOptions, Tools

pytestmark = pytest.mark.anyio

POLITE = {"x-rate-limit-limit": "3", "x-rate-limit-interval": "1s", "x-concurrency-limit": "3"}
PUBLIC = {"x-rate-limit-limit": "1", "x-rate-limit-interval": "1s", "x-concurrency-limit": "1"}


def dois(number: int) -> list[Identifier]:
    return [Identifier("doi", f"10.5555/many.{n}") for n in range(number)]


def everything(request: Request, **headers: str) -> Reply:
    return json_reply(listed(*(record(doi, 5) for doi in asked_dois(request))), **headers)


@asynccontextmanager
async def crossref(
    handler: Handler, *, contact: str = "", **options: float
) -> AsyncIterator[World]:
    """A Crossref whose user may have given no address."""
    clock, gate = RunningClock(), MemoryGate()
    async with Server(handler, clock.monotonic) as server:
        settings = SourceOptions(base_url=server.url, timeout_s=5.0, **options)  # type: ignore[arg-type]
        tools = Tools(clock=clock, gate=gate, jitter=lambda: 0.0, contact=contact, version="9.9")
        source = Crossref(settings, tools)
        try:
            yield World(clock, gate, server, source)
        finally:
            await source.aclose()


# --- lists -------------------------------------------------------------------------------


async def test_fifty_dois_go_into_one_request() -> None:
    async with world("crossref", everything) as w:
        outcomes = await fetched(w.source, asks_for(dois(2_000)))
        assert len(w.server.requests) == 40
        assert max(len(r.line) for r in w.server.requests) < 8_190
    assert {type(o) for o in outcomes.values()} == {Observed}


async def test_a_list_says_what_it_wants_and_who_asks() -> None:
    async with world("crossref", answer) as w:
        await fetched(w.source, asks_for(KIT.ids(*KIT.known)))
        (request,) = w.server.requests
    assert request.path == "/works"
    assert request.query == {
        "filter": ",".join(f"doi:{doi}" for doi in KIT.known),
        "rows": "6",
        "select": ",".join(FIELDS),
        "mailto": "me@example.org",
    }


async def test_without_an_address_no_mailto_is_sent() -> None:
    async with crossref(answer) as w:
        await fetched(w.source, asks_for(KIT.ids(KIT.known[0])))
        await searched(w.source, "Paper")
        await fetched(w.source, asks_for(KIT.ids("10.5555/with,comma")))
        assert len(w.server.requests) == 3
        for request in w.server.requests:
            assert "mailto" not in request.query
            assert request.headers["user-agent"] == "citewatch/9.9"


async def test_the_base_address_may_have_a_path() -> None:
    async with world("crossref", answer) as outer:
        base = f"{outer.server.url}/proxied/crossref/"
        async with world("crossref", answer, base_url=base) as w:
            outcomes = await fetched(w.source, asks_for(KIT.ids(KIT.known[0], "10.5555/a,b")))
        assert {r.path for r in outer.server.requests} == {
            "/proxied/crossref/works",
            "/proxied/crossref/works/10.5555%2Fa%2Cb",
        }
    assert [type(o) for o in outcomes.values()] == [Observed, Missing]


async def test_what_a_list_does_not_have_is_missing_without_a_further_request() -> None:
    async with world("crossref", answer) as w:
        outcomes = await fetched(w.source, asks_for(KIT.ids(*KIT.unknown)))
        assert len(w.server.requests) == 1
    assert list(outcomes.values()) == [Missing(asked=i) for i in KIT.ids(*KIT.unknown)]


async def test_capitals_in_an_answer_are_the_same_doi() -> None:
    asked = Identifier("doi", "10.1107/s2059798318011506")
    reply = json_reply(listed(record("10.1107/S2059798318011506", 4)))
    async with world("crossref", lambda _r: reply) as w:
        outcomes = await fetched(w.source, asks_for([asked]))
    assert isinstance(outcomes[1], Observed)
    assert (outcomes[1].answered, outcomes[1].citation_count) == (asked, 4)


@pytest.mark.parametrize(
    "broken",
    [None, 7, "x", [], {}, {"DOI": None}, {"DOI": 3}, {"DOI": "nonsense"}, {"DOI": "10.1/\n"}],
)
async def test_a_record_that_cannot_be_read_makes_no_paper_missing(broken: object) -> None:
    reply = json_reply(listed(record(KIT.known[0], 3), broken))
    async with world("crossref", lambda _r: reply) as w:
        outcomes = await fetched(w.source, asks_for(KIT.ids(*KIT.known[:2])))
    assert isinstance(outcomes[1], Observed)
    assert isinstance(outcomes[2], Failed)
    assert outcomes[2].reason == "incomplete"


async def test_a_list_that_was_cut_makes_no_paper_missing() -> None:
    reply = json_reply(listed(record(KIT.known[0], 3), total=2))
    async with world("crossref", lambda _r: reply) as w:
        outcomes = await fetched(w.source, asks_for(KIT.ids(*KIT.known[:2])))
    assert [getattr(o, "reason", type(o).__name__) for o in outcomes.values()] == [
        "Observed",
        "incomplete",
    ]


@pytest.mark.parametrize(
    "count",
    [None, -1, "12", 12.0, 12.5, True, False, [], {}, 10_000_001, 10**30, float("nan"), ""],
)
async def test_what_is_not_a_count_is_a_failure_and_never_a_number(count: object) -> None:
    reply = json_reply(listed(record(KIT.known[0], count), record(KIT.known[1], 7)))
    async with world("crossref", lambda _r: reply) as w:
        outcomes = await fetched(w.source, asks_for(KIT.ids(*KIT.known[:2])))
    assert isinstance(outcomes[1], Failed)
    assert outcomes[1].reason == "count"
    assert getattr(outcomes[2], "citation_count", None) == 7


async def test_a_missing_count_is_a_failure_and_zero_is_a_count() -> None:
    bare = record(KIT.known[0], 1)
    del bare["is-referenced-by-count"]
    reply = json_reply(listed(bare, record(KIT.known[1], 0)))
    async with world("crossref", lambda _r: reply) as w:
        outcomes = await fetched(w.source, asks_for(KIT.ids(*KIT.known[:2])))
    assert getattr(outcomes[1], "reason", None) == "count"
    assert getattr(outcomes[2], "citation_count", None) == 0


async def test_one_refused_doi_does_not_cost_the_others_their_answer() -> None:
    reason = {"type": "filter-not-valid", "value": "many.7", "message": "no such DOI"}

    def handler(request: Request) -> Reply:
        if "10.5555/many.7" in asked_dois(request):
            body = {"status": "failed", "message-type": "validation-failure", "message": [reason]}
            return json_reply(body, 400)
        return everything(request)

    async with world("crossref", handler) as w:
        outcomes = await fetched(w.source, asks_for(dois(50)))
        assert len(w.server.requests) <= 13
    assert getattr(outcomes.pop(8), "reason", "") == "http_400"
    assert {type(o) for o in outcomes.values()} == {Observed}


# --- single look-ups ---------------------------------------------------------------------

COMMA = Identifier("doi", "10.5555/(a,b)c")


async def test_a_doi_with_a_comma_is_looked_up_by_itself() -> None:
    def handler(request: Request) -> Reply:
        if request.path == "/works":
            return everything(request)
        assert request.path == "/works/10.5555%2F%28a%2Cb%29c"
        assert "select" not in request.query
        return json_reply(single(record("10.5555/(A,B)c", 6)))

    async with world("crossref", handler) as w:
        outcomes = await fetched(w.source, asks_for([*dois(2), COMMA]))
        assert len(w.server.requests) == 2
    assert isinstance(outcomes[3], Observed)
    assert (outcomes[3].asked, outcomes[3].answered) == (COMMA, COMMA)
    assert outcomes[3].citation_count == 6


async def test_a_plain_not_found_is_missing_and_another_404_is_not() -> None:
    async with world("crossref", lambda _r: not_found()) as w:
        assert await fetched(w.source, asks_for([COMMA])) == {1: Missing(asked=COMMA)}
    gone = {"status": "error", "message-type": "route-not-found", "message": "Route not found"}
    async with world("crossref", lambda _r: json_reply(gone, 404)) as w:
        outcomes = await fetched(w.source, asks_for([COMMA]))
    assert getattr(outcomes[1], "reason", "") == "http_404"


@pytest.mark.parametrize("message", [None, [], "x", {}, {"DOI": None}])
async def test_a_single_answer_of_another_shape_is_a_failure(message: object) -> None:
    async with world("crossref", lambda _r: json_reply(single(message))) as w:
        outcomes = await fetched(w.source, asks_for([COMMA]))
    assert getattr(outcomes[1], "reason", "") == "shape"


async def test_a_comma_takes_no_free_place_in_a_list() -> None:
    async with world("crossref", answer) as w:
        assert isinstance(w.source, Crossref)
        assert w.source.spare(asks_for([*dois(49), COMMA])) == 1
        assert w.source.spare(asks_for([COMMA])) == 0


# --- fields ------------------------------------------------------------------------------


def refuses(*names: str) -> Handler:
    """Knows no such names in ``select``, and says so about the first."""

    def handler(request: Request) -> Reply:
        asked = request.query.get("select", "").split(",")
        for name in names:
            if name in asked or (name == "select" and asked != [""]):
                kind = "parameter-not-allowed" if name == "select" else "select-not-available"
                words = f"Select '{name}' specified but there is no such select for this route"
                reason = {"type": kind, "value": name, "message": words}
                body = {"message-type": "validation-failure", "message": [reason]}
                return json_reply({"status": "failed", **body}, 400)
        return everything(request)

    return handler


async def test_a_field_that_is_no_longer_known_is_left_out_and_said() -> None:
    async with world("crossref", refuses("updated-by", "subtitle")) as w:
        outcomes = await fetched(w.source, asks_for(dois(150)))
        assert isinstance(w.source, Crossref)
        assert w.source.notes == (
            "no longer gives updated-by in lists; asked without it",
            "no longer gives subtitle in lists; asked without it",
        )
        assert len(w.server.requests) == 5  # three lists, two of them refused at first
        select = w.server.requests[-1].query["select"].split(",")
    assert select == [name for name in FIELDS if name not in ("updated-by", "subtitle")]
    assert {type(o) for o in outcomes.values()} == {Observed}


@pytest.mark.parametrize("name", ["select", "DOI", "is-referenced-by-count"])
async def test_where_select_cannot_help_whole_records_are_read(name: str) -> None:
    async with world("crossref", refuses(name)) as w:
        outcomes = await fetched(w.source, asks_for(dois(60)))
        assert [("select" in r.query) for r in w.server.requests] == [True, False, False]
        found = await searched(w.source, "Paper")
    assert {type(o) for o in outcomes.values()} == {Observed}
    assert isinstance(found[1], Found)


# --- pools, bans -------------------------------------------------------------------------


async def test_a_ban_ends_the_pass() -> None:
    page = Reply(403, b"<html>Forbidden</html>", content_type="text/html")
    async with world("crossref", lambda _r: page) as w:
        outcomes = await fetched(w.source, asks_for(dois(500)))
        titles = await searched(w.source, "A title")
        assert len(w.server.requests) == 1
    refused = Failed(reason="refused", detail="refuses this machine (403)", retry=False)
    assert {*outcomes.values(), *titles.values()} == {refused}


@pytest.mark.parametrize("body", [b"", b"<html><h1>429 Too Many Requests</h1></html>"])
async def test_a_bare_429_is_waited_out_and_then_left(body: bytes) -> None:
    reply = Reply(429, body, content_type="text/html")
    async with world("crossref", lambda _r: reply, max_in_flight=1) as w:
        outcomes = await fetched(w.source, asks_for(dois(120)))
        assert len(w.server.requests) == 6
        assert w.clock.now == 62.0  # 2 + 4 + 8 + 16 + 32
        assert len(w.gate.parkings) == 1
    assert {type(o) for o in outcomes.values()} == {Throttled}


@pytest.mark.parametrize(
    ("chosen", "headers", "gap"),
    [
        (None, {}, 1.0),
        (None, POLITE, 1.0),
        (None, {**PUBLIC, "x-rate-limit-interval": "5s"}, 5.0),
        (None, {"x-rate-limit-limit": "20", "x-rate-limit-interval": "1m"}, 3.0),
        (None, {"x-rate-limit-limit": "1", "x-rate-limit-interval": "9h"}, 60.0),
        (None, {"x-rate-limit-limit": "0", "x-rate-limit-interval": "soon"}, 1.0),
        (None, {"x-rate-limit-limit": "-3", "x-rate-limit-interval": "99s"}, 1.0),
        (0.2, POLITE, 1 / 3),
        (0.2, {}, 0.2),
        (2.0, POLITE, 2.0),
    ],
)
async def test_the_pace_is_ours_or_the_users_and_slower_where_the_service_says_so(
    chosen: float | None, headers: dict[str, str], gap: float
) -> None:
    async with world(
        "crossref", lambda r: everything(r, **headers), min_interval_s=chosen, max_in_flight=1
    ) as w:
        await fetched(w.source, asks_for(dois(150)))
        _, second, third = (r.at for r in w.server.requests)
    assert gap <= third - second <= 1.05 * gap


async def test_an_interval_of_nought_means_no_pacing() -> None:
    async with world("crossref", lambda r: everything(r, **PUBLIC), min_interval_s=0.0) as w:
        await fetched(w.source, asks_for(dois(150)))
        assert w.clock.sleeps == []


@pytest.mark.parametrize(
    ("contact", "headers", "most"),
    [
        ("me@example.org", POLITE, 3),
        ("me@example.org", {}, 3),
        ("me@example.org", PUBLIC, 1),
        ("me@example.org", {"x-concurrency-limit": "2"}, 2),
        ("me@example.org", {"x-concurrency-limit": "99"}, 3),
        ("me@example.org", {"x-concurrency-limit": "many"}, 3),
        ("", PUBLIC, 1),
        ("", {}, 1),
    ],
)
async def test_so_many_are_under_way_as_the_pool_allows(
    contact: str, headers: dict[str, str], most: int
) -> None:
    before_the_first_answer: list[int] = []

    async def handler(request: Request) -> Reply:
        await asyncio.sleep(0.02)
        before_the_first_answer.append(len(w.server.requests))
        return everything(request, **headers)

    async with crossref(handler, contact=contact, min_interval_s=0.0) as w:
        outcomes = await fetched(w.source, asks_for(dois(400)))
        assert w.server.open_most == most
    assert before_the_first_answer[0] == 1
    assert {type(o) for o in outcomes.values()} == {Observed}


async def test_a_user_without_an_address_cannot_ask_for_more_than_the_pool_allows() -> None:
    async def handler(request: Request) -> Reply:
        await asyncio.sleep(0.01)
        return everything(request, **PUBLIC)

    async with crossref(handler, min_interval_s=0.0, max_in_flight=3) as w:
        await fetched(w.source, asks_for(dois(400)))
        assert w.server.open_most == 1


# --- titles ------------------------------------------------------------------------------


async def test_a_title_is_looked_for_with_its_first_author() -> None:
    reference = Reference(title="Paper  10.5555/alpha.2017.1", authors=("Ada Lovelace", "B. Other"))
    async with world("crossref", answer) as w:
        found = [o async for _, o in w.source.search([Search(1, reference)])]
        (request,) = w.server.requests
    assert request.query["query.bibliographic"] == "Paper 10.5555/alpha.2017.1 Ada Lovelace"
    assert (request.query["rows"], request.query["select"]) == ("5", ",".join(FIELDS))
    assert isinstance(found[0], Found)
    assert found[0].complete
    (candidate,) = found[0].candidates
    assert (str(candidate.answered), candidate.citation_count) == (f"doi:{KIT.known[0]}", 900)


async def test_what_is_no_paper_is_no_candidate() -> None:
    retraction = {"DOI": "10.5555/paper", "type": "retraction"}
    works = [
        record("10.5555/paper.figure1", 0, type="component"),
        record("10.5555/review.1", 0, type="peer-review"),
        record("10.5555/retraction.1", 0, update_to=[retraction]),
        record(
            "10.5555/version.2",
            0,
            type="posted-content",
            update_to=[retraction | {"type": "new_version"}],
        ),
        record("10.5555/paper", None),
        {"title": ["No DOI"]},
        [],
        record("10.5555/odd", 1, type=["journal-article"]),
    ]
    async with world("crossref", lambda _r: json_reply(listed(*works, total=99_999))) as w:
        found = await searched(w.source, "Paper")
    assert isinstance(found[1], Found)
    assert [(o.answered.value, o.citation_count) for o in found[1].candidates] == [
        ("10.5555/version.2", 0),
        ("10.5555/paper", None),
        ("10.5555/odd", 1),
    ]


async def test_long_titles_and_names_are_cut() -> None:
    reference = Reference(title="word " * 5_000, authors=("Name " * 1_000,))
    async with world("crossref", answer) as w:
        async for _ in w.source.search([Search(1, reference)]):
            pass
        assert len(json.dumps(dict(w.server.requests[0].query))) < 1_000
