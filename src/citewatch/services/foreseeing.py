"""Forecasts of what is watched: made when a reading changes, kept, and told by reports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice

from citewatch.domain.forecast import Forecast
from citewatch.domain.outlook import foresee
from citewatch.domain.pace import Pace, pace_of
from citewatch.domain.papers import Instant
from citewatch.domain.trends import Counted
from citewatch.ports import MadeForecast, Store
from citewatch.services.standing import Standing
from citewatch.services.whole import NOTHING, whole_standings
from citewatch.services.world import World

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
    for track, standing in whole_standings(store, papers, sources={source}, as_of=now):
        known_at, pace = standing.count.observed_at, pace_of(standing.whole or NOTHING)
        if pace is None or known_at is None:
            continue
        said = foresee(pace, known_at=known_at, made_at=now, threshold=above(pace.count))
        if said is not None:
            yield MadeForecast(
                series=track.series, paper=track.paper, source=source, made_at=now,
                known_at=known_at, pace=pace, forecast=said,
            )  # fmt: skip


def foreseen(store: Store, world: World) -> dict[int, Forecast]:
    """The forecasts of the headline counts of a report, by series.

    Of now the pace that is kept with the newest forecast is taken up to the last
    confirmation, as long as nothing changed since; it spares reading whole series, and the
    result is the same. Of a past day, and where something changed, they are read.
    """
    counted = [
        (watched.number, headline)
        for watched, headline in zip(world.papers, world.headlines, strict=True)
        if watched.number is not None and headline is not None and headline.count.observed_at
    ]
    paces = _paces(store, world, counted)
    found = {}
    for _, headline in counted:
        said = _forecast(world, paces.get(headline.series), headline)
        if said is not None:
            found[headline.series] = said
    return found


def _paces(store: Store, world: World, counted: Sequence[tuple[int, Standing]]) -> dict[int, Pace]:
    """The pace of each headline's series, by series."""
    present = world.as_of >= world.question.now
    series = [headline.series for _, headline in counted]
    kept = store.forecasts().paces(series) if present and series else {}
    found: dict[int, Pace] = {}
    absent: dict[int, str] = {}
    for number, headline in counted:
        pace = kept.get(headline.series)
        if pace is not None and _is_newest(pace, world.curves[headline.series], headline):
            found[headline.series] = pace
        else:
            absent[number] = headline.count.source
    until = None if present else world.as_of
    for track, standing in whole_standings(
        store, absent, sources=set(absent.values()), as_of=world.as_of, until=until
    ):
        pace = pace_of(standing.whole or NOTHING)
        if pace is not None:
            found.setdefault(track.series, pace)
    return found


def _is_newest(pace: Pace, curve: Counted, headline: Standing) -> bool:
    confirmed_at = headline.count.observed_at or 0
    same = (pace.first_at, pace.count) == (curve.begins_at, headline.count.citations)
    return same and pace.at <= confirmed_at


def _forecast(world: World, pace: Pace | None, headline: Standing) -> Forecast | None:
    known_at = headline.count.observed_at
    if pace is None or known_at is None:
        return None
    above = world.question.above
    threshold = None if above is None else above(pace.count)
    return foresee(pace, known_at=known_at, made_at=world.as_of, threshold=threshold)
