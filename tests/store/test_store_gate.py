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
    gate.answered()
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
    gate.answered()
    assert gate.load() == GateState(last_request_at=float(NOW))


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
    opened(read_only=True).gate(S2).answered()


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
