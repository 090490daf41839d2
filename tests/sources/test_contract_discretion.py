"""What every source keeps to itself, what it tells, and what it does not do for others."""

from __future__ import annotations

import math
from dataclasses import replace
from html import escape
from urllib.parse import quote

import pytest
from contract_cases import assert_sound, found_for, kit_world, outcomes_of, truth_of
from source_kit import Kit
from source_world import (
    Reply,
    Request,
    World,
    asks_for,
    fetched,
    gzipped,
    json_reply,
    searched,
)

from citewatch.domain.papers import Failed, Missing, Observed, SearchOutcome
from citewatch.ports import Ask, Comparer, Quota, Telling

pytestmark = pytest.mark.anyio

SECRETS = {
    "api_key": "k3y-s3cret",
    "token": "t0ken-s3cret",
    "username": "us3r-s3cret@example.org",
    "password": 'pass "w0rd"&<s3cret',
}
TOLD = " ".join(SECRETS.values())


# --- secrets ---------------------------------------------------------------------------


def assert_discreet(w: World, *ends: object) -> None:
    """That no secret is in what is stored, logged or shown."""
    notes = w.source.notes if isinstance(w.source, Telling) else ()
    shown = [*ends, *notes, *w.gate.parkings, w.gate.state, w.source, vars(w.source)]
    for each in shown:
        assert "s3cret" not in f"{each!r}{each}"
        assert "hidden" not in f"{each!r}"


TELL_TALES: dict[str, Reply] = {
    **{
        f"{status} in JSON": json_reply({"message": f"bad {TOLD}", "error": TOLD}, status)
        for status in (400, 401, 403, 404, 429, 500)
    },
    **{f"{status} in words": Reply(status, TOLD.encode()) for status in (400, 403, 429, 503)},
    "a page instead of an answer": Reply(
        200, f"<html><title>{TOLD}</title>".encode(), content_type="text/html"
    ),
    "a page with entities": Reply(200, f"<html>{escape(TOLD)}".encode(), content_type="text/html"),
    "a form": Reply(400, quote(TOLD).encode()),
    "a page that claims otherwise": Reply(200, f"<html><body>{TOLD}".encode()),
    "a page in gzip": gzipped(f"<html>{TOLD}".encode(), "text/html"),
    "an odd element": Reply(200, b"<k3y-s3cret-t0ken-s3cret/>", content_type="application/xml"),
    "words instead of an answer": Reply(200, TOLD.encode()),
    "an address in an error": json_reply(
        {"message": "see https://x.example/a?api_key=hidden&b=1 or http://y.example/?token=hidden"},
        400,
    ),
    "another place": Reply(302, b"", {"Location": "http://localhost:1/x?api_key=hidden"}),
    "another place, by path": Reply(302, b"", {"Location": f"http://localhost:1/{quote(TOLD)}"}),
    "another place, by name": Reply(
        302, b"", {"Location": f"http://{SECRETS['token']}@a.example/"}
    ),
    "a limit": Reply(429, b"", {"Retry-After": "7200", "X-RateLimit-Remaining": TOLD}),
}


@pytest.mark.parametrize("what", TELL_TALES)
async def test_secrets_stay_out_of_every_ending(kit: Kit, what: str) -> None:
    """Whatever quotes the request, down to gateways that show it to whom it may concern."""
    reply = TELL_TALES[what]
    async with kit_world(kit, lambda _r: reply, secrets=SECRETS) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known[:2], kit.malformed)))
        found: SearchOutcome = await found_for(w, "A title")
        for outcome in outcomes.values():
            assert_sound(outcome)
        assert_discreet(w, *outcomes.values(), found)


async def test_secrets_stay_out_when_all_is_well(kit: Kit) -> None:
    outcomes, w = await outcomes_of(kit, kit.answer, secrets=SECRETS)
    assert_discreet(w, *outcomes)


async def test_secrets_are_in_no_address(kit: Kit) -> None:
    """Addresses end in logs of servers and proxies; keys go by header."""
    _, w = await outcomes_of(kit, kit.answer, secrets=SECRETS)
    assert w.server.requests
    assert not [r.line for r in w.server.requests if "s3cret" in r.line]


@pytest.mark.parametrize("secret", ["line\r\nX-Evil: 1", "nul\x00", "umläut-s3cret", "\ud800", " "])
async def test_a_secret_that_no_header_takes_is_never_sent(kit: Kit, secret: str) -> None:
    secrets = dict.fromkeys(SECRETS, secret)
    outcomes, w = await outcomes_of(kit, kit.answer, secrets=secrets)
    assert not [r for r in w.server.requests if "x-evil" in r.headers]
    assert_discreet(w, *outcomes)


# --- what it tells ---------------------------------------------------------------------

LIMITS: dict[str, dict[str, str]] = {
    "none": {},
    "sensible": {
        "X-RateLimit-Limit": "1000",
        "X-RateLimit-Remaining": "7",
        "X-RateLimit-Reset": "9",
    },
    "zero": dict.fromkeys(("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"), "0"),
    **{
        value: {
            f"X-Rate{dash}Limit-{what}": value
            for dash in ("", "-")
            for what in ("Limit", "Remaining", "Reset", "Interval")
        }
        | {"X-Concurrency-Limit": value}
        for value in ("-1", "NaN", "inf", "1e400", "9" * 150, "words", "", "1, 2", "0", "99999999s")
    },
}


