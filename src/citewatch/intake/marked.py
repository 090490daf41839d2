"""Title, authors and venue of an entry whose markup sets some words apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from citewatch.intake.authors import certain_authors
from citewatch.intake.fields import Fields
from citewatch.intake.names import Names, read_names
from citewatch.intake.venues import VENUE_WORDS, Tail, read_tail

_YEAR_BEFORE = re.compile(r"[\s,.:;(\[]*\b((?:19[3-9]|20[0-4])\d)[a-z]?[)\]]?[\s,.:;]*$")
_YEAR_AHEAD = re.compile(r"^[\s(\[]*((?:19[3-9]|20[0-4])\d)[a-z]?\b[)\]]?[\s,.:;–—-]*(?:\n|(?=\S))")
_YEAR_BETWEEN = re.compile(r"[\s,.]+\(?((?:19[3-9]|20[0-4])\d)[a-z]?\)?[\s,.:;]+(?=\S)")
_TAGS = re.compile(r"</?(?:su[bp]|i|b|em|strong|span|tt)\b[^<>]{0,200}>", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"„«]([^“”\"„«»]{8,400})[”\"“»]")
_EDGES = " \t\r\n,.;:–—-|•·"
_BUTTON = re.compile(
    r"\W*(?:pdf|link|code|doi|arxiv|url|slides|video|paper|bib(?:tex)?|html)\W*", re.I
)
_NAMED_VENUE = re.compile(
    r"(?:in\s+)?(?:proc(?:eedings|\.)|advances in|journal of|transactions)", re.I
)
_EMPTY = re.compile(r"\s*[(\[{]\s*[)\]}]")
_CELLS = 3
"""Arguments of a command that sets an entry, at least."""
_FAR = 8
"""Marked runs of an entry that are looked at for its title."""
_LETTERS, _SENTENCE = 8, 3
"""Letters of a title, and words of one that could be a name."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words of an entry that its markup sets apart: [start, end) of the entry's text."""

    kind: str
    """"link", "emphasis", "quote", or "field:title" and so on where the markup names it."""
    start: int
    end: int
    value: str = ""


def from_marked(text: str, runs: Sequence[Run]) -> Fields | None:
    """The fields of an entry with a title that is named, linked, quoted or emphasised.

    ``text`` is the entry without its badges: blanks stand in their places. None where no marked words can be the title: then the words alone have to tell. Words
    are the title when an author list stands right before them, or, at the beginning of the
    entry, right behind.
    """
    for reader in (_named, _blocks, _cells):
        fields = reader(text, runs)
        if fields is not None:
            return fields
    for run in _candidates(text, runs):
        fields = _around(text, run)
        if fields is not None:
            return fields
    return None


def _named(text: str, runs: Sequence[Run]) -> Fields | None:
    """Fields that the markup itself names, as in the lists that BibTeX writes."""
    found: dict[str, list[str]] = {}
    last = 0
    for run in runs:
        if run.kind.startswith("field:"):
            found.setdefault(run.kind[6:], []).append(text[run.start : run.end])
            last = max(last, run.end)
    if "title" not in found:
        return None
    authors = [" ".join(name.split()) for name in found.get("author", [])]
    years = [
        int(year) for year in found.get("year", ()) if re.fullmatch(r"[12]\d{3}", year.strip())
    ]
    venue = next(
        (v for k in ("journal", "booktitle", "publisher", "note") for v in found.get(k, ())), ""
    )
    tail = Tail(" ".join(venue.split()), years[0] if years else read_tail(text).year)
    return Fields(clean_title(found["title"][0]), tuple(authors), tail)


def _blocks(text: str, runs: Sequence[Run]) -> Fields | None:
    """Authors, title and venue in the blocks of a bibliography."""
    stops = [run.start for run in runs if run.kind == "block"]
    if len(stops) < 2:
        return None
    names = certain_authors(text[: stops[0]].strip(_EDGES[:-3]))
    if names is None:
        return None
    return _fields(clean_title(text[stops[0] : stops[1]]), names, text[stops[1] :], None)


def _cells(text: str, runs: Sequence[Run]) -> Fields | None:
    """Title, venue and authors in the arguments of a command that sets an entry.

    One of them has to be an author list; the title is the first of the others that is
    more than a date, and the venue the next.
    """
    cells = [text[run.start : run.end] for run in runs if run.kind == "cell"]
    if len(cells) < _CELLS:
        return None
    cells = [" ".join(_EMPTY.sub(" ", cell).split()).strip(" ,;") for cell in cells]
    read = [(at, read_names(cell)) for at, cell in enumerate(cells) if " " in cell]
    authors = max(
        ((len(names.names), at, names) for at, names in read if names), default=None,
        key=lambda one: one[0],
    )  # fmt: skip
    if authors is None:
        return None
    rest = [cell for at, cell in enumerate(cells) if at != authors[1]]
    words = [cell for cell in rest if len(re.findall(r"[^\W\d_]{2,}", cell)) > 1]
    if not words:
        return None
    year = next((read_tail(cell).year for cell in rest if read_tail(cell).year), None)
    venue = words[1] if len(words) > 1 else ""
    return Fields(clean_title(words[0]), authors[2].names, Tail(venue, year), authors[2].cut)


