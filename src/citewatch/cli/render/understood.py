"""What was understood of a publication list, and what was not."""

from __future__ import annotations

import click

from citewatch.cli.render.words import clean, plural
from citewatch.ports import PublicationList

_SHOWN = 12


def print_understood(read: PublicationList) -> None:
    """Say what a list holds; nothing that was left aside goes unmentioned."""
    papers = [entry.paper for entry in read.entries]
    claims = sum(paper.claim is not None for paper in papers)
    ids = sum(bool(paper.ids) for paper in papers)
    waiting = sum(len(links) for _, links in read.pages)
    click.echo(
        f"{clean(read.file)}: {plural(len(papers), 'paper')}, {claims} with a badge, "
        f"{ids} with an identifier"
    )
    if waiting:
        click.echo(
            f"  {plural(waiting, 'link')} at the foot of a page: the first sync asks for their "
            "titles and places them"
        )
    if read.skipped:
        what = ", ".join(f"{number} {kind}" for kind, number in read.skipped.items())
        click.echo(f"  not papers: {what}")
    if read.links:
        click.echo(f"  {plural(len(read.links), 'link')} belong to no paper")
    doubts = [f"line {entry.line}: {doubt}" for entry in read.entries for doubt in entry.doubts]
    doubts += [f"line {line}: {why}: {text[:80]}" for line, text, why in read.leftovers]
    for doubt in doubts[:_SHOWN]:
        click.echo(f"  {clean(doubt)}")
    if len(doubts) > _SHOWN:
        click.echo(f"  … and {len(doubts) - _SHOWN} more doubts")
