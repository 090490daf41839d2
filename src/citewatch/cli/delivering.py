"""Deliver what is due for a command that runs and ends."""

from __future__ import annotations

import asyncio

import click

from citewatch.bootstrap import App
from citewatch.cli.render.words import clean, minute, plural
from citewatch.cli.shared import Options
from citewatch.errors import CitewatchError
from citewatch.services.deliver import Delivered, deliver_due


def deliver_after(app: App, options: Options) -> Delivered | None:
    """Deliver after a pass; what was not delivered is said and stays in the database.

    A pass that went well is not made a failure by a mail server: nothing raises.
    """
    try:
        with app.delivering() as store:
            post = app.post(store)
            done = asyncio.run(deliver_due(post, settled=True))
    except CitewatchError as error:
        click.echo(f"nothing was delivered: {error}\nthe next run tries again", err=True)
        return None
    for note in done.notes:
        click.echo(clean(note), err=True)
    for gone in post.roster.absent:
        click.echo(f"{gone.prefix.strip()}: not told: {clean(gone.why)}", err=True)
    for channel in done.channels.values():
        if channel.trouble:
            again = f"; not before {minute(channel.next_try_at)} UTC" if channel.next_try_at else ""
            waits = plural(channel.waiting, "change")
            click.echo(
                f"{channel.name}: {waits} not delivered: {clean(channel.trouble)}{again}", err=True
            )
        elif channel.sent:
            options.detail(f"{channel.name}: {plural(channel.told, 'change')} delivered")
    return done
