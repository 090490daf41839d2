"""The forms in which a count of citations is written, as patterns over a text.

Nothing is judged here: whether the words around make it a rule, a goal or a rate is the
business of `badge_context`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from citewatch.domain.badge_numbers import NUMBER

_MORE = (
    r"(?:(?:over|more\s+than|at\s+least|above|about|around|approx(?:imately|\.)?|roughly|circa|"
    r"ca?\.|some|nearly|almost|close\s+to|well\s+over|upwards\s+of)\s+|>=?\s*|[≥~≈∼]\s*)"
)
_WORDED = re.compile(rf"{_MORE}$", re.IGNORECASE)
_NEARLY = re.compile(r"\b(?:nearly|almost|close\s+to)\b", re.IGNORECASE)
SOURCE = (
    r"(?:google\s+scholar|gscholar|g\.?\s?scholar|gs|scholar|scopus|web\s+of\s+science|wos|"
    r"semantic\s+scholar|crossref|openalex|inspire(?:-?hep)?|(?:nasa\s+)?ads|dblp|researchgate|"
    r"clarivate|dimensions)"
)
_KIND = (
    rf"(?:(?:{SOURCE}|total|overall|all-time|academic|scholarly|scientific|independent|"
    r"external|lifetime|verified)\s+){0,3}"
)
_CUT = r"(?:[-\u00ad\u2010]\s{0,9}[\r\n]\s{0,9})?"
"""A word parted at a line's end."""
_NOUN = rf"(?:cita{_CUT}tions?|cites|cite|citation\s+counts?)"
_BEGIN = r"(?<!\w)(?=[\d>≥~≈∼amoruscnw])"
"""What such words can begin with: saves looking at every letter of a text."""
_IN_PROSE = (
    # 1,300+ citations; over 2k Google Scholar citations
    re.compile(
        rf"{_BEGIN}{_MORE}?{NUMBER}\s*+(?:\+|plus\b)?\s*+(?:or\s+more\s+)?{_KIND}{_NOUN}\b(?![-–]\w)"
        r"(?!\s*[:=]\s*[\d>~])",
        re.IGNORECASE,
    ),
    # 340 times cited
    re.compile(rf"{_BEGIN}{_MORE}?{NUMBER}\s*+\+?\s*+times\s+cited\b", re.IGNORECASE),
    # cited by 120; cited over 340 times; cited 40x
    re.compile(
        rf"\bcited(?:\s+by)?\s*+(?::\s*+)?{_MORE}?{NUMBER}\s?\+?"
        r"(?:\s*(?:times\b|[x×](?!\w)))?(?!\s*(?:/|%|\bof\b|\bout\b))",
        re.IGNORECASE,
    ),
    # Citations (Google Scholar): 88; citation count of 340; times cited: 12
    re.compile(
        rf"(?<![\w?&;-])(?:citations|cites|citation[\s_-]?counts?|number\s+of\s+citations|cited[\s_-]?by|"
        rf"times[\s_-]?cited|num[\s_-]?cit(?:ations|ed)|n[_-]?cit(?:ations|ed)|citationcount)"
        rf"(?:\s*[(\[]{SOURCE}[)\]])?[\"']?\s*+(?:[:=]|\bof\b|\bis\b|\bat\b|->|→)\s*+"
        rf"[\"'{{]?\s*+{_MORE}?{NUMBER}\s?\+?(?!\s*(?:[/%–-]\s?\d|\bof\b|\bout\b))",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\bcitation\s*[:=]\s*{_MORE}?{NUMBER}\s?\+?(?=\s*(?:$|[)\]|;}}<\"']))",
        re.IGNORECASE | re.MULTILINE,
    ),
    # Google Scholar citations 4,000+; total citations 120
    re.compile(
        rf"\b(?:{SOURCE}|total|all)\s+citations\s+{_MORE}?{NUMBER}\s?\+?(?!\s*[/%–-]\s?\d)",
        re.IGNORECASE,
    ),
    re.compile(rf"\bcitations\s+{NUMBER}\s?\+", re.IGNORECASE),
)
_MACRO = re.compile(
    r"\\(?P<name>[A-Za-z@]{0,30}(?:cited(?!ate)|citations?|cites|citecount|citescount|citedby)"
    r"[A-Za-z@]{0,20})\*?(?:\[[^\[\]{}\n]{0,60}\]|\{[^{}\n]{0,80}\}){0,2}"
    r"\{\s*(?P<n>\d{1,9}|\d{1,3}(?:(?:,|\{,\}|\\,|\.)\d{3}){1,3}|\d{1,4}(?:\.\d)?k)\s*\+?\s*\}",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?<![\w\\?&;/-])(?:(?:google[_-]?scholar[_-]?|gs[_-]?|num[_-]?|n[_-]?|total[_-]?)?"
    r"(?:citations?|cites|cited[_-]?by|citation[_-]?count|times[_-]?cited))\s{0,20}=\s{0,20}"
    r"(?P<q>[{\"']{0,2})\s*(?P<n>\d{1,3}(?:,\d{3}){1,3}|\d{1,4}(?:\.\d{1,2})?k|\d{1,9})\s*\+?"
    r"\s*[}\"']{0,2}(?=\s*(?:,(?!\d)|[;}\s>/]|$))",
    re.IGNORECASE,
)
_SHIELD_NUMBER = r"(?P<n>\d{1,3}(?:(?:,|%2C)\d{3}){1,3}|\d{1,6}(?:\.\d{1,2})?k?)(?:\+|%2B)?"
_SHIELD_WORD = (
    r"(?:[\w.]{1,20}(?:_|%20|\+)){0,3}"
    r"(?:citations?|cited(?:_|%20|\+)by|cites|times(?:_|%20|\+)cited)"
)
_SHIELDS = (
    re.compile(
        rf"(?:img\.shields\.io/badge|badgen\.net/(?:static|badge))/"
        rf"(?P<words>{_SHIELD_WORD}(?:-|%20|_|/|%3A%20|:%20){_SHIELD_NUMBER})(?=[-./?)\"'\s\]]|$)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:img\.shields\.io/badge|badgen\.net/(?:static|badge))/(?:-|[\w.%]{{0,30}}-)?"
        rf"(?P<words>{_SHIELD_NUMBER}(?:-|%20|_|/){_SHIELD_WORD})(?=[-./?)\"'\s\]]|$)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"img\.shields\.io/static/v1/?\?[^\s\"'<>]{{0,200}}?"
        rf"(?P<words>label={_SHIELD_WORD}&(?:amp;)?message={_SHIELD_NUMBER})(?=[&)\"'\s]|$)",
        re.IGNORECASE,
    ),
)
_ENDPOINT = re.compile(r"\{[^{}]{0,600}\}")
_LABEL = re.compile(
    r"\"label\"\s{0,9}:\s{0,9}\"(?:[\w .-]{0,30}\s)?(?:citations?|cited by|cites)\"", re.IGNORECASE
)
_MESSAGE = re.compile(
    r"\"message\"\s{0,9}:\s{0,9}\"(?P<n>\d{1,9}|\d{1,3}(?:,\d{3}){1,3}|\d{1,6}(?:\.\d{1,2})?k)\+?\"",
    re.IGNORECASE,
)
_CITING = re.compile(
    r"\\(?:no)?cite(?:[pt]|al[pt]|author|year|num|title|url|text|s)?\*?(?:\[[^\]\n]{0,60}\]){0,2}"
    r"\{[^{}\n]{0,300}\}",
    re.IGNORECASE,
)
_CIT = re.compile("cit", re.IGNORECASE)
_ROOM = 300
"""Characters, markup among them, between a number and the word."""
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"'{}]+", re.IGNORECASE)
_TAG = re.compile(r"<(?:[a-zA-Z][^<>]{0,2000}|/[a-zA-Z][^<>]{0,40}|!--[^<>]{0,2000}--)>")
_BLANKS = re.compile(
    r"&(?:nbsp|thinsp|ensp|emsp|#160|#xa0|#8201|#8239);|\\[ ,;:!~]|(?<=[\w+)])~(?=[\w(])"
    r"|\\(?!cited)[A-Za-z]{1,30}\*?(?=[\s{])|[*_`${}\u00a0\u2009\u202f]",
    re.IGNORECASE,
)
_DASHES = re.compile(r"(?<!\d)---?(?=\d)")
_GROUPED = re.compile(
    r"(?<=\d)(?:\{,\}|\\,|&(?:thinsp|nbsp|#8239|#8201|#160);|[\u00a0\u2009\u202f])(?=\d{3}(?!\d))"
)
_ENTITIES = (("&gt;", ">   "), ("&lt;", "<   "), ("&plus;", "+     "), ("&#43;", "+    "))


