"""Readings of the past, judged in time order per source, all papers of an instant as one pass.

Three cases. Readings after all that is known go on from the state that is held. Readings
before it are judged from a beginning of their own; what they reached is settled for the
living state too. Readings within it find their place among the others: they are kept, with
what the judge would have made of them, and are no news.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import DAY, Change, Held, Instant, Kind, Observed, Snapshot
from citewatch.domain.passes import Case, PassJudge
from citewatch.domain.rules import Rules
from citewatch.domain.weather import Climate
from citewatch.ports import Batch, ChangeFilter, LoggedChange, Run, Store
from citewatch.services.climates import climate_memo, recall_climate
from citewatch.services.interleaving import Interleaving, joined
from citewatch.services.watchlist import IMPORTED


@dataclass(frozen=True, slots=True)
class Reading:
    """A count of a paper, by number, at a source."""

    paper: int
    source: str
    at: Instant
    count: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """What readings of the past add to the store, ready to be applied in one piece."""

    batch: Batch
    placed: int
    """Readings that say something else than was known."""


def replay(readings: Sequence[Reading], store: Store, rules: Callable[[str], Rules]) -> Replayed:
    """Judge readings of the past. Of those of one paper, source and instant, in their order."""
    by_source: dict[str, list[Reading]] = {}
    for reading in readings:
        by_source.setdefault(reading.source, []).append(reading)
    logs = [_Replay(s, mine, store, rules(s)).run() for s, mine in by_source.items()]
    snapshots = [row for log in logs for row in log.snapshots]
    changes = [change for log in logs for change in log.changes]
    snapshots.sort(key=lambda row: (row[0], row[1].at))
    changes.sort(key=lambda change: change.at)
    batch = Batch(
        helds=[held for log in logs for held in log.helds],
        snapshots=snapshots,
        changes=changes,
        runs=[run for log in logs for run in log.runs],
        memos=[memo for log in logs for memo in log.memos],
        notify=False,
    )
    return Replayed(batch, len(snapshots) - sum(log.written_again for log in logs))


@dataclass(slots=True)
class _Log:
    """What the replay of one source adds."""

    snapshots: list[tuple[int, Snapshot]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    helds: list[Held] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    memos: list[tuple[str, str]] = field(default_factory=list)
    written_again: int = 0
    """Rows that only repeat what a pass had found unchanged."""


class _Replay:
    """The replay of one source."""

    def __init__(
        self, source: str, readings: Sequence[Reading], store: Store, rules: Rules
    ) -> None:
        self._source, self._store, self._rules = source, store, rules
        self._readings = readings
        self._name = Identifier(IMPORTED, source)
        numbers = sorted({reading.paper for reading in readings})
        self._stored = {held.paper: held for held in store.helds(source, numbers)}
        histories = store.histories(papers=numbers, sources={source})
        self._past = {h.paper: tuple(h.snapshots) for h in histories}
        self._live = {n: self._known(held) for n, held in self._stored.items()}
        self._older: dict[int, Held] = {}
        self._climate = recall_climate(store, source)
        self._climate_before = Climate()
        self._log = _Log()
        said = self._told(Kind.MILESTONE)
        self._announced = {(line.change.paper, line.change.threshold) for line in said}

    def _known(self, held: Held) -> Held:
        """A paper with a count is one that the source is expected to know."""
        known = held.answered is None and held.citation_count is not None
        return replace(held, answered=self._name) if known else held

    def run(self) -> _Log:
        """Judge all, pass by pass."""
        within: dict[Instant, dict[int, int]] = {}
        began = self._climate
        for at, group in _passes(self._readings):
            older: dict[int, int] = {}
            newer: dict[int, int] = {}
            for paper, count in group.items():
                held, past = self._live[paper], self._past.get(paper)
                if past and at < past[0].at:
                    older[paper] = count
                elif held.answered_at is None or at > held.answered_at:
                    newer[paper] = count
                else:
                    within.setdefault(at, {})[paper] = count
            if older:
                self._judge(older, at, begins=True)
            if newer:
                self._judge(newer, at, begins=False)
            self._log.runs.append(_run(self._source, at, len(group)))
        if within:
            self._place(within)
        self._log.helds += self._states()
        if self._climate != began:
            self._log.memos.append(climate_memo(self._source, self._climate))
        return self._log

    def _judge(self, counts: Mapping[int, int], at: Instant, *, begins: bool) -> None:
        """One pass, of papers before their history begins or after its end."""
        behind = begins or at <= (self._climate.at or at - 1)
        session = PassJudge(
            self._source, self._climate_before if behind else self._climate, self._rules
        )
        cases = [
            Case(self._held(p, begins=begins), self._observed(p, c)) for p, c in counts.items()
        ]
        verdicts = [verdict for verdict in session.hear(cases, at) if verdict is not None]
        waited, lines = session.settle(at)
        if behind:
            self._climate_before = session.climate
        else:
            self._climate = session.climate
        self._log.changes += lines
        states = self._older if begins else self._live
        for verdict in (*verdicts, *(verdict for _, verdict in waited)):
            self._log.changes += self._news(verdict.changes, begins=begins)
            if verdict.snapshot:
                self._log.snapshots.append((verdict.held.series, verdict.snapshot))
            states[verdict.held.paper] = verdict.held

    def _held(self, paper: int, *, begins: bool) -> Held:
        live = self._live[paper]
        if not begins:
            return live
        fresh = Held(series=live.series, paper=paper, source=self._source)
        return self._older.get(paper, fresh)

    def _observed(self, paper: int, count: int) -> Observed:
        name = self._live[paper].answered or self._name
        return Observed(asked=name, answered=name, citation_count=count)

    def _states(self) -> Iterator[Held]:
        """The states to store: polling goes on as it was."""
        for paper, stored in self._stored.items():
            held, older = self._live[paper], self._older.get(paper)
            heard = held.answered_at != stored.answered_at
            if not heard and older is None:
                continue
            after = replace(
                held, asked=stored.asked, answered=stored.answered, facts=stored.facts,
                next_check_at=stored.next_check_at,
            )  # fmt: skip
            yield joined(after, older) if older else after

    def _place(self, within: Mapping[Instant, Mapping[int, int]]) -> None:
        runs = self._store.runs(source=self._source)
        asked = sorted({run.started_at for run in runs if run.found})
        told = self._told(Kind.SOURCE_FAULT)
        placing = Interleaving(
            self._source, self._stored, self._past, asked=asked, rules=self._rules
        )  # fmt: skip
        placed = placing.take(within)
        self._log.snapshots += placed.rows
        self._log.written_again += placed.written_again
        faults = {line.change.at // DAY for line in told}
        self._log.changes += [
            change
            for change in placed.changes
            if (
                change.kind is Kind.MILESTONE
                and (change.paper, change.threshold) not in self._announced
            )
            or (change.kind is Kind.SOURCE_FAULT and change.at // DAY not in faults)
        ]
        for paper, state in placed.states.items():
            older = self._older.get(paper)
            self._older[paper] = state if older is None else joined(older, state)

    def _told(self, kind: Kind) -> Sequence[LoggedChange]:
        return self._store.changes(ChangeFilter(kinds={kind}, sources={self._source}))

    def _news(self, changes: Sequence[Change], *, begins: bool) -> list[Change]:
        """What is worth a line; what was announced later is not taken back before that."""
        if not begins:
            return list(changes)
        return [
            change
            for change in changes
            if change.kind is not Kind.MILESTONE_LOST
            or (change.paper, change.threshold) not in self._announced
        ]


def _run(source: str, at: Instant, papers: int) -> Run:
    return Run(
        source=source, started_at=at, finished_at=at, status="ok", trigger="import",
        papers=papers, found=papers,
    )  # fmt: skip


def _passes(readings: Sequence[Reading]) -> Iterator[tuple[Instant, dict[int, int]]]:
    """All papers of an instant are one pass.

    Two counts of one paper for one instant were both seen: the second makes a further pass,
    a second later.
    """
    by_instant: dict[Instant, list[dict[int, int]]] = {}
    for reading in readings:
        rounds = by_instant.setdefault(reading.at, [{}])
        for group in rounds:
            if group.setdefault(reading.paper, reading.count) == reading.count:
                break
        else:
            rounds.append({reading.paper: reading.count})
    for at in sorted(by_instant):
        for later, group in enumerate(by_instant[at]):
            yield at + later, group
