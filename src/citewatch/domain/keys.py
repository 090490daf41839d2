"""Keys of papers, and when two entries speak of one paper."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache

from rapidfuzz import fuzz

from citewatch.domain.identifiers import ARXIV, URL, Identifier
from citewatch.domain.papers import Paper

_WORDS = 3
_SAME_WORK = 50.0
"""Titles less alike than this are two works, whatever identifier they share."""
_SHORT_TITLE, _YEARS_APART = 12, 5
"""Letters of a title that says something; years between a preprint and its last version."""
_NOT_ALNUM = re.compile(r"[^\w]|_")
_LATEX_WORD = re.compile(r"\\([a-zA-Z]+)")
_GREEK = {
    chr(code): unicodedata.name(chr(code)).removeprefix("GREEK SMALL LETTER ").lower()
    for code in range(ord("α"), ord("ω") + 1)
    if code != ord("ς")
}
"""δ-SAM, $\\delta$-SAM and delta-SAM are one title."""


@lru_cache(maxsize=20_000)
def squash(text: str) -> str:
    """A title without what typesetting does to it: case, blanks, accents, punctuation.

    Lost blanks ("andCounterfactual"), ligatures and dashes make no difference.
    """
    if not text.isascii() or "\\" in text:
        text = _LATEX_WORD.sub(_letter, text)
        text = "".join(_GREEK.get(c, c) for c in unicodedata.normalize("NFKD", text).casefold())
    return _NOT_ALNUM.sub("", text.casefold())


def _letter(found: re.Match[str]) -> str:
    """A LaTeX command as the letter that it prints, "" where it prints none."""
    word = found[1]
    return "l" if word == "ell" else word if word.lower() in _GREEK.values() else ""


def surname(name: str) -> str:
    """The squashed family name of "First Last", "Last, First" or "Last F."."""
    family, comma, _ = name.partition(",")
    if comma:
        return squash(family)
    words = [w for w in re.split(r"\s+", name.strip()) if w.strip(".*")]
    while len(words) > 1 and re.fullmatch(r"(?:[A-Z]\.?){1,3}|Jr\.?|Sr\.?|II|III|\d{4}", words[-1]):
        words.pop()
    return squash(words[-1]) if words else ""


def make_key(title: str, year: int | None, taken: Collection[str]) -> str:
    """The short stable name: first three words of the title, hyphen, year.

    ASCII and lower case; the parts of a hyphenated word count one each; ``-2`` and so
    on where the key is taken: ``zoo-zeroth-order-2017``.
    """
    words = _ascii_words(re.sub(r"['’`]", "", title))[:_WORDS] or ["paper"]
    return _free("-".join([*words, *([str(year)] if year else [])]), taken)


class KeyMaker:
    """Makes many keys: `make_key`, without counting up from 2 for each that is taken."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._tried: dict[str, int] = {}

    def make(self, title: str, year: int | None) -> str:
        """A key that no other paper has, here or before."""
        key = stem = make_key(title, year, ())
        number = self._tried.get(stem, 1)
        while key in self._taken:
            number += 1
            key = f"{stem}-{number}"
        self._tried[stem] = number
        self._taken.add(key)
        return key


def make_key_from_id(identifier: Identifier, taken: Collection[str]) -> str:
    """The key of a paper whose title nobody has told yet: ``arxiv-1708-03999``."""
    return _free("-".join(_ascii_words(str(identifier))), taken)


def _ascii_words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z0-9]+", plain.lower())


def _free(stem: str, taken: Collection[str]) -> str:
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    return key


def same_paper(one: Paper, other: Paper) -> bool:
    """Whether two entries are one paper: a shared identifier, or one title and its authors.

    A preprint and its journal version differ in year and venue and are one paper.
    """
    title, name = squash(one.title), squash(other.title)
    if {i for i in one.ids if i.scheme != URL} & set(other.ids):
        # An identifier pasted to the wrong entry must not make that entry vanish.
        return not (title and name) or fuzz.ratio(title, name) >= _SAME_WORK
    if not title or title != name or two_preprints(one, other):
        return False
    apart = None if one.year is None or other.year is None else abs(one.year - other.year)
    mine, theirs = surnames(one.authors), surnames(other.authors)
    if not mine or not theirs:
        return apart in (0, None)
    if len(title) < _SHORT_TITLE and apart != 0:
        return False  # "Editorial" names a paper in every year
    shared = len(mine & theirs) / min(len(mine), len(theirs))
    return shared >= 0.5 and (apart is None or apart <= _YEARS_APART)


def two_preprints(one: Paper, other: Paper) -> bool:
    """Whether both have an arXiv id, and not the same: arXiv keeps one id for one paper."""
    mine = {i for i in one.ids if i.scheme == ARXIV}
    theirs = {i for i in other.ids if i.scheme == ARXIV}
    return bool(mine and theirs) and not mine & theirs


def surnames(authors: Iterable[str]) -> frozenset[str]:
    """The squashed family names."""
    return frozenset(filter(None, map(surname, authors)))
