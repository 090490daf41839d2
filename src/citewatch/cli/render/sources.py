"""Health of the sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from citewatch.cli.render.grid import Cell, Column, print_grid, print_line
from citewatch.cli.render.words import clean, minute, rfc3339, write_json
from citewatch.ports import Quota
from citewatch.services.health import Health

_SOON_S = 120
_STYLES = {"ok": "green", "partial": "yellow", "parked": "yellow", "failed": "red"}


def sources_json(rows: Sequence[Health], out: TextIO) -> None:
    """``{"sources": {NAME: {"status", "key", "found", "missing", "last_success", …}}}``."""
    write_json({"sources": {row.name: health_object(row) for row in rows}}, out)


def health_object(row: Health) -> dict[str, object]:
    """One source's row; what is not known is left out."""
    known: dict[str, object | None] = {
        "label": row.label,
        "status": row.status,
        "counts": row.counts,
        "key": row.key,
        "found": row.found,
        "missing": row.missing,
        "held": row.held,
        "unresolved": row.unresolved,
        "last_success": rfc3339(row.last_success) if row.last_success is not None else None,
        "next_request_at": rfc3339(row.next_request_at) if row.next_request_at else None,
        "last_status": row.last_run.status if row.last_run else None,
        "last_note": clean(row.last_run.note) or None if row.last_run else None,
        "requests": row.last_run.requests if row.last_run else None,
        "quota": _quota(row.quota),
        "spent_until": rfc3339(row.spent_until) if row.spent_until else None,
        "median_age_s": row.median_age_s,
        "advice": clean(row.advice) or None,
    }
    return {name: value for name, value in known.items() if value is not None}


def _quota(quota: Quota | None) -> dict[str, object] | None:
    if quota is None:
        return None
    resets_at = rfc3339(quota.resets_at) if quota.resets_at is not None else None
    known = {"left": quota.left, "of": quota.of, "unit": quota.unit, "resets_at": resets_at}
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
            Column(header="age", cells=[_age(row) for row in rows], right=True),
            Column(header="last answer", cells=[_when(row.last_success) for row in rows]),
            Column(header="next request", cells=[_next(row) for row in rows]),
        ],
        console,
    )
    for row in rows:
        if sentence := _sentence(row):
            print_line(f"{row.label}: {sentence}", console)


def _numbers(header: str, values: Sequence[int]) -> Column:
    return Column(header=header, cells=[Cell(text=str(v)) for v in values], right=True)


def _status(row: Health) -> Cell:
    return Cell(text=row.status, style=_STYLES.get(row.status, ""))


def _when(at: int | None) -> Cell:
    return Cell(text="never" if at is None else minute(at)[5:])


def _next(row: Health) -> Cell:
    if row.status in ("off", "blocked"):
        return Cell(text="-")
    if row.next_request_at is None or row.next_in_s is None:
        return Cell(text="any time")
    if row.next_in_s < _SOON_S:
        return Cell(text=f"in {row.next_in_s} s")
    return Cell(text=minute(row.next_request_at)[5:])


def _age(row: Health) -> Cell:
    """The median age of its readings, in the largest unit that says something."""
    if row.median_age_s is None:
        return Cell(text="-")
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if row.median_age_s >= 2 * seconds or unit == "min":
            return Cell(text=f"{row.median_age_s // seconds} {unit}")
    return Cell(text="-")


def health_line(row: Health) -> str:
    """The same as one line of words."""
    parts = [f"{row.found} found, {row.missing} missing, {row.held} held"]
    if row.key != "not needed":
        parts.append(f"key {row.key}")
    parts.append(f"last answer {'never' if row.last_success is None else minute(row.last_success)}")
    if row.median_age_s is not None:
        parts.append(f"readings {_age(row).text} old")
    parts.append(f"next request {_next(row).text}")
    return ", ".join(part for part in (*parts, _left(row)) if part)


def _sentence(row: Health) -> str:
    """What is left of its allowance, and what to do."""
    return "; ".join(part for part in (_left(row), clean(row.advice)) if part)


def _left(row: Health) -> str:
    quota = row.quota
    if quota is None:
        return ""
    of = f" of {quota.of:,.0f}" if quota.of is not None else ""
    until = f" until {minute(quota.resets_at)}" if quota.resets_at is not None else ""
    return f"{quota.left:,.0f}{of} {quota.unit} left{until}"