@pytest.mark.parametrize("limits", LIMITS)
async def test_what_it_is_told_of_limits_neither_confuses_nor_stops_it(
    kit: Kit, limits: str
) -> None:
    """At the source's own pace: a header may slow it down, within reason."""

    def handler(request: Request) -> Reply:
        return replace(kit.answer(request), headers=LIMITS[limits])

    async with kit_world(kit, handler, batch_size=1, min_interval_s=None) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known)))
        if isinstance(w.source, Telling):
            assert_well_told(w.source)
        assert max(w.clock.sleeps, default=0.0) <= 61
        assert w.clock.now <= 61 * len(w.server.requests)
    assert {type(o) for o in outcomes.values()} == {Observed}


async def test_before_it_is_asked_there_is_little_to_tell(kit: Kit) -> None:
    async with kit_world(kit) as w:
        if not isinstance(w.source, Telling):
            assert not hasattr(w.source, "notes"), "half of ports.Telling"
            return
        assert_well_told(w.source)
        assert (w.source.notes, w.source.quota) == ((), None)


def assert_well_told(source: Telling) -> None:
    assert type(source.notes) is tuple
    for note in source.notes:
        assert type(note) is str
        assert note.strip()
        assert note.isprintable()
        assert len(note) <= 400
    assert source.key_state in ("accepted", "refused", "set", "none")
    quota = source.quota
    assert quota is None or type(quota) is Quota
    if quota is not None:
        assert math.isfinite(quota.left)
        assert quota.left >= 0
        assert quota.of is None or (math.isfinite(quota.of) and quota.of >= 0)
        assert quota.unit in ("requests", "credits")
        assert quota.resets_at is None or type(quota.resets_at) is int


async def test_a_key_that_is_refused_is_said_in_a_sentence_without_it(kit: Kit) -> None:
    def handler(request: Request) -> Reply:
        shown = [value for value in SECRETS.values() if value in "".join(request.headers.values())]
        return json_reply({"message": "Forbidden"}, 403) if shown else kit.answer(request)

    async with kit_world(kit, handler, secrets=SECRETS) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known[:2])))
        assert_discreet(w, *outcomes.values())
        if isinstance(w.source, Telling):
            assert_well_told(w.source)
            if w.source.key_state == "refused":
                assert w.source.notes


async def test_why_it_cannot_be_asked_is_known_without_asking(kit: Kit) -> None:
    async with kit_world(kit, secrets={}) as w:
        why = w.source.blocked()
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known[:2])))
        found = await searched(w.source, "A title")
        if why is None:
            assert {type(o) for o in outcomes.values()} == {Observed}
            return
        assert why.isprintable()
        assert w.server.requests == []
    assert {getattr(end, "reason", "") for end in (*outcomes.values(), *found.values())} == {why}


# --- what is asked along -----------------------------------------------------------------


async def test_what_is_asked_along_costs_no_request_of_its_own(kit: Kit) -> None:
    asks = asks_for(kit.ids(*kit.known[:2]))
    async with kit_world(kit) as w:
        room = w.source.spare(asks) if isinstance(w.source, Comparer) else 0
        assert type(room) is int
        assert room >= 0
        await fetched(w.source, asks)
        alone = len(w.server.requests)
    along = [
        Ask(100 + number, identifier, casual=True)
        for number, identifier in enumerate(kit.ids(*kit.unknown)[:room])
    ]
    async with kit_world(kit) as w:
        outcomes = await fetched(w.source, [*asks, *along])
        assert len(w.server.requests) == alone
    for ask in along:
        assert isinstance(outcomes[ask.series], Missing | Failed)
    assert [outcomes[ask.series] for ask in asks] == await truth_of(kit)


async def test_other_names_of_a_paper_are_such_that_it_can_be_asked_by(kit: Kit) -> None:
    async with kit_world(kit) as w:
        if isinstance(w.source, Comparer):
            others = w.source.doubles(kit.ids(*kit.known))
            assert {identifier.scheme for identifier in others} <= set(w.source.schemes)
            assert w.source.doubles([]) == []


async def test_a_hint_of_its_own_is_understood_and_a_foreign_one_is_harmless(kit: Kit) -> None:
    truth = await truth_of(kit)
    hints = [o.hint for o in truth if isinstance(o, Observed)]
    for hint in (*hints, "\ud800 nobody's"):
        async with kit_world(kit) as w:
            outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known[:2]), hint))
        assert {type(o) for o in outcomes.values()} == {Observed}


async def test_one_bad_answer_does_not_spoil_the_next(kit: Kit) -> None:
    bad = iter([Reply(200, b"\x00"), Reply(200, b"\x00")])
    async with kit_world(kit, lambda r: next(bad, None) or kit.answer(r)) as w:
        asks = asks_for(kit.ids(*kit.known[:2]))
        await fetched(w.source, asks)
        await fetched(w.source, asks)
        outcomes = await fetched(w.source, asks)
    assert [outcomes[ask.series] for ask in asks] == await truth_of(kit)
