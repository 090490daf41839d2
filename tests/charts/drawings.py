"""Lines to draw, and what a drawn picture says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from citewatch.charts.paper import Drawing
from citewatch.domain.forecast import Expected, Forecast, NextThreshold
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Instant
from citewatch.services.reported import Line

NOW: Instant = 1_795_392_000
"""2026-11-23T00:00:00Z."""
HOSTILE = 'A <script>alert("1")</script> & \x1b[31m\ud800 ]]> \uffff title'


def ago(days: float) -> Instant:
    return NOW - int(days * DAY)


def line(
    source: str = "semantic_scholar", *, days: int = 400, first: int = 100, step: int = 1,
    until: float = 0, reconstructed: bool = False,
) -> Line:  # fmt: skip
    """A count that grows by ``step`` every ten days, from so many days ago."""
    times = tuple(ago(d) for d in range(days, int(until), -10))
    counts = tuple(first + step * n for n in range(len(times)))
    return Line(
        source=source, times=times, counts=counts, until=ago(until), reconstructed=reconstructed
    )


def forecast(now_at: int) -> Forecast:
    return Forecast(
        horizons=(
            (90, Expected(citations=now_at + 10, low=now_at + 5, high=now_at + 20)),
            (365, Expected(citations=now_at + 40, low=now_at + 20, high=now_at + 80)),
        ),
        next=NextThreshold(threshold=200, expected_on=21_000, low_on=20_900, high_on=None),
    )


def drawing(*lines: Line, **more: object) -> Drawing:
    """A drawing of these lines, as small multiples are."""
    fields: dict[str, object] = {"name": "x", "title": "ZOO", "lines": lines, "now": NOW,
                                 "ladder": Ladder(), "source": "semantic_scholar"}  # fmt: skip
    return Drawing(**fields | more)  # type: ignore[arg-type]


def strokes(root: ET.Element, kind: str) -> list[str]:
    """The paths drawn with one kind of stroke: ``l`` observed, ``d`` reconstructed, ``e``
    expected, ``fan``, ``r`` a step of the ladder, ``g`` a grid line."""
    found = [(p.attrib["d"], p.attrib["class"].split()) for p in root.iter("path")]
    # The swatches of the legend are of no source: they have the colour of the axis, "n".
    return [d for d, classes in found if kind in classes and (kind == "n" or "n" not in classes)]


def words(root: ET.Element) -> list[str]:
    return [found.text or "" for found in root.iter("text")]


def texts(root: ET.Element) -> Iterator[tuple[float, float, str, str]]:
    """(x, y, anchor, words) of each text."""
    for found in root.iter("text"):
        anchor = found.attrib.get("text-anchor", "start")
        yield float(found.attrib["x"]), float(found.attrib["y"]), anchor, found.text or ""


def walked(path: str) -> list[tuple[float, float]]:
    """The places that a path goes through; h and v are steps, all else is absolute."""
    found: list[tuple[float, float]] = []
    for way, said in re.findall(r"([MLhvZ])([^MLhvZ]*)", path):
        values = [float(n) for n in said.split()]
        match way:
            case "h":
                found.append((found[-1][0] + values[0], found[-1][1]))
            case "v":
                found.append((found[-1][0], found[-1][1] + values[0]))
            case "M" | "L":
                found.append((values[0], values[1]))
    return found


def parse(text: str) -> ET.Element:
    """The picture in a file, or in a page."""
    return ET.fromstring(text.removeprefix('<?xml version="1.0" encoding="UTF-8"?>'))  # noqa: S314
