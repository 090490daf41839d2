"""Who cites the papers of the made world: works made from a paper's name and a number.

The n-th citing work is published on the day on which the source's count reached n, so that a
past put together from dates can be compared with the counts that there were. Works are made
when they are shown: a page costs that page, however long the list is.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from citewatch.sandbox.records import DAY_S, Record, number_of, sha_of
from citewatch.sandbox.synthetic import ADJECTIVES, FAMILY, GIVEN, GOALS, NOUNS

FADING = 0.8
"""Before the world's first day each year brought this share of the year before."""
FIRST_COUNTED_YEAR = 2012
SELF_SHARE = 10
"""One citing work of so many is by an author of the cited paper."""
REPLACED_SHARE = 40
"""One of so many disappears in time: its place is taken by another work."""
_REPLACED_FROM, _REPLACED_SPAN = 30, 400
VENUES = (
    "Conference on Made-Up Learning Systems",
    "Journal of Made-Up Results",
    "International Symposium on Invented Methods",
    "Transactions on Fictional Machines",
    "Workshop on Things That Are Not There",
    "Annual Meeting of Imaginary Linguists",
)
PREPRINTS = "arXiv.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The works by which one record adds to a count."""

    record: Record
    shown: int
    """How many of them are counted now."""
    by_day: Callable[[int], int]
    """How many had come by a day of the world; never falls."""
    share: float = 1.0
    """What the source sees of all that cite the record."""
    apart: int = 0
    """Parts of the same record before this one: their works are others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citer:
    """One citing work."""

    record: Record
    """As if it were a paper of the world."""
    day: date
    """When it was published."""
    number: int
    """In order of coming to its part, from 1."""
    cited: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Citing:
    """The citing works of one source as they stand on a day of the world."""

    source: str
    start: float
    """The first day, epoch seconds."""
    day: int
    """Today, in days since then."""

    def published(self, part: Part, number: int) -> date:
        """The day of the ``number``-th work of a part; never before that of an earlier one."""
        first = part.by_day(0)
        if number <= first:
            return self._before(part.record, (number - 0.5) / first)
        return self._date(self._came(part, number))

    def _came(self, part: Part, number: int) -> int:
        """The day of the world on which a work came; 0 for all that were there before."""
        low, high = 0, self.day
        while low < high:
            middle = (low + high) // 2
            if part.by_day(middle) >= number:
                high = middle
            else:
                low = middle + 1
        return low

    def _date(self, day: int) -> date:
        return datetime.fromtimestamp(self.start + day * DAY_S, UTC).date()

    def _before(self, record: Record, share: float) -> date:
        """When ``share`` of the citations of the first day had come."""
        last = self._date(-1)
        begin = first_year(record, last.year)
        weights = [FADING ** (year - begin) for year in range(begin, last.year + 1)]
        left = share * sum(weights)
        for year, weight in enumerate(weights, begin):
            if left <= weight or year == last.year:
                break
            left -= weight
        # Nobody cites a paper in the first months of its own year.
        early = date(year, 7 if year == record.year and year < last.year else 1, 1)
        late = last if year == last.year else date(year, 12, 31)
        return min(last, early + timedelta(days=int((late - early).days * min(1.0, left / weight))))

    def work(self, part: Part, number: int) -> Citer:
        """The ``number``-th work of a part, from 1."""
        day = self.published(part, number)
        # Sources see different parts of one literature: what both see is the same work.
        place = math.ceil(number / part.share)
        name = f"cites/{part.record.key}{'+' * part.apart}/{place}"
        if self._is_replaced(part, number, name):
            name += "/again"
        return Citer(
            record=_made(name, day, part.record, place),
            day=day,
            number=number,
            cited=part.record,
        )

    def _is_replaced(self, part: Part, number: int, name: str) -> bool:
        text = f"{self.source}/{name}/replaced"
        if number_of(text, REPLACED_SHARE):
            return False
        stays = _REPLACED_FROM + number_of(text + "/after", _REPLACED_SPAN)
        return self.day >= self._came(part, number) + stays


def first_year(record: Record, last: int) -> int:
    """The first year in which a paper is cited, and no later than ``last``."""
    return min(max(FIRST_COUNTED_YEAR, record.year), last)


def _pick(choices: tuple[str, ...], text: str) -> str:
    return choices[number_of(text, len(choices))]


def _made(name: str, day: date, cited: Record, place: int) -> Record:
    preprint = number_of(name + "/preprint", 3) == 0
    # Preprints that cite one paper come one after the other: no two have the same number.
    own = 90_000 + (number_of(cited.key, 10_000) + place) % 10_000
    return Record(
        key=name,
        sha=sha_of(name),
        corpus=270_000_000 + number_of(name + "/corpus", 90_000_000_000),
        title=(
            f"{_pick(ADJECTIVES, name + '/a')} {_pick(NOUNS, name + '/b')} for "
            f"{_pick(ADJECTIVES, name + '/c')} {_pick(GOALS, name + '/d')} with "
            f"{_pick(NOUNS, name + '/e')}"
        ),
        authors=_authors(name, cited),
        year=day.year,
        venue=PREPRINTS if preprint else _pick(VENUES, name + "/venue"),
        count=number_of(name + "/count", 90),
        per_year=0.0,
        arxiv=f"{day.year % 100:02d}{day.month:02d}.{own}" if preprint else None,
        arxiv_doi=preprint,
        doi=None if preprint else f"10.5555/cites.{sha_of(name)[:12]}",
    )


def _authors(name: str, cited: Record) -> tuple[str, ...]:
    """Two to five people; now and then one of them wrote the cited paper."""
    people = [
        f"{_pick(GIVEN, f'{name}/given/{at}')} {_pick(FAMILY, f'{name}/family/{at}')}"
        for at in range(2 + number_of(name + "/people", 4))
    ]
    if cited.authors and number_of(name + "/self", SELF_SHARE) == 0:
        people[number_of(name + "/place", len(people))] = _pick(cited.authors, name + "/own")
    return tuple(dict.fromkeys(people))


def passing(place: int, every: int) -> int:
    """The ``place``-th whole number, from 1, of those that ``every`` does not divide."""
    return place + (place - 1) // (every - 1)
