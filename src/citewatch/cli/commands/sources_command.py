"""``citewatch sources``."""

from __future__ import annotations

import sys

import click

from citewatch.cli.shared import Options, console


@click.command(name="sources")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.pass_context
def command(ctx: click.Context, *, form: str) -> None:
    """Health of every source: last good answer, next allowed request, found and missing."""
    from citewatch.cli.render.sources import sources_json, sources_table
    from citewatch.services.health import source_health
    from citewatch.services.watchlist import IMPORTED

    options = ctx.ensure_object(Options)
    app = options.app()
    with app.reading() as store:
        watched = [
            w.number
            for w in app.watch(store).papers
            if w.number is not None and w.watchlists != (IMPORTED,)
        ]
        rows = [
            source_health(
                store, schedule, watched, now=app.now(),
                blocked=app.source(schedule.name, store).blocked() if schedule.enabled else None,
                key=app.has_key(schedule.name),
            )
            for schedule in app.schedules()
        ]  # fmt: skip
    if form == "json":
        sources_json(rows, sys.stdout)
    else:
        sources_table(rows, console())
