"""Which papers are records of one another."""

from __future__ import annotations

from citewatch.domain.records import same_records


def test_papers_without_a_common_name_stay_apart() -> None:
    assert same_records({1: {"a"}, 2: {"b"}, 3: set()}) == {}


def test_the_later_of_two_papers_with_a_common_name_points_to_the_first() -> None:
    assert same_records({7: {"a"}, 3: {"a", "b"}}) == {3: 7}


def test_a_name_shared_with_a_third_paper_joins_all_three() -> None:
    assert same_records({1: {"a"}, 2: {"b"}, 3: {"a", "b"}}) == {2: 1, 3: 1}


def test_chains_lead_to_the_first_paper_of_the_list() -> None:
    assert same_records({5: {"c"}, 4: {"a"}, 3: {"a", "b"}, 2: {"b", "c"}}) == {4: 5, 3: 5, 2: 5}
