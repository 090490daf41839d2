"""One process that lives through simulated years: does it grow?

Real: the daemon's passes, its planning, the judge, the database file, the jobs (delivery to a
feed and to a file of JSON lines, backups, tidying) and one source, Crossref, whose own code asks
a stand-in over HTTP. Scripted: the two other sources, which answer from memory, so that they
can fail for days, and the clock, which jumps from one look to the next.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from citewatch.bootstrap import App, SimulatedClock, jobs, open_app, outbox_depth, seeded_chance
from citewatch.daemon.figures import Figures
from citewatch.daemon.jobs import do_job
from citewatch.daemon.logs import Log, open_log
from citewatch.daemon.rounds import Rounds
from citewatch.daemon.switch import Switch
from citewatch.daemon.troubles import Troubles
from citewatch.daemon.vitals import Vitals
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import DAY, Facts, Failed, Found, Observed, Outcome, SearchOutcome
from citewatch.ports import Ask, Readings, Search, Source, Store
from citewatch.sandbox.records import Record, number_of
from standin import Manners, StandIn, stand_in
from worlds import bulk_world, watched

PAPERS = 20
CHANGE_DAYS = 20
"""Each count grows by one in so many days."""
LOOKS = (6, 12, 22)
"""Hours of a day at which it is looked what is due."""
HOUR = 3600


@dataclass(slots=True)
class Scripted:
    """A source that answers from memory, and fails on some days."""

    name: str
    label: str
    now: SimulatedClock
    places: dict[Identifier, int]
    records: Sequence[Record]
    counts: bool = True
    schemes: tuple[str, ...] = ("semantic_scholar", "arxiv", "doi")
    requests: int = 0

    def blocked(self) -> str | None:
        """Never."""
        return None

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        """One answer for all."""
        self.requests += 1
        await asyncio.sleep(0)
        yield [(ask, self._answer(ask)) for ask in asks]

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        """Nothing is found by its title."""
        for search in searches:
            self.requests += 1
            yield search, Found(candidates=())

    async def aclose(self) -> None:
        """There is nothing to close."""

    def _answer(self, ask: Ask) -> Outcome:
        day = int(self.now.time()) // DAY
        fate = number_of(f"{self.name}/{day // 3}", 100)
        if fate < 4:
            return Failed(reason="http_503", detail="answered 503")
        at = self.places[ask.identifier]
        record = self.records[at]
        count = record.count + (day + at) // CHANGE_DAYS
        if fate == 5 and day % 3 == 1 and at % 4 == 0:
            count = max(0, count - 5)  # a dip for a day
        mine = Identifier("semantic_scholar", record.sha)
        if self.name != "semantic_scholar":
            mine = Identifier("openalex", f"W{record.corpus}")
        facts = Facts(title=record.title, authors=record.authors, year=record.year)
        return Observed(asked=ask.identifier, answered=mine, citation_count=count, facts=facts)


class Scene(App):
    """The application with two scripted sources."""

    __slots__ = ("scripted",)
    scripted: dict[str, Scripted]

    def source(self, name: str, store: Store) -> Source:
        """A scripted one, or the real one."""
        return self.scripted.get(name) or App.source(self, name, store)


@dataclass(slots=True)
class Sample:
    """The process on one day."""

    day: int
    rss_kb: int
    objects: int
    files: int
    threads: int
    tasks: int
    spent_s: float
    """Since the sample before."""


@dataclass(slots=True)
class Lived:
    """All that was seen."""

    samples: list[Sample] = field(default_factory=list)
    passes: int = 0
    database: Path = Path()
    folder: Path = Path()


def live(folder: Path, days: int, *, every: int) -> Lived:
    """Live so many days; a sample every so many."""
    with stand_in(Manners(papers=PAPERS, bulk=True)) as server, _scene(folder, server) as it:
        app, store, clock, rounds, log, troubles = it
        lived = Lived(database=app.database_file(), folder=folder)

        async def all_days() -> None:
            rounds.take_in()
            began = time.perf_counter()
            for day in range(days):
                if day == _SETTLED:
                    # The daemon collects garbage after each pass: 50 ms each time for modules
                    # and classes, which stay; what is made from now on is still looked at.
                    gc.freeze()
                server.clock.go_to_day(day)
                for hour in LOOKS:
                    clock.advance_to(_START + day * DAY + hour * HOUR)
                    _break_and_mend(folder, day)
                    if names := await rounds.due():
                        await rounds.go(names)
                        lived.passes += 1
                    for job in jobs(app, store):
                        await do_job(job, log, troubles)
                if (day + 1) % every == 0:
                    spent_s, began = time.perf_counter() - began, time.perf_counter()
                    lived.samples.append(_sample(day + 1, spent_s))

        asyncio.run(all_days())
        return lived


_SETTLED = 20
_START = 1_732_233_600
"""The stand-in's first day."""


