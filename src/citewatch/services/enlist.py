"""From publication lists to papers with keys, each once, ready for config.toml."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from citewatch.domain.identifiers import from_link
from citewatch.domain.papers import LinkPage, Paper
from citewatch.domain.roster import make_roster
from citewatch.ports import Entry, PublicationList

_SAID = 5
"""More papers that are watched already are counted, not named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlisted:
    """New papers, and what was recognised as known or double."""

    papers: tuple[Paper, ...]
    pages: tuple[LinkPage, ...]
    doubles: tuple[str, ...]
    """Sentences: which entries are papers that stand in the lists already."""


def with_links(entry: Entry) -> Paper:
    """The entry's paper; links that are certainly its own are kept as identifiers."""
    links = (from_link(link) for link in entry.links)
    ids = dict.fromkeys((*entry.paper.ids, *(link for link in links if link is not None)))
    return replace(entry.paper, ids=tuple(ids))


def list_name(path: Path) -> str:
    """A watchlist's name from a file's: ``Huan Zhang.txt`` gives ``huan-zhang``."""
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    return name or "papers"


def enlist(
    lists: Sequence[PublicationList], *, known: Sequence[Paper], watched: Collection[str]
) -> Enlisted:
    """Give every entry its key; what is watched already and doubles are left out, and said.

    ``known`` are all papers of the store and of all lists: one of them keeps its key.
    ``watched`` are the keys that the list at hand has already.
    """
    entries = [with_links(entry) for one in lists for entry in one.entries]
    roster = make_roster([("", paper) for paper in entries], known)
    return Enlisted(
        papers=tuple(m.paper for m in roster.members if m.paper.key not in watched),
        pages=tuple(_pages(lists, roster.keys)),
        doubles=tuple(_doubles(lists, roster.keys, watched)),
    )


def _pages(lists: Sequence[PublicationList], keys: Sequence[str]) -> list[LinkPage]:
    pages, start = [], 0
    for one in lists:
        pages += [
            LinkPage(papers=tuple(keys[start + place] for place in places), links=links)
            for places, links in one.pages
            if links
        ]
        start += len(one.entries)
    return pages


def _doubles(
    lists: Sequence[PublicationList], keys: Sequence[str], watched: Collection[str]
) -> list[str]:
    seen: dict[str, str] = {}
    known: list[str] = []
    said, place = [], 0
    for one in lists:
        for entry in one.entries:
            key, where = keys[place], _where(one, entry)
            place += 1
            if key in watched:
                known.append(f"{where}: is watched already as {key}")
            elif key in seen:
                said.append(f"{where}: is the same paper as {seen[key]} ({key})")
            seen.setdefault(key, where)
    if len(known) > _SAID:
        known = [f"{len(known)} entries are papers that are watched already"]
    return [*known, *said]


def _where(one: PublicationList, entry: Entry) -> str:
    """Where an entry stands: a line of a file, or its identifier on the command line."""
    return f"{one.file}: line {entry.line}" if one.file else str(entry.paper.ids[0])
