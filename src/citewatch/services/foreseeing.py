"""Forecasts of what is watched: made when a reading changes, kept, and told by reports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice

from citewatch.domain.forecast import Forecast
from citewatch.domain.outlook import foresee
from citewatch.domain.pace import Pace, pace_of
from citewatch.domain.papers import DAY, Instant
from citewatch.ports import History, MadeForecast, Store
from citewatch.services.standing import Passes, Standing, stand

AT_ONCE = 500
"""Papers whose forecasts are made and stored together: in between, others may write."""

Above = Callable[[int], int]
"""The lowest threshold that a count has yet to reach."""


def note_forecasts(
    store: Store,
    source: str,
    papers: Collection[int],
    *,
    above: Above,
    now: Instant,
    anew: bool = False,
) -> int:
    """Make and keep the forecasts that are due for these papers at a source; how many.

    Whatever was missed (a pass that was killed, a database of an older version) is due
    the next time, so nothing has to be remembered. ``anew``: the past itself has changed,
    so all are made again.
    """
    if not papers:
        return 0
    forecasts = store.forecasts()
    due = iter(sorted(papers) if anew else forecasts.due(source, papers, now=now))
    kept = 0
    while some := list(islice(due, AT_ONCE)):
        made = list(_made(store, source, some, above=above, now=now))
        forecasts.save(made)
        kept += len(made)
    return kept


def _made(
    store: Store, source: str, papers: Collection[int], *, above: Above, now: Instant
) -> Iterator[MadeForecast]:
    for history in store.histories(papers=papers, sources={source}):
        standing = _standing_now(history, now)
        known_at, pace = standing.count.observed_at, pace_of(standing.series)
        if pace is None or known_at is None:
            continue
        said = foresee(pace, known_at=known_at, made_at=now, threshold=above(pace.count))
        if said is not None:
            yield MadeForecast(
                series=history.series, paper=history.paper, source=source, made_at=now,
                known_at=known_at, pace=pace, forecast=said,
            )  # fmt: skip


def _standing_now(history: History, now: Instant) -> Standing:
    return stand(history, history.held, passes=Passes(), every_s=DAY, as_of=now)


def forecast_of(
    standing: Standing, known: Pace | None, *, above: Above | None, as_of: Instant
) -> Forecast | None:
    """The forecast of a count as it stood at an instant, None without enough history.

    ``known`` is the pace of the newest forecast that is kept. It spares reading the
    whole series again as long as nothing has changed since; the result is the same.
    """
    series, known_at = standing.series, standing.count.observed_at
    if known_at is None or not series.times:
        return None
    newest = (series.times[0], series.times[-1], series.counts[-1])
    if known is not None and (known.first_at, known.at, known.count) == newest:
        pace: Pace | None = known
    else:
        pace = pace_of(series)
    if pace is None:
        return None
    threshold = None if above is None else above(pace.count)
    return foresee(pace, known_at=known_at, made_at=as_of, threshold=threshold)
