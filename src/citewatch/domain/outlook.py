"""What a count will be: a count process whose rate changes, in closed form.

The rate is a discounted Gamma-Poisson estimate: gains over days under observation, begun
with a small prior that depends on the count alone. What is usual (a year's memory) is
the prior of what happens lately (four months), which weighs the more the more gains it
rests on. The gain over the coming days is over-dispersed: its variance is
``dispersion * mean`` for the counting and ``doubt * mean²`` for the rate, so that the
spread of a large count is in proportion to its rate, not to its root. Quantiles come
from the gamma distribution of that mean and variance (Wilson and Hilferty's cube).

All constants were fitted on recorded series whose id has an even SHA-1; see
docs/design.md, and ``benchmarks/forecast.py`` for how they fare on the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, floor, sqrt

from citewatch.domain.forecast import Expected, Forecast, NextThreshold
from citewatch.domain.pace import Pace, unchanged_until
from citewatch.domain.papers import DAY, Instant

HORIZONS_D = (90, 365)
SHORTEST_S = DAY
"""Nothing is foreseen from less history."""
STALE_S = 366 * DAY
"""Nothing is foreseen from a count that nobody has confirmed for longer."""
FARTHEST_D = 3650
"""Thresholds that lie farther ahead get no date."""

YEAR_D = 365.0
Z = 1.2815515655446004
"""90 % of a normal distribution lie below: the ends of an 80 % interval."""

PRIOR_DAYS = 30.0
"""The prior weighs as much as so many days of observation."""
PRIOR_MEMORY_D = 1000.0
"""It fades too: who was quiet for years is not expected to be as busy as others."""
LEAST_GAIN = 0.05
"""But nobody is expected to stay quiet for ever."""
PRIOR_BASE, PRIOR_SCALE, PRIOR_POWER = 7.6, 0.51, 0.9
"""Citations a year at count n: ``base + scale * n ** power``."""
LATELY_GAINS = 4.1
"""With so many recent gains, what happens lately decides half."""
GROWTH, GROWTH_AT_ONCE, GROWTH_UNSEEN, GROWTH_PEAK = -0.02, 0.12, 0.22, -0.29
"""How the logarithm of the rate moves in a year: always, for counts that came within
months, for series that are new to us, and for those that are a year's gains old."""
DISPERSION, DISPERSION_YEAR = 1.2, 1.9
"""Variance for each citation expected, and how much more for each year ahead."""
DOUBT, DOUBT_YEAR = 0.041, 0.28
"""Variance of the rate relative to its square: always, and for a young count in a year."""
DOUBT_UNSEEN, UNSEEN_DAYS = 1.3, 23.0
"""The same for a series that is new to us, and the days in which that fades."""
INWARD = 0.25
"""Ends are rounded inward by so much: whole numbers at both ends hold more than 80 %."""
MIDDLE = 0.5
_ASIDE = (1, 1, 1, 0.98, 1.02)
"""Where the day of a threshold is looked for first, around the likely one."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """The law of a count from ``known_at`` on."""

    count: int
    rate: float
    """Citations a day now."""
    growth: float
    """What the rate's logarithm gains in a year; it stays put after that."""
    young_doubt: float
    """Relative variance of the rate that a year adds."""
    doubt: float

    def gain(self, days: float, swing: float) -> float:
        """Citations gained by then, at so many standard deviations from the middle.

        It never falls with the days.
        """
        year = days / YEAR_D
        soon = min(1.0, year)
        mean = self.rate * days * exp(self.growth * soon**0.7)
        if mean <= 0:
            return 0.0
        dispersion = DISPERSION + DISPERSION_YEAR * year
        # A ninth of the square of the gain's relative spread: Wilson and Hilferty.
        ninth = (dispersion / mean + self.doubt + self.young_doubt * soon) / 9
        root = 1 - ninth + swing * sqrt(ninth)
        return mean * root * root * root if root > 0 else 0.0

    def expected(self, days: float) -> Expected:
        """The count that many days ahead. Median and both ends never fall with the days."""
        median = floor(self.gain(days, 0.0) + MIDDLE)
        low = ceil(self.gain(days, -Z) - INWARD)
        high = floor(self.gain(days, Z) + INWARD)
        return Expected(
            citations=self.count + median,
            low=self.count + min(low, median),
            high=self.count + max(high, median),
        )

    def first_day(self, gain: float, swing: float, *, lag_d: float) -> int | None:
        """Whole days ahead, counted ``lag_d`` days from now, on which a gain is reached."""
        if self.gain(FARTHEST_D + lag_d, swing) < gain:
            return None
        before, after = 0, FARTHEST_D
        likely = gain / self.rate
        for aside in _ASIDE:
            # The gain grows nearly as the days do: a guess, then one to either side of a better.
            step = int(likely * aside - lag_d)
            if before < step < after:
                there = self.gain(step + lag_d, swing)
                if there >= gain:
                    after = step
                else:
                    before = step
                if there > 0 and aside == 1:
                    likely = (step + lag_d) * gain / there
        while after - before > 1:
            middle = (before + after) // 2
            if self.gain(middle + lag_d, swing) >= gain:
                after = middle
            else:
                before = middle
        return after


