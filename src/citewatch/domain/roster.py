"""Which entries of the lists are which papers: one paper is one paper, under one key.

A paper may stand in several lists, twice in one, or under a title that was edited
since; it keeps the key that it got first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from citewatch.domain.identifiers import Identifier
from citewatch.domain.keys import (
    make_key,
    make_key_from_id,
    same_paper,
    squash,
    surnames,
    two_preprints,
)
from citewatch.domain.papers import Paper


@dataclass(frozen=True, slots=True)
class Member:
    """A paper of the roster with the watchlists that name it."""

    paper: Paper
    watchlists: tuple[str, ...]
    known: bool
    """Whether the store already had it."""


@dataclass(frozen=True, slots=True)
class Roster:
    """All watched papers, each once, in the order in which the lists name them."""

    members: tuple[Member, ...]
    keys: tuple[str, ...]
    """The key of every entry that went in, in order; duplicates share one."""


@dataclass(slots=True)
class _Index:
    by_key: dict[str, Paper] = field(default_factory=dict)
    by_id: dict[Identifier, str] = field(default_factory=dict)
    by_title: dict[str, list[str]] = field(default_factory=dict)

    def add(self, paper: Paper) -> None:
        self.by_key[paper.key] = paper
        for identifier in paper.ids:
            self.by_id.setdefault(identifier, paper.key)
        if title := squash(paper.title):
            keys = self.by_title.setdefault(title, [])
            if paper.key not in keys:
                keys.append(paper.key)

    def find(self, paper: Paper) -> str | None:
        for identifier in paper.ids:
            key = self.by_id.get(identifier)
            if key and same_paper(paper, self.by_key[key]):
                return key
        for key in self.by_title.get(squash(paper.title), ()):
            if same_paper(paper, self.by_key[key]):
                return key
        return None


def make_roster(
    entries: Iterable[tuple[str, Paper]], known: Sequence[Paper], *, editable: Collection[str] = ()
) -> Roster:
    """Give every (watchlist, entry) its paper.

    ``known`` are the papers of the store, keys set. First the certain ones: a given key,
    a shared identifier, one title with a shared author. A known paper whose
    key is in ``editable`` and that no entry names any more is one under an edited title
    when all authors and the year agree and no other paper is in question.
    """
    listed = list(entries)
    store, roster = _Index(), _Index()
    for paper in known:
        store.add(paper)
    keys = [_certain(paper, roster, store) for _, paper in listed]
    _edited(listed, keys, [paper for paper in known if paper.key in editable])
    taken = set(store.by_key) | {key for key in keys if key} | {p.key for _, p in listed if p.key}
    lists: dict[str, list[str]] = {}
    for place, (watchlist, paper) in enumerate(listed):
        key = keys[place] or roster.find(paper)
        if key is None:
            key = (
                make_key_from_id(paper.ids[0], taken)
                if paper.ids and not paper.title
                else make_key(paper.title, paper.year, taken)
            )
            taken.add(key)
        keys[place] = key
        roster.add(_joined(roster.by_key.get(key), _keyed(paper, key)))
        names = lists.setdefault(key, [])
        if watchlist not in names:
            names.append(watchlist)
    members = tuple(
        Member(roster.by_key[key], tuple(names), key in store.by_key)
        for key, names in lists.items()
    )
    return Roster(members, tuple(key or "" for key in keys))


def _certain(paper: Paper, roster: _Index, store: _Index) -> str | None:
    """The key that is beyond doubt, None where there is none yet; notes given keys."""
    same = roster.find(paper)
    key = same or paper.key or store.find(paper)
    if key:
        roster.add(_joined(roster.by_key.get(key), _keyed(paper, key)))
    return key or None


def _edited(
    listed: Sequence[tuple[str, Paper]], keys: list[str | None], known: Sequence[Paper]
) -> None:
    """Recognise papers under edited titles by authors and year, where one is left."""
    used = set(keys)
    free: dict[tuple[frozenset[str], int], list[Paper]] = {}
    for paper in known:
        if paper.key not in used and paper.year and len(people := surnames(paper.authors)) > 1:
            free.setdefault((people, paper.year), []).append(paper)
    wanted: dict[tuple[frozenset[str], int], list[int]] = {}
    for place, (_, paper) in enumerate(listed):
        if keys[place] is None and paper.year:
            wanted.setdefault((surnames(paper.authors), paper.year), []).append(place)
    for what, places in wanted.items():
        left = free.get(what, ())
        if len(places) == len(left) == 1 and not two_preprints(listed[places[0]][1], left[0]):
            keys[places[0]] = left[0].key


def _keyed(paper: Paper, key: str) -> Paper:
    return paper if paper.key == key else replace(paper, key=key)


def _joined(before: Paper | None, paper: Paper) -> Paper:
    """Two entries of one paper: the first speaks, the second fills what it left open."""
    if before is None or before == paper:
        return paper
    claims = [claim for claim in (before.claim, paper.claim) if claim is not None]
    return replace(
        before,
        title=before.title or paper.title,
        year=before.year or paper.year,
        authors=before.authors or paper.authors,
        venue=before.venue or paper.venue,
        ids=tuple(dict.fromkeys((*before.ids, *paper.ids))),
        claim=max(claims, default=None),
    )
