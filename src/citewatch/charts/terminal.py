"""A chart out of characters, where a terminal is all there is."""

from __future__ import annotations

from collections.abc import Sequence

from citewatch.charts.paper import ended_at
from citewatch.charts.scales import Scale, Tick, count_range, count_ticks, extent, time_ticks
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import Instant
from citewatch.services.reported import Line

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The dots of a Braille character by row and column, as Unicode numbers them."""
_BLANK = "\u2800"
LEAST_WIDTH = 50
"""Cells below which a chart says less than a line of numbers."""


def terminal_chart(
    lines: Sequence[Line], *, now: Instant, width: int, height: int = 9,
    ladder: Ladder | None = None, span: tuple[Instant, Instant] | None = None,
) -> list[str]:  # fmt: skip
    """Rows of text: counts on the left, days below, the lines in Braille dots.

    What was observed is a whole line, what was reconstructed every other dot, thresholds of
    the ladder run through as ┄. ``height`` counts the rows of the plot alone. ``span`` sets
    the days shown, so that charts below one another share an axis. Nothing to draw, or less
    than `LEAST_WIDTH` cells: no rows.
    """
    lines = [line for line in lines if line.times]
    if not lines or width < LEAST_WIDTH:
        return []
    counts = [count for line in lines for count in line.counts]
    low, high = count_range(counts, ladder)
    marks = count_ticks(low, high, apart=(high - low) / (height - 1) * 2, ladder=ladder)
    gutter = max(len(mark.label) for mark in marks)
    columns = width - gutter - 2
    days = span or extent([at for line in lines for at in (line.times[0], ended_at(line, now))])
    across = Scale(*days, 0, columns * 2 - 1)
    up = Scale(low, high, height * 4 - 1, 0)
    grid = [[0] * columns for _ in range(height)]
    for line in lines:
        _plot(grid, line, across, up, now)
    rows = _rows(grid, marks, up, gutter=gutter)
    return [*rows, *_foot(days, columns, gutter=gutter)]


def _plot(grid: list[list[int]], line: Line, across: Scale, up: Scale, now: Instant) -> None:
    """Set the dots of one line of steps."""
    starts = [round(across.place(at)) for at in line.times]
    ends = [*starts[1:], round(across.place(ended_at(line, now)))]
    before: int | None = None
    for start, end, count in zip(starts, ends, line.counts, strict=True):
        y = round(up.place(count))
        if before is not None and not line.reconstructed:
            for between in range(min(before, y), max(before, y) + 1):
                _set(grid, start, between)
        for x in range(start, end + 1):
            if not line.reconstructed or x % 2 == 0:
                _set(grid, x, y)
        before = y


def _set(grid: list[list[int]], x: int, y: int) -> None:
    if 0 <= y < len(grid) * 4 and 0 <= x < len(grid[0]) * 2:
        grid[y // 4][x // 2] |= _DOTS[y % 4][x % 2]


def _rows(
    grid: Sequence[Sequence[int]], marks: Sequence[Tick], up: Scale, *, gutter: int
) -> list[str]:
    by_row = {round(up.place(mark.value)) // 4: mark for mark in marks}
    rows = []
    for number, cells in enumerate(grid):
        mark = by_row.get(number)
        label = (mark.label if mark else "").rjust(gutter)
        empty = "┄" if mark and mark.step else " "
        body = "".join(chr(ord(_BLANK) + dots) if dots else empty for dots in cells)
        rows.append(f"{label} {'┤' if mark else '│'}{body}")
    return rows


def _foot(days: tuple[Instant, Instant], columns: int, *, gutter: int) -> list[str]:
    axis = ["─"] * columns
    words = [" "] * (columns + 6)
    across = Scale(*days, 0, columns - 1)
    free_from = 0
    for mark in time_ticks(*days, letters=columns):
        x = min(columns - 1, max(0, round(across.place(mark.value))))
        start = min(max(0, x - len(mark.label) // 2), columns - len(mark.label))
        if start < free_from:
            continue
        axis[x] = "┬"
        words[start : start + len(mark.label)] = mark.label
        free_from = start + len(mark.label) + 2
    room = " " * (gutter + 1)
    return [f"{room}└{''.join(axis)}", f"{room} {''.join(words)}".rstrip()]
