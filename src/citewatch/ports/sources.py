"""Time, and the services that are asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Instant, Outcome, Reference, SearchOutcome


class Clock(Protocol):
    """Time, and waiting for it. The same clock drives pacing, waits and stamps."""

    def time(self) -> float:
        """Seconds since 1970-01-01 UTC, with fractions."""

    def monotonic(self) -> float:
        """Seconds that never run backwards, for intervals only."""

    async def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed on this clock."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a source: this paper, by this identifier."""

    series: int
    identifier: Identifier
    hint: str = ""
    """What the source itself wanted to be told again (`Observed.hint`)."""
    answered: Identifier | None = None
    """The record that answered before; where several answer, it is the one to follow."""
    casual: bool = False
    """Only asked along with others: a miss is not worth a request of its own."""


@dataclass(frozen=True, slots=True)
class Search:
    """One title to look for at a source."""

    series: int
    reference: Reference


Readings: TypeAlias = Sequence[tuple[Ask, Outcome]]


class Source(Protocol):
    """A service that is asked about papers.

    Every ask ends in exactly one outcome and none raises: what went wrong is a
    `Failed`, `Throttled` or `Blocked`. Answers come in the order in which they
    arrive, one list per answered request, so that each can be stored at once.
    """

    @property
    def name(self) -> str:
        """The name in config.toml: ``semantic_scholar``."""

    @property
    def label(self) -> str:
        """The name for people: ``Semantic Scholar``."""

    @property
    def counts(self) -> bool:
        """Whether its answers carry citation counts."""

    @property
    def schemes(self) -> tuple[str, ...]:
        """Identifier schemes it can be asked by, best first."""

    @property
    def requests(self) -> int:
        """Requests sent so far by this object, retries included."""

    def blocked(self) -> str | None:
        """Why it cannot be asked as things are, found without asking; else None."""

    def fetch(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        """Ask for many papers in as few requests as the source allows."""

    def search(self, searches: Sequence[Search]) -> AsyncIterator[tuple[Search, SearchOutcome]]:
        """Look for papers by title, one request each where it cannot be helped."""

    async def aclose(self) -> None:
        """Close connections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a source said is left of what it allows."""

    left: float
    of: float | None = None
    unit: str = "requests"
    """``requests`` or ``credits``."""
    resets_at: Instant | None = None


@runtime_checkable
class Telling(Protocol):
    """A source that tells how it went beside its answers."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, in sentences."""

    @property
    def quota(self) -> Quota | None:
        """As of the last answer; None where it does not say."""

    @property
    def key_state(self) -> str:
        """``accepted``, ``refused``, ``set`` (not tried yet) or ``none``."""


@runtime_checkable
class Comparer(Protocol):
    """A source that may keep several records of one paper and can be asked for them."""

    def doubles(self, ids: Sequence[Identifier]) -> Sequence[Identifier]:
        """Identifiers of one paper under which it may have different records."""

    def spare(self, asks: Sequence[Ask]) -> int:
        """How many identifiers more would cost no further request beside these."""


@runtime_checkable
class Inspector(Protocol):
    """A source with a second, costlier look at one paper (arXiv's abs page)."""

    def inspect(self, asks: Sequence[Ask]) -> AsyncIterator[Readings]:
        """Like `Source.fetch`; facts that this look does not give are None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateState:
    """What has to be remembered across restarts to stay polite to one source."""

    not_before: Instant | None = None
    """The source is parked until then."""
    reason: str = ""
    strikes: int = 0
    """Parkings in a row without a good answer in between; the next wait grows."""
    last_request_at: float | None = None
    """When the last request started, for pacing across processes."""
    day: int | None = None
    """Days since 1970-01-01 UTC of the last request that was noted."""
    day_requests: int = 0
    """Requests noted on that day."""
    spent_until: Instant | None = None
    """The source's own allowance is used up until then: only what is free may be asked."""


class Gate(Protocol):
    """The memory of one source's "leave me alone until"; safe to call from any thread."""

    def load(self) -> GateState:
        """What is remembered now."""

    def sent(self, at: float) -> None:
        """A request starts at this time."""

    def park(self, until: Instant, reason: str, *, strike: bool = True) -> None:
        """Ask nothing before ``until``; one more strike unless the rule is our own."""

    def spend(self, until: Instant) -> None:
        """The source's own allowance is used up until then."""

    def answered(self, at: float) -> None:
        """A good answer came: strikes and parking are forgotten, unless parked at that time."""
