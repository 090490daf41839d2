"""``citewatch doctor``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from citewatch.cli.shared import Options, console

if TYPE_CHECKING:
    from citewatch.bootstrap import App
    from citewatch.ports import Store
    from citewatch.services.doctor import Finding


@click.command(name="doctor")
@click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.pass_context
def command(ctx: click.Context, *, form: str) -> int:
    """What is wrong and what to do: config, database, clock, disk, each source and channel.

    Asks no source and no channel anything. Exit code 1 when something is to be done.
    """
    from citewatch.cli.render.doctor import doctor_json, doctor_table, is_well

    app = ctx.ensure_object(Options).app()
    findings = _examine(app)
    if form == "json":
        doctor_json(findings, sys.stdout)
    else:
        doctor_table(findings, console())
    return 0 if is_well(findings) else 1


def _examine(app: App) -> list[Finding]:
    from citewatch.services.doctor import (
        Finding,
        Level,
        examine_channels,
        examine_disk,
        examine_lag,
        examine_lists,
        examine_plugins,
        examine_source,
        examine_unused,
    )

    path = str(app.settings.path)
    found = [Finding(area="config", level=Level.OK, text=path)]
    disk = app.disk()
    found += examine_disk(disk, now=app.now())
    now = app.now()
    if disk.exists and any(f.level is Level.PROBLEM and f.area == "database" for f in found):
        return found + _backups(app, None)  # what is in it cannot be trusted
    with app.reading() as store:
        found += _backups(app, store)
        watch = app.watch(store)
        found += examine_lists(watch.problems, len(watch.papers))
        rows = app.health(store, watch)
        post = app.post(store)
        channels = list(examine_channels(post.roster, post.outbox.states(), now=app.now()))
        for health, schedule in rows:
            dues = store.due(schedule.name, now=now) if schedule.enabled else ()
            found += examine_lag(schedule, health.status, dues, now=now)
    for health, schedule in rows:
        if schedule.enabled or schedule.switched:
            loopback = app.on_loopback(schedule.name)
            found += examine_source(health, schedule, on_loopback=loopback)
    found += examine_unused([schedule.name for _, schedule in rows if not schedule.enabled])
    found += examine_plugins(app.broken_plugins())
    return found + channels


def _backups(app: App, store: Store | None) -> list[Finding]:
    from citewatch.services.doctor import examine_backups
    from citewatch.services.keeping import backup_state

    if not app.in_a_file:
        return []
    plan, now = app.backup_plan(), app.now()
    return list(examine_backups(backup_state(app.keeper(), store, plan, now=now), plan, now=now))
