"""Which papers are records of one another: a preprint and its journal version, say."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping


def same_records(names: Mapping[int, Iterable[Hashable]]) -> dict[int, int]:
    """Map every further record of a paper to the first one, in the order of ``names``.

    ``names`` gives for each paper what it is known by. Two papers that share a name
    are the same, and so are two that share one with a third.
    """
    first: dict[int, int] = {}

    def leader(paper: int) -> int:
        while first[paper] != paper:
            first[paper] = first[first[paper]]
            paper = first[paper]
        return paper

    position = {paper: place for place, paper in enumerate(names)}
    owner: dict[Hashable, int] = {}
    for paper, known_by in names.items():
        first[paper] = paper
        for name in known_by:
            pair = leader(paper), leader(owner.setdefault(name, paper))
            head, other = sorted(pair, key=position.__getitem__)
            first[other] = head
    return {paper: leader(paper) for paper in names if leader(paper) != paper}
