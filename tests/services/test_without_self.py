"""Counts without self-citations: where they are known, and where nothing is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from citing_world import S2, Looking, work
from house import House

from citewatch.domain.citing import Person
from citewatch.domain.papers import Status
from citewatch.services.reported import Report, ReportedPaper, Totals
from citewatch.services.selves import read_selves
from citewatch.services.standing import Count
from citewatch.services.without_self import in_words, without_self

SELF = (Person("Huan Zhang"),)


def report(*counts: Count) -> Report:
    headline = counts[0]
    line = ReportedPaper(
        key="zoo-zeroth-order-2017", title="ZOO", year=2017, venue="", ids=(), claim=10, badge=10,
        citations=headline.citations, source=headline.source, counts=counts, delta={"7d": 1},
        per_year=3.0, status=Status.OK, same_as=None, watchlists=("me",), spark=(1, 2),
    )  # fmt: skip
    return Report(
        as_of=0, watchlist=None, windows=("7d",), papers=(line,), totals=Totals(papers=1, counted=1),
        sources=(),
    )  # fmt: skip


def count(number: int, source: str = S2, **more: object) -> Count:
    return Count(source=source, status=Status.OK, citations=number, **more)  # type: ignore[arg-type]


def asked(
    looking: Looking, whole: Report, *, present: bool = True, **names: tuple[str, ...]
) -> Report:
    house = looking.house
    return without_self(
        whole, house.store, read_selves(house.store, house.papers(), names), present=present
    )


@pytest.fixture
def looking(house: House) -> Looking:
    looking = Looking(house)
    looking.day(4, work(1), work(2), work(3, authors=SELF), work(4, authors=SELF))
    return looking


def test_what_is_listed_whole_is_subtracted(looking: Looking) -> None:
    made = asked(looking, report(count(4)))
    (line,) = made.papers
    assert (line.citations, made.totals.citations, made.totals.h_index) == (2, 2, 1)
    assert (line.badge, line.claim, line.delta, line.per_year, line.spark) == (
        None, None, {}, None, (None, None),
    )  # fmt: skip
    assert in_words(made) == (
        "without self-citations (coauthors: those of any author of the cited paper); "
        "known of 1 of 1 papers"
    )


def test_a_count_that_has_moved_on_is_unknown(looking: Looking) -> None:
    made = asked(looking, report(count(5)))
    assert (made.papers[0].citations, made.totals.citations) == (None, None)


def test_a_past_day_is_unknown_and_never_todays_list(looking: Looking) -> None:
    assert asked(looking, report(count(4)), present=False).papers[0].citations is None


def test_a_list_that_was_cut_is_unknown(looking: Looking) -> None:
    looking.source.limit = 4
    looking.lists(*[work(n) for n in range(9)])
    looking.look("zoo-zeroth-order-2017")
    assert asked(looking, report(count(4))).papers[0].citations is None


def test_works_without_authors_are_unknown(looking: Looking) -> None:
    looking.lists(work(1), work(2), work(3, authors=()), work(4, authors=SELF))
    looking.look("zoo-zeroth-order-2017")
    assert asked(looking, report(count(4))).papers[0].citations is None


def test_a_sources_own_count_stands_where_it_means_the_same(looking: Looking) -> None:
    inspire = count(90, "inspire", without_self=70)
    assert asked(looking, report(inspire)).papers[0].citations == 70
    assert asked(looking, report(inspire), present=False).papers[0].citations == 70
    mine = asked(looking, report(inspire), me=("Huan Zhang",))
    assert mine.without_self == "me"
    assert mine.papers[0].citations is None


def test_the_order_and_the_limit_follow_what_is_shown(looking: Looking) -> None:
    first = report(count(4)).papers[0]
    second = replace(
        first, key="other", counts=(count(3, "inspire", without_self=3),), source="inspire"
    )
    whole = replace(report(count(4)), papers=(first, second))
    house = looking.house
    selves = read_selves(house.store, house.papers(), {})
    made = without_self(whole, house.store, selves, present=True, limit=1)
    assert [paper.key for paper in made.papers] == ["other"]
    assert made.totals.citations == 5
