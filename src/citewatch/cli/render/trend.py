"""How the list moves, in sentences for people: what the table and Markdown say below the totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from citewatch.cli.render.words import clean, minute, plural, short_name, signed
from citewatch.domain.trends import sparkline
from citewatch.services.reported import Report, TotalsThen

_NEAREST = 5


def trend_lines(report: Report) -> list[str]:
    """A line each: totals over time, the next h, top movers, what woke, whose counts."""
    return [*_over_time(report), *_next_h(report), *_movers(report), *_woke(report), *_by(report)]


def _over_time(report: Report) -> Iterator[str]:
    points = {then.at: then for then in report.trend.over_time}
    if len(points) < 2:
        return
    first, last = report.trend.over_time[0], report.trend.over_time[-1]
    if first.counted < last.counted:
        grown = f", of {first.counted} papers, now {last.counted}"
    else:
        grown = ""
    parts = [
        f"citations {_spark(report, points, 'citations')} {first.citations} → {last.citations}",
        f"h {first.h_index} → {last.h_index}",
        f"g {first.g_index} → {last.g_index}",
        f"i10 {first.i10_index} → {last.i10_index}",
    ]
    yield f"since {minute(first.at)[:10]}: {' · '.join(parts)}{grown}"


def _spark(report: Report, points: Mapping[int, TotalsThen], name: str) -> str:
    return sparkline([getattr(points[at], name) if at in points else None for at in report.axis])


def _next_h(report: Report) -> Iterator[str]:
    raises, h_index = report.trend.raises_h, report.totals.h_index
    if not raises or h_index is None:
        return
    named = [f"{clean(key)} {signed(missing)}" for key, missing in raises[:_NEAREST]]
    more = len(raises) - len(named)
    yield f"h-index {h_index + 1} needs: {', '.join(named)}{f' and {more} more' if more else ''}"


def _movers(report: Report) -> Iterator[str]:
    if moved := report.trend.movers:
        named = ", ".join(f"{clean(key)} {signed(gain)}" for key, gain in moved)
        yield f"most in 30d: {named}"


def _woke(report: Report) -> Iterator[str]:
    for key, why in report.trend.woke[:_NEAREST]:
        yield f"woke: {clean(key)}: {why}"
    if (more := len(report.trend.woke) - _NEAREST) > 0:
        yield f"woke: {plural(more, 'paper')} more"


def _by(report: Report) -> Iterator[str]:
    if len(report.trend.by_source) > 1:
        named = ", ".join(f"{short_name(s)} {n}" for s, n in report.trend.by_source)
        yield f"papers by the source of their count: {named}"
