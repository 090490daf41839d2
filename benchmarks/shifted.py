"""``citewatch`` by a clock that is ahead: ``python shifted.py SECONDS COMMAND…``.

The program itself, from its entry point on, with two things replaced: the wall clock, and
the clock of the daemon's ticks, which APScheduler compares with the real one.
"""

from __future__ import annotations

import sys
import time

from citewatch.bootstrap import RealClock
from citewatch.cli.main import run
from citewatch.daemon import main as daemon


def main() -> int:
    """Run the command so many seconds ahead of the present."""
    ahead_s = float(sys.argv[1])
    RealClock.time = lambda _self: time.time() + ahead_s  # type: ignore[method-assign]
    ticks = daemon.Ticks
    daemon.Ticks = lambda _time: ticks(time.time)  # type: ignore[assignment, misc]
    return run(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
