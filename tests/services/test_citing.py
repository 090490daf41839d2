"""Looks at who cites a paper: baselines, news, losses, caps, kills, several processes."""

from __future__ import annotations

import asyncio
from datetime import UTC

import pytest
from citing_world import S2, Looking, work
from house import SHA, House, counted

from citewatch.domain.citing import Person
from citewatch.domain.papers import DAY, Blocked, Failed, Kind, Throttled
from citewatch.notify.letter import compose
from citewatch.ports import ChangeFilter
from citewatch.services.citing import AUTO_PAGES
from citewatch.services.desk import Scope


@pytest.fixture
def looking(house: House) -> Looking:
    return Looking(house)


def test_the_first_look_is_the_baseline_and_tells_nothing(looking: Looking) -> None:
    assert looking.day(2, work(1), work(2)) == []
    assert looking.lines() == []
    assert set(looking.known()) == {"W1", "W2"}
    made = looking.house.store.past().reconstructions([1])[1, S2]
    assert (made.first_count, made.works, made.dated) == (2, 2, 2)


def test_who_is_new_is_told_once_by_name_venue_and_date(looking: Looking) -> None:
    looking.day(1, work(1))
    new = work(2, "2024-03-05", influential=True)
    assert looking.day(2, new, work(1)) == [
        (
            "cited by 1 new paper at Semantic Scholar: “A study that cites, number 00002” "
            "(Ada Author +1, NeurIPS, 2024-03-05, influential)"
        )
    ]
    assert looking.day(3, new, work(1)) == []
    assert len(looking.lines()) == 1
    assert len(looking.house.store.outbox().undistributed()) == 2


def test_nothing_is_asked_while_the_count_does_not_move(looking: Looking) -> None:
    looking.day(1, work(1))
    looking.polled(1)
    looking.look()
    assert looking.source.listed == []
    looking.polled(2)
    looking.look()
    assert len(looking.source.listed) == 1


def test_a_paper_is_looked_at_once_a_day_at_most(looking: Looking) -> None:
    looking.day(1, work(1))
    looking.source.answers["arxiv:1708.03999"] = counted(2)
    looking.house.sync(looking.source, scope=Scope(force=True), confirm_s=0)
    assert looking.look().looked == []
    looking.house.later(0.9)
    assert len(looking.look().looked) == 1


def test_a_paper_that_nothing_cites_is_no_request_and_its_first_citation_is_news(
    looking: Looking,
) -> None:
    assert looking.day(0) == []
    assert looking.source.listed == []
    made = looking.house.store.past().reconstructions([1])[1, S2]
    assert made.times == ()
    assert made.reason == "the first count was 0: there is no past to reconstruct"
    assert len(looking.day(1, work(1))) == 1


def test_a_work_that_is_gone_is_told_when_two_whole_lists_lack_it(looking: Looking) -> None:
    looking.day(3, work(1), work(2), work(3))
    assert looking.day(2, work(1), work(3)) == []
    assert looking.day(2, work(1), work(3)) == [
        (
            "no longer listed at Semantic Scholar: “A study that cites, number 00002” "
            "(Ada Author +1, NeurIPS, 2020-05-01)"
        )
    ]
    assert looking.day(2, work(1), work(3)) == []
    assert looking.day(3, work(1), work(2), work(3)) == [
        (
            "listed again at Semantic Scholar: “A study that cites, number 00002” "
            "(Ada Author +1, NeurIPS, 2020-05-01)"
        )
    ]


def test_a_work_that_was_absent_once_is_no_news(looking: Looking) -> None:
    looking.day(3, work(1), work(2), work(3))
    assert looking.day(2, work(1), work(3)) == []
    assert looking.day(3, work(1), work(2), work(3)) == []
    assert looking.known()["W2"].gone_since is None


