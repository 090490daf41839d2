"""When the daemon has which source asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from citewatch.domain.agenda import (
    APART_S,
    Prospect,
    apart_s,
    clock_trouble,
    goes_at,
    overdue_s,
    plan,
)
from citewatch.domain.papers import DAY

NOW = 20_000 * DAY
HOUR = 3600
S2 = Prospect(name="semantic_scholar", every_s=DAY, ask_at=NOW, leads=True, passed_at=NOW - DAY)
OPENALEX = replace(S2, name="openalex", leads=False)


def test_a_source_goes_when_its_first_paper_falls_due() -> None:
    assert goes_at(replace(S2, ask_at=NOW + 7)) == NOW + 7
    assert plan([replace(S2, ask_at=NOW + 7)], NOW).now == ()
    assert plan([replace(S2, ask_at=NOW + 7)], NOW).next_at == NOW + 7
    assert plan([S2], NOW).now == ("semantic_scholar",)


def test_nothing_due_means_nothing_planned() -> None:
    assert goes_at(replace(S2, ask_at=None)) is None
    assert plan([replace(S2, ask_at=None)], NOW).next_at is None


def test_sources_that_are_due_within_their_slack_go_along() -> None:
    soon, later = replace(OPENALEX, ask_at=NOW + HOUR), replace(OPENALEX, ask_at=NOW + HOUR + 1)
    assert plan([S2, soon], NOW).now == ("semantic_scholar", "openalex")
    assert plan([S2, later], NOW).now == ("semantic_scholar",)
    assert plan([S2, later], NOW).next_at == NOW + HOUR + 1


def test_two_passes_over_one_source_are_minutes_apart_whatever_is_due() -> None:
    assert goes_at(replace(S2, passed_at=NOW)) == NOW + APART_S
    assert goes_at(replace(S2, passed_at=NOW, every_s=2)) == NOW + 2


def test_a_source_that_is_asked_in_vain_is_asked_ever_less_but_as_often_as_its_schedule() -> None:
    gaps = [apart_s(replace(S2, in_vain=times)) for times in range(40)]
    assert gaps == sorted(gaps)
    assert gaps[:3] == [300, 600, 1200]
    assert gaps[-1] == DAY
    passes_a_day, at = 0, 0
    while at < DAY:
        at += gaps[passes_a_day]
        passes_a_day += 1
    assert passes_a_day < 10


def test_a_parked_source_is_left_alone_until_its_time() -> None:
    parked = replace(S2, rests_until=NOW + 5 * HOUR)
    assert plan([parked], NOW).now == ()
    assert plan([parked], NOW).next_at == NOW + 5 * HOUR
    assert plan([OPENALEX, parked], NOW).now == ("openalex",)


def test_titles_are_looked_for_daily_where_that_is_dear_and_at_once_where_it_is_not() -> None:
    titles = replace(S2, ask_at=None, search_at=0, passed_at=NOW)
    assert goes_at(titles) == NOW + APART_S
    assert goes_at(replace(titles, leads=False)) == NOW + DAY - HOUR
    assert goes_at(replace(titles, leads=False, passed_at=None)) == 0


@pytest.mark.parametrize("asleep_s", [HOUR, 7 * DAY, 400 * DAY])
def test_a_machine_that_slept_makes_one_pass(asleep_s: int) -> None:
    woken = NOW + asleep_s
    assert plan([S2, OPENALEX], woken).now == ("semantic_scholar", "openalex")
    after = [replace(p, ask_at=woken + DAY - HOUR, passed_at=woken) for p in (S2, OPENALEX)]
    assert plan(after, woken + 1).now == ()


def test_a_clock_that_was_set_back_asks_nobody_and_one_set_forward_asks_once() -> None:
    waiting = replace(S2, ask_at=NOW + 23 * HOUR, passed_at=NOW)
    assert plan([waiting], NOW - 3 * HOUR).now == ()
    assert plan([waiting], NOW + 40 * DAY).now == ("semantic_scholar",)


def test_a_clock_far_behind_the_newest_answer_is_trouble() -> None:
    assert clock_trouble(NOW, None) == ""
    assert clock_trouble(NOW, NOW + HOUR) == ""
    assert clock_trouble(NOW, NOW + 2 * HOUR).startswith("the clock is 2.0 hours behind")


def test_lag_is_counted_from_the_schedule_and_not_through_a_parking() -> None:
    late = replace(S2, ask_at=NOW - HOUR, passed_at=None)
    parked = replace(late, name="arxiv", ask_at=NOW - 9 * HOUR, rests_until=NOW + HOUR)
    new = replace(late, name="openalex", ask_at=0)
    assert overdue_s([late, parked], NOW, since=NOW - DAY) == HOUR
    assert overdue_s([new], NOW, since=NOW - 60) == 60
    assert overdue_s([parked], NOW, since=NOW - DAY) == 0
    assert overdue_s([], NOW, since=NOW) == 0


def test_nobody_goes_along_who_is_to_be_left_alone() -> None:
    parked = replace(OPENALEX, rests_until=NOW + 60)
    failing = replace(OPENALEX, name="crossref", passed_at=NOW - 60, in_vain=3)
    assert plan([S2, parked, failing], NOW).now == ("semantic_scholar",)
