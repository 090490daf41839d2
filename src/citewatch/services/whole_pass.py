"""One whole pass over an open store: what is watched is read again, then sources are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from citewatch.domain.papers import Instant
from citewatch.domain.rules import Rules
from citewatch.ports import Clock, Source, Store
from citewatch.services.desk import Desk, PassResult, Scope
from citewatch.services.passes import run_pass
from citewatch.services.placing import Placed, Placer
from citewatch.services.polling import Progress
from citewatch.services.resolve import decide, parse_choice
from citewatch.services.standing import SourceSchedule
from citewatch.services.watchlist import IMPORTED, Watch, find_paper, note_listed_ids, save


class Home(Protocol):
    """What a pass needs of the application."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def preferred(self) -> tuple[str, ...]:
        """Sources of headlines, the best first."""

    def now(self) -> Instant:
        """This instant, in whole seconds."""

    def watch(self, store: Store) -> Watch:
        """What is watched now."""

    def schedules(self) -> list[SourceSchedule]:
        """Every source, with what the configuration says of it."""

    def sources(self, store: Store, only: Sequence[str] = ()) -> list[tuple[Source, Rules]]:
        """The sources that are switched on (of ``only``, if given), ready to be asked."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A pass with what is to be said about it."""

    result: PassResult
    placed: Placed


def take_in(home: Home, store: Store) -> tuple[Watch, tuple[str, ...]]:
    """Read the lists again and note what is new, so that the schedule knows it. Asks nobody.

    The watch, and what is wrong with a list since the last time.
    """
    watch, news = save(home.watch(store), store, now=home.now())
    schedules = home.schedules()
    names = [schedule.name for schedule in schedules]
    if note_listed_ids(watch, store, names, now=home.now()):
        watch = home.watch(store)
    papers = [
        w.number for w in watch.papers if w.number is not None and w.watchlists != (IMPORTED,)
    ]
    for schedule in schedules:
        if schedule.enabled:
            store.ensure_series(schedule.name, papers)
    return watch, news


async def one_pass(
    home: Home,
    store: Store,
    scope: Scope,
    *,
    only: Sequence[str] = (),
    words: Sequence[str] = (),
    accept: Sequence[str] = (),
    reject: Sequence[str] = (),
    progress: Progress = lambda _source, _done, _total: None,
    say: Callable[[str], None] = lambda _message: None,
) -> Passed:
    """A pass over an open store: lists read again, decisions taken in, sources asked."""
    now = home.now()
    watch = home.watch(store)
    for text in (*accept, *reject):
        parse_choice(text, watch.papers, accept=True)  # a mistake must change nothing
    for word in words:
        find_paper(word, watch.papers)
    watch, news = save(watch, store, now=now)
    for problem in news:
        say(problem)
    names = [schedule.name for schedule in home.schedules()]
    changed = note_listed_ids(watch, store, names, now=now)
    sources = home.sources(store, only)
    try:
        choices = [parse_choice(text, watch.papers, accept=True) for text in accept]
        choices += [parse_choice(text, watch.papers, accept=False) for text in reject]
        chosen = [find_paper(word, watch.papers) for word in words]
        decide(choices, store, [source for source, _ in sources], now=now)
        chosen += [choice.paper for choice in choices]
        if chosen:
            scope = replace(scope, papers=frozenset(w.number for w in chosen if w.number))
        if changed or choices:
            watch = home.watch(store)
        placer = Placer(watch, store, now=now)
        desk = Desk(
            store=store, clock=home.clock, watch=watch, sources=sources, progress=progress,
            preferred=home.preferred,
        )  # fmt: skip
        result = await run_pass(desk, scope, placer.place)
    finally:
        for source, _ in sources:
            await source.aclose()
    return Passed(result, placer.result())