def outlook(pace: Pace) -> Outlook:
    """The law that follows from a pace, at its own instant."""
    prior = (PRIOR_BASE + PRIOR_SCALE * pace.count**PRIOR_POWER) / YEAR_D
    lately_gained, gained = max(0.0, pace.gains[0]), max(0.0, pace.gains[1])
    prior_days = PRIOR_DAYS * exp(-pace.span_d / PRIOR_MEMORY_D)
    usual = (gained + prior_days * prior + LEAST_GAIN) / (pace.days[1] + prior_days)
    lately = (lately_gained + usual) / (pace.days[0] + 1)
    weight = lately_gained / (lately_gained + LATELY_GAINS)
    rate = usual * (lately / usual) ** weight
    age = (pace.count + 0.5) / (rate * YEAR_D + 0.2)
    """Years in which the count came, had it always come at this rate."""
    young, unseen = exp(-age), exp(-pace.span_d / YEAR_D)
    return Outlook(
        count=pace.count,
        rate=rate,
        growth=GROWTH + GROWTH_AT_ONCE * young + GROWTH_UNSEEN * unseen + GROWTH_PEAK * age * young,
        young_doubt=DOUBT_YEAR * young,
        doubt=DOUBT + DOUBT_UNSEEN * exp(-pace.span_d / UNSEEN_DAYS),
    )


def foresee(
    pace: Pace, *, known_at: Instant, made_at: Instant, threshold: int | None = None
) -> Forecast | None:
    """The forecast made at ``made_at`` of a count last confirmed at ``known_at``.

    ``threshold`` is the next one of the ladder. None without a day of history, and
    where the count was not confirmed for more than a year.
    """
    if known_at - pace.first_at < SHORTEST_S or made_at - known_at > STALE_S:
        return None
    law = outlook(unchanged_until(pace, known_at))
    lag_d = max(0, made_at - known_at) / DAY
    return Forecast(
        horizons=tuple((days, law.expected(days + lag_d)) for days in HORIZONS_D),
        next=None if threshold is None else _next(law, threshold, made_at=made_at, lag_d=lag_d),
    )


def _next(law: Outlook, threshold: int, *, made_at: Instant, lag_d: float) -> NextThreshold:
    """When `Outlook.expected` reaches the threshold, at its median and at its ends."""
    missing, today = threshold - law.count, made_at // DAY
    middle = law.first_day(missing - MIDDLE, 0.0, lag_d=lag_d)
    early = law.first_day(missing - INWARD, Z, lag_d=lag_d)
    late = law.first_day(missing - 1 + INWARD, -Z, lag_d=lag_d)
    if middle is not None:
        early = middle if early is None else min(early, middle)
    if late is not None:
        late = None if middle is None else max(late, middle)
    return NextThreshold(
        threshold=threshold,
        expected_on=None if middle is None else today + middle,
        low_on=None if early is None else today + early,
        high_on=None if late is None else today + late,
    )
