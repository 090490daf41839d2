"""How much is asked in a day, when nothing is asked at all, and a key that is refused."""

from __future__ import annotations

import pytest
from source_kits import s2_answer
from source_world import (
    MemoryGate,
    Reply,
    Request,
    RunningClock,
    asks_for,
    fetched,
    json_reply,
    world,
)

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Failed, Observed, Throttled
from citewatch.ports import Source, Telling
from citewatch.sources.gatekeeper import Rations
from citewatch.sources.key import Key
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.registry import SourceSpec
from citewatch.sources.unbuilt import build

pytestmark = pytest.mark.anyio

DAY = 86_400
IDS = [Identifier("arxiv", f"20{month:02d}.00001") for month in range(1, 6)]


async def test_a_daily_budget_parks_the_source_until_midnight_utc() -> None:
    gate, clock = MemoryGate(), RunningClock()
    async with world(
        "semantic_scholar", s2_answer, gate=gate, clock=clock, batch_size=1, daily_budget=2
    ) as w:
        outcomes = list((await fetched(w.source, asks_for(IDS))).values())
        assert len(w.server.requests) == 2
        stopped = [o for o in outcomes if isinstance(o, Throttled)]
        assert len(stopped) == 3
        assert stopped[0].reason == "own budget of 2 requests a day is spent"
        assert stopped[0].until is not None
        assert stopped[0].until % DAY == 0
        assert clock.time() < stopped[0].until <= clock.time() + DAY
    assert gate.state.strikes == 0


async def test_a_daily_budget_is_remembered_by_the_next_process() -> None:
    gate, clock = MemoryGate(), RunningClock()
    for expected in (1, 0):
        async with world(
            "semantic_scholar", s2_answer, gate=gate, clock=clock, daily_budget=1
        ) as w:
            await fetched(w.source, asks_for(IDS))
            assert len(w.server.requests) == expected


async def test_nothing_is_asked_in_quiet_hours() -> None:
    clock = RunningClock()
    minute = int(clock.time() % DAY // 60)
    quiet = ((minute - 10) % 1440, (minute + 10) % 1440)
    async with world("semantic_scholar", s2_answer, clock=clock, quiet_hours=quiet) as w:
        outcomes = await fetched(w.source, asks_for(IDS))
        assert w.server.requests == []
        (reason,) = {o.reason for o in outcomes.values() if isinstance(o, Throttled)}
        assert reason == "quiet hours"
        assert w.gate.parkings == [], "the user may change them at any time"


@pytest.mark.parametrize(
    ("quiet", "hour", "left_h"),
    [
        ((480, 1080), 7.5, 0.0),
        ((480, 1080), 8.0, 10.0),
        ((480, 1080), 18.0, 0.0),
        ((1320, 420), 23.0, 8.0),
        ((1320, 420), 3.0, 4.0),
        ((1320, 420), 12.0, 0.0),
        (None, 12.0, 0.0),
    ],
)
def test_quiet_hours_may_run_over_midnight(
    quiet: tuple[int, int] | None, hour: float, left_h: float
) -> None:
    assert Rations(quiet=quiet).quiet_for_s(20_000 * DAY + hour * 3600) == left_h * 3600


async def test_a_key_that_is_refused_once_is_tried_again_and_kept() -> None:
    refused: list[str] = []

    def answer(request: Request) -> Reply:
        if "x-api-key" in request.headers and not refused:
            refused.append(request.headers["x-api-key"])
            return json_reply({"message": "Forbidden"}, 403)
        return s2_answer(request)

    async with world("semantic_scholar", answer, secrets={"api_key": "secret-key"}) as w:
        outcomes = await fetched(w.source, asks_for([Identifier("arxiv", "2001.00001")]))
        assert [r.headers.get("x-api-key") for r in w.server.requests] == ["secret-key"] * 2
        assert isinstance(outcomes[1], Observed)
        assert isinstance(w.source, Telling)
        assert (w.source.key_state, w.source.notes) == ("accepted", ())


async def test_a_key_that_is_refused_twice_is_set_aside_and_said() -> None:
    def answer(request: Request) -> Reply:
        if "x-api-key" in request.headers:
            return json_reply({"message": "Forbidden"}, 403)
        return s2_answer(request)

    async with world("semantic_scholar", answer, secrets={"api_key": "secret-key"}) as w:
        outcomes = await fetched(w.source, asks_for([Identifier("arxiv", "2001.00001")]))
        keys = [r.headers.get("x-api-key") for r in w.server.requests]
        assert keys == ["secret-key", "secret-key", None]
        assert isinstance(outcomes[1], Observed)
        assert isinstance(w.source, Telling)
        assert w.source.key_state == "refused"
        assert w.source.notes == ("key was refused (403); went on without it",)


def test_a_key_with_characters_that_no_header_takes_is_never_sent() -> None:
    key = Key("secr\u00e9t\n")
    assert (key.value, key.state) == ("", "refused")
    assert "secr" not in "".join(key.notes)


async def test_a_source_that_cannot_be_built_fails_and_says_why() -> None:
    def make(_options: SourceOptions, _tools: Tools) -> Source:
        raise RuntimeError("no such table")

    spec = SourceSpec(name="zenodo", label="Zenodo", counts=True, schemes=("doi",), make=make)
    tools = Tools(clock=RunningClock(), gate=MemoryGate(), jitter=lambda: 0.0, version="9.9")
    source = build(spec, SourceOptions(), tools)
    outcomes = await fetched(source, asks_for(IDS))
    (failed,) = set(outcomes.values())
    assert isinstance(failed, Failed)
    assert failed.detail == "its code failed: RuntimeError: no such table"