@dataclass(frozen=True, slots=True)
class Candidate:
    """Words that have the form of a count: ``text[start:end]``."""

    start: int
    end: int
    machine: bool = False
    """A form that machines read (a macro, a field, an image): nothing around it speaks."""


def speaks_of_citing(text: str) -> bool:
    """Whether a text has any word of citing at all: without one it has no count."""
    return _CIT.search(text) is not None


def canvas(text: str) -> str:
    """The text with markup as blanks, character for character.

    What a reader of the typeset page sees stays in its place; addresses and keys of
    citing commands become a character that is no part of any word.
    """

    def hidden(found: re.Match[str]) -> str:
        return "\ue001" * len(found[0])

    def blank(found: re.Match[str]) -> str:
        return " " * len(found[0])

    text = _GROUPED.sub(lambda found: "\ue000" * len(found[0]), text)
    text = _TAG.sub(blank, text)
    text = _CITING.sub(hidden, _URL.sub(hidden, text))
    for entity, shown in _ENTITIES:
        text = text.replace(entity, shown)
    text = _BLANKS.sub(blank, text)
    return _DASHES.sub(lambda found: "—" * len(found[0]), text)


def candidates(text: str, seen: str) -> list[Candidate]:
    """Everything in a text that has the form of a count; ``seen`` is its canvas.

    In order and without overlaps: of two, the one that machines read, else the earlier.
    """
    found = [*_machine(text), *_prose(seen)]
    found.sort(key=lambda one: (not one.machine, one.start, -one.end))
    kept: list[Candidate] = []
    taken: set[int] = set()
    for one in found:
        places = range(one.start, one.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _machine(text: str) -> Iterator[Candidate]:
    for found in _MACRO.finditer(text):
        yield Candidate(found.start(), found.end(), machine=True)
    for found in _FIELD.finditer(_URL.sub(lambda url: "\ue001" * len(url[0]), text)):
        yield Candidate(found.start(), found.end(), machine=True)
    for shape in _SHIELDS:
        for found in shape.finditer(text):
            yield Candidate(*found.span("words"), machine=True)
    for thing in _ENDPOINT.finditer(text):
        if _LABEL.search(thing[0]) and (message := _MESSAGE.search(thing[0])):
            start = thing.start() + message.start()
            yield Candidate(start, start + len(message[0]), machine=True)


def _prose(seen: str) -> Iterator[Candidate]:
    for start, end in _regions(seen):
        for shape in _IN_PROSE:
            for found in shape.finditer(seen, start, end):
                words = found[0]
                first = found.start() + len(words) - len(words.lstrip())
                yield Candidate(first, found.start() + len(words.rstrip()))


def _regions(seen: str) -> list[tuple[int, int]]:
    """Where a text speaks of citing, with room around it: a count stands nowhere else."""
    regions: list[tuple[int, int]] = []
    for found in _CIT.finditer(seen):
        start, end = max(0, found.start() - _ROOM), found.end() + _ROOM
        if regions and start <= regions[-1][1]:
            regions[-1] = regions[-1][0], end
        else:
            regions.append((start, end))
    return regions


def worded(before: str) -> bool:
    """Whether words in front of a number make it a round one: "over", "about", "~"."""
    return bool(_WORDED.search(before))


def nearly(words: str) -> bool:
    """Whether words claim a number that is not reached."""
    return bool(_NEARLY.search(words))
