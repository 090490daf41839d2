"""One paper's chart, as rows on a terminal and as a file, SVG or PNG."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from citewatch.charts.colours import Colours
from citewatch.charts.paper import Drawing, ended_at, paper_chart
from citewatch.charts.scales import extent
from citewatch.charts.svg import standalone
from citewatch.charts.terminal import terminal_chart
from citewatch.cli.render.grid import page_width
from citewatch.cli.render.words import clean
from citewatch.domain.milestones import Ladder
from citewatch.errors import InputError
from citewatch.services.reported import Report

WIDTH, HEIGHT = 960, 480


def plot_bytes(report: Report, path: Path, ladder: Ladder) -> bytes:
    """What is to be written into ``path``: the chart of the report's one paper.

    Raises `InputError` when there is nothing to draw.
    """
    # The renderer of PNG is only loaded by those who draw a file.
    from citewatch.charts.png import png

    (paper,) = report.papers
    svg = paper_chart(
        Drawing(
            name="chart", title=clean(paper.title) or paper.key, lines=paper.lines,
            now=report.as_of, labels={s.name: s.label for s in report.sources},
            colours=Colours.of(line.source for line in paper.lines), ladder=ladder,
            forecast=paper.forecast, source=paper.source,
            width=WIDTH, height=HEIGHT, alone=True,
        )
    )  # fmt: skip
    if svg is None:
        raise InputError(
            f"nothing to draw: no source has given a count of {paper.key}",
            remedy="'citewatch history' without --plot shows what they answered",
        )
    text = standalone(svg)
    if path.suffix.lower() == ".svg":
        return text.encode("utf-8")
    return png(text)


def print_chart(source: str, *, report: Report, ladder: Ladder, console: Console) -> bool:
    """Print what one source counted as a chart, where the terminal can show one.

    The charts of all sources share the days of the report's one paper.
    """
    (paper,) = report.papers
    mine = [line for line in paper.lines if line.source == source]
    if not mine or not _can_show(console):
        return False
    ends = [ended_at(line, report.as_of) for line in paper.lines]
    days = extent([*(line.times[0] for line in paper.lines), *ends])
    rows = terminal_chart(
        mine, now=report.as_of, width=page_width(console), ladder=ladder, span=days
    )
    for row in rows:
        console.print(Text(row, style="cyan"), soft_wrap=True)
    if rows and any(line.reconstructed for line in mine):
        words = "dotted: reconstructed from the dates of citing works, not observed"
        console.print(Text(words, style="dim"), soft_wrap=True)
    return bool(rows)


def _can_show(console: Console) -> bool:
    """Whether this is a terminal whose letters have Braille among them."""
    encoding = (getattr(console.file, "encoding", None) or "utf-8").lower().replace("-", "")
    return console.is_terminal and not console.is_dumb_terminal and encoding == "utf8"
