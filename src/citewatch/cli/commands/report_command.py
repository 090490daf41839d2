"""``citewatch report``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from citewatch import __version__
from citewatch.cli.shared import Options, When, console, file_or_stdout, since_now, typed

if TYPE_CHECKING:
    from citewatch.bootstrap import App

_SORTS = ("citations", "delta", "per_year", "year", "claim", "title", "key", "list")


@click.command(name="report")
@click.option("--watchlist", metavar="NAME", help="Only this list; else all, each paper once.")
@click.option("--since", type=When(spans=True), help="One more window for the deltas.")
@click.option("--as-of", type=When(), help="As it was known then (the end of that day, UTC).")
@click.option("--source", metavar="NAME", help="Only this source's counts.")
@click.option("--sort", type=click.Choice(_SORTS), default="citations", show_default=True)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="The first N papers.")
@click.option(
    "--format", "form",
    type=click.Choice(["table", "json", "csv", "markdown", "html", "latex"]), default="table",
    show_default=True,
)  # fmt: skip
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.pass_context
def command(
    ctx: click.Context,
    *,
    watchlist: str | None,
    since: int | None,
    as_of: int | None,
    source: str | None,
    sort: str,
    limit: int | None,
    form: str,
    output: Path | None,
) -> None:
    """Citation trends of every watched paper."""
    from citewatch.cli.render.report_data import report_csv, report_json, report_markdown
    from citewatch.cli.render.report_table import report_table
    from citewatch.services.report import build_report
    from citewatch.services.reported import ReportQuestion
    from citewatch.services.selection import on_watchlist

    options = ctx.ensure_object(Options)
    app = options.app()
    now = app.now()
    end = now if as_of is None else min(as_of, now)
    with app.reading() as store:
        question = ReportQuestion(
            papers=on_watchlist(app.watch(store).papers, watchlist, app.settings.watchlists),
            sources=app.schedules(), preferred=app.settings.preferred,
            badge_for=app.ladder().highest_at, now=now, as_of=as_of, watchlist=watchlist,
            since=since_now(since, end), since_label=typed(ctx, "since") or "since",
            source=source, sort=sort, limit=limit, drawn=form == "html",
        )  # fmt: skip
        report = build_report(store, question)
        asked = bool(store.runs())
    with file_or_stdout(output) as out:
        match form:
            case "json":
                report_json(report, out)
            case "csv":
                report_csv(report, out)
            case "markdown":
                report_markdown(report, out)
            case "latex":
                from citewatch.cli.render.report_latex import report_latex

                report_latex(report, out, title=_whose(app, watchlist))
            case "html":
                # Templates and charts cost 60 ms that no other format needs.
                from citewatch.cli.render.page import Setting, report_html

                setting = Setting(
                    title=_whose(app, watchlist), ladder=app.ladder(), version=__version__
                )
                report_html(report, out, setting)
            case _:
                report_table(report, console(out))
    if not report.papers and limit is None:
        options.hint("nothing is watched yet: 'citewatch add cv.txt' or an arXiv id")
    elif report.never_asked and not asked:
        options.hint("no source has been asked yet: run 'citewatch sync'")


def _whose(app: App, watchlist: str | None) -> str:
    """The title of the list that is reported, "" for several of them."""
    lists = app.settings.watchlists
    names = list(lists) if watchlist is None else [watchlist]
    if len(names) != 1:
        return ""
    return lists[names[0]].title if names[0] in lists else names[0]
