"""Who cites a paper, as a source lists it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.papers import Blocked, Failed, Missing, Throttled
from citewatch.ports.sources import Ask, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class CitingPage:
    """One answered page of a source's list of citing works, newest first where it sorts."""

    works: tuple[CitingWork, ...]
    total: int | None = None
    """How many works there are in all, as the source says beside the list."""
    by_year: Mapping[int, int] | None = None
    """Citing works by year of publication, where the source counts them itself; zero years
    are left out and the sum need not be the total."""
    cited_authors: tuple[Person, ...] = ()
    """Who wrote the cited paper itself, under the source's own names for people: what a
    self-citation is told by. On the first page, where the source was asked for it."""
    last: bool = False
    """The list ends here."""
    cut: str = ""
    """Why the list ends although there is more, in one sentence; "" when it is whole."""


CitingOutcome: TypeAlias = CitingPage | Missing | Throttled | Blocked | Failed


@runtime_checkable
class Cited(Protocol):
    """A source that lists the works that cite a paper.

    It never raises. Pages come in the order of the list; anything but a `CitingPage` is the
    last thing that comes. The caller may stop asking after any page: no request is sent for
    a page that is not wanted.
    """

    def citing(self, ask: Ask, *, since: str = "") -> AsyncIterator[CitingOutcome]:
        """Pages of works that cite ``ask.identifier``.

        Where the source has several records, those of ``ask.answered``, whose count is kept.

        ``since`` (an ISO date, "" for all) leaves out what was published before, where the
        source can filter; a source that cannot gives everything.
        """


@runtime_checkable
class CitedSource(Source, Cited, Protocol):
    """A source that can be asked who cites a paper, beside all else."""
