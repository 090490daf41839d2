"""Where in the file an entry's badge stands, and which counts stand outside of entries."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from citewatch.domain.badges import Badge, badges_in, counts_in, totals_in
from citewatch.intake.lines import Line

_LONGEST = 20_000
"""Characters of an entry that are searched: an entry is short, a hostile file may not be."""
_MOST = 200
"""Totals that are told."""


@dataclasses.dataclass(frozen=True, slots=True)
class View:
    """A file's text, and what a reader sees of it, character for character.

    ``seen`` has blanks where the text holds markup, comments and hidden parts; in plain
    text it is the text itself.
    """

    text: str
    seen: str
    starts: tuple[int, ...]
    """Where each line begins."""

    def line_at(self, place: int) -> int:
        """The line, from 1, on which a character stands."""
        return bisect_right(self.starts, place)

    def badges(self, start: int, end: int) -> tuple[Badge, ...]:
        """The badges in [start, end), placed in the file."""
        end = min(end, start + _LONGEST)
        return tuple(self.placed(badge, start) for badge in badges_in(self.seen[start:end]))

    def placed(self, badge: Badge, shift: int) -> Badge:
        """A badge found in a piece that begins at ``shift``, with the file's own words."""
        start, end = badge.start + shift, badge.end + shift
        return dataclasses.replace(badge, start=start, end=end, text=self.text[start:end])


def view_of(text: str, seen: str | None = None) -> View:
    """The view of a text; ``seen`` is as long as it."""
    starts = [0]
    for at, char in enumerate(text):
        if char == "\n" or (char == "\r" and text[at + 1 : at + 2] != "\n"):
            starts.append(at + 1)
    return View(text, text if seen is None else seen, tuple(starts))


def runs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """The lines' places in the file, those that follow on one another as one."""
    found: list[tuple[int, int]] = []
    last: int | None = None
    for line in lines:
        if last is not None and found and line.number == last + 1:
            found[-1] = found[-1][0], line.end
        else:
            found.append((line.start, line.end))
        last = line.number
    return found


def badge_of(view: View, lines: Sequence[Line]) -> Badge | None:
    """The first badge in an entry's lines, where it stands in one piece."""
    for start, end in runs(lines):
        if found := view.badges(start, end):
            return found[0]
    return None


def totals(
    view: View, spans: Iterable[tuple[int, int]], headings: Iterable[tuple[int, int]] = ()
) -> tuple[tuple[int, str, int], ...]:
    """(line, words, number) of the counts of a person or over papers outside of entries.

    Whatever a heading counts is counted over its section.
    """
    taken = sorted(spans)
    found: dict[int, tuple[int, str, int]] = {}
    over = [
        view.placed(c, start) for start, end in headings for c in counts_in(view.seen[start:end])
    ]
    for one in (*totals_in(view.seen), *over):
        before = bisect_right(taken, (one.start, len(view.text)))
        if before and taken[before - 1][1] > one.start:
            continue
        words = " ".join(view.text[one.start : one.end].split())
        found[one.start] = view.line_at(one.start), words, one.claim
        if len(found) >= _MOST:
            break
    return tuple(found[at] for at in sorted(found))
