"""The judge at the edges of its rules: one reading, one count, one second more or less."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest
from test_judge import ASKED, NEW, RECORD, RULES, START, count, kinds, replay

from citewatch.domain.identifiers import Identifier
from citewatch.domain.judge import Ruling, judge
from citewatch.domain.milestones import FormerLadder, Ladder
from citewatch.domain.papers import DAY, Change, Held, Kind, Missing, Observed, Outcome, Status
from citewatch.domain.passes import Case, PassJudge
from citewatch.domain.rules import Rules
from citewatch.domain.weather import Climate

Steps = list[tuple[float, Outcome | int]]
MISS = Missing(asked=ASKED)


def days(*spans: tuple[range, int]) -> Steps:
    """A count for each day of each span."""
    return [(float(day), number) for span, number in spans for day in span]


def announced(steps: Steps, rules: Rules = RULES) -> list[tuple[int, int | None]]:
    """(day, threshold) of each milestone."""
    changes, _, _ = replay(steps, rules)
    return [((c.at - START) // DAY, c.threshold) for c in changes if c.kind is Kind.MILESTONE]


# --- waits -------------------------------------------------------------------------


def test_exactly_at_the_threshold_a_paper_that_never_fell_waits_no_longer() -> None:
    assert announced(days((range(2), 99), (range(2, 9), 100))) == [(5, 100)]


@pytest.mark.parametrize(
    ("rise", "day"), [(130, 139), (140, 149), (147, 152), (148, 152), (149, 152), (150, 153)]
)
def test_a_fall_is_remembered_for_150_days(rise: int, day: int) -> None:
    fall: Steps = [(0, 98), (1, 97)]
    steps = [*fall, *days((range(2, rise), 97), (range(rise, rise + 20), 100))]
    assert announced(steps) == [(day, 100)]


def test_a_leap_is_measured_against_the_silence_before_it() -> None:
    slow: Steps = [(0, 80), (21, 105), (24, 105)]
    assert announced(slow) == [(24, 100)]
    fast: Steps = [(0, 80), (7, 105), (10, 105), (13, 105)]
    assert announced(fast) == []


@pytest.mark.parametrize(("to", "said"), [(117, [(9, 100)]), (118, [])])
def test_a_rise_of_thirty_per_cent_is_no_leap(to: int, said: list[tuple[int, int]]) -> None:
    assert announced([(0, 90), (5, 90), (6, to), (9, to)]) == said


@pytest.mark.parametrize(
    ("readings", "day"),
    [
        # The last gap is the longest: eleven days, and nineteen have passed.
        ([7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 29], 29),
        # Readings come every nine days on average, though the last came after six.
        ([7, 20, 26], 26),
        # Eighteen days, and the next in nine: not past the twenty-seventh day.
        ([7, 19, 25], None),
    ],
)
def test_what_may_be_read_too_late_is_settled_now(readings: list[int], day: int | None) -> None:
    steps: Steps = [(0, 60), (1, 60), *((float(d), 140) for d in readings)]
    assert announced(steps) == ([] if day is None else [(day, 100)])


def test_a_higher_level_waits_for_the_leap_below_it() -> None:
    steps = [*days((range(2), 80), (range(2, 5), 140)), *days((range(5, 30), 201))]
    assert announced(steps) == [(26, 200)]


def test_a_slide_that_is_made_good_is_no_part_of_the_next() -> None:
    steps: Steps = [(0, 200), (1, 195), (2, 190), (3, 196), (10, 190), (11, 190), (12, 190)]
    assert replay(steps)[0] == []
    changes, _, _ = replay([*steps, (13, 190)])
    assert [(c.kind, c.first_seen_at) for c in changes] == [(Kind.DROP, START + 10 * DAY)]


def test_after_a_drop_a_fall_is_measured_from_where_it_ended() -> None:
    steps = days((range(3), 200), (range(3, 10), 150), (range(10, 20), 146), (range(20, 30), 130))
    changes, _, _ = replay(steps)
    assert [(c.old, c.new) for c in changes if c.kind is Kind.DROP] == [(200, 150), (150, 130)]


def test_after_a_drop_what_is_regained_is_firm_again() -> None:
    steps = days((range(3), 200), (range(3, 10), 150), (range(10, 20), 165), (range(20, 30), 155))
    changes, _, _ = replay(steps)
    assert [(c.old, c.new) for c in changes if c.kind is Kind.DROP] == [(200, 150), (165, 155)]


def test_a_short_lived_rise_that_ends_is_believed_at_once() -> None:
    _, held, _ = replay([(0, 40), (4, 40), (5, 48), (6, 40)])
    assert (held.status, held.citation_count) == (Status.OK, 40)


def test_after_a_drop_a_slide_has_to_stand_too() -> None:
    steps = [*days((range(3), 200), (range(3, 8), 150)), (9.0, 147), (10.0, 144), (11.0, 142)]
    changes, held, _ = replay(steps)
    assert [c.new for c in changes] == [150]
    changes, _, _ = replay([(12, 142), (14, 142)], held=held)
    assert [(c.old, c.new, c.first_seen_at) for c in changes] == [(150, 142, START + 11 * DAY)]


def test_a_fall_that_was_held_makes_a_paper_restless_too() -> None:
    steps = days((range(3), 99))
    assert announced([*steps, (3, 80), (4, 99), *days((range(5, 20), 100))]) == [(14, 100)]


def test_a_jump_that_was_held_does_not() -> None:
    steps = days((range(3), 99))
    assert announced([*steps, (3, 180), (4, 99), *days((range(5, 20), 100))]) == [(8, 100)]


def test_several_thresholds_that_did_not_hold_are_taken_back_one_by_one() -> None:
    steps = days((range(2), 190), (range(2, 9), 201), (range(9, 12), 250), (range(12, 16), 301))
    steps += days((range(16, 60), 180))
    changes, _, _ = replay(steps, replace(RULES, confirm_after_s=DAY))
    lost = [c for c in changes if c.kind is Kind.MILESTONE_LOST]
    assert [(c.threshold, c.old, c.new) for c in lost] == [(200, 200, 180), (300, 300, 180)]
    assert {c.source for c in changes} == {"semantic_scholar"}
    (drop,) = [c for c in changes if c.kind is Kind.DROP]
    assert drop.text.startswith("fell from ")
    assert drop.text.endswith(" to 180 citations on Semantic Scholar")


def test_a_paper_that_is_back_with_its_count_is_well() -> None:
    _, held, _ = replay([(0, 98), (1, 98), (2, MISS), (3, 98)])
    assert (held.status, held.citation_count, held.absences) == (Status.OK, 98, 0)


def test_with_no_wait_a_slide_is_seen_twice_too() -> None:
    rules = replace(RULES, confirm_after_s=0)
    changes, held, _ = replay([(0, 200), (0, 195), (0, 190)], rules)
    assert changes == []
    changes, _, _ = replay([(0, 190)], rules, held)
    assert [(c.kind, c.old, c.new) for c in changes] == [(Kind.DROP, 200, 190)]


def test_what_was_settled_before_a_first_zero_stays_settled() -> None:
    claimed = replace(NEW, confirmed_high=300)
    _, held, _ = replay([(0, 0), (1, 240), (5, 240)], held=claimed)
    assert (held.citation_count, held.firm, held.confirmed_high) == (240, 240, 300)
    assert replay(days((range(6, 20), 301)), held=held)[0] == []


def test_what_replaces_a_first_zero_is_firm() -> None:
    steps: Steps = [(0, 0), (1, 437), (5, 437), (6, 300), (9, 300)]
    changes, held, _ = replay(steps)
    assert [(c.kind, c.old, c.new) for c in changes] == [(Kind.DROP, 437, 300)]
    assert (held.high, held.confirmed_high) == (437, 437)


def test_the_highest_believed_count_is_kept() -> None:
    _, held, _ = replay([(0, 98), (1, 99), (2, 103), (3, 101), (4, 500)])
    assert (held.high, held.status) == (103, Status.HELD)


def test_a_paper_that_was_held_goes_on_with_its_batch() -> None:
    rules = replace(RULES, confirm_after_s=DAY)
    _, held, _ = replay([(0, 350), (1, 300), (1.25, 300), (1.5, 300)], rules)
    assert held.next_check_at == START + int(1.75 * DAY)
    _, held, _ = replay([(2.25, 301)], rules, held)
    assert held.status is Status.OK
    assert START + 2.9 * DAY < held.next_check_at < START + 3 * DAY


# --- the ladder ----------------------------------------------------------------------


@pytest.mark.parametrize(("since", "told"), [(15, True), (16, False)])
def test_a_threshold_that_joined_is_news_from_then_on(since: int, told: bool) -> None:
    finer = replace(RULES, ladder=Ladder((10, 25, 50, 150), 100))
    finer = replace(finer, former=FormerLadder(RULES.ladder, START + since * DAY))
    _, held, _ = replay(days((range(15), 140)))
    changes, _, _ = replay(days((range(15, 25), 151)), finer, held)
    assert kinds(changes) == ([("milestone", 150)] if told else [])


def test_thresholds_that_lie_side_by_side_are_all_there() -> None:
    assert list(Ladder((1, 2, 3), 1).between(0, 5)) == [5, 4, 3, 2, 1]
    assert [Ladder((), 1).highest_at(n) for n in (0, 1, 2)] == [None, 1, 2]


# --- absences ------------------------------------------------------------------------


def test_a_miss_is_noted_with_all_that_it_means() -> None:
    _, before, _ = replay([(0, 98), (1, 98)])
    verdict = judge(before, MISS, START + 2 * DAY, rules=RULES)
    held, snapshot = verdict.held, verdict.snapshot
    assert verdict.ruling is Ruling.HELD
    assert snapshot is not None
    assert (snapshot.at, snapshot.previous_count, snapshot.status) == (
        START + 2 * DAY, 98, Status.MISSING,
    )  # fmt: skip
    assert (held.asked, held.absences, held.failures) == (ASKED, 1, 0)
    assert (held.answered_at, held.changed_at, held.missing_since_at) == (START + 2 * DAY,) * 3
    assert START + 2.9 * DAY < held.next_check_at < START + 3 * DAY
    again = judge(held, MISS, START + 2 * DAY + 3600, rules=RULES)
    assert (again.snapshot, again.held.changed_at) == (None, START + 2 * DAY)


def test_a_loss_says_since_when_and_what_it_had() -> None:
    changes, held, verdicts = replay([(0, 98), (1, MISS), (2, MISS), (3, MISS)])
    (lost,) = changes
    assert (lost.kind, lost.at, lost.first_seen_at) == (Kind.LOST, START + 2 * DAY, START + DAY)
    assert (lost.old, lost.new) == (98, None)
    assert lost.text == "Semantic Scholar no longer knows this paper (98 citations before)"
    assert (held.absences, verdicts[-1].ruling) == (3, Ruling.BELIEVED)


def test_a_loss_of_a_paper_without_a_count_names_none() -> None:
    seen = Observed(asked=ASKED, answered=RECORD)
    changes, _, _ = replay([(0, seen), (1, MISS), (2, MISS)])
    assert [c.text for c in changes] == ["Semantic Scholar no longer knows this paper"]


@pytest.mark.parametrize(("later", "lost"), [(20 * 3600, True), (20 * 3600 - 1, False)])
def test_two_absences_are_a_loss_from_twenty_hours_on(later: int, lost: bool) -> None:
    _, held, _ = replay([(0, 98), (1, MISS)])
    changes = judge(held, MISS, START + DAY + later, rules=RULES).changes
    assert [(c.kind, c.source) for c in changes] == [(Kind.LOST, NEW.source)] * lost


@pytest.mark.parametrize(("gap", "found"), [(20 * 3600, True), (20 * 3600 - 1, False)])
def test_a_paper_that_was_never_known_is_found_after_absences_on_two_days(
    gap: int,
    found: bool,
) -> None:
    first = judge(NEW, MISS, START, rules=RULES)
    assert first.ruling is Ruling.BELIEVED
    second = judge(first.held, MISS, START + 1, rules=RULES)
    changes = judge(second.held, count(7), START + gap, rules=RULES).changes
    assert [c.text for c in changes] == (["Semantic Scholar knows this paper now"] if found else [])
    once = judge(first.held, count(7), START + gap, rules=RULES)
    assert once.changes == ()


# --- everything at once -----------------------------------------------------------------


def numbers(seed: int) -> Iterator[int]:
    """Numbers that look random and are the same everywhere (a linear congruence)."""
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield seed >> 33


def walk() -> list[Change]:
    """Sixty papers of one source over 200 days: growth, falls, leaps, faults, absences."""
    chance = numbers(20_261_128)
    counts = [next(chance) % 130 for _ in range(60)]
    helds = {n: Held(series=n, paper=n, source="s") for n in range(60)}
    climate, changes = Climate(), []
    for day in range(200):
        bad = day > 20 and next(chance) % 40 == 0
        session = PassJudge("s", climate, RULES)
        cases = []
        for n in range(60):
            draw = next(chance) % 1000
            step = 1 if draw < 240 else -1 if draw < 300 else 0
            step = counts[n] // 2 if draw < 2 else -counts[n] // 4 if draw < 4 else step
            counts[n] = max(1, counts[n] + step)
            if draw > 990:
                continue
            shown = 0 if bad and draw % 3 == 0 else counts[n]
            record = Identifier("s", f"{n}")
            seen: Outcome = Observed(asked=record, answered=record, citation_count=shown)
            cases.append(Case(helds[n], Missing(asked=record) if day % 50 > 47 and n < 2 else seen))
        at_once = session.hear(cases, START + day * DAY)
        waited, lines = session.settle(START + day * DAY)
        climate = session.climate
        changes += lines
        for verdict in (*filter(None, at_once), *(v for _, v in waited)):
            helds[verdict.held.paper] = verdict.held
            changes += verdict.changes
    return changes


def test_a_long_walk_is_told_as_it_was() -> None:
    """Nothing that changes any line goes unnoticed: who means to, says the new sum here."""
    changes = walk()
    told = sorted(
        (c.at, c.kind.value, c.paper or 0, c.threshold or 0, c.first_seen_at or 0, str(c.old),
         str(c.new))
        for c in changes
    )  # fmt: skip
    number = {kind: sum(c.kind is kind for c in changes) for kind in Kind}
    assert {kind.value: n for kind, n in number.items() if n} == {
        "milestone": 50, "milestone_lost": 2, "drop": 25, "lost": 7, "found": 5, "source_fault": 4,
    }  # fmt: skip
    assert hashlib.sha256(repr(told).encode()).hexdigest()[:16] == "4b5e02534140910b"
