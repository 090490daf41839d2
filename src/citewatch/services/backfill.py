"""Going through the lists of citing works that are due, source by source, politely."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from citewatch.domain.citing_news import confirm_s
from citewatch.domain.identifiers import URL, Identifier
from citewatch.domain.papers import DAY, Instant
from citewatch.domain.rules import Rules
from citewatch.ports import Cited, Clock, LoggedChange, PastDue, Source, Store
from citewatch.services.citing import Looked, Looker
from citewatch.services.citing_list import Manners
from citewatch.services.polling import Progress
from citewatch.services.selves import Selves, read_selves
from citewatch.services.watchlist import IMPORTED, Watch, WatchedPaper, find_paper

PASS_REQUESTS, PASS_SECONDS = 40, 30.0
"""Requests to each source beside a pass, and after how long no further list is begun."""
JOB_REQUESTS = 5
"""Requests to each source at one look of the daemon."""
_ALL = 1_000_000
_REST = "past:rest:"
_IN_VAIN = 3
"""Failures in a row after which a source is left alone for this time."""
_REST_S, _LONGEST_REST_S = 3600, 2 * DAY
"""So long nothing is looked at by itself where that was in vain, unless the source says until
when; what lies further ahead was written by a clock that was ahead."""


class PastHome(Protocol):
    """What looking at lists needs of the application."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def author_names(self) -> Mapping[str, tuple[str, ...]]:
        """Whose list each watchlist is, where it says so."""

    def now(self) -> Instant:
        """This instant, in whole seconds."""

    def watch(self, store: Store) -> Watch:
        """What is watched now."""

    def sources(self, store: Store, only: Sequence[str] = ()) -> list[tuple[Source, Rules]]:
        """The sources that are switched on, ready to be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to look at."""

    words: tuple[str, ...] = ()
    """Papers to be looked at again, due or not; none: what is due."""
    only: tuple[str, ...] = ()
    """Only these sources."""
    requests: int | None = None
    """To each source at most; a list that was begun is read to its end all the same."""
    seconds: float | None = None
    """After which no further list is begun."""
    deep: bool = False
    """Read long lists as far as the source goes."""
    seize: bool = False
    """We alone may write: a look that seems to be under way died."""
    counts_first: bool = False
    """Leave alone a source that has counts to be asked for now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLooks:
    """How it went at one source."""

    source: str
    label: str
    looked: tuple[Looked, ...] = ()
    requests: int = 0
    blocked: str = ""
    """Why it cannot be asked as things are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfilled:
    """What was looked at."""

    sources: tuple[SourceLooks, ...] = ()
    uncounted: tuple[tuple[int, str], ...] = ()
    """(paper, source) that were asked for by name and have no count there yet."""

    @property
    def looked(self) -> list[Looked]:
        """Every list that was looked at."""
        return [one for source in self.sources for one in source.looked]

    @property
    def changes(self) -> tuple[LoggedChange, ...]:
        """What there is to be told, in the order of the log."""
        found = (change for one in self.looked for change in one.changes)
        return tuple(sorted(found, key=lambda change: change.number))


@dataclass(slots=True)
class _Run:
    """One time through."""

    home: PastHome
    store: Store
    plan: Plan
    selves: Selves
    own_records: dict[Identifier, int]
    chosen: Collection[int] | None
    progress: Progress
    uncounted: list[tuple[int, str]] = field(default_factory=list)

    async def at(self, source: Source, rules: Rules) -> SourceLooks:
        """Everything at one source, one paper after the other."""
        label, why = rules.label or source.name, source.blocked()
        if why is not None:
            return SourceLooks(source=source.name, label=label, blocked=why)
        wait = _must_wait(source, self.store, self.plan, self.home.now())
        dues = [] if wait else await asyncio.to_thread(self._dues, source)
        looker = Looker(
            source=source, store=self.store, clock=self.home.clock,
            manners=Manners(label, self.selves, confirm_s(rules.confirm_after_s)),
            own_records=self.own_records, seize=self.plan.seize, deep=self.plan.deep,
        )  # fmt: skip
        looked: list[Looked] = []
        in_vain, began = 0, self.home.clock.monotonic()
        self.progress(source.name, 0, len(dues))
        for due in dues:
            if self._spent(source.requests, self.home.clock.monotonic() - began):
                break
            one = await looker.look(due, again=self.chosen is not None)
            looked.append(one)
            self.progress(source.name, len(looked), len(dues))
            in_vain = in_vain + 1 if one.status == "failed" else 0
            if one.status in ("parked", "blocked") or in_vain == _IN_VAIN:
                break
        if looked and (looked[-1].status in ("parked", "blocked") or in_vain == _IN_VAIN):
            until = looked[-1].until or self.home.now() + _REST_S
            self.store.remember(f"{_REST}{source.name}", str(until))
        return SourceLooks(
            source=source.name, label=label, looked=tuple(looked), requests=source.requests
        )

    def _spent(self, requests: int, seconds: float) -> bool:
        most, longest = self.plan.requests, self.plan.seconds
        return (most is not None and requests >= most) or (
            longest is not None and seconds >= longest
        )

    def _dues(self, source: Source) -> Sequence[PastDue]:
        past, now = self.store.past(), self.home.now()
        if self.chosen is None:
            limit = _ALL if self.plan.requests is None else 10 * self.plan.requests
            return past.due(source.name, now=now, limit=limit, deep=self.plan.deep)
        dues = past.tracked(source.name, self.chosen)
        known = {due.paper for due in dues}
        self.uncounted += [(paper, source.name) for paper in self.chosen if paper not in known]
        return dues


