"""What the daemon looks after beside asking the sources."""

from __future__ import annotations

import asyncio

from citewatch.bootstrap.app import App
from citewatch.ports import Job, Store

_DELIVERY_S = 30
_HOUSE_S = 600
_PAST_S = 300


def jobs(app: App, store: Store) -> list[Job]:
    """The daemon's jobs, one line each."""
    return [
        Job(name="delivery", every_s=_DELIVERY_S, run=lambda: _deliver(app, store)),
        Job(name="house", every_s=_HOUSE_S, run=lambda: _keep_house(app, store)),
        Job(name="past", every_s=_PAST_S, run=lambda: _look_back(app, store)),
    ]


def outbox_depth(store: Store) -> int | None:
    """How many changes people and programs are still to be told, over all channels."""
    from citewatch.services.deliver import delivery_lag

    return delivery_lag(store.outbox(), now=0)[0]


async def _deliver(app: App, store: Store) -> str:
    """Send what is due. A channel that refuses is said by `doctor` and by the others."""
    from citewatch.services.deliver import deliver_due

    done = await deliver_due(app.post(store))
    sent = [f"{one.name}: {one.told} told" for one in done.channels.values() if one.told]
    refused = [f"{name}: refused" for name in done.failed]
    return "; ".join([*sent, *refused, *done.notes])


async def _keep_house(app: App, store: Store) -> str:
    """A backup when one is due, and letting go of what nobody reads; beside the loop."""
    return "; ".join(await asyncio.to_thread(app.keep_house, store))


async def _look_back(app: App, store: Store) -> str:
    """A few lists of citing works: of papers that are new, and of those whose count moved."""
    from citewatch.services.backfill import JOB_REQUESTS, Plan, backfill, in_words

    plan = Plan(requests=JOB_REQUESTS, counts_first=True)
    return in_words(await backfill(app, store, plan))
