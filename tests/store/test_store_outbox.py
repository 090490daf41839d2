"""The outbox: who is given what, and who may send it."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from store_samples import NOW, S2, Opener, milestone, one_series

from citewatch.domain.delivery import LEASE_S
from citewatch.domain.papers import DAY, Change, Kind
from citewatch.ports import Batch, ChannelState, Claim, Outbox, Subscription
from citewatch.store import SqlStore


def told(store: SqlStore, *, at: int = NOW, kind: Kind = Kind.DROP, source: str = S2) -> int:
    """A change that is to be told; its number."""
    change = Change(kind=kind, at=at, source=source, text=kind.value)
    (row,) = store.apply(Batch(changes=[change]))
    return row.number


def subscribe(outbox: Outbox, *names: str, now: int = NOW, kinds: set[Kind] | None = None) -> None:
    wanted = None if kinds is None else frozenset(kinds)
    outbox.distribute([Subscription(channel=name, kinds=wanted) for name in names], now=now)


def numbers(outbox: Outbox, channel: str) -> list[int]:
    return [row.number for row in outbox.waiting(channel)]


def claim(outbox: Outbox, channel: str, *, now: int = NOW, key: str = "k1") -> Claim | None:
    parcel = numbers(outbox, channel)
    return outbox.claim(
        channel, parcel=parcel, key=key, now=now, lease_until=now + LEASE_S, digest=True
    )


def state(outbox: Outbox, channel: str) -> ChannelState:
    (found,) = [s for s in outbox.states() if s.name == channel]
    return found


def outbox_rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as plain:
        return int(plain.execute("SELECT count(*) FROM outbox").fetchone()[0])


def test_every_channel_is_given_every_change_once(store: SqlStore, path: Path) -> None:
    outbox = store.outbox()
    subscribe(outbox, "a", "b")
    first, second = told(store), told(store)
    assert outbox.undistributed() == (2, NOW)
    subscribe(outbox, "a", "b")
    subscribe(outbox, "a", "b")
    assert numbers(outbox, "a") == numbers(outbox, "b") == [first, second]
    assert outbox_rows(path) == 0
    assert outbox.undistributed() == (0, None)


def test_a_channel_gets_the_kinds_that_it_wants_and_news_of_dead_channels(store: SqlStore) -> None:
    outbox = store.outbox()
    subscribe(outbox, "a", "b", kinds={Kind.MILESTONE})
    told(store)
    wanted = told(store, kind=Kind.MILESTONE)
    dead = told(store, kind=Kind.CHANNEL_DOWN, source="b")
    subscribe(outbox, "a", "b", kinds={Kind.MILESTONE})
    assert numbers(outbox, "a") == [wanted, dead]
    assert numbers(outbox, "b") == [wanted], "not told about itself"


def test_a_new_channel_begins_with_what_is_younger_than_a_day(store: SqlStore, path: Path) -> None:
    outbox = store.outbox()
    for age in (40 * DAY, 2 * DAY, DAY):
        told(store, at=NOW - age)
    young = told(store, at=NOW - DAY + 1)
    subscribe(outbox, now=NOW)
    assert outbox_rows(path) == 0, "without a channel nothing piles up"
    subscribe(outbox, "late", now=NOW)
    assert numbers(outbox, "late") == [young]


def test_imported_history_is_told_to_nobody(store: SqlStore) -> None:
    outbox = store.outbox()
    held = one_series(store)
    store.apply(Batch(changes=[milestone(held.paper)], notify=False))
    subscribe(outbox, "a")
    assert numbers(outbox, "a") == []
    assert outbox.recent(10) == []


def test_a_channel_that_is_no_longer_named_is_forgotten(store: SqlStore) -> None:
    outbox = store.outbox()
    subscribe(outbox, "a", "b")
    told(store)
    subscribe(outbox, "a", "b")
    subscribe(outbox, "b")
    assert [s.name for s in outbox.states()] == ["b"]
    assert numbers(outbox, "a") == []


def test_a_message_is_held_by_one_until_its_lease_runs_out(store: SqlStore) -> None:
    outbox = store.outbox()
    subscribe(outbox, "a")
    number = told(store)
    subscribe(outbox, "a")
    held = claim(outbox, "a")
    assert held is not None
    assert [row.number for row in held.changes] == [number]
    assert numbers(outbox, "a") == [], "it is under way"
    assert state(outbox, "a").waiting == 1
    late = NOW + LEASE_S
    assert outbox.claim_again("a", now=late - 1, lease_until=late + LEASE_S) is None
    again = outbox.claim_again("a", now=late, lease_until=late + LEASE_S)
    assert again is not None
    assert (again.key, again.changes) == (held.key, held.changes)
    # The first one comes back to life: its failure is not that of the second.
    outbox.failed(held, reason="slow", next_try_at=late + 60, now=late)
    assert state(outbox, "a").failures == 0
    outbox.sent(again, now=late)
    outbox.sent(held, now=late)
    assert state(outbox, "a").sent_count == 1
    assert state(outbox, "a").waiting == 0


def test_what_comes_while_a_message_is_under_way_is_not_part_of_it(store: SqlStore) -> None:
    outbox = store.outbox()
    subscribe(outbox, "a")
    told(store)
    subscribe(outbox, "a")
    held = claim(outbox, "a")
    assert held is not None
    later = told(store)
    subscribe(outbox, "a")
    assert claim(outbox, "a", key="k2") is None, "one message at a time"
    outbox.failed(held, reason="no", next_try_at=NOW + 60, now=NOW)
    again = outbox.claim_again("a", now=NOW + 60, lease_until=NOW + 360)
    assert again is not None
    assert (again.key, again.changes) == (held.key, held.changes)
    outbox.sent(again, now=NOW + 60)
    assert numbers(outbox, "a") == [later]


def test_a_failed_message_waits_for_its_time_also_after_a_restart(
    store: SqlStore, opened: Opener
) -> None:
    outbox = store.outbox()
    subscribe(outbox, "a")
    told(store)
    subscribe(outbox, "a")
    held = claim(outbox, "a")
    assert held is not None
    after = outbox.failed(held, reason="it said no", next_try_at=NOW + 60, now=NOW)
    assert (after.failures, after.failing_since, after.trouble) == (1, NOW, "it said no")
    store.close()
    outbox = opened().outbox()
    assert state(outbox, "a") == after
    assert outbox.claim_again("a", now=NOW + 59, lease_until=NOW + 400) is None
    assert outbox.claim_again("a", now=NOW + 60, lease_until=NOW + 400) is not None


@pytest.mark.parametrize("jump", [-3650 * DAY, 3650 * DAY])
def test_no_jump_of_the_clock_keeps_a_message(store: SqlStore, jump: int) -> None:
    outbox = store.outbox()
    subscribe(outbox, "a")
    told(store)
    subscribe(outbox, "a")
    held = claim(outbox, "a")
    assert held is not None
    now = NOW + jump
    assert outbox.claim_again("a", now=now, lease_until=now + LEASE_S) is not None


def test_of_many_at_once_one_gets_the_message(store: SqlStore, opened: Opener) -> None:
    subscribe(store.outbox(), "a")
    told(store)
    subscribe(store.outbox(), "a")
    parcel = numbers(store.outbox(), "a")
    others = [opened().outbox() for _ in range(6)]
    got: list[Claim] = []

    def try_it(outbox: Outbox, key: str) -> None:
        mine = outbox.claim(
            "a", parcel=parcel, key=key, now=NOW, lease_until=NOW + LEASE_S, digest=False
        )
        if mine is not None:
            got.append(mine)

    threads = [
        threading.Thread(target=try_it, args=(outbox, f"k{n}")) for n, outbox in enumerate(others)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_a_parcel_that_another_has_sent_is_not_sent_again(store: SqlStore) -> None:
    outbox = store.outbox()
    subscribe(outbox, "a")
    number = told(store)
    subscribe(outbox, "a")
    held = claim(outbox, "a")
    assert held is not None
    outbox.sent(held, now=NOW)
    late = outbox.claim(
        "a", parcel=[number], key="k2", now=NOW, lease_until=NOW + LEASE_S, digest=True
    )
    assert late is None
    assert state(outbox, "a").key is None


def test_a_death_is_logged_once_and_the_return_with_the_message(store: SqlStore) -> None:
    outbox = store.outbox()
    subscribe(outbox, "a")
    told(store)
    subscribe(outbox, "a")
    held = claim(outbox, "a")
    assert held is not None
    news = Change(kind=Kind.CHANNEL_DOWN, at=NOW, source="a", text="dead")
    assert outbox.report("a", news)
    assert not outbox.report("a", news)
    back = Change(kind=Kind.CHANNEL_UP, at=NOW, source="a", text="back")
    outbox.sent(held, now=NOW, news=back)
    outbox.sent(held, now=NOW, news=back)
    assert [row.change.text for row in store.changes()] == ["drop", "dead", "back"]
    assert outbox.undistributed()[0] == 2
    assert not state(outbox, "a").reported


def test_each_database_has_a_name_of_its_own_that_stays(
    store: SqlStore, opened: Opener, tmp_path: Path
) -> None:
    name = store.outbox().origin()
    assert len(name) == 10
    assert opened().outbox().origin() == name
    assert opened(tmp_path / "other.db").outbox().origin() != name


def test_thousands_of_changes_are_given_and_taken(store: SqlStore) -> None:
    outbox = store.outbox()
    subscribe(outbox, "a")
    changes = [Change(kind=Kind.CITING, at=NOW, source=S2, text=str(n)) for n in range(2500)]
    store.apply(Batch(changes=changes))
    subscribe(outbox, "a")
    held = claim(outbox, "a")
    assert held is not None
    assert len(held.changes) == 2500
    outbox.sent(held, now=NOW)
    assert state(outbox, "a").waiting == 0
