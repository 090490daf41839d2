"""Lines joined over their ends, and titles that lost blanks on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_WORD = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*")
_TAIL = re.compile(r"([^\W\d_]+)[-‐‑]$")
_HEAD = re.compile(r"[^\W\d_]+")
# Parts that keep their hyphen when nothing in the document says otherwise.
_FIRST = re.compile(
    "self|semi|multi|non|black|white|gr[ae]y|large|small|low|high|long|short|real|end|state|"
    "zero|zeroth|few|one|two|three|first|second|third|well|cross|fine|ill|quasi|pseudo|time|"
    "data|model|energy|memory|sample|attack|noise|open|deep|near|mean|bound|tree|token|graph|"
    "object|context|domain|privacy|tensor"
)
_SECOND = re.compile(
    "based|free|aware|like|driven|wise|shot|efficient|scale|level|order|specific|dependent|"
    "invariant|agnostic|guided|oriented|valued|dimensional|norm|supervised|trained|tuning|box|"
    "time|term|art|of|to|the|and|in|off|label|agent|task|modal|view|class|rank"
)
_SMALL = "and|for|from|with|via|under|into|in|of"
_LOST_AFTER_SMALL = re.compile(rf"\b({_SMALL})([A-Z][a-z]{{3,}})")
_LOST = re.compile(
    r"\b(?:A|An|The|In|On|Of|For|And|To|By|With|Via|From)[A-Z][a-z]{3,}|[a-z]{5,}[A-Z][a-z]{4,}"
)
_CAMEL = re.compile(r"[a-z][A-Z]")
_WIDE = 40


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words that stand whole within lines of the document, case-folded."""

    words: frozenset[str]
    hyphenated: frozenset[str]


def vocabulary(texts: Iterable[str]) -> Vocabulary:
    """The document's words, without those that a line's end or beginning may have cut."""
    words: set[str] = set()
    hyphenated: set[str] = set()
    for text in texts:
        for found in _WORD.finditer(text.rstrip("-‐‑") if text.endswith(("-", "‐", "‑")) else text):
            word = re.sub("[‐‑]", "-", found[0].casefold())
            if "-" in word:
                hyphenated.update(_pairs(word))
            words.update(word.split("-"))
    return Vocabulary(frozenset(words), frozenset(hyphenated))


def _pairs(word: str) -> Iterable[str]:
    return (f"{one}-{two}" for one, two in pairwise(word.split("-")))


def join_lines(lines: Sequence[str], words: Vocabulary) -> str:
    """Lines as running text; a hyphen at an end stays or goes by the document's evidence."""
    text = ""
    for line in lines:
        if not text:
            text = line
        elif (tail := _TAIL.search(text[-_WIDE:])) and (head := _HEAD.match(line)):
            keep = _keeps_hyphen(tail[1], head[0], words)
            text = f"{text}{line}" if keep else f"{text[:-1]}{line}"
        elif text.endswith("/") or (text[-1] in "-–—" and not text.endswith((" -", " –", " —"))):
            text = f"{text}{line}"
        else:
            text = f"{text} {line}"
    return text


def _keeps_hyphen(left: str, right: str, words: Vocabulary) -> bool:
    """ "Approxi-/mation" loses it; "Black-/box" keeps it, and so does "Mary-/Ann"."""
    one, two = left.casefold(), right.casefold()
    if right[0].isupper():
        # "APPROXI-/MATION" is one word in capitals, "Higher-/Order" two.
        return not (len(left) > 2 and left.isupper() and right.isupper()) or (
            f"{one}-{two}" in words.hyphenated
        )
    if one + two in words.words:
        return False
    if f"{one}-{two}" in words.hyphenated:
        return True
    return bool(_SECOND.fullmatch(two) or (_FIRST.fullmatch(one) and len(two) > 3))


def part_small_words(title: str) -> str:
    """Blanks put back where only one reading is possible: "andNoisy"."""
    return _LOST_AFTER_SMALL.sub(r"\1 \2", title)


def lost_blanks(title: str) -> tuple[str, ...]:
    """Words of a title that look like several run together, at most three."""
    words = title.split()
    found = [w for w in words if _LOST.search(w) or _LOST_AFTER_SMALL.search(w)]
    found += [w for w in words if len(w) > 28 and "-" not in w and w not in found]
    if sum(bool(_CAMEL.search(w)) for w in words) < 2:
        # One word with a capital inside is as a rule a name (AlphaGo, PyTorch).
        found = [w for w in found if _LOST_AFTER_SMALL.search(w) or len(w) > 18]
    return tuple(found[:3])
