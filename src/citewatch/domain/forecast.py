"""Forecasts of a count: what is expected, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Day: TypeAlias = int
"""Days since 1970-01-01 UTC."""

COVERAGE = 0.8
"""The share of forecasts whose interval is to hold what comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A count on a coming day: median and the ends of the `COVERAGE` interval."""

    citations: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NextThreshold:
    """The day on which a threshold is expected; None beyond what is foreseen."""

    threshold: int
    expected_on: Day | None
    low_on: Day | None
    high_on: Day | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What one series is expected to do, from one instant on."""

    horizons: tuple[tuple[int, Expected], ...]
    """(days ahead, expected), ascending: 90 and 365."""
    next: NextThreshold | None = None
