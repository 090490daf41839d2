"""Axes: which counts and which days are marked, and where they fall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from math import ceil

from citewatch.domain.milestones import Ladder, badge_text
from citewatch.domain.papers import DAY, Instant


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight way from values ``low``…``high`` to places ``start``…``end``."""

    low: float
    high: float
    start: float
    end: float

    def place(self, value: float) -> float:
        """Where a value falls; not held back at the ends."""
        return self.start + (value - self.low) * (self.end - self.start) / (self.high - self.low)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis. ``step`` marks a threshold of the ladder."""

    value: float
    label: str
    step: bool = False


_LONG_D = 60
"""Days from which on a single mark at a month is better than several at days."""


def nice_step(span: float, at_most: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, … that cuts ``span`` into ``at_most`` pieces or fewer."""
    return next(step for step in _round_numbers() if step * at_most >= span)


def _round_numbers() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50, …"""
    for power in count():
        yield from (10**power, 2 * 10**power, 5 * 10**power)


def count_range(counts: Sequence[int], ladder: Ladder | None = None) -> tuple[int, int]:
    """The lowest and highest count that an axis shows: room around what is drawn.

    It begins at 0 unless that would leave more than half of it empty, and holds the next
    threshold of the ladder when that is near. It covers a tenth of the highest count at
    least, so that a step of one does not look like a leap.
    """
    low, high = min(counts), max(counts)
    low = max(0, min(low, high - max(4, high // 10)))
    if low < high / 2 or high < 10:
        low = 0
    span = max(high - low, 4)
    top = high + max(1, span // 12)
    if ladder is not None:
        following = _next_threshold(ladder, high)
        top = max(top, following if following <= high + span // 3 else 0)
    step = nice_step(top - low, 10)
    return low // step * step, max(-(-top // step) * step, low + 2)


_STEPS_ENOUGH = 3


def _next_threshold(ladder: Ladder, reached: int) -> int:
    return min(
        (step for step in ladder.steps if step > reached),
        default=(reached // ladder.every + 1) * ladder.every,
    )


def count_ticks(low: int, high: int, *, apart: float, ladder: Ladder | None) -> list[Tick]:
    """Marks for counts, ascending, each at least ``apart`` counts from the next.

    Thresholds of the ladder come first, the highest and coarsest before the others; where
    there are few of them, round numbers fill the room. 0 is marked when it is there.
    """
    chosen: list[Tick] = []
    wanted = [Tick(0, "0")] if low == 0 else []
    if ladder is not None:
        steps = _thresholds(ladder, low, high, at_most=6)
        wanted += [Tick(t, badge_text(t), step=True) for t in steps]
    round_step = nice_step(high - low, 5)
    rounds = range(-(-low // round_step) * round_step, high + 1, round_step)
    wanted += [Tick(number, str(number)) for number in rounds]
    for tick in wanted:
        if tick.value and not tick.step and sum(t.step for t in chosen) > _STEPS_ENOUGH:
            break
        if all(abs(tick.value - other.value) >= apart for other in chosen):
            chosen.append(tick)
    return sorted(chosen, key=lambda tick: tick.value)


def _thresholds(ladder: Ladder, low: int, high: int, *, at_most: int) -> Iterator[int]:
    """Thresholds from ``low`` to ``high``, those that should be shown first first."""
    pieces = (high - low) // ladder.every
    every = ladder.every * next(n for n in _round_numbers() if pieces // n <= at_most)
    coarse = range(-(-low // every) * every, high + 1, every)
    for threshold in (*reversed(coarse), *sorted(ladder.steps, reverse=True)):
        if low <= threshold <= high and threshold > 0 and ladder.has(threshold):
            yield threshold


def time_ticks(start_at: Instant, end_at: Instant, *, letters: float) -> list[Tick]:
    """Marks for days, ascending, at least one: years, else months, else days.

    ``letters`` is the room for their labels, side by side with blanks between them.
    """
    days = (end_at - start_at) / DAY
    for months in (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200):
        found = [d for d in _months(start_at, end_at, every=months) if _instant(d) >= start_at]
        if len(found) <= _fitting(letters, "2026" if months % 12 == 0 else "2026-11"):
            if len(found) >= 2 or (found and days > _LONG_D):
                return [Tick(_instant(d), _label(d, months)) for d in found]
            break
    at_most = _fitting(letters, "2026-11-22")
    every = next((n for n in (1, 2, 7, 14, 28) if days / n <= at_most - 1), _LONG_D)
    last = _day(end_at)
    back = [last - timedelta(days=every * n) for n in range(at_most)]
    marks = [d for d in reversed(back) if _instant(d) >= start_at]
    return [Tick(_instant(d), d.isoformat()) for d in marks] or [Tick(end_at, last.isoformat())]


def _fitting(letters: float, label: str) -> int:
    return max(2, int(letters // (len(label) + 2)))


def _months(start_at: Instant, end_at: Instant, *, every: int) -> Iterator[date]:
    """First days of every so many months, counted from January (of the year 0)."""
    first, last = _day(start_at), _day(end_at)
    number = ceil((first.year * 12 + first.month - 1 + (first.day > 1)) / every) * every
    while number < 9999 * 12:
        found = date(number // 12, number % 12 + 1, 1)
        if found > last:
            return
        yield found
        number += every


def _label(day: date, months: int) -> str:
    return str(day.year) if months % 12 == 0 else f"{day.year}-{day.month:02d}"


def _day(at: Instant) -> date:
    return datetime.fromtimestamp(at, tz=UTC).date()


def _instant(day: date) -> Instant:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def iso_day(at: Instant) -> str:
    """``2026-11-22``."""
    return _day(at).isoformat()


def spread(places: Sequence[float], *, apart: float, low: float, high: float) -> list[float]:
    """Places for labels, as near to the wanted ones as ``apart`` allows, in their order.

    With more labels than room they overlap evenly rather than leave ``low``…``high``.
    """
    if not places:
        return []
    apart = min(apart, (high - low) / max(1, len(places) - 1))
    order = sorted(range(len(places)), key=lambda i: places[i])
    found = [0.0] * len(places)
    lowest = low
    for i in order:
        found[i] = max(places[i], lowest)
        lowest = found[i] + apart
    highest = high
    for i in reversed(order):
        found[i] = min(found[i], highest)
        highest = found[i] - apart
    return found


def extent(times: Iterable[Instant], *, least_s: int = 2 * DAY) -> tuple[Instant, Instant]:
    """The first and last of some instants, at least ``least_s`` apart."""
    known = sorted(times)
    first, last = known[0], known[-1]
    return (first, last) if last - first >= least_s else (last - least_s, last)
