"""``citewatch read``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from citewatch.cli.shared import Options, console


@click.command(name="read")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.pass_context
def command(ctx: click.Context, *, file: Path, form: str) -> None:
    """Show what is understood of a publication list, entry by entry; change nothing."""
    from citewatch.cli.render.entries import entries_json, entries_table
    from citewatch.intake import read_list

    options = ctx.ensure_object(Options)
    read = read_list(file)
    if form == "json":
        entries_json(read, sys.stdout)
    else:
        entries_table(read, console())
    for note in read.notes:
        options.hint(f"{file}: {note}")
