"""The memory of who cites a paper: listed works, looks at the list, reconstructed pasts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Change, Instant
from citewatch.domain.reconstruction import Reconstruction
from citewatch.ports.store import LoggedChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How far one paper's list of citing works at one source is known."""

    series: int
    number: int = 0
    """Counts the looks that were begun; a page belongs to the look of its number."""
    record: str = ""
    """The record whose list it is, ``scheme:value``; another one begins anew."""
    lease_until: Instant | None = None
    """A look is under way, and its process has it until then."""
    baseline_at: Instant | None = None
    """When the list was first read to an end; what it held then is no news."""
    looked_at: Instant | None = None
    """When a look last came to an end."""
    complete_at: Instant | None = None
    """When the list was last read whole."""
    count: int | None = None
    """The believed count at the last look that came to an end."""
    listed: int | None = None
    """Works in the list when it was last read whole."""
    total: int | None = None
    by_year: Mapping[int, int] = field(default_factory=dict)
    pages: int = 0
    """Of the first look."""
    cut: str = ""
    """Why the list of the first look ends although there is more."""
    capped: bool = False
    """It was we who stopped there."""
    newest_first: bool = False
    unsettled: bool = False
    """A work was not listed any more and has to be looked for once again."""
    failures: int = 0
    next_look_at: Instant = 0
    note: str = ""
    """Why the last look did not come to an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWork:
    """A citing work with what is remembered of it."""

    work: CitingWork
    first_seen_at: Instant
    seen: int
    """The number of the look that saw it last."""
    told: bool = True
    """False while it is news that nobody was told yet."""
    gone_since: Instant | None = None
    """Not listed any more since, as far as whole lists say."""
    gone_at: Instant | None = None
    """When that was confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDue:
    """One paper at one source whose list is to be looked at."""

    series: int
    paper: int
    source: str
    asked: Identifier | None
    answered: Identifier | None
    count: int
    """The last believed count."""
    look: Look | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a look that came to an end changes; stored in one transaction or not at all."""

    look: Look
    told: bool = False
    """Everything that was not told yet is now, or is none of the news."""
    gone_since: Collection[str] = ()
    """Records of works that were absent for the first time."""
    gone_at: Collection[str] = ()
    """Records of works whose absence is confirmed."""
    again: Collection[str] = ()
    """Records of works that are back although they were gone."""
    changes: Sequence[Change] = ()
    reconstruction: Reconstruction | None = None


class Past(Protocol):
    """One short transaction a call."""

    def due(
        self, source: str, *, now: Instant, limit: int, deep: bool = False
    ) -> Sequence[PastDue]:
        """Watched papers whose list is to be looked at now, `limit` at most.

        Those that were never looked at and those whose count has moved since take turns.
        ``deep``: also those whose list was not read to its end by our own choice.
        """

    def tracked(self, source: str, papers: Collection[int]) -> Sequence[PastDue]:
        """These papers at the source, due or not, where it ever gave a count."""

    def begin(
        self, due: PastDue, *, record: str, now: Instant, lease_until: Instant, seize: bool = False
    ) -> Look | None:
        """A look begins; None while another one is under way, unless we ``seize`` it.

        Where ``record`` is not the one of before, its list is known from no look yet.
        """

    def keep(
        self, look: Look, works: Sequence[CitingWork], *, now: Instant, lease_until: Instant
    ) -> int | None:
        """Store a page; how many of its works were new. None: the look is no longer ours."""

    def works(self, series: int) -> Sequence[KnownWork]:
        """Every work of a list, by its record."""

    def finish(self, done: Finished, *, now: Instant) -> Sequence[LoggedChange] | None:
        """A look came to an end; None: it was no longer ours, and nothing was stored."""

    def give_up(self, look: Look) -> None:
        """A look came to no end: its lease goes, and when to try again is remembered."""

    def looks(self, papers: Collection[int]) -> Mapping[tuple[int, str], Look]:
        """What is known of these papers' lists, by (paper, source)."""

    def reconstructions(self, papers: Collection[int]) -> Mapping[tuple[int, str], Reconstruction]:
        """The reconstructed pasts of these papers, by (paper, source)."""

    def forget(self, papers: Collection[int]) -> None:
        """Forget who cites these papers and what their past was."""

    def learn(self, paper: int, source: str, authors: Sequence[Person]) -> None:
        """A source names the authors of a watched paper, with their identities."""

    def people(self, papers: Collection[int] = ()) -> Mapping[int, Sequence[Person]]:
        """Authors of watched papers with an identity, by paper; all papers when empty."""
