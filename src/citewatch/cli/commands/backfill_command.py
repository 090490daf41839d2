"""``citewatch backfill``."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from citewatch.cli.shared import Options, console

if TYPE_CHECKING:
    from citewatch.bootstrap import App
    from citewatch.ports import Store

_WHO = "citewatch backfill"


@click.command(name="backfill")
@click.argument("papers", nargs=-1, metavar="[PAPER]...")
@click.pass_context
def command(ctx: click.Context, *, papers: tuple[str, ...]) -> int:
    """Reconstruct the past of papers from the dates of the works that cite them.

    Without PAPER whatever is due: papers that were never looked at, and those whose count
    has moved since. With PAPER these papers, whole and anew.
    """
    from citewatch.cli.delivering import deliver_after
    from citewatch.cli.passing import progress_bars
    from citewatch.cli.render.past import backfill_exit_code, backfill_table
    from citewatch.services.backfill import Plan, backfill
    from citewatch.services.whole_pass import take_in

    options = ctx.ensure_object(Options)
    app = options.app()
    with _store(app) as (store, alone):
        if alone:
            for problem in take_in(app, store)[1]:
                options.hint(problem)
        else:
            options.hint("the daemon holds the database; this goes on beside it")
        plan = Plan(words=papers, deep=True, seize=alone)
        with progress_bars(options) as progress:
            done = asyncio.run(backfill(app, store, plan, progress))
        numbers = {one.paper for one in done.looked} | {paper for paper, _ in done.uncounted}
        keys = {p.number: p.paper.key for p in store.papers() if p.number in numbers}
        made = store.past().reconstructions(list(numbers))
        backfill_table(done, keys, made, console(), named=bool(papers))
    if not done.sources:
        options.hint("no source that is switched on lists citing works")
    elif all(source.blocked for source in done.sources):
        options.hint("no source that lists citing works can be asked: see 'citewatch sources'")
    if done.changes:
        deliver_after(app, options)
    return backfill_exit_code(done)


@contextmanager
def _store(app: App) -> Iterator[tuple[Store, bool]]:
    """The store, and whether nobody else writes; beside a daemon where one holds it."""
    from contextlib import ExitStack

    from citewatch.cli.asking import is_daemon
    from citewatch.errors import Busy

    with ExitStack() as stack:
        try:
            store, alone = stack.enter_context(app.writing(_WHO)), True
        except Busy as busy:
            if not is_daemon(busy):
                raise
            store, alone = stack.enter_context(app.beside()), False
        yield store, alone
