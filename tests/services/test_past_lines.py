"""Reconstructed lines to be drawn."""

from __future__ import annotations

from citing_world import S2, Looking, work
from house import House

from citewatch.domain.papers import DAY
from citewatch.services.past_lines import reconstructed_lines


def test_a_reconstructed_line_meets_the_observed_one_and_is_apart(house: House) -> None:
    looking = Looking(house)
    looking.day(4, work(1, "2018-03-01"), work(2, "2019-03-01"), work(3, ""))
    looking.day(5, work(1, "2018-03-01"), work(2, "2019-03-01"), work(3, ""), work(4))
    (past,) = reconstructed_lines(house.store, [1])[1]
    assert (past.source, past.counts, past.reconstructed) == (S2, (0, 2, 4, 4), True)
    (observed,) = house.store.histories(papers=[1], sources=[S2])
    first = observed.snapshots[0]
    assert (past.times[-1], past.counts[-1]) == (first.at, first.citation_count)
    assert past.note.startswith("2 dated works explain 50 % of 4; scaled by 2 to meet it")


def test_a_past_day_knows_no_past_that_was_made_later(house: House) -> None:
    looking = Looking(house)
    looking.polled(2)
    before = looking.now()
    house.later(3)
    looking.lists(work(1, "2018-03-01"), work(2, "2019-03-01"))
    looking.look()
    assert reconstructed_lines(house.store, [1], until=before) == {}
    later = looking.now() + DAY
    assert len(reconstructed_lines(house.store, [1], until=later)[1]) == 1
    assert reconstructed_lines(house.store, [1], sources=["openalex"]) == {}
    assert reconstructed_lines(house.store, []) == {}
