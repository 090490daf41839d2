"""The demo: the real program against the stand-in, over real HTTP and a real SQLite file."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from citewatch.bootstrap import App, RealClock, SimulatedClock, seeded_chance
from citewatch.config import initial_config, load_settings, write_config
from citewatch.domain.papers import DAY, Kind
from citewatch.errors import InputError
from citewatch.intake import read_list
from citewatch.ports import PublicationList
from citewatch.sandbox import (
    SANDBOX_PASSWORD,
    SANDBOX_S2_KEY,
    SANDBOX_USERNAME,
    Sandbox,
    World,
    publication_list,
)
from citewatch.services.desk import PassResult, Scope
from citewatch.services.enlist import enlist
from citewatch.services.placing import Placed
from citewatch.services.whole_pass import one_pass

LIST = "publications.txt"
_HOUR = 3600
_POLL_AT = 6 * _HOUR
"""The simulated job runs at six in the morning, UTC."""


@dataclass(slots=True)
class Played:
    """What the demo did; the folder holds all of it."""

    folder: Path
    read: PublicationList
    placed: Placed
    days: int
    port: int
    world_start: int
    requests: int = 0
    failed_days: int = 0
    last: PassResult | None = None


@contextmanager
def folder_for(keep: Path | None) -> Iterator[Path]:
    """A new folder: the one to keep, or one that goes away."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="citewatch-demo-") as name:
            yield Path(name)
        return
    if keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise InputError(f"{keep} exists and is not an empty folder", remedy="name a new one")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep


def play(folder: Path, days: int, *, tick: Callable[[int], None]) -> tuple[App, Played]:
    """Write a list, read it, resolve it and poll it for ``days`` simulated days.

    The simulation ends at the present, so that what is left behind can be used at once.
    """
    # The world's first day begins at midnight, `days` before today.
    start = (int(RealClock().time()) // DAY - days) * DAY
    clock = SimulatedClock(start + _POLL_AT)
    with Sandbox(World(start), clock.time) as box:
        read = write_folder(folder, box)
        path = folder / "config.toml"
        environ = {
            "S2_API_KEY": SANDBOX_S2_KEY,
            "OPENREVIEW_USERNAME": SANDBOX_USERNAME,
            "OPENREVIEW_PASSWORD": SANDBOX_PASSWORD,
        }
        settings = load_settings(path, environ=environ)
        app = App(
            settings=settings, environ=environ, clock=clock, chance=seeded_chance(7),
            database_url=settings.database_url,
        )  # fmt: skip
        played = asyncio.run(_simulate(app, clock, days, start=start, tick=tick))
        played.folder, played.read, played.port = folder, read, box.port
        played.requests = sum(box.counts.values())
    return app, played


_WEEKLY = ("openalex", "crossref")
"""Asked once a week here, so that two years take a minute."""


def write_folder(folder: Path, box: Sandbox) -> PublicationList:
    """The publication list and the config.toml that ``init`` would write from it."""
    path = folder / LIST
    path.write_text(publication_list(box.world), encoding="utf-8")
    read = read_list(path)
    enlisted = enlist([read], known=(), watched=())
    text = initial_config("publications", "publications", enlisted.papers, enlisted.pages)
    for name, urls in box.urls.items():
        lines = "".join(f'{key} = "{url}"\n' for key, url in urls.items())
        # A source that the file does not name yet gets a section of its own at the end.
        head = re.search(rf"^\[sources\.{name}\].*\n", text, re.MULTILINE)
        before, after = (text[: head.end()], text[head.end() :]) if head else (text, "")
        if name in _WEEKLY:
            after = after.replace('every = "1d"', 'every = "7d"', 1)
        text = before + ("" if head else f"\n[sources.{name}]\n") + lines + after
    write_config(folder / "config.toml", text, expected=None)
    return read


async def _simulate(
    app: App, clock: SimulatedClock, days: int, *, start: int, tick: Callable[[int], None]
) -> Played:
    with app.writing("citewatch demo") as store:
        scope = Scope(trigger="resolve", thorough=True, only_new=True)
        first = await one_pass(app, store, scope)
        played = Played(
            folder=Path(), read=PublicationList(file="", entries=()), placed=first.placed,
            days=days, port=0, world_start=start,
        )  # fmt: skip
        for day in range(days + 1):
            clock.advance_to(start + day * DAY + _POLL_AT)
            if clock.time() > RealClock().time():
                break
            played.last = (await one_pass(app, store, Scope())).result
            played.failed_days += any(
                s.status in ("failed", "parked", "partial") for s in played.last.sources
            )
            tick(day)
    return played


def count_kinds(kinds: list[Kind]) -> str:
    """``14 milestone, 3 drop``: what the log holds, most frequent first."""
    return ", ".join(f"{number} {kind.value}" for kind, number in Counter(kinds).most_common())


@contextmanager
def days_bar(days: int, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Progress through the simulated days, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield lambda _day: None
        return
    from rich.progress import Progress

    from citewatch.cli.shared import console

    with Progress(console=console(sys.stderr), transient=True) as bars:
        task = bars.add_task("simulated days", total=days)
        yield lambda day: bars.update(task, completed=day)
