"""Entries in a list without numbers or bullets: one block may hold several."""

from __future__ import annotations

from collections.abc import Sequence

from citewatch.intake.lines import Line
from citewatch.intake.venues import ends_entry, has_year

_ONE = 9
"""A block of more lines is hardly one entry."""


def split_block(lines: Sequence[Line]) -> list[list[Line]]:
    """The entries of a block of lines that no blank line parts.

    One entry a line, where about each line has a year of its own; hanging indents,
    where lines further right go on; else cut behind lines that end in a year.
    """
    whole = [list(lines)]
    if len(lines) < 2:
        return whole
    with_year = sum(has_year(line.text) for line in lines)
    if with_year * 10 >= len(lines) * 8 and min(len(line.text) for line in lines) > 50:
        return [[line] for line in lines]
    indents = {line.indent for line in lines}
    if len(indents) > 1:
        least = min(indents)
        groups = _cut(lines, [line.indent == least for line in lines])
        dated = sum(any(has_year(line.text) for line in group) for group in groups)
        if len(groups) > 1 and dated * 10 >= len(groups) * 7:
            return groups
    if len(lines) <= _ONE and with_year < 2:
        return whole
    ends = [ends_entry(line.text) for line in lines]
    if sum(ends) < 2:
        return whole
    return _cut(lines, [True, *ends[:-1]])


def _cut(lines: Sequence[Line], starts: Sequence[bool]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line, start in zip(lines, starts, strict=True):
        if start or not groups:
            groups.append([line])
        else:
            groups[-1].append(line)
    return groups
