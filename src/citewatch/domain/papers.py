"""The values that travel through citewatch: papers, readings, outcomes, changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from citewatch.domain.identifiers import Identifier

Instant: TypeAlias = int
"""Whole seconds since 1970-01-01T00:00:00Z."""

DAY: int = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A scholarly work as a publication list names it.

    ``key`` is "" until the watchlist has given one. ``claim`` is the number in
    the list's badge ("100+ citations" claims 100), None where there is none.
    """

    key: str = ""
    title: str
    year: int | None = None
    authors: tuple[str, ...] = ()
    venue: str = ""
    ids: tuple[Identifier, ...] = ()
    claim: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """Links that a list gathers at the foot of a page, and the papers above them.

    Both are in reading order. Which link belongs to which paper is not known yet:
    `domain.placement` decides as far as the evidence goes.
    """

    papers: tuple[str, ...]
    """Keys (or, before keys are given, positions as text) of the page's papers."""
    links: tuple[str, ...]


class Decision(StrEnum):
    """How a venue decided on a submission."""

    UNDER_REVIEW = "under_review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Bibliographic facts that one source states about one paper: wide and rare.

    None means that this answer did not say; it never means "no".
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None
    published_on: str | None = None
    """ISO date of first publication, as the source has it."""
    venue: str | None = None
    version: int | None = None
    comment: str | None = None
    journal_ref: str | None = None
    doi: str | None = None
    decision: Decision | None = None
    decision_text: str | None = None
    """The venue's own words: "Accept (poster)"."""
    ratings: tuple[float, ...] = ()
    withdrawn: bool | None = None
    retracted: bool | None = None
    notices: tuple[str, ...] = ()
    """Corrections, retractions and concerns: "correction doi:10.1000/x 2021-03-04"."""
    ids: tuple[Identifier, ...] = ()
    """Identifiers at other sources that this source gives for the paper."""


@dataclass(frozen=True, slots=True)
class Twin:
    """A second record of a paper at one source; its count is never added to the first's."""

    identifier: Identifier
    citation_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """The source answered about this paper."""

    asked: Identifier
    answered: Identifier
    """The source's own name for the record that answered."""
    citation_count: int | None = None
    """None where the source does not count at all (arXiv, OpenReview)."""
    influential_count: int | None = None
    without_self_count: int | None = None
    """The source's own count without self-citations, where it gives one (INSPIRE)."""
    facts: Facts = field(default_factory=Facts)
    hint: str = ""
    """What the source wants to be told when this paper is asked for again."""
    twins: tuple[Twin, ...] = ()
    """Further records that the same answer gave for the same paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The source answered and does not know the paper. Never a zero."""

    asked: Identifier | None
    """None after a search by title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """The source asked to be left alone; ``until`` where it, or our rules, say."""

    until: Instant | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """The source cannot be asked as things are (login, key, ban, private)."""

    reason: str
    """One sentence: "needs a login"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """No usable answer: timeout, 5xx, not JSON, wrong shape, null count, …"""

    reason: str
    """A short stable word for counting: ``timeout``, ``http_500``, ``not_json``."""
    detail: str = ""
    retry: bool = True
    """False when asking the same again is pointless (a 400 that is our fault)."""


Outcome: TypeAlias = Observed | Missing | Throttled | Blocked | Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What is known of a paper when it has to be found by its title."""

    title: str
    authors: tuple[str, ...] = ()
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A title search gave these records, best first; none need be the paper."""

    candidates: tuple[Observed, ...]
    complete: bool = True
    """Whether a candidate says all that an answer to its identifier would say."""


SearchOutcome: TypeAlias = Found | Throttled | Blocked | Failed
"""A search that found nothing is ``Found(candidates=())``."""


