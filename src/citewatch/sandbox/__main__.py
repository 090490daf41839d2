"""``python -m citewatch.sandbox``: the stand-in as a process of its own, for programs."""

from __future__ import annotations

import sys

import click

from citewatch.sandbox.arguments import Asked, sandbox_options, serve


@click.command()
@sandbox_options
def main(asked: Asked) -> None:
    """Serve until SIGTERM or Ctrl-C; prints the port on one line when ready."""
    try:
        serve(asked, lambda box: click.echo(str(box.port)))
    except OSError as error:
        click.echo(f"cannot listen on port {asked.port}: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main(prog_name="python -m citewatch.sandbox")
