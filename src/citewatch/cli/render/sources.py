"""Health of the sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from citewatch.cli.render.grid import Cell, Column, print_grid, print_line
from citewatch.cli.render.words import clean, minute, rfc3339, write_json
from citewatch.services.health import Health

_STYLES = {"ok": "green", "partial": "yellow", "parked": "yellow", "failed": "red"}


def sources_json(rows: Sequence[Health], out: TextIO) -> None:
    """``{"sources": {NAME: {"status", "key", "found", "missing", "last_success", …}}}``."""
    write_json({"sources": {row.name: _source(row) for row in rows}}, out)


def _source(row: Health) -> dict[str, object]:
    known: dict[str, object | None] = {
        "status": row.status,
        "key": row.key,
        "found": row.found,
        "missing": row.missing,
        "held": row.held,
        "unresolved": row.unresolved,
        "last_success": rfc3339(row.last_success) if row.last_success is not None else None,
        "next_request_at": rfc3339(row.next_request_at) if row.next_request_at else None,
        "requests": row.last_run.requests if row.last_run else None,
        "advice": clean(row.advice) or None,
    }
    return {name: value for name, value in known.items() if value is not None}


def sources_table(rows: Sequence[Health], console: Console) -> None:
    """One line a source, then what to do where something is to be done."""
    print_grid(
        [
            Column(header="source", cells=[Cell(text=row.label) for row in rows]),
            Column(header="status", cells=[_status(row) for row in rows]),
            Column(header="key", cells=[Cell(text=row.key) for row in rows]),
            _numbers("found", [row.found for row in rows]),
            _numbers("missing", [row.missing for row in rows]),
            _numbers("held", [row.held for row in rows]),
            _numbers("open", [row.unresolved for row in rows]),
            Column(header="last answer (UTC)", cells=[_when(row.last_success) for row in rows]),
            Column(header="next request", cells=[_next(row) for row in rows]),
        ],
        console,
    )
    for row in rows:
        if row.advice:
            print_line(f"{row.label}: {clean(row.advice)}", console)


def _numbers(header: str, values: Sequence[int]) -> Column:
    return Column(header=header, cells=[Cell(text=str(v)) for v in values], right=True)


def _status(row: Health) -> Cell:
    return Cell(text=row.status, style=_STYLES.get(row.status, ""))


def _when(at: int | None) -> Cell:
    return Cell(text="never" if at is None else minute(at))


def _next(row: Health) -> Cell:
    if row.status in ("off", "blocked"):
        return Cell(text="-")
    return Cell(text=minute(row.next_request_at) if row.next_request_at else "at any time")
