"""How often OpenAlex and Crossref say that a paper is cited: less often than Semantic Scholar.

They see fewer citing works, each its own part of them, and grow by the same process in
closed form: a count at any day costs the same, and never falls unless an event says so.
"""

from __future__ import annotations

import math

from citewatch.sandbox.counts import SLOWING
from citewatch.sandbox.records import DAY_S, Record, number_of
from citewatch.sandbox.world import World

OPENALEX_SHARE = 0.6
CROSSREF_SHARE = 0.45
_CHANCES = 1_000

Parts = tuple[tuple[Record, float], ...]
"""What a count is made of: records, and the share of each one's citations that is seen."""


def grown(world: World, parts: Parts, day: int, *, source: str) -> int:
    """Citations on a day without any event; ``source`` decides when each one is seen."""
    day = max(day, 0)
    return sum(_seen(share * _base(world, record, day), record, source) for record, share in parts)


def _base(world: World, record: Record, day: int) -> float:
    """Expected citations on a day. A world without events has a count model of its own."""
    if not world.eventful:
        return world.count(record, world.start + day * DAY_S)[0]
    decay = math.log(SLOWING) / 365
    return record.count + record.per_year / 365 * math.expm1(decay * day) / decay


def _seen(amount: float, record: Record, source: str) -> int:
    """The whole citations in an amount: each comes at a moment of its own, none goes."""
    whole = math.floor(amount)
    moment = 1 + number_of(f"{source}/{record.key}/{whole}", _CHANCES)
    return whole + ((amount - whole) * _CHANCES >= moment)


def last_growth(world: World, parts: Parts, day: int, *, source: str) -> int | None:
    """The day, up to ``day``, on which the count last grew; None when that was before day 0."""
    now = grown(world, parts, day, source=source)
    low, high = 0, max(day, 0)
    while low < high:
        middle = (low + high) // 2
        if grown(world, parts, middle, source=source) == now:
            high = middle
        else:
            low = middle + 1
    return low or None
