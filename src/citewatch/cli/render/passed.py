"""What a pass did, and the exit code that it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from citewatch.cli.render.changes import change_object
from citewatch.cli.render.changes_table import changes_table
from citewatch.cli.render.grid import Cell, Column, print_grid, print_line
from citewatch.cli.render.words import clean, minute, plural, rfc3339, write_json
from citewatch.services.desk import PassResult, SourceResult, all_failed

_TROUBLE = ("partial", "parked", "failed")


def exit_code(result: PassResult) -> int:
    """0 done, 3 in part, 4 when every source that was asked failed.

    ``blocked`` and ``off`` are no failures; a source with nothing due was not asked.
    """
    if all_failed(result):
        return 4
    return 3 if any(s.status in _TROUBLE for s in result.sources) else 0


def pass_json(result: PassResult, off: Sequence[str], out: TextIO) -> None:
    """The shape of ``sync --format json``."""
    sources: dict[str, object] = {source.name: _source(source) for source in result.sources}
    sources |= {name: {"status": "off"} for name in off}
    write_json(
        {
            "started_at": rfc3339(result.started_at),
            "finished_at": rfc3339(result.finished_at),
            "sources": sources,
            "changes": [change_object(change) for change in result.changes],
        },
        out,
    )


def _source(source: SourceResult) -> dict[str, object]:
    known: dict[str, object] = {
        "status": source.status,
        "requests": source.requests,
        "papers": source.papers,
        "found": source.found,
        "missing": source.missing,
        "failed": source.failed,
        "changed": source.changed,
    }
    if source.unresolved:
        known["unresolved"] = source.unresolved
    if source.note:
        known["note"] = clean(source.note)
    if source.until is not None:
        known["until"] = rfc3339(source.until)
    return known


def pass_table(result: PassResult, off: Sequence[str], console: Console) -> None:
    """One line a source, why where it did not go well, then what changed."""
    rows = result.sources
    print_grid(
        [
            Column(header="source", cells=[Cell(text=row.name) for row in rows]),
            Column(header="status", cells=[Cell(text=row.status) for row in rows]),
            *(
                Column(
                    header=name, right=True,
                    cells=[Cell(text=str(getattr(row, name))) for row in rows],
                )
                for name in ("papers", "found", "missing", "failed", "changed", "requests")
            ),
        ],
        console,
    )  # fmt: skip
    for row in rows:
        for line in explain(row):
            print_line(line, console)
    for name in off:
        print_line(f"{name}: off", console)
    if not any(row.papers for row in rows) and not any(row.status in _TROUBLE for row in rows):
        print_line("nothing was due", console)
    if result.changes:
        changes_table(result.changes, console)


def explain(row: SourceResult) -> list[str]:
    """Sentences on what did not go well at one source."""
    lines = []
    if row.note:
        until = f"; asks nothing before {minute(row.until)} UTC" if row.until else ""
        lines.append(f"{row.name}: {row.status}: {clean(row.note)}{until}")
    if row.unresolved:
        lines.append(
            f"{row.name}: {plural(row.unresolved, 'paper')} with candidates: "
            "'citewatch resolve' shows them"
        )
    return lines
