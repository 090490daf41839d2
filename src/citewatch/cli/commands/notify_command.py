"""``citewatch notify``."""

from __future__ import annotations

import click

from citewatch.cli.shared import Options


@click.command(name="notify")
@click.option("--test", "test", is_flag=True, help="Send a test message to every channel.")
@click.pass_context
def command(ctx: click.Context, *, test: bool) -> int:
    """Prove the channels that [notify] in config.toml names.

    Exit code 0 when all of them took the message, 3 some, 4 none; 2 without any channel.
    """
    if not test:
        raise click.UsageError("say what to do: --test sends a test message to every channel", ctx)
    import asyncio

    from citewatch.cli.render.words import clean
    from citewatch.errors import InputError
    from citewatch.services.deliver import send_trial

    options = ctx.ensure_object(Options)
    app = options.app()
    with app.reading() as store:
        roster = app.post(store).roster
        if roster.empty:
            raise InputError(
                f"{app.settings.path}: [notify] names no channel",
                remedy="set urls_env, feed, jsonl or webhook_url_env there",
            )
        for words in (*roster.problems, *roster.notes):
            click.echo(clean(words), err=True)
        results = asyncio.run(send_trial(roster, now=app.now()))
    for name, refusal in results.items():
        click.echo(f"{name}: {'ok' if refusal is None else f'failed: {clean(refusal.reason)}'}")
    for gone in roster.absent:
        click.echo(f"{gone.prefix.strip()}: failed: {clean(gone.why)}")
    worked = sum(refusal is None for refusal in results.values())
    if worked == len(results) + len(roster.absent):
        return 0
    return 3 if worked else 4
