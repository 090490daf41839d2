"""``citewatch export``."""

from __future__ import annotations

from pathlib import Path

import click

from citewatch.cli.shared import Options

_KINDS = (
    "csv", "json", "parquet", "bibtex", "latex-macros", "badges", "feed", "al-folio",
    "scholar-json",
)  # fmt: skip


@click.command(name="export")
@click.argument("kind", type=click.Choice(_KINDS))
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="PATH",
    help="A file, or for badges and scholar-json a folder; else standard output, or a folder "
    "named like the kind.",
)  # fmt: skip
@click.option("--watchlist", metavar="NAME", help="Only this list; else all, each paper once.")
@click.option(
    "--history", is_flag=True, help="Every reading there ever was (csv, json and parquet)."
)
@click.pass_context
def command(
    ctx: click.Context, *, kind: str, output: Path | None, watchlist: str | None, history: bool
) -> None:
    """Write what is known in a form that other programs read.

    KIND is csv, json, parquet, bibtex, latex-macros, badges, feed, al-folio or scholar-json.
    The same counts give the same bytes, and a file that would not change is left alone.
    """
    from citewatch.cli.exporting import export, put

    options = ctx.ensure_object(Options)
    if history and kind not in ("csv", "json", "parquet"):
        raise click.UsageError(f"--history goes with csv, json and parquet, not with {kind}", ctx)
    made = export(options.app(), kind, watchlist=watchlist, history=history)
    for line in put(made, kind, output):
        options.hint(line)
    if made.empty:
        options.hint("no count is known yet: run 'citewatch sync'")
