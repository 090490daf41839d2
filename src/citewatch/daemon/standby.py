"""Standing by: another daemon leads at the same server, and may end at any time.

Nothing is asked and nothing written meanwhile: the lead is tried for, and a page says so.
Signals end it at once: there is nothing to lose.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeAlias

from citewatch import __version__
from citewatch.bootstrap import App
from citewatch.daemon.logs import Log
from citewatch.daemon.monitor import Monitor, Page, json_page
from citewatch.daemon.systemd import ALIVE, READY, Supervisor
from citewatch.daemon.troubles import Troubles
from citewatch.daemon.vitals import iso
from citewatch.errors import Busy, NotOurs, ReadOnly, StoreError, TooNew
from citewatch.ports import Store

RETRY_S = 2.0
"""So often the lead is tried for: so soon a leader that died is followed."""

Listen: TypeAlias = Callable[[], socket.socket | None]
Held: TypeAlias = tuple[Store, Callable[[], None]]


def take_lead(
    app: App, stack: ExitStack, *, who: str, log: Log, listen: Listen, insist: bool = False
) -> Held:
    """Hold the database until ``stack`` is left; at a server, stand by while another does.

    Raises `Busy` where a file is held, and any other `StoreError` of a first try; with
    ``insist``, and once it stands by, a server that cannot be reached is waited for.
    """
    standby: Standby | None = None
    if insist:
        _mind_signals()  # the loop that minded them has ended
    while True:
        trouble = ""
        try:
            held = stack.enter_context(app.holding(who))
        except (NotOurs, ReadOnly, TooNew):
            raise  # waiting would change nothing
        except Busy as busy:
            if app.in_a_file:
                raise
            leader = busy.problem
        except StoreError as error:
            if app.in_a_file or not (insist or standby):
                raise
            trouble, leader = str(error), ""
        else:
            if standby is not None:
                standby.ends()
            return held
        if standby is None:
            standby = Standby(app, log)
            stack.callback(standby.close)
            standby.begins(listen())
        standby.waits(leader, trouble)


def _mind_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    # Settings are read anew when the lead is taken.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


class Standby:
    """One wait for the lead, with a page that says so."""

    def __init__(self, app: App, log: Log) -> None:
        self._app = app
        self._log = log
        self._troubles = Troubles(log, app.now)
        self._supervisor = Supervisor(app.environ)
        self._since_at = app.now()
        self._leader = ""
        self._trouble = ""
        self._monitor: Monitor | None = None

    def begins(self, line: socket.socket | None) -> None:
        """Answer at the port, and mind signals."""
        _mind_signals()
        if line is not None:
            self._monitor = Monitor(line, {"/healthz": self._health})
            self._monitor.start()
        self._supervisor.tell(READY, "STATUS=standing by")

    def waits(self, leader: str, trouble: str) -> None:
        """A try was in vain: say why, if that is news, and wait for the next one."""
        if leader and leader != self._leader:
            self._log.info("standby", f"standing by: {leader}")
        self._leader, self._trouble = leader, trouble
        if trouble:
            self._troubles.begins("database", trouble)
        else:
            self._troubles.ends("database", "the database can be reached again")
        self._supervisor.tell(ALIVE)
        asyncio.run(self._app.clock.sleep(RETRY_S))

    def ends(self) -> None:
        """The lead is ours."""
        self._troubles.ends("database", "the database can be reached again")
        self._log.info("leading", "the database is ours: this daemon leads from now on")
        self.close()

    def close(self) -> None:
        """Give the port back."""
        if self._monitor is not None:
            self._monitor.stop()
            self._monitor = None

    def _health(self) -> Page:
        wrong = self._trouble.splitlines()[:1]
        value: dict[str, object] = {
            "status": "unwell" if wrong else "standby", "reasons": wrong, "version": __version__,
            "started_at": iso(self._since_at),
        }  # fmt: skip
        if self._leader:
            value["leader"] = self._leader
        return json_page(503 if wrong else 200, value)
