"""Troubles that meet a pass or the daemon at work, over a stand-in for the sources.

The first ones are processes of their own. What takes a month is played in this process, by
the daemon's own passes and a clock that jumps from one look to the next; what is told then
are the lines of the daemon's log, and what stands in the log of changes.
"""

from __future__ import annotations

import asyncio
import io
import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial

from citewatch.bootstrap import App, SimulatedClock, open_app, seeded_chance
from citewatch.daemon.figures import Figures
from citewatch.daemon.logs import open_log
from citewatch.daemon.rounds import Rounds
from citewatch.daemon.switch import Switch
from citewatch.daemon.troubles import Troubles
from citewatch.daemon.vitals import Vitals
from citewatch.domain.papers import DAY
from citewatch.sandbox import Sandbox, World
from citewatch.sandbox.counts import SteadyCounts
from citewatch.sandbox.made import Contents
from troubles import CONFIG, Said, Stage, Trouble
from worlds import CHANGE_SHARE, bulk_world, watched

ON = ("semantic_scholar", "crossref")
HOUR, PATIENCE_S = 3600, 30.0
_START = 1_790_000_000
_UNKNOWN = 15


def _watch_more(stage: Stage, box: Sandbox, papers: int) -> None:
    """Papers that the stand-in knows, at two sources of it."""
    text = CONFIG
    for name in ON:
        urls = "".join(f'{key} = "{url}"\n' for key, url in box.urls[name].items())
        on = f'[sources.{name}]\nenabled = true\nmin_interval = "0s"\n{urls}'
        text = text.replace(f"[sources.{name}]\nenabled = false", on)
    lines = [
        f'  {{ key = "{paper.key}", title = {json.dumps(paper.title)}, '
        f'doi = "{paper.ids[1].value}" }},'
        for paper in watched(box.world.records)[-papers:]
    ]
    mark = "papers = ["
    stage.config.write_text(text.replace(mark, "\n".join([mark, *lines])), encoding="utf-8")


def _box(clock: Callable[[], float], papers: int) -> Sandbox:
    # The first ones have hardly any citations.
    made = bulk_world(_UNKNOWN + papers)
    contents = Contents(records=made.records, preprints=())
    world = World(clock() - 9 * DAY, contents=contents, counts=SteadyCounts(CHANGE_SHARE))
    return Sandbox(world, clock, limits=False)


# --- processes --------------------------------------------------------------------


def _full_sync(stage: Stage) -> Said:
    with _box(time.time, 400) as box:
        _watch_more(stage, box, 400)
        return stage.run("sync", largest=stage.database.stat().st_size + 150_000)


class Daemon:
    """``citewatch run`` in a stage, and what it says."""

    def __init__(self, stage: Stage, *, largest: int | None = None) -> None:
        self._log = stage.folder / "daemon.log"
        with self._log.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "citewatch", "run", "--port", "0"], cwd=stage.folder,
                env=stage.environ(), stdout=subprocess.DEVNULL, stderr=err,
                preexec_fn=stage.limit(largest),  # noqa: PLW1509 - it takes no lock
            )  # fmt: skip

    def wait_for(self, event: str, words: str = "") -> None:
        """Until it says so. Raises `TimeoutError`."""
        end = time.monotonic() + PATIENCE_S
        while not any(words in line["text"] for line in self.lines(event)):
            if time.monotonic() > end or self.process.poll() is not None:
                self.process.kill()
                raise TimeoutError(self._log.read_text(encoding="utf-8"))
            time.sleep(0.05)

    def lines(self, *events: str) -> list[dict[str, str]]:
        """What it said of these events."""
        text = self._log.read_text(encoding="utf-8")
        said = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        return [line for line in said if line["event"] in events]

    def end(self) -> Said:
        """Ask it to end; its exit code, and its troubles as they began and ended."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE_S)
        return Said(code, "", "\n".join(line["text"] for line in self.lines("trouble", "mended")))


def _beside(stage: Stage, change: Callable[[Stage], object], words: str, *, mend: str = "") -> Said:
    """The daemon has asked, then something happens, and it says so."""
    with _box(time.time, 3) as box:
        _watch_more(stage, box, 3)
        daemon = Daemon(stage)
        daemon.wait_for("pass")
        change(stage)
        daemon.wait_for("trouble", words)
        if mend:
            (stage.folder / f"{mend}.aside").rename(stage.folder / mend)
            daemon.wait_for("mended")
        return daemon.end()


def _aside(name: str) -> Callable[[Stage], object]:
    return lambda stage: (stage.folder / name).rename(stage.folder / f"{name}.aside")


def _full_daemon(stage: Stage) -> Said:
    with _box(time.time, 400) as box:
        _watch_more(stage, box, 400)
        daemon = Daemon(stage, largest=stage.database.stat().st_size + 150_000)
        daemon.wait_for("trouble", "no room")
        return daemon.end()


# --- months -----------------------------------------------------------------------


@dataclass(slots=True)
class Months:
    """The daemon's passes by a clock that jumps."""

    app: App
    clock: SimulatedClock
    box: Sandbox
    rounds: Rounds
    log: io.StringIO

    async def live(self, days: float) -> None:
        """Look every two hours."""
        end = self.clock.monotonic() + days * DAY
        while self.clock.monotonic() < end:
            if names := await self.rounds.due():
                await self.rounds.go(names)
            self.clock.advance_to(self.clock.monotonic() + 2 * HOUR)

    def said(self) -> str:
        """Troubles as they began and ended, then the changes that are about sources."""
        lines = [json.loads(line) for line in self.log.getvalue().splitlines()]
        told = [x["text"] for x in lines if x["event"] in ("trouble", "mended", "defect")]
        about = ("source_down", "source_up", "source_fault", "drop", "lost", "milestone_lost")
        told += [x["text"] for x in lines if x["event"] == "change" and x["kind"] in about]
        return "\n".join(told)


