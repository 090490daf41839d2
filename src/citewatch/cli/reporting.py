"""A report: read, printed in the form that was asked for, and what is said beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TextIO

from citewatch import __version__
from citewatch.bootstrap import App
from citewatch.cli.shared import Options, console, file_or_stdout
from citewatch.ports import Store
from citewatch.services.report import build_report
from citewatch.services.reported import Report, ReportQuestion

# Imports inside functions: each form needs only its own, and they cost up to 60 ms.


def read_report(app: App, store: Store, question: ReportQuestion, *, no_self: bool) -> Report:
    """The report, with ``no_self`` of what is known without self-citations."""
    if not no_self:
        return build_report(store, question)
    from citewatch.services.selves import read_selves
    from citewatch.services.without_self import without_self

    # Who is first without self-citations is known only when all were looked at.
    report = build_report(store, replace(question, limit=None))
    wanted = {
        name: names
        for name, names in app.author_names.items()
        if question.watchlist in (None, name)
    }
    selves = read_selves(store, question.papers, wanted)
    present = question.as_of is None or question.as_of >= question.now
    return without_self(
        report, store, selves, present=present, sort=question.sort, limit=question.limit
    )


def print_report(app: App, report: Report, out: TextIO, *, form: str) -> None:
    """Print the report as ``table``, ``json``, ``csv``, ``markdown``, ``latex`` or ``html``."""
    match form:
        case "table":
            from citewatch.cli.render.report_table import report_table

            report_table(report, console(out))
        case "latex":
            from citewatch.cli.render.report_latex import report_latex

            report_latex(report, out, title=_whose(app, report.watchlist))
        case "html":
            from citewatch.cli.render.page import Setting, report_html

            whose = _whose(app, report.watchlist)
            report_html(report, out, Setting(title=whose, ladder=app.ladder(), version=__version__))
        case _:
            from citewatch.cli.render import report_data

            forms = {
                "json": report_data.report_json,
                "csv": report_data.report_csv,
                "markdown": report_data.report_markdown,
            }
            forms[form](report, out)


def hint_at(options: Options, report: Report, question: ReportQuestion, *, asked: bool) -> None:
    """Say to the person what the report itself does not say."""
    if report.without_self:
        from citewatch.services.without_self import in_words

        options.hint(in_words(report))
    if not report.papers and question.papers and question.limit is None:
        options.hint("no paper of the list was known on that day")
    elif not report.papers and question.limit is None:
        options.hint("nothing is watched yet: 'citewatch add cv.txt' or an arXiv id")
    elif not asked:
        options.hint("no source has been asked yet: run 'citewatch sync'")


def tell_scores(store: Store, question: ReportQuestion, *, form: str, output: Path | None) -> None:
    """What ``--forecasts`` prints."""
    from citewatch.cli.render.forecast_scores import scores_json, scores_table
    from citewatch.services.forecast_scores import score_forecasts

    scores = score_forecasts(store, question)
    with file_or_stdout(output) as out:
        if form == "json":
            scores_json(scores, out)
        else:
            scores_table(scores, console(out))


def _whose(app: App, watchlist: str | None) -> str:
    """The title of the list that is reported, "" for several of them."""
    lists = app.settings.watchlists
    names = list(lists) if watchlist is None else [watchlist]
    if len(names) != 1:
        return ""
    return lists[names[0]].title if names[0] in lists else names[0]
