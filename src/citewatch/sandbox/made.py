"""Building the contents of the living world from the list and the troublemakers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

from citewatch.sandbox.events import event
from citewatch.sandbox.others import OTHERS, Other, other_submissions
from citewatch.sandbox.records import (
    DAY_S,
    Listed,
    Notes,
    Preprint,
    Record,
    Ruling,
    Shape,
    Submission,
    Version,
    number_of,
    sha_of,
)

UNKNOWN = 53
"""The listed paper that no source knows."""
SPLIT = {19: 83, 33: 41}
"""Listed papers with a second record for the published version: its citations."""
TWO_DOIS = 38
OPEN_AT_START = {3: "openreview_accepted", 5: "openreview_accepted_v2"}
PRE_VENUE = 2020
"""Forums up to this year carry no venue fields (older API 1 venues)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """All that a world holds on its first day."""

    listed: tuple[Listed, ...] = ()
    records: tuple[Record, ...] = ()
    preprints: tuple[Preprint, ...] = ()
    submissions: tuple[Submission, ...] = ()


@cache
def listed_papers() -> tuple[Listed, ...]:
    """The 53 papers of the first user's publication list, in its order."""
    text = files("citewatch.sandbox").joinpath("listed.jsonl").read_text("utf-8")
    return tuple(_listed(json.loads(line)) for line in text.splitlines())


def _listed(row: dict[str, object]) -> Listed:
    fixed = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Listed(**fixed)  # type: ignore[arg-type]


def living_contents(start: float) -> Contents:
    """The 53 papers and the troublemakers around them; events are placed after ``start``."""
    listed = listed_papers()
    known = [paper for paper in listed if paper.number != UNKNOWN]
    year = datetime.fromtimestamp(start, UTC).year
    records = [record for paper in known for record in _records(paper, year)]
    records += [_other_record(other, year) for other in OTHERS]
    preprints = [_preprint(paper, start) for paper in known if paper.arxiv]
    preprints += [_other_preprint(other) for other in OTHERS if other.arxiv]
    forums = [_submission(paper, start) for paper in known if paper.openreview]
    return Contents(
        listed=listed,
        records=tuple(records),
        preprints=tuple(preprints),
        submissions=(*forums, *other_submissions(start)),
    )


def _per_year(key: str, count: int, age: float) -> float:
    """Citations a year to come, from those so far; differs by paper."""
    return max(0.6, count / age * (600 + number_of(key + "/rate", 700)) / 1_000)


def record_numbers(key: str) -> tuple[str, int]:
    """A made-up paperId and corpusId."""
    return sha_of(f"paper/{key}"), 10_000_000 + number_of(f"corpus/{key}", 260_000_000)


def _records(paper: Listed, year: int) -> list[Record]:
    key, age = f"p{paper.number}", max(1.0, year - paper.year + 0.4)
    title = paper.source_title or paper.title
    split = paper.number in SPLIT
    sha, corpus = record_numbers(f"{key}/{paper.title}")
    first = Record(
        key=key,
        sha=sha,
        corpus=corpus,
        title=title,
        authors=paper.authors,
        year=paper.year - (1 if split else 0),
        venue="arXiv.org" if split else venue_name(paper.venue),
        count=paper.count,
        per_year=_per_year(key, paper.count, age),
        arxiv=paper.arxiv,
        arxiv_doi=paper.arxiv is not None and not split and paper.number % 2 == 0,
        doi=None if split else paper.doi,
        acl=None if split else paper.acl,
        more_shas=(sha_of(f"pdf/{key}"),),
    )
    if not split:
        return [first]
    sha, corpus = record_numbers(f"{key}/published")
    count = SPLIT[paper.number]
    published = Record(
        key=key + "j",
        sha=sha,
        corpus=corpus,
        title=title,
        authors=paper.authors,
        year=paper.year,
        venue=venue_name(paper.venue),
        count=count,
        per_year=_per_year(key + "j", count, age),
        doi=paper.doi,
        acl=paper.acl,
    )
    return [first, published]


def venue_name(line: str) -> str:
    """The venue without year, badge and acronym: "Advances in … Systems"."""
    return re.sub(r"\s*\([^)]*\)", "", re.sub(r",? (19|20)\d\d\b.*$", "", line)).strip(" ,")


def _other_record(other: Other, year: int) -> Record:
    sha, corpus = record_numbers(other.key)
    return Record(
        key=other.key,
        sha=sha,
        corpus=corpus,
        title=other.title,
        authors=other.authors,
        year=other.year,
        venue=other.venue,
        count=other.count,
        per_year=_per_year(other.key, other.count, max(1.0, year - other.year + 0.4)),
        arxiv=other.arxiv,
        doi=other.doi,
    )


