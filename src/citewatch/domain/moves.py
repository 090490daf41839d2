"""What a series did beyond the deltas: acceleration, best month, sleep and waking. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import pairwise

from citewatch.domain.papers import DAY, Instant
from citewatch.domain.trends import (
    YEAR_S,
    Asked,
    Counted,
    gained,
    looked_at,
    rate,
    year_start,
)

MONTHS = 12
"""The best month is looked for among so many whole calendar months."""
HALF_YEAR_S = YEAR_S // 2
WAKE_S = 90 * DAY
ASLEEP_AT_MOST, AWAKE_FROM = 1, 3
"""A year with at most one citation is sleep; three in ninety days are waking."""


def earlier_start(start_at: Instant, begins_at: Instant | None, asked: Asked) -> Instant | None:
    """Where the year before the last one begins; None with less than half of it observed."""
    found = year_start(begins_at, start_at, asked)
    return found if found is not None and start_at - found >= HALF_YEAR_S else None


def acceleration(series: Counted, end_at: Instant, *, asked: Asked) -> float | None:
    """The yearly rate of the last year minus that of the year before.

    None unless at least half of each of the two years was observed.
    """
    start_at = year_start(series.begins_at, end_at, asked)
    if start_at is None or end_at - start_at < HALF_YEAR_S:
        return None
    before_at = earlier_start(start_at, series.begins_at, asked)
    if before_at is None:
        return None
    middle = series.at(start_at)
    now = rate(gained(middle, series.last), start_at, end_at)
    before = rate(gained(series.at(before_at), middle), before_at, start_at)
    return None if now is None or before is None else now - before


def month_starts(end_at: Instant, *, months: int = MONTHS) -> tuple[Instant, ...]:
    """When the last whole calendar months (UTC) began, ascending; the end of the last too."""
    end = datetime.fromtimestamp(end_at, tz=UTC)
    number = end.year * 12 + end.month - 1
    return tuple(_month(number - back) for back in range(months, -1, -1))


def _month(number: int) -> Instant:
    return int(datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC).timestamp())


def best_month(
    series: Counted, starts: tuple[Instant, ...], *, asked: Asked, within_s: int
) -> tuple[str, int] | None:
    """(``2025-03``, gain): the whole month with the largest gain, the newest of equal ones.

    A month counts when the source was asked around its beginning and its end, so that
    what came in during a gap is not taken for one month's. None where nothing was gained.
    """
    counts = series.along(starts)
    gains = [
        (after - before, place)
        for place, (before, after) in enumerate(pairwise(counts))
        if before is not None and after is not None and after > before
    ]
    # The best month is nearly always one that counts, so the asks of few are looked at.
    while gains:
        gain, place = best = max(gains)
        if looked_at(series, starts[place], asked=asked, within_s=within_s) and looked_at(
            series, starts[place + 1], asked=asked, within_s=within_s
        ):
            return month_name(starts[place]), gain
        gains.remove(best)
    return None


@lru_cache(maxsize=64)
def month_name(at: Instant) -> str:
    """``2025-03``."""
    return datetime.fromtimestamp(at, tz=UTC).strftime("%Y-%m")


def waking_instants(end_at: Instant) -> tuple[Instant, Instant]:
    """Where the sleep would have begun, and where it would have ended."""
    return end_at - WAKE_S - YEAR_S, end_at - WAKE_S


def woke(
    series: Counted, end_at: Instant, *, asked: Asked, within_s: int
) -> tuple[int, int] | None:
    """(gain of the year of sleep, gain since), where a paper slept and is cited again.

    It slept when it gained at most `ASLEEP_AT_MOST` in the 365 days that ended 90 days
    ago, and woke when it has gained at least `AWAKE_FROM` since. None otherwise, and
    where the source was not asked around either instant.
    """
    slept_at, woke_at = waking_instants(end_at)
    asleep = gained(series.at(slept_at), series.at(woke_at))
    awake = gained(series.at(woke_at), series.last)
    if asleep is None or awake is None or awake < AWAKE_FROM:
        return None
    if not 0 <= asleep <= ASLEEP_AT_MOST:
        return None
    for at in (slept_at, woke_at):
        if not looked_at(series, at, asked=asked, within_s=within_s):
            return None
    return asleep, awake


def age_years(published_on: str | None, year: int | None, today: date) -> float | None:
    """Years since the first publication; whole calendar years where only the year is known.

    None for a date that lies ahead or cannot be read.
    """
    if published_on:
        try:
            age = (today - date.fromisoformat(published_on)).days / 365.25
        except ValueError:
            age = -1
        if age >= 0:
            return round(age, 1)
    return float(today.year - year) if year is not None and year <= today.year else None


def day_of(at: Instant) -> date:
    """The day (UTC) of an instant."""
    return datetime.fromtimestamp(at, tz=UTC).date()
