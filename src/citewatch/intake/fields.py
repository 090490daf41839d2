"""One entry's lines taken apart: title, authors, venue, year.

Two layouts: title, authors and venue on lines of their own, or everything in one
paragraph. Which one a document uses is judged over all its entries.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from citewatch.intake.names import Names, could_be_cut, is_name, read_names
from citewatch.intake.titles import Vocabulary, join_lines, part_small_words
from citewatch.intake.venues import VENUE_WORDS, Tail, has_year, read_tail

_QUOTED = re.compile(r"[“\"„«]([^“”\"„«»]{8,400})[”\"“»]|‘‘([^‘’]{8,400})’’|``([^`']{8,400})''")
_SENTENCE = re.compile(
    r"(?:(?<=[^\W\d_]{2})|(?<=[\d)\"”?!])|(?<=[.:]\s[IVX]))[.?!]\s+(?=[\w“\"])|(?<=[?!])\s+(?=[A-Z])"
)
_STOP = re.compile(r"(?<!\b[A-Z])\.\s+(?=[\w“\"‘])|:\s+(?=[\w“\"])")
_YEAR_IN_FRONT = re.compile(
    r"[,.]?\s*(?:\(((?:19|20)\d\d)[a-z]?(?:,\s*[A-Z][a-z]+(?:\s+\d{1,2})?)?\)"
    r"|\b((?:19|20)\d\d)[a-z]?)[.,:;]?\s+(?=[\w“\"‘(])"
)
_PART = re.compile(r"(?:Part\s+)?(?:[IVX]{1,5}|\d{1,2})")
_NUMBERED_VENUE = re.compile(r"[A-Z][^,()]{2,90}(?:,\s*\d{1,4}[A-Z]?\b|\s+\d{1,4}\s*[(:])")
_MORE_THAN_TITLE = re.compile(
    r"\(arxiv:|\[\d+\s+citations?\]|https?://|\bdoi\b|\(\d+\s+citations", re.IGNORECASE
)
"""Before the first sentence ends: so commas, not stops, part title and venue."""
_PARTS = 3
"""Sentences that a title has at most."""
_DEEP = 16
"""Lines of one entry that are looked at for title and authors."""
_FAR = 40
"""Sentence ends that are looked at for the end of an author list."""
_MISSES = 4
"""Commas in a row that end no author list ("Roe, J., Muster" needs two of them)."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What was told apart in one entry."""

    title: str
    authors: tuple[str, ...]
    tail: Tail
    cut: bool = False
    """Whether the author list ended in "et al."."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the whole document says: its words and its authors' names."""

    words: Vocabulary
    names: Collection[str] = frozenset()


def from_lines(lines: Sequence[str], evidence: Evidence) -> Fields | None:
    """Title, authors and venue on lines of their own, in this order; None without authors."""
    best: tuple[float, int, int, Names] | None = None
    for start in range(1, min(len(lines), _DEEP)):
        for end, names in _author_runs(lines, start, evidence):
            score = _score(names, lines[end:], evidence) + _shape(lines, start, end)
            if best is None or score > best[0]:
                best = score, start, end, names
    if best is None or best[0] <= 0:
        return None
    _, start, end, names = best
    title = _title(join_lines(lines[:start], evidence.words))
    tail = read_tail(join_lines(lines[end:], evidence.words))
    return Fields(title, names.names, tail, names.cut) if title else None


def from_lines_authors_first(lines: Sequence[str], evidence: Evidence) -> Fields | None:
    """Authors, title and venue on lines of their own, in this order."""
    if len(lines) < 3:
        return None
    for end, names in reversed(_author_runs(lines, 0, evidence)):
        rest = lines[end:]
        first = next(
            (
                i
                for i, line in enumerate(rest)
                if i and (has_year(line) or VENUE_WORDS.search(line))
            ),
            None,
        )
        if first is None or not _several(names, evidence):
            continue
        title = _title(join_lines(rest[:first], evidence.words))
        tail = read_tail(join_lines(rest[first:], evidence.words))
        return Fields(title, names.names, tail, names.cut) if title else None
    return None


