"""What the made world is made of: a paper of the list, and what each source holds about it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

DAY_S = 86_400


def sha_of(text: str) -> str:
    """A well-formed paperId (40 hex digits) made from a text."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def number_of(text: str, modulus: int) -> int:
    """A number below ``modulus`` made from a text: the world's only source of chance."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) % modulus


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One entry of the publication list."""

    number: int
    title: str
    authors: tuple[str, ...]
    venue: str
    """The venue line as printed, with year and badge."""
    year: int
    count: int
    """Citations at Semantic Scholar on the first day."""
    stars: int = 0
    """How many authors, from the first on, are marked as co-first."""
    claim: int | None = None
    workshop: bool = False
    links: tuple[str, ...] = ()
    arxiv: str | None = None
    doi: str | None = None
    acl: str | None = None
    openreview: str | None = None
    api: int | None = None
    """The OpenReview API (1 or 2) that holds the forum."""
    source_title: str | None = None
    """The title as the sources spell it, where they differ from the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One Semantic Scholar record on the first day."""

    key: str
    sha: str
    corpus: int
    title: str
    authors: tuple[str, ...]
    year: int
    venue: str
    count: int
    per_year: float
    arxiv: str | None = None
    arxiv_doi: bool = False
    """Whether the record also carries the DOI 10.48550/arXiv.<id>."""
    doi: str | None = None
    acl: str | None = None
    more_shas: tuple[str, ...] = ()
    """Hashes of other PDFs of the paper; asking with one answers with ``sha``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a preprint, submitted at epoch second ``at``."""

    at: float
    title: str
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What authors add to a preprint without a new version, as it stands from ``at`` on."""

    at: float = 0.0
    comment: str | None = None
    journal_ref: str | None = None
    dois: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprint:
    """One arXiv paper with its versions and remarks in order of time."""

    id: str
    authors: tuple[str, ...]
    category: str
    abstract: str
    versions: tuple[Version, ...]
    notes: tuple[Notes, ...] = (Notes(),)

    def visible(self, now: float) -> tuple[Version, ...]:
        """The versions submitted by ``now``; never empty for a paper that is listed."""
        return tuple(version for version in self.versions if version.at <= now)

    def remarks(self, now: float) -> Notes:
        """Comment, journal reference and DOIs as they stand at ``now``."""
        return [notes for notes in self.notes if notes.at <= now][-1]


class Shape:
    """Peculiarities of one submission's JSON (constants, not values)."""

    AUTHOR_OBJECTS = "author objects"
    VENUE_LIST = "venue list"
    NO_DATES = "no dates"
    NO_VENUE = "no venue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """How a submission stands from epoch second ``at`` on."""

    at: float
    state: str
    """submission, accepted, rejected, withdrawn or desk_rejected."""
    words: str = ""
    """The decision in the venue's words: "Accept (poster)"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One OpenReview forum."""

    id: str
    api: int
    title: str
    authors: tuple[str, ...]
    year: int
    group: str
    """The venue's id: ``NeurIPS.cc/2022/Conference``."""
    label: str
    """The venue in words: ``NeurIPS 2022``."""
    ratings: tuple[int | str, ...]
    rulings: tuple[Ruling, ...]
    quirks: frozenset[str] = frozenset()
    private: bool = False

    def ruling(self, now: float) -> Ruling:
        """How the submission stands at ``now``."""
        return [ruling for ruling in self.rulings if ruling.at <= now][-1]
