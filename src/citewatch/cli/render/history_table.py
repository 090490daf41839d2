"""One paper's counts over time, for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.console import Console
from rich.text import Text

from citewatch.cli.render.grid import Cell, Column, print_grid, print_line
from citewatch.cli.render.past import reconstructed_table
from citewatch.cli.render.words import clean, minute, plural, signed
from citewatch.domain.papers import Status
from citewatch.services.log import PaperHistory, SourceHistory, past_spark


def history_table(
    history: PaperHistory, console: Console, chart: Callable[[str], bool] | None = None
) -> None:
    """Print the counts source by source, each under its trend.

    ``chart`` prints a chart of one source's counts and says whether it could; else the
    trend is a line of bars.
    """
    print_line(Text(f"{clean(history.title)} ({history.key})", style="bold"), console)
    if not history.series:
        print_line("No counts yet.", console)
    for series in history.series:
        console.print()
        print_line(_head(series), console)
        if chart is None or not chart(series.source):
            console.print(Text(series.spark, style="cyan"), soft_wrap=True)
        print_grid(list(_columns(series)), console)
    for source, made in history.reconstructed:
        console.print()
        reconstructed_table(source, made, past_spark(made), console)


def _head(series: SourceHistory) -> Text:
    head = Text(clean(series.source), style="bold")
    if series.citations is None:
        return head.append(": no count", style="not bold")
    said = f": {plural(series.citations, 'citation')}, highest {series.high}"
    if series.observed_at is not None:
        said += f", confirmed {minute(series.observed_at)} UTC"
    return head.append(said, style="not bold")


def _columns(series: SourceHistory) -> Iterator[Column]:
    points = series.points
    yield Column(header="since (UTC)", cells=[Cell(text=minute(p.at)) for p in points])
    counts = [Cell(text="–" if p.citations is None else str(p.citations)) for p in points]
    yield Column(header="cited", cells=counts, right=True)
    yield Column(header="change", cells=list(_steps(series)), right=True)
    influential = [Cell(text="" if p.influential is None else str(p.influential)) for p in points]
    if any(cell.text for cell in influential):
        yield Column(header="influential", cells=influential, right=True, give_way=1)
    styles = {Status.HELD: "yellow", Status.MISSING: "red"}
    cells = [Cell(text=p.status.value, style=styles.get(p.status, "")) for p in points]
    yield Column(header="status", cells=cells)


def _steps(series: SourceHistory) -> Iterator[Cell]:
    """How far each believed count is from the believed one before it."""
    before: int | None = None
    for point in series.points:
        believed = point.citations if point.status is Status.OK else None
        if believed is None or before is None:
            yield Cell(text="")
        elif point.begins:
            yield Cell(text="new record", style="dim")
        else:
            style = "green" if believed > before else "red" if believed < before else "dim"
            yield Cell(text=signed(believed - before), style=style)
        before = before if believed is None else believed
