"""Ask one source about papers and store each answer as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from citewatch.domain.cadence import next_check_after
from citewatch.domain.identifiers import Identifier
from citewatch.domain.judge import DIFFERENT_DAYS_S, Ruling, Verdict
from citewatch.domain.papers import (
    Change,
    Failed,
    Instant,
    Missing,
    Observed,
    Outcome,
    Reference,
    Status,
)
from citewatch.domain.passes import Case, PassJudge
from citewatch.domain.rules import Rules
from citewatch.ports import (
    Ask,
    Batch,
    Clock,
    Due,
    Inspector,
    KnownIdentifier,
    LoggedChange,
    Readings,
    Source,
    Store,
)
from citewatch.services import guard
from citewatch.services.climates import climate_memo, recall_climate
from citewatch.services.decisions import Decisions, of_others
from citewatch.services.loop import aside
from citewatch.services.readings import (
    Tally,
    forget,
    only_status,
    page_is_news,
    page_is_old,
    stamp,
)
from citewatch.services.splits import Splits

_PAGES_A_PASS = 3
"""Pages read again after a year: at 15 s each a whole list would hold up a pass."""
_TRY_OTHERS = 7
"""Absences between two rounds through all that may yet find a missing paper."""

Progress = Callable[[str, int, int], None]
"""(source, papers done, papers to do)."""


class Poller:
    """One source in one pass: what was asked, what was learned, how it ended."""

    def __init__(
        self,
        source: Source,
        rules: Rules,
        *,
        store: Store,
        clock: Clock,
        references: Mapping[int, Reference],
        progress: Progress,
    ) -> None:
        self.source = source
        self.rules = rules
        self.tally = Tally()
        self.changes: list[LoggedChange] = []
        self.learned: set[int] = set()
        """Papers that got a new identifier from this source."""
        self.store = store
        self._clock = clock
        self.references = references
        self.progress = progress
        self.beat: Callable[[], None] = lambda: None
        """Called at every answer."""
        self._places = {scheme: place for place, scheme in enumerate(source.schemes)}
        self._tried: dict[int, tuple[Identifier, ...]] = {}
        self.decisions = Decisions(store, source, references)
        self._splits = Splits(source, store, self.decisions, references, label=rules.label)
        self._judge = PassJudge(source.name, recall_climate(store, source.name), rules)
        self._old_pages = 0

    @property
    def name(self) -> str:
        """The source's name in config.toml."""
        return self.source.name

    def now(self) -> Instant:
        """This instant, in whole seconds."""
        return int(self._clock.time())

    def usable(self, due: Due) -> Identifier | None:
        """The best identifier by which the source can be asked and was not; None without one.

        The one that was asked before comes first, so that a series keeps its record.
        """
        asked, tried = due.held.asked, self._tried.get(due.held.series, ())
        ids = [i for i in due.ids if i.scheme in self._places and i not in tried]
        if asked in ids and (due.held.answered or due.held.status is not Status.MISSING):
            return asked
        return min(ids, key=lambda i: self._places[i.scheme], default=None)

    async def poll(self, dues: Sequence[Due]) -> None:
        """Ask for papers by identifier; unknown new ones by their other identifiers too."""
        try:
            await self._poll(dues)
            await aside(self._judge.waiting, self._settle)
        finally:
            self._settle()  # also when interrupted: what was seen is kept
        # What a source says in a pass in which it is at fault is no comparison.
        compared = None if self._judge.weather.fault else self._splits.settle(now=self.now())
        if compared is not None:
            self.changes += self.store.apply(compared)

    async def _poll(self, dues: Sequence[Due]) -> None:
        done, waiting, first = 0, dues, True
        while waiting:
            asks, open_dues = await aside(len(waiting), self._questions, waiting)
            total = done + len(asks)
            if first:
                more = self._splits.ride_along
                asks += await aside(len(asks), more, asks, open_dues, now=self.now())
            waiting, looks, first = [], [], False
            async for readings in guard.fetch(self.source, asks):
                again, seen = await aside(len(readings), self._take, readings, open_dues)
                waiting += again
                looks += seen
                done += self._splits.in_earnest(readings) - len(again)
                self.beat()
                self.progress(self.name, done, total)
            await self._inspect(looks)

    def _questions(self, dues: Sequence[Due]) -> tuple[list[Ask], dict[int, Due]]:
        """What to ask about these papers, and by series those that can be asked about."""
        asks: list[Ask] = []
        open_dues: dict[int, Due] = {}
        for due in dues:
            if (identifier := self.usable(due)) is not None:
                self._note_tried(due.held.series, identifier)
                self._splits.claim(due.held.series, identifier)
                asks.append(
                    Ask(
                        due.held.series,
                        identifier,
                        due.held.hint,
                        answered=due.held.answered,
                        casual=_is_long_missing(due),
                    )
                )
                open_dues[due.held.series] = due
        self.tally.asked |= {due.held.paper for due in open_dues.values()}
        return asks, open_dues

    def _note_tried(self, series: int, identifier: Identifier) -> None:
        self._tried[series] = (*self._tried.get(series, ()), identifier)

    async def _inspect(self, dues: Sequence[Due]) -> None:
        """Take the costlier second look at the papers that call for it."""
        if not dues or not isinstance(self.source, Inspector):
            return
        by_series = {due.held.series: due for due in dues}
        asks = [Ask(d.held.series, d.held.asked, d.held.hint) for d in dues if d.held.asked]
        async for readings in self.source.inspect(asks):
            narrow = [
                (ask, only_status(outcome))
                for ask, outcome in readings
                if isinstance(outcome, Observed)
            ]
            await aside(len(narrow), self._take, narrow, by_series, inspected=True)

    # --- one answer -------------------------------------------------------------

    def take(self, readings: Readings, dues: Mapping[int, Due]) -> None:
        """Judge and store an answer that was asked for elsewhere (links of a page)."""
        self.tally.asked |= {dues[ask.series].held.paper for ask, _ in readings}
        for ask, _ in readings:
            self._note_tried(ask.series, ask.identifier)
        self._take(readings, dues)
        self._settle()

    def _settle(self) -> None:
        """Judge what had to wait until all papers were heard, and look at the source itself."""
        if self._judge.is_settled:
            return
        cases, lines = self._judge.settle(self.now())
        verdicts = [verdict for _, verdict in cases]
        memo = climate_memo(self.name, self._judge.climate)
        self.apply(verdicts, lines=lines, memos=[memo])

    def _take(
        self, readings: Readings, dues: Mapping[int, Due], *, inspected: bool = False
    ) -> tuple[list[Due], list[Due]]:
        """Store one answer; the papers to ask for otherwise, and those to look at again."""
        now = self.now()
        readings = self._splits.take_out(readings, dues)
        known = self.decisions.known_of_new([dues[ask.series] for ask, _ in readings])
        foreign = of_others(known, self.name)
        again: list[Due] = []
        pairs: list[tuple[Due, Outcome]] = []
        refused: list[KnownIdentifier] = []
        verdicts: list[Verdict] = []
        for ask, outcome in readings:
            due = self._current(dues[ask.series], ask)
            if isinstance(outcome, Missing) and self._has_another(due):
                again.append(due)
            elif isinstance(outcome, Observed) and self.decisions.is_elsewhere_linked(due, outcome):
                words = f"the link leads to another paper: {outcome.facts.title}"
                pairs.append((due, Failed(reason="other_paper", detail=words, retry=False)))
            elif isinstance(outcome, Observed) and self.decisions.is_another(
                due, ask, outcome, foreign
            ):
                refused += self.decisions.refuse(due, ask, outcome, foreign, now=now)
                verdicts.append(self._set_aside(due, now))
            elif isinstance(outcome, Observed) and self._is_hasty(due, ask, outcome, now):
                pairs.append((due, Missing(asked=due.held.asked)))
            else:
                if isinstance(outcome, Observed) and outcome.twins:
                    self._splits.note_twins(due, outcome)
                pairs.append((due, outcome))
        heard = self._judge.hear([Case(d.held, outcome, d.ids) for d, outcome in pairs], now)
        at_once = [(pair, v) for pair, v in zip(pairs, heard, strict=True) if v is not None]
        judged = [verdict for _, verdict in at_once]
        looks = [] if inspected else self._looks([pair for pair, _ in at_once], judged, now)
        if isinstance(self.source, Inspector):
            waiting = {due.held.series for due in looks}
            judged = [
                stamp(v, now, inspected=inspected, waiting=v.held.series in waiting) for v in judged
            ]
        news = self._news(pairs, known, now)
        self.apply([*verdicts, *judged], [*refused, *news])
        if not inspected:
            self.tally_up(pairs)
        return again, looks

    def _has_another(self, due: Due) -> bool:
        """Whether to ask by another identifier before a miss is believed.

        At the first two absences, and weekly after that: a miss must not cost a request a day.
        """
        absences = due.held.absences
        return (absences == 1 or absences % _TRY_OTHERS == 0) and self.usable(due) is not None

    def _is_hasty(self, due: Due, ask: Ask, outcome: Observed, now: Instant) -> bool:
        """Whether another record answers for one that was only missed once.

        A list that leaves a record out for a day must not turn the series to another one:
        that takes two absences on different days, and never goes against the user's pick.
        """
        held = due.held
        if held.answered in (None, outcome.answered) or ask.identifier == held.asked:
            return False
        if held.missing_since_at is None or now - held.missing_since_at < DIFFERENT_DAYS_S:
            return True
        return self.decisions.picked(held.paper, outcome.answered)

    def _set_aside(self, due: Due, now: Instant) -> Verdict:
        """The source answered with another paper: nothing is learned, and nothing is hurried."""
        self.tally.unresolved.add(due.held.paper)
        again = next_check_after(now, self.rules.every_s, self.rules.jitter)
        after = replace(due.held, next_check_at=again)
        return Verdict(ruling=Ruling.REJECTED, held=after)

    def apply(
        self,
        verdicts: Sequence[Verdict],
        identifiers: Sequence[KnownIdentifier] = (),
        *,
        lines: Sequence[Change] = (),
        memos: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Store verdicts and what comes with them, in one transaction."""
        snapshots = [(v.held.series, v.snapshot) for v in verdicts if v.snapshot]
        batch = Batch(
            helds=[v.held for v in verdicts],
            snapshots=snapshots,
            facts=[(v.held.series, v.held.answered_at or 0, v.facts) for v in verdicts if v.facts],
            changes=[*lines, *(c for v in verdicts for c in v.changes)],
            identifiers=identifiers,
            memos=memos,
        )
        self.changes += self.store.apply(batch)
        self.tally.changed |= {v.held.paper for v in verdicts if v.snapshot or v.changes}

    def _current(self, due: Due, ask: Ask) -> Due:
        """The state to judge by: a new beginning when the old record was let go."""
        asked = due.held.asked
        if asked is None or asked == ask.identifier or asked in due.ids:
            return due
        if not self.decisions.is_rejected(due.held.paper, asked):
            return due
        return replace(due, held=forget(due.held))

    def _looks(
        self, pairs: Sequence[tuple[Due, Outcome]], verdicts: Sequence[Verdict], now: Instant
    ) -> list[Due]:
        if not isinstance(self.source, Inspector):
            return []
        looks, old = [], []
        for (due, outcome), verdict in zip(pairs, verdicts, strict=True):
            if not isinstance(outcome, Observed):
                continue
            held = verdict.held
            if due.held.answered is None:
                # What the first look shows is a baseline, like the first reading.
                held = replace(held, answered=None)
            if page_is_news(due.held, verdict.held):
                looks.append(replace(due, held=held))
            elif page_is_old(due.held, verdict.held, now):
                old.append(replace(due, held=held))
        some = old[: max(0, _PAGES_A_PASS - self._old_pages)]
        self._old_pages += len(some)
        return looks + some

    def tally_up(self, pairs: Iterable[tuple[Due, Outcome]]) -> None:
        """Note how questions about papers ended."""
        for due, outcome in pairs:
            self.tally.count(due.held.paper, outcome)

    # --- identifiers --------------------------------------------------------------

    def _news(
        self,
        pairs: Sequence[tuple[Due, Outcome]],
        known: Sequence[KnownIdentifier],
        now: Instant,
    ) -> list[KnownIdentifier]:
        """Identifiers that these answers give and that nobody has decided on."""
        fresh = [
            (due.held.paper, identifier)
            for due, outcome in pairs
            if isinstance(outcome, Observed)
            for identifier in dict.fromkeys((outcome.answered, *outcome.facts.ids))
            if identifier not in due.ids
        ]
        if not fresh:
            return []
        rows = self.decisions.news(fresh, known, now=now)
        self.learned |= {row.paper for row in rows if row.state == "accepted"}
        return rows


def _is_long_missing(due: Due) -> bool:
    """Whether a further look beside the list's word is not worth a request today."""
    held = due.held
    given_up = held.lost or held.answered is None
    return held.status is Status.MISSING and given_up and held.absences % _TRY_OTHERS != 0
