"""What the stand-in is asked to be: one set of options for both of its commands."""

from __future__ import annotations

import asyncio
import math
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from types import FrameType
from typing import NoReturn, ParamSpec, TypeVar

import click

from citewatch.sandbox.faults import FAULT_KINDS, parse_faults
from citewatch.sandbox.mounts import GROUPS, SERVICES
from citewatch.sandbox.server import Sandbox
from citewatch.sandbox.synthetic import synthetic_world
from citewatch.sandbox.world import World

_DAY_S = 86_400
_LATEST_START = 4_102_444_800
"""The year 2100; the world's dates have to stay dates."""
_LONGEST_LATENCY_S = 3_600
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks of a stand-in."""

    port: int = 0
    """0 takes a free one."""
    faults: tuple[str, ...] = ()
    """``[SERVICE=]NAME[@N]``, checked; later ones win."""
    papers: int | None = None
    """A synthetic world of so many papers; None: the living world of 53."""
    latency_s: float = 0.0
    limits: bool = True
    start: float | None = None
    """The world's first instant, epoch seconds; None: a day ago."""

    def box(self, clock: Callable[[], float]) -> Sandbox:
        """The stand-in, not yet listening."""
        # A day of past lets clients that read the same clock see day 0 or later at once.
        start = clock() - _DAY_S if self.start is None else self.start
        world = World(start) if self.papers is None else synthetic_world(self.papers, start)
        box = Sandbox(
            world, clock, limits=self.limits, latency_s=self.latency_s, port=self.port
        )  # fmt: skip
        for text in self.faults:
            service, equals, name = text.rpartition("=")
            box.set_fault(service if equals else "all", name)
        return box


def serve(
    asked: Asked,
    on_ready: Callable[[Sandbox], None],
    clock: Callable[[], float] = time.time,  # noqa: TID251 - the process's own edge of the world
) -> None:
    """Answer until SIGTERM or Ctrl-C; raises OSError when the port cannot be had.

    SystemExit(0) when it is told to end before it listens.
    """
    with _ended_by_signals():
        box = asked.box(clock)

        async def run() -> None:
            loop = asyncio.get_running_loop()
            for name in _SIGNALS:
                loop.add_signal_handler(name, box.stop)
            await box.serve(lambda: on_ready(box))

        asyncio.run(run())


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A large world takes seconds to build: being told to end in them is no failure either."""
    before = {name: signal.signal(name, _leave) for name in _SIGNALS}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


class _FaultText(click.ParamType[str]):
    name = "FAULT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        try:
            parse_faults(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


class _Instant(click.ParamType[float]):
    name = "DATE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        text = str(value)
        try:
            found = float(text) if text.replace(".", "", 1).isdecimal() else _midnight(text)
        except ValueError:
            found = math.nan
        if not 0 <= found <= _LATEST_START:
            self.fail(f"{text!r} is no date; expected '2026-01-31' or epoch seconds", param, ctx)
        return found


def _midnight(text: str) -> float:
    day = date.fromisoformat(text)
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


class _Seconds(click.ParamType[float]):
    name = "S"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            found = float(str(value))
        except ValueError:
            found = math.nan
        if not 0 <= found <= _LONGEST_LATENCY_S:
            words = f"expected seconds from 0 to {_LONGEST_LATENCY_S:,}"
            self.fail(f"{str(value)!r} is no latency; {words}", param, ctx)
        return found


def fault_list() -> str:
    """Every fault with its line, by kind, and what cannot be had here."""
    lines = [f"services: {', '.join((*SERVICES, *GROUPS))}"]
    for kind, faults in FAULT_KINDS.items():
        lines += ["", f"{kind}:", *(f"  {name:<22}{line}" for name, line in faults.items())]
    lines += [
        "",
        "A name that does not resolve and a handshake that fails are on the client's side:",
        'base_url = "http://nowhere.invalid" for the one, https:// instead of http:// before',
        "the stand-in's own address for the other.",
    ]
    return "\n".join(lines)


def _list_faults(ctx: click.Context, _option: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's shape
    if value and not ctx.resilient_parsing:
        click.echo(fault_list())
        ctx.exit()


_OPTIONS = (
    click.option(
        "--port", type=click.IntRange(0, 65_535), default=0, metavar="P",
        help="Listen here; without it on a free one.",
    ),
    click.option(
        "--fault", "faults", type=_FaultText(), multiple=True, metavar="[SERVICE=]NAME[@N]",
        help="What goes wrong, at one service or at all; @N: for the first N requests. Repeats.",
    ),
    click.option(
        "--list-faults", is_flag=True, is_eager=True, expose_value=False, callback=_list_faults,
        help="Show all faults and services.",
    ),
    click.option(
        "--papers", type=click.IntRange(0, 2_000_000), metavar="N",
        help="So many synthetic papers instead of the 53 of the sample list.",
    ),
    click.option(
        "--latency", "latency_s", type=_Seconds(), default=0.0, metavar="S",
        help="Seconds before each answer.",
    ),
    click.option("--no-limits", is_flag=True, help="Refuse nobody for asking too often."),
    click.option(
        "--start", type=_Instant(), metavar="DATE",
        help="The first day of the world, whose counts and events go by days; else yesterday.",
    ),
)  # fmt: skip


def sandbox_options(function: Callable[_P, _R]) -> Callable[..., _R]:
    """The options of a stand-in; the command gets them as ``asked``."""

    @wraps(function)
    def wrapped(
        *args: object, port: int, faults: tuple[str, ...], papers: int | None, latency_s: float,
        no_limits: bool, start: float | None, **rest: object,
    ) -> _R:  # fmt: skip
        asked = Asked(
            port=port, faults=faults, papers=papers, latency_s=latency_s, limits=not no_limits,
            start=start,
        )  # fmt: skip
        return function(*args, asked=asked, **rest)  # type: ignore[arg-type]

    found: Callable[..., _R] = wrapped
    for option in reversed(_OPTIONS):
        found = option(found)
    return found
