"""Run a pass for a command: the lock, the store, the sources, the progress."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import click

from citewatch.bootstrap import App
from citewatch.cli.shared import Options, console
from citewatch.ports import Store
from citewatch.services.desk import Desk, PassResult, Scope
from citewatch.services.passes import run_pass
from citewatch.services.placing import Placed, Placer
from citewatch.services.polling import Progress
from citewatch.services.resolve import decide, parse_choice
from citewatch.services.watchlist import find_paper, note_listed_ids, save


@dataclass(frozen=True, slots=True)
class Passed:
    """A pass with what is to be said about it."""

    result: PassResult
    placed: Placed


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
    with app.writing(who) as store:
        if anew:
            click.echo(anew, err=True)
        with _progress(options) as progress:
            passed = asyncio.run(
                one_pass(
                    app,
                    store,
                    scope,
                    only=only,
                    words=words,
                    accept=accept,
                    reject=reject,
                    progress=progress,
                    say=options.hint,
                )
            )
        # Said with --quiet too: a backup that fails is an error, and is said once.
        for news in app.keep_house(store):
            click.echo(news, err=True)
        return passed


async def one_pass(
    app: App,
    store: Store,
    scope: Scope,
    *,
    only: Sequence[str] = (),
    words: Sequence[str] = (),
    accept: Sequence[str] = (),
    reject: Sequence[str] = (),
    progress: Progress = lambda _source, _done, _total: None,
    say: Callable[[str], None] = lambda _message: None,
) -> Passed:
    """A pass over an open store: lists read again, decisions taken in, sources asked."""
    now = app.now()
    watch = app.watch(store)
    for text in (*accept, *reject):
        parse_choice(text, watch.papers, accept=True)  # a mistake must change nothing
    for word in words:
        find_paper(word, watch.papers)
    watch, news = save(watch, store, now=now)
    for problem in news:
        say(problem)
    names = [schedule.name for schedule in app.schedules()]
    changed = note_listed_ids(watch, store, names, now=now)
    sources = app.sources(store, only)
    try:
        choices = [parse_choice(text, watch.papers, accept=True) for text in accept]
        choices += [parse_choice(text, watch.papers, accept=False) for text in reject]
        chosen = [find_paper(word, watch.papers) for word in words]
        decide(choices, store, [source for source, _ in sources], now=now)
        chosen += [choice.paper for choice in choices]
        if chosen:
            scope = replace(scope, papers=frozenset(w.number for w in chosen if w.number))
        if changed or choices:
            watch = app.watch(store)
        placer = Placer(watch, store, now=now)
        desk = Desk(
            store=store, clock=app.clock, watch=watch, sources=sources, progress=progress,
            preferred=app.settings.preferred,
        )  # fmt: skip
        result = await run_pass(desk, scope, placer.place)
    finally:
        for source, _ in sources:
            await source.aclose()
    return Passed(result, placer.result())


@contextmanager
def _progress(options: Options) -> Iterator[Progress]:
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
