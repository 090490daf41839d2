"""What was understood of a publication list, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from citewatch.cli.render.grid import fit, page_width, print_line
from citewatch.cli.render.words import clean, plural, write_json
from citewatch.domain.badges import Badge, Style, counts_in
from citewatch.ports import Entry, PublicationList

_AUTHORS = 3
"""Authors that the table names."""
_LEFT = 200
"""Characters of a piece that was not understood."""
_STYLES = {
    Style.FLOOR: "a floor",
    Style.EXACT: "the exact number",
    Style.WORDS: "a round number",
}


def entries_json(read: PublicationList, out: TextIO) -> None:
    """``{"file", "entries": [{"number", "line", "title", …, "badge", "doubts"}], "links", …}``."""
    write_json(
        {
            "file": read.file,
            "entries": [_entry(entry) for entry in read.entries],
            "links": [*read.links, *(link for _, links in read.pages for link in links)],
            "totals": [
                {"line": line, "text": text, "value": value} for line, text, value in read.totals
            ],
            "leftovers": [
                {"line": line, "text": text, "why": why} for line, text, why in read.leftovers
            ],
            "skipped": dict(read.skipped),
            "notes": list(read.notes),
        },
        out,
    )


def _entry(entry: Entry) -> dict[str, object]:
    paper = entry.paper
    about: dict[str, object | None] = {
        "number": entry.number,
        "line": entry.line,
        "page": entry.page,
        "start": entry.span[0] if entry.span else None,
        "end": entry.span[1] if entry.span else None,
        "title": paper.title or None,
        "authors": list(paper.authors),
        "venue": paper.venue or None,
        "year": paper.year,
        "links": list(entry.links),
        "ids": {identifier.scheme: identifier.value for identifier in paper.ids},
        "claim": paper.claim,
        "badge": _badge(entry),
        "more_badges": [_placed(badge, line) for line, badge in entry.also] or None,
        "doubts": list(entry.doubts),
    }
    return {name: value for name, value in about.items() if value is not None}


def _badge(entry: Entry) -> dict[str, object] | None:
    if entry.place is not None:
        return _placed(entry.place, entry.badge_line or entry.line)
    if not entry.badge:
        return None
    found = counts_in(entry.badge)
    style = found[0].style if found else Style.EXACT
    about: dict[str, object] = {"text": entry.badge, "style": str(style)}
    return about if entry.page is None else {**about, "page": entry.page}


def _placed(badge: Badge, line: int) -> dict[str, object]:
    return {
        "text": badge.text,
        "line": line,
        "start": badge.start,
        "end": badge.end,
        "style": str(badge.style),
    }


def entries_table(read: PublicationList, console: Console) -> None:
    """A few lines an entry, doubts marked; then everything that is no entry."""
    wide = max((len(str(entry.number)) for entry in read.entries), default=1)
    for entry in read.entries:
        head = f"{entry.number:>{wide}}  "
        title = clean(entry.paper.title) or "(title not read)"
        print_line(f"{head}{fit(title, page_width(console) - len(head))}", console)
        for line in _about(entry):
            print_line(fit(f"{' ' * len(head)}{line}", page_width(console)), console)
        for doubt in entry.doubts:
            print_line(Text(f"{' ' * len(head)}? {clean(doubt)}", style="yellow"), console)
    _rest(read, console)
    badges = sum(bool(entry.badge) for entry in read.entries)
    doubted = sum(bool(entry.doubts) for entry in read.entries)
    ids = sum(bool(entry.paper.ids) for entry in read.entries)
    print_line(
        f"{plural(len(read.entries), 'paper')}, {badges} with a badge, {ids} with an identifier, "
        f"{doubted} with a doubt",
        console,
    )


def _about(entry: Entry) -> Iterator[str]:
    """Where it stands and what it says, in few words."""
    paper = entry.paper
    where = f"line {entry.line}" if entry.page is None else f"page {entry.page}"
    said = [where, str(paper.year or ""), clean(paper.venue), _names(paper.authors)]
    yield " · ".join(word for word in said if word)
    known = [clean(str(identifier)) for identifier in paper.ids]
    if known:
        yield "  ".join(known)
    elif entry.links:
        yield clean(entry.links[0])
    if entry.badge:
        yield _claim(entry)
    for line, badge in entry.also:
        yield f'badge "{_words(badge.text)}" again, line {line}'


def _claim(entry: Entry) -> str:
    words = f'badge "{_words(entry.badge)}"'
    if entry.place is None:
        return f"{words}, claims {entry.paper.claim}"
    style = _STYLES[entry.place.style]
    return f"{words}, claims {entry.paper.claim} ({style}), line {entry.badge_line}"


def _words(text: str) -> str:
    return clean(" ".join(text.split()))


def _names(authors: Sequence[str]) -> str:
    if not authors:
        return ""
    named = ", ".join(map(clean, authors[:_AUTHORS]))
    more = len(authors) - _AUTHORS
    return f"{named} and {more} more" if more > 0 else named


def _rest(read: PublicationList, console: Console) -> None:
    """What was not understood, links of no entry, totals, and what was left aside."""
    waiting = [link for _, links in read.pages for link in links]
    for line, text, why in read.leftovers:
        shown = clean(text)[:_LEFT]
        print_line(Text(f"? not understood, line {line}: {clean(why)}", style="yellow"), console)
        print_line(fit(f"    {shown}", page_width(console)), console)
    for line, text, value in read.totals:
        print_line(f"total of {value}, line {line}: {_words(text)} (never rewritten)", console)
    if waiting:
        what = plural(len(waiting), "link")
        print_line(f"{what} at the foot of a page, of which no paper is certain", console)
    if read.links:
        print_line(f"{plural(len(read.links), 'link')} of no paper", console)
    if read.skipped:
        kinds = ", ".join(f"{number} {clean(kind)}" for kind, number in read.skipped.items())
        print_line(f"not papers: {kinds}", console)
