"""``citewatch import-history``."""

from __future__ import annotations

from pathlib import Path

import click

from citewatch.cli.shared import Options, console


@click.command(name="import-history")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--adopt", is_flag=True, help="Keep papers that are not watched, under their text.")
@click.option(
    "--columns", metavar="paper=…,count=…", help="Names of the columns paper, source, date, count."
)
@click.option("--skip-bad", is_flag=True, help="Name bad lines and import the others.")
@click.pass_context
def command(
    ctx: click.Context, *, file: Path, adopt: bool, columns: str | None, skip_bad: bool
) -> int:
    """Take in counts that another tool saw: CSV with paper,source,date,count (also gzip)."""
    from citewatch.cli.render.changes_table import changes_table
    from citewatch.cli.render.words import plural
    from citewatch.services.history_file import parse_columns, read_history
    from citewatch.services.import_history import import_history
    from citewatch.services.watchlist import note_listed_ids, save

    options = ctx.ensure_object(Options)
    app = options.app()
    now = app.now()
    read = read_history(file, parse_columns(columns or ""), now=now)
    with app.writing("citewatch import-history") as store:
        watch, _ = save(app.watch(store), store, now=now)
        note_listed_ids(watch, store, [s.name for s in app.schedules()], now=now)
        done = import_history(
            read, store, watch.papers, path=file, rules=app.rules, now=now, adopt=adopt,
            skip_bad=skip_bad,
        )  # fmt: skip
    for problem in done.skipped:
        click.echo(f"{file}: {problem}: skipped", err=True)
    adopted = f" ({done.adopted} adopted into 'imported')" if done.adopted else ""
    click.echo(
        f"{plural(done.points, 'count')} of {plural(done.papers, 'paper')}{adopted}: "
        f"{done.stored} stored, "
        f"{done.points - done.stored} known already or unchanged"
    )
    if done.changes:
        changes_table(done.changes, console())
    return 3 if done.skipped else 0
