"""``citewatch check``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from citewatch.cli.shared import Options, console


@click.command(name="check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--write", is_flag=True, help="Rewrite stale badges in place; a backup is kept.")
@click.option("--allow-lower", is_flag=True, help="With --write or --diff: lower badges too.")
@click.option("--diff", is_flag=True, help="Print the change as a patch instead of the table.")
@click.option("--badges-only", is_flag=True, help="Suggest no badges where there are none.")
@click.option("--resolve", is_flag=True, help="Ask the sources about what is not watched.")
@click.option("--source", metavar="NAME", help="Only this source's counts speak.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    file: Path,
    write: bool,
    allow_lower: bool,
    diff: bool,
    badges_only: bool,
    resolve: bool,
    source: str | None,
    form: str,
) -> int:
    """Compare the badges in a publication list with what is known.

    No source is asked without --resolve. Ends with 1 when a badge is out of date, or one
    is earned that is not there.
    """
    if diff and form == "json":
        raise click.UsageError("--diff prints a patch; it goes without --format json.")
    if allow_lower and not (write or diff):
        raise click.UsageError("--allow-lower says what --write and --diff may do.")
    from citewatch.cli.checking import Wish, check_file
    from citewatch.cli.render.checked import checked_json, checked_table, print_patch, said

    options = ctx.ensure_object(Options)
    wish = Wish(
        path=file,
        write=write,
        patch=diff,
        allow_lower=allow_lower,
        source=source,
        badges_only=badges_only,
        resolve=resolve,
    )
    outcome = check_file(options.app(), wish)
    if diff:
        print_patch(outcome)
    elif form == "json":
        checked_json(outcome, sys.stdout)
    else:
        checked_table(outcome, console())
    for line in said(outcome, asked_to_write=write, patch=diff):
        options.hint(line)
    return 1 if outcome.is_stale else 0
