"""Counts that another tool saw: judged like live readings, logged, never notified."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from citewatch.domain.identifiers import Identifier, parse_identifier
from citewatch.domain.keys import KeyMaker, squash
from citewatch.domain.papers import Instant, Paper
from citewatch.domain.rules import Rules
from citewatch.errors import HistoryFileError
from citewatch.ports import LoggedChange, Store
from citewatch.services.foreseeing import note_forecasts
from citewatch.services.history_file import HistoryFile
from citewatch.services.replay import Reading, replay
from citewatch.services.watchlist import IMPORTED, WatchedPaper


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    points: int
    stored: int
    """Points that were written; the others say what was known already."""
    papers: int
    adopted: int
    skipped: tuple[str, ...]
    changes: tuple[LoggedChange, ...]


# --- whose counts they are --------------------------------------------------------


@dataclass(slots=True)
class Names:
    """Which paper a line's first cell means: a key, an identifier or a whole title."""

    words: dict[str, int] = field(default_factory=dict)
    titles: dict[str, int] = field(default_factory=dict)
    ids: dict[Identifier, int] = field(default_factory=dict)

    @classmethod
    def of(cls, papers: Sequence[WatchedPaper]) -> Names:
        """The names of all papers that are watched or were adopted before."""
        names = cls()
        for watched in papers:
            number, paper = watched.number or 0, watched.paper
            names.words[paper.key] = number
            names.words.setdefault(paper.title, number)
            names.ids.update(dict.fromkeys(paper.ids, number))
            if watched.watchlists != (IMPORTED,):
                names.titles.setdefault(squash(paper.title), number)
        return names

    def find(self, text: str) -> int | None:
        """The paper's number; only whole names count, a piece of a title proves nothing."""
        if text in self.words:
            return self.words[text]
        identifier = parse_identifier(text)
        if identifier is not None and identifier in self.ids:
            return self.ids[identifier]
        return self.titles.get(squash(text))


def import_history(
    read: HistoryFile,
    store: Store,
    papers: Sequence[WatchedPaper],
    *,
    path: Path,
    rules: Callable[[str], Rules],
    now: Instant,
    adopt: bool = False,
    skip_bad: bool = False,
) -> Imported:
    """Store a file's points, judged in time order per source, one day one pass.

    Raises `HistoryFileError` with every bad line unless they are to be skipped;
    then nothing is stored.
    """
    names = Names.of(papers)
    texts = dict.fromkeys(point.paper for point in read.points)
    found = {text: names.find(text) for text in texts}
    strangers = [text for text, number in found.items() if number is None]
    problems = list(read.problems)
    if strangers and not adopt:
        unknown = set(strangers)
        problems += [
            f"line {p.line}: {p.paper[:60]!r} is not watched"
            for p in read.points
            if p.paper in unknown
        ]
    if problems and not skip_bad:
        remedy = "--skip-bad imports the other lines"
        raise HistoryFileError(
            str(path), sorted(problems, key=_line_number),
            remedy=remedy + ("; --adopt keeps papers that are not watched" if strangers else ""),
        )  # fmt: skip
    if strangers and adopt:
        found |= zip(strangers, _adopt(strangers, store, papers, now), strict=True)
    known = [
        Reading(number, point.source, point.at, point.count)
        for point in read.points
        if (number := found[point.paper]) is not None
    ]
    done = replay(known, store, rules)
    changes = store.apply(done.batch)
    by_source: dict[str, set[int]] = {}
    for reading in known:
        by_source.setdefault(reading.source, set()).add(reading.paper)
    for source, numbers in by_source.items():
        above = rules(source).ladder.above
        note_forecasts(store, source, numbers, above=above, now=now, anew=True)
    return Imported(
        points=len(known),
        stored=done.placed,
        papers=len({reading.paper for reading in known}),
        adopted=len(strangers) if adopt else 0,
        skipped=tuple(sorted(problems, key=_line_number)),
        changes=tuple(changes),
    )


def _line_number(problem: str) -> int:
    found = re.match(r"line (\d+)", problem)
    return int(found[1]) if found else 0


def _adopt(
    titles: Sequence[str], store: Store, papers: Sequence[WatchedPaper], now: Instant
) -> Sequence[int]:
    keys = KeyMaker([w.paper.key for w in papers] + [p.paper.key for p in store.papers()])
    fresh = [Paper(key=keys.make(title, None), title=title) for title in titles]
    return store.add_papers(fresh, now=now, adopted=True)
