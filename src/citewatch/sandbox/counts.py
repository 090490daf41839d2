"""How the counts of the made world move: a pure function of the record and the day.

The process is what real series do: growth in small steps that slows with age, now and
then a small fall that comes back after some days, rarely one that stays.
"""

from __future__ import annotations

import hashlib
import math
from typing import Protocol

from citewatch.sandbox.events import active, event
from citewatch.sandbox.records import Record, number_of

DIP_BLOCK = 90
"""Days in which a record has at most one small fall of its own."""
DIP_SHARE = 0.3
SLOWING = 0.88
"""What is left of the yearly gain a year later."""
ZERO_SHARE = 0.3
FIRST_HORIZON = 1_024


class CountModel(Protocol):
    """Citations and influential citations of a record on a day."""

    def at(self, record: Record, day: int) -> tuple[int, int]: ...

    def grown(self, record: Record, day: int) -> int:
        """Citing works that have ever come by a day: what `at` falls short of in a dip."""

    def stirs(self, record: Record, number: int) -> bool:
        """Whether the citing work of that number, in order of coming, is an influential one."""


class LivingCounts:
    """Counts of a small world, built day by day from hashes of ``seed``."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._grown: dict[str, list[int]] = {}

    def at(self, record: Record, day: int) -> tuple[int, int]:
        """(citations, influential citations) on a day; before day 0 that of day 0."""
        day = max(day, 0)
        grown = self._growth(record, day)
        count = self._events(record, day, grown - self._dip(record, day, grown))
        return count, min(count, grown * _stirring(record) // 1_000)

    def grown(self, record: Record, day: int) -> int:
        """Without any fall."""
        return self._growth(record, max(day, 0))

    def stirs(self, record: Record, number: int) -> bool:
        """As many of the first n as `at` counts."""
        share = _stirring(record)
        return number * share // 1_000 > (number - 1) * share // 1_000

    def _growth(self, record: Record, day: int) -> int:
        series = self._grown.get(record.key)
        if series is None or day >= len(series):
            horizon = FIRST_HORIZON
            while horizon <= day:
                horizon *= 2
            series = self._series(record, horizon)
            # Replaced whole, never extended: two threads may ask at once.
            self._grown[record.key] = series
        return series[day]

    def _series(self, record: Record, days: int) -> list[int]:
        count, series = record.count, []
        for day in range(days):
            series.append(count)
            daily = record.per_year / 365 * math.pow(SLOWING, day / 365)
            chance = self._chance(record.key, day)
            count += _poisson(chance, daily)
        return series

    def _chance(self, key: str, day: int) -> float:
        text = f"{self._seed}/{key}/{day}".encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest()) / (1 << 48)

    def _dip(self, record: Record, day: int, grown: int) -> int:
        """A small fall of the record's own; none in the first ten days of a block."""
        block, inside = divmod(day, DIP_BLOCK)
        text = f"{self._seed}/dip/{record.key}/{block}"
        if number_of(text, 1_000) >= DIP_SHARE * 1_000:
            return 0
        begin = 10 + number_of(text + "/begin", DIP_BLOCK - 20)
        length = 2 + number_of(text + "/length", 8)
        depth = max(1, grown * (1 + number_of(text + "/depth", 3)) // 100)
        return min(depth, grown) if begin <= inside < begin + length else 0

    def _events(self, record: Record, day: int, count: int) -> int:
        if active("s2_dip", day) and record.key == f"p{event('s2_dip').paper}":
            count = min(count, 99 - number_of(f"{self._seed}/low", 3))
        if active("s2_drop", day) and record.key == f"p{event('s2_drop').paper}":
            count -= count // 10
        if active("s2_zeros", day) and self.zeroed(record):
            count = 0
        return max(count, 0)

    def zeroed(self, record: Record) -> bool:
        """Whether the record is among those that stand at 0 on the faulty day."""
        return number_of(f"{self._seed}/zero/{record.key}", 1_000) < ZERO_SHARE * 1_000


def _stirring(record: Record) -> int:
    """Influential citations among a thousand."""
    return 60 + number_of(record.key, 60)


def _poisson(chance: float, mean: float) -> int:
    """The Poisson quantile of ``chance``; ``mean`` is small here."""
    count, term = 0, math.exp(-mean)
    total = term
    while chance > total and count < 100:
        count += 1
        term *= mean / count
        total += term
    return count


class SteadyCounts:
    """Counts of a large world: each record gains one every ``period`` days, in closed form."""

    def __init__(self, change_share: float) -> None:
        self._period = max(1, round(1 / change_share)) if change_share > 0 else 0

    def at(self, record: Record, day: int) -> tuple[int, int]:
        """(citations, influential citations) on a day."""
        if not self._period:
            return record.count, record.count // 10
        phase = record.corpus % self._period
        count = record.count + (max(day, 0) + phase) // self._period
        return count, count // 10

    def grown(self, record: Record, day: int) -> int:
        """The same as the count."""
        return self.at(record, day)[0]

    def stirs(self, record: Record, number: int) -> bool:  # noqa: ARG002 - the same for all
        """Every tenth."""
        return number % 10 == 0
