"""What five years of daily polls take on disk, table by table.

Changes arrive day by day, all series interleaved, through the store's own ``apply``. Only
the state rows of series that changed are written: how often a state row is rewritten does
not alter its size. Sizes are exact: the pages that a copy of the file gives back.
Other numbers of papers are scaled from them, since every part grows with one thing: papers,
changes or passes.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import DAY, Facts, Held, Paper, Snapshot, Status
from citewatch.ports import Batch, Run, Store
from citewatch.store import open_store
from figures import Figure, parser, show

START = 1_600_000_000
SOURCES = ("semantic_scholar", "openalex", "crossref")
BATCH = 500
CHANGE_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is stored."""

    papers: int
    days: int


SIZES = {"full": Size(papers=1_000, days=1_826), "tiny": Size(papers=200, days=200)}


@dataclass(frozen=True, slots=True)
class Stored:
    """What went in."""

    polls: int
    changes: int


def fill(store: Store, size: Size, chance: random.Random) -> Stored:
    """Poll every series once a day; each pass is a run."""
    helds = list(_first(store, size))
    snapshots = 0
    for day in range(1, size.days):
        now = START + day * DAY
        for place in range(0, len(helds), BATCH):
            places = range(place, min(place + BATCH, len(helds)))
            moved = [at for at in places if chance.random() < CHANGE_SHARE]
            rows = []
            for at in moved:
                helds[at], snapshot = _grow(helds[at], now + place // BATCH, chance)
                rows.append((helds[at].series, snapshot))
            store.apply(Batch(helds=[helds[at] for at in moved], snapshots=rows))
            snapshots += len(rows)
        _note_runs(store, now, size.papers)
    return Stored(len(helds) * size.days, len(helds) + snapshots)


def _first(store: Store, size: Size) -> Iterator[Held]:
    papers = [
        Paper(
            key=f"made-up-paper-{number}-2020", year=2020, authors=("Ada Berger", "Finn Holub"),
            title=f"A Title of Usual Length About Subject Number {number}",
            ids=(Identifier("arxiv", f"20{1 + number // 9000:02d}.{number % 9000 + 1:05d}"),),
        )
        for number in range(size.papers)
    ]  # fmt: skip
    numbers = store.add_papers(papers, now=START)
    for source in SOURCES:
        for held, paper in zip(store.helds(source, numbers), papers, strict=True):
            count = held.paper * 7 % 900
            answered = Identifier("doi", f"10.1000/{source}.{held.paper}")
            facts = Facts(title=paper.title, authors=paper.authors, year=2020, ids=paper.ids)
            after = replace(
                held, asked=paper.ids[0], answered=answered, status=Status.OK,
                citation_count=count, influential_count=count // 12, high=count,
                confirmed_high=count, changed_at=START, counted_at=START, answered_at=START,
                next_check_at=START + DAY, facts=facts,
            )  # fmt: skip
            snapshot = Snapshot(
                at=START, citation_count=count, previous_count=None, influential_count=count // 12
            )
            store.apply(
                Batch(
                    helds=[after], snapshots=[(held.series, snapshot)],
                    facts=[(held.series, START, facts)],
                )
            )  # fmt: skip
            yield after


def _grow(held: Held, now: int, chance: random.Random) -> tuple[Held, Snapshot]:
    """One change: mostly a step up, now and then one down, as real series do."""
    before = held.citation_count or 0
    count = max(0, before + (-1 if chance.random() < 0.03 else chance.choice((1, 1, 1, 2, 3))))
    snapshot = Snapshot(
        at=now, citation_count=count, previous_count=before, influential_count=count // 12
    )
    after = replace(
        held, citation_count=count, influential_count=count // 12, high=max(count, held.high or 0),
        changed_at=now, counted_at=now, answered_at=now, next_check_at=now + DAY,
    )  # fmt: skip
    return after, snapshot


def _note_runs(store: Store, now: int, papers: int) -> None:
    runs = [
        Run(
            source=source, started_at=now, finished_at=now + 9, status="ok", trigger="sync",
            requests=papers // BATCH + 1, papers=papers, found=papers,
            changed=int(papers * CHANGE_SHARE),
        )
        for source in SOURCES
    ]  # fmt: skip
    store.apply(Batch(runs=runs))


def sizes(path: Path) -> dict[str, int]:
    """Bytes of each table with its indexes: what dropping it gives back, in whole pages."""
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        (page,) = database.execute("PRAGMA page_size").fetchone()
        for (view,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'view'"):
            database.execute(f"DROP VIEW {view}")
        names: Sequence[tuple[str]] = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        found, free = {}, _free(database)
        for (name,) in names:
            database.execute(f"DROP TABLE {name}")
            found[name] = page * (_free(database) - free)
            free = _free(database)
        return found


FIVE_YEARS = 1_826
WITH_PAPERS = ("paper", "identifier", "track", "facts", "turn")
HEARD_BYTES = 16
"""A row for an answer about a whole batch; here only what changed is said to have answered."""


def scaled(table: Mapping[str, int], size: Size, stored: Stored, papers: int) -> float:
    """Bytes after five years of daily polls of so many papers at as many sources."""
    changes = papers * len(SOURCES) * (1 + CHANGE_SHARE * (FIVE_YEARS - 1))
    return (
        sum(table[name] for name in WITH_PAPERS) / size.papers * papers
        + table["snapshot"] / stored.changes * changes
        + table["run"] / size.days * FIVE_YEARS
        + HEARD_BYTES * (papers // BATCH + 1) * len(SOURCES) * FIVE_YEARS
    )


def _free(database: sqlite3.Connection) -> int:
    (pages,) = database.execute("PRAGMA freelist_count").fetchone()
    return int(pages)


def main() -> None:
    """Fill, measure, print."""
    options = parser(__doc__).parse_args()
    size = SIZES[options.size]
    with tempfile.TemporaryDirectory(prefix="citewatch-bench-") as folder:
        path = Path(folder) / "bench.db"
        store = open_store(f"sqlite:///{path}", now=START)
        try:
            stored = fill(store, size, random.Random(1))
        finally:
            store.close()
        whole = path.stat().st_size
        table = sizes(path)
    guesses = [
        Figure(what=f"{papers:,} papers, five years", value=scaled(table, size, stored, papers),
               unit="bytes, scaled")
        for papers in (53, 10_000, 1_000_000)
    ]  # fmt: skip
    counts = table.pop("snapshot")
    others = sorted(table.items(), key=lambda pair: -pair[1])
    show(
        f"Storage: {size.papers * len(SOURCES):,} series, {size.days:,} daily polls each, "
        f"{stored.changes:,} changes ({stored.changes / stored.polls:.1%})",
        [
            Figure(what="snapshot", value=counts / stored.changes, unit="bytes/change", most=25),
            Figure(what="snapshot", value=counts / stored.polls, unit="bytes/poll", most=2),
            Figure(what="snapshot", value=counts, unit="bytes"),
            *(Figure(what=name, value=bytes_, unit="bytes") for name, bytes_ in others if bytes_),
            Figure(what="the whole file", value=whole, unit="bytes"),
            *guesses,
        ],
    )


if __name__ == "__main__":
    main()
