"""Charts of a whole list: one number over time."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from citewatch.charts.frame import Axes, Box, make_frame
from citewatch.charts.scales import count_range, extent, iso_day
from citewatch.charts.svg import dot, path, picture, straight_path, text, width_of
from citewatch.domain.papers import Instant

WIDTH, HEIGHT = 360, 200
_DOTS = 30


def totals_chart(
    name: str, points: Sequence[tuple[Instant, int]], *, title: str, colour: int = 0
) -> ET.Element:
    """One number on some days, from the first to the last, joined by straight lines.

    ``points`` ascend and are not empty; few of them are dots, since nothing is said of the
    days between. ``name`` begins the ids inside.
    """
    (first_at, first), (last_at, last) = points[0], points[-1]
    said = f"from {first} on {iso_day(first_at)} to {last} on {iso_day(last_at)}"
    root = picture(name, WIDTH, HEIGHT, title=title, said=f"{title}: {said}.")
    counts = [count for _, count in points]
    label = str(last)
    frame = make_frame(
        root,
        Box(left=2, top=4, right=WIDTH - 2, bottom=HEIGHT - 2),
        Axes(days=extent([at for at, _ in points]), counts=count_range(counts)),
        right_room=width_of(label, size=13, bold=True) + 12,
    )
    places = [frame.place(at, count) for at, count in points]
    end = frame.place(last_at, last)
    path(root, straight_path(places), f"l s{colour}")
    for place in places[:-1] if len(places) <= _DOTS else ():
        dot(root, place, f"f{colour}", radius=1.8)
    dot(root, end, f"f{colour}")
    text(root, (end[0] + 7, end[1] + 4), label, classes=f"t{colour}", size=13, bold=True)
    return root
