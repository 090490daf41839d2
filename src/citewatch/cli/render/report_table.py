"""The report for people: one line a paper, totals, and how the sources are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from citewatch.cli.render.compare_table import compare_columns, reason_lines
from citewatch.cli.render.foreseen import next_text
from citewatch.cli.render.grid import Cell, Column, print_grid, print_line
from citewatch.cli.render.report_data import health_line, totals_lines
from citewatch.cli.render.trend import trend_lines
from citewatch.cli.render.words import clean, minute, short_name, signed
from citewatch.domain.milestones import badge_text
from citewatch.domain.papers import Status
from citewatch.domain.trends import sparkline
from citewatch.services.reported import Report, ReportedPaper
from citewatch.services.standing import Count

MARKS = {Status.STALE: "*", Status.HELD: "~", Status.MISSING: "!"}
LEGEND = {
    "*": "older than twice the source's schedule",
    "~": "a newer, implausible reading waits to be seen again",
    "!": "the source does not know this paper (any more)",
    "=": "another record of a paper in this table, counted once",
    "→": "the badge in the list can be raised",
    "(": "earned, but the list shows no badge",
    "?": "the list claims more than this source counts",
}
UNKNOWN = "–"
STANDARD_WINDOWS = {"7d": "Δ7d", "30d": "Δ30d", "365d": "Δ1y"}


def report_table(report: Report, console: Console) -> None:
    """Print the report: at most 100 columns, complete without colour."""
    name = f" · {clean(report.watchlist)}" if report.watchlist is not None else ""
    print_line(Text(f"Citations as of {minute(report.as_of)} UTC{name}", style="bold"), console)
    if report.without_self:
        print_line(f"without self-citations ({report.without_self}), where that is known", console)
    console.print()
    if report.papers:
        columns = list(_compared(report) if report.compares else _columns(report))
        print_grid(columns, console)
        console.print()
        for line in _legend(report):
            print_line(Text(line, style="dim"), console)
    for line in _retracted(report):
        print_line(Text(line, style="bold red"), console)
    if report.compares:
        for reason in reason_lines(report.papers):
            print_line(reason, console)
    unknown = report.without_self and report.totals.citations is None
    if unknown:
        print_line("known of no paper: 'citewatch backfill' reads who cites them", console)
    for line in () if unknown else totals_lines(report.totals):
        print_line(Text(line, style="bold"), console)
    for line in trend_lines(report):
        print_line(Text(line), console)
    for source in report.sources:
        if source.status == "off" and source.found is None:
            continue
        style = "" if source.status in ("ok", "off", "never") else "yellow"
        print_line(Text(health_line(source), style=style), console)


def _retracted(report: Report) -> Iterator[str]:
    for paper in report.papers:
        if paper.retracted_by:
            who = " and ".join(short_name(source) for source in paper.retracted_by)
            yield f"retracted (so {who}): {clean(paper.title)}"


def _columns(report: Report) -> Iterator[Column]:
    papers = report.papers
    yield Column(header="paper", cells=[_title(p) for p in papers])
    years = [Cell(text="" if p.year is None else str(p.year)) for p in papers]
    yield Column(header="year", cells=years, right=True, give_way=2)
    yield Column(header="cited", cells=_citations(papers), right=True)
    yield Column(header="badge", cells=[_badge(p) for p in papers])
    extra = [w for w in report.windows if w not in STANDARD_WINDOWS]
    for place, window in enumerate(extra or report.windows):
        header = STANDARD_WINDOWS.get(window) or f"Δ{clean(window)}"
        cells = [_gain(p.delta.get(window)) for p in papers]
        yield Column(header=header, cells=cells, right=True, give_way=0 if place == 1 else 3)
    sparks = [Cell(text=sparkline(p.spark), style="cyan") for p in papers]
    yield Column(header="trend", cells=sparks, give_way=4)
    coming = [Cell(text=next_text(p.forecast), style="dim") for p in papers]
    if any(cell.text for cell in coming):
        yield Column(header="next", cells=coming, give_way=4)
    sources = [Cell(text="" if p.source is None else short_name(p.source)) for p in papers]
    yield Column(header="by", cells=sources, give_way=1)
    others = [Cell(text=_others(p), style="dim") for p in papers]
    if any(cell.text for cell in others):
        yield Column(header="elsewhere", cells=others, give_way=5)


def _compared(report: Report) -> Iterator[Column]:
    marks = {status.value: mark for status, mark in MARKS.items()}
    return compare_columns(report.papers, [_title(p) for p in report.papers], marks)


def _title(paper: ReportedPaper) -> Cell:
    return Cell(text=clean(paper.title) or paper.key, style="dim" if paper.same_as else "")


def _marks(paper: ReportedPaper) -> str:
    return MARKS.get(paper.status, "") + ("=" if paper.same_as else "")


def _citations(papers: Sequence[ReportedPaper]) -> list[Cell]:
    """Counts with their marks, digits below digits."""
    room = max(len(_marks(p)) for p in papers)
    cells = []
    for paper in papers:
        number = UNKNOWN if paper.citations is None else str(paper.citations)
        cells.append(Cell(text=number + _marks(paper).ljust(room), style="bold"))
    return cells


def _badge(paper: ReportedPaper) -> Cell:
    claim, badge, citations = paper.claim, paper.badge, paper.citations
    if claim is None:
        return Cell(text="" if badge is None else f"({badge_text(badge)})", style="dim")
    if badge is not None and badge > claim:
        return Cell(text=f"{badge_text(claim)} → {badge_text(badge)}", style="bold green")
    if citations is not None and citations < claim:
        return Cell(text=f"{badge_text(claim)} ?", style="yellow")
    return Cell(text=badge_text(claim))


def _gain(gained: int | None) -> Cell:
    if gained is None:
        return Cell(text=UNKNOWN, style="dim")
    style = "green" if gained > 0 else "red" if gained < 0 else "dim"
    return Cell(text=signed(gained), style=style)


def _others(paper: ReportedPaper) -> str:
    return " ".join(
        _short_count(c)
        for c in paper.counts
        if c.source != paper.source and c.citations is not None
    )


def _short_count(count: Count) -> str:
    return f"{short_name(count.source)} {count.citations}{MARKS.get(count.status, '')}"


def _legend(report: Report) -> Iterator[str]:
    """Only the marks that occur."""
    counts = {count.status for paper in report.papers for count in paper.counts}
    shown = {MARKS[status] for status in counts if status in MARKS}
    if not report.compares:
        shown = {MARKS[p.status] for p in report.papers if p.status in MARKS}
        shown |= {
            MARKS[c.status]
            for p in report.papers
            for c in p.counts
            if c.status in MARKS and c.citations is not None and c.source != p.source
        }
        shown |= {"=" for p in report.papers if p.same_as}
        shown |= {mark for p in report.papers for mark in _badge_mark(p)}
    for mark, meaning in LEGEND.items():
        if mark in shown:
            yield f"{mark.replace('(', '( )')} {meaning}"


def _badge_mark(paper: ReportedPaper) -> str:
    """The mark of `_badge`: "→", "(" or "?"."""
    claim, badge, citations = paper.claim, paper.badge, paper.citations
    if claim is None:
        return "" if badge is None else "("
    if badge is not None and badge > claim:
        return "→"
    return "?" if citations is not None and citations < claim else ""
