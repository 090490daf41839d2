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

    options = ctx.ensure_object(Options)
    app = options.app()
    with app.reading() as store:
        rows = [health for health, _ in app.health(store, app.watch(store))]
    for name, why in app.broken_plugins().items():
        options.hint(f"the source {name!r} of another package is left out: {why}")
    if form == "json":
        sources_json(rows, sys.stdout)
    else:
        sources_table(rows, console())
