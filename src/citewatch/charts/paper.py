"""The chart of one paper: what each source counted, the ladder, and what is expected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from citewatch.charts.colours import Colours
from citewatch.charts.frame import SIZE, Axes, Box, Frame, make_frame
from citewatch.charts.legend import draw_legend, legend_height, legend_of
from citewatch.charts.scales import count_range, extent, iso_day, spread
from citewatch.charts.svg import (
    dot,
    fitted,
    group,
    path,
    picture,
    polygon,
    step_path,
    straight_path,
    text,
    width_of,
)
from citewatch.domain.forecast import Expected, Forecast
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Instant
from citewatch.services.reported import Line

_HEAD = 44
"""Room for title and date above a chart that stands alone."""
_NEAREST_AHEAD = 90 * DAY
_AHEAD_OF_PAST = 0.6
"""A forecast is drawn this far ahead, as a share of the past that is drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What the chart of one paper shows, and how large it is."""

    name: str
    """Begins the ids inside: the only one of its page."""
    title: str
    lines: Sequence[Line]
    now: Instant
    """The instant of the report; no count is drawn as known after it."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Sources' names as they stand beside their lines."""
    colours: Colours = field(default_factory=Colours)
    ladder: Ladder | None = None
    forecast: Forecast | None = None
    source: str | None = None
    """The headline source, whose count the forecast speaks of."""
    width: int = 340
    height: int = 190
    alone: bool = False
    """With title, date and legend inside: for a file of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fan:
    """The drawn part of a forecast: from the last known count on."""

    start: tuple[Instant, int]
    points: tuple[tuple[Instant, Expected], ...]


def paper_chart(drawing: Drawing) -> ET.Element | None:
    """The chart, or None where there is no line to draw."""
    lines = [line for line in drawing.lines if line.times]
    if not lines:
        return None
    fan = _fan(drawing, lines)
    root = picture(
        drawing.name, drawing.width, drawing.height, title=drawing.title,
        said=" ".join(_said(drawing, lines, fan)),
    )  # fmt: skip
    labels = [(line, _label(drawing, line)) for line in _last_ones(lines)]
    legend = legend_of(lines, fan=fan is not None, ladder=drawing.ladder is not None)
    top = _HEAD if drawing.alone else 4
    foot = legend_height(legend, drawing.width) if drawing.alone else 0
    frame = make_frame(
        root,
        Box(left=4, top=top, right=drawing.width - 4, bottom=drawing.height - 2 - foot),
        _axes(drawing, lines, fan),
        right_room=max(_width(drawing, line, label) for line, label in labels) + 10,
        unit="citations" if drawing.alone else "",
    )
    if drawing.alone:
        _head(root, drawing)
        draw_legend(root, legend, top=drawing.height - foot, width=drawing.width)
    if fan is not None:
        _draw_fan(root, frame, fan, colour=drawing.colours.place(drawing.source or ""))
    for line in lines:
        _draw(root, frame, line, drawing, last=any(line is shown for shown, _ in labels))
    _draw_labels(root, frame, labels, drawing)
    return root


def ended_at(line: Line, now: Instant) -> Instant:
    """Where a line ends: with its last confirmation, else with its last point."""
    return line.times[-1] if line.until is None else max(line.times[-1], min(line.until, now))


def _axes(drawing: Drawing, lines: Sequence[Line], fan: _Fan | None) -> Axes:
    times = [line.times[0] for line in lines]
    times += [ended_at(line, drawing.now) for line in lines]
    counts = [count for line in lines for count in line.counts]
    if fan is not None:
        times += [at for at, _ in fan.points]
        counts += [edge for _, e in fan.points for edge in (e.low, e.high)]
    return Axes(
        days=extent(times), counts=count_range(counts, drawing.ladder), ladder=drawing.ladder
    )


def _fan(drawing: Drawing, lines: Sequence[Line]) -> _Fan | None:
    mine = [line for line in lines if line.source == drawing.source and not line.reconstructed]
    if drawing.forecast is None or not mine:
        return None
    past = drawing.now - min(line.times[0] for line in lines)
    far = max(_NEAREST_AHEAD, past * _AHEAD_OF_PAST)
    points = [
        (drawing.now + days * DAY, expected)
        for days, expected in drawing.forecast.horizons
        if days * DAY <= far
    ]
    if not points:
        return None
    return _Fan(start=(drawing.now, mine[-1].counts[-1]), points=tuple(points))


def _draw_fan(root: ET.Element, frame: Frame, fan: _Fan, *, colour: int) -> None:
    start = frame.place(*fan.start)
    lows = [frame.place(at, expected.low) for at, expected in fan.points]
    highs = [frame.place(at, expected.high) for at, expected in fan.points]
    middles = [frame.place(at, expected.citations) for at, expected in fan.points]
    path(root, polygon([start, *highs, *reversed(lows)]), f"fan f{colour}")
    path(root, straight_path([start, *middles]), f"e s{colour}")


def _draw(root: ET.Element, frame: Frame, line: Line, drawing: Drawing, *, last: bool) -> None:
    colour = drawing.colours.place(line.source)
    places = [frame.place(at, c) for at, c in zip(line.times, line.counts, strict=True)]
    end_x = frame.across.place(ended_at(line, drawing.now))
    if line.reconstructed:
        path(root, straight_path([*places, (end_x, places[-1][1])]), f"d s{colour}")
        return
    path(root, step_path(places, end_x), f"l s{colour}")
    if last or end_x - places[0][0] < 2:
        dot(root, (end_x, places[-1][1]), f"f{colour}")


def _draw_labels(
    root: ET.Element, frame: Frame, labels: Sequence[tuple[Line, str]], drawing: Drawing
) -> None:
    wanted = [frame.up.place(line.counts[-1]) + 4 for line, _ in labels]
    low, high = frame.box.top + 4, frame.box.bottom + 2
    column = group(root)
    places = spread(wanted, apart=SIZE + 2, low=low, high=high)
    for (line, label), y in zip(labels, places, strict=True):
        colour = drawing.colours.place(line.source)
        strong = line.source == drawing.source
        text(column, (frame.box.right + 8, y), label, classes=f"t{colour}", bold=strong)


def _last_ones(lines: Sequence[Line]) -> list[Line]:
    """The line that carries each source's label: its newest, an observed one if there is any."""
    last: dict[str, Line] = {}
    for line in lines:
        before = last.get(line.source)
        if before is None or (not line.reconstructed, line.times[-1]) >= (
            not before.reconstructed,
            before.times[-1],
        ):
            last[line.source] = line
    return list(last.values())


