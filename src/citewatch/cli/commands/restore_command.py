"""``citewatch restore``."""

from __future__ import annotations

from pathlib import Path

import click

from citewatch.cli.shared import Options


@click.command(name="restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Give up what the database holds and FILE does not.")
@click.pass_context
def command(ctx: click.Context, *, file: Path, force: bool) -> None:
    """Put the backup FILE in the place of the database, which is kept under another name.

    FILE is checked first. Refuses while anybody uses the database, and to lose newer
    readings, changes or decisions without --force. What was announced is not announced again.
    """
    from citewatch.cli.render.kept import restored_lines

    app = ctx.ensure_object(Options).app()
    done = app.restore(file, force=force, who="citewatch restore")
    for line in restored_lines(done, str(app.keeper().path)):
        click.echo(line)
