"""What `backfill` did, and reconstructed pasts beside what was observed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from citewatch.cli.render.changes_table import changes_table
from citewatch.cli.render.grid import Cell, Column, print_grid, print_line
from citewatch.cli.render.words import clean, minute, rfc3339, short_name
from citewatch.domain.papers import Instant
from citewatch.domain.reconstruction import Reconstruction, percent
from citewatch.services.backfill import Backfilled, SourceLooks
from citewatch.services.citing import Looked

_BAD = ("failed", "parked")
_ORDINARY = 0.9
"""So much of a count is nearly always explained by dates."""
LABEL = "reconstructed"


def backfill_exit_code(done: Backfilled) -> int:
    """0 done, 3 in part, 4 when every source that was asked failed."""
    asked = [[one for one in s.looked if one.status != "busy"] for s in done.sources]
    asked = [looks for looks in asked if looks]
    if asked and all(one.status in _BAD for looks in asked for one in looks):
        return 4
    return 3 if any(one.status in _BAD for looks in asked for one in looks) else 0


def backfill_table(
    done: Backfilled,
    keys: Mapping[int, str],
    made: Mapping[tuple[int, str], Reconstruction],
    console: Console,
    *,
    named: bool = False,
) -> None:
    """One line a paper and source, then what has to be said of it, then news.

    Of papers that were asked for by name all is said, of others what is out of the ordinary.
    """
    looked = sorted(done.looked, key=lambda one: (keys[one.paper], one.source))
    if looked:
        print_grid(list(_columns(looked, keys, made)), console)
        print_line("", console)
    for one in looked:
        if said := _remarks(one, made.get((one.paper, one.source)), always=named):
            print_line(f"{keys[one.paper]}, {one.source}: {clean(said)}", console)
    for paper, source in done.uncounted:
        words = "has no count there yet; 'citewatch sync' asks for counts"
        print_line(f"{keys.get(paper, '?')}, {source}: {words}", console)
    for asked in done.sources:
        if asked.blocked:
            print_line(f"{asked.source}: blocked: {clean(asked.blocked)}", console)
        elif asked.looked and asked.looked[-1].status in _BAD:
            print_line(_stopped(asked), console)
    if not looked and not done.uncounted:
        print_line("nothing was due", console)
    if done.changes:
        changes_table(done.changes, console)


def _stopped(source: SourceLooks) -> str:
    last = source.looked[-1]
    until = f"; asks nothing before {minute(last.until)} UTC" if last.until else ""
    return f"{source.source}: {last.status}: {clean(last.note)}{until}; the rest stays due"


def _columns(
    looked: Sequence[Looked],
    keys: Mapping[int, str],
    made: Mapping[tuple[int, str], Reconstruction],
) -> Iterator[Column]:
    pasts = [made.get((one.paper, one.source)) for one in looked]
    yield Column(header="paper", cells=[Cell(text=keys[one.paper]) for one in looked])
    yield Column(header="source", cells=[Cell(text=short_name(one.source)) for one in looked])
    yield Column(header="look", cells=[Cell(text=one.status) for one in looked])
    for header, field in (("works", "works"), ("dated", "dated"), ("undated", "undated")):
        cells = [Cell(text="–" if p is None else str(getattr(p, field))) for p in pasts]
        yield Column(header=header, cells=cells, right=True)
    yield Column(header="span", cells=[Cell(text=span(p)) for p in pasts])
    shares = ["–" if p is None else percent(p.explained) for p in pasts]
    yield Column(header="explained", cells=[Cell(text=text) for text in shares], right=True)


def span(made: Reconstruction | None) -> str:
    """From which month to which day a reconstructed series goes; – for none."""
    if made is None or not made.times:
        return "–"
    return f"{minute(made.times[0])[:7]} to {minute(made.first_at)[:10]}"


def _remarks(one: Looked, made: Reconstruction | None, *, always: bool) -> str:
    if one.status in ("missing", "busy"):
        return one.note
    if one.status in _BAD:
        return "" if one.status == "parked" else f"failed: {one.note}"
    if made is None:
        return ""
    odd = made.reason or made.cut or made.early or made.future or made.explained < _ORDINARY
    return made.note if always or odd else ""


def reconstructed_json(made: Reconstruction) -> dict[str, object]:
    """A reconstructed past with its provenance; none of its names is one of the observed."""
    pairs: dict[str, object] = {
        "made_at": rfc3339(made.made_at),
        "meets_at": rfc3339(made.first_at),
        "meets_citations": made.first_count,
        "method": made.method.value,
        "works": made.works,
        "dated": made.dated,
        "known_by_year": made.by_year,
        "undated": made.undated,
        "dated_before_paper": made.early,
        "dated_in_future": made.future,
        "dated_after_first_count": made.later,
        "explained": round(made.explained, 4),
        "scale": round(made.scale, 6),
        "note": clean(made.note),
    }
    if made.cut:
        pairs["cut"] = clean(made.cut)
    pairs["points"] = [
        {"at": rfc3339(at), LABEL: count} for at, count in zip(made.times, made.counts, strict=True)
    ]
    return pairs


def reconstructed_table(source: str, made: Reconstruction, spark: str, console: Console) -> None:
    """One reconstructed past by year, under a line that says what it is."""
    head = Text(clean(source), style="bold italic")
    head.append(f", {LABEL}, not observed", style="not bold italic magenta")
    print_line(head, console)
    print_line(Text(clean(made.note), style="dim"), console)
    if not made.times:
        return
    console.print(Text(spark, style="magenta dim"), soft_wrap=True)
    rows = [(when, f"~{count}") for when, count in _by_year(made)]
    rows.append((f"{minute(made.first_at)[:10]}, observed", str(made.first_count)))
    print_grid(
        [
            Column(header="at the end of", cells=[Cell(text=when) for when, _ in rows]),
            Column(header=LABEL, cells=[Cell(text=text) for _, text in rows], right=True),
        ],
        console,
    )


def _by_year(made: Reconstruction) -> Iterator[tuple[str, int]]:
    """The level at the end of each year before the one in which it meets what was observed."""
    pairs: list[tuple[Instant, int]] = list(zip(made.times, made.counts, strict=True))
    # A level that begins with the first second of January is that of the end of December.
    years = groupby(pairs, key=lambda pair: minute(pair[0] - 1)[:4])
    ends = {int(year): list(rows)[-1][1] for year, rows in years}
    first, last = min(ends), int(minute(made.first_at)[:4])
    level = 0
    for year in range(first, last):
        level = ends.get(year, level)
        yield str(year), level
