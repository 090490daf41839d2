"""The lines of a report that is to be drawn."""

from __future__ import annotations

from citewatch.domain.papers import DAY
from citewatch.services.report import build_report
from citewatch.services.reported import Line
from worlds import HELD, MISSING, OPENALEX, S2, World, day, paper


def drawn(world: World, now: float, **asked: object) -> tuple[Line, ...]:
    question = world.question(day(now), sources=[S2, OPENALEX], drawn=True, **asked)
    (reported,) = build_report(world.store, question).papers
    return reported.lines


def world() -> World:
    return World(paper("zoo-2017", "ZOO"))


def test_a_report_has_lines_only_when_it_is_to_be_drawn() -> None:
    made = world()
    made.ask(day(0), {0: 5})
    (reported,) = build_report(made.store, made.question(day(1))).papers
    assert reported.lines == ()
    assert drawn(made, 1) == (
        Line(source="semantic_scholar", times=(day(0),), counts=(5,), until=day(0)),
    )


def test_each_source_has_its_own_line_the_headline_first() -> None:
    made = world()
    for number in range(4):
        made.ask(day(number), {0: 10 + number}, source="openalex")
        made.ask(day(number), {0: 90 + number})
    assert [line.source for line in drawn(made, 4)] == ["semantic_scholar", "openalex"]
    assert [line.source for line in drawn(made, 4, source="openalex")] == ["openalex"]


def test_a_line_breaks_where_nobody_asked_for_longer_than_twice_the_schedule() -> None:
    made = world()
    for number in (0, 1, 2, 30, 31):
        made.ask(day(number), {0: 5 if number < 30 else 9})
    first, second = drawn(made, 31)
    assert (first.times, first.counts, first.until) == ((day(0),), (5,), day(2))
    assert (second.times, second.counts, second.until) == ((day(30),), (9,), day(31))


def test_an_unchanged_count_runs_through_while_it_is_asked_for() -> None:
    made = world()
    for number in range(40):
        made.ask(day(number), {0: 5})
    (line,) = drawn(made, 40)
    assert (line.times, line.until) == ((day(0),), day(39))


def test_a_line_breaks_while_the_source_does_not_know_the_paper() -> None:
    made = world()
    for number, said in enumerate([5, 5, MISSING, MISSING, 6, 7]):
        made.ask(day(number), {0: said})
    first, second = drawn(made, 6)
    assert first.until == day(2)
    assert second.times[0] == day(4)


def test_a_held_reading_is_not_drawn() -> None:
    made = world()
    made.ask(day(0), {0: 5})
    made.ask(day(1), {0: (HELD, 4000)})
    (line,) = drawn(made, 2)
    assert line.counts == (5,)


def test_a_past_report_draws_only_what_was_known_then() -> None:
    made = world()
    for number in range(10):
        made.ask(day(number), {0: 5 + number})
    (line,) = drawn(made, 10, as_of=day(4) + DAY // 2)
    assert line.counts[-1] == 9
    assert line.until == day(4)
