"""``citewatch list``."""

from __future__ import annotations

import sys

import click

from citewatch.cli.shared import Options, console


@click.command(name="list")
@click.option("--watchlist", metavar="NAME", help="Only this list.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.pass_context
def command(ctx: click.Context, *, watchlist: str | None, form: str) -> None:
    """Show what is watched, with keys and identifiers."""
    from citewatch.cli.render.watched import watched_json, watched_table
    from citewatch.services.selection import on_watchlist, shown_titles

    options = ctx.ensure_object(Options)
    app = options.app()
    with app.reading() as store:
        watch = app.watch(store)
        papers = on_watchlist(watch.papers, watchlist, app.settings.watchlists)
        titles = shown_titles(store, papers)
    if form == "json":
        watched_json(papers, titles, sys.stdout)
    else:
        watched_table(papers, titles, console())
    for problem in watch.problems:
        options.hint(problem)
    if not papers:
        options.hint("nothing is watched yet: 'citewatch add cv.txt' or an arXiv id")
