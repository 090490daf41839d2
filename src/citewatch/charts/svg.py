"""Elements of a picture: built as a tree, so that no text can become markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import east_asian_width
from xml.etree import ElementTree as ET

from citewatch.charts.colours import CHART_CSS
from citewatch.domain.printable import clean

# What XML 1.0 cannot hold, however it is escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Place = tuple[float, float]


def text_of(words: str) -> str:
    """Words from strangers, fit for a picture."""
    return _NOT_XML.sub("\ufffd", clean(words))


def picture(name: str, width: int, height: int, *, title: str, said: str) -> ET.Element:
    """An empty picture with its title and, in words, what it shows.

    ``name`` begins the ids inside; it must be the only one of a page.
    """
    root = ET.Element(
        "svg",
        {
            "class": "cw",
            "viewBox": f"0 0 {width} {height}",
            "role": "img",
            "aria-labelledby": f"{name}-t {name}-d",
        },
    )
    ET.SubElement(root, "title", {"id": f"{name}-t"}).text = text_of(title)
    ET.SubElement(root, "desc", {"id": f"{name}-d"}).text = text_of(said)
    return root


def group(parent: ET.Element, classes: str = "") -> ET.Element:
    """A group of elements."""
    return ET.SubElement(parent, "g", {"class": classes} if classes else {})


def text(
    parent: ET.Element, at: Place, words: str, *, classes: str = "", anchor: str = "start",
    size: int | None = None, bold: bool = False,
) -> None:  # fmt: skip
    """One line of text; ``at`` is the foot of its first (middle, last) letter."""
    attributes = {"x": number(at[0]), "y": number(at[1])}
    if anchor != "start":
        attributes["text-anchor"] = anchor
    if classes:
        attributes["class"] = classes
    if size is not None:
        attributes["font-size"] = str(size)
    if bold:
        attributes["font-weight"] = "600"
    ET.SubElement(parent, "text", attributes).text = text_of(words)


def path(parent: ET.Element, data: str, classes: str) -> None:
    """A line or a shape."""
    ET.SubElement(parent, "path", {"d": data, "class": classes})


def dot(parent: ET.Element, at: Place, classes: str, *, radius: float = 2.6) -> None:
    """A small disc."""
    ET.SubElement(
        parent,
        "circle",
        {"cx": number(at[0]), "cy": number(at[1]), "r": number(radius), "class": classes},
    )


def number(value: float) -> str:
    """A coordinate with no more digits than eyes have."""
    return f"{value:.1f}".removesuffix(".0")


def step_path(points: Sequence[Place], end: float) -> str:
    """A line that keeps its height from each point to the next, up to ``end``.

    Of points that fall on one dot of the axis the last one is drawn.
    """
    first, *rest = points
    kept: list[Place] = [first]
    for x, y in rest:
        if len(kept) > 1 and int(x) == int(kept[-1][0]):
            kept[-1] = (kept[-1][0], y)
        else:
            kept.append((x, y))
    parts = [f"M{number(first[0])} {number(first[1])}"]
    at_x, at_y = (round(place, 1) for place in first)
    for x, y in [*kept[1:], (end, kept[-1][1])]:
        if round(y, 1) != at_y or (x, y) == (end, kept[-1][1]):
            parts.append(_moved("h", x - at_x) + _moved("v", y - at_y))
            at_x, at_y = at_x + round(x - at_x, 1), at_y + round(y - at_y, 1)
    return "".join(parts)


def _moved(way: str, by: float) -> str:
    """A step to the side or up, "" for none: half as long as saying where to."""
    said = number(by)
    return "" if said in ("0", "-0") else way + re.sub(r"^(-?)0\.", r"\1.", said)


def straight_path(points: Sequence[Place]) -> str:
    """A line straight from each point to the next."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def polygon(points: Sequence[Place]) -> str:
    """A closed shape."""
    return straight_path(points) + "Z"


def width_of(words: str, *, size: float = 12, bold: bool = False) -> float:
    """How wide text is drawn at most; no font is asked, so it is that of a wide one."""
    ems = sum(_ems(character) for character in words)
    return ems * size * (1.12 if bold else 1.0)


def _ems(character: str) -> float:
    if character in " .,:;|!'()[]ijlt":
        return 0.4
    if character in "+mwMW%@<>=~–…":
        return 0.9 if character not in "MW@–…" else 1.0
    if east_asian_width(character) in "WF":
        return 1.0
    return 0.72 if character.isupper() else 0.64


def fitted(words: str, room: float, *, size: float = 12, bold: bool = False) -> str:
    """Text cut to a width, with … where something was left out."""
    words = text_of(words)
    if width_of(words, size=size, bold=bold) <= room:
        return words
    words = words[:500]
    while words and width_of(words + "…", size=size, bold=bold) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def inline(root: ET.Element) -> str:
    """The picture as a part of an HTML page, whose style sheet has `CHART_CSS`."""
    return ET.tostring(root, encoding="unicode")


def standalone(root: ET.Element) -> str:
    """The picture as a file of its own."""
    width, height = root.attrib["viewBox"].split()[2:]
    outer = ET.Element(
        "svg",
        {"xmlns": "http://www.w3.org/2000/svg", "width": width, "height": height, **root.attrib},
    )
    children = list(root)
    outer.extend(children[:2])
    ET.SubElement(outer, "style").text = CHART_CSS
    ET.SubElement(outer, "rect", {"width": width, "height": height, "class": "cw-paper"})
    outer.extend(children[2:])
    ET.indent(outer)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(outer, encoding="unicode") + "\n"
    )
