"""One source's part of a pass: what is due, what is looked for, how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from citewatch.domain.cadence import WEEK, slack_of
from citewatch.domain.papers import Change, Kind, Reference, Status
from citewatch.domain.rules import Rules
from citewatch.errors import StoreError
from citewatch.ports import Batch, Due, LoggedChange, Run, Source, Store, Telling
from citewatch.services.desk import Desk, Scope, SourceResult
from citewatch.services.lead import Lead
from citewatch.services.loop import aside
from citewatch.services.polling import Poller
from citewatch.services.readings import PRIVATE, Tally
from citewatch.services.searching import Searcher
from citewatch.services.told import note_told

PLACES_LINKS = "arxiv"
"""The source that the placing of links asks: its own part begins when that is over."""
_SEARCHES_A_PASS = 10
"""Titles looked for where that is dear or only adds facts, unless the user asked for it."""


class Leg:
    """One source's part of a pass."""

    def __init__(
        self,
        desk: Desk,
        scope: Scope,
        source: Source,
        rules: Rules,
        references: Mapping[int, Reference],
    ) -> None:
        self.poller = Poller(
            source, rules, store=desk.store, clock=desk.clock, references=references,
            progress=desk.progress,
        )  # fmt: skip
        self.changes: list[LoggedChange] = []
        self._desk = desk
        self._scope = scope
        self._started = desk.now()
        self._requests = source.requests
        numbers = [n for n in references if scope.papers is None or n in scope.papers]
        desk.store.ensure_series(source.name, numbers)
        if source.name in desk.preferred:
            # What the list claims already is no news there, also after a lost database.
            known = {w.number: w.paper.claim for w in desk.watch.papers if w.number in references}
            claims = {number: claim for number, claim in known.items() if number and claim}
            desk.store.settle_claims(source.name, claims)
        self._dues: list[Due] = []
        self._parked = desk.store.gate(source.name).load()
        self._blocked = source.blocked()
        self._run = desk.store.begin_run(
            Run(source=source.name, started_at=self._started, trigger=scope.trigger)
        )
        self._closed = False

    def may_lead(self) -> bool:
        """Whether it finds titles cheaply, and others should hear what it finds first."""
        source = self.poller.source
        return source.counts and not getattr(source, "costly_search", False)

    def drain(self) -> set[int]:
        """Papers that got new identifiers since the last call."""
        learned, self.poller.learned = self.poller.learned, set()
        return learned

    async def go(self, placing: Lead, finding: Lead, *, leads: bool) -> None:
        """Poll what is due; when others had their say, look for what has no identifier."""
        try:
            await self._go(placing, finding, leads=leads)
        finally:
            if leads:
                finding.leave()

    async def _go(self, placing: Lead, finding: Lead, *, leads: bool) -> None:
        await (placing.finish() if self.poller.name == PLACES_LINKS else placing.wait())
        self._dues = list(await aside(len(self._desk.watch.papers), self._load, None))
        if self._blocked or self._is_parked():
            return
        if leads:
            self.poller.beat = finding.beat
        await self.poller.poll([due for due in self._dues if self._poll_due(due)])
        if self._open_papers():
            if not leads:
                await finding.wait()
                await self._ask_open(self._open_papers())
            if getattr(self.poller.source, "can_search", True):
                dues = await aside(len(self._dues), self._search_due)
                await Searcher(self.poller).search(dues)
        while self._dues:
            # All at once, freeing 100,000 of them would hold up the loop for 0.2 s.
            del self._dues[-1000:]
            await asyncio.sleep(0)

    async def _ask_open(self, papers: Collection[int]) -> None:
        """Ask about papers that may have got an identifier meanwhile."""
        dues = await aside(len(papers), self._load, papers)
        await self.poller.poll([due for due in dues if due.held.answered is None])

    def _open_papers(self) -> set[int]:
        """Papers that the source never answered about, and was not asked about just now."""
        done = self.poller.tally.done()
        return {
            due.held.paper
            for due in self._dues
            if due.held.answered is None and due.held.paper not in done
        }

    async def follow(self, learned: Collection[int]) -> None:
        """Ask about papers that can be asked about only since this pass."""
        if self._blocked or self._is_parked():
            return
        if papers := set(learned) - self.poller.tally.found:
            await self._ask_open(papers)

    def _load(self, papers: Collection[int] | None) -> Sequence[Due]:
        wanted = self._scope.papers
        if papers is None:
            papers = wanted
        elif wanted is not None:
            papers = [p for p in papers if p in wanted]
        everything = papers is not None or self._scope.force
        name, now = self.poller.name, self._desk.now()
        if self._scope.early:
            now += slack_of(self.poller.rules.every_s)
        return self._desk.store.due(name, now=now, papers=papers, force=everything)

    def _is_parked(self) -> bool:
        self._parked = self._desk.store.gate(self.poller.name).load()
        return (self._parked.not_before or 0) > self._desk.now()

    def _poll_due(self, due: Due) -> bool:
        return not self._scope.only_new or due.held.answered is None

    def _search_due(self) -> list[Due]:
        """Papers to look for by title: no identifier that this source knows."""
        now, tally = self._desk.now(), self.poller.tally
        # Titles keep their own schedule also with --force; 'resolve' looks for all of them.
        everything = self._scope.thorough
        # Who was not answered is not looked for: silence must not turn into "not found".
        done = tally.done()
        stuck = [
            due.held.paper
            for due in self._dues
            if due.held.answered is None
            and due.held.paper not in done
            and (everything or due.held.next_search_at <= now)
            and (due.held.status is Status.MISSING or not self.poller.usable(due))
        ]
        lost = self._load(stuck) if stuck else ()
        if self._scope.thorough:
            return list(lost)
        wait = {due.held.series: due.held for due in lost if self._can_wait(due)}
        if wait:
            held = [replace(held, next_search_at=now + WEEK) for held in wait.values()]
            self._desk.store.apply(Batch(helds=held))
        again = [
            due
            for due in lost
            if due.held.series not in wait and (everything or due.held.next_search_at <= now)
        ]
        return again if self.may_lead() else again[:_SEARCHES_A_PASS]

    def _can_wait(self, due: Due) -> bool:
        """Whether a title need not be looked for on the first day.

        A source that does not know an identifier has most likely not taken the paper in
        yet; one that only adds facts is asked last about papers that others know.
        """
        if due.held.searches or due.held.next_search_at:
            return False
        schemes = self.poller.source.schemes
        return any(i.scheme in schemes or not self.may_lead() for i in due.ids)

    # --- the end ----------------------------------------------------------------

    def close(self) -> None:
        """Write how it ended, whatever happened; a full disk has been reported already."""
        if self._closed:
            return
        self._closed = True
        result = self.result()
        run = Run(
            number=self._run, source=result.name, started_at=self._started,
            finished_at=self._desk.now(), status=result.status, trigger=self._scope.trigger,
            requests=result.requests, papers=result.papers, found=result.found,
            missing=result.missing, failed=result.failed, changed=result.changed,
            note=result.note,
        )  # fmt: skip
        self.changes += self.poller.changes
        try:
            self._desk.store.end_run(run)
            if result.requests:
                note_told(self.poller.source, self._desk.store, now=self._desk.now())
            self.changes += up_or_down(self._desk.store, run, self.poller.source.label)
        except StoreError:
            return

    def result(self) -> SourceResult:
        """How the source fared."""
        tally = self.poller.tally
        failed = {**tally.failed, **tally.parked, **tally.blocked}
        status, note = self._status(tally)
        until = self._parked.not_before
        return SourceResult(
            name=self.poller.name, status=status, requests=self.poller.source.requests
            - self._requests, papers=len(tally.asked), found=len(tally.found),
            missing=len(tally.missing - tally.found),
            failed=len(failed.keys() - tally.found - tally.missing), changed=len(tally.changed),
            unresolved=len(tally.unresolved - tally.found), note=note,
            until=tally.until or until if status in ("parked", "partial") else None,
        )  # fmt: skip

    def _status(self, tally: Tally) -> tuple[str, str]:
        if self._blocked:
            return "blocked", self._blocked
        answered = bool(tally.found or tally.missing or tally.unresolved or tally.odd)
        if not tally.asked:
            waiting = any(self._poll_due(due) for due in self._dues)
            if waiting and self._is_parked():
                return "parked", self._parked.reason
            return "ok", ""
        closed = {paper: why for paper, why in tally.blocked.items() if why != PRIVATE}
        for status, trouble in (
            ("failed", tally.failed), ("parked", tally.parked), ("blocked", closed)
        ):  # fmt: skip
            if trouble:
                return ("partial" if answered else status), next(iter(trouble.values()))
        left = tally.asked - tally.done() - tally.missing - tally.unresolved
        if left:
            return "partial", f"interrupted: {len(left)} of {len(tally.asked)} not answered"
        source = self.poller.source
        notes = [*source.notes] if isinstance(source, Telling) else []
        if private := len(tally.blocked):
            notes.append(f"{private} private to others")
        return "ok", "; ".join(notes)


def up_or_down(store: Store, run: Run, label: str) -> Sequence[LoggedChange]:
    """One line when a source fails twice in a row, one when it is back."""
    name = f"down:{run.source}"
    was_down = store.recall(name) or ""
    if run.status == "failed" and not was_down:
        store.remember(name, str(run.started_at))
        return ()
    if run.status == "failed" and not was_down.startswith("said "):
        store.remember(name, f"said {was_down}")
        text, kind = f"{label} has not answered since the pass before: {run.note}", Kind.SOURCE_DOWN
    elif run.status in ("ok", "partial") and run.found and was_down:
        store.remember(name, "")
        if not was_down.startswith("said "):
            return ()
        text, kind = f"{label} answers again", Kind.SOURCE_UP
    else:
        return ()
    at = run.finished_at or run.started_at
    since = int(was_down.removeprefix("said ") or at)
    change = Change(kind=kind, at=at, source=run.source, text=text, first_seen_at=since)
    return store.apply(Batch(changes=[change]))
