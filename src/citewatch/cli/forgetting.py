"""Deleting a paper's history: what would go is said, and asked about."""

from __future__ import annotations

import sys

import click

from citewatch.cli.adding import remove_paper_everywhere
from citewatch.cli.render.words import clean, minute, plural
from citewatch.cli.shared import Options
from citewatch.errors import InputError
from citewatch.ports import ChangeFilter, Store
from citewatch.services.selection import ever_watched
from citewatch.services.watchlist import IMPORTED, WatchedPaper, find_paper


def forget_paper(options: Options, words: str, *, yes: bool) -> list[str]:
    """Take the paper out of the lists and delete its rows; what was done, in sentences.

    Raises `InputError` when nobody can be asked, `click.Abort` when the answer is no.
    """
    app = options.app()
    with app.writing("citewatch forget") as store:
        watched = find_paper(words, ever_watched(store, app.watch(store).papers))
        _ask(store, watched, yes=yes)
        done = []
        if watched.watchlists and watched.watchlists != (IMPORTED,):
            *done, _ = remove_paper_everywhere(options, watched.paper.key)
        if watched.number is not None:
            store.forget(watched.number)
        return [*done, f"{watched.paper.key}: its history is deleted"]


def _ask(store: Store, watched: WatchedPaper, *, yes: bool) -> None:
    question = f"{clean(watched.paper.title) or watched.paper.key}: {_all_of(store, watched)}"
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError(
            f"would delete {question}",
            remedy="nobody is there to be asked: say --yes, after 'citewatch backup FILE'",
        )
    click.echo(f"{question} will be deleted. Only a backup can bring it back.", err=True)
    click.confirm("Delete?", abort=True, err=True)


def _all_of(store: Store, watched: WatchedPaper) -> str:
    """``12 readings since 2024-11-23 06:00, 3 changes``."""
    if watched.number is None:
        return "nothing was seen of it yet; it"
    snapshots = [s for h in store.histories(papers=[watched.number]) for s in h.snapshots]
    changes = store.changes(ChangeFilter(papers=[watched.number]))
    since = f" since {minute(min(s.at for s in snapshots))}" if snapshots else ""
    return f"{plural(len(snapshots), 'reading')}{since}, {plural(len(changes), 'change')}"
