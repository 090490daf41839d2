"""``citewatch demo``."""

from __future__ import annotations

from pathlib import Path

import click

from citewatch.cli.shared import Options, console


@click.command(name="demo")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Leave everything in this folder.",
)
@click.option(
    "--days", type=click.IntRange(min=1, max=3650), default=730, show_default=True, metavar="N",
    help="Simulated days of polling.",
)  # fmt: skip
@click.pass_context
def command(ctx: click.Context, *, keep: Path | None, days: int) -> None:
    """Everything at once, without the network.

    A stand-in for the sources on this machine, a publication list of 53 papers, two years
    of simulated polling over real HTTP into a real database, then the report.
    """
    from citewatch.cli.demo import count_kinds, days_bar, folder_for, play
    from citewatch.cli.render.changes_table import changes_table
    from citewatch.cli.render.report_table import report_table
    from citewatch.cli.render.understood import print_understood
    from citewatch.services.log import find_changes
    from citewatch.services.report import build_report
    from citewatch.services.reported import ReportQuestion

    options = ctx.ensure_object(Options)
    with folder_for(keep) as folder:
        options.hint(f"a publication list of 53 papers, and {days} simulated days …")
        with days_bar(days, quiet=options.quiet) as tick:
            app, played = play(folder, days, tick=tick)
        print_understood(played.read)
        click.echo(
            f"  {played.placed.placed} of {played.placed.links} links placed with titles from arXiv"
        )
        click.echo(
            f"{played.days} days: {played.requests} requests answered by the stand-in; "
            f"on {played.failed_days} days a source was down or asked to be left alone\n"
        )
        with app.reading() as store:
            now = app.now()
            changes = find_changes(store)
            report = build_report(
                store,
                ReportQuestion(
                    papers=app.watch(store).papers,
                    sources=app.schedules(),
                    preferred=app.settings.preferred,
                    badge_for=app.ladder().highest_at,
                    above=app.ladder().above,
                    now=now,
                ),
            )
    report_table(report, console())
    click.echo(f"\n{len(changes)} changes: {count_kinds([c.change.kind for c in changes])}")
    click.echo("the last ones:\n")
    changes_table(changes[-12:], console())
    click.echo("\nThese counts are made up by the stand-in. What to look at next:")
    _next_steps(keep, played.port, played.world_start)


def _next_steps(keep: Path | None, port: int, start: int) -> None:
    if keep is None:
        click.echo("  citewatch demo --keep DIR     leaves all this in a folder to play with")
        click.echo("  citewatch init cv.txt         begins with your own list")
        return
    click.echo(f"  cd {keep}")
    click.echo("  citewatch report --as-of 2026-01-31   any past day as it was known then")
    click.echo("  citewatch changes --kind drop         what was lost")
    click.echo("  citewatch check publications.txt      badges of the list that are out of date")
    click.echo("  citewatch history zoo-zeroth          one paper over two years")
    click.echo("  citewatch sources                     how each source is doing")
    click.echo("  citewatch sync                        asks the stand-in, when it runs:")
    click.echo(f"    python -m citewatch.sandbox --port {port} --start {start} &")