async def backfill(
    home: PastHome,
    store: Store,
    plan: Plan,
    progress: Progress = lambda _source, _done, _total: None,
) -> Backfilled:
    """Look at what is due (or what the plan names) at every source that lists citing works.

    Raises `UnknownPaper` for words that name no paper.
    """
    everything = home.sources(store, plan.only)
    sources = [(s, rules) for s, rules in everything if isinstance(s, Cited)]
    # In threads: at 100,000 papers each of these takes a tenth of a second and more.
    if not plan.words and not await asyncio.to_thread(_any_due, home, store, plan, sources):
        # Nearly always: then the lists of papers need not be read for it.
        return Backfilled(
            sources=tuple(
                SourceLooks(source=s.name, label=rules.label, blocked=s.blocked() or "")
                for s, rules in sources
            )
        )
    watch = await asyncio.to_thread(home.watch, store)
    chosen = _chosen(plan, watch.papers) if plan.words else None
    run = _Run(
        home=home, store=store, plan=plan, chosen=chosen, progress=progress,
        selves=await asyncio.to_thread(read_selves, store, watch.papers, home.author_names),
        own_records=_own_records(watch.papers),
    )  # fmt: skip
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(run.at(s, rules)) for s, rules in sources]
    except BaseExceptionGroup as stopped:
        first: BaseException = stopped
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None
    finally:
        for source, _ in everything:
            await source.aclose()
    return Backfilled(
        sources=tuple(task.result() for task in tasks), uncounted=tuple(run.uncounted)
    )


def _must_wait(source: Source, store: Store, plan: Plan, now: Instant) -> bool:
    """Whether a source has counts to be asked for, which come first, or is to rest.

    What is asked for by hand waits for nothing but the source's own gate.
    """
    if plan.requests is not None:
        rest_until = int(store.recall(f"{_REST}{source.name}") or 0)
        if now < rest_until <= now + _LONGEST_REST_S:
            return True
    if not plan.counts_first:
        return False
    ask_at = store.agenda(source.name, source.schemes).ask_at
    not_before = store.gate(source.name).load().not_before
    return (ask_at is not None and ask_at <= now) or (not_before or 0) > now


def _any_due(
    home: PastHome, store: Store, plan: Plan, sources: Sequence[tuple[Source, Rules]]
) -> bool:
    return any(_has_due(source, store, plan, home.now()) for source, _ in sources)


def _has_due(source: Source, store: Store, plan: Plan, now: Instant) -> bool:
    if source.blocked() is not None or _must_wait(source, store, plan, now):
        return False
    return bool(store.past().due(source.name, now=now, limit=1, deep=plan.deep))


def _chosen(plan: Plan, papers: Sequence[WatchedPaper]) -> list[int]:
    found = [find_paper(word, papers).number for word in plan.words]
    return list(dict.fromkeys(number for number in found if number is not None))


def _own_records(papers: Sequence[WatchedPaper]) -> dict[Identifier, int]:
    return {
        identifier: w.number
        for w in papers
        if w.number is not None and w.watchlists != (IMPORTED,)
        for identifier in w.paper.ids
        if identifier.scheme != URL
    }


def in_words(done: Backfilled) -> str:
    """What was done, in a few words; "" for nothing."""
    said = []
    for source in done.sources:
        looked = [one for one in source.looked if one.status != "busy"]
        if not looked:
            continue
        words = f"{source.source}: {len(looked)} list{'' if len(looked) == 1 else 's'}"
        told = sum(len(one.changes) for one in looked)
        if told:
            words += f", {told} with news"
        if (last := looked[-1]).status in ("failed", "parked", "blocked"):
            words += f"; {last.status}: {last.note}"
        said.append(words)
    return "; ".join(said)
