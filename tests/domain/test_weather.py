"""A source as a whole: its faults, its silences, and what is usual there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.identifiers import Identifier
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Change, Held, Kind, Missing, Observed, Outcome, Status
from citewatch.domain.passes import Case, PassJudge
from citewatch.domain.rules import Rules
from citewatch.domain.weather import Climate, chance_of

START = 20_000 * DAY
RULES = Rules(ladder=Ladder(), confirm_after_s=3 * DAY, every_s=DAY, label="Semantic Scholar")


def seen(paper: int, count: int, record: str = "") -> Observed:
    name = Identifier("semantic_scholar", record or f"record-{paper}")
    return Observed(asked=name, answered=name, citation_count=count)


def missed(paper: int) -> Missing:
    return Missing(asked=Identifier("semantic_scholar", f"record-{paper}"))


class World:
    """The papers of one source, read day by day."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules = rules
        self.helds: dict[int, Held] = {}
        self.climate = Climate()
        self.changes: list[Change] = []

    def day(
        self, day: float, outcomes: dict[int, Outcome | int], *, parts: int = 1, apart_s: int = 0
    ) -> None:
        """One pass, in one answer or in several."""
        now = START + int(day * DAY)
        session = PassJudge("semantic_scholar", self.climate, self.rules)
        cases = [
            Case(self.helds.get(paper) or Held(series=paper, paper=paper, source="s"),
                 seen(paper, what) if isinstance(what, int) else what)
            for paper, what in outcomes.items()
        ]  # fmt: skip
        verdicts = [
            v
            for part in range(parts)
            for v in session.hear(cases[part::parts], now + part * apart_s)
        ]
        waited, lines = session.settle(now + parts * apart_s)
        self.changes += lines
        for verdict in [v for v in verdicts if v is not None] + [v for _, v in waited]:
            self.helds[verdict.held.paper] = verdict.held
            self.changes += verdict.changes
        self.climate = session.climate

    def kinds(self) -> list[Kind]:
        return [change.kind for change in self.changes]

    def held(self) -> set[int]:
        return {paper for paper, held in self.helds.items() if held.status is Status.HELD}


def steady(papers: int = 50, count: int = 100) -> World:
    """A list that has been read for ten days."""
    world = World()
    for day in range(10):
        world.day(day, dict.fromkeys(range(papers), count))
    return world


def shown(zeros: int, papers: int = 50, to: int = 0) -> dict[int, Outcome | int]:
    return {paper: to if paper < zeros else 100 for paper in range(papers)}


# The faults that were recorded: papers at zero (or too high) of those in the list.
@pytest.mark.parametrize(
    ("hit", "papers"), [(41, 73), (15, 101), (55, 164), (25, 158), (4, 11), (3, 8)]
)
def test_a_source_that_says_zero_of_many_papers_is_at_fault(hit: int, papers: int) -> None:
    world = steady(papers)
    world.day(10, shown(hit, papers))
    assert world.kinds() == [Kind.SOURCE_FAULT]
    (line,) = world.changes
    assert line.text == (
        f"of {papers} papers {hit} fell ({hit} to 0) together; "
        "held back until Semantic Scholar has settled"
    )
    assert world.held() == set(range(hit))
    world.day(11, shown(0, papers))
    assert world.kinds() == [Kind.SOURCE_FAULT]
    assert world.held() == set()
    assert all(held.citation_count == 100 for held in world.helds.values())


@pytest.mark.parametrize(("hit", "papers"), [(42, 185), (18, 52)])
def test_a_source_that_counts_many_papers_too_high_is_at_fault(hit: int, papers: int) -> None:
    world = steady(papers)
    world.day(10, shown(hit, papers, to=124))  # 24 %: for one paper alone nothing to ask about
    assert world.kinds() == [Kind.SOURCE_FAULT]
    world.day(11, shown(0, papers))
    assert (world.kinds(), world.held()) == ([Kind.SOURCE_FAULT], set())
    assert all(held.high == 100 for held in world.helds.values())


@pytest.mark.parametrize(("hit", "papers"), [(2, 4), (2, 50), (3, 180), (4, 185)])
def test_a_few_papers_are_no_fault_of_the_source(hit: int, papers: int) -> None:
    world = steady(papers)
    world.day(10, shown(hit, papers))
    assert world.kinds() == []
    assert world.held() == set(range(hit))


def test_a_source_where_many_fall_on_quiet_days_too_has_to_do_more() -> None:
    restless = World()
    for day in range(60):
        restless.day(day, {p: 100 if (p + day) % 20 else 90 for p in range(100)})
    before = len(restless.changes)
    restless.day(60, {p: 60 if p < 9 else 100 for p in range(100)})
    calm = steady(100)
    calm.day(60, {p: 60 if p < 9 else 100 for p in range(100)})
    assert Kind.SOURCE_FAULT in calm.kinds()
    assert Kind.SOURCE_FAULT not in restless.kinds()[before:]


