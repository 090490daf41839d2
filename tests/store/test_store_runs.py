"""Passes over the sources, and small things to remember."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import pytest
from store_samples import (
    NOW,
    S2,
    Opener,
)

from citewatch.errors import StoreError
from citewatch.ports import Batch, Run
from citewatch.store import SqlStore


def test_a_run_is_open_until_it_is_ended(store: SqlStore) -> None:
    run = Run(source=S2, started_at=NOW)
    number = store.begin_run(run)
    assert store.runs() == [replace(run, number=number)]
    ended = Run(
        number=number, source=S2, started_at=NOW, finished_at=NOW + 9, status="partial",
        trigger="resolve", requests=1, papers=53, found=50, missing=2, failed=1, changed=4,
        note="one request timed out",
    )  # fmt: skip
    store.end_run(ended)
    assert store.runs() == [ended]


def test_runs_are_found_by_source_and_by_the_time_of_their_start(store: SqlStore) -> None:
    for source, at in ((S2, 10), ("arxiv", 20), (S2, 30)):
        store.begin_run(Run(source=source, started_at=at))
    assert [r.started_at for r in store.runs(source=S2)] == [10, 30]
    assert [r.started_at for r in store.runs(since=20)] == [20, 30]
    assert [r.started_at for r in store.runs(until=20)] == [10, 20]


def test_a_run_that_never_began_cannot_end(store: SqlStore) -> None:
    with pytest.raises(StoreError):
        store.end_run(Run(number=5, source=S2, started_at=NOW))


def test_passes_that_are_over_are_stored_with_the_batch_and_once(store: SqlStore) -> None:
    past = Run(source="scholar", started_at=10, finished_at=10, status="ok", trigger="import")
    live = replace(past, trigger="sync")
    store.begin_run(live)
    store.apply(Batch(runs=[past, past]))
    store.apply(Batch(runs=[past, replace(past, started_at=20)]))
    assert [(r.started_at, r.trigger) for r in store.runs()] == [
        (10, "sync"),
        (10, "import"),
        (20, "import"),
    ]
    assert store.runs()[1] == replace(past, number=2)


def test_nothing_is_remembered_at_first(store: SqlStore) -> None:
    assert store.recall("lists") is None


def test_the_last_text_under_a_name_is_remembered(opened: Opener) -> None:
    with closing(opened()) as store:
        store.remember("lists", "{}")
        store.remember("lists", '{"cv.tex": "łong"}')
        store.remember("other", "")
    again = opened()
    assert (again.recall("lists"), again.recall("other")) == ('{"cv.tex": "łong"}', "")
