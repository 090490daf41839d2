"""What lies before a source, held against the store in memory and the real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Paper, Status
from citewatch.ports import Agenda, Batch, Run, Store
from citewatch.store.opening import open_path
from fakes import MemoryStore

ARXIV = Identifier("arxiv", "1708.03999")
PAPERS = (
    Paper(key="known-2017", title="Known", ids=(ARXIV,)),
    Paper(key="unnamed-2018", title="Unnamed"),
    Paper(key="bare-2019", title="", ids=(Identifier("doi", "10.1/x"),)),
)
SCHEMES = ("arxiv", "semantic_scholar")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    with closing(open_path(tmp_path / "citewatch.db", now=0)) as opened:
        yield opened


def test_an_empty_store_has_nothing_before_it(store: Store) -> None:
    assert store.agenda("arxiv", SCHEMES) == Agenda()


def test_what_can_be_asked_is_told_from_what_must_be_looked_for(store: Store) -> None:
    numbers = store.add_papers(PAPERS, now=100)
    known, unnamed, _ = store.helds("arxiv", numbers)
    rows = [replace(known, next_check_at=500), replace(unnamed, next_check_at=300)]
    store.apply(Batch(helds=[*rows[:1], replace(rows[1], next_search_at=700)]))
    found = store.agenda("arxiv", SCHEMES)
    assert (found.ask_at, found.search_at, found.papers) == (500, 700, 3)
    assert store.agenda("arxiv", ("pubmed",)).ask_at is None


def test_an_answer_ends_the_search_and_a_paper_without_a_title_has_none(store: Store) -> None:
    numbers = store.add_papers(PAPERS, now=100)
    known, unnamed, _ = store.helds("arxiv", numbers)
    seen = replace(unnamed, answered=ARXIV, answered_at=900, status=Status.HELD, next_check_at=950)
    store.apply(Batch(helds=[seen, replace(known, next_check_at=980)]))
    found = store.agenda("arxiv", SCHEMES)
    assert found.search_at is None
    assert (found.ask_at, found.held, found.newest_answer_at) == (980, 1, 900)


def test_papers_that_nobody_watches_any_more_do_not_count(store: Store) -> None:
    numbers = store.add_papers(PAPERS, now=100)
    store.ensure_series("arxiv", numbers)
    store.set_watched(numbers[1:2])
    assert store.agenda("arxiv", SCHEMES).papers == 1
    assert store.agenda("arxiv", SCHEMES).ask_at is None


def test_passes_that_were_good_are_told_from_others(store: Store) -> None:
    for at, status, found, trigger in (
        (10, "ok", 5, "sync"), (20, "ok", 0, "sync"), (30, "failed", 0, "sync"),
        (40, "ok", 9, "import"),
    ):  # fmt: skip
        run = Run(source="arxiv", started_at=at, trigger=trigger)
        number = store.begin_run(run)
        ended = replace(run, number=number, finished_at=at + 1, status=status, found=found)
        store.end_run(ended)
    found = store.agenda("arxiv", SCHEMES)
    assert (found.good_at, found.passed_at) == (11, 31)


def test_texts_are_recalled_by_the_beginning_of_their_name(store: Store) -> None:
    for name in ("errand:2", "errand:1", "errand", "errands:1", "error"):
        store.remember(name, name.upper())
    assert list(store.recall_all("errand:").items()) == [
        ("errand:1", "ERRAND:1"), ("errand:2", "ERRAND:2"),
    ]  # fmt: skip
    store.unlearn("errand:1")
    store.unlearn("never")
    assert list(store.recall_all("errand:")) == ["errand:2"]
