"""``citewatch history``."""

from __future__ import annotations

import sys

import click

from citewatch.cli.shared import Options, console


@click.command(name="history")
@click.argument("paper")
@click.option("--source", metavar="NAME", help="Only this source.")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True,
)  # fmt: skip
@click.pass_context
def command(ctx: click.Context, *, paper: str, source: str | None, form: str) -> None:
    """One paper's counts over time: PAPER is a key, an identifier or a piece of the title."""
    from citewatch.cli.render.history import history_csv, history_json
    from citewatch.cli.render.history_table import history_table
    from citewatch.services.log import paper_history, with_past
    from citewatch.services.selection import ever_watched, stored_paper
    from citewatch.services.watchlist import find_paper

    options = ctx.ensure_object(Options)
    app = options.app()
    with app.reading() as store:
        watched = find_paper(paper, ever_watched(store, app.watch(store).papers))
        counting = [s.name for s in app.schedules() if s.counts]
        stored = stored_paper(store, watched)
        history = paper_history(store, stored, counting=counting, source=source)
        history = with_past(history, store, stored.number, source)
    match form:
        case "json":
            history_json(history, sys.stdout)
        case "csv":
            history_csv(history, sys.stdout)
        case _:
            history_table(history, console())
    if not any(series.points for series in history.series):
        options.hint("no source has answered about this paper yet: run 'citewatch sync'")
