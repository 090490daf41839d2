"""Which layout a document's entries use, and every entry read by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

from citewatch.intake.fields import (
    Evidence,
    Fields,
    from_lines,
    from_lines_authors_first,
    from_paragraph,
)
from citewatch.intake.titles import Vocabulary, join_lines

_Reader: TypeAlias = Callable[[Sequence[str], Evidence], Fields | None]
_SAMPLE = 60
"""Entries that are looked at to judge the layout."""
_TALLEST = 80
_WIDEST = 4_000
"""Lines of an entry and characters of a line that are taken apart; abstracts end there."""


def _paragraph(lines: Sequence[str], evidence: Evidence) -> Fields | None:
    return from_paragraph(join_lines(lines, evidence.words), evidence)


_READERS: tuple[_Reader, ...] = (from_lines, from_lines_authors_first, _paragraph)


def read_entries(entries: Sequence[Sequence[str]], words: Vocabulary) -> list[Fields | None]:
    """The fields of each entry's lines; None where title and authors cannot be told apart.

    Two passes: the first finds the layout that most entries fit and the names that
    come up, the second reads every entry by that layout first and with those names.
    """
    entries = [[text[:_WIDEST] for text in lines[:_TALLEST]] for lines in entries]
    bare = Evidence(words)
    step = max(1, len(entries) // _SAMPLE)
    sample = entries[::step][:_SAMPLE]
    tried = {
        reader: [fields for lines in sample if (fields := reader(lines, bare))]
        for reader in _READERS
    }
    order = sorted(_READERS, key=lambda reader: -_weight(tried[reader]))
    evidence = Evidence(words, _names(entries, order[0], bare))
    return [_read(lines, order, evidence) for lines in entries]


def _weight(found: Sequence[Fields]) -> float:
    """How well a layout fits: entries read, those with several authors and a year most."""
    return sum(1.0 + (len(fields.authors) > 1) + (fields.tail.year is not None) for fields in found)


def _names(entries: Sequence[Sequence[str]], reader: _Reader, evidence: Evidence) -> frozenset[str]:
    """Names that stand in more than one author list, or in one together with others."""
    counts: Counter[str] = Counter()
    for lines in entries:
        fields = reader(lines, evidence)
        if fields is not None:
            weight = 2 if len(fields.authors) > 1 else 1
            counts.update(dict.fromkeys(fields.authors, weight))
    return frozenset(name for name, count in counts.items() if count > 1)


def _read(lines: Sequence[str], order: Sequence[_Reader], evidence: Evidence) -> Fields | None:
    for reader in order:
        fields = reader(lines, evidence)
        if fields is not None:
            return fields
    return None
