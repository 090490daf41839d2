"""``citewatch init``."""

from __future__ import annotations

from pathlib import Path

import click

from citewatch.cli.shared import Options


@click.command(name="init")
@click.argument("lists", nargs=-1, type=click.Path(path_type=Path), metavar="[LIST]...")
@click.pass_context
def command(ctx: click.Context, *, lists: tuple[Path, ...]) -> None:
    """Write a commented config.toml here, its watchlist named after the first LIST."""
    from citewatch.cli.render.understood import print_understood
    from citewatch.cli.render.words import plural
    from citewatch.config import initial_config, write_config
    from citewatch.services.enlist import enlist, list_name

    options = ctx.ensure_object(Options)
    path = options.config or Path("config.toml")
    if path.exists() or path.is_symlink():
        from citewatch.errors import InputError

        raise InputError(
            f"{path} exists and is left alone",
            remedy="'citewatch add LIST' adds to it; or remove it first",
        )
    from citewatch.intake import read_list

    read = [read_list(name) for name in lists]
    enlisted = enlist(read, known=(), watched=())
    name = list_name(lists[0]) if lists else "papers"
    text = initial_config(name, name, enlisted.papers, enlisted.pages)
    write_config(path, text, expected=None)
    for one in read:
        print_understood(one)
    papers = plural(len(enlisted.papers), "paper")
    click.echo(f"wrote {path}: {papers} in the watchlist {name!r}")
    for line in enlisted.doubles:
        click.echo(line)
    options.hint("next: put your e-mail address into it, then 'citewatch sync'")