def _break_and_mend(folder: Path, day: int) -> None:
    """Some days the file of JSON lines cannot be written: a folder is in its place."""
    path, aside = folder / "changes.jsonl", folder / "changes.kept"
    bad = number_of(f"jsonl/{day // 4}", 100) < 5
    if bad and not path.is_dir():
        if path.exists():
            path.rename(aside)
        path.mkdir()
    elif not bad and path.is_dir():
        path.rmdir()
        if aside.exists():
            aside.rename(path)


def _sample(day: int, spent_s: float) -> Sample:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return Sample(
        day=day, rss_kb=pages * os.sysconf("SC_PAGE_SIZE") // 1024,
        objects=gc.get_freeze_count() + len(gc.get_objects()),
        files=len(list(Path("/proc/self/fd").iterdir())), threads=threading.active_count(),
        tasks=len(asyncio.all_tasks()), spent_s=spent_s,
    )  # fmt: skip


@contextmanager
def _scene(
    folder: Path, server: StandIn
) -> Iterator[tuple[App, Store, SimulatedClock, Rounds, Log, Troubles]]:
    world, clock = bulk_world(PAPERS), SimulatedClock(_START)
    (folder / "config.toml").write_text(_config(world.records, server), encoding="utf-8")
    made = open_app(folder / "config.toml", None, environ={}, cwd=folder, user_folder=folder)
    app = Scene(settings=made.settings, environ={}, database_url=made.database_url)
    app.clock, app.chance = clock, seeded_chance(3)
    places: dict[Identifier, int] = {}
    for at, record in enumerate(world.records):
        places[Identifier("arxiv", record.arxiv or "")] = at
        places[Identifier("doi", record.doi or "")] = at
        places[Identifier("semantic_scholar", record.sha)] = at
        places[Identifier("openalex", f"W{record.corpus}")] = at
    app.scripted = {
        name: Scripted(name, label, clock, places, world.records)
        for name, label in (("semantic_scholar", "Semantic Scholar"), ("openalex", "OpenAlex"))
    }
    with (folder / "daemon.log").open("w", encoding="utf-8") as said:
        log = open_log(said, json_lines=True)
        troubles = Troubles(log, app.now)
        with app.writing("citewatch run") as store:
            vitals = Vitals(app.now(), clock.monotonic())
            figures = Figures(
                vitals, now=app.now, version="0", database_bytes=lambda: 0,
                outbox_depth=lambda: outbox_depth(store),
            )  # fmt: skip
            switch = Switch(app.heartbeat_url, app.beat, troubles, clock.monotonic)
            rounds = Rounds(
                app, store, log=log, troubles=troubles, vitals=vitals, figures=figures,
                switch=switch,
            )  # fmt: skip
            yield app, store, clock, rounds, log, troubles


def _config(records: Sequence[Record], server: StandIn) -> str:
    urls = "".join(f'{key} = "{url}"\n' for key, url in server.urls["crossref"].items())
    lines = [
        '[notify]\nfeed = "feed.atom"\njsonl = "changes.jsonl"',
        "[sources.arxiv]\nenabled = false\n[sources.openreview]\nenabled = false",
        f'[sources.crossref]\nevery = "1d"\nmin_interval = "0s"\n{urls}',
        "[watchlists.mine]\npapers = [",
    ]
    for paper in watched(records):
        ids = ", ".join(f"{i.scheme} = {json.dumps(i.value)}" for i in paper.ids)
        title = json.dumps(paper.title)
        lines.append(f'  {{ key = "{paper.key}", title = {title}, year = {paper.year}, {ids} }},')
    return "\n".join([*lines, "]", ""])


# --- the size ---------------------------------------------------------------------

_EMPTY = 172_032
"""A database with nothing in it: a page for each table and index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """What is in the database, and what it takes."""

    papers: int
    readings: int
    passes: int
    changes: int
    used: int
    """Bytes in pages that hold something."""
    log_bytes: int
    """Of them the log of changes with its indexes: a line is as long as its text."""

    @property
    def predicted(self) -> int:
        """By the guide's figures, and 190 bytes a line of the log, over an empty database."""
        grown = 1_400 * self.papers + 24 * self.readings + 95 * self.passes
        return _EMPTY + grown + 190 * self.changes


def disk(database: Path) -> Disk:
    """Count and measure."""
    with closing(sqlite3.connect(database)) as bare:
        count = {
            table: int(bare.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in ("paper", "snapshot", "run", "change")
        }
        sizes = dict(bare.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY 1").fetchall())
    log = sum(size for name, size in sizes.items() if str(name).startswith("change"))
    return Disk(
        papers=count["paper"], readings=count["snapshot"], passes=count["run"],
        changes=count["change"], used=sum(sizes.values()), log_bytes=log,
    )  # fmt: skip