class Status(StrEnum):
    """How a count stands."""

    NEVER = "never"
    OK = "ok"
    STALE = "stale"
    MISSING = "missing"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What one source said about one paper at one instant; immutable.

    Written only when it differs from the one before it in the same series.
    ``status`` is OK (believed), HELD (implausible, not believed) or MISSING (the
    source answered that it does not know the paper; ``citation_count`` is None).
    """

    at: Instant
    citation_count: int | None
    previous_count: int | None
    """The believed count before this reading; None on first sight."""
    influential_count: int | None = None
    without_self_count: int | None = None
    status: Status = Status.OK


class Kind(StrEnum):
    """What a line of the log is about."""

    MILESTONE = "milestone"
    MILESTONE_LOST = "milestone_lost"
    DROP = "drop"
    VERSION = "version"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    PUBLISHED = "published"
    RETITLED = "retitled"
    RETRACTED = "retracted"
    CORRECTED = "corrected"
    MERGED = "merged"
    SPLIT = "split"
    LOST = "lost"
    FOUND = "found"
    CITING = "citing"
    SOURCE_DOWN = "source_down"
    SOURCE_UP = "source_up"
    SOURCE_FAULT = "source_fault"
    SOURCE_STALLED = "source_stalled"
    CHANNEL_DOWN = "channel_down"
    CHANNEL_UP = "channel_up"
    CLAIM_STALE = "claim_stale"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Anything worth a line in the log.

    ``at`` is the time of the reading that confirmed it, ``first_seen_at`` of the
    first reading that showed it. ``paper`` is None for a change of a whole source, or
    of a channel; then ``source`` is the channel's name.
    """

    kind: Kind
    at: Instant
    source: str
    text: str
    paper: int | None = None
    """The store's number of the paper."""
    old: int | str | None = None
    new: int | str | None = None
    threshold: int | None = None
    first_seen_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Rise:
    """A count above everything confirmed so far, waiting to have held long enough."""

    since_at: Instant
    level: int
    readings: int
    previous_count: int
    leapt: bool = False
    """It came in one big step, as when two records are joined: they may part again."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A threshold that was announced, and since when the count has been below it."""

    threshold: int
    below_since_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """An implausible count that waits to be seen again."""

    since_at: Instant
    citation_count: int
    """The newest of the readings that agree."""
    readings: int
    least: int
    """The lowest of them: what certainly held all the time."""
    fault: bool = False
    """Seen while many papers of the source moved together."""
    another_record: bool = False
    """The source answers with another record than before, and a line has said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What is held about one paper at one source: the state row.

    ``citation_count`` is the last believed count; while ``pending`` is set a newer,
    implausible one waits. ``firm`` is what has held; None while a first zero waits to be
    confirmed. ``confirmed_high`` is the highest that was ever firm; every threshold at or
    below it is settled for ever. ``rises`` are levels above ``firm`` that still have to
    hold. ``domain.counts`` says how they move.
    """

    series: int
    paper: int
    source: str
    asked: Identifier | None = None
    answered: Identifier | None = None
    status: Status = Status.NEVER
    """NEVER, OK, HELD or MISSING; staleness is a matter of the reader's clock."""
    citation_count: int | None = None
    influential_count: int | None = None
    without_self_count: int | None = None
    high: int | None = None
    firm: int | None = None
    confirmed_high: int | None = None
    rises: tuple[Rise, ...] = ()
    pending: Pending | None = None
    stands: tuple[Stand, ...] = ()
    """Thresholds that were announced, in that order, as long as they are not taken back."""
    low_since_at: Instant | None = None
    """Since when the believed count has stood well below ``firm``."""
    fell_at: Instant | None = None
    """When the count last fell at all, by whatever little."""
    changed_at: Instant | None = None
    """When the newest snapshot of the series was written."""
    counted_at: Instant | None = None
    """When the source last confirmed the believed count."""
    answered_at: Instant | None = None
    """When the source last answered at all (observed or missing)."""
    missing_since_at: Instant | None = None
    absences: int = 0
    """Answers in a row, on different days, that did not know the paper."""
    lost: bool = False
    failures: int = 0
    next_check_at: Instant = 0
    searches: int = 0
    """Title searches made so far without finding the paper."""
    next_search_at: Instant = 0
    inspected_at: Instant | None = None
    """When the costlier second look (arXiv's abs page) was last taken."""
    compared_at: Instant | None = None
    """When the source was last asked by the paper's other identifiers, for a second record."""
    begun_at: Instant | None = None
    """Readings before this one are of another record, which was let go."""
    hint: str = ""
    facts: Facts | None = None
