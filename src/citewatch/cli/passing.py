"""Run a pass for a command: here, or by asking the daemon where it holds the database."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import click

from citewatch.bootstrap import App
from citewatch.cli.asking import ask_daemon, is_daemon
from citewatch.cli.render.words import short_name
from citewatch.cli.shared import Options, console
from citewatch.errors import Busy
from citewatch.ports import Store
from citewatch.services.backfill import PASS_REQUESTS, PASS_SECONDS, Plan, backfill, in_words
from citewatch.services.desk import Scope
from citewatch.services.polling import Progress
from citewatch.services.whole_pass import Passed, one_pass


def pass_over(
    app: App,
    options: Options,
    scope: Scope,
    *,
    who: str,
    only: Sequence[str] = (),
    words: Sequence[str] = (),
    accept: Sequence[str] = (),
    reject: Sequence[str] = (),
) -> Passed:
    """One pass over the sources, with the user's decisions taken in before it."""
    anew = app.fresh_start()
    try:
        with app.writing(who) as store:
            if anew:
                click.echo(anew, err=True)
            with progress_bars(options) as progress:
                passed = asyncio.run(
                    one_pass(
                        app, store, scope, only=only, words=words, accept=accept, reject=reject,
                        progress=progress, say=options.hint,
                    )
                )  # fmt: skip
                if scope.trigger == "sync":
                    passed = asyncio.run(
                        _look_back(app, store, passed, options, tuple(only), progress)
                    )
            # Said with --quiet too: a backup that fails is an error, and is said once.
            for news in app.keep_house(store):
                click.echo(news, err=True)
            return passed
    except Busy as busy:
        if not is_daemon(busy):
            raise
        return ask_daemon(
            app, options, scope, busy, who=who, only=only, words=words, accept=accept,
            reject=reject,
        )  # fmt: skip


async def _look_back(
    app: App,
    store: Store,
    passed: Passed,
    options: Options,
    only: tuple[str, ...],
    progress: Progress,
) -> Passed:
    """After the counts: a few lists of citing works that are due; their news join the pass's."""
    plan = Plan(only=only, requests=PASS_REQUESTS, seconds=PASS_SECONDS, seize=True)
    done = await backfill(
        app, store, plan, lambda name, *done: progress(f"cites {short_name(name)}", *done)
    )
    if words := in_words(done):
        options.detail(f"who cites: {words}")
    if not done.changes:
        return passed
    changes = (*passed.result.changes, *done.changes)
    return replace(passed, result=replace(passed.result, changes=changes))


@contextmanager
def progress_bars(options: Options) -> Iterator[Progress]:
    """A bar for each source, on a terminal only."""
    if options.quiet or not sys.stderr.isatty():
        yield lambda _source, _done, _total: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(),
    )  # fmt: skip
    with Bars(*columns, console=console(sys.stderr), transient=True) as bars:
        tasks = {}

        def show(source: str, done: int, total: int) -> None:
            if source not in tasks:
                tasks[source] = bars.add_task(source, total=total)
            bars.update(tasks[source], completed=done, total=max(done, total))

        yield show
