"""The daemon: its loop, its signals, its end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from citewatch import __version__
from citewatch.bootstrap import App
from citewatch.daemon.figures import CONTENT_TYPE, Figures
from citewatch.daemon.files import Mark, Watched, mark
from citewatch.daemon.jobs import Jobs
from citewatch.daemon.logs import Log
from citewatch.daemon.monitor import Monitor, Page, json_page
from citewatch.daemon.rounds import Rounds
from citewatch.daemon.standby import take_lead
from citewatch.daemon.switch import LOOK_S, Switch
from citewatch.daemon.systemd import ALIVE, READY, STOPPING, Supervisor
from citewatch.daemon.ticks import Ticks
from citewatch.daemon.troubles import Troubles
from citewatch.daemon.vitals import STUCK_S, Vitals, iso, reasons
from citewatch.errors import CitewatchError, Lost, StoreError
from citewatch.ports import Job, Store

TICK_S = 1.0
_PATIENCE_S = 5.0
"""So long what is under way has to come to its end; then it is cancelled, which loses
nothing but an answer that has not come yet."""

MakeJobs = Callable[[App, Store], Sequence[Job]]
OutboxDepth = Callable[[Store], int | None]


class Daemon:
    """One daemon over one open store. `run` is all there is to it."""

    def __init__(
        self,
        app: App,
        store: Store,
        *,
        log: Log,
        make_jobs: MakeJobs,
        outbox_depth: OutboxDepth,
        line: socket.socket | None,
        guard: Callable[[], None],
    ) -> None:
        self._app = app
        self._guard = guard
        self.lost = False
        """Whether it ended because another may write now."""
        self._store = store
        self._log = log
        self._make_jobs = make_jobs
        self._supervisor = Supervisor(app.environ)
        self._vitals = Vitals(app.now(), app.clock.monotonic())
        self._troubles = Troubles(log, app.now)
        self._file = app.database_file()
        self._mark = self._identity()
        figures = Figures(
            self._vitals, now=app.now, version=__version__, database_bytes=self._database_bytes,
            outbox_depth=lambda: outbox_depth(store),
        )  # fmt: skip
        switch = Switch(self._heartbeat_url, app.beat, self._troubles, app.clock.monotonic)
        self._switch = switch
        self._rounds = Rounds(
            app, store, log=log, troubles=self._troubles, vitals=self._vitals, figures=figures,
            switch=switch,
        )  # fmt: skip
        self._monitor = None
        if line is not None:
            pages = {"/healthz": self._health, "/metrics": lambda: _metrics(figures)}
            self._monitor = Monitor(line, pages)
        self._ticks = Ticks(app.clock.time)
        self._watched = Watched()
        self._jobs = Jobs(self._ticks, log, self._troubles)
        self._work: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._reload = False
        self._lists_new = False
        self._signal = 0

    # --- life -------------------------------------------------------------------

    async def run(self) -> int:
        """Live until a signal ends it; the exit code."""
        self._mind_signals()
        self._hide_secrets()
        self._watched.changed(self._paths())
        if self._monitor is not None:
            self._monitor.start()
        try:
            self._rounds.take_in()
            self._log.info("started", f"citewatch {__version__} runs", process=os.getpid())
            self._begin_ticks()
            self._supervisor.tell(READY, "STATUS=looking what is due")
            await self._over.wait()
        finally:
            await self._end()
        return 0

    def _begin_ticks(self) -> None:
        self._ticks.every("look", TICK_S, self._look)
        self._ticks.every("heartbeat", LOOK_S, self._switch.look)
        if self._supervisor.watchdog_s:
            self._ticks.every("watchdog", self._supervisor.watchdog_s / 3, self._be_alive)
        self._jobs.take(self._make_jobs(self._app, self._store))
        self._ticks.start()

    async def _end(self) -> None:
        self._vitals.stopping = True
        if not self.lost:
            self._supervisor.tell(STOPPING)
            self._log.info("stopping", f"stopping ({signal.Signals(self._signal or 15).name})")
        await asyncio.gather(self._ticks.stop(_PATIENCE_S), self._end_work())
        with suppress(StoreError):
            self._rounds.turn_away("the daemon is being stopped")
        if self._monitor is not None:
            self._monitor.stop()
        self._log.info("stopped", "stopped; everything seen so far is kept")

    async def _end_work(self) -> None:
        if self._work is None:
            return
        await asyncio.wait([self._work], timeout=_PATIENCE_S)
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)

    def _mind_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_end, number)
        loop.add_signal_handler(signal.SIGHUP, self._asked_to_reload)

    def _asked_to_end(self, number: int) -> None:
        if self._over.is_set():
            # Asked twice: at once. SQLite's transactions are whole or not there.
            os._exit(128 + number)
        self._signal = number
        self._over.set()

    def _asked_to_reload(self) -> None:
        self._reload = True

    # --- the tick ---------------------------------------------------------------

    async def _look(self) -> None:
        try:
            await self._round()
            self._vitals.sound = True
            self._troubles.ends("look", "all is as it should be again")
            self._troubles.ends("database", "the database can be used again")
        except Lost as error:
            self._log.warning("lost", str(error))
            self.lost = True
            self._over.set()
        except StoreError as error:
            self._troubles.begins("database", str(error))
        except CitewatchError as error:
            self._troubles.begins("look", str(error))
        except Exception as error:  # noqa: BLE001 - the daemon outlives whatever it is
            self._vitals.sound = False
            self._log.defect("defect", f"unexpected {type(error).__name__} in the loop")
            self._troubles.begins("look", f"unexpected {type(error).__name__}: {error}")
        self._vitals.looked_at = self._app.clock.monotonic()
        self._vitals.troubles = self._troubles.now()

    async def _round(self) -> None:
        self._check_database()
        self._heed_changes()
        if self._over.is_set() or self._is_at_work():
            return
        if self._lists_new:
            self._lists_new = False
            self._rounds.take_in()
        if (errand := self._rounds.errand()) is not None:
            self._work = asyncio.create_task(self._rounds.do(errand))
        elif names := await self._rounds.due():
            self._log.debug("due", f"asking {', '.join(names)}", sources=list(names))
            self._work = asyncio.create_task(self._rounds.go(names))

    def _is_at_work(self) -> bool:
        """Whether a pass is under way; raises what the last one left behind."""
        if self._work is None or not self._work.done():
            return self._work is not None
        work, self._work = self._work, None
        if not work.cancelled():
            work.result()
        return False

    def _check_database(self) -> None:
        """A file that was removed or replaced would take every reading with it, unseen.

        At a server, whoever has lost the lock must not go on.
        """
        self._guard()
        if self._identity() != self._mark:
            raise StoreError(
                f"{self._file} was removed or replaced while the daemon runs; nothing is asked",
                remedy="put it back, or restart the daemon to go on with what is there now",
            )

    def _identity(self) -> int | None:
        state: Mark = None if self._file is None else mark(self._file)
        return None if state is None else state[2]

    async def _be_alive(self) -> None:
        fresh = self._app.clock.monotonic() - self._vitals.looked_at < STUCK_S
        if fresh and self._vitals.sound:
            self._supervisor.tell(ALIVE)

    # --- settings ---------------------------------------------------------------

    def _paths(self) -> list[Path]:
        settings = self._app.settings
        lists = [file.path for w in settings.watchlists.values() for file in w.lists]
        return [settings.path, *lists]

    def _heed_changes(self) -> None:
        changed, asked, self._reload = self._watched.changed(self._paths()), self._reload, False
        if not changed and not asked:
            return
        if asked:
            self._supervisor.reloading(self._app.clock.monotonic())
        if asked or self._app.settings.path in changed:
            self._read_settings()
        self._lists_new = True
        if asked:
            self._supervisor.tell(READY)

    def _read_settings(self) -> None:
        before = self._app
        try:
            after = before.reloaded()
            after.all_secrets()
        except CitewatchError as error:
            self._troubles.begins("config", f"the settings of before stay: {error}")
            return
        self._troubles.ends("config", "config.toml can be used again")
        self._app = self._rounds.app = after
        self._hide_secrets()
        self._jobs.take(self._make_jobs(self._app, self._store))
        self._log.info("reloaded", "config.toml was read again; it holds from the next pass on")
        for name, was, now in (
            ("database", before.settings.database_url, after.settings.database_url),
            ("web", before.settings.web, after.settings.web),
        ):
            if was != now:
                self._log.warning("restart", f"[{name}] has changed: that takes a restart")
        self._watched.changed(self._paths())

    def _hide_secrets(self) -> None:
        with suppress(CitewatchError):  # a pass will say so
            self._log.hide(self._app.all_secrets())

    def _heartbeat_url(self) -> str:
        return self._app.heartbeat_url()  # of the settings as they are at that time

    # --- the pages --------------------------------------------------------------

    def _health(self) -> Page:
        wrong = reasons(self._vitals, self._app.now(), self._app.clock.monotonic())
        places = () if self._file is None else (self._file, self._file.parent)
        if not all(os.access(place, os.W_OK) for place in places):
            wrong.append("the database cannot be written")
        good_at = self._vitals.good_at()
        value: dict[str, object] = {
            "status": "unwell" if wrong else "ok", "reasons": wrong, "version": __version__,
            "started_at": iso(self._vitals.started_at),
        }  # fmt: skip
        if good_at is not None:
            value["last_good_pass_at"] = iso(good_at)
        value["troubles"] = {
            key: {"text": t.text, "since": iso(t.since_at), "times": t.times}
            for key, t in self._vitals.troubles.items()
        }
        return json_page(503 if wrong else 200, value)

    def _database_bytes(self) -> int | None:
        if self._file is None:
            return None  # the server knows
        files = (self._file, self._file.with_name(f"{self._file.name}-wal"))
        return sum(state[1] for file in files if (state := mark(file)) is not None)


def _metrics(figures: Figures) -> Page:
    return Page(200, CONTENT_TYPE, figures.page())


def run_daemon(
    app: App,
    *,
    log: Log,
    make_jobs: MakeJobs,
    outbox_depth: OutboxDepth,
    listen: Callable[[], socket.socket | None],
) -> int:
    """Hold the database and live until a signal ends it; the exit code.

    ``listen`` gives the socket where the pages are asked for, None for nowhere; it is called
    when the database is held, since who holds it also has the port. Raises `Busy`, naming
    the holder, while another process holds the file of the database. At a server it stands
    by instead, now and whenever the lead is lost.
    """
    from citewatch.store import DAEMON

    anew, lost = app.fresh_start(), False
    while True:
        with ExitStack() as stack:
            store, guard = take_lead(
                app, stack, who=DAEMON, log=log, listen=listen, insist=lost
            )  # fmt: skip
            app = app if app.in_a_file else _read_anew(app, log)
            if anew:
                log.warning("anew", anew)  # noqa: PLE1205  (a log of our own)
            daemon = Daemon(
                app, store, log=log, make_jobs=make_jobs, outbox_depth=outbox_depth,
                line=listen(), guard=guard,
            )  # fmt: skip
            code = asyncio.run(daemon.run())
        if not daemon.lost:
            return code
        lost = True


def _read_anew(app: App, log: Log) -> App:
    """With the settings as they are now: it may have stood by for weeks."""
    try:
        return app.reloaded()
    except CitewatchError as error:
        words = f"the settings of before stay: {error}"
        log.warning("trouble", words, key="config")  # noqa: PLE1205  (a log of our own)
        return app