def test_half_an_answer_makes_nobody_disappear(looking: Looking) -> None:
    works = [work(n) for n in range(40)]
    looking.day(40, *works)
    for count in (41, 42, 43):
        assert looking.day(count, *works[:10]) == []
    assert all(w.gone_since is None for w in looking.known().values())
    looking.source.tells_total = True
    looking.source.breaks[1] = Failed(reason="http_500")
    assert looking.day(44, *works) == []


def test_a_record_that_got_another_name_is_neither_gone_nor_new(looking: Looking) -> None:
    looking.day(2, work(1), work(2))
    renamed = work(2, record="W99")
    for count in (3, 4, 5):
        assert looking.day(count, work(1), renamed) == []
    assert looking.known()["W2"].gone_at is not None


def test_a_second_record_of_a_listed_work_is_counted_but_not_named(looking: Looking) -> None:
    looking.day(1, work(1))
    (line,) = looking.day(3, work(1), work(1, record="W50"), work(2))
    assert line.startswith(
        "cited by 1 new paper at Semantic Scholar: “A study that cites, number 00002”"
    )
    assert line.endswith("; 1 further record of works listed before")


def test_self_citations_are_told_by_identity_before_names(house: House) -> None:
    looking = Looking(house, author_names={"me": ("Huan Zhang",)})
    mine = Person("Huan Zhang", f"{S2}:1")
    own = work(
        7, title="ZOO itself", record="a" * 40, authors=(mine, Person("Pin-Yu Chen", f"{S2}:2"))
    )
    looking.day(2, work(1), own)  # the source names the authors of a watched paper
    (line,) = looking.day(
        5, work(1), own,
        work(2, authors=(Person("Huan Zhang", f"{S2}:1"),)),
        work(3, authors=(Person("Huan Zhang", f"{S2}:666"),)),
        work(4, authors=(Person("H. Zhang"),)),
    )  # fmt: skip
    assert "3 new papers at Semantic Scholar, 2 of them by yourself" in line
    assert "number 00002” (Huan Zhang, NeurIPS, 2020-05-01, self-citation)" in line
    assert "number 00003” (Huan Zhang, NeurIPS, 2020-05-01)" in line
    assert "number 00004” (H. Zhang, NeurIPS, 2020-05-01, self-citation, by name only)" in line


def test_without_author_names_the_authors_of_the_paper_are_oneself(looking: Looking) -> None:
    looking.day(1, work(1))
    (line,) = looking.day(2, work(1), work(2, authors=(Person("Pin-Yu Chen"),)))
    assert "1 of them by authors of the paper" in line


def test_a_list_that_is_cut_gives_no_old_works_as_news(looking: Looking) -> None:
    looking.source.limit = 3
    looking.day(10, *[work(n, "2020-05-01") for n in range(10)])
    reordered = [work(n, "2020-05-01") for n in (9, 8, 7, 6, 5, 4, 3, 2, 1, 0)]
    assert looking.day(11, *reordered) == []
    assert len(looking.day(12, work(50, "2100-01-02"), *reordered)) == 1


def test_a_long_list_is_cut_by_us_and_read_to_its_end_when_asked_for(looking: Looking) -> None:
    looking.source.page_size = 10
    works = [work(n, f"{2020 - n // 100}-05") for n in range(300)]
    looking.polled(300)
    looking.lists(*works)
    looking.look()
    assert len(looking.source.listed) == AUTO_PAGES
    made = looking.house.store.past().reconstructions([1])[1, S2]
    assert "only its first 10 pages were read" in made.note
    looking.look()
    assert looking.source.listed == []
    looking.house.later(1)
    looking.look(deep=True)
    assert len(looking.source.listed) == 30
    assert looking.looks()[1, S2].cut == ""
    assert looking.lines() == []
    assert looking.house.store.past().reconstructions([1])[1, S2].works == 300


def test_a_long_list_is_read_no_further_than_the_news(looking: Looking) -> None:
    looking.source.page_size = 10
    works = [work(n) for n in range(80)]
    looking.day(80, *works)
    assert len(looking.day(81, work(900), *works)) == 1
    assert len(looking.source.listed) == 2  # the second page holds nothing new


