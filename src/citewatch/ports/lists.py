"""What is read out of a publication list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from citewatch.domain.badges import Badge
from citewatch.domain.papers import Paper


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a publication list, as read; nothing is guessed beyond the text."""

    number: int
    line: int
    """Where it begins, from 1."""
    paper: Paper
    links: tuple[str, ...] = ()
    badge: str = ""
    """The badge's words, "" where there is none."""
    doubts: tuple[str, ...] = ()
    place: Badge | None = None
    """The badge with its place in the file's text, where the file has one that can be edited."""
    badge_line: int | None = None
    """The line of the badge, from 1."""
    span: tuple[int, int] | None = None
    """Characters [start, end) of the file's text that the entry was read from."""
    page: int | None = None
    """Its page, from 1, in a file of pages."""
    also: tuple[tuple[int, Badge], ...] = ()
    """(line, badge) of further badges of this paper: it is listed more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationList:
    """What was understood of a file, and what was not.

    ``pages`` name papers by their position in ``entries`` (as text, from 0).
    ``leftovers`` are (line, text, why) of everything that looks as if it belonged
    to a publication but was not understood.
    """

    file: str
    entries: tuple[Entry, ...]
    pages: tuple[tuple[tuple[int, ...], tuple[str, ...]], ...] = ()
    """(positions of the page's entries, unplaced links at its foot)."""
    links: tuple[str, ...] = ()
    """Links that belong to no entry (front matter, talks)."""
    totals: tuple[tuple[int, str, int], ...] = ()
    """(line, words, number) of counts over all papers or of a person; never rewritten."""
    leftovers: tuple[tuple[int, str, str], ...] = ()
    skipped: Mapping[str, int] = field(default_factory=dict)
    """What was recognised as not a paper, by kind, with counts."""
    notes: tuple[str, ...] = ()
    """What the user should know of the reading itself (a guessed encoding)."""
