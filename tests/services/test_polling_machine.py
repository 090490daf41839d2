"""A state machine over polling: time, counts, faults, restarts in any order."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from test_passes import ARXIV, ZOO, House, counted

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import DAY, Failed, Kind, Missing, Observed, Outcome, Status, Throttled
from citewatch.ports import ChangeFilter
from fakes import ScriptedSource

MERGED = Identifier("semantic_scholar", "c" * 40)


class Polling(RuleBasedStateMachine):
    """One paper, polled through everything that may happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.house = House(Path(self.folder.name))
        self.house.watch(ZOO)
        self.source = ScriptedSource()
        self.said: list[int] = []
        self.readings: list[tuple[int, int]] = []

    def teardown(self) -> None:
        self.house.store.close()
        self.folder.cleanup()

    def answer(self, outcome: Outcome) -> None:
        self.source.everything = None
        self.source.answers[str(ARXIV)] = outcome
        before = self.house.now()
        result = self.house.sync(self.source)
        if isinstance(outcome, Observed) and self.source.asked and result.sources[0].papers:
            self.readings.append((before, outcome.citation_count or 0))
        self.said += [change.number for change in result.changes]

    @rule(count=st.integers(0, 260))
    def counts(self, count: int) -> None:
        self.answer(counted(count))

    @rule(step=st.integers(-2, 6))
    def moves_a_little(self, step: int) -> None:
        last = self.readings[-1][1] if self.readings else 95
        self.answer(counted(max(0, last + step)))

    @rule(count=st.integers(90, 130))
    def answers_under_another_record(self, count: int) -> None:
        self.answer(Observed(asked=ARXIV, answered=MERGED, citation_count=count))

    @rule()
    def forgets(self) -> None:
        self.answer(Missing(asked=ARXIV))

    @rule(why=st.sampled_from(["timeout", "http_503", "count"]))
    def fails(self, why: str) -> None:
        self.answer(Failed(reason=why))

    @rule()
    def throttles(self) -> None:
        self.answer(Throttled(until=None, reason="429"))

    @rule(days=st.sampled_from([0.3, 1.0, 1.0, 1.0, 3.0, 10.0, 60.0]))
    def time_passes(self, days: float) -> None:
        self.house.later(days)

    @rule()
    def restarts(self) -> None:
        self.house.restart()

    @invariant()
    def snapshots_ascend_and_none_is_a_miss_with_a_number(self) -> None:
        for history in self.house.store.histories():
            times = [snapshot.at for snapshot in history.snapshots]
            assert all(one < other for one, other in pairwise(times))
            for snapshot in history.snapshots:
                missed = snapshot.status is Status.MISSING
                assert missed == (snapshot.citation_count is None)

    @invariant()
    def every_milestone_is_said_once_and_was_seen_twice(self) -> None:
        milestones = self.house.store.changes(ChangeFilter(kinds={Kind.MILESTONE}))
        thresholds = [m.change.threshold or 0 for m in milestones]
        assert thresholds == sorted(set(thresholds))
        first = self.readings[0][1] if self.readings else 0
        assert all(threshold > first for threshold in thresholds)
        for milestone in milestones:
            change = milestone.change
            since = change.first_seen_at or 0
            assert change.at - since >= 3 * DAY
            high = [c for at, c in self.readings if at >= since and c >= (change.threshold or 0)]
            assert len(high) >= 2

    @invariant()
    def the_log_holds_what_was_said(self) -> None:
        assert sorted(self.said) == [
            c.number for c in sorted(self.house.store.changes(), key=lambda change: change.number)
        ]

    @invariant()
    def what_is_believed_was_read(self) -> None:
        held = self.house.held()
        assert held.citation_count in {None, *(count for _, count in self.readings)}
        assert (held.status is Status.HELD) == (held.pending is not None) or (
            held.status is Status.MISSING
        )


class TestPolling(Polling.TestCase):  # type: ignore[misc]
    """The budget: fixed, so that the suite stays quick."""

    settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
