"""The memory of forecasts: what was foreseen, and from what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from citewatch.domain.forecast import Forecast
from citewatch.domain.pace import Pace
from citewatch.domain.papers import Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeForecast:
    """A forecast as it was made, never altered."""

    series: int
    paper: int
    source: str
    made_at: Instant
    known_at: Instant
    """When the source had last confirmed the count."""
    pace: Pace
    """At the newest change of the count by then."""
    forecast: Forecast


class Forecasts(Protocol):
    """What was foreseen. One short transaction a call."""

    def due(self, source: str, papers: Collection[int], *, now: Instant) -> Sequence[int]:
        """Of these papers those of which a new forecast is to be made, ascending."""

    def save(self, made: Sequence[MadeForecast]) -> None:
        """Keep these as the newest of their series, and thin out the ones before."""

    def paces(self, series: Collection[int]) -> Mapping[int, Pace]:
        """Series → the pace of its newest forecast."""

    def made(self, papers: Collection[int]) -> Sequence[MadeForecast]:
        """All that are kept, by paper and source, ascending in time."""
