"""The log of what changed: a table by day, JSON, CSV, Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TextIO

from citewatch.cli.render.words import (
    markdown,
    minute,
    write_csv,
    write_json,
    write_markdown,
)
from citewatch.notify.lines import change_object
from citewatch.ports import LoggedChange
from citewatch.services.log import Group

__all__ = ["by_day", "change_object", "changes_csv", "changes_json", "changes_markdown"]

COLUMNS = (
    *("id", "at", "kind", "paper", "title", "source", "old", "new", "threshold"),
    *("first_seen_at", "text"),
)


def changes_json(changes: Sequence[LoggedChange], out: TextIO) -> None:
    """The document of ``changes --format json``."""
    write_json({"changes": [change_object(row) for row in changes]}, out)


def changes_csv(changes: Sequence[LoggedChange], out: TextIO) -> None:
    """One row a change."""
    objects = (change_object(row) for row in changes)
    write_csv(COLUMNS, ([known.get(name) for name in COLUMNS] for known in objects), out)


def changes_markdown(changes: Sequence[LoggedChange], out: TextIO) -> None:
    """A pipe table in the order of time."""
    rows = (
        (
            str(row.number),
            minute(row.change.at),
            markdown(row.change.kind.value.replace("_", " ")),
            markdown(row.title or row.key or ""),
            markdown(row.change.text),
        )
        for row in changes
    )
    write_markdown(("Number", "When (UTC)", "Kind", "Paper", "What"), rows, out)


def first(row: LoggedChange | Group) -> LoggedChange:
    """The line itself, or the first of a group."""
    return row.rows[0] if isinstance(row, Group) else row


def by_day(
    changes: Sequence[LoggedChange | Group],
) -> list[tuple[str, list[LoggedChange | Group]]]:
    """(ISO date in UTC, its changes), oldest first."""
    days = groupby(changes, key=lambda row: minute(first(row).change.at)[:10])
    return [(day, list(rows)) for day, rows in days]