@contextmanager
def _months(stage: Stage) -> Iterator[Months]:
    clock, log = SimulatedClock(_START), io.StringIO()
    with _box(clock.time, 3) as box:
        _watch_more(stage, box, 3)
        app = open_app(stage.config, None, environ={}, cwd=stage.folder, user_folder=stage.folder)
        app.clock, app.chance = clock, seeded_chance(7)
        with app.writing("citewatch run") as store:
            said = open_log(log, json_lines=True)
            troubles = Troubles(said, app.now)
            vitals = Vitals(app.now(), clock.monotonic())
            figures = Figures(
                vitals, now=app.now, version="0", database_bytes=lambda: 0,
                outbox_depth=lambda: None,
            )  # fmt: skip
            switch = Switch(lambda: "", app.beat, troubles, clock.monotonic)
            rounds = Rounds(
                app, store, log=said, troubles=troubles, vitals=vitals, figures=figures,
                switch=switch,
            )  # fmt: skip
            rounds.take_in()
            yield Months(app, clock, box, rounds, log)


def _counts(stage: Stage) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(stage.database)) as bare:
        return bare.execute("SELECT id, citation_count, status FROM track ORDER BY id").fetchall()


def _month_of(stage: Stage, service: str, fault: str) -> Said:
    """A fault for thirty days; the counts of before stay, and go on afterwards."""
    with _months(stage) as months:

        async def play() -> list[str]:
            await months.live(3)
            before = _counts(stage)
            months.box.set_fault(service, fault)
            await months.live(30)
            during = _counts(stage)
            months.box.set_fault(service, None)
            await months.live(3)
            wrong = []
            if any(b[1] is not None and d[1] is None for b, d in zip(before, during, strict=True)):
                wrong.append("a count was lost")
            if any(status not in ("ok", "never", "missing") for _, _, status in _counts(stage)):
                wrong.append("not all is well again")
            return wrong

        wrong = asyncio.run(play())
        return Said(1 if wrong else 0, "", "\n".join([*wrong, months.said()]))


def _jump(stage: Stage, days: float) -> Said:
    """The clock on the wall jumps for two days, then is right again."""
    with _months(stage) as months:
        real = months.clock.time

        async def play() -> list[str]:
            await months.live(3.25)
            asked = len(months.box.requests)
            months.clock.time = lambda: real() + days * DAY  # type: ignore[method-assign]
            await months.live(2)
            sent = len(months.box.requests) - asked
            months.clock.time = real  # type: ignore[method-assign]
            await months.live(3)
            most = 40
            return [f"a burst of {sent} requests"] if sent > most else []

        wrong = asyncio.run(play())
        return Said(1 if wrong else 0, "", "\n".join([*wrong, months.said()]))


AT_WORK: tuple[Trouble, ...] = (
    Trouble(
        what="the disk is full while answers are stored", command="sync", play=_full_sync, code=2,
        told="no room on the disk", grows=True,
    ),
    Trouble(
        what="the same, and it is the daemon", command="run", play=_full_daemon, code=0,
        told="no room on the disk", grows=True,
    ),
    Trouble(
        what="the database is deleted while the daemon runs", command="run",
        play=lambda stage: _beside(stage, lambda s: s.database.unlink(), "was removed"), code=0,
        told="was removed or replaced", sound=False,
    ),
    Trouble(
        what="the same, and it is put back", command="run",
        play=lambda s: _beside(s, _aside("citewatch.db"), "was removed", mend="citewatch.db"),
        code=0, told="the database can be used again", grows=True,
    ),
    Trouble(
        what="config.toml is deleted while the daemon runs, and put back", command="run",
        play=lambda s: _beside(s, _aside("config.toml"), "settings", mend="config.toml"),
        code=0, told="the settings of before stay", grows=True,
    ),
    Trouble(
        what="all sources are down for a month", command="run",
        play=partial(_month_of, service="all", fault="down"), code=0, told="answers again",
        grows=True,
    ),
    Trouble(
        what="one source sends garbage for a month", command="run",
        play=partial(_month_of, service="crossref", fault="garbage"), code=0,
        told="answers again", grows=True,
    ),
    Trouble(
        what="the clock is set back by five days while the daemon runs", command="run",
        play=partial(_jump, days=-5), code=0, told="nothing is asked until it is right",
        grows=True,
    ),
    Trouble(
        what="the clock runs a year ahead while the daemon runs, then is right again",
        command="run", play=partial(_jump, days=365), code=0,
        told="nothing is asked until it is right", grows=True,
    ),
)  # fmt: skip
