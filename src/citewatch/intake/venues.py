"""What stands behind title and authors: venue, year and badge."""

from __future__ import annotations

import re
from dataclasses import dataclass

from citewatch.domain.badges import claim_in

_YEAR = re.compile(r"(?<![\w.:/–-])(?:19[3-9]\d|20[0-4]\d)(?![\w]|[.:/–-]\d)")
_SHORT_YEAR = re.compile(r"[’'](\d\d)\b")
_PARENS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*[.;]?\s*$")
_URL = re.compile(r"(?:https?://|www\.|doi:\s*10\.|arxiv:\s*\d)\S*", re.IGNORECASE)
_BUTTONS = re.compile(r"\[[^\[\]]{1,20}\]|\((?:pdf|code|link|slides|video|paper)\)", re.IGNORECASE)
VENUE_WORDS = re.compile(
    r"\b(?:conference|journal|proc(?:eedings|\.)|workshop|transactions|trans\.|symposium|advances|"
    r"letters|review|arxiv|preprint|submitted|to\s+appear|in\s+press|under\s+review|technical\s+report|"
    r"thesis|ieee|acm|usenix|nature|science|press|springer|neurips|nips|icml|iclr|cvpr|iccv|"
    r"eccv|aaai|ijcai|emnlp|naacl|acl|kdd|vol\.|volume|pp\.|pages|doi)\b",
    re.IGNORECASE,
)
_LONGEST = 4_000
_BRACKETS = 5
"""Brackets in a row at the end of an entry."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What the words behind title and authors say."""

    venue: str
    year: int | None


def read_tail(text: str) -> Tail:
    """Venue and year: the year is the last one outside of a bracket at the end.

    "ICLR 2019 Safe ML Workshop, 2019 (best paper of 2020)" is of 2019, at
    "ICLR 2019 Safe ML Workshop".
    """
    bare = _BUTTONS.sub(" ", _URL.sub(" ", text[:_LONGEST]))
    bare = " ".join(bare.split())
    short = _without_brackets(bare)
    years = list(_YEAR.finditer(short)) or list(_YEAR.finditer(bare))
    if not years:
        near = _SHORT_YEAR.search(short)
        return Tail(_venue(_without_badge(short)), 2000 + int(near[1]) if near else None)
    text = short if _YEAR.search(short) else bare
    last = _main_year(text, years)
    before = text[: last.start()].rstrip(" (,[;:")
    venue = before if re.search(r"[^\W\d_]{2}", before) else text[last.end() :]
    return Tail(_venue(_without_badge(venue)), int(last[0]))


def _main_year(text: str, years: list[re.Match[str]]) -> re.Match[str]:
    """The last year in a bracket or behind a comma; else the last one."""
    for year in reversed(years):
        if re.search(
            r"(?:\(|,\s*(?:[A-Z][a-z]{2,8}\.?\s+(?:\d{1,2},\s*)?)?)$",
            text[max(0, year.start() - 30) : year.start()],
        ):
            return year
    return years[-1]


def _without_brackets(text: str) -> str:
    """Without brackets at the end, unless the year is only there: "Nature (2019)"."""
    for _ in range(_BRACKETS):
        found = _PARENS.search(text)
        if found is None:
            break
        shorter = text[: found.start()]
        if _YEAR.search(found[0]) and not _YEAR.search(shorter):
            return text
        if not shorter.strip():
            return text
        text = shorter
    return text


def _without_badge(text: str) -> str:
    claim = claim_in(text)
    return text.replace(claim[1], " ") if claim else text


def _venue(text: str) -> str:
    text = re.sub(r"^\W*(?:[Ii]n:?\s+(?=[A-Z\d]))?", "", " ".join(text.split()))
    text = re.sub(r"\(\s*\)|\[\s*\]", "", text)
    return text.strip(" ,;:.–—-([").strip()


def has_year(text: str) -> bool:
    """Whether a year of publication can be read in a text."""
    return bool(_YEAR.search(_URL.sub(" ", text[:_LONGEST])))


def ends_entry(line: str) -> bool:
    """Whether a line looks like the last of an entry: it ends in a year or a badge."""
    years = list(_YEAR.finditer(line[-_LONGEST:]))
    if not years:
        return False
    after = line[-_LONGEST:][years[-1].end() :]
    return not re.search(r"\w", re.sub(r"[(\[][^()\[\]]*[)\]]|^[^()\[\]]*[)\]]", " ", after))
