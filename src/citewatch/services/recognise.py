"""The entries of a list among the papers that are watched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from citewatch.domain.papers import Paper
from citewatch.domain.recognising import Candidate, Recogniser
from citewatch.ports import Entry, Store
from citewatch.services.enlist import with_links
from citewatch.services.watchlist import IMPORTED, WatchedPaper

_IGNORED = "is ignored in config.toml"
_NEVER = 2**40
"""An instant after all readings: histories then bring state and facts alone."""


def recognise(
    store: Store,
    entries: Sequence[Entry],
    watched: Sequence[WatchedPaper],
    *,
    keys: Sequence[str] = (),
) -> list[tuple[WatchedPaper | None, str]]:
    """The watched paper of each entry; where there is none, the doubt if one is near.

    ``keys`` are those of the entries, where the file is one that is watched: then they
    are its papers, as the last sync has them. What was imported alone comes last.
    """
    if len(keys) == len(entries):
        by_key = {w.paper.key: w for w in watched}
        return [(by_key.get(key), "" if key in by_key else _IGNORED) for key in keys]
    own = [w for w in watched if w.watchlists != (IMPORTED,)]
    imported = [w for w in watched if w.watchlists == (IMPORTED,)]
    titles = _titles(store, watched)
    groups = [(group, _recogniser(group, titles)) for group in (own, imported) if group]
    return [_find(with_links(entry), groups) for entry in entries]


def _find(
    paper: Paper,
    groups: Iterable[tuple[Sequence[WatchedPaper], Recogniser]],
) -> tuple[WatchedPaper | None, str]:
    for group, recogniser in groups:
        found = recogniser.find(paper)
        if found.place is not None:
            return group[found.place], ""
        if found.doubt:
            return None, found.doubt
    return None, ""


def _recogniser(group: Sequence[WatchedPaper], titles: Mapping[int, tuple[str, ...]]) -> Recogniser:
    return Recogniser(
        [Candidate(paper=w.paper, titles=titles.get(w.number or 0, ())) for w in group]
    )


def _titles(store: Store, watched: Sequence[WatchedPaper]) -> dict[int, tuple[str, ...]]:
    """The titles that sources give to papers, by number."""
    numbers = [w.number for w in watched if w.number is not None]
    found: dict[int, list[str]] = {}
    for history in store.histories(papers=numbers, since=_NEVER) if numbers else ():
        facts = history.facts
        if facts is not None and facts.title:
            found.setdefault(history.paper, []).append(facts.title)
    return {number: tuple(dict.fromkeys(names)) for number, names in found.items()}
