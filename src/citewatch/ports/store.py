"""The memory: papers, identifiers, state, readings, the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Change, Facts, Held, Instant, Kind, Paper, Snapshot
from citewatch.ports.sources import Gate
from citewatch.ports.tracks import Said, Track

if TYPE_CHECKING:
    from citewatch.ports.delivery import Outbox
    from citewatch.ports.forecasts import Forecasts
    from citewatch.ports.past import Past


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPaper:
    """A paper with the store's number for it."""

    number: int
    paper: Paper
    """As the list has it; ``ids`` hold accepted identifiers from everywhere."""
    watched: bool
    adopted: bool
    """Came with import-history only; reported in ``imported``, never polled."""
    added_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIdentifier:
    """One identifier in connection with one paper, and what was decided on it."""

    paper: int
    identifier: Identifier
    state: str
    """``accepted``, ``candidate`` or ``rejected``."""
    origin: str
    """``list``, ``user``, ``link`` or the name of the source that gave it."""
    score: float | None = None
    note: str = ""
    """The evidence in words; for a candidate also its title, authors and year."""
    at: Instant = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Everything that one answer changes; stored in one transaction or not at all."""

    helds: Sequence[Held] = ()
    """New state rows."""
    snapshots: Sequence[tuple[int, Snapshot]] = ()
    """(series, snapshot), ascending in time within a series."""
    facts: Sequence[tuple[int, Instant, Facts]] = ()
    """(series, at, facts) where the facts differ from the row before."""
    changes: Sequence[Change] = ()
    identifiers: Sequence[KnownIdentifier] = ()
    memos: Sequence[tuple[str, str]] = ()
    """(name, text) to remember, such as what is usual at the source."""
    runs: Sequence[Run] = ()
    """Passes that are over already (imports); one that is known is left alone."""
    notify: bool = True
    """Whether the changes go to the outbox (imports never do)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One paper at one source whose time has come."""

    held: Held
    ids: tuple[Identifier, ...]
    """The paper's accepted identifiers, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One pass over one source. ``finished_at`` None: it never came to an end."""

    number: int = 0
    source: str
    started_at: Instant
    finished_at: Instant | None = None
    status: str = ""
    """``ok``, ``partial``, ``parked``, ``blocked``, ``failed``."""
    trigger: str = "sync"
    """``sync``, ``resolve`` or ``import``."""
    requests: int = 0
    papers: int = 0
    found: int = 0
    missing: int = 0
    failed: int = 0
    changed: int = 0
    note: str = ""
    """Why it did not end ``ok``, in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What lies before one source, and what lies behind it, without the papers themselves."""

    ask_at: Instant | None = None
    """When the first watched paper that it can be asked about by identifier falls due."""
    search_at: Instant | None = None
    """When the first title of a paper that it never answered about is to be looked for."""
    papers: int = 0
    held: int = 0
    """Papers whose newest count is not believed yet."""
    newest_answer_at: Instant | None = None
    good_at: Instant | None = None
    """End of the last pass in which it answered."""
    passed_at: Instant | None = None
    """End of the last pass, however it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedChange:
    """A change with its number in the log and the paper it is about."""

    number: int
    change: Change
    key: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One paper at one source as it was known at an instant.

    ``held`` is the state row and is None when the store was asked for a past
    instant. ``snapshots`` ascend in time and begin with the newest one at or before
    the ``since`` that was asked for.
    """

    series: int
    paper: int
    source: str
    snapshots: Sequence[Snapshot]
    held: Held | None = None
    facts: Facts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A count that is not believed yet."""

    paper: int
    title: str
    source: str
    believed: int | None
    said: int
    since_at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFilter:
    """Which lines of the log are wanted; empty means all."""

    since: Instant | None = None
    until: Instant | None = None
    kinds: Collection[Kind] = ()
    papers: Collection[int] = ()
    sources: Collection[str] = ()
    after_number: int = 0
    numbers: Collection[int] = ()


class Store(Protocol):
    """The memory. Values in, values out; one short transaction a call."""

    # papers and identifiers
    def papers(
        self, numbers: Collection[int] | None = None, *, until: Instant | None = None
    ) -> Sequence[StoredPaper]:
        """Papers (all that were ever seen) in the order in which they were added.

        As they were known at ``until``: what the list said, the identifiers accepted by
        then, and no paper that came later, unless readings from before came with it.
        """

    def add_papers(
        self, papers: Sequence[Paper], *, now: Instant, adopted: bool = False
    ) -> Sequence[int]:
        """Add papers (keys given and new) with their ids; their numbers, in order."""

    def update_paper(self, number: int, paper: Paper, *, now: Instant) -> None:
        """The list now says this of the paper; key and identifiers are left alone.

        What it said until ``now`` is kept for reports of past days.
        """

    def set_watched(self, numbers: Collection[int]) -> None:
        """Exactly these papers are watched from now on."""

    def forget(self, number: int) -> int:
        """Delete a paper with all that was ever stored of it; how many rows that were."""

    def identifiers(
        self, papers: Collection[int] = (), *, states: Collection[str] = ()
    ) -> Sequence[KnownIdentifier]:
        """What is known and decided about identifiers; of all papers, in every state."""

    def accepted(self, papers: Collection[int]) -> Mapping[int, tuple[Identifier, ...]]:
        """The accepted identifiers of these papers, oldest first; nothing for none."""

    def save_identifiers(self, rows: Sequence[KnownIdentifier]) -> None:
        """Add or overwrite, by (paper, identifier)."""

    # small things to remember
    def recall(self, name: str) -> str | None:
        """The text remembered under a name, None when there is none."""

    def remember(self, name: str, text: str) -> None:
        """Remember a text (JSON, at most some hundred kB) under a name."""

    def recall_all(self, prefix: str) -> Mapping[str, str]:
        """Every text whose name begins with the prefix (ASCII), by name in its order."""

    def unlearn(self, name: str) -> None:
        """Let go of the text under a name, if there is one."""

    # polling
    def ensure_series(self, source: str, papers: Sequence[int]) -> None:
        """Make sure that a state row exists for each paper at the source."""

    def settle_claims(self, source: str, claims: Mapping[int, int]) -> None:
        """Settle thresholds up to a claim (by paper) where the source never gave a count."""

    def due(
        self,
        source: str,
        *,
        now: Instant,
        papers: Collection[int] | None = None,
        force: bool = False,
    ) -> Sequence[Due]:
        """Watched papers whose ``next_check_at`` has come (all with ``force``)."""

    def agenda(self, source: str, schemes: Collection[str]) -> Agenda:
        """What lies before a source that can be asked by identifiers of these schemes."""

    def helds(self, source: str, papers: Collection[int]) -> Sequence[Held]:
        """State rows of these papers at the source, made where absent."""

    def apply(self, batch: Batch) -> Sequence[LoggedChange]:
        """Store one answer: readings, state, changes and outbox, all or nothing."""

    def begin_run(self, run: Run) -> int:
        """Note that a pass begins; its number."""

    def end_run(self, run: Run) -> None:
        """Note how the pass ``run.number`` ended."""

    def prune(self, *, before: Instant) -> int:
        """Delete passes from before an instant that no report reads; how many."""

    def gate(self, source: str) -> Gate:
        """The source's memory for politeness."""

    def outbox(self) -> Outbox:
        """What is to be told to whom."""

    def past(self) -> Past:
        """Who cites the papers, and what they were before they were watched."""

    def forecasts(self) -> Forecasts:
        """What was foreseen."""

    # reading
    def histories(
        self,
        *,
        papers: Collection[int] | None = None,
        sources: Collection[str] = (),
        since: Instant | None = None,
        until: Instant | None = None,
    ) -> Sequence[History]:
        """Series of papers, as known at ``until`` (now when None)."""

    def tracks(self, papers: Collection[int], *, until: Instant | None = None) -> Sequence[Track]:
        """How papers stand at their sources, or stood at ``until``, without their histories."""

    def said(
        self, papers: Collection[int], *, until: Instant | None = None
    ) -> Sequence[tuple[int, str, Said]]:
        """(paper, source, what it says of the paper), as known at ``until`` (now when None)."""

    def samples(
        self, series: Collection[int], instants: Sequence[Instant]
    ) -> Mapping[int, Sequence[int | None]]:
        """By series: when its first reading was, then the counts at instants, of all records."""

    def samples_at(self, instants: Mapping[int, Instant]) -> Mapping[int, int | None]:
        """The believed count of each series at an instant of its own."""

    def runs(
        self, *, source: str | None = None, since: Instant = 0, until: Instant | None = None
    ) -> Sequence[Run]:
        """Passes in the order of their start."""

    def changes(self, wanted: ChangeFilter = ChangeFilter()) -> Sequence[LoggedChange]:
        """The log in the order of ``at``, then number."""

    def held_back(self, limit: int) -> Sequence[HeldBack]:
        """Counts of watched papers that are not believed yet, in the order of their series."""

    def close(self) -> None:
        """Let go of the file."""