def _author_runs(
    lines: Sequence[str], start: int, evidence: Evidence
) -> Sequence[tuple[int, Names]]:
    """Author lists that begin at a line, with the line after each."""
    runs: list[tuple[int, Names]] = []
    for end in range(start + 1, min(len(lines), _DEEP) + 1):
        text = join_lines(lines[start:end], evidence.words)
        names = read_names(text, known=evidence.names)
        if names is None:
            if not is_name(lines[end - 1].rstrip(",")) and end > start + 1:
                break
            if has_year(lines[end - 1]):
                break
            continue
        runs.append((end, names))
        if end < len(lines) and not _goes_on(
            lines[end - 1], lines[end], last=end + 1 == len(lines)
        ):
            break
    return runs


def _goes_on(line: str, following: str, *, last: bool) -> bool:
    """Whether an author list may go on in the next line."""
    if line.endswith((",", ";", "-", "&")) or re.search(r"\band$", line):
        return True
    if re.match(r"(?:and|&)\s", following):
        return True
    if has_year(following) or VENUE_WORDS.search(following):
        return False
    return could_be_cut(line) or (not last and len(following.split()) <= 2 and is_name(following))


def _shape(lines: Sequence[str], start: int, end: int) -> float:
    """What the breaks of lines say against an author list in lines ``start`` to ``end``."""
    against = 0.1 * start
    if end < len(lines) and _goes_on(lines[end - 1], lines[end], last=end + 1 == len(lines)):
        against += 3.0
    if end > start + 1 and not re.search(r"[,;&]|\band\b", lines[start]):
        # A list that fills more than one line has commas in its first: this is the title's end.
        against += 2.0
    return -against


def _score(names: Names, rest: Sequence[str], evidence: Evidence) -> float:
    """How much speaks for an author list here: its length, known names, a venue behind it."""
    behind = " ".join(rest)
    score = float(min(len(names.names), 6)) - 1.5
    score += 3.0 if any(name in evidence.names for name in names.names) else 0.0
    score += 2.0 if has_year(behind) else 0.0
    score += 1.0 if VENUE_WORDS.search(behind[:400]) else 0.0
    score += 0.5 if names.cut else 0.0
    return score if rest or names.cut or len(names.names) > 1 else score - 2.0


def from_paragraph(text: str, evidence: Evidence) -> Fields | None:
    """One paragraph in one of the usual orders; None when no order fits."""
    return _quoted(text, evidence) or _authors_first(text, evidence) or _title_first(text, evidence)


def _quoted(text: str, evidence: Evidence) -> Fields | None:
    """Authors, "Title," venue, year; or "Title," authors, venue, year."""
    found = _QUOTED.search(text)
    if found is None:
        return None
    title = _title((found[1] or found[2] or found[3]).rstrip(",. "))
    before, after = text[: found.start()].strip(" .,:"), text[found.end() :].strip(" ,.")
    before = re.sub(r"\(?\b((?:19|20)\d\d)\)?$", "", before).strip(" .,:(")
    if before:
        names = read_names(before, known=evidence.names)
        year = _YEAR_IN_FRONT.search(text[: found.start()] + " x")
        tail = read_tail(after)
        if tail.year is None and year:
            tail = Tail(tail.venue, int(year[1] or year[2]))
        return Fields(title, names.names, tail, names.cut) if names else None
    split = _leading_names(after, evidence)
    if split is None:
        return None
    return Fields(title, split[0].names, read_tail(split[1]), split[0].cut)


def _authors_first(text: str, evidence: Evidence) -> Fields | None:
    """Authors (Year). Title. Venue; Authors. Title. Venue, Year; Authors: Title. Venue."""
    for found in _YEAR_IN_FRONT.finditer(text[:6_000]):
        # The dot may belong to an initial: "Roe, J. (2019)".
        names = read_names(text[: found.start() + 1], known=evidence.names)
        if names is not None:
            title, rest = _first_sentence(text[found.end() :])
            tail = Tail(read_tail(rest).venue, int(found[1] or found[2]))
            return Fields(_title(title), names.names, tail, names.cut) if title else None
        break
    for count, found in enumerate(_STOP.finditer(text[:6_000])):
        if count >= _FAR:
            break
        names = read_names(text[: found.start()], known=evidence.names)
        if names is None or not _several(names, evidence):
            continue
        title, rest = _first_sentence(text[found.end() :])
        if not title or (not rest and read_names(title)):
            return None
        return Fields(_title(title), names.names, read_tail(rest), names.cut)
    return None


