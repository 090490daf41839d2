"""How politely a source is to be left alone, across restarts and threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from store_samples import NOW, S2, Opener

from citewatch.ports import GateState
from citewatch.store import SqlStore


def test_a_new_gate_is_open(store: SqlStore) -> None:
    assert store.gate(S2).load() == GateState()


def test_a_parking_is_remembered_after_opening_again(opened: Opener) -> None:
    with closing(opened()) as store:
        store.gate(S2).park(NOW + 600, "429: slow down")
    state = opened().gate(S2).load()
    assert state == GateState(not_before=NOW + 600, reason="429: slow down", strikes=1)


def test_strikes_add_up_until_a_good_answer(store: SqlStore) -> None:
    gate = store.gate(S2)
    gate.park(NOW, "one")
    gate.park(NOW + 5, "two")
    assert gate.load() == GateState(not_before=NOW + 5, reason="two", strikes=2)
    gate.answered(NOW + 100)
    assert gate.load() == GateState()


def test_a_shorter_parking_does_not_end_a_longer_one(store: SqlStore) -> None:
    gate = store.gate(S2)
    gate.park(NOW + 600, "long")
    gate.park(NOW + 60, "short")
    assert gate.load().not_before == NOW + 600


def test_the_last_request_is_remembered_to_the_millisecond(store: SqlStore) -> None:
    gate = store.gate(S2)
    gate.sent(NOW + 0.1234)
    gate.sent(NOW + 1.5678)
    assert gate.load().last_request_at == NOW + 1.568


def test_a_good_answer_does_not_forget_the_last_request(store: SqlStore) -> None:
    gate = store.gate(S2)
    gate.sent(NOW)
    gate.park(NOW + 5, "x")
    gate.answered(NOW + 100)
    state = gate.load()
    assert (state.last_request_at, state.not_before, state.strikes) == (float(NOW), None, 0)


def test_requests_are_counted_by_day(store: SqlStore) -> None:
    gate = store.gate(S2)
    midnight = NOW - NOW % 86_400
    for at in (midnight, midnight + 86_399):
        gate.sent(at)
    assert (gate.load().day, gate.load().day_requests) == (midnight // 86_400, 2)
    gate.sent(midnight + 86_400)
    assert (gate.load().day, gate.load().day_requests) == (midnight // 86_400 + 1, 1)


def test_an_allowance_that_is_spent_is_remembered_through_good_answers(store: SqlStore) -> None:
    gate = store.gate(S2)
    gate.spend(NOW + 60)
    gate.answered(NOW + 100)
    assert gate.load() == GateState(spent_until=NOW + 60)


def test_a_parking_by_our_own_rule_is_no_strike(store: SqlStore) -> None:
    gate = store.gate(S2)
    gate.park(NOW + 5, "quiet hours", strike=False)
    assert (gate.load().not_before, gate.load().strikes) == (NOW + 5, 0)


def test_a_request_does_not_end_a_parking(store: SqlStore) -> None:
    gate = store.gate(S2)
    gate.park(NOW + 5, "x")
    gate.sent(NOW)
    assert gate.load().not_before == NOW + 5


def test_sources_have_gates_of_their_own(store: SqlStore) -> None:
    store.gate(S2).park(NOW, "x")
    assert store.gate("arxiv").load() == GateState()


def test_a_good_answer_at_an_open_gate_writes_nothing(opened: Opener) -> None:
    opened().close()
    opened(read_only=True).gate(S2).answered(NOW)


def test_threads_lose_no_strike(store: SqlStore) -> None:
    gates = [store.gate(S2) for _ in range(4)]

    def work(number: int) -> None:
        for _ in range(25):
            gates[number].park(NOW, "x")
            gates[number].sent(NOW)
            gates[number].load()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert store.gate(S2).load().strikes == 100


def test_an_answer_that_was_under_way_does_not_end_a_parking(store: SqlStore) -> None:
    gate = store.gate(S2)
    gate.park(NOW + 3600, "http_429")
    gate.answered(NOW + 1)
    assert (gate.load().not_before, gate.load().strikes) == (NOW + 3600, 1)
