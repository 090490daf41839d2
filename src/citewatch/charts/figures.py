"""The charts of a report, each with the words and the table that say the same.

What a page shows, whoever makes the page. All text here is clean and not yet escaped; a
``svg`` is markup.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from citewatch.charts.colours import Colours
from citewatch.charts.paper import Drawing, ended_at, paper_chart
from citewatch.charts.scales import extent, iso_day, time_ticks
from citewatch.charts.svg import inline
from citewatch.charts.totals import totals_chart
from citewatch.domain.credits import short_name
from citewatch.domain.forecast import Forecast
from citewatch.domain.milestones import Ladder, badge_text
from citewatch.domain.papers import DAY, Instant
from citewatch.domain.printable import clean
from citewatch.services.reported import Line, Report, ReportedPaper, TotalsThen

_ROWS = 12
_EPOCH = date(1970, 1, 1).toordinal()
_UNKNOWN = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartTable:
    """The numbers of a chart."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartFigure:
    """A chart, what is to be said below it, and its table."""

    heading: str
    svg: str
    said: tuple[str, ...]
    table: ChartTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Legend:
    """Which strokes occur, so that only they are explained."""

    reconstructed: bool
    broken: bool
    expected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The charts of all papers, and what their strokes mean."""

    papers: tuple[ChartFigure, ...]
    legend: Legend
    without: int
    """Papers that have no line to draw."""


def labels_of(report: Report) -> dict[str, str]:
    """Names of sources for people."""
    return {source.name: source.label for source in report.sources}


def label_of(labels: Mapping[str, str], source: str) -> str:
    """A source's name for people; its own where it has no other."""
    return clean(labels.get(source, source))


# --- the whole list --------------------------------------------------------------


def totals_figures(points: Sequence[TotalsThen]) -> list[ChartFigure]:
    """Citations and h-index over time, where there are two days to compare."""
    points = [then for then in points if then.counted]
    if len(points) < 2:
        return []
    citations = [(then.at, then.citations) for then in points]
    h_index = [(then.at, then.h_index) for then in points]
    return [
        _totals_figure("tc", "Citations in all", citations, points),
        _totals_figure("th", "h-index", h_index, points),
    ]


def growth_words(points: Sequence[TotalsThen]) -> str:
    """That a rise of the totals is partly one of papers with a count; "" where it is not."""
    counted = [then.counted for then in points if then.counted]
    if not counted or counted[0] == counted[-1]:
        return ""
    return (
        f"Papers with a count went from {counted[0]} to {counted[-1]} in this time: some of the "
        "rise is papers that were counted for the first time."
    )


def _totals_figure(
    name: str, title: str, values: Sequence[tuple[Instant, int]], points: Sequence[TotalsThen]
) -> ChartFigure:
    counted = {then.at: then.counted for then in points}
    shown = _thinned(values)
    rows = tuple((iso_day(at), str(value), str(counted[at])) for at, value in shown)
    return ChartFigure(
        heading=title,
        svg=inline(totals_chart(name, values, title=title)),
        said=(),
        table=ChartTable(
            caption=f"{title} over time", header=("Day", title, "Papers with a count"), rows=rows
        ),
    )


