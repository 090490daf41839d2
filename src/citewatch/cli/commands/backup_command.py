"""``citewatch backup``."""

from __future__ import annotations

from pathlib import Path

import click

from citewatch.cli.shared import Options


@click.command(name="backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite a backup that holds what is not here.")
@click.pass_context
def command(ctx: click.Context, *, file: Path, force: bool) -> None:
    """Write a consistent copy of the database to FILE, also while others write.

    The copy is opened and checked before it gets its name. An older backup of the same
    history is replaced; any other file is left alone.
    """
    from citewatch.cli.render.kept import contents_line
    from citewatch.services.keeping import back_up

    app = ctx.ensure_object(Options).app()
    click.echo(contents_line(back_up(app.keeper(), file, force=force)))
