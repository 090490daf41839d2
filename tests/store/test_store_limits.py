"""A full disk, numbers that are too large, and what a reading costs."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event
from store_samples import (
    ARXIV,
    NOW,
    S2,
    Opener,
    keep,
    one_series,
    paper,
    reading,
)

from citewatch.errors import Full, StoreError
from citewatch.ports import Batch
from citewatch.store import SqlStore


@pytest.mark.files
def test_a_full_disk_is_told_and_what_was_stored_before_is_safe(opened: Opener) -> None:
    first = opened()
    held = one_series(first)
    keep(first, held.series, reading(1, 1))
    first.close()
    store = opened()
    # The smallest disk there is: no page more than the file has now.
    event.listen(
        store._database._engine, "connect", lambda c, _: c.execute("PRAGMA max_page_count = 1")
    )
    many = [reading(at, at, at - 1) for at in range(2, 20_000)]
    with pytest.raises(Full) as caught:
        keep(store, held.series, *many)
    assert "room" in caught.value.remedy
    assert list(store.histories()[0].snapshots) == [reading(1, 1)]
    keep(store, held.series, reading(2, 2, 1))
    assert len(store.histories()[0].snapshots) == 2


def test_a_disk_that_refuses_a_write_is_told_and_nothing_is_half_stored(
    path: Path, store: SqlStore
) -> None:
    held = one_series(store)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, hard))
    try:
        with pytest.raises(Full):
            keep(store, held.series, *(reading(at, at) for at in range(20_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(store.histories()[0].snapshots) == []
    keep(store, held.series, reading(NOW, 5))
    assert len(store.histories()[0].snapshots) == 1


def test_a_number_that_no_integer_holds_is_refused(store: SqlStore) -> None:
    held = one_series(store)
    with pytest.raises(StoreError, match="does not fit"):
        keep(store, held.series, reading(NOW, 2**63))
    assert list(store.histories()[0].snapshots) == []


def test_a_change_of_counts_takes_at_most_25_bytes(path: Path, store: SqlStore) -> None:
    """Rows of 500 series that arrive interleaved: a twentieth of them changes each day."""
    numbers = store.add_papers([paper(f"p{n}") for n in range(500)], now=NOW)
    series = [h.series for h in store.helds(S2, numbers)]
    for day in range(600):
        at, some = NOW + day * 86_400, series[day * 7 % 20 :: 20]
        store.apply(
            Batch(
                snapshots=[
                    (s, reading(at + s, 300 + s + day, 299 + s + day, influential_count=s % 90))
                    for s in some
                ]
            )
        )
    store.close()
    with closing(sqlite3.connect(path)) as plain:
        try:
            query = "SELECT sum(pgsize) FROM dbstat WHERE name = 'snapshot'"
            (size,) = plain.execute(query).fetchone()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite was built without dbstat")
        (rows,) = plain.execute("SELECT count(*) FROM snapshot").fetchone()
    assert rows == 15_000
    assert size / rows <= 25


def test_the_work_for_a_paper_does_not_grow_with_their_number(store: SqlStore) -> None:
    """Statements, not seconds: due() and apply() take as many for 300 papers as for one."""
    numbers = store.add_papers([paper(f"p{n}", ARXIV) for n in range(300)], now=NOW)
    store.ensure_series(S2, numbers)
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(store._database._engine, "before_cursor_execute", counted)
    seen = []
    for papers in (numbers[:1], numbers):
        count = 0
        helds = [d.held for d in store.due(S2, now=NOW, papers=papers)]
        store.apply(Batch(helds=helds, snapshots=[(h.series, reading(NOW, 1)) for h in helds]))
        store.histories(papers=papers)
        seen.append((len(helds), count))
    assert [n for n, _ in seen] == [1, 300]
    assert seen[1][1] <= seen[0][1] + 2
