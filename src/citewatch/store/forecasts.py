"""Forecasts as they were made.

A forecast is due when the count has changed since the last one, and when nothing has
changed for a month. Every forecast is kept until the next one; then it stays only if it
was made four weeks or more after the one that is kept before it. What comes after it has
no say in that, so those that are kept are as good as those that are not; and no series
grows by more than 13 rows a year, however often its count moves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from citewatch.domain.forecast import Expected, Forecast, NextThreshold
from citewatch.domain.outlook import HORIZONS_D, SHORTEST_S, STALE_S
from citewatch.domain.pace import Pace
from citewatch.domain.papers import DAY, Instant
from citewatch.ports import MadeForecast
from citewatch.store.catalog import numbers_text
from citewatch.store.engine import Database, raw_rows

APART_S = 28 * DAY
_SPREAD = 14
"""Quiet series fall due over so many days, not all of a list in one pass."""

_DUE = f"""SELECT t.paper_id FROM json_each(?) n CROSS JOIN track t
    WHERE t.paper_id = n.value AND t.source = ?
    AND t.citation_count IS NOT NULL AND t.counted_at >= ? AND (
        (EXISTS (SELECT 1 FROM snapshot s WHERE s.series_id = t.id
                AND s.at <= t.counted_at - {SHORTEST_S} AND s.at < t.changed_at)
            AND NOT EXISTS (SELECT 1 FROM forecast f
                WHERE f.series_id = t.id AND f.made_at >= t.changed_at))
        OR t.counted_at - {APART_S} - (t.id % {_SPREAD}) * {DAY} >= coalesce(
            (SELECT max(f.made_at) FROM forecast f WHERE f.series_id = t.id), t.changed_at))
    ORDER BY t.paper_id"""  # noqa: S608  (constants)

_COLUMNS = """series_id, made_at, known_at, changed_at, first_at, citation_count,
    lately_gained, usually_gained, lately_days, usually_days, ignored, median_90, low_90, high_90,
    median_365, low_365, high_365, threshold, expected_on, low_on, high_on"""
_INSERT = f"""INSERT INTO forecast ({_COLUMNS}) VALUES ({", ".join(["?"] * 21)})
    ON CONFLICT (series_id, made_at) DO NOTHING"""  # noqa: S608  (constants)
# The newest one goes when it is too close to the one before.
_THIN = f"""DELETE FROM forecast WHERE series_id IN (SELECT n.value FROM json_each(?) n)
    AND made_at = (SELECT max(f.made_at) FROM forecast f
        WHERE f.series_id = forecast.series_id)
    AND made_at < {APART_S} + (SELECT max(f.made_at) FROM forecast f
        WHERE f.series_id = forecast.series_id AND f.made_at < forecast.made_at)"""  # noqa: S608

_READ = ", ".join(f"f.{name.strip()}" for name in _COLUMNS.split(","))
_MADE = f"""SELECT t.paper_id, t.source, {_READ} FROM json_each(?) n CROSS JOIN track t
    JOIN forecast f ON f.series_id = t.id WHERE t.paper_id = n.value
    ORDER BY t.paper_id, t.id, f.made_at"""  # noqa: S608  (constants)
_PACES = """SELECT f.series_id, f.changed_at, f.first_at, f.citation_count,
        f.lately_gained, f.usually_gained, f.lately_days, f.usually_days, f.ignored
    FROM json_each(?) n CROSS JOIN forecast f
    WHERE f.series_id = n.value AND f.made_at =
        (SELECT max(b.made_at) FROM forecast b WHERE b.series_id = n.value)"""


@dataclass(frozen=True, slots=True)
class SqlForecasts:
    """`citewatch.ports.Forecasts` over one table."""

    database: Database

    def due(self, source: str, papers: Collection[int], *, now: Instant) -> Sequence[int]:
        """Of these papers those of which a new forecast is to be made, ascending."""
        with self.database.read() as connection:
            values = (numbers_text(papers), source, now - STALE_S)
            return [int(row[0]) for row in connection.exec_driver_sql(_DUE, values)]

    def save(self, made: Sequence[MadeForecast]) -> None:
        """Keep these as the newest of their series, and thin out the ones before."""
        if not made:
            return
        with self.database.write() as connection:
            connection.exec_driver_sql(_THIN, (numbers_text(m.series for m in made),))
            connection.exec_driver_sql(_INSERT, [_cells(m) for m in made])

    def paces(self, series: Collection[int]) -> Mapping[int, Pace]:
        """Series → the pace of its newest forecast."""
        with self.database.read() as connection:
            rows = raw_rows(connection, _PACES, (numbers_text(series),))
            return {row[0]: _pace(row[1:]) for row in rows}

    def made(self, papers: Collection[int]) -> Sequence[MadeForecast]:
        """All that are kept, by paper and source, ascending in time."""
        with self.database.read() as connection:
            return list(_made(connection, papers))


def _made(connection: Connection, papers: Collection[int]) -> Iterator[MadeForecast]:
    for row in connection.exec_driver_sql(_MADE, (numbers_text(papers),)):
        paper, source, series, made_at, known_at, *rest = row
        said = [
            Expected(citations=m, low=low, high=high) for m, low, high in (rest[8:11], rest[11:14])
        ]
        threshold, expected_on, low_on, high_on = rest[14:18]
        coming = None if threshold is None else NextThreshold(
            threshold=threshold, expected_on=expected_on, low_on=low_on, high_on=high_on
        )  # fmt: skip
        yield MadeForecast(
            series=series, paper=paper, source=source, made_at=made_at, known_at=known_at,
            pace=_pace(rest[:8]),
            forecast=Forecast(horizons=tuple(zip(HORIZONS_D, said, strict=True)), next=coming),
        )  # fmt: skip


def _pace(row: Sequence[Any]) -> Pace:
    changed_at, first_at, count, lately, usually, lately_days, usually_days, ignored = row
    return Pace(
        first_at=first_at, at=changed_at, count=count, gains=(lately, usually),
        days=(lately_days, usually_days), ignored=ignored,
    )  # fmt: skip


def _cells(made: MadeForecast) -> tuple[int | float | None, ...]:
    pace, said = made.pace, dict(made.forecast.horizons)
    near, far = (said[days] for days in HORIZONS_D)
    coming = made.forecast.next
    return (
        made.series, made.made_at, made.known_at, pace.at, pace.first_at, pace.count,
        *pace.gains, *pace.days, pace.ignored,
        near.citations, near.low, near.high, far.citations, far.low, far.high,
        *((None,) * 4 if coming is None else (
            coming.threshold, coming.expected_on, coming.low_on, coming.high_on)),
    )  # fmt: skip
