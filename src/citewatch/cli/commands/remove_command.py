"""``citewatch remove``."""

from __future__ import annotations

import click

from citewatch.cli.shared import Options


@click.command(name="remove")
@click.argument("paper")
@click.pass_context
def command(ctx: click.Context, *, paper: str) -> None:
    """Stop watching PAPER (a key, an identifier or a piece of the title); keep its history."""
    from citewatch.cli.adding import remove_paper_everywhere

    options = ctx.ensure_object(Options)
    for line in remove_paper_everywhere(options, paper):
        click.echo(line)
