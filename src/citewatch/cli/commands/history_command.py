"""``citewatch history``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from citewatch.cli.shared import Options, console, whole_file

if TYPE_CHECKING:
    from citewatch.bootstrap import App
    from citewatch.ports import Store
    from citewatch.services.reported import Report
    from citewatch.services.watchlist import WatchedPaper


def _picture(_ctx: click.Context, _param: click.Parameter, path: Path | None) -> Path | None:
    """A file whose name says what is to be drawn into it."""
    if path is not None and path.suffix.lower() not in (".svg", ".png"):
        raise click.BadParameter(f"{str(path)!r}: expected a name that ends in .svg or .png")
    return path


@click.command(name="history")
@click.argument("paper")
@click.option("--source", metavar="NAME", help="Only this source.")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True,
)  # fmt: skip
@click.option(
    "--plot", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", callback=_picture,
    help="Draw a chart into FILE.svg or FILE.png instead.",
)  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context, *, paper: str, source: str | None, form: str, plot: Path | None
) -> None:
    """One paper's counts over time: PAPER is a key, an identifier or a piece of the title."""
    from citewatch.cli.render.history import history_csv, history_json
    from citewatch.services.log import paper_history, with_past
    from citewatch.services.selection import ever_watched, stored_paper
    from citewatch.services.watchlist import find_paper

    options = ctx.ensure_object(Options)
    app = options.app()
    out = console()
    drawn = None
    with app.reading() as store:
        watched = find_paper(paper, ever_watched(store, app.watch(store).papers))
        counting = [s.name for s in app.schedules() if s.counts]
        stored = stored_paper(store, watched)
        history = paper_history(store, stored, counting=counting, source=source)
        history = with_past(history, store, stored.number, source)
        if plot is not None or (form == "table" and out.is_terminal):
            drawn = _drawn(app, store, watched, source)
    if plot is not None and drawn is not None:
        from citewatch.cli.render.plot import plot_bytes

        whole_file(plot, plot_bytes(drawn, plot, app.ladder()))
        options.hint(f"wrote {plot}")
        return
    match form:
        case "json":
            history_json(history, sys.stdout)
        case "csv":
            history_csv(history, sys.stdout)
        case _:
            from citewatch.cli.render.history_table import history_table
            from citewatch.cli.render.plot import print_chart

            chart = None
            if drawn is not None:
                chart = partial(print_chart, report=drawn, ladder=app.ladder(), console=out)
            history_table(history, out, chart)
    if not any(series.points for series in history.series):
        options.hint("no source has answered about this paper yet: run 'citewatch sync'")


def _drawn(app: App, store: Store, watched: WatchedPaper, source: str | None) -> Report:
    """A report of this paper alone, with the lines of its counts."""
    from citewatch.services.report import build_report
    from citewatch.services.reported import ReportQuestion

    return build_report(
        store,
        ReportQuestion(
            papers=[watched], sources=app.schedules(), preferred=app.settings.preferred,
            badge_for=app.ladder().highest_at, now=app.now(), source=source, drawn=True,
        ),
    )  # fmt: skip