def submitted_at(arxiv: str) -> float:
    """A plausible first submission, epoch seconds, in the month that the id names."""
    month = datetime(2000 + int(arxiv[:2]), int(arxiv[2:4]), 1, tzinfo=UTC).timestamp()
    return month + number_of(f"submitted/{arxiv}", 27 * DAY_S)


def _abstract(title: str) -> str:
    """A short made-up abstract; with the leading blanks and line ends that real ones have."""
    return f"  This paper is about the following: {title}.\n  The text of the abstract is made up."


def _preprint(paper: Listed, start: float) -> Preprint:
    arxiv = paper.arxiv or ""
    title, first = paper.source_title or paper.title, submitted_at(arxiv)
    versions = [Version(at=first, title=title)]
    if paper.number != event("arxiv_v2").paper and paper.number != event("arxiv_withdrawn").paper:
        versions.append(Version(at=first + 120 * DAY_S, title=title))
    versions += [
        _version(name, title, start)
        for name in ("arxiv_v2", "arxiv_v3", "arxiv_retitled", "arxiv_withdrawn")
        if event(name).paper == paper.number
    ]
    return Preprint(
        id=arxiv,
        authors=_arxiv_names(paper),
        category="cs.CL" if "Linguistics" in paper.venue or "EMNLP" in paper.venue else "cs.LG",
        abstract=_abstract(title),
        versions=tuple(versions),
        notes=_notes(paper, start),
    )


def _arxiv_names(paper: Listed) -> tuple[str, ...]:
    """Names as arXiv gives them: now and then with a blank in front."""
    first, *rest = paper.authors
    return (f" {first}" if paper.number % 9 == 0 else first, *rest)


def _version(name: str, title: str, start: float) -> Version:
    if name == "arxiv_retitled":
        # The name under which this preprint has in truth been known since its second version.
        title = "Adversarial Robustness vs Model Compression, or Both?"
    at = start + event(name).first_day * DAY_S
    return Version(at=at, title=title, withdrawn=name == "arxiv_withdrawn")


def _notes(paper: Listed, start: float) -> tuple[Notes, ...]:
    pages = f"{10 + paper.number % 13} pages, {2 + paper.number % 5} figures"
    comment = pages if paper.number % 3 else None
    dois: tuple[str, ...] = (paper.doi,) if paper.doi and paper.number % 2 == 0 else ()
    if paper.number == TWO_DOIS:
        dois = (*dois, "10.5555/made.up.38")
    first = Notes(comment=comment, dois=dois)
    if paper.number == event("arxiv_comment").paper:
        at = start + event("arxiv_comment").first_day * DAY_S
        return (first, Notes(at=at, comment=f"{pages}. Accepted at NeurIPS 2019", dois=dois))
    if paper.number == event("arxiv_journal").paper:
        at = start + event("arxiv_journal").first_day * DAY_S
        reference = "Journal of Made-Up Results 12 (2025) 101-129"
        later = Notes(at=at, comment=comment, journal_ref=reference, dois=("10.5555/jmr.2025.101",))
        return (first, later)
    return (first,)


def _other_preprint(other: Other) -> Preprint:
    arxiv = other.arxiv or ""
    return Preprint(
        id=arxiv,
        authors=other.authors,
        category="cs.LG",
        abstract=_abstract(other.title),
        versions=(Version(at=submitted_at(arxiv), title=other.title),),
    )


def _submission(paper: Listed, start: float) -> Submission:
    series = next(name for name in ("NeurIPS", "NIPS", "ICLR", "ICML") if name in paper.venue)
    series = "NeurIPS" if series == "NIPS" else series
    accepted = Ruling(at=0.0, state="accepted", words="Accept (Poster)")
    rulings: tuple[Ruling, ...] = (accepted,)
    if name := OPEN_AT_START.get(paper.number):
        at = start + event(name).first_day * DAY_S
        later = Ruling(at=at, state="accepted", words="Accept (Poster)")
        rulings = (Ruling(at=0.0, state="submission"), later)
    ratings: tuple[int | str, ...] = (6, 8, 0, 5 + paper.number % 3)
    if paper.api == 1:
        ratings = ("6: marginally above acceptance threshold", "8: Accept, good paper", 0)
    return Submission(
        id=paper.openreview or "",
        api=paper.api or 1,
        title=paper.source_title or paper.title,
        authors=paper.authors,
        year=paper.year,
        group=f"{series}.cc/{paper.year}/Conference",
        label=f"{series} {paper.year}",
        ratings=ratings,
        rulings=rulings,
        quirks=_quirks(paper),
    )


def _quirks(paper: Listed) -> frozenset[str]:
    quirks = set()
    if paper.year < PRE_VENUE:
        quirks.add(Shape.NO_VENUE)
    if paper.number % 4 == 0:
        quirks.add(Shape.VENUE_LIST)
    if paper.number % 5 == 0:
        quirks.add(Shape.NO_DATES)
    return frozenset(quirks)
