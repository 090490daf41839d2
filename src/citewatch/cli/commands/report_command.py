"""``citewatch report``."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from citewatch.cli.shared import Options, When, console, file_or_stdout, since_now, typed

if TYPE_CHECKING:
    from citewatch.ports import Store
    from citewatch.services.reported import ReportQuestion

_SORTS = ("citations", "delta", "per_year", "year", "claim", "title", "key", "list")
_WITHOUT_MOVES = ("table", "markdown")
"""Formats without room for acceleration and best months."""


@click.command(name="report")
@click.option("--watchlist", metavar="NAME", help="Only this list; else all, each paper once.")
@click.option("--since", type=When(spans=True), help="One more window for the deltas.")
@click.option("--as-of", type=When(), help="As it was known then (the end of that day, UTC).")
@click.option("--source", metavar="NAME", help="Only this source's counts.")
@click.option("--compare", is_flag=True, help="Source against source: the spread, and why.")
@click.option("--sort", type=click.Choice(_SORTS), default="citations", show_default=True)
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="The first N papers.")
@click.option("--forecasts", is_flag=True, help="How well the forecasts of these papers did.")
@click.option(
    "--without-self", "no_self", is_flag=True, help="Leave out self-citations, where known."
)
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv", "markdown"]), default="table",
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
    compare: bool,
    sort: str,
    limit: int | None,
    no_self: bool,
    forecasts: bool,
    form: str,
    output: Path | None,
) -> None:
    """Citation trends of every watched paper."""
    from citewatch.cli.render.report_data import report_csv, report_json, report_markdown
    from citewatch.cli.render.report_table import report_table
    from citewatch.services.report import build_report
    from citewatch.services.reported import ReportQuestion
    from citewatch.services.selection import on_watchlist
    from citewatch.services.selves import read_selves
    from citewatch.services.without_self import in_words, without_self

    if forecasts and (since, sort, limit, form in ("table", "json")) != (
        None, "citations", None, True,
    ):  # fmt: skip
        raise click.UsageError(
            "--forecasts goes with --watchlist, --source, --as-of, --output and "
            "--format table or json"
        )
    # What is read for ten thousand papers stays until the end: looking for garbage among it
    # would take a third of the time.
    gc.disable()
    ctx.call_on_close(gc.enable)
    options = ctx.ensure_object(Options)
    app = options.app()
    now = app.now()
    end = now if as_of is None else min(as_of, now)
    with app.reading() as store:
        question = ReportQuestion(
            papers=on_watchlist(app.watch(store).papers, watchlist, app.settings.watchlists),
            sources=app.schedules(), preferred=app.settings.preferred,
            badge_for=app.ladder().highest_at, above=app.ladder().above, now=now,
            as_of=as_of, watchlist=watchlist, since=since_now(since, end),
            since_label=typed(ctx, "since") or "since", source=source, sort=sort,
            limit=None if no_self else limit, compare=compare, moves=form not in _WITHOUT_MOVES,
        )  # fmt: skip
        if forecasts:
            _tell_scores(store, question, form=form, output=output)
            return
        report = build_report(store, question)
        if no_self:
            named = {n: w for n, w in app.author_names.items() if watchlist in (None, n)}
            selves = read_selves(store, question.papers, named)
            report = without_self(report, store, selves, present=end == now, sort=sort, limit=limit)
        asked = not report.never_asked or bool(store.runs())
    if no_self:
        options.hint(in_words(report))
    with file_or_stdout(output) as out:
        match form:
            case "json":
                report_json(report, out)
            case "csv":
                report_csv(report, out)
            case "markdown":
                report_markdown(report, out)
            case _:
                report_table(report, console(out))
    if not report.papers and question.papers and limit is None:
        options.hint("no paper of the list was known on that day")
    elif not report.papers and limit is None:
        options.hint("nothing is watched yet: 'citewatch add cv.txt' or an arXiv id")
    elif not asked:
        options.hint("no source has been asked yet: run 'citewatch sync'")


def _tell_scores(store: Store, question: ReportQuestion, *, form: str, output: Path | None) -> None:
    """What ``--forecasts`` prints."""
    from citewatch.cli.render.forecast_scores import scores_json, scores_table
    from citewatch.services.forecast_scores import score_forecasts

    scores = score_forecasts(store, question)
    with file_or_stdout(output) as out:
        if form == "json":
            scores_json(scores, out)
        else:
            scores_table(scores, console(out))
