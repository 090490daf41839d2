"""What led to a line of the log, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from rich.console import Console
from rich.text import Text

from citewatch.cli.render.changes import change_object
from citewatch.cli.render.grid import Cell, Column, print_grid, print_line
from citewatch.cli.render.words import clean, minute, rfc3339, write_json
from citewatch.domain.known import known_only
from citewatch.domain.papers import Snapshot, Status
from citewatch.ports import Run
from citewatch.services.why import HitPaper, SeenReading, Why


def why_table(why: Why, console: Console) -> None:
    """Print the line, its rule, and the readings and passes behind it."""
    row = why.change
    about = clean(row.title or row.key or row.change.source)
    kind = row.change.kind.value.replace("_", " ")
    print_line(Text(f"#{row.number} {kind}: {about}", style="bold"), console)
    print_line(f"{minute(row.change.at)}  {clean(row.change.text)}", console)
    if why.rule:
        print_line(f"The rule: {why.rule}.", console)
    for block in (_readings(why), _papers(why), _said(why), _passes(why)):
        if block and block[0].cells:
            console.print()
            print_grid(block, console)
    if why.asked > len(why.passes):
        print_line(f"The last {len(why.passes)} of {why.asked} passes.", console)


def why_json(why: Why, out: TextIO) -> None:
    """The same as one document; what is unknown is absent."""
    document: dict[str, object] = {"change": change_object(why.change), "rule": why.rule or None}
    document["readings"] = [_reading_object(seen) for seen in why.readings]
    document["said"] = [
        known_only({"what": clean(what) or None, "before": clean(was) or None,
                "after": clean(now) or None})
        for what, was, now in why.said
    ]  # fmt: skip
    document["papers"] = [_paper_object(paper) for paper in why.papers]
    document["passes"] = [_pass_object(run) for run in why.passes]
    document["passes_in_all"] = why.asked
    write_json(known_only(document), out)


def _reading_object(seen: SeenReading) -> dict[str, object]:
    return known_only(
        {"at": rfc3339(seen.at), "citations": seen.citations, "status": seen.status.value,
         "note": seen.note}
    )  # fmt: skip


def _paper_object(paper: HitPaper) -> dict[str, object]:
    after = paper.after
    return known_only(
        {
            "paper": paper.key, "before": paper.before, "said": paper.said,
            "after": None if after is None else after.citation_count,
            "after_at": None if after is None else rfc3339(after.at),
            "after_status": None if after is None else after.status.value,
        }
    )  # fmt: skip


def _pass_object(run: Run) -> dict[str, object]:
    return known_only(
        {
            "started_at": rfc3339(run.started_at), "status": run.status, "papers": run.papers,
            "found": run.found, "missing": run.missing, "failed": run.failed,
            "changed": run.changed, "trigger": run.trigger, "note": clean(run.note) or None,
        }
    )  # fmt: skip


# --- columns ---------------------------------------------------------------------------


_STYLES = {Status.HELD: "yellow", Status.MISSING: "red"}


def _count(number: int | None) -> Cell:
    return Cell(text="–" if number is None else str(number))


def _column(header: str, texts: Iterator[str] | list[str], *, right: bool = False) -> Column:
    return Column(header=header, cells=[Cell(text=clean(text)) for text in texts], right=right)


def _readings(why: Why) -> list[Column]:
    seen = why.readings
    return [
        _column("reading (UTC)", [minute(s.at) for s in seen]),
        Column(header="cited", cells=[_count(s.citations) for s in seen], right=True),
        Column(header="how it was taken",
               cells=[Cell(text=s.note, style=_STYLES.get(s.status, "")) for s in seen]),
    ]  # fmt: skip


def _papers(why: Why) -> list[Column]:
    papers = why.papers
    return [
        _column("paper", [paper.key for paper in papers]),
        Column(header="before", cells=[_count(p.before) for p in papers], right=True),
        Column(header="said", cells=[_count(p.said) for p in papers], right=True),
        _column("afterwards", [_afterwards(paper.after) for paper in papers]),
    ]


def _afterwards(after: Snapshot | None) -> str:
    if after is None:
        return "nothing else yet"
    count = "not known" if after.citation_count is None else str(after.citation_count)
    word = " (held back)" if after.status is Status.HELD else ""
    return f"{count}{word} on {minute(after.at)[:10]}"


def _said(why: Why) -> list[Column]:
    return [
        _column("what", [what.replace("_", " ") for what, _, _ in why.said]),
        _column("before", [was or "–" for _, was, _ in why.said]),
        _column("since then", [now or "–" for _, _, now in why.said]),
    ]


def _passes(why: Why) -> list[Column]:
    runs = why.passes
    return [
        _column("pass (UTC)", [minute(run.started_at) for run in runs]),
        _column("ended", [run.status or "not at all" for run in runs]),
        _column("asked", [str(run.papers) for run in runs], right=True),
        _column("found", [str(run.found) for run in runs], right=True),
        _column("missing", [str(run.missing) for run in runs], right=True),
        _column("failed", [str(run.failed) for run in runs], right=True),
    ]
