"""The judge: what is believed, held, announced."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.identifiers import Identifier
from citewatch.domain.judge import Verdict, judge
from citewatch.domain.milestones import FormerLadder, Ladder
from citewatch.domain.papers import (
    DAY,
    Blocked,
    Change,
    Facts,
    Failed,
    Held,
    Kind,
    Missing,
    Observed,
    Outcome,
    Status,
    Throttled,
)
from citewatch.domain.rules import Rules

ASKED = Identifier("arxiv", "1708.03999")
RECORD = Identifier("semantic_scholar", "a" * 40)
RULES = Rules(
    ladder=Ladder(), confirm_after_s=3 * DAY, every_s=DAY, jitter=0.5, label="Semantic Scholar"
)
AT_ONCE = replace(RULES, confirm_after_s=0)
START = 20_000 * DAY
NEW = Held(series=1, paper=7, source="semantic_scholar")


def count(number: int, *, record: Identifier = RECORD, facts: Facts | None = None) -> Observed:
    return Observed(
        asked=ASKED, answered=record, citation_count=number, facts=facts or Facts(title="ZOO")
    )


def replay(
    steps: list[tuple[float, Outcome | int]], rules: Rules = RULES, held: Held = NEW
) -> tuple[list[Change], Held, list[Verdict]]:
    """Judge outcomes given as (days since the start, outcome or count)."""
    changes: list[Change] = []
    verdicts = []
    for day, step in steps:
        outcome = count(step) if isinstance(step, int) else step
        verdict = judge(held, outcome, START + int(day * DAY), rules=rules)
        held = verdict.held
        changes += verdict.changes
        verdicts.append(verdict)
    return changes, held, verdicts


def kinds(changes: list[Change]) -> list[tuple[str, int | None]]:
    return [(c.kind.value, c.threshold) for c in changes]


def test_the_first_count_is_a_baseline() -> None:
    changes, held, verdicts = replay([(0, 437), (1, 437), (9, 438)])
    assert changes == []
    assert held.confirmed_high == 437
    assert verdicts[0].snapshot is not None


def test_a_milestone_is_announced_when_it_has_held() -> None:
    changes, _, _ = replay([(0, 98), (1, 101), (2, 101), (3, 102), (4, 102)])
    (milestone,) = changes
    assert (milestone.kind, milestone.threshold) == (Kind.MILESTONE, 100)
    assert (milestone.old, milestone.new) == (98, 102)
    assert milestone.first_seen_at == START + DAY
    assert milestone.at == START + 4 * DAY
    assert milestone.text == "reached 100+ citations on Semantic Scholar (102 now)"


def test_a_count_that_falls_back_starts_the_wait_again() -> None:
    changes, _, _ = replay([(0, 98), (1, 101), (3, 99), (4, 101), (5, 101)])
    assert changes == []


def test_a_threshold_is_announced_once_however_often_it_is_crossed() -> None:
    steps: list[tuple[float, Outcome | int]] = [(0, 98)]
    for week in range(20):
        steps += [(7 * week + 1 + d, 101) for d in range(4)]
        steps += [(7 * week + 5 + d, 99) for d in range(2)]
    changes, _, _ = replay(steps)
    assert kinds(changes) == [("milestone", 100)]


def test_several_thresholds_make_one_line_with_the_highest() -> None:
    changes, held, _ = replay([(0, 5), (1, 120), (4, 120), (9, 130), (25, 131)])
    assert kinds(changes) == [("milestone", 100)]
    assert held.confirmed_high is not None
    assert held.confirmed_high >= 120


def test_a_ladder_that_changes_later_announces_nothing_in_retrospect() -> None:
    finer = replace(RULES, ladder=Ladder((10, 25, 50, 150), 100))
    _, held, _ = replay([(0, 120), (5, 140), (8, 160), (12, 160), (20, 160)])
    changes, _, _ = replay([(21, 171), (25, 172), (60, 172)], finer, held)
    assert changes == []
    # Nor what was reached before the change and had yet to hold.
    _, held, _ = replay([(0, 120), (5, 170), (9, 170), (15, 170)])
    finer = replace(finer, former=FormerLadder(RULES.ladder, START + 16 * DAY))
    assert replay([(20, 171), (30, 172), (60, 172)], finer, held)[0] == []
    changes, _, _ = replay([(20, 201), (30, 202), (60, 202)], finer, held)
    assert kinds(changes) == [("milestone", 200)]


def test_with_no_wait_two_agreeing_readings_settle_a_milestone() -> None:
    changes, _, _ = replay([(0, 98), (0, 101), (0, 101)], AT_ONCE)
    assert kinds(changes) == [("milestone", 100)]


def test_with_no_wait_two_agreeing_readings_settle_a_jump() -> None:
    changes, held, _ = replay([(0, 98), (0, 250), (0, 250)], AT_ONCE)
    assert kinds(changes) == [("milestone", 200)]
    assert held.status is Status.OK


def test_readings_within_one_second_keep_their_order() -> None:
    _, _, verdicts = replay([(0, 98), (0, 99), (0, 100)], AT_ONCE)
    times = [v.snapshot.at for v in verdicts if v.snapshot]
    assert times == sorted(set(times))
    assert len(times) == 3


def test_a_collapse_is_held_and_not_believed() -> None:
    changes, held, verdicts = replay([(0, 350), (1, 0)])
    assert changes == []
    assert held.status is Status.HELD
    assert held.citation_count == 350
    assert verdicts[1].snapshot is not None
    assert verdicts[1].snapshot.status is Status.HELD
    assert verdicts[1].held.next_check_at <= START + DAY + 6 * 3600


def test_a_collapse_that_heals_leaves_no_line() -> None:
    changes, held, _ = replay([(0, 350), (1, 0), (2, 351)])
    assert changes == []
    assert (held.status, held.citation_count, held.pending) == (Status.OK, 351, None)


def test_a_fall_is_reported_when_it_is_confirmed() -> None:
    changes, held, _ = replay([(0, 350), (1, 300), (2, 300), (4, 301)])
    (drop,) = changes
    assert (drop.kind, drop.old, drop.new) == (Kind.DROP, 350, 301)
    assert drop.first_seen_at == START + DAY
    assert held.high == 350


def test_a_small_fall_is_believed_and_not_reported() -> None:
    changes, held, _ = replay([(0, 350), (1, 348)])
    assert (changes, held.citation_count, held.status) == ([], 348, Status.OK)


def test_a_fall_does_not_re_arm_a_milestone() -> None:
    changes, _, _ = replay(
        [(0, 98), (1, 101), (4, 101), (5, 80), (9, 80), (30, 101), (35, 101), (40, 102)]
    )
    assert kinds(changes) == [("milestone", 100), ("drop", None)]


def test_an_implausible_jump_is_held_until_it_is_seen_again() -> None:
    changes, held, _ = replay([(0, 98), (1, 196)])
    assert (changes, held.status, held.citation_count) == ([], Status.HELD, 98)
    changes, held, _ = replay([(4, 197)], held=held)
    assert (changes, held.status, held.citation_count) == ([], Status.OK, 197)


def test_a_long_silence_makes_a_jump_plausible() -> None:
    _, held, _ = replay([(0, 98), (365, 196)])
    assert (held.status, held.citation_count) == (Status.OK, 196)


def test_a_leap_is_announced_when_it_has_held_for_weeks() -> None:
    steps: list[tuple[float, Outcome | int]] = [(0, 98), (1, 98)]
    changes, held, _ = replay([*steps, *((day, 197) for day in range(2, 26))])
    assert changes == []
    changes, _, _ = replay([(26, 197), (27, 198)], held=held)
    assert kinds(changes) == [("milestone", 100)]
    changes, held, _ = replay([*steps, *((day, 197) for day in range(2, 20)), (20, 99), (40, 99)])
    assert (changes, held.citation_count) == ([], 99)


def test_a_count_at_the_threshold_waits_longer_where_it_has_fallen_lately() -> None:
    steps: list[tuple[float, Outcome | int]] = [(0, 99), (1, 98), (2, 99), (3, 100)]
    changes, held, _ = replay([*steps, *((day, 100) for day in range(4, 12))])
    assert changes == []
    changes, _, _ = replay([(12, 100)], held=held)
    assert kinds(changes) == [("milestone", 100)]
    changes, _, _ = replay([*steps, (4, 101), (5, 101), (6, 101)])
    assert kinds(changes) == [("milestone", 100)]


def test_nothing_waits_until_a_reading_that_may_come_too_late() -> None:
    changes, _, _ = replay([(0, 60), (7, 140), (17, 140), (27, 140)])
    assert kinds(changes) == [("milestone", 100)]
    assert changes[0].at == START + 27 * DAY


def test_a_slide_in_small_steps_is_a_drop_too() -> None:
    slide: list[tuple[float, Outcome | int]] = [(day, 200 - 2 * day) for day in range(6)]
    changes, held, _ = replay(slide)
    assert (changes, held.citation_count, held.status) == ([], 190, Status.OK)
    changes, held, _ = replay([(day, 190) for day in range(6, 9)], held=held)
    assert [(c.kind, c.old, c.new) for c in changes] == [(Kind.DROP, 200, 190)]
    assert replay([(9, 190), (20, 189)], held=held)[0] == []


def test_a_short_lived_rise_is_no_height_to_fall_from() -> None:
    changes, held, _ = replay([(0, 40), (4, 40), (5, 48), (6, 40), (12, 40)])
    assert (changes, held.citation_count, held.status) == ([], 40, Status.OK)


def test_a_zero_is_held_however_small_the_count_was() -> None:
    _, held, _ = replay([(0, 2), (1, 0)])
    assert (held.status, held.citation_count) == (Status.HELD, 2)


def test_a_first_zero_that_does_not_last_is_no_baseline() -> None:
    changes, held, _ = replay([(0, 0), (1, 437), (5, 437), (9, 440)])
    assert changes == []
    assert held.confirmed_high == 437
    changes, _, _ = replay([(0, 0), (4, 0), (5, 12), (9, 12), (40, 12)])
    assert kinds(changes) == [("milestone", 10)]


def test_a_milestone_that_did_not_hold_is_taken_back_once() -> None:
    steps: list[tuple[float, Outcome | int]] = [(0, 98), (1, 101), (4, 101), (6, 99)]
    changes, held, _ = replay([*steps, *((day, 99) for day in range(7, 36))])
    assert kinds(changes) == [("milestone", 100)]
    changes, held, _ = replay([(36, 98)], held=held)
    (lost,) = changes
    assert (lost.kind, lost.threshold, lost.old, lost.new) == (Kind.MILESTONE_LOST, 100, 100, 98)
    assert lost.first_seen_at == START + 6 * DAY
    assert lost.text == "no longer 100+ citations on Semantic Scholar: 98 now, below it for 30 days"
    again: list[tuple[float, Outcome | int]] = [(day, 102) for day in range(37, 60)]
    changes, _, _ = replay([*again, *((day, 90) for day in range(60, 120))], held=held)
    assert kinds(changes) == [("drop", None)]


def test_a_dip_of_less_than_a_month_takes_nothing_back() -> None:
    steps: list[tuple[float, Outcome | int]] = [(0, 98), (1, 101), (4, 101), (6, 99)]
    changes, _, _ = replay([*steps, *((day, 99) for day in range(7, 35)), (35, 100), (40, 99)])
    assert kinds(changes) == [("milestone", 100)]


def test_another_record_explains_a_fall() -> None:
    other = Identifier("semantic_scholar", "b" * 40)
    low = count(60, record=other)
    changes, held, _ = replay([(0, 98), (4, 98), (5, low), (6, low), (9, low)])
    assert [c.kind for c in changes] == [Kind.MERGED]
    assert changes[0].text.endswith("count 98 before, 60 now")
    assert (held.citation_count, held.firm) == (60, 60)


def test_a_held_reading_confirms_only_what_all_its_readings_showed() -> None:
    changes, _, _ = replay([(0, 60), (1, 99), (4, 101)])
    assert kinds(changes) == []


def test_a_miss_is_not_a_zero() -> None:
    changes, held, verdicts = replay([(0, 98), (1, Missing(asked=ASKED))])
    assert changes == []
    assert (held.status, held.citation_count) == (Status.MISSING, 98)
    assert verdicts[1].snapshot is not None
    assert verdicts[1].snapshot.citation_count is None


def test_lost_needs_two_absences_on_different_days() -> None:
    miss = Missing(asked=ASKED)
    changes, held, _ = replay([(0, 98), (1, miss), (1.1, miss)])
    assert changes == []
    changes, held, _ = replay([(2.2, miss), (3.2, miss)], held=held)
    assert kinds(changes) == [("lost", None)]
    changes, held, _ = replay([(4, 99)], held=held)
    assert kinds(changes) == [("found", None)]
    assert held.lost is False


@pytest.mark.parametrize(
    "outcome",
    [
        Throttled(until=None, reason="429"),
        Blocked(reason="needs a login"),
        Failed(reason="timeout"),
    ],
    ids=lambda o: type(o).__name__,
)
def test_no_answer_changes_no_count_and_writes_no_row(outcome: Outcome) -> None:
    _, before, _ = replay([(0, 98)])
    verdict = judge(before, outcome, START + DAY, rules=RULES)
    assert (verdict.snapshot, verdict.facts, verdict.changes) == (None, None, ())
    assert (verdict.held.citation_count, verdict.held.status) == (98, Status.OK)
    assert verdict.held.counted_at == before.counted_at


def test_an_unchanged_count_writes_no_row() -> None:
    _, held, verdicts = replay([(0, 98), (1, 98)])
    assert verdicts[1].snapshot is None
    assert held.counted_at == START + DAY


def test_another_record_is_a_merge_and_said_once() -> None:
    other = Identifier("semantic_scholar", "b" * 40)
    merged = count(99, record=other)
    changes, held, _ = replay([(0, 98), (1, merged), (2, merged)])
    assert [(c.kind, c.old, c.new) for c in changes] == [(Kind.MERGED, "a" * 40, "b" * 40)]
    verdict = judge(held, count(99), START + 3 * DAY, rules=RULES, known=(RECORD,))
    assert verdict.changes == ()


@pytest.mark.parametrize("step", [(7, 11), (1, 11), (1, 30)], ids=["weekly", "daily", "fast"])
def test_a_growing_paper_is_not_held_for_long(step: tuple[int, int]) -> None:
    days, gain = step
    series: list[tuple[float, Outcome | int]] = [(days * n, 40 + gain * n) for n in range(30)]
    held, waited = NEW, 0
    for day, count_now in series:
        assert isinstance(count_now, int)
        held = judge(held, count(count_now), START + int(day * DAY), rules=RULES).held
        waited = waited + days if held.status is Status.HELD else 0
        assert waited <= 2 * 3 + days


def test_a_dip_while_waiting_starts_the_wait_again_however_deep() -> None:
    for low in (98, 90, 3):
        changes, _, _ = replay([(0, 98), (1, 101), (2, low), (3, 101), (4, 101), (5, 102)])
        assert changes == [], low
    changes, _, _ = replay([(0, 98), (0, 101), (0, 3), (0, 101)], AT_ONCE)
    assert changes == []


def test_with_no_wait_two_absences_are_a_loss() -> None:
    miss = Missing(asked=ASKED)
    changes, _, _ = replay([(0, 98), (0.01, miss), (0.02, miss)], AT_ONCE)
    assert kinds(changes) == [("lost", None)]


def test_two_absences_around_midnight_are_not_two_days() -> None:
    miss = Missing(asked=ASKED)
    changes, _, _ = replay([(0, 98), (0.9999, miss), (1.0001, miss)])
    assert changes == []


# --- properties -----------------------------------------------------------------

SERIES = st.lists(st.tuples(st.integers(1, 10), st.integers(0, 400)), min_size=1, max_size=40)


def timed(steps: list[tuple[int, int]]) -> list[tuple[float, Outcome | int]]:
    day, out = 0, []
    for wait, number in steps:
        day += wait
        out.append((float(day), number))
    return out


@given(SERIES)
def test_each_threshold_is_announced_at_most_once_and_in_order(
    steps: list[tuple[int, int]],
) -> None:
    changes, _, _ = replay(timed(steps))
    thresholds = [c.threshold for c in changes if c.kind is Kind.MILESTONE]
    assert thresholds == sorted(set(thresholds))


@given(SERIES)
def test_a_milestone_was_reached_by_two_readings_that_wait_apart(
    steps: list[tuple[int, int]],
) -> None:
    series = timed(steps)
    changes, _, _ = replay(series)
    for change in changes:
        if change.kind is Kind.MILESTONE:
            spell = [
                step
                for day, step in series
                if (change.first_seen_at or 0) <= START + int(day * DAY) <= change.at
            ]
            high = [n for n in spell if isinstance(n, int) and n >= (change.threshold or 0)]
            assert len(high) >= 2
            assert change.at - (change.first_seen_at or 0) >= 3 * DAY


@given(st.integers(0, 5000), st.lists(st.integers(1, 30), max_size=30))
def test_a_constant_series_says_nothing(number: int, waits: list[int]) -> None:
    changes, _, _ = replay(timed([(wait, number) for wait in waits]))
    assert changes == []


@given(SERIES, st.integers(0, 400))
def test_shifting_time_shifts_the_changes(steps: list[tuple[int, int]], shift: int) -> None:
    changes, _, _ = replay(timed(steps))
    later, _, _ = replay([(day + shift, step) for day, step in timed(steps)])
    assert [(c.kind, c.threshold, c.at + shift * DAY) for c in changes] == [
        (c.kind, c.threshold, c.at) for c in later
    ]


@given(SERIES)
def test_every_reading_is_kept(steps: list[tuple[int, int]]) -> None:
    """The rows alone tell what the source said at every reading."""
    series = timed(steps)
    _, _, verdicts = replay(series)
    shown: int | None = None
    for (_, step), verdict in zip(series, verdicts, strict=True):
        shown = verdict.snapshot.citation_count if verdict.snapshot else shown
        assert shown == step
