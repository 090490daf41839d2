"""What is expected of one count, in words and for programs."""

from __future__ import annotations

from datetime import date

from citewatch.domain.forecast import COVERAGE, Day, Forecast
from citewatch.domain.milestones import badge_text

CSV_COLUMNS = (
    "next", "next_expected", "next_low", "next_high",
    "forecast_90d", "forecast_90d_low", "forecast_90d_high",
    "forecast_365d", "forecast_365d_low", "forecast_365d_high",
)  # fmt: skip
_EPOCH = date(1970, 1, 1).toordinal()


def iso_day(day: Day | None) -> str | None:
    """``2027-01-14``."""
    return None if day is None else date.fromordinal(_EPOCH + day).isoformat()


def next_data(forecast: Forecast | None) -> dict[str, object] | None:
    """The ``next`` of a paper; a date beyond what is foreseen is absent."""
    if forecast is None or forecast.next is None:
        return None
    coming = forecast.next
    said = {
        "threshold": coming.threshold,
        "expected": iso_day(coming.expected_on),
        "low": iso_day(coming.low_on),
        "high": iso_day(coming.high_on),
        "coverage": COVERAGE,
    }
    return {name: value for name, value in said.items() if value is not None}


def forecast_data(forecast: Forecast | None) -> dict[str, object] | None:
    """The ``forecast`` of a paper: counts by days ahead."""
    if forecast is None:
        return None
    return {
        f"{days}d": {"citations": said.citations, "low": said.low, "high": said.high}
        for days, said in forecast.horizons
    }


def csv_cells(forecast: Forecast | None) -> list[object]:
    """The cells under `CSV_COLUMNS`, None where nothing is foreseen."""
    coming = None if forecast is None else forecast.next
    cells: list[object] = [None] * 4
    if coming is not None:
        days = (coming.expected_on, coming.low_on, coming.high_on)
        cells = [coming.threshold, *map(iso_day, days)]
    said = () if forecast is None else forecast.horizons
    cells += [number for _, e in said for number in (e.citations, e.low, e.high)]
    return cells + [None] * (len(CSV_COLUMNS) - len(cells))


def next_text(forecast: Forecast | None) -> str:
    """``500+ ~2027-03``: the next threshold and the month in which it is expected.

    "" where nothing is foreseen, also when that is because it lies too far ahead.
    """
    if forecast is None or forecast.next is None or forecast.next.expected_on is None:
        return ""
    month = (iso_day(forecast.next.expected_on) or "")[:7]
    return f"{badge_text(forecast.next.threshold)} ~{month}"
