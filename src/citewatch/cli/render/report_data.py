"""The report for programs: JSON, CSV, Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from citewatch.cli.render.foreseen import (
    CSV_COLUMNS,
    csv_cells,
    forecast_data,
    next_data,
    next_text,
)
from citewatch.cli.render.report_moves import (
    compare_cells,
    compare_json,
    list_trend_json,
    paper_trend_json,
    trend_cells,
)
from citewatch.cli.render.trend import trend_lines
from citewatch.cli.render.words import (
    clean,
    markdown,
    minute,
    plural,
    rfc3339,
    short_name,
    signed,
    write_csv,
    write_json,
    write_markdown,
)
from citewatch.domain.known import known_only
from citewatch.domain.milestones import badge_text
from citewatch.services.reported import Report, ReportedPaper, SourceHealth, Totals
from citewatch.services.standing import Count

ID_COLUMNS = ("arxiv", "doi", "semantic_scholar", "openreview", "openalex")
_READABLE = 1000
"""Longer lists are written without blanks: that takes a fifth of the time."""
MARK_WORDS = {"stale": "stale", "held": "held", "missing": "missing"}


def report_json(report: Report, out: TextIO) -> None:
    """The document of ``report --format json``; what is unknown is absent."""
    document: dict[str, object] = {"as_of": rfc3339(report.as_of)}
    if report.watchlist is not None:
        document["watchlist"] = report.watchlist
    if report.without_self:
        document["without_self"] = report.without_self
    everything = report.watchlist is None
    document["papers"] = [_paper(p, with_watchlists=everything) for p in report.papers]
    document["totals"] = _totals(report.totals)
    if report.totals.counted:
        document["trend"] = list_trend_json(report)
    document["sources"] = {s.name: _source(s) for s in report.sources}
    write_json(document, out, compact=len(report.papers) > _READABLE)


def _paper(paper: ReportedPaper, *, with_watchlists: bool) -> dict[str, object]:
    rate = paper.per_year
    return known_only(
        {
            "key": paper.key,
            "title": clean(paper.title),
            "year": paper.year,
            "venue": clean(paper.venue) or None,
            "retracted_by": list(paper.retracted_by) or None,
            "ids": dict(paper.ids),
            "claim": paper.claim,
            "badge": paper.badge,
            "citations": paper.citations,
            "source": paper.source,
            "counts": {count.source: _count(count) for count in paper.counts},
            "delta": dict(paper.delta) or None,
            "per_year": None if rate is None else round(rate, 1),
            "next": next_data(paper.forecast),
            "forecast": forecast_data(paper.forecast),
            "trend": paper_trend_json(paper.trend) or None,
            "compare": compare_json(paper.compared),
            "status": paper.status.value,
            "same_as": paper.same_as,
            "watchlists": list(paper.watchlists) if with_watchlists else None,
        }
    )


def _count(count: Count) -> dict[str, object]:
    return known_only(
        {
            "citations": count.citations,
            "influential": count.influential,
            "without_self": count.without_self,
            "observed_at": None if count.observed_at is None else rfc3339(count.observed_at),
            "high": count.high,
            "status": count.status.value,
        }
    )


def _totals(totals: Totals) -> dict[str, object]:
    return known_only(
        {
            "papers": totals.papers,
            "counted": totals.counted or None,
            "citations": totals.citations,
            "h_index": totals.h_index,
            "i10_index": totals.i10_index,
            "g_index": totals.g_index,
            "delta": dict(totals.delta) or None,
            "delta_papers": dict(totals.delta_papers) or None,
        }
    )


def _source(source: SourceHealth) -> dict[str, object]:
    last = source.last_success
    return known_only(
        {
            "status": source.status,
            "found": source.found,
            "missing": source.missing,
            "last_success": None if last is None else rfc3339(last),
            "note": clean(source.note) or None,
        }
    )


def report_csv(report: Report, out: TextIO) -> None:
    """One row a paper. Columns are the same for every list; an extra window adds one."""
    header = [
        *("key", "title", "year", "venue", "claim", "badge", "citations", "source", "status"),
        *("observed_at", "high", "per_year"),
        *(f"delta_{window}" for window in report.windows),
        *("counts", "same_as", "watchlists", *ID_COLUMNS),
        *("age_years", "acceleration", "best_month", "best_month_gain", "rank_30d"),
        *CSV_COLUMNS,
        *(("lowest", "highest", "reasons") if report.compares else ()),
    ]
    write_csv(header, (_csv_row(paper, report) for paper in report.papers), out)


def _csv_row(paper: ReportedPaper, report: Report) -> list[object]:
    headline = next((c for c in paper.counts if c.source == paper.source), None)
    seen_at = headline.observed_at if headline else None
    ids = dict(paper.ids)
    counts = [f"{c.source}={c.citations}" for c in paper.counts if c.citations is not None]
    return [
        *(paper.key, paper.title, paper.year, paper.venue, paper.claim, paper.badge),
        *(paper.citations, paper.source, paper.status.value),
        None if seen_at is None else rfc3339(seen_at),
        headline.high if headline else None,
        None if paper.per_year is None else round(paper.per_year, 1),
        *(paper.delta.get(window) for window in report.windows),
        *("; ".join(counts), paper.same_as, "; ".join(paper.watchlists)),
        *(ids.get(scheme) for scheme in ID_COLUMNS),
        *trend_cells(paper.trend),
        *csv_cells(paper.forecast),
        *(compare_cells(paper.compared) if report.compares else ()),
    ]


def report_markdown(report: Report, out: TextIO) -> None:
    """A heading, the table, the totals and one line a source."""
    name = f": {markdown(report.watchlist)}" if report.watchlist is not None else ""
    out.write(f"# Citations{name}\n\nAs of {minute(report.as_of)} UTC.\n\n")
    header = ["Paper", "Year", "Citations", "Source", "Badge", "Claim"]
    header += [f"Δ {markdown(window)}" for window in report.windows]
    right = [1, 2, *range(6, len(header))]
    header.append("Next")
    if report.compares:
        header += ["Spread", "Why"]
    write_markdown(header, (_markdown_row(p, report) for p in report.papers), out, right=right)
    out.write("\n" + "\n\n".join(totals_lines(report.totals)) + "\n\n")
    if said := trend_lines(report):
        out.writelines(f"- {markdown(line)}\n" for line in said)
        out.write("\n")
    out.writelines(f"- {markdown(health_line(source))}\n" for source in report.sources)


def _markdown_row(paper: ReportedPaper, report: Report) -> Iterator[str]:
    yield markdown(paper.title) + (f" (same as {markdown(paper.same_as)})" if paper.same_as else "")
    yield "" if paper.year is None else str(paper.year)
    mark = MARK_WORDS.get(paper.status.value)
    counted = paper.status.value if paper.citations is None else str(paper.citations)
    yield f"{counted} ({mark})" if mark and paper.citations is not None else counted
    yield "" if paper.source is None else markdown(short_name(paper.source))
    yield "" if paper.badge is None else badge_text(paper.badge)
    yield "" if paper.claim is None else badge_text(paper.claim)
    for window in report.windows:
        yield signed(paper.delta[window]) if window in paper.delta else ""
    yield next_text(paper.forecast)
    if report.compares:
        known = paper.compared
        yield "" if known is None else f"{known.lowest}–{known.highest}"
        yield "" if known is None else markdown("; ".join(known.reasons))


def totals_lines(totals: Totals) -> list[str]:
    """``53 papers · 12345 citations · h-index 31 · i10-index 40``, then ``gained: …``."""
    parts = [plural(totals.papers, "paper")]
    if totals.citations is None:
        return [f"{parts[0]} · no counts yet"]
    if totals.counted < totals.papers:
        parts[0] += f" ({totals.counted} with a count)"
    parts.append(plural(totals.citations, "citation"))
    indices = ("h", totals.h_index), ("g", totals.g_index), ("i10", totals.i10_index)
    parts += [f"{name}-index {index}" for name, index in indices]
    gains = [_gained(totals, window) for window in totals.delta]
    return [" · ".join(parts), *([f"gained: {' · '.join(gains)}"] if gains else [])]


def _gained(totals: Totals, window: str) -> str:
    covered = totals.delta_papers[window]
    of = "" if covered == totals.counted else f" ({covered} of {totals.counted} papers)"
    when = "since" if "-" in window else "in"
    return f"{signed(totals.delta[window])} {when} {clean(window)}{of}"


def health_line(source: SourceHealth) -> str:
    """``Semantic Scholar: ok, 52 found, 1 missing, last answer 2026-11-22 00:00``."""
    parts = [source.status]
    if source.found is not None and source.missing is not None:
        parts += [f"{source.found} found", f"{source.missing} missing"]
    if source.last_success is not None:
        parts.append(f"last answer {minute(source.last_success)}")
    if source.note and source.status != "ok":
        parts.append(clean(source.note))
    return f"{clean(source.label)}: {', '.join(parts)}"
