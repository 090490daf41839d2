"""How often every source is asked, when not at all, and what it remembers of that."""

from __future__ import annotations

import itertools
import threading

import pytest
from contract_cases import kit_world, outcomes_of, truth_of
from source_kit import Kit
from source_world import START, MemoryGate, Reply, Request, asks_for, fetched, searched

from citewatch.domain.papers import Outcome, Throttled
from citewatch.ports import GateState
from citewatch.sources.registry import known_sources

pytestmark = pytest.mark.anyio

DAY_S = 86_400


def stopped(outcomes: list[Outcome]) -> list[Throttled]:
    return [outcome for outcome in outcomes if isinstance(outcome, Throttled)]


# --- pace ------------------------------------------------------------------------------


async def test_the_rule_in_the_registry_is_kept(kit: Kit) -> None:
    """Between any two requests, look-ups of what a list missed and retries among them."""
    sick = iter([503])

    def handler(request: Request) -> Reply:
        return Reply(503) if next(sick, None) else kit.answer(request)

    rule_s = (kit.spec or known_sources()[kit.name]).rule_s
    asked = (*kit.known, *kit.unknown)
    async with kit_world(kit, handler, min_interval_s=None, batch_size=1, max_in_flight=1) as w:
        await fetched(w.source, asks_for(kit.ids(*asked)))
        await searched(w.source, "A title", "Another title")
        times = [request.at for request in w.server.requests]
    assert len(times) > len(kit.known)
    assert min(b - a for a, b in itertools.pairwise(times)) >= rule_s * 0.999


async def test_a_longer_interval_is_kept(kit: Kit) -> None:
    async with kit_world(kit, min_interval_s=30.0, batch_size=1, max_in_flight=1) as w:
        await fetched(w.source, asks_for(kit.ids(*kit.known)))
        times = [request.at for request in w.server.requests]
    assert min(b - a for a, b in itertools.pairwise(times)) >= 30.0
    assert len(w.gate.sent_at) == len(times)


async def test_never_more_at_once_than_allowed(kit: Kit) -> None:
    async with kit_world(kit, batch_size=1, max_in_flight=1) as w:
        await fetched(w.source, asks_for(kit.ids(*kit.known, *kit.unknown)))
        await searched(w.source, "A title", "Another title")
        assert w.server.open_most == 1


async def test_a_request_of_another_process_counts(kit: Kit) -> None:
    gate = MemoryGate(GateState(last_request_at=START - 1.0))
    async with kit_world(kit, min_interval_s=10.0, gate=gate) as w:
        await fetched(w.source, asks_for(kit.ids(kit.known[0])))
        assert w.server.requests[0].at >= 500.0 + 9.0


# --- rations ---------------------------------------------------------------------------


async def test_a_daily_budget_ends_the_day(kit: Kit) -> None:
    gate = MemoryGate()
    asks = asks_for(kit.ids(*kit.known))
    for sent in (1, 0):  # the second time in another process
        async with kit_world(kit, gate=gate, batch_size=1, max_in_flight=1, daily_budget=1) as w:
            outcomes = list((await fetched(w.source, asks)).values())
            assert len(w.server.requests) == sent
        for outcome in stopped(outcomes):
            assert outcome.until is not None
            assert outcome.until % DAY_S == 0
        assert len(stopped(outcomes)) == len(asks) - sent
    assert gate.state.strikes == 0


async def test_nothing_is_asked_in_quiet_hours(kit: Kit) -> None:
    minute = int(START % DAY_S // 60)
    quiet = ((minute - 10) % 1440, (minute + 10) % 1440)
    async with kit_world(kit, quiet_hours=quiet) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known)))
        titles = await searched(w.source, "A title") if kit.searches else {}
        assert w.server.requests == []
    ends = {getattr(end, "reason", "") for end in (*outcomes.values(), *titles.values())}
    assert ends == {"quiet hours"}


# --- memory ----------------------------------------------------------------------------


async def test_a_parked_source_is_not_asked(kit: Kit) -> None:
    until = int(START) + 900
    gate = MemoryGate(GateState(not_before=until, reason="rest", strikes=1))
    async with kit_world(kit, gate=gate) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*kit.known)))
        titles = await searched(w.source, "A title") if kit.searches else {}
        assert w.server.requests == []
    assert {*outcomes.values(), *titles.values()} == {Throttled(until=until, reason="rest")}


async def test_a_parking_that_is_over_is_forgotten_at_the_first_answer(kit: Kit) -> None:
    gate = MemoryGate(GateState(not_before=int(START) - 1, reason="rest", strikes=3))
    outcomes, _ = await outcomes_of(kit, kit.answer, gate=gate)
    assert outcomes == await truth_of(kit)
    assert (gate.state.strikes, gate.state.not_before, gate.good_answers) == (0, None, 1)


async def test_the_gate_is_never_touched_on_the_loop(kit: Kit) -> None:
    _, w = await outcomes_of(kit, kit.answer, min_interval_s=1.0)
    assert w.gate.threads
    assert threading.get_ident() not in w.gate.threads