def _several(names: Names, evidence: Evidence) -> bool:
    """Whether a list is surely of authors: several names, or one that is known or initials."""
    if len(names.names) > 1 or names.cut:
        return True
    name = names.names[0]
    return name in evidence.names or bool(re.search(r"\b[A-Z]\.", name))


def _title_first(text: str, evidence: Evidence) -> Fields | None:
    """Title. Authors. Venue, Year."""
    for count, found in enumerate(_SENTENCE.finditer(text[:2_000])):
        if count >= 4:
            break
        split = _leading_names(text[found.end() :], evidence)
        if split is not None and _several(split[0], evidence):
            title = _title(text[: found.start() + 1])
            return Fields(title, split[0].names, read_tail(split[1]), split[0].cut)
    return None


def _leading_names(text: str, evidence: Evidence) -> tuple[Names, str] | None:
    """The author list with which a text begins and what follows it."""
    best: tuple[Names, str] | None = None
    misses = 0
    head = text[:6_000]
    spans = [m.span() for m in (*_STOP.finditer(head), *re.finditer(r",\s+", head))]
    for start, end in sorted(spans):
        names = read_names(text[:start], known=evidence.names)
        if names is not None:
            best, misses = (names, text[end:]), 0
            continue
        misses += 1
        if misses > _MISSES or (best is not None and text[start] == "."):
            break
    if best is None and (names := read_names(text, known=evidence.names)):
        return names, ""
    return best


def _first_sentence(text: str) -> tuple[str, str]:
    """The title with which a text begins, and the rest."""
    quoted = _QUOTED.match(text)
    if quoted:
        return (quoted[1] or quoted[2] or quoted[3]).rstrip(",."), text[quoted.end() :]
    found = _SENTENCE.search(text)
    if found is None or _MORE_THAN_TITLE.search(text, 0, found.start()):
        head, rest = _before_venue(text)
        if found is None or (head and rest):
            return head, rest
    for _ in range(_PARTS):
        after = _SENTENCE.search(text, found.end())
        if after is None or not _belongs(text, found, text[found.end() : after.start()]):
            break
        found = after
    if _PART.fullmatch(_last_sentence(text, found)):
        head, rest = _before_venue(text[found.end() :])
        return f"{text[: found.end()]}{head}", rest
    if text[found.start()] in "?!" or text[found.start() - 1 : found.start()] in ("?", "!"):
        head, rest = _before_venue(text[found.end() :])
        if head and rest and not VENUE_WORDS.search(head) and not has_year(head):
            return f"{text[: found.end()]}{head}", rest
    end = found.start() + (1 if text[found.start()] in "?!" else 0)
    return text[:end], text[found.end() :]


def _last_sentence(text: str, stop: re.Match[str]) -> str:
    return text[: stop.start()].rpartition(".")[2].strip()


def _belongs(text: str, stop: re.Match[str], following: str) -> bool:
    """Whether a sentence is still the title: "Is It? A Study", "Trees. IV. Roots"."""
    if _PART.fullmatch(following) or _PART.fullmatch(_last_sentence(text, stop)):
        return True
    asked = text[stop.start()] in "?!" or text[stop.start() - 1 : stop.start()] in ("?", "!")
    return asked and not has_year(following) and VENUE_WORDS.search(following) is None


def _before_venue(text: str) -> tuple[str, str]:
    """Title, Venue, Year with commas only: the title ends before the first venue.

    A venue has a word of its own ("Journal") or is capitalised and followed by a number.
    """
    commas = list(re.finditer(r",\s+", text[:2_000]))
    for comma in commas:
        ahead = text[comma.end() : comma.end() + 90]
        named = re.split(r"[,.(]", re.sub(r"^[Ii]n:?\s+", "", ahead))[0]
        if named[:1].isupper() and VENUE_WORDS.search(named):
            return text[: comma.start()], text[comma.end() :]
    for comma in commas:
        if _NUMBERED_VENUE.match(text, comma.end()):
            return text[: comma.start()], text[comma.end() :]
    return (text.rstrip(" ."), "") if not has_year(text) else ("", text)


def _title(text: str) -> str:
    title = " ".join(text.split()).strip(' ,;“”"*_')
    if title.endswith(".") and not title.endswith("..."):
        title = title[:-1]
    return part_small_words(title)
