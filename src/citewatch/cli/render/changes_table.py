"""The log of what changed, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from citewatch.cli.render.changes import by_day
from citewatch.cli.render.grid import GAP, fit, page_width, print_line
from citewatch.cli.render.words import clean, minute, plural
from citewatch.domain.papers import Kind
from citewatch.ports import LoggedChange

_TIME = 5
_PAPER = 36
_GOOD = frozenset({Kind.MILESTONE, Kind.ACCEPTED, Kind.PUBLISHED, Kind.FOUND, Kind.SOURCE_UP})
_BAD = frozenset(
    {
        *(Kind.MILESTONE_LOST, Kind.DROP, Kind.REJECTED, Kind.WITHDRAWN, Kind.RETRACTED, Kind.LOST),
        *(Kind.SOURCE_DOWN, Kind.SOURCE_FAULT, Kind.SOURCE_STALLED, Kind.CHANNEL_DOWN),
    }
)


def changes_table(changes: Sequence[LoggedChange], console: Console) -> None:
    """Print the log by day: time, kind, paper, what happened. Words wrap, none are lost."""
    if not changes:
        print_line("Nothing changed.", console)
        return
    kind_width = max(len(_kind(row)) for row in changes)
    for day, rows in by_day(changes):
        print_line(Text(day, style="bold"), console)
        console.print(_day(rows, kind_width, console), crop=False)
    console.print()
    print_line(plural(len(changes), "change"), console)


def _day(rows: Sequence[LoggedChange], kind_width: int, console: Console) -> Table:
    width = page_width(console)
    room = width - _TIME - kind_width - 3 * GAP
    paper = max(8, min(_PAPER, room // 2))
    table = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
    table.width = width
    table.add_column(width=_TIME, no_wrap=True)
    table.add_column(width=kind_width, no_wrap=True)
    table.add_column(width=paper, no_wrap=True)
    table.add_column(width=max(8, room - paper), overflow="fold")
    for row in rows:
        table.add_row(
            Text(minute(row.change.at)[11:]),
            Text(_kind(row), style=_style(row.change.kind)),
            Text(fit(_about(row), paper)),
            Text(clean(row.change.text)),
        )
    return table


def _kind(row: LoggedChange) -> str:
    return row.change.kind.value.replace("_", " ")


def _about(row: LoggedChange) -> str:
    """The paper; for a change of a whole source the source."""
    words = clean(row.title or row.key or "")
    return words or clean(row.change.source)


def _style(kind: Kind) -> str:
    if kind in _GOOD:
        return "green"
    return "red" if kind in _BAD else ""
