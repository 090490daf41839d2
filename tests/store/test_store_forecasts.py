"""Forecasts in a database: what is due, what comes back, what is thinned out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from store_samples import NOW, S2, keep, one_series, reading

from citewatch.domain.forecast import Expected, Forecast, NextThreshold
from citewatch.domain.pace import Pace
from citewatch.domain.papers import DAY, Held
from citewatch.ports import Batch, MadeForecast
from citewatch.store import SqlStore

PACE = Pace(
    first_at=NOW - 90 * DAY, at=NOW - 3 * DAY, count=437, gains=(3.1, 1 / 3),
    days=(50.000000000000007, 77.7), ignored=-0.1,
)  # fmt: skip
FORECAST = Forecast(
    horizons=(
        (90, Expected(citations=440, low=438, high=445)),
        (365, Expected(citations=455, low=443, high=471)),
    ),
    next=NextThreshold(threshold=500, expected_on=21_000, low_on=20_900, high_on=None),
)


def made(held: Held, at: int, **more: object) -> MadeForecast:
    one = MadeForecast(
        series=held.series, paper=held.paper, source=held.source, made_at=at, known_at=at - 60,
        pace=PACE, forecast=FORECAST,
    )  # fmt: skip
    return replace(one, **more)  # type: ignore[arg-type]


def confirmed(store: SqlStore, held: Held, *, changed_at: int, counted_at: int) -> None:
    after = replace(held, citation_count=5, changed_at=changed_at, counted_at=counted_at)
    store.apply(Batch(helds=[after]))


def times(store: SqlStore, held: Held) -> list[int]:
    return [one.made_at for one in store.forecasts().made([held.paper])]


@pytest.mark.parametrize(
    "forecast", [FORECAST, replace(FORECAST, next=None),
                 replace(FORECAST, next=NextThreshold(
                     threshold=500, expected_on=None, low_on=None, high_on=None))],
    ids=["all", "no threshold", "a threshold without a date"],
)  # fmt: skip
def test_a_forecast_comes_back_as_it_was_made(store: SqlStore, forecast: Forecast) -> None:
    held = one_series(store)
    one = made(held, NOW, forecast=forecast)
    store.forecasts().save([one])
    assert store.forecasts().made([held.paper]) == [one]
    assert store.forecasts().paces([held.series]) == {held.series: PACE}
    assert store.forecasts().made([held.paper + 1]) == []
    assert store.forecasts().paces([]) == {}


def test_the_newest_is_kept_and_the_others_four_weeks_apart(store: SqlStore) -> None:
    held = one_series(store)
    for day in range(0, 100, 5):
        store.forecasts().save([made(held, NOW + day * DAY)])
    days = [(at - NOW) // DAY for at in times(store, held)]
    assert days == [0, 30, 60, 90, 95]
    store.forecasts().save([made(held, NOW + 95 * DAY)])
    assert len(times(store, held)) <= 5


def test_the_pace_is_that_of_the_newest(store: SqlStore) -> None:
    held = one_series(store)
    newer = replace(PACE, count=438)
    store.forecasts().save([made(held, NOW)])
    store.forecasts().save([made(held, NOW + DAY, pace=newer)])
    assert store.forecasts().paces([held.series]) == {held.series: newer}


def test_what_has_changed_is_due_until_it_is_foreseen(store: SqlStore) -> None:
    held = one_series(store)
    due = store.forecasts().due
    keep(store, held.series, reading(NOW, 4), reading(NOW + 2 * DAY, 5))
    confirmed(store, held, changed_at=NOW + 2 * DAY, counted_at=NOW + 2 * DAY)
    now = NOW + 3 * DAY
    assert due(S2, [held.paper], now=now) == [held.paper]
    assert due("openalex", [held.paper], now=now) == []
    assert due(S2, [held.paper + 1], now=now) == []
    store.forecasts().save([made(held, now)])
    assert due(S2, [held.paper], now=now) == []


def test_one_reading_is_no_history(store: SqlStore) -> None:
    held = one_series(store)
    keep(store, held.series, reading(NOW, 5))
    confirmed(store, held, changed_at=NOW, counted_at=NOW + 5 * DAY)
    assert store.forecasts().due(S2, [held.paper], now=NOW + 5 * DAY) == []


def test_two_readings_of_one_day_are_no_history(store: SqlStore) -> None:
    held = one_series(store)
    keep(store, held.series, reading(NOW, 4), reading(NOW + 60, 5))
    confirmed(store, held, changed_at=NOW + 60, counted_at=NOW + 60)
    assert store.forecasts().due(S2, [held.paper], now=NOW + 60) == []


def test_what_is_quiet_is_due_about_monthly(store: SqlStore) -> None:
    held = one_series(store)
    keep(store, held.series, reading(NOW, 5))
    due_on = []
    for day in range(1, 130):
        now = NOW + day * DAY
        confirmed(store, held, changed_at=NOW, counted_at=now)
        if store.forecasts().due(S2, [held.paper], now=now):
            due_on.append(day)
            store.forecasts().save([made(held, now)])
    assert due_on == [29, 58, 87, 116]


def test_what_nobody_confirmed_for_a_year_is_not_due(store: SqlStore) -> None:
    held = one_series(store)
    keep(store, held.series, reading(NOW, 4), reading(NOW + 2 * DAY, 5))
    confirmed(store, held, changed_at=NOW + 2 * DAY, counted_at=NOW + 2 * DAY)
    assert store.forecasts().due(S2, [held.paper], now=NOW + 400 * DAY) == []
