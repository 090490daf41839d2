"""A made world that mirrors `citewatch.ports` one to one, in memory.

``MemoryStore`` remembers, ``FakeClock`` is the time, ``ScriptedSource`` answers what
the test says. Nothing here is cleverer than the port it mirrors.
"""

from __future__ import annotations

import asyncio
import heapq
from bisect import bisect_right, insort
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from citewatch.domain.citing import CitingWork
from citewatch.domain.identifiers import Identifier
from citewatch.domain.outlook import SHORTEST_S, STALE_S
from citewatch.domain.pace import Pace
from citewatch.domain.papers import (
    Blocked,
    Facts,
    Failed,
    Found,
    Held,
    Instant,
    Missing,
    Outcome,
    Paper,
    SearchOutcome,
    Snapshot,
    Status,
    Throttled,
)
from citewatch.domain.reconstruction import Reconstruction
from citewatch.domain.trends import believed
from citewatch.ports import (
    Agenda,
    Ask,
    Batch,
    ChangeFilter,
    CitingOutcome,
    CitingPage,
    Due,
    GateState,
    HeldBack,
    History,
    KnownIdentifier,
    LoggedChange,
    MadeForecast,
    Readings,
    Run,
    Said,
    Search,
    StoredPaper,
    Track,
)

_EVERYTHING = ChangeFilter()


