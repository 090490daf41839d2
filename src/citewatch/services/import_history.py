"""Counts that another tool saw: judged like live readings, logged, never notified."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from citewatch.domain.counts import Rules
from citewatch.domain.identifiers import Identifier, parse_identifier
from citewatch.domain.judge import judge
from citewatch.domain.keys import make_key, squash
from citewatch.domain.papers import (
    Change,
    Held,
    Instant,
    Observed,
    Paper,
    Snapshot,
    Status,
)
from citewatch.domain.weather import fault_line, read_weather
from citewatch.errors import HistoryFileError
from citewatch.ports import Batch, LoggedChange, Run, Store
from citewatch.services.history_file import HistoryFile, Point
from citewatch.services.watchlist import IMPORTED, WatchedPaper


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    points: int
    stored: int
    """Snapshots written; the other points say what was known already."""
    papers: int
    adopted: int
    skipped: tuple[str, ...]
    changes: tuple[LoggedChange, ...]


# --- whose counts they are --------------------------------------------------------


@dataclass(slots=True)
class Names:
    """Which paper a line's first cell means: a key, an identifier or a whole title."""

    words: dict[str, int] = field(default_factory=dict)
    titles: dict[str, int] = field(default_factory=dict)
    ids: dict[Identifier, int] = field(default_factory=dict)

    @classmethod
    def of(cls, papers: Sequence[WatchedPaper]) -> Names:
        """The names of all papers that are watched or were adopted before."""
        names = cls()
        for watched in papers:
            number, paper = watched.number or 0, watched.paper
            names.words[paper.key] = number
            names.words.setdefault(paper.title, number)
            names.ids.update(dict.fromkeys(paper.ids, number))
            if watched.watchlists != (IMPORTED,):
                names.titles.setdefault(squash(paper.title), number)
        return names

    def find(self, text: str) -> int | None:
        """The paper's number; only whole names count, a piece of a title proves nothing."""
        if text in self.words:
            return self.words[text]
        identifier = parse_identifier(text)
        if identifier is not None and identifier in self.ids:
            return self.ids[identifier]
        return self.titles.get(squash(text))


def import_history(
    read: HistoryFile,
    store: Store,
    papers: Sequence[WatchedPaper],
    *,
    path: Path,
    rules: Callable[[str], Rules],
    now: Instant,
    adopt: bool = False,
    skip_bad: bool = False,
) -> Imported:
    """Store a file's points, judged in time order per source, one day one pass.

    Raises `HistoryFileError` with every bad line unless they are to be skipped;
    then nothing is stored.
    """
    names = Names.of(papers)
    texts = dict.fromkeys(point.paper for point in read.points)
    found = {text: names.find(text) for text in texts}
    strangers = [text for text, number in found.items() if number is None]
    problems = list(read.problems)
    if strangers and not adopt:
        unknown = set(strangers)
        problems += [
            f"line {p.line}: {p.paper[:60]!r} is not watched"
            for p in read.points
            if p.paper in unknown
        ]
    if problems and not skip_bad:
        remedy = "--skip-bad imports the other lines"
        raise HistoryFileError(
            str(path), sorted(problems, key=_line_number),
            remedy=remedy + ("; --adopt keeps papers that are not watched" if strangers else ""),
        )  # fmt: skip
    if strangers and adopt:
        found |= zip(strangers, _adopt(strangers, store, papers, now), strict=True)
    points = [(found[p.paper], p) for p in read.points]
    known = [(number, point) for number, point in points if number is not None]
    batch = _replay(known, store, rules)
    changes = store.apply(batch)
    return Imported(
        points=len(known),
        stored=len(batch.snapshots),
        papers=len({number for number, _ in known}),
        adopted=len(strangers) if adopt else 0,
        skipped=tuple(sorted(problems, key=_line_number)),
        changes=tuple(changes),
    )


def _line_number(problem: str) -> int:
    found = re.match(r"line (\d+)", problem)
    return int(found[1]) if found else 0


def _adopt(
    titles: Sequence[str], store: Store, papers: Sequence[WatchedPaper], now: Instant
) -> Sequence[int]:
    taken = {watched.paper.key for watched in papers} | {p.paper.key for p in store.papers()}
    fresh = []
    for title in titles:
        key = make_key(title, None, taken)
        taken.add(key)
        fresh.append(Paper(key=key, title=title))
    return store.add_papers(fresh, now=now, adopted=True)


# --- the replay ---------------------------------------------------------------------


@dataclass(slots=True)
class _Log:
    """What the replay of one source adds."""

    snapshots: list[tuple[int, Snapshot]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    helds: dict[int, Held] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)


def _replay(
    points: Sequence[tuple[int, Point]], store: Store, rules: Callable[[str], Rules]
) -> Batch:
    by_source: dict[str, list[tuple[int, Point]]] = {}
    for number, point in points:
        by_source.setdefault(point.source, []).append((number, point))
    snapshots: list[tuple[int, Snapshot]] = []
    changes: list[Change] = []
    helds: list[Held] = []
    runs: list[Run] = []
    for source, mine in by_source.items():
        log = _replay_source(source, mine, store, rules(source))
        snapshots += log.snapshots
        changes += log.changes
        helds += log.helds.values()
        runs += log.runs
    snapshots.sort(key=lambda row: (row[0], row[1].at))
    changes.sort(key=lambda change: change.at)
    return Batch(helds=helds, snapshots=snapshots, changes=changes, runs=runs, notify=False)


