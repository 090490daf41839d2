"""Forecasts through the services: made by passes and imports, told by reports, scored."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from house import ZOO, House, counted

from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY
from citewatch.domain.rules import Rules
from citewatch.services.forecast_scores import score_forecasts
from citewatch.services.foreseeing import note_forecasts
from citewatch.services.history_file import read_history
from citewatch.services.import_history import import_history
from citewatch.services.report import build_report
from citewatch.services.reported import Report
from citewatch.store.opening import open_path
from fakes import ScriptedSource
from worlds import S2, START, World, day, paper

ABOVE = Ladder().above


def polled(world: World, number: int, counts: dict[int, int]) -> None:
    """One day of the daemon: a pass, then the forecasts that follow from it."""
    world.ask(day(number), counts)
    papers = [world.numbers[place] for place in counts]
    note_forecasts(world.store, S2.name, papers, above=ABOVE, now=day(number) + 60)


def growing(days: int) -> World:
    """Two papers over many days: one gains a citation every four days, one none."""
    world = World(paper("grows", "It grows"), paper("rests", "It rests"))
    for number in range(days):
        polled(world, number, {0: 50 + number // 4, 1: 7})
    return world


@pytest.fixture(scope="module")
def grown() -> World:
    return growing(500)


# --- reports -----------------------------------------------------------------------


def test_a_past_day_is_foreseen_as_it_was_on_that_day() -> None:
    """What a report of today says from kept forecasts, --as-of works out again later."""
    world = World(paper("a", "A"), paper("b", "B"), paper("c", "C"))
    counts = {0: 90, 1: 5, 2: 1000}
    printed: dict[int, Report] = {}
    for number in range(120):
        counts[0] += number % 3 == 0
        counts[1] -= number == 60
        counts[2] += 10 * (number % 7 == 0)
        polled(world, number, counts)
        printed[number] = build_report(world.store, world.question(day(number) + 7200))
    today = day(200)
    for number, report in printed.items():
        then = build_report(world.store, world.question(today, as_of=day(number) + 7200))
        assert [p.forecast for p in then.papers] == [p.forecast for p in report.papers]
    assert all(p.forecast is not None for p in printed[119].papers)
    assert all(p.forecast is None for p in printed[0].papers)


def test_a_report_without_kept_forecasts_says_the_same(grown: World) -> None:
    now = day(499) + 3600
    report = build_report(grown.store, grown.question(now))
    bare = World(paper("grows", "It grows"), paper("rests", "It rests"))
    for number in range(500):
        bare.ask(day(number), {0: 50 + number // 4, 1: 7})
    assert report.papers == build_report(bare.store, bare.question(now)).papers


def test_without_a_ladder_there_is_no_threshold(grown: World) -> None:
    report = build_report(grown.store, grown.question(day(499), above=None))
    forecasts = [p.forecast for p in report.papers]
    assert all(f is not None and f.next is None for f in forecasts)


# --- passes and imports ------------------------------------------------------------


def test_a_pass_keeps_forecasts_of_what_has_changed(tmp_path: Path) -> None:
    house = House(tmp_path)
    with closing(house.store):
        house.watch(ZOO)
        for count in (98, 99, 99, 101):
            source = ScriptedSource(answers={str(ZOO.ids[0]): counted(count)})
            house.sync(source)
            house.later(1)
        made = house.store.forecasts().made([house.papers()[0].number or 0])
        assert [one.pace.count for one in made] == [99, 101]
        (coming,) = [one.forecast.next for one in made[-1:]]
        assert coming is not None
        assert coming.threshold == 200


def test_an_import_keeps_one_forecast_a_series(tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    first = date(2025, 1, 1)
    rows = [f"A,mine,{first + timedelta(n)},{40 + n // 10}" for n in range(200)]
    file.write_text("\n".join(["paper,source,date,count", *rows]) + "\n")
    rules = Rules(ladder=Ladder(), confirm_after_s=3 * DAY, every_s=DAY, label="mine")
    now = START + 210 * DAY
    with closing(open_path(tmp_path / "c.db", now=now)) as store:
        import_history(
            read_history(file, {}, now=now), store, (), path=file, rules=lambda _: rules,
            now=now, adopt=True,
        )  # fmt: skip
        (one,) = store.forecasts().made([p.number for p in store.papers()])
    assert (one.pace.count, one.made_at) == (59, now)
    said = dict(one.forecast.horizons)[365]
    assert said.citations == pytest.approx(59 + 37, abs=6)


# --- scores ------------------------------------------------------------------------


def test_forecasts_are_scored_by_what_came(grown: World) -> None:
    scores = score_forecasts(grown.store, grown.question(day(499) + 3600))
    near, far = scores.horizons
    made = grown.store.forecasts().made(grown.numbers)
    assert scores.made == len(made)
    for horizon in (near, far):
        due = [one for one in made if one.made_at + horizon.days * DAY <= day(499)]
        assert horizon.scored == len(due) > 0
        assert horizon.scored + horizon.waiting + horizon.unknown == len(made)
        assert horizon.unknown == 0
        assert horizon.held is not None
        assert horizon.held > 0.5  # of few, and the first ones had no history
        assert horizon.line_error is not None
    assert scores.worst[0].off >= scores.worst[-1].off
    best = scores.best[0]
    assert best.came == 50 + ((best.made_at - START) // DAY + best.days) // 4
    assert scores.thresholds.foreseen >= 2
    assert scores.thresholds.within >= 1


def test_scores_of_a_past_day_know_nothing_later(grown: World) -> None:
    then = score_forecasts(grown.store, grown.question(day(600), as_of=day(150)))
    assert all(m.made_at <= day(150) for m in then.best + then.worst)
    near, far = then.horizons
    assert 0 < near.scored < 10
    assert (far.scored, far.held, far.error) == (0, None, None)
    assert then.made < score_forecasts(grown.store, grown.question(day(499))).made


def test_what_nobody_looked_at_is_not_scored() -> None:
    """Polled for 50 days, then again 100 days later: what was on day 100 nobody knows."""
    world = growing(50)
    polled(world, 160, {0: 90, 1: 7})
    near, _ = score_forecasts(world.store, world.question(day(160) + 3600)).horizons
    assert near.scored == 0
    assert near.unknown > 0


def test_a_source_can_be_scored_alone(grown: World) -> None:
    question = grown.question(day(499))
    assert score_forecasts(grown.store, replace(question, source=S2.name)).made
    assert score_forecasts(grown.store, replace(question, source="openalex")).made == 0


def test_without_papers_there_is_nothing_to_score() -> None:
    world = World()
    scores = score_forecasts(world.store, world.question(day(1)))
    assert (scores.made, scores.first_due_at, scores.best) == (0, None, ())
    assert scores.thresholds.foreseen == 0