def test_pages_are_kept_when_a_look_dies_and_the_next_one_finishes(looking: Looking) -> None:
    looking.source.page_size = 2
    looking.polled(6)
    looking.lists(*[work(n) for n in range(6)])
    looking.source.breaks[3] = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        looking.look()
    looking.house.restart()
    assert len(looking.known()) == 4
    looking.source.breaks.clear()
    assert looking.look().changes == ()
    assert len(looking.known()) == 6
    assert looking.lines() == []


def test_news_that_were_stored_before_a_kill_are_told_after_it(looking: Looking) -> None:
    looking.source.page_size = 2
    works = [work(n) for n in range(4)]
    looking.day(4, *works)
    looking.polled(6)
    looking.lists(work(8), work(9), *works)
    looking.source.breaks[2] = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        looking.look()
    looking.source.breaks.clear()
    (change,) = looking.look().changes
    assert change.change.text.startswith("cited by 2 new papers")


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (Throttled(until=2_000_000_000, reason="too many"), "parked"),
        (Blocked(reason="needs a key"), "blocked"),
        (Failed(reason="not_json"), "failed"),
    ],
)
def test_trouble_leaves_the_list_due(looking: Looking, trouble: Failed, status: str) -> None:
    looking.polled(2)
    looking.lists(work(1), work(2))
    looking.source.breaks[1] = trouble
    (one,) = looking.look().looked
    assert one.status == status
    looking.source.breaks.clear()
    looking.house.later(0.1)
    assert [one.status for one in looking.look().looked] == ["ok"]


def test_a_list_that_ends_without_saying_so_is_no_list(looking: Looking) -> None:
    looking.polled(2)
    looking.lists(work(1), work(2))
    looking.source.page_size = 1
    looking.source.breaks[2] = Failed(reason="timeout")
    (one,) = looking.look().looked
    assert (one.status, one.reconstruction) == ("failed", None)
    assert looking.looks()[1, S2].baseline_at is None


def test_a_source_without_the_paper_is_left_alone_for_a_week(looking: Looking) -> None:
    looking.polled(2)
    assert [one.status for one in looking.look().looked] == ["missing"]
    looking.house.later(6)
    assert looking.look().looked == []


def test_the_budget_ends_a_time_through_between_two_papers(looking: Looking) -> None:
    looking.polled(2)
    looking.lists(work(1), work(2))
    assert looking.look(requests=0).looked == []
    assert len(looking.look(requests=1).looked) == 1


def test_a_look_that_another_process_has_is_not_made_twice(looking: Looking) -> None:
    looking.day(1, work(1))
    looking.polled(2)
    past = looking.house.store.past()
    (due,) = past.due(S2, now=looking.now(), limit=9)
    look = past.begin(due, record="r", now=looking.now(), lease_until=looking.now() + 60)
    assert look is not None
    assert [one.status for one in looking.look(seize=False).looked] == ["busy"]
    assert [one.status for one in looking.look(seize=True).looked] == ["ok"]
    assert past.keep(look, [work(5)], now=looking.now(), lease_until=looking.now() + 60) is None


def test_asking_for_a_paper_reconstructs_its_past_anew(looking: Looking) -> None:
    looking.day(3, work(1), work(2, ""), work(3, ""))
    assert looking.house.store.past().reconstructions([1])[1, S2].dated == 1
    looking.lists(work(1), work(2, "2019"), work(3, "2018-02"))
    looking.look()
    assert looking.source.listed == []
    looking.look("zoo-zeroth-order-2017")
    assert looking.house.store.past().reconstructions([1])[1, S2].dated == 3


def test_a_source_whose_code_fails_has_failed_and_no_more(looking: Looking) -> None:
    looking.polled(2)
    looking.lists(work(1), work(2))
    looking.source.breaks[1] = ZeroDivisionError("of its own")
    (one,) = looking.look().looked
    assert one.status == "failed"
    assert one.note == "defect: its code failed: ZeroDivisionError: of its own"


