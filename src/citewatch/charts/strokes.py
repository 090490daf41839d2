"""Letters out of strokes, for machines without a font.

The renderer of PNG draws letters with the fonts that it finds, and leaves them out where
it finds none, as in most containers. A chart without numbers is none; so there is a plain
alphabet of our own: each letter is a few lines on a grid of 4 by 6, with 2 below.
"""

from __future__ import annotations

from unicodedata import normalize
from xml.etree import ElementTree as ET

from citewatch.charts.svg import number

_GLYPHS = {
    "0": "10 30 41 45 36 16 05 01 10", "1": "01 10 16;06 26", "2": "01 10 30 41 42 06 46",
    "3": "01 10 30 41 42 33 44 45 36 16 05;13 33", "4": "36 30 04 44",
    "5": "40 00 02 32 43 45 36 16 05", "6": "30 10 01 05 16 36 45 44 33 13 04", "7": "00 40 16",
    "8": "10 30 41 42 33 13 02 01 10;13 04 05 16 36 45 44 33",
    "9": "16 36 45 41 30 10 01 02 13 33 42",
    "A": "06 20 46;14 34", "B": "03 33 44 45 36 06 00 30 41 42 33", "C": "41 30 10 01 05 16 36 45",
    "D": "00 06 26 44 42 20 00", "E": "40 00 06 46;03 33", "F": "40 00 06;03 33",
    "G": "41 30 10 01 05 16 36 45 43 23", "H": "00 06;40 46;03 43", "I": "00 20;10 16;06 26",
    "J": "40 45 36 16 05", "K": "00 06;40 03 46", "L": "00 06 46", "M": "06 00 23 40 46",
    "N": "06 00 46 40", "O": "10 30 41 45 36 16 05 01 10", "P": "06 00 30 41 42 33 03",
    "Q": "10 30 41 45 36 16 05 01 10;24 46", "R": "06 00 30 41 42 33 03;23 46",
    "S": "41 30 10 01 02 13 33 44 45 36 16 05", "T": "00 40;20 26", "U": "00 05 16 36 45 40",
    "V": "00 26 40", "W": "00 16 22 36 40", "X": "00 46;40 06", "Y": "00 23 40;23 26",
    "Z": "00 40 06 46", "a": "12 32 43 46;44 14 05 16 36 45", "b": "00 06;03 12 32 43 45 36 16 05",
    "c": "43 32 12 03 05 16 36 45", "d": "40 46;43 32 12 03 05 16 36 45",
    "e": "04 44 43 32 12 03 05 16 36 45", "f": "30 20 11 16;02 22",
    "g": "42 47 38 18 07;43 32 12 03 05 16 36 45", "h": "00 06;03 12 32 43 46", "i": "00 00;02 06",
    "j": "10 10;12 17 08", "k": "00 06;32 04;14 36", "l": "00 05 16",
    "m": "02 06;03 12 23 26;23 32 43 46", "n": "02 06;03 12 32 43 46",
    "o": "12 32 43 45 36 16 05 03 12", "p": "02 08;03 12 32 43 45 36 16 05",
    "q": "42 48;43 32 12 03 05 16 36 45", "r": "02 06;04 12 22",
    "s": "43 32 12 03 14 34 45 36 16 05",
    "t": "10 15 26;02 22", "u": "02 05 16 36 45;42 46", "v": "02 26 42", "w": "02 16 23 36 42",
    "x": "02 46;42 06", "y": "02 26;42 26 18 08", "z": "02 42 06 46", ".": "06 06", ",": "16 07",
    ":": "03 03;06 06", ";": "13 13;16 07", "!": "00 04;06 06", "?": "01 10 30 41 42 23 24;26 26",
    "'": "00 01", '"': "00 01;20 21", "-": "03 23", "+": "21 25;03 43", "/": "06 40",
    "(": "20 11 15 26", ")": "00 11 15 06", "[": "20 00 06 26", "]": "00 20 26 06",
    "{": "20 11 12 03 14 15 26", "}": "00 11 12 23 14 15 06",
    "%": "06 40;00 10 11 01 00;35 45 46 36 35",
    "&": "46 11 10 20 21 04 05 16 26 44", "#": "10 16;30 36;02 42;04 44", "_": "07 47",
    "=": "02 42;04 44", "<": "41 03 45", ">": "01 43 05", "*": "21 25;02 44;42 04", "–": "03 43",
    "—": "03 43", "…": "06 06;26 26;46 46", "~": "04 13 34 43", "^": "02 20 42", "|": "00 07",
    "\\": "00 46", "$": "41 30 10 01 02 13 33 44 45 36 16 05;20 26",
}  # fmt: skip
_BOX = "00 40 46 06 00"
"""For what is not in the alphabet; accents are left out."""
_UNITS = 9.0
"""Of the grid to the height of a line."""
_GAP, _BLANK = 1.7, 2.6
_COLOURS = {"": "iw", "q": "n", "rt": "rw"}


def in_strokes(svg: str) -> str:
    """The picture with every text drawn in strokes."""
    # It is our own picture, with all that strangers said escaped.
    root = ET.fromstring(svg.partition("?>")[2])  # noqa: S314
    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            if _name(child) == "text":
                parent[place] = _stroked(child)
    ET.register_namespace("", "http://www.w3.org/2000/svg")
    return ET.tostring(root, encoding="unicode")


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _stroked(text: ET.Element) -> ET.Element:
    given = text.attrib
    scale = float(given.get("font-size", 12)) / _UNITS
    said = text.text or ""
    width = sum(_advance(c) for c in said) * scale
    shift = {"end": width, "middle": width / 2}.get(given.get("text-anchor", ""), 0.0)
    x, y = float(given["x"]) - shift, float(given["y"])
    parts = []
    for character in said:
        for stroke in _glyph(character).split(";"):
            places = [
                f"{number(x + int(p[0]) * scale)} {number(y + (int(p[1]) - 6) * scale)}"
                for p in stroke.split()
            ]
            parts.append("M" + "L".join(places) if places else "")
        x += _advance(character) * scale
    classes = given.get("class", "")
    colour = _COLOURS.get(classes, "s" + classes[1:])
    weight = "1.7" if "font-weight" in given else "1.2"
    attributes = {"d": "".join(parts), "class": colour, "stroke-linecap": "round",
                  "stroke-linejoin": "round", "style": f"stroke-width:{weight}"}  # fmt: skip
    return ET.Element(text.tag.replace("text", "path"), attributes)


def _glyph(character: str) -> str:
    if character.isspace():
        return ""
    if character in _GLYPHS:
        return _GLYPHS[character]
    return _GLYPHS.get(normalize("NFKD", character)[0], _BOX)


def _advance(character: str) -> float:
    widest = max((int(p[0]) for p in _glyph(character).replace(";", " ").split()), default=None)
    return _BLANK + _GAP if widest is None else widest + _GAP
