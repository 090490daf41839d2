"""A picture as PNG."""

from __future__ import annotations

from functools import cache

import resvg_py

from citewatch.charts.strokes import in_strokes

SCALE = 2
"""Dots for each unit of the picture: sharp on screens and in print."""

_EMPTY = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'>{}</svg>"
_LETTERS = "<text x='4' y='15' font-size='12' font-family='sans-serif'>M8</text>"


def png(svg: str) -> bytes:
    """The dots of a picture that stands alone, in letters of our own where no font is found."""
    picture = svg if can_write() else in_strokes(svg)
    return bytes(resvg_py.svg_to_bytes(svg_string=picture, zoom=SCALE))


@cache
def can_write() -> bool:
    """Whether letters leave dots: the renderer takes what fonts it finds and never complains."""
    empty, letters = (
        resvg_py.svg_to_bytes(svg_string=_EMPTY.format(inside)) for inside in ("", _LETTERS)
    )
    return bytes(empty) != bytes(letters)
