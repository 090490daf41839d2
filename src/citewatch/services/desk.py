"""What a pass works with, what it is about, and what it did."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from citewatch.domain.papers import Instant
from citewatch.domain.rules import Rules
from citewatch.ports import Clock, LoggedChange, Source, Store
from citewatch.services.polling import Progress
from citewatch.services.watchlist import Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a pass works with."""

    store: Store
    clock: Clock
    watch: Watch
    sources: Sequence[tuple[Source, Rules]]
    """The sources that are switched on, in the order of asking."""
    preferred: Sequence[str] = ()
    """Sources that may give the headline count, the best first: a claim speaks about them."""
    progress: Progress = lambda _source, _done, _total: None

    def now(self) -> Instant:
        """This instant, in whole seconds."""
        return int(self.clock.time())


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a pass is about."""

    trigger: str = "sync"
    papers: Collection[int] | None = None
    """Only these papers; None: all that are watched."""
    force: bool = False
    """Ignore the schedule (never a source's "leave me alone until")."""
    thorough: bool = False
    """Look for every unresolved title at every source now."""
    only_new: bool = False
    """Ask only about papers that a source has not answered about yet."""
    early: bool = False
    """Take along what falls due within the slack of the schedule: one request, not two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult:
    """How a source fared; ``asked`` tells whether a request was due at all."""

    name: str
    status: str
    """``ok``, ``partial``, ``parked``, ``blocked``, ``failed``, ``off``."""
    requests: int = 0
    papers: int = 0
    found: int = 0
    missing: int = 0
    failed: int = 0
    changed: int = 0
    unresolved: int = 0
    note: str = ""
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PassResult:
    """What one pass did."""

    started_at: Instant
    finished_at: Instant
    sources: tuple[SourceResult, ...]
    changes: tuple[LoggedChange, ...]


def all_failed(result: PassResult) -> bool:
    """Whether every source that was asked failed; one with nothing due was not asked."""
    asked = [s for s in result.sources if s.status == "failed" or s.papers]
    return bool(asked) and all(s.status == "failed" for s in asked)


def was_good(result: PassResult) -> bool:
    """Whether a source answered, or none had to and none is in trouble."""
    if any(s.found + s.missing + s.unresolved for s in result.sources):
        return True
    return all(s.status in ("ok", "blocked", "off") for s in result.sources)
