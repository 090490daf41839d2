"""``citewatch add``."""

from __future__ import annotations

import click

from citewatch.cli.shared import Options


@click.command(name="add")
@click.argument("refs", nargs=-1, required=True, metavar="REF...")
@click.option("--watchlist", metavar="NAME", help="Where to; begun if it does not exist.")
@click.pass_context
def command(ctx: click.Context, *, refs: tuple[str, ...], watchlist: str | None) -> None:
    """Watch more papers: REF is a publication list (a file), an identifier or a URL."""
    from citewatch.cli.adding import add_refs
    from citewatch.cli.render.understood import print_understood
    from citewatch.cli.render.words import plural

    options = ctx.ensure_object(Options)
    added = add_refs(options, refs, watchlist)
    for one in added.read:
        print_understood(one)
    for paper in added.papers:
        year = f" ({paper.year})" if paper.year else ""
        click.echo(f"added {paper.key}: {paper.title or paper.ids[0]}{year}")
    for line in added.notes:
        click.echo(line)
    papers = plural(len(added.papers), "paper")
    click.echo(f"{papers} added to the watchlist {added.watchlist!r}")
