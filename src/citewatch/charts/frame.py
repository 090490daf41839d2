"""The frame of a chart over time: its axes, with marks for days and for counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from citewatch.charts.scales import Scale, Tick, count_ticks, time_ticks
from citewatch.charts.svg import group, number, path, text, width_of
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import Instant

SIZE = 12
"""Height of the letters, in the units of the picture."""
_LABEL_APART = 15.0
"""Between the feet of two labels below one another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """The room between the axes, in the units of the picture."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A box, and where days and counts fall in it."""

    box: Box
    across: Scale
    up: Scale

    def place(self, at: Instant, count: float) -> tuple[float, float]:
        """Where a count at an instant falls."""
        return self.across.place(at), self.up.place(count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """What a frame is made for."""

    days: tuple[Instant, Instant]
    counts: tuple[int, int]
    ladder: Ladder | None = None


def make_frame(
    root: ET.Element, outer: Box, axes: Axes, *, right_room: float = 0, unit: str = ""
) -> Frame:
    """Draw axes into a picture; ``right_room`` is kept free for labels of lines.

    ``unit`` says above the axis what is counted.
    """
    low, high = axes.counts
    top = outer.top + (SIZE + 8 if unit else 6)
    up = Scale(low, high, outer.bottom - SIZE - 8, top)
    apart = _LABEL_APART * (high - low) / (up.start - up.end)
    marks = count_ticks(low, high, apart=apart, ladder=axes.ladder)
    left = outer.left + max((width_of(m.label) for m in marks), default=0) + 6
    right = outer.right - right_room
    across = Scale(axes.days[0], axes.days[1], left, right)
    box = Box(left=left, top=top, right=right, bottom=up.start)
    frame = Frame(box=box, across=across, up=up)
    grid = group(root)
    if unit:
        text(grid, (outer.left, outer.top + SIZE - 2), unit, classes="q")
    _counts(grid, frame, marks)
    _days(grid, frame, axes.days)
    return frame


def _counts(parent: ET.Element, frame: Frame, marks: Sequence[Tick]) -> None:
    for mark in marks:
        y = frame.up.place(mark.value)
        line = f"M{number(frame.box.left)} {number(y)}H{number(frame.box.right)}"
        path(parent, line, "r" if mark.step else "g")
        label = (frame.box.left - 5, y + 4)
        text(parent, label, mark.label, classes="rt" if mark.step else "q", anchor="end")


def _days(parent: ET.Element, frame: Frame, days: tuple[Instant, Instant]) -> None:
    box = frame.box
    marks = time_ticks(*days, letters=(box.right - box.left) / width_of("0"))
    path(parent, f"M{number(box.left)} {number(box.bottom)}H{number(box.right)}", "n")
    ended = 0.0
    for mark in marks:
        x = frame.across.place(mark.value)
        half = width_of(mark.label) / 2
        middle = min(max(x, half), box.right + 24 - half)
        if middle - half < ended + 6 and ended:
            continue
        ended = middle + half
        path(parent, f"M{number(x)} {number(box.bottom)}v4", "n")
        text(parent, (middle, box.bottom + SIZE + 5), mark.label, classes="q", anchor="middle")
