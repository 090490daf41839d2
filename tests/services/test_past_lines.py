"""Lines to be drawn: observed ones, and reconstructed ones apart."""

from __future__ import annotations

from citing_world import S2, Looking, work
from house import House

from citewatch.domain.papers import DAY
from citewatch.services.past_lines import drawn_lines


def test_an_observed_and_a_reconstructed_line_meet_and_are_two(house: House) -> None:
    looking = Looking(house)
    looking.day(4, work(1, "2018-03-01"), work(2, "2019-03-01"), work(3, ""))
    looking.day(5, work(1, "2018-03-01"), work(2, "2019-03-01"), work(3, ""), work(4))
    observed, past = drawn_lines(house.store, [1])[1]
    assert (observed.source, observed.counts, observed.reconstructed) == (S2, (4, 5), False)
    assert (past.source, past.counts, past.reconstructed) == (S2, (0, 2, 4, 4), True)
    assert (past.times[-1], past.counts[-1]) == (observed.times[0], observed.counts[0])
    assert past.note.startswith("2 dated works explain 50 % of 4; scaled by 2 to meet it")


def test_a_past_day_knows_no_past_that_was_made_later(house: House) -> None:
    looking = Looking(house)
    looking.polled(2)
    before = looking.now()
    house.later(3)
    looking.lists(work(1, "2018-03-01"), work(2, "2019-03-01"))
    looking.look()
    assert [line.reconstructed for line in drawn_lines(house.store, [1], until=before)[1]] == [
        False
    ]
    later = looking.now() + DAY
    assert [line.reconstructed for line in drawn_lines(house.store, [1], until=later)[1]] == [
        False, True,
    ]  # fmt: skip
    assert drawn_lines(house.store, [1], sources=["openalex"]) == {}
    assert drawn_lines(house.store, []) == {}
