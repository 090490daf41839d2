"""``citewatch resolve``."""

from __future__ import annotations

import sys

import click

from citewatch.cli.shared import Options, console


@click.command(name="resolve")
@click.argument("papers", nargs=-1, metavar="[PAPER]...")
@click.option("--accept", metavar="PAPER=ID", multiple=True, help="This identifier is the paper.")
@click.option("--reject", metavar="PAPER=ID", multiple=True, help="This one is not.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.pass_context
def command(
    ctx: click.Context,
    *,
    papers: tuple[str, ...],
    accept: tuple[str, ...],
    reject: tuple[str, ...],
    form: str,
) -> int:
    """Find each paper at each source, from its identifiers, else by title.

    What is certain is accepted, the rest is shown with scores. Decisions are remembered.
    """
    from citewatch.cli.passing import pass_over
    from citewatch.cli.render.passed import exit_code
    from citewatch.cli.render.resolved import resolved_json, resolved_table
    from citewatch.services.desk import Scope
    from citewatch.services.resolve import identities
    from citewatch.services.watchlist import IMPORTED, find_paper

    options = ctx.ensure_object(Options)
    app = options.app()
    scope = Scope(trigger="resolve", thorough=True, only_new=True)
    passed = pass_over(
        app, options, scope, words=papers, accept=accept, reject=reject, who="citewatch resolve"
    )
    with app.reading() as store:
        watched = [w for w in app.watch(store).papers if w.watchlists != (IMPORTED,)]
        chosen = [find_paper(words, watched) for words in papers] or watched
        names = [s.name for s in app.schedules() if s.enabled]
        rows = identities(chosen, store, names)
    if form == "json":
        resolved_json(rows, passed, sys.stdout)
    else:
        resolved_table(rows, passed, console(), verbose=options.verbose or bool(papers))
    return exit_code(passed.result)
