"""``citewatch changes``."""

from __future__ import annotations

import sys

import click

from citewatch.cli.shared import Options, When, console, since_now

_KINDS = (
    "milestone", "milestone_lost", "drop", "version", "accepted", "rejected", "withdrawn",
    "published", "retitled", "retracted", "corrected", "merged", "split", "lost", "found",
    "citing", "source_down", "source_up", "source_fault", "source_stalled", "channel_down",
    "channel_up", "claim_stale",
)  # fmt: skip


@click.command(name="changes")
@click.option("--since", type=When(spans=True), help="From then on.")
@click.option("--until", type=When(spans=True), help="Up to then.")
@click.option(
    "--kind", "kinds", type=click.Choice(_KINDS), multiple=True, help="Only this kind; repeats."
)
@click.option("--paper", metavar="PAPER", help="Only this paper.")
@click.option("--why", metavar="ID", type=int, help="The readings that led to this change.")
@click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv", "markdown"]), default="table",
    show_default=True,
)  # fmt: skip
@click.pass_context
def command(
    ctx: click.Context,
    *,
    since: int | None,
    until: int | None,
    kinds: tuple[str, ...],
    paper: str | None,
    why: int | None,
    form: str,
) -> None:
    """The log of what changed, oldest first."""
    if why is not None:
        _explain(ctx, why, form, filtered=bool(since or until or kinds or paper))
        return
    from citewatch.cli.render.changes import changes_csv, changes_json, changes_markdown
    from citewatch.cli.render.changes_table import changes_table
    from citewatch.domain.papers import Kind
    from citewatch.services.log import find_changes, group_by_fault
    from citewatch.services.selection import ever_watched
    from citewatch.services.watchlist import find_paper

    options = ctx.ensure_object(Options)
    app = options.app()
    now = app.now()
    with app.reading() as store:
        numbers: list[int] | None = None
        if paper is not None:
            number = find_paper(paper, ever_watched(store, app.watch(store).papers)).number
            numbers = [] if number is None else [number]
        changes = find_changes(
            store, since=since_now(since, now), until=since_now(until, now),
            kinds=[Kind(kind) for kind in kinds], papers=numbers,
        )  # fmt: skip
        faults = find_changes(store, kinds=[Kind.SOURCE_FAULT])
    match form:
        case "json":
            changes_json(changes, sys.stdout)
        case "csv":
            changes_csv(changes, sys.stdout)
        case "markdown":
            changes_markdown(changes, sys.stdout)
        case _:
            changes_table(group_by_fault(changes, faults), console())


def _explain(ctx: click.Context, number: int, form: str, *, filtered: bool) -> None:
    from citewatch.cli.render.why import why_json, why_table
    from citewatch.services.why import explain

    if filtered:
        raise click.UsageError("--why takes one change; it goes with no filter.")
    if form not in ("table", "json"):
        raise click.UsageError("--why prints a table or JSON.")
    with ctx.ensure_object(Options).app().reading() as store:
        why = explain(store, number)
    if form == "json":
        why_json(why, sys.stdout)
    else:
        why_table(why, console())
