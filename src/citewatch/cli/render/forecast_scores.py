"""How well forecasts did, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TextIO

from rich.console import Console
from rich.text import Text

from citewatch.cli.render.foreseen import iso_day
from citewatch.cli.render.grid import Cell, Column, fit, page_width, print_grid, print_line
from citewatch.cli.render.words import clean, minute, plural, rfc3339, short_name, write_json
from citewatch.domain.forecast import COVERAGE
from citewatch.domain.known import known_only
from citewatch.domain.papers import DAY
from citewatch.services.forecast_scores import (
    WIDE,
    ForecastScores,
    HorizonScore,
    ScoredForecast,
    ThresholdScore,
)


def scores_json(scores: ForecastScores, out: TextIO) -> None:
    """The document of ``report --forecasts --format json``; what is unknown is absent."""
    document: dict[str, object] = {"as_of": rfc3339(scores.as_of)}
    if scores.watchlist is not None:
        document["watchlist"] = scores.watchlist
    document["made"] = scores.made
    document["coverage"] = COVERAGE
    document["horizons"] = {f"{h.days}d": _horizon(h) for h in scores.horizons}
    document["thresholds"] = known_only(asdict(scores.thresholds))
    document["best"] = [_example(one) for one in scores.best]
    document["worst"] = [_example(one) for one in scores.worst]
    write_json(document, out)


def _horizon(score: HorizonScore) -> dict[str, object]:
    told = known_only(asdict(score))
    del told["days"]
    return {
        name: round(value, 4) if isinstance(value, float) else value for name, value in told.items()
    }


def _example(one: ScoredForecast) -> dict[str, object]:
    return {
        "key": one.key,
        "title": clean(one.title),
        "source": one.source,
        "made_at": rfc3339(one.made_at),
        "days": one.days,
        "citations": one.count,
        "expected": one.said.citations,
        "low": one.said.low,
        "high": one.said.high,
        "line": round(one.line, 1),
        "came": one.came,
    }


def scores_table(scores: ForecastScores, console: Console) -> None:
    """Print the scores, or when there will be some."""
    name = f" · {clean(scores.watchlist)}" if scores.watchlist is not None else ""
    head = f"Forecasts as of {minute(scores.as_of)} UTC{name}"
    print_line(Text(head, style="bold"), console)
    console.print()
    if not any(h.scored for h in scores.horizons):
        for line in _nothing_yet(scores):
            print_line(Text(line), console)
        return
    print_grid(list(_columns(scores.horizons)), console)
    console.print()
    for line in _notes(scores):
        print_line(Text(line, style="dim"), console)
    print_line(Text(_thresholds(scores.thresholds)), console)
    for title, examples in (("the best", scores.best), ("the worst", scores.worst)):
        if examples:
            console.print()
            print_line(Text(f"{title}:", style="bold"), console)
            for one in examples:
                text = fit(_example_line(one), page_width(console))
                print_line(Text(text), console)


def _nothing_yet(scores: ForecastScores) -> Iterator[str]:
    if scores.first_due_at is None:
        yield "no forecast has been made yet: that takes a count that is known for a day and moves,"
        yield "or one that has been known for about a month"
        return
    first = iso_day(scores.first_due_at // DAY)
    yield f"{plural(scores.made, 'forecast')} kept; none can be scored yet"
    unknown = sum(h.unknown for h in scores.horizons)
    if unknown:
        yield f"{unknown} were due on a day around which the source was not asked"
    else:
        yield f"the first one is due on {first}"


def _columns(horizons: Sequence[HorizonScore]) -> Iterator[Column]:
    yield Column(header="ahead", cells=[Cell(text=f"{h.days} days") for h in horizons])
    for header, texts in (
        ("scored", [str(h.scored) for h in horizons]),
        ("not due", [str(h.waiting) for h in horizons]),
        ("not seen", [str(h.unknown) for h in horizons]),
        ("interval held", [_share(h.held) for h in horizons]),
        (f"of {WIDE}+ wide", [_of(h) for h in horizons]),
        ("median error", [_number(h.error) for h in horizons]),
        ("straight line's", [_number(h.line_error) for h in horizons]),
    ):
        yield Column(header=header, cells=[Cell(text=text) for text in texts], right=True)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _of(score: HorizonScore) -> str:
    return "–" if score.wide_held is None else f"{_share(score.wide_held)} of {score.wide}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _notes(scores: ForecastScores) -> Iterator[str]:
    yield f"{plural(scores.made, 'forecast')} kept, at all sources that were asked for"
    yield f"the interval is meant to hold {100 * COVERAGE:.0f} %; narrow ones hold more"
    if any(h.unknown for h in scores.horizons):
        yield "not seen: the source was not asked around the day on which they were due"
    yield "straight line: through the count and the one a year before, or the first one"


def _thresholds(score: ThresholdScore) -> str:
    if not score.decided:
        return f"thresholds: {score.foreseen} foreseen, none decided yet"
    text = (
        f"thresholds: {score.foreseen} foreseen, {score.decided} decided: "
        f"{score.within} within the days that were said, {score.early} before, {score.late} after"
    )
    if score.days_off is None:
        return text
    return f"{text}; half within {score.days_off:.0f} days of the expected one"


def _example_line(one: ScoredForecast) -> str:
    said = f"{one.said.citations} ({one.said.low} to {one.said.high})"
    return (
        f"{iso_day(one.made_at // DAY)} {short_name(one.source)}: {one.count} → {said} in "
        f"{one.days} days, {one.came} came: {clean(one.title)}"
    )
