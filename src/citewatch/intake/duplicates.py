"""One paper listed twice is one entry: a preprint and its journal version, say."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from citewatch.domain.badges import Badge
from citewatch.domain.keys import same_paper, squash
from citewatch.domain.papers import Paper
from citewatch.ports import Entry


def merge_duplicates(entries: Sequence[Entry]) -> tuple[list[Entry], dict[int, int]]:
    """Entries without repetitions, and the new position of each old one.

    The first of several stays, with the identifiers and links of all; it takes year,
    venue and claim from the others only where it has none (the higher claim wins).
    """
    kept: list[Entry] = []
    moved: dict[int, int] = {}
    seen: dict[str, list[int]] = {}
    for position, entry in enumerate(entries):
        marks = list(_marks(entry.paper))
        twin = next(
            (
                at
                for mark in marks
                for at in seen.get(mark, ())
                if same_paper(kept[at].paper, entry.paper)
            ),
            None,
        )
        if twin is None:
            twin = len(kept)
            kept.append(entry)
        else:
            kept[twin] = _merged(kept[twin], entry)
        moved[position] = twin
        for mark in marks:
            places = seen.setdefault(mark, [])
            if twin not in places and len(places) < _TWINS:
                places.append(twin)
    return kept, moved


_DOUBTS = 12
"""Doubts that one entry keeps."""
_TWINS = 20
"""Different papers under one title that are told apart ("Editorial" comes often)."""


def _marks(paper: Paper) -> Iterable[str]:
    yield from map(str, paper.ids)
    if title := squash(paper.title):
        yield f"title:{title}"


def _merged(first: Entry, second: Entry) -> Entry:
    one, two = first.paper, second.paper
    claims = [claim for claim in (one.claim, two.claim) if claim is not None]
    paper = dataclasses.replace(
        one,
        title=one.title or two.title,
        year=one.year if one.year is not None else two.year,
        authors=one.authors or two.authors,
        venue=one.venue or two.venue,
        ids=tuple(dict.fromkeys((*one.ids, *two.ids))),
        claim=max(claims, default=None),
    )
    return dataclasses.replace(
        first,
        paper=paper,
        links=tuple(dict.fromkeys((*first.links, *second.links))),
        badge=second.badge if paper.claim != one.claim else first.badge,
        place=second.place if paper.claim != one.claim else first.place,
        badge_line=second.badge_line if paper.claim != one.claim else first.badge_line,
        also=(*first.also, *_rest(first, second, turned=paper.claim != one.claim)),
        doubts=(*first.doubts, f"listed again in line {second.line}: kept as one paper")[:_DOUBTS],
    )


def _rest(first: Entry, second: Entry, *, turned: bool) -> tuple[tuple[int, Badge], ...]:
    """The badges that the merged entry would lose."""
    other = first if turned else second
    lost = [(other.badge_line, other.place)] if other.place and other.badge_line else []
    return (*lost, *second.also)