def test_a_failure_waits_longer_each_time(looking: Looking) -> None:
    looking.polled(1)
    looking.lists(work(1))
    looking.source.breaks[1] = Failed(reason="http_500")
    waits = []
    for _ in range(7):
        looking.look()
        look = looking.looks()[1, S2]
        waits.append((look.next_look_at - looking.now()) // 3600)
        looking.house.later(2)
    assert waits == [1, 2, 4, 8, 16, 24, 24]


def test_counts_come_first(looking: Looking) -> None:
    looking.polled(1)
    looking.lists(work(1))
    looking.house.later(2)  # the next count is due
    assert looking.look(counts_first=True).looked == []
    looking.polled(1)
    looking.house.later(-1)
    looking.house.sync(looking.source, confirm_s=0)
    assert len(looking.look(counts_first=True).looked) == 1


def test_an_absence_lasts_as_long_as_a_fall_until_it_is_told(house: House) -> None:
    looking = Looking(house, confirm_s=5 * DAY)
    looking.day(3, work(1), work(2), work(3))
    told = [looking.day(2, work(1), work(3)) for _ in range(4)]  # each takes two days
    assert told[:3] == [[], [], []]
    assert len(told[3]) == 1


def test_a_digest_has_who_cites_under_its_own_heading(looking: Looking) -> None:
    looking.day(1, work(1))
    looking.day(2, work(1), work(2, title="Zitate <b>&\n mehr: Żółw"))
    letter = compose(looking.house.store.changes(ChangeFilter(kinds=[Kind.CITING])), UTC)
    (topic,) = letter.topics
    assert topic.heading == "Cited by"
    assert (
        "“Zitate <b>& mehr: Żółw” (Ada Author +1, NeurIPS, 2020-05-01)"
        in topic.items[0].lines[0].text
    )
    assert letter.subject.startswith(
        "citewatch: ZOO: Zeroth Order Optimization: cited by 1 new paper"
    )


def test_many_new_works_are_named_up_to_a_number(looking: Looking) -> None:
    looking.day(1, work(1))
    (line,) = looking.day(61, *[work(n) for n in range(1, 62)])
    assert line.startswith("cited by 60 new papers")
    assert line.count("“") == 25
    assert line.endswith("; and 35 more")


def test_a_process_that_was_killed_leaves_nothing_untold_and_nothing_locked(
    looking: Looking,
) -> None:
    looking.day(1, work(1))
    looking.polled(3)
    looking.lists(work(8), work(9), work(1))
    past, now = looking.house.store.past(), looking.now()
    (due,) = past.due(S2, now=now, limit=9)
    look = past.begin(due, record=str(SHA), now=now, lease_until=now + 180)
    assert look is not None
    past.keep(look, [work(8), work(9)], now=now, lease_until=now + 180)
    looking.house.restart()  # without another word
    assert [one.status for one in looking.look(seize=False).looked] == ["busy"]
    looking.house.later(0.01)  # a quarter of an hour: the lease is over
    (change,) = looking.look(seize=False).changes
    assert change.change.text.startswith("cited by 2 new papers")
    assert looking.look(seize=False).looked == []


def test_a_source_that_sends_us_away_rests_unless_it_is_asked_for_by_hand(looking: Looking) -> None:
    looking.polled(1)
    looking.lists(work(1))
    until = looking.now() + 7200
    looking.source.breaks[1] = Throttled(until=until, reason="half of the day's credits are spent")
    assert [one.status for one in looking.look(requests=5).looked] == ["parked"]
    assert looking.look(requests=5).looked == []
    assert [one.status for one in looking.look().looked] == ["parked"]
    looking.source.breaks.clear()
    looking.house.later(0.1)
    assert [one.status for one in looking.look(requests=5).looked] == ["ok"]
