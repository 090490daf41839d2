"""Readings that are placed within a known history, among those that are there.

Known rows stay as they are; what is placed is judged by what each paper had said until
then, all papers of an instant as one pass. A history keeps no row for a reading that says
what the one before said. So after a reading that says something else, the next pass over
the source that asked for the paper found the old count again, and that is written down.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from citewatch.domain.identifiers import Identifier
from citewatch.domain.judge import Verdict, judge
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
from citewatch.domain.rules import Rules
from citewatch.domain.weather import Climate

_NAME = Identifier("imported", "within")


@dataclass(slots=True)
class Placed:
    """What placing readings adds."""

    rows: list[tuple[int, Snapshot]] = field(default_factory=list)
    """(series, snapshot)"""
    written_again: int = 0
    """How many of the rows only repeat what a pass had found unchanged."""
    changes: list[Change] = field(default_factory=list)
    states: dict[int, Held] = field(default_factory=dict)
    """By paper: what its whole line has come to, for what is settled by it."""


class Interleaving:
    """The lines of one source's papers while readings are placed in them."""

    def __init__(
        self,
        source: str,
        helds: Mapping[int, Held],
        past: Mapping[int, Sequence[Snapshot]],
        *,
        asked: Sequence[Instant],
        rules: Rules,
    ) -> None:
        self._source, self._helds, self._past = source, helds, past
        self._asked, self._rules = asked, rules
        self._lines: dict[int, _Line] = {}
        self._placed = Placed()

    def take(self, passes: Mapping[Instant, Mapping[int, int]]) -> Placed:
        """Place the readings: instant → paper → count.

        Of two counts of a paper for one instant the one that was known stays.
        """
        climate = Climate()
        for at in sorted(passes):
            session = PassJudge(self._source, climate, self._rules)
            cases = []
            for paper, count in passes[at].items():
                line = self._line(paper)
                line.go_on_to(at)
                if line.is_free(at):
                    cases.append(Case(line.state, observed(count)))
            verdicts = [v for v in session.hear(cases, at) if v is not None]
            waited, lines = session.settle(at)
            climate = session.climate
            rows = len(self._placed.rows)
            for verdict in (*verdicts, *(verdict for _, verdict in waited)):
                self._line(verdict.held.paper).place(at, verdict)
            if len(self._placed.rows) > rows:
                self._placed.changes += lines
        for paper, line in self._lines.items():
            line.finish()
            # Who has nothing new to say has been judged before.
            if line.is_news:
                self._placed.changes += line.changes
                self._placed.states[paper] = line.state
        return self._placed

    def _line(self, paper: int) -> _Line:
        if paper not in self._lines:
            self._lines[paper] = _Line(
                self._helds[paper], self._past.get(paper, ()), self._placed,
                asked=self._asked, rules=self._rules,
            )  # fmt: skip
        return self._lines[paper]


class _Line:
    """One paper's history, gone through from its beginning."""

    def __init__(
        self,
        held: Held,
        known: Sequence[Snapshot],
        placed: Placed,
        *,
        asked: Sequence[Instant],
        rules: Rules,
    ) -> None:
        self._held, self._known, self._placed = held, known, placed
        self._asked, self._rules = asked, rules
        self._next = 0
        self._at: Instant = -1
        self._carried: int | None = None
        """What was said last, by the known rows alone."""
        self._said: int | None = None
        """What was said last, what was placed included."""
        self.changes: list[Change] = []
        self.is_news = False
        """Whether a reading was placed."""
        self.state = Held(
            series=held.series, paper=held.paper, source=held.source, answered=_NAME
        )  # fmt: skip

    def go_on_to(self, at: Instant) -> None:
        """Go through what is known up to an instant, that included."""
        while self._next < len(self._known) and self._known[self._next].at <= at:
            row = self._known[self._next]
            self._write_again(before=row.at)
            self._hear(row.at, row.citation_count)
            self._at, self._carried, self._said = row.at, row.citation_count, row.citation_count
            self._next += 1
        self._write_again(before=at)
        self._confirm(before=at)

    def is_free(self, at: Instant) -> bool:
        """Whether nothing is known for this very instant."""
        return self._at != at

    def place(self, at: Instant, verdict: Verdict) -> None:
        """A reading was judged; it is kept where it says something else."""
        self.state, self._at = verdict.held, at
        self.changes += verdict.changes
        snapshot = verdict.snapshot
        if snapshot is not None and snapshot.citation_count != self._said:
            self._placed.rows.append((self.state.series, snapshot))
            self._said = snapshot.citation_count
            self.is_news = True

    def finish(self) -> None:
        """Go through the rest of what is known."""
        while self._next < len(self._known):
            self.go_on_to(self._known[self._next].at)
        confirmed = self._held.counted_at
        self._write_again(before=None)
        if self._said != self._carried and confirmed is not None and confirmed > self._at:
            self._again(confirmed)

    def _write_again(self, *, before: Instant | None) -> None:
        """The old count, at the first pass since the last reading that found it again."""
        if self._said == self._carried:
            return
        place = bisect_right(self._asked, self._at)
        again = self._asked[place] if place < len(self._asked) else None
        last = self._held.answered_at or 0
        if again is not None and again <= last and (before is None or again < before):
            self._again(again)

    def _confirm(self, *, before: Instant) -> None:
        """The newest pass before an instant found what was said unchanged, and kept no row."""
        place = bisect_left(self._asked, before) - 1
        at = self._asked[place] if place >= 0 else self._at
        if self._at < at <= (self._held.answered_at or 0) and self._said is not None:
            self._hear(at, self._said)
            self._at = at

    def _again(self, at: Instant) -> None:
        row = self._hear(at, self._carried)
        self._at, self._said = at, self._carried
        if row is not None:
            self._placed.rows.append((self.state.series, row))
            self._placed.written_again += 1

    def _hear(self, at: Instant, count: int | None) -> Snapshot | None:
        outcome: Outcome = Missing(asked=_NAME) if count is None else observed(count)
        verdict = judge(self.state, outcome, at, rules=self._rules)
        self.state = verdict.held
        self.changes += verdict.changes
        return verdict.snapshot


def observed(count: int) -> Observed:
    """A reading of a record that has no name."""
    return Observed(asked=_NAME, answered=_NAME, citation_count=count)


def joined(live: Held, older: Held) -> Held:
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
