"""Several processes and threads at one database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import NOW, S2, Opener, keep, milestone, one_series, paper, reading, url

from citewatch.domain.papers import Change, Kind, Status
from citewatch.ports import Batch
from citewatch.store import SqlStore

WRITER = """
import sys
from citewatch.domain.papers import Change, Kind
from citewatch.ports import Batch
from citewatch.store import open_store
store = open_store(sys.argv[1], now=1)
print("ready", flush=True)
sys.stdin.readline()
for n in range(100):
    store.gate("shared").park(n, "strike")
    change = Change(kind=Kind.DROP, at=n, source=sys.argv[2], text="fell")
    store.apply(Batch(changes=[change]))
store.close()
"""


def start(path: Path, name: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, url(path), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_two_processes_that_count_together_lose_nothing(path: Path, opened: Opener) -> None:
    # They also make the database together: neither waits for the other to be first.
    with start(path, "one") as one, start(path, "two") as two:
        for process in (one, two):
            assert process.stdout
            assert process.stdout.readline() == b"ready\n"
        for process in (one, two):
            process.communicate(b"\n")
            assert process.returncode == 0
    store = opened()
    assert store.gate("shared").load().strikes == 200
    assert [c.number for c in store.changes()] != []
    assert sorted(c.number for c in store.changes()) == list(range(1, 201))


def test_a_reader_sees_one_state_while_another_process_writes(path: Path, store: SqlStore) -> None:
    held = one_series(store)
    with store._database.read() as connection:
        count = "SELECT count(*) FROM snapshot"
        before = connection.exec_driver_sql(count).scalar()
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute(
                "INSERT INTO snapshot VALUES (?, 1, 1, NULL, NULL, 0, NULL)", (held.series,)
            )
        assert connection.exec_driver_sql(count).scalar() == before == 0
    assert len(store.histories()[0].snapshots) == 1


@pytest.mark.parametrize("in_memory", [False, True])
def test_threads_can_read_and_write_at_once(
    opened: Opener, in_memory: bool, path: Path, backend: str
) -> None:
    store = opened(path, read_only=True) if in_memory else opened()
    numbers = store.add_papers([paper(f"p{n}") for n in range(8)], now=NOW)
    store.ensure_series(S2, numbers)

    def work(number: int) -> int:
        for day in range(20):
            keep(store, number, reading(day, day))
            store.apply(Batch(changes=[Change(kind=Kind.DROP, at=day, source=S2, text="x")]))
            store.due(S2, now=NOW)
        return len(store.histories(papers=[number])[0].snapshots)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, numbers)) == [20] * 8
    assert len(store.changes()) == 160


VIEWS = {
    "latest_counts": [
        ("zoo-zeroth-order-2017", "The title of zoo-zeroth-order-2017", S2, 101, "ok",
         "2026-09-21T14:13:20Z"),
    ],
    "series": [
        ("zoo-zeroth-order-2017", S2, "2026-09-21T14:13:19Z", None, None, "missing"),
        ("zoo-zeroth-order-2017", S2, "2026-09-21T14:13:20Z", 101, 7, "ok"),
        ("zoo-zeroth-order-2017", S2, "2026-09-21T14:13:21Z", 900, None, "held"),
    ],
    "changes": [
        (1, "2026-09-21T14:13:20Z", "milestone", "zoo-zeroth-order-2017",
         "The title of zoo-zeroth-order-2017", S2, 98, 101, 100, "crossed 100+"),
        (2, "2026-09-21T14:13:21Z", "version", None, None, "arxiv", "v1", "v2", None, "new"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("view", list(VIEWS))
def test_people_with_sqlite3_can_read_it(path: Path, store: SqlStore, view: str) -> None:
    held = one_series(store)
    store.apply(
        Batch(
            helds=[replace(held, citation_count=101, counted_at=NOW, status=Status.OK)],
            snapshots=[
                (held.series, reading(NOW - 1, None, status=Status.MISSING)),
                (held.series, reading(NOW, 101, influential_count=7)),
                (held.series, reading(NOW + 1, 900, 101, status=Status.HELD)),
            ],
            changes=[
                milestone(held.paper),
                Change(
                    kind=Kind.VERSION, at=NOW + 1, source="arxiv", text="new", old="v1", new="v2"
                ),
            ],
        )
    )
    with closing(sqlite3.connect(path)) as plain:
        assert plain.execute(f"SELECT * FROM {view}").fetchall() == VIEWS[view]