class FakeClock:
    """Time that passes only when somebody sleeps, and then at once.

    Several sleepers wake in the order of their times: the clock moves to the
    earliest one after the others have had their turn, so waits that overlap do
    overlap. ``slept`` lists every wait that was asked for, in seconds.
    """

    _TURNS = 10

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = float(now)
        self._started = self._now
        self._wakes: list[float] = []
        self.slept: list[float] = []

    def time(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now - self._started

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        wake = self._now + max(0.0, seconds)
        heapq.heappush(self._wakes, wake)
        try:
            await asyncio.sleep(0)
            while self._now < wake:
                for _ in range(self._TURNS):
                    await asyncio.sleep(0)
                if self._wakes[0] == wake:
                    self._now = max(self._now, wake)
        finally:
            self._wakes.remove(wake)
            heapq.heapify(self._wakes)

    def advance(self, seconds: float) -> None:
        """Let time pass outside a sleep."""
        self._now += seconds


class MemoryGate:
    """One source's memory for politeness."""

    def __init__(self) -> None:
        self.state = GateState()

    def load(self) -> GateState:
        return self.state

    def sent(self, at: float) -> None:
        day = int(at // 86_400)
        done = self.state.day_requests if self.state.day == day else 0
        self.state = replace(self.state, last_request_at=at, day=day, day_requests=done + 1)

    def spend(self, until: Instant) -> None:
        self.state = replace(self.state, spent_until=until)

    def park(self, until: Instant, reason: str, *, strike: bool = True) -> None:
        strikes = self.state.strikes + strike
        self.state = replace(self.state, not_before=until, reason=reason, strikes=strikes)

    def answered(self, at: float) -> None:
        if (self.state.not_before or 0) > at:
            return
        self.state = replace(self.state, not_before=None, reason="", strikes=0)


class MemoryForecasts:
    """`citewatch.ports.Forecasts` in memory."""

    QUIET_S = APART_S = 28 * 86_400

    def __init__(self, series: Mapping[int, _Series]) -> None:
        self._series = series
        self.kept: dict[int, list[MadeForecast]] = {}

    def due(self, source: str, papers: Collection[int], *, now: Instant) -> Sequence[int]:
        return sorted(
            row.held.paper
            for number, row in self._series.items()
            if row.held.paper in papers
            and row.held.source == source
            and (row.held.counted_at or 0) >= now - STALE_S
            and row.held.citation_count is not None
            and row.snapshots
            and self._is_due(number, row)
        )

    def _is_due(self, number: int, row: _Series) -> bool:
        counted_at, changed_at = row.held.counted_at or 0, row.snapshots[-1].at
        last_at = max((made.made_at for made in self.kept.get(number, ())), default=None)
        first_at = row.snapshots[0].at
        old = first_at <= counted_at - SHORTEST_S and first_at < changed_at
        if old and (last_at is None or last_at < changed_at):
            return True
        quiet_since = changed_at if last_at is None else last_at
        return counted_at - quiet_since >= self.QUIET_S + number % 14 * 86_400

    def save(self, made: Sequence[MadeForecast]) -> None:
        for one in made:
            kept = self.kept.setdefault(one.series, [])
            if len(kept) > 1 and kept[-1].made_at < kept[-2].made_at + self.APART_S:
                kept.pop()
            if one.made_at not in {k.made_at for k in kept}:
                kept.append(one)

    def paces(self, series: Collection[int]) -> Mapping[int, Pace]:
        return {n: kept[-1].pace for n, kept in self.kept.items() if kept and n in series}

    def made(self, papers: Collection[int]) -> Sequence[MadeForecast]:
        kept = [made for rows in self.kept.values() for made in rows if made.paper in papers]
        return sorted(kept, key=lambda made: (made.paper, made.series, made.made_at))


def _at(row: tuple[Instant, Facts]) -> Instant:
    return row[0]


@dataclass(slots=True)
class _Series:
    held: Held
    snapshots: list[Snapshot] = field(default_factory=list)
    facts: list[tuple[Instant, Facts]] = field(default_factory=list)
    states: list[tuple[Instant, Held]] = field(default_factory=list)
    """Every state it was in, with the instant from which on; none of those of imports."""

    def settle(self, held: Held, decided_at: Instant) -> None:
        news = held.answered_at is not None and held.answered_at != self.held.answered_at
        at = held.answered_at if news else max(decided_at, held.answered_at or 0)
        if at:
            self.states.append((at, held))

    def then(self, until: Instant) -> Held | None:
        known = [held for at, held in self.states if at <= until]
        return known[-1] if known else None

    def keep(self, snapshot: Snapshot) -> None:
        """In time order; a second reading that differs moves on to the next free second."""
        taken = {s.at: s for s in self.snapshots}
        while snapshot.at in taken:
            if taken[snapshot.at] == snapshot:
                return
            snapshot = replace(snapshot, at=snapshot.at + 1)
        insort(self.snapshots, snapshot, key=lambda s: s.at)

    def state(self, at: Instant, facts: Facts) -> None:
        """In time order; of two statements in one second the later one stays."""
        self.facts = sorted([*(row for row in self.facts if row[0] != at), (at, facts)], key=_at)

    def between(self, since: Instant | None, until: Instant | None) -> tuple[Snapshot, ...]:
        times = [s.at for s in self.snapshots]
        first = 0 if since is None else max(0, bisect_right(times, since) - 1)
        last = len(times) if until is None else bisect_right(times, until)
        return tuple(self.snapshots[first:last])

    def facts_at(self, until: Instant | None) -> Facts | None:
        known = [f for at, f in self.facts if until is None or at <= until]
        return known[-1] if known else None


class MemoryPast:
    """`citewatch.ports.Past` of a store in which nobody looked who cites."""

    def reconstructions(self, papers: Collection[int]) -> Mapping[tuple[int, str], Reconstruction]:
        return {}


class MemoryStore:
    """`citewatch.ports.Store` in memory. ``calls`` counts the reading methods used."""

    def __init__(self) -> None:
        self._papers: dict[int, StoredPaper] = {}
        self._identifiers: dict[tuple[int, Identifier], KnownIdentifier] = {}
        self._decided: dict[tuple[int, Identifier], list[KnownIdentifier]] = {}
        self._papers_before: dict[int, list[tuple[Instant, Paper]]] = {}
        self._series: dict[int, _Series] = {}
        self._numbers: dict[tuple[int, str], int] = {}
        self._runs: dict[int, Run] = {}
        self._changes: dict[int, LoggedChange] = {}
        self._gates: dict[str, MemoryGate] = {}
        self._forecasts = MemoryForecasts(self._series)
        self._remembered: dict[str, str] = {}
        self.outbox: list[int] = []
        self.calls: list[str] = []
        self.closed = False

    # --- papers and identifiers

    def papers(
        self, numbers: Collection[int] | None = None, *, until: Instant | None = None
    ) -> Sequence[StoredPaper]:
        self.calls.append("papers")
        wanted = [p for n, p in self._papers.items() if numbers is None or n in numbers]
        if until is None:
            return [self._with_ids(p) for p in wanted]
        return [
            self._with_ids(self._paper_then(p, until), until)
            for p in wanted
            if p.added_at <= until or self._read_before(p.number, until)
        ]

    def _read_before(self, paper: int, until: Instant) -> bool:
        mine = (row for row in self._series.values() if row.held.paper == paper)
        return any(row.between(None, until) for row in mine)

    def _paper_then(self, stored: StoredPaper, until: Instant) -> StoredPaper:
        for replaced_at, paper in self._papers_before.get(stored.number, ()):
            if replaced_at > until:
                return replace(stored, paper=paper)
        return stored

    def _with_ids(self, stored: StoredPaper, until: Instant | None = None) -> StoredPaper:
        rows = [
            row
            for (paper, _), row in self._identifiers.items()
            if paper == stored.number and row.state == "accepted"
        ]
        if until is not None and stored.added_at <= until:
            rows = []
            for (paper, _), past in self._decided.items():
                known = [row for row in past if row.at <= until]
                if paper == stored.number and known and known[-1].state == "accepted":
                    rows.append(known[-1])
            rows.sort(key=lambda row: row.at)
        return replace(stored, paper=replace(stored.paper, ids=tuple(r.identifier for r in rows)))

    def add_papers(
        self, papers: Sequence[Paper], *, now: Instant, adopted: bool = False
    ) -> Sequence[int]:
        taken = {p.paper.key for p in self._papers.values()}
        keys = [p.key for p in papers]
        if "" in keys or len({*keys} | taken) != len(keys) + len(taken):
            raise ValueError("keys must be given and new")
        numbers = []
        for paper in papers:
            number = len(self._papers) + 1
            self._papers[number] = StoredPaper(
                number=number,
                paper=replace(paper, ids=()),
                watched=True,
                adopted=adopted,
                added_at=now,
            )
            self.save_identifiers(
                [
                    KnownIdentifier(
                        paper=number, identifier=i, state="accepted", origin="list", at=now
                    )
                    for i in paper.ids
                ]
            )
            numbers.append(number)
        return numbers

    def forget(self, number: int) -> int:
        gone = [series for (paper, _), series in self._numbers.items() if paper == number]
        changes = [n for n, row in self._changes.items() if row.change.paper == number]
        rows = [key for key in self._identifiers if key[0] == number]
        for key in rows:
            del self._identifiers[key]
        for change in changes:
            del self._changes[change]
        for series in gone:
            del self._series[series]
        self._numbers = {k: n for k, n in self._numbers.items() if k[0] != number}
        self.outbox = [n for n in self.outbox if n not in changes]
        known = self._papers.pop(number, None) is not None
        return len(rows) + len(changes) + len(gone) + known

    def update_paper(self, number: int, paper: Paper, *, now: Instant) -> None:
        stored = self._papers[number]
        self._papers_before.setdefault(number, []).append((now, stored.paper))
        kept = replace(paper, key=stored.paper.key, ids=())
        self._papers[number] = replace(stored, paper=kept)

    def set_watched(self, numbers: Collection[int]) -> None:
        self._papers = {n: replace(p, watched=n in numbers) for n, p in self._papers.items()}

    def identifiers(
        self, papers: Collection[int] = (), *, states: Collection[str] = ()
    ) -> Sequence[KnownIdentifier]:
        self.calls.append("identifiers")
        return [
            r
            for r in self._identifiers.values()
            if (not papers or r.paper in papers) and (not states or r.state in states)
        ]

    def accepted(self, papers: Collection[int]) -> Mapping[int, tuple[Identifier, ...]]:
        self.calls.append("accepted")
        known = ((n, self._with_ids(self._papers[n]).paper.ids) for n in papers)
        return {number: ids for number, ids in known if ids}

    def save_identifiers(self, rows: Sequence[KnownIdentifier]) -> None:
        for row in rows:
            before = self._identifiers.get((row.paper, row.identifier))
            stays = before is not None and before.state == "rejected" != row.state
            if not stays or row.origin in ("user", "list"):
                self._identifiers[row.paper, row.identifier] = row
                self._decided.setdefault((row.paper, row.identifier), []).append(row)

    # --- small things to remember

    def recall(self, name: str) -> str | None:
        return self._remembered.get(name)

    def remember(self, name: str, text: str) -> None:
        self._remembered[name] = text

    def recall_all(self, prefix: str) -> Mapping[str, str]:
        found = sorted(self._remembered.items())
        return {name: text for name, text in found if name.startswith(prefix)}

    def unlearn(self, name: str) -> None:
        self._remembered.pop(name, None)

    # --- polling

    def ensure_series(self, source: str, papers: Sequence[int]) -> None:
        for paper in papers:
            if (paper, source) not in self._numbers:
                series = len(self._series) + 1
                self._numbers[paper, source] = series
                held = Held(series=series, paper=paper, source=source)
                self._series[series] = _Series(held)

    def due(
        self,
        source: str,
        *,
        now: Instant,
        papers: Collection[int] | None = None,
        force: bool = False,
    ) -> Sequence[Due]:
        found = []
        for row in self._series.values():
            held = row.held
            stored = self._papers[held.paper]
            wanted = papers is None or held.paper in papers
            polled = stored.watched and not stored.adopted and held.source == source
            if wanted and polled and (force or held.next_check_at <= now):
                found.append(Due(held=held, ids=self._with_ids(stored).paper.ids))
        return sorted(found, key=lambda d: (d.held.next_check_at, d.held.series))

    def settle_claims(self, source: str, claims: Mapping[int, int]) -> None:
        for paper, claim in claims.items():
            row = self._series.get(self._numbers.get((paper, source), 0))
            if row and row.held.citation_count is None and (row.held.confirmed_high or -1) < claim:
                row.held = replace(row.held, confirmed_high=claim)

    def agenda(self, source: str, schemes: Collection[str]) -> Agenda:
        asks, looks = [], []
        dues = self.due(source, now=0, force=True)
        for due in dues:
            held = due.held
            usable = any(i.scheme in schemes for i in due.ids)
            if usable:
                asks.append(held.next_check_at)
            titled = self._papers[held.paper].paper.title
            if titled and held.answered is None and (held.status is Status.MISSING or not usable):
                looks.append(max(held.next_check_at, held.next_search_at))
        ended = [
            r
            for r in self._runs.values()
            if r.source == source and r.trigger != "import" and r.finished_at is not None
        ]
        good = [r for r in ended if r.status in ("ok", "partial") and r.found + r.missing]
        return Agenda(
            ask_at=min(asks, default=None),
            search_at=min(looks, default=None),
            papers=len(dues),
            held=sum(d.held.status is Status.HELD for d in dues),
            newest_answer_at=max((d.held.answered_at or 0 for d in dues), default=0) or None,
            good_at=max((r.finished_at or 0 for r in good), default=None),
            passed_at=max((r.finished_at or 0 for r in ended), default=None),
        )

    def helds(self, source: str, papers: Collection[int]) -> Sequence[Held]:
        self.ensure_series(source, list(papers))
        return [self._series[self._numbers[p, source]].held for p in papers]

    def apply(self, batch: Batch) -> Sequence[LoggedChange]:
        touched = [h.series for h in batch.helds]
        touched += [s for s, _ in batch.snapshots] + [s for s, _, _ in batch.facts]
        if unknown := {s for s in touched if s not in self._series}:
            raise KeyError(f"no such series: {sorted(unknown)}")
        papers = {c.paper for c in batch.changes} - {None}
        if strangers := papers - self._papers.keys():
            raise KeyError(f"no such papers: {strangers}")
        decided_at = max((row.at for row in batch.identifiers), default=0)
        for held in batch.helds:
            if not batch.runs:
                self._series[held.series].settle(held, decided_at)
            self._series[held.series].held = held
        for series, snapshot in batch.snapshots:
            self._series[series].keep(snapshot)
        for series, at, facts in batch.facts:
            self._series[series].state(at, facts)
        self.save_identifiers(batch.identifiers)
        self._remembered.update(batch.memos)
        passes = {(r.source, r.started_at, r.trigger) for r in self._runs.values()}
        for run in batch.runs:
            if (run.source, run.started_at, run.trigger) not in passes:
                self.begin_run(run)
        return self._log(batch)

    def _log(self, batch: Batch) -> Sequence[LoggedChange]:
        logged = []
        for change in batch.changes:
            number = len(self._changes) + 1
            paper = None if change.paper is None else self._papers[change.paper].paper
            row = LoggedChange(
                number=number,
                change=change,
                key=paper.key if paper else None,
                title=paper.title if paper else None,
            )
            self._changes[number] = row
            logged.append(row)
        if batch.notify:
            self.outbox += [row.number for row in logged]
        return logged

    def begin_run(self, run: Run) -> int:
        number = len(self._runs) + 1
        self._runs[number] = replace(run, number=number)
        return number

    def end_run(self, run: Run) -> None:
        if run.number not in self._runs:
            raise KeyError(f"no such run: {run.number}")
        self._runs[run.number] = run

    def prune(self, *, before: Instant) -> int:
        """What never ended and what asked nothing; repetitions of outages stay here."""
        gone = [
            run.number
            for run in self._runs.values()
            if run.started_at < before
            and run.trigger != "import"
            and (run.finished_at is None or (run.status == "ok" and not run.requests + run.papers))
        ]
        for number in gone:
            del self._runs[number]
        return len(gone)

    def gate(self, source: str) -> MemoryGate:
        return self._gates.setdefault(source, MemoryGate())

    def past(self) -> MemoryPast:
        return MemoryPast()

    def forecasts(self) -> MemoryForecasts:
        return self._forecasts

    # --- reading

    def histories(
        self,
        *,
        papers: Collection[int] | None = None,
        sources: Collection[str] = (),
        since: Instant | None = None,
        until: Instant | None = None,
    ) -> Sequence[History]:
        self.calls.append("histories")
        return [
            History(
                series=number,
                paper=row.held.paper,
                source=row.held.source,
                snapshots=row.between(since, until),
                held=row.held if until is None else None,
                facts=row.facts_at(until),
            )
            for number, row in self._series.items()
            if (papers is None or row.held.paper in papers)
            and (not sources or row.held.source in sources)
        ]

    def tracks(self, papers: Collection[int], *, until: Instant | None = None) -> Sequence[Track]:
        self.calls.append("tracks")
        rows = [(n, row) for n, row in self._series.items() if row.held.paper in papers]
        tracks = [_track(row.held) if until is None else _track_then(row, until) for _, row in rows]
        return sorted(tracks, key=lambda t: (t.paper, t.series))

    def said(
        self, papers: Collection[int], *, until: Instant | None = None
    ) -> Sequence[tuple[int, str, Said]]:
        self.calls.append("said")
        return [
            (
                row.held.paper,
                row.held.source,
                Said(f.title, f.year, f.venue, f.published_on, bool(f.retracted)),
            )
            for row in self._series.values()
            if row.held.paper in papers and (f := row.facts_at(until)) is not None
        ]

    def samples(
        self, series: Collection[int], instants: Sequence[Instant]
    ) -> Mapping[int, Sequence[int | None]]:
        self.calls.append("samples")
        found = {}
        for number in series:
            whole = believed(self._series[number].snapshots)
            found[number] = (whole.begins_at, *(whole.at(at) for at in instants))
        return found

    def samples_at(self, instants: Mapping[int, Instant]) -> Mapping[int, int | None]:
        self.calls.append("samples_at")
        return {
            number: believed(self._series[number].snapshots).at(at)
            for number, at in instants.items()
        }

    def runs(
        self, *, source: str | None = None, since: Instant = 0, until: Instant | None = None
    ) -> Sequence[Run]:
        self.calls.append("runs")
        found = [
            run
            for run in self._runs.values()
            if (source is None or run.source == source)
            and run.started_at >= since
            and (until is None or run.started_at <= until)
        ]
        return sorted(found, key=lambda run: (run.started_at, run.number))

    def changes(self, wanted: ChangeFilter = _EVERYTHING) -> Sequence[LoggedChange]:
        self.calls.append("changes")
        found = [row for row in self._changes.values() if _wants(wanted, row)]
        return sorted(found, key=lambda row: (row.change.at, row.number))

    def held_back(self, limit: int) -> Sequence[HeldBack]:
        held = [
            HeldBack(
                paper=row.held.paper, title=self._papers[row.held.paper].paper.title,
                source=row.held.source, believed=row.held.citation_count,
                said=row.held.pending.citation_count, since_at=row.held.pending.since_at,
            )
            for row in self._series.values()
            if row.held.pending and row.held.status is Status.HELD
            and self._papers[row.held.paper].watched
        ]  # fmt: skip
        return held[:limit]

    def close(self) -> None:
        self.closed = True


def _track(held: Held) -> Track:
    answered = str(held.answered) if held.answered else ""
    return Track(
        held.series, held.paper, held.source, held.status, held.citation_count,
        held.influential_count, held.without_self_count, held.high, held.counted_at,
        held.answered_at, held.begun_at, answered,
    )  # fmt: skip


def _track_then(row: _Series, until: Instant) -> Track:
    """As the state said then; where no state was kept, from the snapshots alone."""
    if (held := row.then(until)) is not None:
        return _track(held)
    blank = _track(Held(series=row.held.series, paper=row.held.paper, source=row.held.source))
    readings = row.between(None, until)
    if not readings:
        return blank
    series = believed(readings)
    return blank._replace(
        status=readings[-1].status, citation_count=series.last,
        high=max(series.counts, default=None),
    )  # fmt: skip


def _wants(wanted: ChangeFilter, row: LoggedChange) -> bool:
    change = row.change
    return (
        (wanted.since is None or change.at >= wanted.since)
        and (wanted.until is None or change.at <= wanted.until)
        and (not wanted.kinds or change.kind in wanted.kinds)
        and (not wanted.papers or change.paper in wanted.papers)
        and (not wanted.sources or change.source in wanted.sources)
        and row.number > wanted.after_number
        and (not wanted.numbers or row.number in wanted.numbers)
    )


Answer = Outcome | Callable[[Ask], Outcome]


class ScriptedSource:
    """A source that says what the test wrote down.

    ``answers`` maps ``str(identifier)`` to an outcome, or to a function of the ask;
    what is not there is `Missing`. ``titles`` does the same for searches by exact
    title; what is not there is found nowhere. ``everything`` overrides all of it.
    ``asked`` holds the identifiers of each request.
    """

    def __init__(
        self,
        name: str = "semantic_scholar",
        *,
        answers: Mapping[str, Answer] | None = None,
        titles: Mapping[str, SearchOutcome] | None = None,
        counts: bool = True,
        schemes: tuple[str, ...] = ("semantic_scholar", "arxiv", "doi"),
        batch_size: int = 500,
    ) -> None:
        self.name = name
        self.label = name.replace("_", " ").title()
        self.counts = counts
        self.schemes = schemes
        self.batch_size = batch_size
        self.answers: dict[str, Answer] = dict(answers or {})
        self.titles: dict[str, SearchOutcome] = dict(titles or {})
        self.everything: Outcome | None = None
        self.needs: str | None = None
        self.requests = 0
        self.asked: list[tuple[str, ...]] = []
        self.searched: list[str] = []
        self.closed = False

    def blocked(self) -> str | None:
        return self.needs

    def _answer(self, ask: Ask) -> Outcome:
        if self.everything is not None:
            return self.everything
        answer = self.answers.get(str(ask.identifier), Missing(asked=ask.identifier))
        return answer(ask) if callable(answer) else answer

    async def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        for start in range(0, len(asks), self.batch_size):
            part = asks[start : start + self.batch_size]
            self.requests += 1
            self.asked.append(tuple(str(a.identifier) for a in part))
            await asyncio.sleep(0)
            yield [(ask, self._answer(ask)) for ask in part]

    async def search(
        self, searches: Sequence[Search]
    ) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        for search in searches:
            self.requests += 1
            title = search.reference.title
            self.searched.append(title)
            await asyncio.sleep(0)
            everything = self.everything
            match everything:
                case Throttled() | Blocked() | Failed():
                    yield search, everything
                case _:
                    yield search, self.titles.get(title, Found(candidates=()))

    async def aclose(self) -> None:
        self.closed = True


class ScriptedInspector(ScriptedSource):
    """A scripted source with a second look; ``looks`` are its answers."""

    def __init__(
        self,
        name: str = "arxiv",
        *,
        looks: Mapping[str, Outcome] | None = None,
        answers: Mapping[str, Answer] | None = None,
        counts: bool = False,
        schemes: tuple[str, ...] = ("arxiv",),
    ) -> None:
        super().__init__(name, answers=answers, counts=counts, schemes=schemes)
        self.looks: dict[str, Outcome] = dict(looks or {})
        self.inspected: list[str] = []

    async def inspect(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        for ask in asks:
            self.requests += 1
            self.inspected.append(str(ask.identifier))
            await asyncio.sleep(0)
            missing = Missing(asked=ask.identifier)
            yield [(ask, self.looks.get(str(ask.identifier), missing))]


class CitingSource(ScriptedSource):
    """A scripted source that also lists who cites a paper, in pages.

    ``lists`` has the works by ``str(identifier)``, in the order of the list; what is not
    there is `Missing`. ``page_size`` works come a page; ``limit`` is where the source cuts
    its list. ``breaks`` maps the number of a page (from 1) to what comes in its place.
    ``tells_total`` and ``by_year`` are what it says beside the list. ``listed`` holds the
    identifier of each page that was asked for.
    """

    def __init__(self, name: str = "semantic_scholar", **more: object) -> None:
        super().__init__(name, **more)  # type: ignore[arg-type]
        self.lists: dict[str, list[CitingWork]] = {}
        self.page_size = 1000
        self.limit: int | None = None
        self.breaks: dict[int, CitingOutcome | BaseException] = {}
        self.tells_total = False
        self.by_year: dict[int, int] | None = None
        self.listed: list[str] = []

    async def citing(self, ask: Ask, *, since: str = "") -> AsyncIterator[CitingOutcome]:
        works = self.lists.get(str(ask.identifier))
        whole = len(works or ())
        shown = (works or [])[: self.limit]
        starts = range(0, max(1, len(shown)), self.page_size)
        for page, start in enumerate(starts, start=1):
            self.requests += 1
            self.listed.append(str(ask.identifier))
            await asyncio.sleep(0)
            broken = self.breaks.get(page)
            if isinstance(broken, BaseException):
                raise broken
            if broken is not None:
                yield broken
                return
            if works is None:
                yield Missing(asked=ask.identifier)
                return
            last = start + self.page_size >= len(shown)
            cut = f"it lists {self.limit} of {whole}" if last and len(shown) < whole else ""
            yield CitingPage(
                works=tuple(shown[start : start + self.page_size]),
                total=whole if self.tells_total else None,
                by_year=self.by_year if page == 1 else None,
                last=last,
                cut=cut,
            )
