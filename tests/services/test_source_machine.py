"""A state machine over a whole source: days, faults, merges, restarts, a clock that jumps."""

from __future__ import annotations

import tempfile
from pathlib import Path

from house import House
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import DAY, Kind, Missing, Observed, Outcome, Paper, Status
from citewatch.services.desk import Scope
from fakes import ScriptedSource

PAPERS = [
    Paper(key=f"p{n}", title=f"Paper number {n}", ids=(Identifier("arxiv", f"2001.{n:05}"),))
    for n in range(8)
]
STEADY = 150
"""What the first four papers have all the time, whatever the source says of them."""
MOVING = range(4, 8)


class Watching(RuleBasedStateMachine):
    """Eight papers: four that never move, four that do; a source that is at fault at times."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(Path(self.folder.name))
        self.house.watch(*PAPERS)
        self.source = ScriptedSource()
        self.counts = [STEADY] * 4 + [95, 40, 8, 290]
        self.records = [0] * len(PAPERS)
        self.read: list[list[int]] = [[] for _ in PAPERS]
        """What the source said of each paper, in order; also wrongly."""
        self.ask({})

    def teardown(self) -> None:
        self.house.store.close()
        self.folder.cleanup()

    def ask(self, wrong: dict[int, Outcome]) -> None:
        """One forced pass over all papers."""
        self.source.answers = {}
        for place, paper in enumerate(PAPERS):
            outcome = wrong.get(place) or self.says(place, self.counts[place])
            self.source.answers[str(paper.ids[0])] = outcome
            if isinstance(outcome, Observed) and outcome.citation_count is not None:
                self.read[place].append(outcome.citation_count)
        self.house.sync(self.source, scope=Scope(force=True))

    def says(self, place: int, count: int) -> Observed:
        record = Identifier("semantic_scholar", f"{place:039}{self.records[place]}")
        return Observed(asked=PAPERS[place].ids[0], answered=record, citation_count=count)

    def settle(self) -> None:
        """The source has recovered the day after."""
        self.house.later(1)
        self.ask({})

    @rule(days=st.sampled_from([0.01, 1, 1, 1, 3, 7, 40]))
    def a_quiet_day(self, days: float) -> None:
        self.house.later(days)
        self.ask({})

    @rule(place=st.sampled_from(MOVING), step=st.sampled_from([-2, -1, 1, 1, 2, 5, 12, 60]))
    def a_paper_moves(self, place: int, step: int) -> None:
        self.house.later(1)
        self.counts[place] = max(1, self.counts[place] + step)
        self.ask({})

    @rule(hit=st.sets(st.integers(0, 7), min_size=3, max_size=7))
    def many_are_zero(self, hit: set[int]) -> None:
        self.house.later(1)
        self.ask({place: self.says(place, 0) for place in hit})
        self.settle()

    @rule(hit=st.sets(st.integers(0, 7), min_size=3), times=st.floats(1.25, 2.0))
    def many_are_too_high(self, hit: set[int], times: float) -> None:
        self.settle()  # after a long silence it might be growth
        self.house.later(1)
        self.ask({place: self.says(place, int(self.counts[place] * times) + 6) for place in hit})
        self.settle()

    @rule(hit=st.sets(st.integers(0, 7), min_size=1))
    def papers_vanish_for_a_day(self, hit: set[int]) -> None:
        self.house.later(1)
        self.ask({place: Missing(asked=PAPERS[place].ids[0]) for place in hit})
        self.settle()

    @rule(place=st.sampled_from(MOVING))
    def a_paper_is_merged(self, place: int) -> None:
        self.records[place] = min(9, self.records[place] + 1)
        self.counts[place] = self.counts[place] * 3 // 2
        self.ask({})

    @rule(days=st.sampled_from([-400, -3, 2, 400]))
    def the_clock_is_set(self, days: int) -> None:
        self.house.clock.advance(days * DAY)

    @rule()
    def a_restart(self) -> None:
        self.house.restart()

    @invariant()
    def steady_papers_are_never_spoken_of(self) -> None:
        steady = {number + 1 for number in range(4)}
        assert [c for c in self.house.store.changes() if c.change.paper in steady] == []

    @invariant()
    def steady_papers_show_what_they_have(self) -> None:
        helds = self.house.store.helds("semantic_scholar", [1, 2, 3, 4])
        assert {held.citation_count for held in helds} == {STEADY}
        assert {held.high for held in helds} == {STEADY}

    @invariant()
    def each_threshold_is_said_once_and_taken_back_once(self) -> None:
        for kind in (Kind.MILESTONE, Kind.MILESTONE_LOST):
            said = [
                (c.change.paper, c.change.threshold)
                for c in self.house.store.changes()
                if c.change.kind is kind
            ]
            assert len(said) == len(set(said))

    @invariant()
    def what_was_said_of_a_paper_was_read_twice(self) -> None:
        for logged in self.house.store.changes():
            change = logged.change
            if change.kind is Kind.MILESTONE and change.paper is not None:
                read = self.read[change.paper - 1]
                assert sum(count >= (change.threshold or 0) for count in read) >= 2
                assert (change.threshold or 0) > read[0]
            if change.kind is Kind.DROP and change.paper is not None:
                read = self.read[change.paper - 1]
                assert sum(count <= int(change.old or 0) - 3 for count in read) >= 2
                assert any(count >= int(change.old or 0) for count in read)

    @invariant()
    def no_zero_is_believed(self) -> None:
        helds = self.house.store.helds("semantic_scholar", range(1, 9))
        assert all(held.citation_count for held in helds)

    @invariant()
    def the_rows_tell_what_was_read_last(self) -> None:
        for history in self.house.store.histories():
            times = [row.at for row in history.snapshots]
            assert times == sorted(set(times))
            last = history.snapshots[-1]
            if last.status is not Status.MISSING:
                assert last.citation_count == self.read[history.paper - 1][-1]


class TestWatching(Watching.TestCase):  # type: ignore[misc]
    """The budget: fixed, so that the suite stays quick."""

    settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
