"""``run``: for ever, or once for a job of cron."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from functools import partial

from citewatch.bootstrap import App, jobs, outbox_depth
from citewatch.cli.asking import is_daemon
from citewatch.cli.passing import pass_over
from citewatch.cli.render.passed import exit_code, pass_table
from citewatch.cli.shared import Options, console
from citewatch.daemon import Log, listen, open_log, run_daemon
from citewatch.daemon.jobs import do_job
from citewatch.daemon.troubles import Troubles, spell
from citewatch.domain.cadence import slack_of
from citewatch.errors import Busy
from citewatch.services.desk import Scope, was_good


def run_for_ever(options: Options, *, host: str | None, port: int | None) -> int:
    """The daemon, until a signal ends it."""
    app = options.app()
    web = app.settings.web
    port = web.port if port is None else port
    where = partial(listen, host or web.host, port) if port else lambda: None
    log = _log(options, app)
    return run_daemon(app, log=log, make_jobs=jobs, outbox_depth=outbox_depth, listen=where)


def run_once(options: Options, span_s: int) -> int:
    """One pass, and everything else that is due, if the last good pass is so long ago."""
    app = options.app()
    # It ends by itself in a moment; what stops it before keeps what was seen.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with app.reading() as store:
        ends = [store.agenda(s.name, ()).good_at or 0 for s in app.schedules() if s.enabled]
    ago_s = app.now() - max(ends, default=0)
    # A job at the same time each day must find it due, also after a pass that took long.
    if 0 <= ago_s < span_s - slack_of(span_s):
        options.hint(f"the last good pass was {spell(ago_s)} ago: nothing to do")
        return 0
    passed = pass_over(app, options, Scope(early=True), who="citewatch run --once-per")
    if not options.quiet:
        pass_table(passed.result, (), console())
    well = asyncio.run(_afterwards(app, _log(options, app), good=was_good(passed.result)))
    return exit_code(passed.result) or (0 if well else 3)


async def _afterwards(app: App, log: Log, *, good: bool) -> bool:
    """Call the dead man's switch, do the daemon's other jobs once; whether all went well."""
    troubles = Troubles(log, app.now)
    url = app.heartbeat_url()
    if good and url and (why := await app.beat(url)):
        troubles.begins("heartbeat", f"the heartbeat was not heard: {why}")
    try:
        with app.writing("citewatch run --once-per") as store:
            for job in jobs(app, store):
                await do_job(job, log, troubles)
    except Busy as busy:
        if not is_daemon(busy):
            raise
        # The daemon does these by itself, as it has done the pass.
    return not troubles.now()


def _log(options: Options, app: App) -> Log:
    level = logging.INFO
    if options.quiet or options.verbose:
        level = logging.WARNING if options.quiet else logging.DEBUG
    log = open_log(sys.stderr, level=level, json_lines=not sys.stderr.isatty())
    log.hide(app.all_secrets())
    return log
