"""A line as small as a word: how a count went, without an axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from citewatch.charts.scales import Scale
from citewatch.charts.svg import dot, inline, number, path

WIDTH, HEIGHT = 96, 22


def spark_svg(points: Sequence[int | None], *, colour: int = 0) -> str:
    """A small line through counts at equal distances; "" where none is known.

    A None is a gap. The picture names its first and last count to those who cannot see.
    """
    known = [p for p in points if p is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    across = Scale(0, max(1, len(points) - 1), 2, WIDTH - 5)
    up = Scale(low, high if high > low else low + 1, HEIGHT - 4, 4)
    said = f"from {known[0]} to {known[-1]}"
    root = ET.Element(
        "svg",
        {
            "class": "cw spark",
            "viewBox": f"0 0 {WIDTH} {HEIGHT}",
            "role": "img",
            "aria-label": said,
        },
    )
    for piece in _pieces(points):
        places = [(number(across.place(i)), number(up.place(count))) for i, count in piece]
        path(root, "M" + "L".join(f"{x} {y}" for x, y in places), f"s{colour} k")
    last = max(i for i, p in enumerate(points) if p is not None)
    dot(root, (across.place(last), up.place(known[-1])), f"f{colour}", radius=2.2)
    return inline(root)


def _pieces(points: Sequence[int | None]) -> Iterator[list[tuple[int, int]]]:
    piece: list[tuple[int, int]] = []
    for place, point in enumerate(points):
        if point is not None:
            piece.append((place, point))
        elif piece:
            yield piece
            piece = []
    if piece:
        yield piece
