"""A database in which papers are watched, and sources as the program makes them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from citewatch.bootstrap import seeded_chance
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Paper
from citewatch.domain.rules import Rules
from citewatch.ports import Clock, Gate, Source, Store
from citewatch.services.watchlist import Watch, WatchedPaper
from citewatch.sources.registry import SourceOptions, Tools, known_sources
from citewatch.store import open_store

CONTACT = "me@example.org"


@contextmanager
def watching(papers: Sequence[Paper]) -> Iterator[tuple[Store, Watch]]:
    """A new database with these papers in it, gone in the end."""
    with tempfile.TemporaryDirectory(prefix="citewatch-bench-") as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}", now=0)
        try:
            yield store, _watch(store, papers)
        finally:
            store.close()


def _watch(store: Store, papers: Sequence[Paper]) -> Watch:
    numbers = store.add_papers(papers, now=0)
    store.set_watched(numbers)
    watched = tuple(
        WatchedPaper(number=number, paper=paper, watchlists=("bench",))
        for number, paper in zip(numbers, papers, strict=True)
    )
    return Watch(papers=watched, pages=(), problems=())


def source_and_rules(
    name: str, options: SourceOptions, *, gate: Gate, clock: Clock
) -> tuple[Source, Rules]:
    """A source and what the judge is told of it."""
    spec = known_sources()[name]
    tools = Tools(clock=clock, gate=gate, jitter=seeded_chance(1), contact=CONTACT, version="0")
    rules = Rules(ladder=Ladder(), confirm_after_s=3 * DAY, every_s=DAY, label=spec.label)
    return spec.make(options, tools), rules


def options_at(
    urls: Mapping[str, str], *, interval_s: float, batch_size: int | None = None, key: str = ""
) -> SourceOptions:
    """A source's options: where it is, how fast, how many at once."""
    return SourceOptions(
        base_url=urls["base_url"], urls=urls, min_interval_s=interval_s, batch_size=batch_size,
        secrets={"api_key": key} if key else {},
    )  # fmt: skip
