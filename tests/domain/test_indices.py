"""h-index and i10-index against their definitions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.indices import h_index, i10_index

counts = st.lists(st.integers(min_value=0, max_value=120), max_size=60)


@given(counts)
def test_h_papers_have_at_least_h_citations_and_no_larger_number_does(papers: list[int]) -> None:
    h = h_index(papers)
    assert sum(count >= h for count in papers) >= h
    assert sum(count >= h + 1 for count in papers) < h + 1


@given(counts)
def test_h_index_does_not_depend_on_the_order_of_papers(papers: list[int]) -> None:
    assert h_index(papers) == h_index(sorted(papers)) == h_index(reversed(papers))


@given(counts)
def test_i10_index_counts_papers_with_ten_citations_or_more(papers: list[int]) -> None:
    assert i10_index(papers) == len([count for count in papers if count > 9])


def test_no_papers_have_indices_of_zero() -> None:
    assert (h_index([]), i10_index([])) == (0, 0)


def test_uncited_papers_have_indices_of_zero() -> None:
    assert (h_index([0, 0]), i10_index([0, 0])) == (0, 0)


def test_h_index_of_a_known_list() -> None:
    assert h_index([10, 8, 5, 4, 3]) == 4


def test_exactly_ten_citations_count_for_i10() -> None:
    assert i10_index([10, 9, 11]) == 2
