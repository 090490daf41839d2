"""A paper is deleted with every row that hangs on it, and nothing else is."""

from __future__ import annotations

from sqlalchemy import text
from store_samples import NOW, S2, full_held, paper

from citewatch.domain.papers import Change, Facts, Kind, Snapshot, Status
from citewatch.ports import Batch, ChangeFilter, Subscription
from citewatch.store import SqlStore
from citewatch.store.tables import Row


def filled(store: SqlStore) -> tuple[int, int]:
    """Two papers, each with a reading, a statement and a change that waits to be told."""
    numbers = store.add_papers([paper("first"), paper("second")], now=NOW)
    channel = Subscription(channel="jsonl", kinds=None)
    store.outbox().distribute([channel], now=NOW - 1)
    for number in numbers:
        (held,) = store.helds(S2, [number])
        news = Change(
            kind=Kind.DROP, at=NOW, first_seen_at=NOW, source=S2, paper=number, text="fell",
            old=9, new=5,
        )  # fmt: skip
        read = Snapshot(at=NOW, citation_count=5, previous_count=None, status=Status.OK)
        store.apply(
            Batch(
                helds=[full_held(held.series, number)],
                snapshots=[(held.series, read)],
                facts=[(held.series, NOW, Facts(title="T"))],
                changes=[news],
            )
        )
    store.outbox().distribute([channel], now=NOW)
    return numbers[0], numbers[1]


def rows(store: SqlStore) -> dict[str, int]:
    with store._database.read() as connection:
        return {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in Row.metadata.tables
        }


def test_half_of_all_rows_go_with_one_of_two_papers(store: SqlStore) -> None:
    first, second = filled(store)
    before = rows(store)
    assert store.forget(first) > 0
    after = rows(store)
    # `heard` names answers, each about many papers at once; it holds nothing they said.
    hangs_on_papers = {name for name, count in before.items() if count == 2} - {"heard"}
    assert {"paper", "track", "snapshot", "facts", "change"} <= hangs_on_papers
    assert {name: after[name] for name in hangs_on_papers} == dict.fromkeys(hangs_on_papers, 1)
    assert [p.number for p in store.papers()] == [second]
    assert [c.change.paper for c in store.changes(ChangeFilter())] == [second]
    assert [h.paper for h in store.histories()] == [second]


def test_forgetting_nobody_changes_nothing(store: SqlStore) -> None:
    filled(store)
    before = rows(store)
    assert store.forget(99) == 0
    assert rows(store) == before
