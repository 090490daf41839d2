"""``citewatch run``."""

from __future__ import annotations

import signal
import sys

import click

from citewatch.cli.shared import Options, Span


@click.command(name="run")
@click.option("--host", metavar="H", help="Where the pages are asked for; else 'host' of [web].")
@click.option(
    "--port", type=click.IntRange(0, 65_535), metavar="P",
    help="At this port; 0 for nowhere; else 'port' of [web].",
)  # fmt: skip
@click.option("--no-web", is_flag=True, help="Only /healthz and /metrics.")
@click.option(
    "--once-per", "once_per", type=Span(), metavar="SPAN",
    help="One pass if the last good one is that long ago (12h, 1d), then end.",
)  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context, *, host: str | None, port: int | None, no_web: bool, once_per: int | None
) -> int:
    """Run until SIGTERM or Ctrl-C: ask what is due, do what 'sync' asks for, tell how it is."""
    del no_web  # there are no other pages yet
    # Whoever ends it while it still begins has lost nothing either.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    options = ctx.ensure_object(Options)
    from citewatch.cli import running

    if once_per is None:
        return running.run_for_ever(options, host=host, port=port)
    if host is not None or port is not None:
        raise click.UsageError("--once-per ends after the pass: no --host and --port", ctx)
    return running.run_once(options, once_per)
