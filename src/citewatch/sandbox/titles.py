"""Finding records by the words of a title, in the loose way that search services do."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

COMMON = 4_000
"""Words with more records than this do not bring candidates, they only add to scores."""


def words(text: str) -> tuple[str, ...]:
    """The words of a text: lower case, without accents and punctuation."""
    plain = unicodedata.normalize("NFKD", text).lower()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(re.findall(r"[a-z0-9δα-ω]+", plain))


class TitleIndex:
    """Titles by position, searched by the words they share with a query."""

    def __init__(self, titles: Iterable[str]) -> None:
        self._titles = [words(title) for title in titles]
        self._where: dict[str, list[int]] = defaultdict(list)
        for at, title in enumerate(self._titles):
            for word in dict.fromkeys(title):
                self._where[word].append(at)

    def _weight(self, word: str) -> float:
        return math.log(1 + len(self._titles) / (1 + len(self._where.get(word, ()))))

    def search(self, query: str) -> list[tuple[float, int]]:
        """(likeness from 0 to 1, position), best first; equal ones in order of position."""
        asked = set(words(query))
        found = {at for word in asked if len(p := self._where.get(word, [])) <= COMMON for at in p}
        ranked = [(self._likeness(asked, set(self._titles[at])), at) for at in found]
        return sorted(ranked, key=lambda pair: (-pair[0], pair[1]))

    def _likeness(self, asked: set[str], title: set[str]) -> float:
        shared = sum(self._weight(word) for word in asked & title)
        whole = sum(self._weight(word) for word in asked | title)
        return shared / whole if whole else 0.0

    def holding(self, phrase: str, *, exact: bool) -> set[int]:
        """Positions of titles that hold all words of a phrase, in order when ``exact``."""
        asked = words(phrase)
        if not asked:
            return set()
        found = set.intersection(*(set(self._where.get(word, ())) for word in asked))
        if not exact:
            return found
        return {at for at in found if _contains(self._titles[at], asked)}


def _contains(title: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return any(title[at : at + size] == phrase for at in range(len(title) - size + 1))
