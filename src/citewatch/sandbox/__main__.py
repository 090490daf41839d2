"""``python -m citewatch.sandbox``: the stand-in as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Callable, Sequence

from citewatch.sandbox.faults import FAULTS, GROUPS, SERVICES, check_fault, services_of
from citewatch.sandbox.server import Sandbox
from citewatch.sandbox.synthetic import synthetic_world
from citewatch.sandbox.world import World

DAY_S = 86_400


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m citewatch.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--papers", type=int, help="a synthetic world of so many papers")
    parser.add_argument("--no-limits", action="store_true", help="refuse nobody")
    parser.add_argument("--latency", type=float, default=0.0, metavar="S")
    parser.add_argument("--start", type=float, help="the world's first instant, epoch seconds")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        type=_fault,
        metavar="[SERVICE=]NAME",
        help=f"services: {', '.join((*SERVICES, *GROUPS))}; faults: {', '.join(FAULTS)}",
    )
    return parser.parse_args(argv)


def _fault(text: str) -> tuple[str, str]:
    """(service, fault) of one --fault; without a service it is for all."""
    service, equals, name = text.rpartition("=")
    try:
        services_of(service if equals else "all")
        check_fault(name)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return (service if equals else "all"), name


async def _serve(box: Sandbox) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, box.stop)
    await box.serve(lambda: print(box.port, flush=True))  # noqa: T201 - the one line promised


def main(
    argv: Sequence[str] | None = None,
    clock: Callable[[], float] = time.time,  # noqa: TID251 - the process's own edge of the world
) -> int:
    """Serve until SIGTERM or Ctrl-C; prints the port on one line when ready."""
    asked = _arguments(argv)
    # A day of past lets clients that read the same clock see day 0 or later at once.
    start = clock() - DAY_S if asked.start is None else asked.start
    world = synthetic_world(asked.papers, start) if asked.papers is not None else World(start)
    box = Sandbox(
        world,
        clock,
        faults=dict(asked.fault),
        limits=not asked.no_limits,
        latency_s=asked.latency,
        port=asked.port,
    )
    try:
        asyncio.run(_serve(box))
    except OSError as error:
        print(f"cannot listen on port {asked.port}: {error}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
