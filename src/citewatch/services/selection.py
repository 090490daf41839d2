"""Choosing papers for commands: of one list, of the store, with the titles that are shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from citewatch.domain.papers import Facts, Paper
from citewatch.errors import InputError
from citewatch.ports import Store, StoredPaper
from citewatch.services.lines import shown_title
from citewatch.services.watchlist import IMPORTED, WatchedPaper


def on_watchlist(
    papers: Sequence[WatchedPaper], name: str | None, names: Collection[str]
) -> tuple[WatchedPaper, ...]:
    """The papers of one watchlist, or all. Raises `InputError` for a name that is none."""
    if name is None:
        return tuple(papers)
    if name not in names and name != IMPORTED:
        known = ", ".join(sorted(names)) or "none"
        raise InputError(f"no watchlist {name!r}", remedy=f"config.toml has: {known}")
    return tuple(w for w in papers if name in w.watchlists)


def ever_watched(store: Store, papers: Sequence[WatchedPaper]) -> list[WatchedPaper]:
    """The papers that are watched, then those that were: their history is kept."""
    numbers = {w.number for w in papers}
    return [
        *papers,
        *(
            WatchedPaper(number=known.number, paper=known.paper, watchlists=())
            for known in store.papers()
            if known.number not in numbers
        ),
    ]


def stored_paper(store: Store, watched: WatchedPaper) -> StoredPaper:
    """The store's paper; one that it does not know yet has nothing but its name."""
    for known in store.papers():
        if known.number == watched.number:
            return known
    return StoredPaper(number=0, paper=watched.paper, watched=True, adopted=False, added_at=0)


def shown_titles(store: Store, papers: Sequence[WatchedPaper]) -> dict[str, str]:
    """The title to show for each key: the list's until a source is accepted."""
    facts: dict[int, dict[str, Facts]] = {}
    numbers = [w.number for w in papers if w.number is not None]
    for history in store.histories(papers=numbers, since=2**40) if numbers else ():
        if history.facts is not None:
            facts.setdefault(history.paper, {})[history.source] = history.facts
    return {w.paper.key: _title(w.paper, facts.get(w.number or 0, {})) for w in papers}


def _title(paper: Paper, facts: dict[str, Facts]) -> str:
    return shown_title(facts, paper.title)
