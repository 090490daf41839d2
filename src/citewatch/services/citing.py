"""One look at who cites one paper: asked page by page, stored as it comes, then judged."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from citewatch.domain.citing import CitingWork
from citewatch.domain.citing_news import next_try_s
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import DAY, Blocked, Failed, Instant, Missing, Throttled
from citewatch.domain.reconstruction import Evidence, Reconstruction, reconstruct, year_of
from citewatch.ports import (
    Ask,
    Cited,
    CitingOutcome,
    CitingPage,
    Clock,
    Finished,
    LoggedChange,
    Look,
    Past,
    PastDue,
    Source,
    Store,
)
from citewatch.services import guard
from citewatch.services.citing_list import Manners, Reading, conclude
from citewatch.services.loop import aside

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

AUTO_PAGES, DEEP_PAGES = 10, 100
"""Pages of a first look that comes by itself, and of one that was asked for."""
NEWS_PAGES = 12
"""Pages of a later look at most: a fall is looked into where the list is no longer."""
_FEW_PAGES = 3
"""A list of so few pages is read whole each time."""
_LEASE_S = 180
"""Longer than one page can take, repeated requests included."""
_UNKNOWN_S = 7 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How the look at one paper's list at one source went."""

    paper: int
    source: str
    status: str
    """``ok``, ``missing``, ``failed``, ``parked``, ``blocked``, ``busy``."""
    pages: int = 0
    note: str = ""
    until: Instant | None = None
    reconstruction: Reconstruction | None = None
    changes: tuple[LoggedChange, ...] = ()


