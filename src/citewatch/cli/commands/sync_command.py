"""``citewatch sync``."""

from __future__ import annotations

import sys

import click

from citewatch.cli.shared import Options, console


@click.command(name="sync")
@click.option("--source", "names", metavar="NAME", multiple=True, help="Only this one; repeats.")
@click.option("--force", is_flag=True, help="Ignore the schedule (never 'leave me alone until').")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.pass_context
def command(ctx: click.Context, *, names: tuple[str, ...], force: bool, form: str) -> int:
    """One polite pass over everything that is due; then what changed is told."""
    from citewatch.cli.delivering import deliver_after
    from citewatch.cli.passing import pass_over
    from citewatch.cli.render.passed import exit_code, pass_json, pass_table
    from citewatch.services.desk import Scope

    options = ctx.ensure_object(Options)
    app = options.app()
    for name, why in app.broken_plugins().items():
        options.hint(f"the source {name!r} of another package is left out: {why}")
    passed = pass_over(app, options, Scope(force=force), only=names, who="citewatch sync")
    off = [s for s in app.schedules() if not s.enabled and (not names or s.name in names)]
    if form == "json":
        pass_json(passed.result, [s.name for s in off], sys.stdout)
    else:
        # What nobody asked for is no news: 'citewatch sources' lists all there is.
        meant = [s.name for s in off if names or s.switched]
        pass_table(passed.result, meant, console())
    deliver_after(app, options)
    return exit_code(passed.result)
