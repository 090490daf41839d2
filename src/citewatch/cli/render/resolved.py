"""Who is who: identifiers, candidates with scores, what no source knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from citewatch.cli.render.grid import print_line
from citewatch.cli.render.passed import explain
from citewatch.cli.render.words import clean, plural, write_json
from citewatch.ports import KnownIdentifier
from citewatch.services.resolve import Resolved
from citewatch.services.whole_pass import Passed


def resolved_json(rows: Sequence[Resolved], passed: Passed, out: TextIO) -> None:
    """``{"papers": [{"key", "ids", "candidates", "missing"}], "links": {…}}``."""
    write_json(
        {
            "papers": [_paper(row) for row in rows],
            "links": {
                "total": passed.placed.links,
                "placed": passed.placed.placed,
                "unplaced": list(passed.placed.unplaced),
            },
            "sources": {s.name: {"status": s.status} for s in passed.result.sources},
        },
        out,
    )


def _paper(row: Resolved) -> dict[str, object]:
    ids: dict[str, list[str]] = {}
    for known in row.accepted:
        ids.setdefault(known.identifier.scheme, []).append(known.identifier.value)
    return {
        "key": row.paper.key,
        "title": row.paper.title,
        "ids": ids,
        "candidates": [
            {
                "id": str(c.identifier), "source": c.origin, "score": c.score, "note": clean(c.note)
            }
            for c in row.candidates
        ],
        "missing": list(row.missing_at),
    }  # fmt: skip


def resolved_table(
    rows: Sequence[Resolved], passed: Passed, console: Console, *, verbose: bool
) -> None:
    """Totals first, then the papers that need a person; with ``verbose`` all of them."""
    open_rows = [row for row in rows if row.candidates]
    left = [row for row in rows if not row.found and not row.candidates]
    nowhere = [row for row in left if row.missing_at]
    silent = [row for row in left if not row.missing_at]
    for row in rows if verbose else open_rows:
        _print_paper(row, console)
    for what, some in (("no source knows:", nowhere), ("not answered yet:", silent)):
        if some and not verbose:
            print_line(what, console)
            for row in some:
                title = f": {clean(row.paper.title)}" if row.paper.title else ""
                print_line(f"  {row.paper.key}{title}", console)
    placed = passed.placed
    if placed.links:
        print_line(f"links: {placed.placed} of {placed.links} placed", console)
        for link in placed.unplaced:
            print_line(f"  not placed: {clean(link)}", console)
    found = sum(row.found for row in rows)
    print_line(
        f"{plural(len(rows), 'paper')}: {found} found, {len(open_rows)} with candidates, "
        f"{len(nowhere)} not found anywhere, {len(silent)} not answered yet",
        console,
    )
    for source in passed.result.sources:
        for line in explain(source):
            print_line(line, console)
    if open_rows:
        first = open_rows[0]
        choice = f"{first.paper.key}={first.candidates[0].identifier}"
        print_line(f"decide with 'citewatch resolve --accept {choice}' or --reject", console)


def _print_paper(row: Resolved, console: Console) -> None:
    print_line(f"{row.paper.key}: {clean(row.paper.title)}", console)
    for known in row.accepted:
        print_line(f"    {clean(str(known.identifier))}  ({_origin(known)})", console)
    for candidate in row.candidates:
        print_line(
            f"    ? {clean(str(candidate.identifier))}  {_score(candidate)}{clean(candidate.note)}",
            console,
        )
    for source in row.missing_at:
        print_line(f"    not known at {source}", console)


def _score(candidate: KnownIdentifier) -> str:
    return f"score {candidate.score:.0f}  " if candidate.score is not None else ""


def _origin(known: KnownIdentifier) -> str:
    origins = {"list": "from the list", "link": "a link of the page", "user": "your decision"}
    return origins.get(known.origin, f"from {known.origin}") + (
        f": {clean(known.note)}" if known.note else ""
    )
