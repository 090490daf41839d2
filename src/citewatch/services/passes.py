"""One polite pass over the sources: what is due is asked, what is unknown is looked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace

from citewatch.domain.papers import Reference
from citewatch.ports import LoggedChange
from citewatch.services.desk import Desk, PassResult, Scope
from citewatch.services.foreseeing import note_forecasts
from citewatch.services.ladders import note_ladder
from citewatch.services.lead import Lead
from citewatch.services.leg import Leg
from citewatch.services.loop import aside, young_garbage_only
from citewatch.services.polling import Poller
from citewatch.services.stale_claims import note_stale_claims
from citewatch.services.watchlist import IMPORTED

_ROUNDS = 3
"""How often new identifiers are followed in one pass; each round needs news to start."""

Prelude = Callable[[Mapping[str, Poller]], Awaitable[None]]
"""What comes before the asking (placing links), given the pollers by source name."""


async def run_pass(desk: Desk, scope: Scope, prelude: Prelude | None = None) -> PassResult:
    """Ask every source once about what is due, side by side, then follow what they taught.

    Links that a list gathers are placed first, as long as that gets on. Then whatever has
    an identifier is asked everywhere; only looking for titles waits for sources that find
    them cheaply and may name an identifier.
    """
    started = desk.now()
    with young_garbage_only():
        legs = await aside(len(desk.watch.papers), _make_legs, desk, scope)
        try:
            await _go(legs, prelude)
            await _foresee(legs, desk)
        finally:
            for leg in legs:
                leg.close()
    stale = await aside(len(desk.watch.papers), _stale_claims, desk)
    found = [*(change for leg in legs for change in leg.changes), *stale]
    changes = sorted(found, key=lambda change: change.number)
    return PassResult(
        started_at=started,
        finished_at=desk.now(),
        sources=tuple(leg.result() for leg in legs),
        changes=tuple(changes),
    )


def _make_legs(desk: Desk, scope: Scope) -> list[Leg]:
    references = {
        w.number: Reference(title=w.paper.title, authors=w.paper.authors, year=w.paper.year)
        for w in desk.watch.papers
        if w.number is not None and w.watchlists != (IMPORTED,)
    }
    former = {
        ladder: note_ladder(desk.store, ladder, now=desk.now())
        for ladder in {rules.ladder for _, rules in desk.sources}
    }
    return [
        Leg(desk, scope, source, replace(rules, former=former[rules.ladder]), references)
        for source, rules in desk.sources
    ]


def _stale_claims(desk: Desk) -> Sequence[LoggedChange]:
    rules = {source.name: rules for source, rules in desk.sources if source.counts}
    preferred = tuple(desk.preferred)
    return note_stale_claims(desk.store, desk.watch, rules, preferred, now=desk.now())


async def _go(legs: Sequence[Leg], prelude: Prelude | None) -> None:
    placing = Lead(0 if prelude is None else 1)
    leads = [leg for leg in legs if leg.may_lead()]
    finding = Lead(len(leads))
    work = [leg.go(placing, finding, leads=leg in leads) for leg in legs]
    if prelude is not None:
        work.append(_place(prelude, legs, placing))
    await _side_by_side(work)
    for _ in range(_ROUNDS):
        learned = {paper for leg in legs for paper in leg.drain()}
        if not learned:
            return
        await _side_by_side([leg.follow(learned) for leg in legs])


async def _place(prelude: Prelude, legs: Sequence[Leg], placing: Lead) -> None:
    try:
        await prelude({leg.poller.name: leg.poller for leg in legs})
    finally:
        placing.leave()


async def _foresee(legs: Sequence[Leg], desk: Desk) -> None:
    """Make the forecasts that follow from what was read."""
    for leg in legs:
        found, rules = leg.poller.tally.found, leg.poller.rules
        if found and leg.poller.source.counts:
            await aside(
                len(found), note_forecasts, desk.store, leg.poller.name, found,
                above=rules.ladder.above, now=desk.now(),
            )  # fmt: skip


async def _side_by_side(legs: Sequence[Coroutine[None, None, None]]) -> None:
    """All at once; what stops one (a full disk) stops all, and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            for leg in legs:
                group.create_task(leg)
    except BaseExceptionGroup as stopped:
        first: BaseException = stopped
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None
