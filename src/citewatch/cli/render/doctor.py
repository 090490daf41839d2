"""What the doctor found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from citewatch.cli.render.grid import print_line
from citewatch.cli.render.sources import health_line, health_object
from citewatch.cli.render.words import clean, write_json
from citewatch.services.doctor import Finding, Level

_MARKS = {Level.OK: "ok", Level.NOTE: "note", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM"}
_STYLES = {Level.OK: "green", Level.NOTE: "", Level.WARNING: "yellow", Level.PROBLEM: "red"}


def doctor_json(findings: Sequence[Finding], out: TextIO) -> None:
    """``{"findings": [{"area", "level", "text", "advice"}], "ok": …}``."""
    rows = [
        {
            "area": f.area,
            "level": f.level.value,
            "text": clean(f.text),
            **({"advice": clean(f.advice)} if f.advice else {}),
            **({"source": f.health.name, "health": health_object(f.health)} if f.health else {}),
        }
        for f in findings
    ]
    write_json({"ok": is_well(findings), "findings": rows}, out)


def doctor_table(findings: Sequence[Finding], console: Console) -> None:
    """One line a finding; what to do about it below, indented."""
    for finding in findings:
        mark = f"{_MARKS[finding.level]:<8}"
        console.print(mark, style=_STYLES[finding.level] or None, end="")
        print_line(f"{finding.area:<9} {clean(finding.text)}", console)
        if finding.health is not None and finding.health.last_run is not None:
            print_line(f"{'':<18} {health_line(finding.health)}", console)
        if finding.advice:
            print_line(f"{'':<18} {clean(finding.advice)}", console)


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether nothing is to be acted on."""
    return all(f.level in (Level.OK, Level.NOTE) for f in findings)