def test_a_fault_that_lasts_is_one_line_and_then_how_things_are() -> None:
    world = steady()
    for day in range(10, 16):
        world.day(day, shown(20, to=60))
    assert world.kinds() == [Kind.SOURCE_FAULT]
    world.day(16, shown(20, to=60))
    assert world.kinds() == [Kind.SOURCE_FAULT, *[Kind.DROP] * 20]
    assert world.held() == set()


def test_zeros_of_a_whole_source_are_never_believed() -> None:
    world = steady(3)
    for day in range(10, 60):
        world.day(day, shown(3, 3))
    assert (world.held(), world.kinds()) == ({0, 1, 2}, [Kind.SOURCE_FAULT])
    assert {held.citation_count for held in world.helds.values()} == {100}
    world.day(60, shown(0, 3))
    assert (world.held(), world.kinds()) == (set(), [Kind.SOURCE_FAULT])


def test_a_rise_of_the_source_waits_twice_as_long_too() -> None:
    world = steady()
    for day in range(10, 16):
        world.day(day, shown(20, to=190))
    assert world.held() == set(range(20))
    world.day(16, shown(20, to=190))
    assert (world.held(), world.kinds()) == (set(), [Kind.SOURCE_FAULT])


def test_a_part_of_the_list_that_is_asked_sooner_stays_in_the_fault() -> None:
    world = steady()
    world.day(10, shown(20, to=60))
    for day in (10.25, 11, 12, 13.5):
        world.day(day, {0: 60, 1: 60, 49: 100})
    assert world.held() == set(range(20))


def test_a_fault_is_released_together_with_those_that_joined_it_late() -> None:
    world = steady()
    for day in range(10, 16):
        world.day(day, shown(20 if day < 14 else 22, to=60))
    world.day(16, shown(22, to=60))
    assert world.held() == set()
    world.day(17, shown(22, to=60))
    assert world.kinds().count(Kind.DROP) == 22


def test_what_is_left_of_a_fault_speaks_for_itself() -> None:
    world = steady()
    for day in (10, 11):
        world.day(day, shown(20, to=60))
    for day in (12, 13, 14):
        world.day(day, shown(1, to=60))
    assert world.kinds() == [Kind.SOURCE_FAULT]
    assert world.held() == {0}
    world.day(15, shown(1, to=60))
    assert world.kinds() == [Kind.SOURCE_FAULT, Kind.DROP]
    assert world.changes[-1].first_seen_at == START + 12 * DAY


def test_one_fault_does_not_bear_out_another() -> None:
    """Papers that are read on days of faults only, as some of a list are."""
    world = steady(40)
    rest = dict.fromkeys(range(10, 40), 100)
    for day in (10, 11):
        world.day(day, rest | dict.fromkeys(range(10), 190))
    for day in range(12, 330):
        world.day(day, rest)
    for day in (330, 331):
        world.day(day, rest | dict.fromkeys(range(10), 190))
    assert world.kinds() == [Kind.SOURCE_FAULT] * 2
    assert world.held() == set(range(10))
    world.day(332, dict.fromkeys(range(40), 100))
    assert (world.held(), world.kinds()) == (set(), [Kind.SOURCE_FAULT] * 2)


def test_young_papers_that_all_grow_fast_are_believed_week_by_week() -> None:
    """Each week looks like a fault, in between others are read: it is growth all the same."""
    world = World()
    for week in range(12):
        young = {paper: 12 + 9 * week + paper for paper in range(3)}
        world.day(7 * week, young)
        world.day(7 * week + 2, {3: 100, 4: 100})
    assert {paper for paper, held in world.helds.items() if held.citation_count == 100} >= {3, 4}
    told = {c.paper for c in world.changes if c.kind is Kind.MILESTONE and c.threshold == 50}
    assert told == {0, 1, 2}


def test_a_fault_that_is_heard_over_minutes_is_one_fault() -> None:
    world = steady()
    for day in range(10, 16):
        world.day(day, shown(20, to=60), parts=4, apart_s=120)
    assert world.held() == set(range(20))
    world.day(16.01, shown(20, to=60), parts=4, apart_s=120)
    assert world.held() == set()


def test_a_second_fault_is_a_second_line() -> None:
    world = steady()
    for day, zeros in ((10, 20), (11, 0), (12, 0), (13, 9), (14, 0)):
        world.day(day, shown(zeros))
    assert world.kinds() == [Kind.SOURCE_FAULT] * 2


def test_a_list_that_vanishes_is_a_fault_and_no_loss_for_a_while() -> None:
    world = steady()
    gone: dict[int, Outcome | int] = {p: missed(p) for p in range(50)}
    for day in (10, 11, 12, 13):
        world.day(day, gone)
    assert world.kinds() == [Kind.SOURCE_FAULT]
    world.day(14, shown(0))
    assert world.kinds() == [Kind.SOURCE_FAULT]


