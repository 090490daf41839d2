"""Numbers that sum a list of papers up: h-index and i10-index."""

from __future__ import annotations

from collections.abc import Iterable


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