def _name(drawing: Drawing, source: str) -> str:
    return drawing.labels.get(source, source)


def _label(drawing: Drawing, line: Line) -> str:
    room = 200 if drawing.alone else 80
    name = fitted(_name(drawing, line.source), room)
    return f"{name} {line.counts[-1]}"


def _width(drawing: Drawing, line: Line, label: str) -> float:
    return width_of(label, bold=line.source == drawing.source)


def _head(root: ET.Element, drawing: Drawing) -> None:
    room = drawing.width - 12
    text(root, (4, 18), fitted(drawing.title, room, size=15, bold=True), size=15, bold=True)
    text(root, (4, 35), f"as of {iso_day(drawing.now)}", classes="q")


def _said(drawing: Drawing, lines: Sequence[Line], fan: _Fan | None) -> Iterator[str]:
    """The chart in words."""
    for line in lines:
        how = "reconstructed from the dates of citing works" if line.reconstructed else "observed"
        ended = iso_day(ended_at(line, drawing.now))
        yield (
            f"{_name(drawing, line.source)}, {how}: {line.counts[0]} on {iso_day(line.times[0])}, "
            f"{line.counts[-1]} on {ended}."
        )
    if fan is not None:
        at, expected = fan.points[-1]
        yield (
            f"Expected on {iso_day(at)}: {expected.citations}, "
            f"with 80 % between {expected.low} and {expected.high}."
        )
