"""What a link's address says about the paper behind it, without asking anybody.

Each hint can rule a paper out, or, for a file name, point at one. Where an address
says nothing, every paper stays possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from citewatch.domain.identifiers import ACL, ARXIV, OPENREVIEW, PMLR, Identifier
from citewatch.domain.keys import squash, surname


@dataclass(frozen=True, slots=True)
class PaperOnPage:
    """A paper as a page of a list names it, with what is needed to tell it apart."""

    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None
    venue: str = ""


@dataclass(frozen=True, slots=True)
class _Venue:
    """A venue's phrases and where its papers are (or are not) published."""

    acronyms: str
    phrases: tuple[str, ...]
    """Squashed, so that lost blanks make no difference."""
    openreview_since: int = 2024
    """First year whose papers have public pages at OpenReview. The default is for
    venues that began to review there later or may have: no ruling out from then on."""
    pmlr: bool = False
    acl: bool = False


# https://openreview.net/ (venues and their years), https://proceedings.mlr.press/,
# https://aclanthology.org/venues/. The first that fits counts: narrower names first.
_VENUES = (
    _Venue("acml", ("asianconferenceonmachinelearning",), pmlr=True),
    _Venue("ecml|pkdd", ("europeanconferenceonmachinelearning",)),
    _Venue("iclr", ("learningrepresentations",), openreview_since=2013),
    _Venue("neurips|nips", ("neuralinformationprocessing",), openreview_since=2021),
    _Venue("icml", ("conferenceonmachinelearning",), openreview_since=2023, pmlr=True),
    _Venue("aistats", ("artificialintelligenceandstatistics",), pmlr=True),
    _Venue("uai", ("uncertaintyinartificialintelligence",), openreview_since=2021, pmlr=True),
    _Venue("colt|alt", ("learningtheory",), pmlr=True),
    _Venue("corl", ("robotlearning",), openreview_since=2020, pmlr=True),
    _Venue("tmlr", ("transactionsonmachinelearningresearch",), openreview_since=2022),
    _Venue("jmlr", ("journalofmachinelearningresearch",), openreview_since=2026),
    _Venue("cvpr", ("computervisionandpatternrecognition",)),
    _Venue("iccv|eccv|wacv", ("conferenceoncomputervision",)),
    _Venue("aaai", ("aaaiconference", "advancementofartificialintelligence")),
    _Venue("ijcai", ("jointconferenceonartificialintelligence",)),
    _Venue("kdd|icdm", ("knowledgediscovery", "conferenceondatamining")),
    _Venue("sysml|mlsys", ("machinelearningandsystems",), openreview_since=2022),
    _Venue(
        "acl|naacl|emnlp|eacl|aacl|coling|conll|tacl",
        ("computationallinguistics", "empiricalmethodsinnaturallanguage"),
        openreview_since=2021,
        acl=True,
    ),
    _Venue("usenix|ccs|ndss", ("computerandcommunicationssecurity",)),
)
_CONFERENCE = re.compile(
    r"conference|proceedings|advances\s+in|symposium|workshop|findings", re.IGNORECASE
)
_PMLR_KEY = re.compile(r".*/([a-z-]+?)(\d\d)[a-z]*")
_FILE = re.compile(r"/([^/]+)\.(?:pdf|ps|ps\.gz)$", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NO_NAME = re.compile(
    "paper|final|camera|ready|cameraready|arxiv|preprint|draft|main|full|version|supp|suppl|"
    "supplement|supplementary|appendix|pdf|the|and|for|with|new|rev|revised|thesis|report|notes"
)
_NOT_A_PAPER = frozenset({"slides", "poster", "talk", "cv", "resume", "lecture"})
_ENDINGS = "(?:s|es|d|ed|er|ers|ing|ion|ions|ation|ly|al|ity|able)?"


def possible(identifier: Identifier, paper: PaperOnPage) -> bool:
    """Whether the identifier may be the paper's, going by year, venue and first author."""
    match identifier.scheme:
        case "arxiv":
            return _arxiv_fits(identifier.value, paper)
        case "openreview":
            return _openreview_fits(paper)
        case "pmlr":
            return _pmlr_fits(identifier.value, paper)
        case "acl":
            return _acl_fits(identifier.value, paper)
    return True


SPEAKING = frozenset({ARXIV, OPENREVIEW, PMLR, ACL})
"""Schemes whose values (or hosts) say something about year or venue."""


def _arxiv_fits(value: str, paper: PaperOnPage) -> bool:
    """A preprint appears from two years before its conference to one year after it.

    A journal takes longer: four years before to two years after.
    """
    if paper.year is None:
        return True
    digits = value.rsplit("/", 1)[-1][:2]
    year = int(digits) + (1900 if int(digits) > 90 else 2000)
    if _known(paper.venue) or _CONFERENCE.search(paper.venue):
        return paper.year - 2 <= year <= paper.year + 1
    return paper.year - 4 <= year <= paper.year + 2


def _openreview_fits(paper: PaperOnPage) -> bool:
    venue = _known(paper.venue)
    if venue is None or paper.year is None:
        return True
    return paper.year >= venue.openreview_since


def _pmlr_fits(value: str, paper: PaperOnPage) -> bool:
    """``v162/roe22ae``: the first author's surname and the year's last two digits."""
    found = _PMLR_KEY.fullmatch(value)
    if found is None:
        return True
    if paper.year is not None and paper.year % 100 != int(found[2]):
        return False
    if paper.authors and surname(paper.authors[0]) != squash(found[1]):
        return False
    venue = _known(paper.venue)
    return venue is None or venue.pmlr


def _acl_fits(value: str, paper: PaperOnPage) -> bool:
    """``P18-1001`` and ``2021.naacl-main.1`` both say the year."""
    year = value[:4] if value[:4].isdigit() else value[1:3]
    if paper.year is not None and year.isdigit() and paper.year % 100 != int(year) % 100:
        return False
    venue = _known(paper.venue)
    return venue is None or venue.acl


@lru_cache(maxsize=4096)
def _known(text: str) -> _Venue | None:
    """The venue, unless it is a workshop: those publish where they like."""
    if "workshop" in text.casefold():
        return None
    squashed = squash(text)
    for venue in _VENUES:
        if re.search(rf"\b(?:{venue.acronyms})\b", text, re.IGNORECASE):
            return venue
        if any(phrase in squashed for phrase in venue.phrases):
            return venue
    return None


def name_tokens(url: str) -> tuple[str, ...]:
    """The telling words of a paper's file name: ``fastSGD.pdf`` gives fast and SGD.

    Empty for anything that is not a PDF or PostScript file with a speaking name.
    """
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        return ()
    found = _FILE.search(path)
    if found is None:
        return ()
    tokens = [t for t in _TOKEN.findall(found[1]) if len(t) >= 3 and not t.isdigit()]
    if any(t.casefold() in _NOT_A_PAPER for t in tokens):
        return ()
    return tuple(t for t in tokens if not _NO_NAME.fullmatch(t.casefold()))


def tokens_in_title(tokens: tuple[str, ...], title: str) -> int:
    """How many file-name words the title has: as a word, a part of one, or initials."""
    words = [w.casefold() for w in _words(title)]
    initials = "".join(w[0] for w in re.findall(r"\w+", title.casefold()))
    return sum(_occurs(token, words, initials=initials) for token in tokens)


def _words(title: str) -> Iterator[str]:
    for word in re.findall(r"\w+", title):
        yield word
        parts = _TOKEN.findall(word)
        if len(parts) > 1:
            yield from parts


def _occurs(token: str, words: list[str], *, initials: str) -> bool:
    folded = token.casefold()
    stem = re.compile(re.escape(folded) + _ENDINGS)
    if any(stem.fullmatch(word) for word in words):
        return True
    return token.isupper() and len(token) >= 3 and folded in initials
