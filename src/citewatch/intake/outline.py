"""The outline of a document: what each line is before entries are looked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from citewatch.intake.lines import Line, furniture
from citewatch.intake.sections import Heading, heading_of, markdown_heading
from citewatch.intake.style import mark_of

FRONT = "front matter"
PAPERS = "papers"


class Role(StrEnum):
    """What a line is by its looks."""

    BLANK = "blank"
    FURNITURE = "furniture"
    LINKS = "links"
    HEADING = "heading"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with its role and the section in which it stands."""

    line: Line
    role: Role
    section: str
    """"papers", the kind of another section, or front matter."""
    year: int | None = None
    """The year that a heading above gives."""
    kind: str = ""
    """For furniture: what it is."""
    free: bool = False
    """Whether a blank line, a heading or links stand right above."""

    @property
    def open(self) -> bool:
        """Whether papers are listed here."""
        return self.section == PAPERS


def outline(lines: Sequence[Line]) -> tuple[Placed, ...]:
    """Roles and sections of all lines.

    Where no heading opens a list of papers, everything before the first heading that
    names another section may be one.
    """
    printed = furniture(lines)
    headings = {i: h for i in range(len(lines)) if (h := _heading_at(lines, i, printed))}
    if any(h.kind == "year" for h in headings.values()):
        headings |= _years_between(lines, headings)
    opened = any(h.kind == PAPERS for h in headings.values())
    section, year, level, free = (FRONT if opened else PAPERS), None, 0, True
    placed: list[Placed] = []
    for i, line in enumerate(lines):
        heading = headings.get(i)
        if heading is not None:
            if heading.kind == "year":
                year = heading.year
            elif heading.kind == PAPERS:
                # A deeper heading of papers does not end the list that it is part of.
                deeper = section == PAPERS and 0 < level < heading.level
                section, year, level = PAPERS, None, level if deeper else heading.level
            elif not (heading.level > level > 0 and heading.kind == "other sections"):
                section, year = heading.kind, None
        role = _role(line, heading, printed)
        kind = printed.get(line.number, "")
        placed.append(Placed(line, role, section, year, kind, free))
        free = role is not Role.TEXT and (role is not Role.FURNITURE or free)
    return tuple(placed)


def _role(line: Line, heading: Heading | None, printed: dict[int, str]) -> Role:
    if not line.text:
        return Role.BLANK
    if heading is not None:
        return Role.HEADING
    if line.number in printed:
        return Role.FURNITURE
    return Role.LINKS if line.links else Role.TEXT


def _years_between(lines: Sequence[Line], headings: dict[int, Heading]) -> dict[int, Heading]:
    """Years right above a marker, in a list that is ordered under years elsewhere too."""
    found: dict[int, Heading] = {}
    for i, (line, below) in enumerate(pairwise(lines)):
        if i not in headings and line.text and mark_of(below.text) is not None:
            heading = heading_of(line.text)
            if heading is not None and heading.kind == "year":
                found[i] = heading
    return found


def _heading_at(lines: Sequence[Line], i: int, printed: dict[int, str]) -> Heading | None:
    """The heading at a line, where both its words and its surroundings say so."""
    line = lines[i]
    if not line.text or line.number in printed or line.links:
        return None
    heading = heading_of(line.text) or markdown_heading(line.text)
    if heading is None:
        return None
    above = lines[i - 1] if i else None
    if above is None or not above.text or above.links or above.number in printed:
        return heading
    if above.page != line.page or line.text.startswith("#"):
        return heading
    if heading_of(above.text) is not None:
        return heading
    if heading.kind == "year":
        # Right below text it may be the last line of an entry.
        return None
    below = lines[i + 1].text if i + 1 < len(lines) else ""
    loud = line.text.isupper() or line.text.endswith(":")
    marked = mark_of(below) is not None and not re.match(r"[^\w\[(]", below)
    return heading if loud or marked else None
