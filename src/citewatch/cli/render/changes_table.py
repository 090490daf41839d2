"""The log of what changed, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from citewatch.cli.render.changes import by_day, first
from citewatch.cli.render.grid import GAP, fit, page_width, print_line
from citewatch.cli.render.words import clean, minute, plural
from citewatch.domain.papers import Kind
from citewatch.ports import LoggedChange
from citewatch.services.log import Group

_TIME = 5
_PAPER = 36
_NAMED = 3
"""Papers of a group that are named."""
_GOOD = frozenset(
    {Kind.MILESTONE, Kind.CLAIM_STALE, Kind.ACCEPTED, Kind.PUBLISHED, Kind.FOUND, Kind.SOURCE_UP}
)
_BAD = frozenset(
    {
        *(Kind.MILESTONE_LOST, Kind.DROP, Kind.REJECTED, Kind.WITHDRAWN, Kind.RETRACTED, Kind.LOST),
        *(Kind.SOURCE_DOWN, Kind.SOURCE_FAULT, Kind.SOURCE_STALLED, Kind.CHANNEL_DOWN),
    }
)


def changes_table(changes: Sequence[LoggedChange | Group], console: Console) -> None:
    """Print the log by day: number, time, kind, paper, what happened.

    Words wrap, none are lost. Papers that moved in one fault of a source share a line.
    """
    if not changes:
        print_line("Nothing changed.", console)
        return
    widths = max(len(_number(row)) for row in changes), max(len(_kind(row)) for row in changes)
    for day, rows in by_day(changes):
        print_line(Text(day, style="bold"), console)
        console.print(_day(rows, widths, console), crop=False)
    console.print()
    number = sum(len(row.rows) if isinstance(row, Group) else 1 for row in changes)
    print_line(plural(number, "change"), console)


def _day(rows: Sequence[LoggedChange | Group], widths: tuple[int, int], console: Console) -> Table:
    width = page_width(console)
    number_width, kind_width = widths
    room = width - number_width - _TIME - kind_width - 4 * GAP
    paper = max(8, min(_PAPER, room // 2))
    table = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
    table.width = width
    table.add_column(width=number_width, no_wrap=True, justify="right")
    table.add_column(width=_TIME, no_wrap=True)
    table.add_column(width=kind_width, no_wrap=True)
    table.add_column(width=paper, no_wrap=True)
    table.add_column(width=max(8, room - paper), overflow="fold")
    for row in rows:
        change = first(row).change
        table.add_row(
            Text(_number(row), style="dim"),
            Text(minute(change.at)[11:]),
            Text(_kind(row), style=_style(change.kind)),
            Text(fit(_about(row), paper)),
            Text(_text(row)),
        )
    return table


def _number(row: LoggedChange | Group) -> str:
    """What ``changes --why`` takes; of a group its first."""
    return f"#{first(row).number}" + ("…" if isinstance(row, Group) else "")


def _kind(row: LoggedChange | Group) -> str:
    return first(row).change.kind.value.replace("_", " ")


def _about(row: LoggedChange | Group) -> str:
    """The paper; for a change of a whole source the source."""
    if isinstance(row, Group):
        return f"{len(row.rows)} papers"
    words = clean(row.title or row.key or "")
    return words or clean(row.change.source)


def _text(row: LoggedChange | Group) -> str:
    if not isinstance(row, Group):
        return clean(row.change.text)
    some = "; ".join(
        f"{one.key} {one.change.old if one.change.old is not None else '–'} → "
        f"{one.change.new if one.change.new is not None else 'not known'}"
        for one in row.rows[:_NAMED]
    )
    more = len(row.rows) - _NAMED
    rest = f"; {more} more in --format json" if more > 0 else ""
    return f"as held back since #{row.fault.number}: {some}{rest}"


def _style(kind: Kind) -> str:
    if kind in _GOOD:
        return "green"
    return "red" if kind in _BAD else ""