def _replay_source(
    source: str, points: Sequence[tuple[int, Point]], store: Store, rules: Rules
) -> _Log:
    """Replay one source: what is older than the known history, within it, and newer."""
    numbers = sorted({number for number, _ in points})
    live = {held.paper: held for held in store.helds(source, numbers)}
    past = {h.paper: list(h.snapshots) for h in store.histories(papers=numbers, sources={source})}
    within: dict[int, list[tuple[Instant, int]]] = {}
    log = _Log()
    older: dict[int, Held] = {}
    for at, group in _passes(points):
        fresh: list[tuple[Held, Observed]] = []
        for number, count in group.items():
            held, known = live[number], past.get(number, [])
            if known and at < known[0].at:
                held = older.get(number) or Held(series=held.series, paper=number, source=source)
            elif held.answered_at is not None and at <= held.answered_at:
                within.setdefault(number, []).append((at, count))
                continue
            name = held.answered or Identifier(IMPORTED, source)
            fresh.append((held, Observed(asked=name, answered=name, citation_count=count)))
        if fresh:
            _judge_pass(fresh, at, rules, log)
            for held, _ in fresh:
                after = log.helds[held.series]
                if past.get(held.paper) and at < past[held.paper][0].at:
                    older[held.paper] = after
                    log.helds[held.series] = _joined(live[held.paper], after)
                else:
                    live[held.paper] = after
        log.runs.append(
            Run(
                source=source,
                started_at=at,
                finished_at=at,
                status="ok",
                trigger="import",
                papers=len(group),
                found=len(group),
            )
        )
    for number, points_within in within.items():
        log.snapshots += _within(live[number], past.get(number, []), points_within)
    return log


def _passes(points: Sequence[tuple[int, Point]]) -> Iterator[tuple[Instant, dict[int, int]]]:
    """All papers of an instant are one pass; of two lines for one paper the last counts."""
    ordered = sorted(points, key=lambda pair: (pair[1].at, pair[1].line))
    at: Instant | None = None
    group: dict[int, int] = {}
    for number, point in ordered:
        if point.at != at and group and at is not None:
            yield at, group
            group = {}
        if group.get(number, point.count) != point.count:
            # Two counts for one instant: both were seen, the second a second later.
            yield point.at, group
            group = {}
        at = point.at
        group[number] = point.count
    if group and at is not None:
        yield at, group


def _judge_pass(
    fresh: Sequence[tuple[Held, Observed]], at: Instant, rules: Rules, log: _Log
) -> None:
    weather = read_weather(fresh, at)
    line = fault_line(fresh, weather, source=fresh[0][0].source, now=at)
    if line:
        log.changes.append(line)
    for held, outcome in fresh:
        verdict = judge(held, outcome, at, rules=rules, weather=weather, known=())
        after = replace(
            verdict.held,
            asked=held.asked,
            answered=held.answered,
            facts=held.facts,
            next_check_at=held.next_check_at,
        )
        log.helds[held.series] = after
        log.changes += verdict.changes
        if verdict.snapshot:
            log.snapshots.append((held.series, verdict.snapshot))


def _within(
    live: Held, known: Sequence[Snapshot], points: Sequence[tuple[Instant, int]]
) -> list[tuple[int, Snapshot]]:
    """Points inside the known history: kept where they say something else than was known.

    A count that the state row says was confirmed later is written again after them. Of
    two values of one instant the one that was seen first stays.
    """
    rows: list[tuple[int, Snapshot]] = []
    line = list(known)
    times = [snapshot.at for snapshot in line]
    for at, count in points:
        place = bisect_right(times, at)
        before = line[place - 1] if place else None
        if before is not None and (before.citation_count == count or before.at == at):
            continue
        previous = before.citation_count if before else None
        fresh = Snapshot(at=at, citation_count=count, previous_count=previous)
        line.insert(place, fresh)
        times.insert(place, at)
        rows.append((live.series, fresh))
    last, confirmed = (line[-1] if line else None), live.counted_at
    if rows and last is rows[-1][1] and confirmed is not None and confirmed > times[-1]:
        back = Snapshot(
            at=confirmed,
            citation_count=live.citation_count,
            previous_count=rows[-1][1].citation_count,
            influential_count=live.influential_count,
        )
        rows.append((live.series, back))
    return rows


def _joined(live: Held, older: Held) -> Held:
    """The living state, which now also knows what was reached before it began."""
    return replace(
        live,
        high=max(filter(None, (live.high, older.high)), default=live.high),
        confirmed_high=max(
            filter(None, (live.confirmed_high, older.confirmed_high)), default=live.confirmed_high
        ),
        status=live.status if live.status is not Status.NEVER else older.status,
    )
