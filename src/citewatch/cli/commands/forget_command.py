"""``citewatch forget``."""

from __future__ import annotations

import click

from citewatch.cli.shared import Options


@click.command(name="forget")
@click.argument("paper")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(ctx: click.Context, *, paper: str, yes: bool) -> None:
    """Stop watching PAPER and delete everything that was ever seen of it.

    PAPER is a key, an identifier or a piece of the title. There is no way back but a backup.
    """
    from citewatch.cli.forgetting import forget_paper

    for line in forget_paper(ctx.ensure_object(Options), paper, yes=yes):
        click.echo(line)
