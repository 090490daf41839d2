"""A checked publication list: for people, for programs, as a patch."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TextIO

import click
from rich.console import Console
from rich.text import Text

from citewatch.cli.checking import CheckOutcome
from citewatch.cli.render.grid import Cell, Column, fit, print_grid, print_line
from citewatch.cli.render.words import clean, plural, rfc3339, short_name, write_json
from citewatch.domain.checking import Verdict
from citewatch.domain.known import known_only
from citewatch.services.check import Checked, CheckedBadge

_BADGE = 25
"""Letters of a badge that a table shows; JSON has all."""
_NAMED = 5
_STYLES = {
    Verdict.RAISE: "bold green",
    Verdict.LOWER: "bold red",
    Verdict.ADD: "green",
    Verdict.UNKNOWN: "yellow",
    Verdict.CURRENT: "dim",
}
_EXPLAINED = (Verdict.LOWER, Verdict.UNKNOWN)


# --- for programs -------------------------------------------------------------------


def checked_json(outcome: CheckOutcome, out: TextIO) -> None:
    """The document of ``check --format json``; what is unknown is absent."""
    checked = outcome.checked
    document: dict[str, object] = {
        "file": checked.file,
        "entries": checked.entries,
        "matched": checked.matched,
        "badges": [_badge(row, written=row in outcome.written) for row in checked.badges],
        "unmatched": [
            known_only({"entry": e.number, "line": e.line, "page": e.page,
                    "title": clean(e.paper.title), "why": clean(why) or None})
            for e, why in checked.unmatched
        ],
    }  # fmt: skip
    if outcome.backup is not None:
        document["backup"] = str(outcome.backup)
    write_json(document, out)


def _badge(row: CheckedBadge, *, written: bool) -> dict[str, object]:
    observed_at = None if row.observed_at is None else rfc3339(row.observed_at)
    return known_only(
        {
            "kind": row.kind,
            "entry": row.entry,
            "line": row.line,
            "page": row.page,
            "paper": row.key,
            "text": row.text,
            "claim": row.claim,
            "citations": row.citations,
            "source": row.source,
            "observed_at": observed_at,
            "verdict": row.verdict.value,
            "suggest": row.judged.suggest,
            "why": clean(row.judged.why),
            "written": True if written else None,
        }
    )


def print_patch(outcome: CheckOutcome) -> None:
    """The patch, byte for byte; on a terminal its lines, made harmless."""
    if not sys.stdout.isatty():
        click.echo(outcome.patch, nl=False)
        return
    out = Console(file=sys.stdout, highlight=False, markup=False, soft_wrap=True)
    for line in outcome.patch.decode("utf-8", errors="replace").split("\n")[:-1]:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        out.print(Text(line[:1] + clean(line[1:]), style=style))


# --- for people ---------------------------------------------------------------------


def checked_table(outcome: CheckOutcome, console: Console) -> None:
    """One line a badge, why where that is not plain, what is not watched, and a summary."""
    checked = outcome.checked
    rows = [row for row in checked.badges if row.kind == "paper"]
    head = f"{clean(checked.file)}: {_entries(checked.entries)}, {checked.matched} watched"
    print_line(Text(head, style="bold"), console)
    if rows:
        console.print()
        print_grid(list(_columns(rows)), console)
        console.print()
    for line in _reasons(checked):
        print_line(line, console)
    for line in _unmatched(checked):
        print_line(line, console)
    print_line(Text(_summary(rows), style="bold"), console)


def _columns(rows: Sequence[CheckedBadge]) -> Iterator[Column]:
    titles = [Cell(text=clean(row.title) or row.key or "?") for row in rows]
    yield Column(header="paper", cells=titles)
    yield Column(header="line", cells=[Cell(text=_place(row)) for row in rows], right=True)
    verdicts = [Cell(text=row.verdict.value, style=_STYLES[row.verdict]) for row in rows]
    yield Column(header="verdict", cells=verdicts)
    yield Column(header="badge", cells=[_change(row) for row in rows])
    counts = ["" if row.citations is None else str(row.citations) for row in rows]
    yield Column(header="cited", cells=[Cell(text=count) for count in counts], right=True)
    sources = ["" if row.source is None else short_name(row.source) for row in rows]
    yield Column(header="by", cells=[Cell(text=source) for source in sources])
    days = ["" if row.observed_at is None else rfc3339(row.observed_at)[:10] for row in rows]
    yield Column(header="on", cells=[Cell(text=day) for day in days], give_way=1)


def _place(row: CheckedBadge) -> str:
    return str(row.line) if row.page is None else f"p. {row.page}"


def _where(row: CheckedBadge) -> str:
    return f"line {row.line}" if row.page is None else f"page {row.page}"


def _change(row: CheckedBadge) -> Cell:
    old, new = fit(clean(row.text), _BADGE), fit(clean(row.judged.suggest or ""), _BADGE)
    style = _STYLES[row.verdict]
    match row.verdict:
        case Verdict.ADD:
            return Cell(text=f"({new})", style=style)
        case Verdict.RAISE | Verdict.LOWER:
            return Cell(text=f"{old} → {new or 'none'}", style=style)
        case _:
            return Cell(text=old, style=style)


def _reasons(checked: Checked) -> Iterator[str]:
    """Why, where the table does not say it; those of one reason share a line."""
    groups: dict[str, list[CheckedBadge]] = {}
    for row in checked.badges:
        if row.verdict in _EXPLAINED:
            groups.setdefault(row.judged.why, []).append(row)
    for why, rows in groups.items():
        if len(rows) == 1:
            yield f"{_where(rows[0])}: {clean(rows[0].text)}: {clean(why)}"
            continue
        places = ", ".join(dict.fromkeys(_place(row) for row in rows[:_NAMED]))
        more = ", …" if len(rows) > _NAMED else ""
        lines = "lines " if rows[0].page is None else ""
        yield f"{lines}{places}{more}: {len(rows)} badges: {clean(why)}"


def _entries(number: int) -> str:
    return f"{number} entr{'y' if number == 1 else 'ies'}"


def _unmatched(checked: Checked) -> Iterator[str]:
    doubtful = [(entry, why) for entry, why in checked.unmatched if why]
    for entry, why in doubtful:
        where = f"line {entry.line}" if entry.page is None else f"page {entry.page}"
        yield f"{where}: {clean(entry.paper.title)}: {clean(why)}"
    new = [entry for entry, why in checked.unmatched if not why]
    if not new:
        return
    lines = ", ".join(str(entry.line) for entry in new[:_NAMED])
    more = ", …" if len(new) > _NAMED else ""
    are = "is" if len(new) == 1 else "are"
    yield (
        f"{_entries(len(new))} {are} not watched (line{'' if len(new) == 1 else 's'} "
        f"{lines}{more}): 'citewatch add {clean(checked.file)}' watches them"
    )


def _summary(rows: Sequence[CheckedBadge]) -> str:
    counts = Counter(row.verdict for row in rows)
    badges = sum(counts.values()) - counts[Verdict.ADD]
    words = {
        Verdict.CURRENT: "current", Verdict.RAISE: "to raise", Verdict.LOWER: "to lower",
        Verdict.UNKNOWN: "unknown",
    }  # fmt: skip
    parts = [f"{counts[verdict]} {word}" for verdict, word in words.items() if counts[verdict]]
    text = plural(badges, "badge") + (f": {', '.join(parts)}" if parts else "")
    return text + (f" · {counts[Verdict.ADD]} more earned" if counts[Verdict.ADD] else "")


# --- beside the data ----------------------------------------------------------------


def said(outcome: CheckOutcome, *, asked_to_write: bool, patch: bool) -> Iterator[str]:
    """What was done, and what the user has to do."""
    checked = outcome.checked
    yield from map(clean, outcome.notes)
    if outcome.written:
        badges = plural(len(outcome.written), "badge")
        yield f"{clean(checked.file)}: {badges} written; as it was before: {outcome.backup}"
    elif asked_to_write:
        yield f"{clean(checked.file)}: no badge was to be written"
    if outcome.followed:
        yield f"config.toml: {plural(outcome.followed, 'claim')} changed with the list"
    if outcome.by_hand and not (asked_to_write or patch):
        yield "what has no place in the file's text is to be changed where the file is made from"
    elif outcome.by_hand:
        yield "these cannot be changed in the file itself, but where it is made from, or by hand:"
        for row in outcome.by_hand:
            new = row.judged.suggest or "no badge"
            yield f"  {_where(row)}: {clean(row.title)}: {clean(row.text)} → {clean(new)}"
    if asked_to_write and any(row.verdict is Verdict.ADD for row in checked.badges):
        yield "badges that are earned and not there are for you to place: none was inserted"
    if patch and outcome.patch and outcome.patch_folder is not None:
        yield f"the patch is for the folder {outcome.patch_folder}: patch -p0 there"
    if checked.never_asked:
        yield "no source has been asked yet: run 'citewatch sync'"
