"""What every source that lists who cites a paper is held to, whatever comes over the wire."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from citing_kits import KITS, CitingKit, Server
from contract_cases import assert_sound
from source_world import START, Handler, MemoryGate, Reply, Request, World, json_reply, world

from citewatch.domain.citing import CitingWork
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Blocked, Failed, Missing, Throttled
from citewatch.ports import Ask, Cited, CitedSource, CitingOutcome, CitingPage, GateState
from citewatch.sources.registry import BUILT_IN, SourceOptions, Tools, known_sources

pytestmark = pytest.mark.anyio

DAY_S = 86_400
PAGE = b"<!DOCTYPE html><html><body>Checking your browser</body></html>"


@pytest.fixture(params=sorted(KITS))
def kit(request: pytest.FixtureRequest) -> CitingKit:
    return KITS[request.param]


@asynccontextmanager
async def citing_world(kit: CitingKit, handler: Handler, **more: Any) -> AsyncIterator[World]:
    async with world(kit.name, handler, secrets=more.pop("secrets", {}), **more) as w:
        assert isinstance(w.source, CitedSource)
        yield w


async def listed(
    w: World, identifier: Identifier, *, answered: Identifier | None = None, since: str = ""
) -> list[CitingOutcome]:
    """All that comes; pages first, and nothing after anything else."""
    assert isinstance(w.source, Cited)
    ask = Ask(1, identifier, answered=answered)
    outcomes = [outcome async for outcome in w.source.citing(ask, since=since)]
    assert outcomes
    assert all(isinstance(outcome, CitingPage) for outcome in outcomes[:-1])
    for outcome in outcomes:
        if isinstance(outcome, CitingPage):
            for work in outcome.works:
                assert_bounded(work)
        else:
            assert_sound(outcome)
    return outcomes


async def outcome_of(kit: CitingKit, handler: Handler, **more: Any) -> CitingOutcome:
    """The one outcome where there is but one."""
    async with citing_world(kit, handler, **more) as w:
        (outcome,) = await listed(w, kit.known)
        return outcome


def assert_bounded(work: CitingWork) -> None:
    assert work.record
    assert len(work.record) < 60
    assert len(work.title) <= 1_000
    assert len(work.venue) <= 300
    assert len(work.authors) <= 500
    assert len(work.ids) <= 8
    texts = [work.record, work.title, work.venue, work.published_on]
    texts += [t for person in work.authors for t in (person.name, person.identity)]
    for text in texts:
        text.encode("utf-8")
        assert all(c.isprintable() for c in text)
        assert len(text) <= 1_000
    assert all(person.name and len(person.name) <= 200 for person in work.authors)


def pages_of(outcomes: list[CitingOutcome]) -> list[CitingPage]:
    assert all(isinstance(outcome, CitingPage) for outcome in outcomes)
    return [outcome for outcome in outcomes if isinstance(outcome, CitingPage)]


def spoiled(
    kit: CitingKit, reply: Callable[[Reply], Reply], *, lists_only: bool = False
) -> tuple[Handler, Server]:
    """A server whose answers, or its lists alone, are others."""
    server = kit.server(3 * kit.page)

    def handler(request: Request) -> Reply:
        good = server(request)
        return good if lists_only and not server.is_list(request) else reply(good)

    return handler, server


# --- all is well -------------------------------------------------------------------------


def test_every_source_that_lists_who_cites_is_held_to_this() -> None:
    class Still:
        def time(self) -> float:
            return START

        monotonic = time

        async def sleep(self, seconds: float) -> None:
            raise AssertionError(seconds)

    tools = Tools(clock=Still(), gate=MemoryGate(), jitter=lambda: 0.0, version="9.9")
    built = {name: spec.make(SourceOptions(), tools) for name, spec in BUILT_IN.items()}
    assert {name for name, source in built.items() if isinstance(source, Cited)} == set(KITS)


@pytest.mark.parametrize("more", [0, 1, 7])
async def test_a_list_comes_whole_and_each_work_once(kit: CitingKit, more: int) -> None:
    count = 2 * kit.page + more
    async with citing_world(kit, kit.server(count)) as w:
        pages = pages_of(await listed(w, kit.known))
    works = [work for page in pages for work in page.works]
    assert len({work.record for work in works}) == len(works) == count
    assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
    assert {page.cut for page in pages} == {""}
    assert {page.total for page in pages} == {count}
    assert len(w.server.requests) == kit.first + len(pages) - 1
    assert works[0].title == "Citing 0"
    assert works[0].published_on.startswith("2023-01-0")
    assert [person.name for person in works[0].authors] == ["Ada Lovelace", "Émilie du Châtelet"]


async def test_a_paper_that_nobody_cites_has_one_empty_page(kit: CitingKit) -> None:
    async with citing_world(kit, kit.server(0)) as w:
        (page,) = pages_of(await listed(w, kit.known))
    assert (page.works, page.total, page.last, page.cut) == ((), 0, True, "")


async def test_its_own_authors_come_with_the_first_page_under_the_same_ids(kit: CitingKit) -> None:
    async with citing_world(kit, kit.server(2 * kit.page)) as w:
        first, second = pages_of(await listed(w, kit.known))
    assert [person.identity for person in first.cited_authors] == [kit.self_identity]
    assert second.cited_authors == ()
    theirs = {person.identity for work in first.works for person in work.authors}
    assert kit.self_identity in theirs
    assert "" in theirs


async def test_nothing_is_asked_for_a_page_that_nobody_wants(kit: CitingKit) -> None:
    async with citing_world(kit, kit.server(5 * kit.page)) as w:
        assert isinstance(w.source, Cited)
        pages = w.source.citing(Ask(1, kit.known))
        assert w.server.requests == []
        async with aclosing(pages):  # type: ignore[type-var]
            async for page in pages:
                assert isinstance(page, CitingPage)
                break
        assert len(w.server.requests) == kit.first
        await w.source.aclose()
        assert len(w.server.requests) == kit.first


async def test_an_unknown_paper_is_missing(kit: CitingKit) -> None:
    async with citing_world(kit, kit.server(5)) as w:
        assert await listed(w, kit.unknown) == [Missing(asked=kit.unknown)]
        assert await listed(w, kit.unknown, since="2024-01-01") == [Missing(asked=kit.unknown)]


async def test_an_id_that_cannot_be_sent_is_not(kit: CitingKit) -> None:
    async with citing_world(kit, kit.server(5)) as w:
        (outcome,) = await listed(w, kit.malformed)
        assert isinstance(outcome, Failed)
        assert (outcome.reason, outcome.retry) == ("bad_id", False)
        (outcome,) = await listed(w, Identifier("nobody", "knows-this"))
        assert isinstance(outcome, Failed)
        assert w.server.requests == []


# --- answers that are none ---------------------------------------------------------------

WRONG_BODIES: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "application/json", "empty"),
    "a page": (PAGE, "text/html", "not_json"),
    "a page that claims otherwise": (PAGE, "application/json", "not_json"),
    "half an object": (b'{"data": [{"citingPaper": {', "application/json", "not_json"),
    "not UTF-8": (b'{"id": "\xff"}', "application/json", "charset"),
    "a number": (b"7", "application/json", "shape"),
    "null": (b"null", "application/json", "shape"),
    "a list": (b"[1, 2]", "application/json", "shape"),
    "an empty object": (b"{}", "application/json", "shape"),
    "depth": (b"[" * 100_000, "application/json", "not_json"),
    "the wrong things": (
        b'{"data": 7, "next": "x", "results": "y", "meta": [], "hits": 5}',
        "application/json",
        "shape",
    ),
}


@pytest.mark.parametrize("what", WRONG_BODIES)
async def test_a_list_that_is_none_is_a_failure(kit: CitingKit, what: str) -> None:
    body, content_type, reason = WRONG_BODIES[what]
    handler, _ = spoiled(
        kit, lambda _: Reply(200, body, content_type=content_type), lists_only=True
    )
    outcome = await outcome_of(kit, handler)
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason


@pytest.mark.parametrize("what", [name for name in WRONG_BODIES if name != "an empty object"])
async def test_nor_is_anything_else_that_it_is_asked(kit: CitingKit, what: str) -> None:
    body, content_type, reason = WRONG_BODIES[what]
    handler, _ = spoiled(kit, lambda _: Reply(200, body, content_type=content_type))
    outcome = await outcome_of(kit, handler)
    assert isinstance(outcome, Failed)
    assert outcome.reason == reason


async def test_a_bomb_ends_in_a_failure_and_few_requests(kit: CitingKit) -> None:
    bomb = gzip.compress(b"0" * 21_000_000)
    reply = Reply(200, bomb, {"Content-Encoding": "gzip"})
    handler, server = spoiled(kit, lambda _: reply, lists_only=True)
    outcome = await outcome_of(kit, handler)
    assert isinstance(outcome, Failed)
    assert outcome.reason == "too_large"
    assert server.lists <= 6


@pytest.mark.parametrize("status", [400, 403, 418, 422])
async def test_a_refused_list_is_a_failure_that_is_not_asked_again(
    kit: CitingKit, status: int
) -> None:
    handler, server = spoiled(kit, lambda _: json_reply({"error": "no"}, status), lists_only=True)
    outcome = await outcome_of(kit, handler)
    assert isinstance(outcome, Failed)
    assert outcome.reason == ("refused" if status == 403 else f"http_{status}")
    assert server.lists == 1


async def test_a_404_in_other_words_is_no_miss(kit: CitingKit) -> None:
    handler, _ = spoiled(kit, lambda _: json_reply({"message": "no route"}, 404), lists_only=True)
    outcome = await outcome_of(kit, handler)
    assert isinstance(outcome, Failed)
    assert outcome.reason == "http_404"


async def test_429_is_waited_for_and_parks_the_source(kit: CitingKit) -> None:
    async with citing_world(kit, lambda _r: Reply(429, b"{}")) as w:
        (outcome,) = await listed(w, kit.known)
        assert isinstance(outcome, Throttled)
        assert outcome.until is not None
        assert w.gate.parkings
        sent = len(w.server.requests)
        assert 1 < sent < 10
        assert isinstance((await listed(w, kit.known))[0], Throttled)
        assert len(w.server.requests) == sent


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_an_outage_is_a_failure_after_patience(kit: CitingKit, status: int) -> None:
    handler, server = spoiled(kit, lambda _: Reply(status, b"{}"), lists_only=True)
    async with citing_world(kit, handler) as w:
        (outcome,) = await listed(w, kit.known)
        assert isinstance(outcome, Failed)
        assert outcome.reason == f"http_{status}"
        assert 1 < server.lists <= 12
        assert sum(w.clock.sleeps) < 180


async def test_a_gateway_that_has_no_time_is_asked_for_less(kit: CitingKit) -> None:
    """504 for full pages, an answer for smaller ones."""
    server = kit.server(kit.page // 2)
    names = {"limit", "per_page", "size"}

    def handler(request: Request) -> Reply:
        size = next((int(v) for n, v in request.query.items() if n in names), 0)
        return Reply(504) if size > kit.page // 2 else server(request)

    async with citing_world(kit, handler) as w:
        pages = pages_of(await listed(w, kit.known))
    works = [work.record for page in pages for work in page.works]
    assert len(set(works)) == len(works) == kit.page // 2


async def test_a_connection_that_breaks_is_asked_again(kit: CitingKit) -> None:
    server, first = kit.server(3), iter([Reply(hang_up=True), Reply(reset=True)])
    async with citing_world(kit, lambda r: next(first, None) or server(r)) as w:
        (page,) = pages_of(await listed(w, kit.known))
    assert len(page.works) == 3


async def test_silence_is_a_timeout(kit: CitingKit) -> None:
    outcome = await outcome_of(kit, lambda _r: Reply(delay_s=30.0), timeout_s=0.02)
    assert isinstance(outcome, Failed)
    assert outcome.reason == "timeout"


# --- in the middle -----------------------------------------------------------------------


async def test_what_came_before_a_fault_stays_and_nothing_comes_after(kit: CitingKit) -> None:
    server = kit.server(4 * kit.page)

    def handler(request: Request) -> Reply:
        return Reply(200, PAGE, content_type="text/html") if server.lists >= 2 else server(request)

    async with citing_world(kit, handler) as w:
        first, second, end = await listed(w, kit.known)
    assert isinstance(first, CitingPage)
    assert isinstance(second, CitingPage)
    assert not second.last
    assert isinstance(end, Failed)
    assert end.reason == "not_json"


async def test_a_miss_in_the_middle_is_passed_on(kit: CitingKit) -> None:
    server = kit.server(3 * kit.page)

    def handler(request: Request) -> Reply:
        if server.lists < 1:
            return server(request)
        return json_reply({"error": "Paper with id x not found"}, 404)

    async with citing_world(kit, handler) as w:
        outcomes = await listed(w, kit.known)
    assert isinstance(outcomes[0], CitingPage)
    assert not isinstance(outcomes[1], CitingPage)
    assert len(outcomes) == 2


# --- hostile rows ------------------------------------------------------------------------

NASTY = "\ud800\x00\x1b[31m\u202e<script>alert(1)</script>"
LONG = "x" * 100_000


def hostile(row: dict[str, Any], value: object, depth: int = 0) -> list[Any]:
    """Copies of a row in each of which one value is another."""
    found = []
    for name in row:
        found.append({**row, name: value})
        if isinstance(row[name], dict) and depth < 3:
            found += [{**row, name: inner} for inner in hostile(row[name], value, depth + 1)]
    return found


VALUES: dict[str, object] = {
    "null": None,
    "true": True,
    "a negative number": -5,
    "a huge number": 10**400,
    "a fraction": 0.5,
    "a text": NASTY,
    "a long text": LONG,
    "a list": [None, 1, "x", {"author": 7}, [[]]],
    "an object": {"author": [], "name": {}, "DOI": 7},
    "many": [{"name": f"N {n}", "author": {"display_name": f"N {n}"}} for n in range(3_000)],
    "day zero": "0000-00-00",
    "the thirtieth of February": "2023-02-30",
    "far ahead": "9999-12-31",
}


@pytest.mark.parametrize("what", VALUES)
async def test_rows_of_any_kind_are_works_or_passed_over(kit: CitingKit, what: str) -> None:
    server = kit.server(3)
    server.spoil = lambda rows: [
        *rows,
        *(each for row in rows for each in hostile(row, VALUES[what])),
    ]
    async with citing_world(kit, server) as w:
        outcomes = await listed(w, kit.known)
    (page,) = pages_of(outcomes)
    assert len(page.works) >= 3


@pytest.mark.parametrize(
    ("day", "year", "said"),
    [
        ("2023-05-17", 2023, "2023-05-17"),
        ("2023-05-00", 2023, "2023-05"),
        ("2023-02-30", 2023, "2023-02"),
        ("2023-13-01", 2023, "2023"),
        ("2023-05", 2023, "2023-05"),
        ("0000-00-00", 2021, "2021"),
        ("0000-00-00", None, ""),
        (None, 2021, "2021"),
        (None, "2021", "2021"),
        (None, 20_210, ""),
        (None, None, ""),
        ("2099-12-31", 2099, "2099-12-31"),
        ("soon", 2021, "2021"),
        (1_684_300_000, 2021, "2021"),
    ],
)
async def test_dates_are_as_exact_as_they_are_known(
    kit: CitingKit, day: object, year: object, said: str
) -> None:
    def dated(row: dict[str, Any]) -> dict[str, Any]:
        inner = row.get("citingPaper") or row.get("metadata") or row
        inner |= {"publicationDate": day, "publication_date": day, "earliest_date": day}
        inner |= {"year": year, "publication_year": year, "publication_info": [{"year": year}]}
        return row

    server = kit.server(1)
    server.spoil = lambda rows: [dated(row) for row in rows]
    async with citing_world(kit, server) as w:
        (page,) = pages_of(await listed(w, kit.known))
    assert page.works[0].published_on == said


async def test_titles_lose_the_markup_of_their_publishers(kit: CitingKit) -> None:
    def titled(row: dict[str, Any]) -> dict[str, Any]:
        title = "<i>E. coli</i> &amp; H<sub>2</sub>O\n at  x<y"
        inner = row.get("citingPaper") or row.get("metadata") or row
        inner |= {"title": title, "titles": [{"title": title}]}
        return row

    server = kit.server(1)
    server.spoil = lambda rows: [titled(row) for row in rows]
    async with citing_world(kit, server) as w:
        (page,) = pages_of(await listed(w, kit.known))
    assert page.works[0].title == "E. coli & H2O at x<y"


# --- manners -----------------------------------------------------------------------------


async def test_pages_come_at_the_pace_of_everything_else(kit: CitingKit) -> None:
    rule_s = known_sources()[kit.name].rule_s
    async with citing_world(kit, kit.server(4 * kit.page), min_interval_s=None) as w:
        await listed(w, kit.known)
        times = [request.at for request in w.server.requests]
    assert len(times) > 4
    assert min(b - a for a, b in itertools.pairwise(times)) >= rule_s * 0.999
    assert len(w.gate.sent_at) == len(times)


async def test_a_source_that_is_parked_is_left_alone(kit: CitingKit) -> None:
    gate = MemoryGate(GateState(not_before=int(START) + 500, reason="asked to be left alone"))
    async with citing_world(kit, kit.server(3), gate=gate) as w:
        (outcome,) = await listed(w, kit.known)
        assert outcome == Throttled(until=int(START) + 500, reason="asked to be left alone")
        assert w.server.requests == []


async def test_half_of_our_own_budget_is_kept_for_counts(kit: CitingKit) -> None:
    async with citing_world(kit, kit.server(50 * kit.page), daily_budget=10) as w:
        *pages, outcome = await listed(w, kit.known)
        assert len(w.server.requests) == 5
        assert len(pages) == 5 - kit.first + 1
        assert isinstance(outcome, Throttled)
        assert outcome.until == (int(START) // DAY_S + 1) * DAY_S
        assert "kept for counts" in outcome.reason
        readings = [r async for batch in w.source.fetch([Ask(1, kit.known)]) for r in batch]
        assert len(readings) == 1
        assert len(w.server.requests) > 5


@pytest.mark.parametrize(("budget", "sent"), [(1, 0), (2, 1), (11, 5)])
async def test_never_more_than_half_of_a_small_budget(
    kit: CitingKit, budget: int, sent: int
) -> None:
    async with citing_world(kit, kit.server(50 * kit.page), daily_budget=budget) as w:
        *_, outcome = await listed(w, kit.known)
        assert isinstance(outcome, Throttled)
        assert len(w.server.requests) == sent


async def test_quiet_hours_hold_for_pages_too(kit: CitingKit) -> None:
    minute = int(START % DAY_S // 60)
    quiet = (minute - 5, minute + 5)
    async with citing_world(kit, kit.server(3), quiet_hours=quiet) as w:
        (outcome,) = await listed(w, kit.known)
        assert isinstance(outcome, Throttled)
        assert w.server.requests == []


async def test_a_key_is_sent_and_never_shown(kit: CitingKit) -> None:
    def handler(request: Request) -> Reply:
        return json_reply({"error": f"no {dict(request.headers)} {request.line}"}, 400)

    async with citing_world(kit, handler, secrets={"api_key": "s3cret-key"}) as w:
        (outcome,) = await listed(w, kit.known)
        (request,) = w.server.requests
    assert "s3cret-key" in str(request.headers)
    assert "s3cret-key" not in request.line
    assert "s3cret-key" not in repr(outcome)


async def test_a_refused_key_is_set_aside(kit: CitingKit) -> None:
    server = kit.server(3)

    def handler(request: Request) -> Reply:
        keyed = "x-api-key" in request.headers or "authorization" in request.headers
        return json_reply({"message": "Forbidden"}, 403) if keyed else server(request)

    async with citing_world(kit, handler, secrets={"api_key": "s3cret-key"}) as w:
        pages = pages_of(await listed(w, kit.known))
    assert len(pages[0].works) == 3


async def test_the_machine_that_is_not_let_in_is_told_so(kit: CitingKit) -> None:
    outcome = await outcome_of(kit, lambda _r: json_reply({"message": "Forbidden"}, 403))
    assert isinstance(outcome, Failed | Blocked)
    assert "403" in repr(outcome)


async def test_several_lists_at_once_share_the_pace(kit: CitingKit) -> None:
    async with citing_world(kit, kit.server(2 * kit.page), min_interval_s=5.0) as w:
        assert isinstance(w.source, Cited)
        one, other = w.source.citing(Ask(1, kit.known)), w.source.citing(Ask(2, kit.known))
        for pages in (one, other):
            assert isinstance(await anext(pages), CitingPage)  # type: ignore[arg-type]
        async for page in one:
            assert isinstance(page, CitingPage)
        times = [request.at for request in w.server.requests]
    assert min(b - a for a, b in itertools.pairwise(times)) >= 5.0
