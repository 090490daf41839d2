"""Numbers that sum a list of papers up: h-index, g-index and i10-index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def h_index(counts: Iterable[int]) -> int:
    """The largest h such that h papers have at least h citations each.

    J. E. Hirsch, "An index to quantify an individual's scientific research output",
    PNAS 102 (2005). 0 for no papers.
    """
    ranked = sorted(counts, reverse=True)
    # Counts fall while ranks rise, so the ranks that qualify are exactly 1 to h.
    return sum(count >= rank for rank, count in enumerate(ranked, start=1))


def i10_index(counts: Iterable[int]) -> int:
    """How many papers have at least ten citations (Google Scholar's definition)."""
    return sum(count >= 10 for count in counts)


def g_index(counts: Iterable[int]) -> int:
    """The largest g such that the g most cited papers together have at least g² citations.

    L. Egghe, "Theory and practise of the g-index", Scientometrics 69 (2006). No larger
    than the number of papers, as there.
    """
    best = total = 0
    for rank, count in enumerate(sorted(counts, reverse=True), start=1):
        total += count
        # Means of the first papers fall while ranks rise: the first that fails is the last.
        if total < rank * rank:
            break
        best = rank
    return best


def missing_to_raise_h(counts: Sequence[int]) -> list[tuple[int, int]]:
    """(place in ``counts``, citations missing) of the papers with which h would rise by one.

    Nearest first; all of them have to gain what they miss. Empty when the list has too few
    papers for a higher h.
    """
    wanted = h_index(counts) + 1
    there = sum(count >= wanted for count in counts)
    if len(counts) < wanted:
        return []
    below = [(count, place) for place, count in enumerate(counts) if count < wanted]
    below.sort(key=lambda pair: (-pair[0], pair[1]))
    return [(place, wanted - count) for count, place in below[: wanted - there]]