def _thinned(values: Sequence[tuple[Instant, int]]) -> list[tuple[Instant, int]]:
    every = max(1, -(-len(values) // _ROWS))
    kept = list(values[::every])
    return kept if kept[-1] == values[-1] else [*kept, values[-1]]


# --- paper by paper --------------------------------------------------------------


def figures_of(report: Report, ladder: Ladder) -> Figures:
    """A chart for each paper that has a line."""
    lines = [line for paper in report.papers for line in paper.lines]
    colours = Colours.of(line.source for line in lines)
    drawn = [
        paper_figure(report, paper, name=f"c{place}", ladder=ladder, colours=colours)
        for place, paper in enumerate(report.papers, start=1)
    ]
    found = tuple(figure for figure in drawn if figure is not None)
    return Figures(
        papers=found,
        legend=Legend(
            reconstructed=any(line.reconstructed for line in lines),
            broken=any(_broken(paper.lines) for paper in report.papers),
            expected=any('class="fan ' in figure.svg for figure in found),
        ),
        without=len(report.papers) - len(found),
    )


def paper_figure(
    report: Report, paper: ReportedPaper, *, name: str, ladder: Ladder, colours: Colours
) -> ChartFigure | None:
    """The chart of one paper of the report; None where it has no line.

    ``name`` begins the ids inside: the only one of its page.
    """
    title = clean(paper.title) or paper.key
    svg = paper_chart(
        Drawing(
            name=name, title=title, lines=paper.lines, now=report.as_of,
            labels={line.source: short_name(line.source) for line in paper.lines},
            colours=colours, ladder=ladder, forecast=paper.forecast, source=paper.source,
        )
    )  # fmt: skip
    if svg is None:
        return None
    labels = labels_of(report)
    return ChartFigure(
        heading=title,
        svg=inline(svg),
        said=tuple(_said(report, paper, labels)),
        table=_table(report, paper, labels),
    )


def _broken(lines: Sequence[Line]) -> bool:
    seen = [line.source for line in lines if not line.reconstructed]
    return len(seen) > len(set(seen))


def _said(report: Report, paper: ReportedPaper, labels: Mapping[str, str]) -> Iterator[str]:
    """What stands below a chart: each number with its source and day."""
    for count in paper.counts:
        if count.citations is not None and count.observed_at is not None:
            source = label_of(labels, count.source)
            yield f"{source} {count.citations} on {iso_day(count.observed_at)}"
    if moves := ", ".join(trend_words(paper)):
        yield moves
    if paper.forecast is not None:
        yield from expected_words(paper.forecast, report.as_of)
    for line in paper.lines:
        if line.reconstructed:
            note = f": {clean(line.note)}" if line.note else ""
            yield f"{label_of(labels, line.source)}, reconstructed{note}"


def trend_words(paper: ReportedPaper) -> Iterator[str]:
    """How the headline count moves, in pieces of a sentence; only what is known."""
    trend = paper.trend
    if paper.per_year is not None:
        yield f"{paper.per_year:.1f} a year"
    if trend.acceleration is not None:
        yield f"{trend.acceleration:+.1f} against the year before"
    if trend.best_month is not None:
        month, gained = trend.best_month
        yield f"best month {month} ({gained:+d})"
    if trend.rank is not None:
        yield f"no. {trend.rank} of the list by gain in 30 days"
    if trend.age_years is not None:
        yield f"{trend.age_years:.1f} years old"


def expected_words(forecast: Forecast, as_of: Instant) -> Iterator[str]:
    """A forecast in sentences."""
    following = forecast.next
    if following is not None and following.expected_on is not None:
        low, high = (
            "later than is foreseen" if day is None else _iso(day)
            for day in (following.low_on, following.high_on)
        )
        yield (
            f"{badge_text(following.threshold)} expected on {_iso(following.expected_on)} "
            f"(80 %: {low} to {high})"
        )
    for days, expected in forecast.horizons[-1:]:
        on = iso_day(as_of + days * DAY)
        yield f"{expected.citations} expected on {on} (80 %: {expected.low} to {expected.high})"


def _iso(day: int) -> str:
    return date.fromordinal(_EPOCH + day).isoformat()


def _table(report: Report, paper: ReportedPaper, labels: Mapping[str, str]) -> ChartTable:
    """Counts at some days of the chart's axis; what was not known then is a dash."""
    columns = list(dict.fromkeys((line.source, line.reconstructed) for line in paper.lines))
    ends = [ended_at(line, report.as_of) for line in paper.lines]
    start, end = extent([*(line.times[0] for line in paper.lines), *ends])
    days = [int(tick.value) for tick in time_ticks(start, end, letters=_ROWS * 9)]
    rows = []
    for at in dict.fromkeys((*days, end)):
        cells = [_at(paper.lines, column, at, report.as_of) for column in columns]
        rows.append((iso_day(at), *cells))
    header = (
        f"{label_of(labels, source)}, {'reconstructed' if reconstructed else 'observed'}"
        for source, reconstructed in columns
    )
    return ChartTable(
        caption=f"Citations of “{clean(paper.title) or paper.key}” on some days",
        header=("Day", *header),
        rows=tuple(rows),
    )


def _at(lines: Sequence[Line], column: tuple[str, bool], at: Instant, now: Instant) -> str:
    for line in lines:
        mine = (line.source, line.reconstructed) == column
        if mine and line.times[0] <= at <= ended_at(line, now):
            return str(line.counts[bisect_right(line.times, at) - 1])
    return _UNKNOWN
