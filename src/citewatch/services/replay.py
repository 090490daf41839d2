"""Readings of the past, judged in time order per source, all papers of an instant as one pass.

Three cases. Readings after all that is known go on from the state that is held. Readings
before it are judged from a beginning of their own; what they reached is settled for the
living state too. Readings within it find their place among the others: they are kept, with
what the judge would have made of them, and are no news.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from citewatch.domain.counts import Rules
from citewatch.domain.identifiers import Identifier
from citewatch.domain.judge import judge
from citewatch.domain.papers import (
    Change,
    Held,
    Instant,
    Missing,
    Observed,
    Outcome,
    Snapshot,
    Stand,
    Status,
)
from citewatch.domain.passes import Case, PassJudge
from citewatch.domain.weather import Climate
from citewatch.ports import Batch, Run, Store
from citewatch.services.climates import climate_memo, recall_climate
from citewatch.services.watchlist import IMPORTED


@dataclass(frozen=True, slots=True)
class Reading:
    """A count of a paper, by number, at a source."""

    paper: int
    source: str
    at: Instant
    count: int


def replay(readings: Sequence[Reading], store: Store, rules: Callable[[str], Rules]) -> Batch:
    """What readings of the past add to the store, ready to be applied in one piece.

    Of readings of one paper, source and instant, the first comes first.
    """
    by_source: dict[str, list[Reading]] = {}
    for reading in readings:
        by_source.setdefault(reading.source, []).append(reading)
    logs = [_Replay(s, mine, store, rules(s)).run() for s, mine in by_source.items()]
    snapshots = [row for log in logs for row in log.snapshots]
    changes = [change for log in logs for change in log.changes]
    snapshots.sort(key=lambda row: (row[0], row[1].at))
    changes.sort(key=lambda change: change.at)
    return Batch(
        helds=[held for log in logs for held in log.helds],
        snapshots=snapshots,
        changes=changes,
        runs=[run for log in logs for run in log.runs],
        memos=[memo for log in logs for memo in log.memos],
        notify=False,
    )


@dataclass(slots=True)
class _Log:
    """What the replay of one source adds."""

    snapshots: list[tuple[int, Snapshot]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    helds: list[Held] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    memos: list[tuple[str, str]] = field(default_factory=list)


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

    def _known(self, held: Held) -> Held:
        """A paper with a count is one that the source is expected to know."""
        known = held.answered is None and held.citation_count is not None
        return replace(held, answered=self._name) if known else held

    def run(self) -> _Log:
        """Judge all, pass by pass."""
        within: dict[int, list[tuple[Instant, int]]] = {}
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
                    within.setdefault(paper, []).append((at, count))
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
            self._log.changes += verdict.changes
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
            yield _joined(after, older) if older else after

    def _place(self, within: Mapping[int, Sequence[tuple[Instant, int]]]) -> None:
        runs = self._store.runs(source=self._source)
        asked = [run.started_at for run in runs if run.trigger != "import" and run.found]
        for paper, points in within.items():
            placed = _Line(self._stored[paper], self._past.get(paper, ()), self._rules, asked)
            self._log.snapshots += [(placed.series, row) for row in placed.take(points)]


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


@dataclass(frozen=True, slots=True, order=True)
class _Step:
    """One reading in the line of a paper: known before, or to be placed."""

    at: Instant
    is_new: bool
    count: int | None = field(compare=False)


class _Line:
    """One known series, into which readings are placed."""

    def __init__(
        self, held: Held, known: Sequence[Snapshot], rules: Rules, asked: Sequence[Instant]
    ) -> None:
        self.series = held.series
        self._held, self._rules, self._asked = held, rules, asked
        self._known = [_Step(s.at, is_new=False, count=s.citation_count) for s in known]
        self._state = Held(series=held.series, paper=held.paper, source=held.source)
        self._name = Identifier(IMPORTED, held.source)

    def take(self, points: Sequence[tuple[Instant, int]]) -> list[Snapshot]:
        """The rows that the points add, judged by what the paper had said until then.

        Of two values of one instant the one that was seen first stays.
        """
        fresh = [_Step(at, is_new=True, count=count) for at, count in points]
        steps = sorted([*self._known, *fresh])
        rows: list[Snapshot] = []
        said: int | None = None
        for place, step in enumerate(steps):
            if not step.is_new:
                self._hear(step.at, step.count)
                said = step.count
                continue
            if step.count == said or (place > 0 and steps[place - 1].at == step.at):
                continue
            row = self._hear(step.at, step.count)
            if row is None:
                continue
            rows.append(row)
            until = steps[place + 1].at if place + 1 < len(steps) else None
            if (back := self._back(step.at, until, said)) is not None:
                rows.append(back)
            else:
                said = step.count
        return rows

    def _back(self, at: Instant, until: Instant | None, said: int | None) -> Snapshot | None:
        """What was said before, at the next pass that found it so and wrote no row for it."""
        place = bisect_right(self._asked, at)
        again = self._asked[place] if place < len(self._asked) else None
        if again is None and until is None:
            again, said = self._held.counted_at, self._held.citation_count
        if again is None or said is None or again <= at or (until is not None and again >= until):
            return None
        return self._hear(again, said)

    def _hear(self, at: Instant, count: int | None) -> Snapshot | None:
        outcome: Outcome = Missing(asked=self._name)
        if count is not None:
            outcome = Observed(asked=self._name, answered=self._name, citation_count=count)
        verdict = judge(self._state, outcome, at, rules=self._rules)
        self._state = verdict.held
        return verdict.snapshot


def _joined(live: Held, older: Held) -> Held:
    """The living state, which now also knows what was reached before it began."""
    thresholds = {stand.threshold: stand for stand in (*older.stands, *live.stands)}
    stands: tuple[Stand, ...] = tuple(thresholds[t] for t in sorted(thresholds))
    return replace(
        live,
        high=_larger(live.high, older.high),
        confirmed_high=_larger(live.confirmed_high, older.confirmed_high),
        stands=stands,
        status=live.status if live.status is not Status.NEVER else older.status,
    )


def _larger(one: int | None, other: int | None) -> int | None:
    return max((n for n in (one, other) if n is not None), default=None)
