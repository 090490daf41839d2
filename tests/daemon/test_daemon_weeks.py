"""Weeks of a daemon in seconds: requests a day, sleep, clocks that jump, drift of batches."""

from __future__ import annotations

import asyncio
import io
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from citewatch.bootstrap import App, SimulatedClock, open_app, seeded_chance
from citewatch.cli.demo import write_folder
from citewatch.daemon.figures import Figures
from citewatch.daemon.logs import open_log
from citewatch.daemon.rounds import Rounds
from citewatch.daemon.switch import Switch
from citewatch.daemon.troubles import Troubles
from citewatch.daemon.vitals import Vitals
from citewatch.sandbox import Sandbox, World

DAY, HOUR, MINUTE = 86_400, 3600, 60
START = 1_780_000_000


class Life:
    """The passes of a daemon over 53 papers, by a clock that jumps over every wait."""

    def __init__(self, app: App, clock: SimulatedClock, box: Sandbox, rounds: Rounds) -> None:
        self.app, self.clock, self.box, self.rounds = app, clock, box, rounds
        self.beats = 0
        self.passes: list[tuple[float, tuple[str, ...]]] = []

    async def live(self, seconds: float) -> None:
        """Look every minute, as if the ticks between had found nothing."""
        end = self.clock.time() + seconds
        while self.clock.time() < end:
            if names := await self.rounds.due():
                self.passes.append((self.clock.time(), names))
                await self.rounds.go(names)
            self.clock.advance_to(self.clock.time() + MINUTE)

    def requests(self) -> Counter[str]:
        return Counter(seen.service for seen in self.box.requests)


@contextmanager
def life(folder: Path, *, log: io.StringIO | None = None) -> Iterator[Life]:
    clock = SimulatedClock(START)
    with Sandbox(World(START - 30 * DAY), clock.time, limits=False) as box:
        write_folder(folder, box)
        text = (folder / "config.toml").read_text(encoding="utf-8")
        (folder / "config.toml").write_text(text.replace('every = "7d"', 'every = "1d"'))
        app = open_app(folder / "config.toml", None, environ={}, cwd=folder, user_folder=folder)
        app.clock, app.chance = clock, seeded_chance(7)
        with app.writing("citewatch run") as store:
            said = open_log(log or io.StringIO(), json_lines=True)
            troubles = Troubles(said, app.now)
            vitals = Vitals(app.now(), clock.monotonic())
            figures = Figures(
                vitals,
                now=app.now,
                version="0",
                database_bytes=lambda: 0,
                outbox_depth=lambda _=None: None,
            )
            switch = Switch(lambda: "", app.beat, troubles, clock.monotonic)
            rounds = Rounds(
                app, store, log=said, troubles=troubles, vitals=vitals, figures=figures,
                switch=switch,
            )  # fmt: skip
            rounds.take_in()
            yield Life(app, clock, box, rounds)


@pytest.mark.slow
def test_53_papers_cost_seven_requests_on_an_ordinary_day(tmp_path: Path) -> None:
    with life(tmp_path) as lived:

        async def weeks() -> list[Counter[str]]:
            await lived.live(2 * DAY)  # titles are looked for
            days = []
            for _ in range(12):
                before = lived.requests()
                await lived.live(DAY)
                days.append(lived.requests() - before)
            return days

        days = asyncio.run(weeks())
    totals = sorted(day.total() for day in days)
    assert totals[len(totals) // 2] <= 10
    assert totals[0] >= 4, "each source every day"
    assert sum(totals) <= 13 * 12 + 20, "some days look for titles again"
    assert max(day["semantic_scholar"] for day in days) <= 5
    assert len(lived.passes) <= 2 * 14, "a batch stays a batch"


def test_a_machine_that_slept_for_a_week_makes_one_pass(tmp_path: Path) -> None:
    with life(tmp_path) as lived:

        async def nights() -> int:
            await lived.live(2 * DAY)
            lived.clock.advance_to(lived.clock.time() + 7 * DAY)
            before = len(lived.passes)
            await lived.live(4 * MINUTE)
            return len(lived.passes) - before

        assert asyncio.run(nights()) == 1
        assert len(lived.passes[-1][1]) == 4, "all sources in one pass"


@pytest.mark.parametrize("back_s", [HOUR // 2, 30 * HOUR])
def test_a_clock_that_was_set_back_asks_nobody_early_and_loses_nothing(
    tmp_path: Path, back_s: int
) -> None:
    log = io.StringIO()
    with life(tmp_path, log=log) as lived:

        async def travel() -> tuple[int, int]:
            await lived.live(DAY + 6 * HOUR)
            real, before = lived.clock.time, len(lived.passes)
            lived.clock.time = lambda: real() - back_s  # type: ignore[method-assign]
            for _ in range(3):
                await lived.rounds.due()
                lived.clock.advance_to(lived.clock.monotonic() + HOUR // 2)
            quiet = len(lived.passes) - before
            lived.clock.time = real  # type: ignore[method-assign]
            await lived.live(2 * DAY)
            return quiet, len(lived.passes) - before

        quiet, later = asyncio.run(travel())
    assert quiet == 0
    assert later >= 2
    assert log.getvalue().count("the clock is") == int(back_s > HOUR), "said once"
    assert log.getvalue().count("the clock agrees") == int(back_s > HOUR)


def test_a_clock_that_runs_ahead_makes_one_pass(tmp_path: Path) -> None:
    with life(tmp_path) as lived:

        async def travel() -> int:
            await lived.live(2 * DAY)
            before, real = len(lived.passes), lived.clock.time
            lived.clock.time = lambda: real() + 400 * DAY  # type: ignore[method-assign]
            if names := await lived.rounds.due():
                lived.passes.append((0.0, names))
                await lived.rounds.go(names)
            for _ in range(4):
                assert await lived.rounds.due() == ()
                lived.clock.advance_to(lived.clock.monotonic() + MINUTE)
            return len(lived.passes) - before

        assert asyncio.run(travel()) == 1


def test_a_source_that_is_down_for_days_is_two_lines_and_few_passes(tmp_path: Path) -> None:
    log = io.StringIO()
    with life(tmp_path, log=log) as lived:

        async def outage() -> int:
            await lived.live(DAY)
            lived.box.set_fault("crossref", "down")
            before = lived.requests()["crossref"]
            await lived.live(5 * DAY)
            lived.box.set_fault("crossref", None)
            sent = lived.requests()["crossref"] - before
            await lived.live(2 * DAY)
            return sent

        sent = asyncio.run(outage())
    assert sent < 120, "some passes the first day, then one a day, each with a series of retries"
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    passes = [line for line in lines if line["event"] == "pass"]
    assert len(passes) <= 2 * 8, "a pass without an answer is no news"
    about = [line for line in lines if line.get("key") == "source:crossref"]
    assert [line["event"] for line in about] == ["trouble", "mended"]
    assert about[1]["times"] > 5
    assert 4 * DAY < about[1]["lasted_s"] < 8 * DAY
