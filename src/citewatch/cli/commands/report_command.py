"""``citewatch report``."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from citewatch.cli.shared import Options, When, file_or_stdout, since_now, typed

_SORTS = ("citations", "delta", "per_year", "year", "claim", "title", "key", "list")
_WITHOUT_MOVES = ("table", "markdown")
"""Formats without room for acceleration and best months."""


@click.command(name="report")
@click.option("--watchlist", metavar="NAME", help="Only this list; else all, each paper once.")
@click.option("--since", type=When(spans=True), help="One more window for the deltas.")
@click.option("--as-of", type=When(), help="As it was known then (the end of that day, UTC).")
@click.option("--source", metavar="NAME", help="Only this source's counts.")
@click.option("--compare", is_flag=True, help="Source against source: the spread, and why.")
@click.option("--sort", type=click.Choice(_SORTS), default="citations", show_default=True)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="The first N papers.")
@click.option("--forecasts", is_flag=True, help="How well the forecasts of these papers did.")
@click.option(
    "--without-self", "no_self", is_flag=True, help="Leave out self-citations, where known."
)
@click.option(
    "--format", "form",
    type=click.Choice(["table", "json", "csv", "markdown", "html", "latex"]), default="table",
    show_default=True,
)  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    watchlist: str | None,
    since: int | None,
    as_of: int | None,
    source: str | None,
    compare: bool,
    sort: str,
    limit: int | None,
    no_self: bool,
    forecasts: bool,
    form: str,
    output: Path | None,
) -> None:
    """Citation trends of every watched paper."""
    from citewatch.cli.reporting import hint_at, print_report, read_report, tell_scores
    from citewatch.services.reported import ReportQuestion
    from citewatch.services.selection import on_watchlist

    if forecasts and (since, sort, limit, form in ("table", "json")) != (
        None, "citations", None, True,
    ):  # fmt: skip
        raise click.UsageError(
            "--forecasts goes with --watchlist, --source, --as-of, --output and "
            "--format table or json"
        )
    # What is read for ten thousand papers stays until the end: looking for garbage among it
    # would take a third of the time.
    gc.disable()
    ctx.call_on_close(gc.enable)
    options = ctx.ensure_object(Options)
    app = options.app()
    now = app.now()
    end = now if as_of is None else min(as_of, now)
    with app.reading() as store:
        question = ReportQuestion(
            papers=on_watchlist(app.watch(store).papers, watchlist, app.settings.watchlists),
            sources=app.schedules(), preferred=app.settings.preferred,
            badge_for=app.ladder().highest_at, above=app.ladder().above, now=now,
            as_of=as_of, watchlist=watchlist, since=since_now(since, end),
            since_label=typed(ctx, "since") or "since", source=source, sort=sort,
            limit=limit, compare=compare, moves=form not in _WITHOUT_MOVES, drawn=form == "html",
        )  # fmt: skip
        if forecasts:
            tell_scores(store, question, form=form, output=output)
            return
        report = read_report(app, store, question, no_self=no_self)
        asked = not report.never_asked or bool(store.runs())
    with file_or_stdout(output) as out:
        print_report(app, report, out, form=form)
    hint_at(options, report, question, asked=asked)