@dataclass(slots=True, kw_only=True)
class Looker:
    """Looks at lists of one source."""

    source: Source
    manners: Manners
    store: Store
    clock: Clock
    own_records: dict[Identifier, int] = field(default_factory=dict)
    """Identifiers of the watched papers: where one cites another its authors are learnt."""
    seize: bool = False
    """Nobody else can be at it: what looks like that died in the middle of a look."""
    deep: bool = False

    @property
    def past(self) -> Past:
        """What is remembered."""
        return self.store.past()

    def _now(self) -> Instant:
        return int(self.clock.time())

    async def look(self, due: PastDue, *, again: bool = False) -> Looked:
        """Look at one list. ``again``: all of it, and the past is reconstructed anew."""
        cited, identifier = self.source, self._identifier(due)
        assert isinstance(cited, Cited)  # noqa: S101  (who calls has chosen by it)
        record, now = str(due.answered or due.asked), self._now()
        look = self.past.begin(
            due, record=record, now=now, lease_until=now + _LEASE_S, seize=self.seize
        )
        if look is None:
            return self._looked(due, "busy", note="another process looks at it just now")
        reading = Reading(due=due, look=look, again=again or (self.deep and look.capped))
        if due.count == 0 and look.baseline_at is None:
            reading.ended = True  # nothing cites it: there is no list to be asked for
            return self._conclude(reading)
        if identifier is None:
            return self._give_up(reading, Missing(asked=None))
        trouble: CitingOutcome | None = None
        try:
            trouble = await self._read(
                cited, Ask(due.series, identifier, answered=due.answered), reading
            )
        except BaseException:
            self.past.give_up(look)  # interrupted: due as before, stored pages are kept
            raise
        if reading.lost:
            return self._looked(due, "busy", note="another process has taken over")
        if trouble is not None:
            return self._give_up(reading, trouble)
        return await aside(len(reading.dates), self._conclude, reading)

    def _identifier(self, due: PastDue) -> Identifier | None:
        for one in (due.answered, due.asked):
            if one is not None and one.scheme in self.source.schemes:
                return one
        return None

    async def _read(self, cited: Cited, ask: Ask, reading: Reading) -> CitingOutcome | None:
        """Read pages until there is enough; what went wrong, None when nothing did."""
        # Whoever stops reading lets the source know, so that nothing more is asked.
        answers = cast("AsyncGenerator[CitingOutcome, None]", guard.citing(cited, ask))
        async with aclosing(answers):
            async for outcome in answers:
                if not isinstance(outcome, CitingPage):
                    return outcome
                await self._keep(outcome, reading)
                if reading.lost or reading.ended or self._enough(reading):
                    return None
        return Failed(reason="cut_short", detail="the list ended without saying so")

    async def _keep(self, page: CitingPage, reading: Reading) -> None:
        now = self._now()
        new = await aside(
            len(page.works), self.past.keep, reading.look, page.works, now=now,
            lease_until=now + _LEASE_S,
        )  # fmt: skip
        if new is None:
            reading.lost = True
            return
        reading.take(page, new)
        if page.cited_authors:
            self.past.learn(reading.due.paper, self.source.name, page.cited_authors)
        for work in page.works:
            self._learn(work)

    def _learn(self, work: CitingWork) -> None:
        """A watched paper that cites another one: the source names its authors."""
        ids = (Identifier(self.source.name, work.record), *work.ids)
        paper = next((self.own_records[i] for i in ids if i in self.own_records), None)
        if paper is not None and work.authors:
            self.past.learn(paper, self.source.name, work.authors)

    def _enough(self, reading: Reading) -> bool:
        look, due = reading.look, reading.due
        first = look.baseline_at is None
        most = DEEP_PAGES if reading.again or self.deep else AUTO_PAGES if first else NEWS_PAGES
        if reading.pages >= most:
            reading.capped = True
            reading.cut = f"only its first {reading.pages} pages were read"
            return True
        known, gain = look.count or 0, due.count - (look.count or 0)
        whole = first or reading.again or look.unsettled or due.count < known
        if whole or look.pages <= _FEW_PAGES:
            return False
        return reading.last_new == 0 and reading.new >= gain

    def _give_up(self, reading: Reading, trouble: CitingOutcome) -> Looked:
        look, now, due = reading.look, self._now(), reading.due
        match trouble:
            case Missing():
                note, status = f"{self.manners.label} has no list of who cites it", "missing"
                look = replace(look, failures=0, next_look_at=now + _UNKNOWN_S, note=note)
            case Throttled(reason=note):
                look, status = replace(look, note=note), "parked"
            case Blocked(reason=note):
                look, status = replace(look, note=note), "blocked"
            case Failed(reason=reason, detail=detail):
                note, status = f"{reason}: {detail}" if detail else reason, "failed"
                failures = look.failures + 1
                wait = next_try_s(failures)
                look = replace(look, failures=failures, next_look_at=now + wait, note=note)
            case CitingPage():  # no trouble; never comes
                note, status = "", "ok"
        self.past.give_up(look)
        until = trouble.until if isinstance(trouble, Throttled) else None
        return self._looked(due, status, pages=reading.pages, note=note, until=until)

    def _conclude(self, reading: Reading) -> Looked:
        due, now = reading.due, self._now()
        works = self.past.works(due.series)
        done = conclude(reading, works, self.manners, now=now)
        if reading.is_fresh:
            done = replace(done, reconstruction=self._reconstruct(reading, done, now))
        changes = self.past.finish(done, now=now)
        if changes is None:
            return self._looked(due, "busy", note="another process has taken over")
        looked = self._looked(due, "ok", pages=reading.pages)
        return replace(looked, reconstruction=done.reconstruction, changes=tuple(changes))

    def _reconstruct(self, reading: Reading, done: Finished, now: Instant) -> Reconstruction | None:
        first = first_believed(self.store, reading.due)
        if first is None:
            return None
        if not reading.again:
            before = self.past.reconstructions([reading.due.paper])
            made = before.get((reading.due.paper, reading.due.source))
            if made is not None and made.first_at == first[0]:
                return None  # of another record; what was said of this time stands
        look: Look = done.look
        evidence = Evidence(
            dates=reading.dates, total=look.total, by_year=look.by_year, cut=look.cut,
            newest_first=look.newest_first,
        )  # fmt: skip
        return reconstruct(
            evidence, born=self._born(reading.due.paper), first_at=first[0],
            first_count=first[1], made_at=now,
        )  # fmt: skip

    def _born(self, paper: int) -> str:
        """The earliest date that anybody knows of the paper, as exact as known; "" for none."""
        watched = self.manners.selves.papers.get(paper)
        dates = [str(watched.paper.year)] if watched and watched.paper.year else []
        for history in self.store.histories(papers=[paper], since=2**40):
            if history.facts is not None:
                dates += [d for d in (history.facts.published_on,) if d]
                dates += [str(history.facts.year)] if history.facts.year else []
        first = min((d[:4] for d in dates if year_of(d) is not None), default="")
        return min((d for d in dates if first and d[:4] == first and len(d) > 4), default=first)

    def _looked(
        self,
        due: PastDue,
        status: str,
        *,
        pages: int = 0,
        note: str = "",
        until: Instant | None = None,
    ) -> Looked:
        return Looked(
            paper=due.paper, source=due.source, status=status, pages=pages, note=note, until=until
        )


def first_believed(store: Store, due: PastDue) -> tuple[Instant, int] | None:
    """When the source was first seen to count the paper, and how many, in this record."""
    for history in store.histories(papers=[due.paper], sources=[due.source]):
        begun_at = (history.held.begun_at if history.held else None) or 0
        for snapshot in history.snapshots:
            believed = snapshot.status == "ok" and snapshot.citation_count is not None
            if believed and snapshot.at >= begun_at:
                return snapshot.at, snapshot.citation_count or 0
    return None