def test_a_fault_takes_no_part_in_the_wait_for_a_milestone() -> None:
    world = World()
    papers = range(50)
    world.day(0, dict.fromkeys(papers, 98))
    world.day(1, dict.fromkeys(papers, 98) | {0: 101})
    world.day(2, dict.fromkeys(papers, 0))
    world.day(3, dict.fromkeys(papers, 98) | {0: 101})
    world.day(4, dict.fromkeys(papers, 98) | {0: 101})
    assert world.kinds() == [Kind.SOURCE_FAULT, Kind.MILESTONE]


def test_nothing_is_announced_of_a_source_that_is_at_fault() -> None:
    world = World()
    for day, count in ((0, 98), (1, 101), (2, 101), (3, 101)):
        world.day(day, dict.fromkeys(range(20), 98) | {0: count})
    world.day(4, dict.fromkeys(range(8), 0) | dict.fromkeys(range(8, 20), 98) | {0: 101})
    assert world.kinds() == [Kind.SOURCE_FAULT]
    world.day(5, dict.fromkeys(range(20), 98) | {0: 101})
    assert world.kinds() == [Kind.SOURCE_FAULT, Kind.MILESTONE]


def test_a_reading_that_is_news_is_taken_in_at_once_and_told_at_the_end() -> None:
    """A process that is killed in between has the reading, and the next one has the news."""
    world = World()
    for day, count in ((0, 98), (1, 101), (2, 101)):
        world.day(day, {0: count})
    session = PassJudge("semantic_scholar", world.climate, RULES)
    (early,) = session.hear([Case(world.helds[0], seen(0, 102))], START + 4 * DAY)
    assert early is not None
    assert (early.held.citation_count, early.changes) == (102, ())
    assert early.snapshot is not None
    ((_, late),), _ = session.settle(START + 4 * DAY)
    assert [c.kind for c in late.changes] == [Kind.MILESTONE]
    assert (late.snapshot, late.held.confirmed_high) == (None, 101)
    world.helds[0] = early.held
    world.day(5, {0: 102})
    assert world.kinds() == [Kind.MILESTONE]


def test_another_record_is_no_sign_of_a_fault() -> None:
    world = steady()
    moved: dict[int, Outcome | int] = {p: seen(p, 50, record=f"other-{p}") for p in range(20)}
    world.day(10, shown(0) | moved)
    assert world.kinds() == [Kind.MERGED] * 20


def test_with_no_wait_two_readings_settle_a_whole_source() -> None:
    world = World(replace(RULES, confirm_after_s=0))
    for day, count in ((0, 98), (1, 150), (2, 150)):
        world.day(day, dict.fromkeys(range(20), count))
    assert world.kinds() == [Kind.SOURCE_FAULT, *[Kind.MILESTONE] * 20]


@given(st.permutations(range(20)), st.integers(1, 20), st.integers(0, 20))
def test_neither_the_order_of_the_papers_nor_the_cut_into_answers_matters(
    order: list[int], parts: int, hit: int
) -> None:
    one, other = steady(20), steady(20)
    for day, to in ((10, 0), (11, 0), (12, 60), (13, 100)):
        what = shown(hit, 20, to=to)
        one.day(day, what)
        other.day(day, {paper: what[paper] for paper in order}, parts=parts)
    assert one.helds == other.helds
    assert sorted(map(repr, one.changes)) == sorted(map(repr, other.changes))


def test_a_source_that_moves_nothing_for_three_times_its_longest_silence_is_stalled() -> None:
    world = World()
    for day in range(40):
        world.day(day, dict.fromkeys(range(10), 100 + day // 4))
    for day in range(40, 49):
        world.day(day, dict.fromkeys(range(10), 109))
    assert world.kinds() == []
    world.day(49, dict.fromkeys(range(10), 109))
    world.day(80, dict.fromkeys(range(10), 109))
    (line,) = world.changes
    assert line.kind is Kind.SOURCE_STALLED
    assert line.first_seen_at == START + 36 * DAY
    assert line.text == (
        "Semantic Scholar has moved none of 10 papers for 13 days; its longest silence before was 4"
    )
    world.day(81, dict.fromkeys(range(10), 110))
    for day in range(82, 100):
        world.day(day, dict.fromkeys(range(10), 110))
    assert world.kinds() == [Kind.SOURCE_STALLED]


def test_a_source_without_much_of_a_past_is_not_called_stalled() -> None:
    world = World()
    for day, count in ((0, 100), (1, 101), (2, 102), (400, 102)):
        world.day(day, dict.fromkeys(range(10), count))
    assert world.kinds() == []


@given(st.integers(3, 40), st.integers(3, 200), st.floats(0.0005, 0.2))
def test_the_chance_of_a_pass_is_a_tail_of_the_binomial(
    papers: int, known: int, rate: float
) -> None:
    from math import comb

    papers = min(papers, known)
    exact = sum(
        comb(known, k) * rate**k * (1 - rate) ** (known - k) for k in range(papers, known + 1)
    )
    if papers > known * rate:
        assert chance_of(papers, known, rate) == pytest.approx(exact, rel=1e-6)
    else:
        assert chance_of(papers, known, rate) == 1.0