def _candidates(text: str, runs: Sequence[Run]) -> list[Run]:
    """Runs that may be the title: quoted words, then others in their order."""
    quotes = [Run("quote", m.start(), m.end(), m[1]) for m in _QUOTED.finditer(text[:_FARTHEST])]
    others = [run for run in runs if run.kind in ("link", "emphasis")]
    others.sort(key=lambda run: run.start)
    return [run for run in (*quotes[:2], *others[:_FAR]) if _titular(text, run)]


def _titular(text: str, run: Run) -> bool:
    """Whether the words of a run can be a title at all."""
    words = text[run.start : run.end].strip(_EDGES + "“”\"'")
    if len(words) < _LETTERS or " " not in words or _BUTTON.fullmatch(words):
        return False
    if re.match(r"(?:https?://|arxiv:|doi:|10\.\d{4})", words, re.IGNORECASE):
        return False
    if run.kind == "quote":
        return True
    return _NAMED_VENUE.match(words) is None and not _person(text, run)


def _person(text: str, run: Run) -> bool:
    """Whether marked words are an author's name: names go on behind it, or it has initials.

    "Radiative Supernova Remnants" reads like a name too, but a venue follows it.
    """
    words = text[run.start : run.end]
    if read_names(words) is None:
        return False
    if re.search(r"\b[A-Z]\.|,", words) or not text[: run.start].strip(_EDGES):
        return True
    return len(words.split()) < _SENTENCE or _leading(text[run.end :])[0] is not None


def _around(text: str, run: Run) -> Fields | None:
    """The entry's fields if this run is its title."""
    title = clean_title(text[run.start : run.end])
    before, after = text[: run.start], text[run.end :]
    before, year = _without_year(before)
    if re.search(r"[^\W\d_]", before):
        names = certain_authors(before)
        if names is None:
            return None
        return _fields(title, names, after, year)
    names, rest = _leading(after)
    if names is None and run.kind == "emphasis" and VENUE_WORDS.search(title):
        return None
    return _fields(title, names or Names(()), rest, year) if title else None


def _without_year(before: str) -> tuple[str, int | None]:
    """What stands before a title, without a year at either end of it."""
    if found := _YEAR_BEFORE.search(before[-40:]):
        return before[: len(before) - len(before[-40:]) + found.start()], int(found[1])
    if found := _YEAR_AHEAD.match(before):
        return before[found.end() :], int(found[1])
    return before, None


def _fields(title: str, names: Names, after: str, year: int | None) -> Fields:
    tail = read_tail(_EMPTY.sub(" ", " ".join(after.split())))
    return Fields(title, names.names, Tail(tail.venue, year or tail.year), names.cut)


def _leading(after: str) -> tuple[Names | None, str]:
    """The author list with which the words behind a title begin, and what follows it."""
    text = after.lstrip(_EDGES)
    text = re.sub(r"^(?:by|with|w/)\s+", "", text, flags=re.IGNORECASE)
    best: tuple[Names | None, str] = (None, after)
    misses = 0
    for stop in re.finditer(r"\n|[.,;:(\[]\s+|\s+[(\[–—-]\s*|$", text[:_FARTHEST]):
        names = read_names(text[: stop.start()])
        if names is not None and (len(names.names) > 1 or " " in names.names[0]):
            best, misses = (names, text[stop.start() :]), 0
            continue
        misses += 1
        if misses > _MISSES or (best[0] is not None and stop[0][:1] in "\n."):
            break
    return best


def with_turned_names(text: str) -> str:
    """An entry whose author list before its year is turned to natural order, names by ";".

    "Roe, Jane, Poe, Jack, 2019, Title" is hard to take apart by commas alone; other
    texts stay as they are.
    """
    for found in _YEAR_BETWEEN.finditer(text[:_FARTHEST]):
        names = certain_authors(text[: found.start()])
        if names is None or len(names.names) < 2:
            break
        cut = "; et al." if names.cut else ""
        return f"{'; '.join(names.names)}{cut}, {found[1]}. {text[found.end() :]}"
    return text


def clean_title(text: str) -> str:
    """A title on one line, without the quotes and stops around it."""
    title = " ".join(_EMPTY.sub("", _TAGS.sub("", text)).split()).strip(' ,;:“”"„«»')
    if title.endswith(".") and not title.endswith("..."):
        title = title[:-1]
    return title.strip()


_FARTHEST = 6_000
_MISSES = 4
