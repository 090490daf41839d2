"""What a report is asked for and what it says: frozen values, no decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from citewatch.domain.forecast import Forecast
from citewatch.domain.papers import Instant, Status
from citewatch.services.standing import Count, SourceSchedule
from citewatch.services.watchlist import WatchedPaper

SORT_KEYS = ("citations", "delta", "per_year", "year", "claim", "title", "key", "list")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportQuestion:
    """What a report is asked for. Papers come in the order of the list, each once."""

    papers: Sequence[WatchedPaper]
    sources: Sequence[SourceSchedule]
    preferred: tuple[str, ...]
    badge_for: Callable[[int], int | None]
    """The ladder: 437 → 400; None below its first step."""
    above: Callable[[int], int] | None = None
    """The ladder's next step: 437 → 500; None leaves out when it is expected."""
    now: Instant
    as_of: Instant | None = None
    """None, or anything not before ``now``, asks for the present."""
    watchlist: str | None = None
    since: Instant | None = None
    since_label: str = "since"
    """The key of the extra window in ``delta``: ``90d``, ``2026-01-01``."""
    source: str | None = None
    """Only this source's counts."""
    sort: str = "citations"
    limit: int | None = None
    compare: bool = False
    """Say for each paper how its sources differ, and why."""
    moves: bool = True
    """Also what takes another look into the past of each paper: acceleration, best month."""
    drawn: bool = False
    """Give whole series as lines: the report is to be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A series to be drawn: the count from each instant on. Never joined with another."""

    source: str
    times: tuple[Instant, ...]
    counts: tuple[int, ...]
    until: Instant | None = None
    """When the last count was last confirmed: the line ends there. None: with its last point."""
    reconstructed: bool = False
    """From the dates of citing works, not seen by us; to be drawn and labelled differently."""
    note: str = ""
    """For a reconstruction: how much of the count it explains, undated works, caps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTrend:
    """How one paper's headline count moves, beyond the deltas. None is unknown."""

    age_years: float | None = None
    acceleration: float | None = None
    """``per_year`` over the last year of observation minus that over the year before."""
    best_month: tuple[str, int] | None = None
    """(``2025-03``, counts gained): of the last twelve whole months the one with most."""
    rank: int | None = None
    """Place of the 30-day move among the papers of the list, 1 for the largest gain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One paper at all sources, for ``--compare``; never a sum."""

    lowest: int
    highest: int
    reasons: tuple[str, ...] = ()
    """Why the sources differ, as far as it is known, in sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedPaper:
    """One line of the report. None is unknown, never 0."""

    key: str
    title: str
    year: int | None
    venue: str
    ids: tuple[tuple[str, str], ...]
    claim: int | None
    badge: int | None
    citations: int | None
    """The headline: the last believed count of ``source``."""
    source: str | None
    counts: tuple[Count, ...]
    delta: Mapping[str, int]
    per_year: float | None
    status: Status
    same_as: str | None
    """Key of the paper of which this is another record; counted once with it."""
    watchlists: tuple[str, ...]
    spark: tuple[int | None, ...]
    """The headline count at `SPARK_STEPS` instants common to all papers."""
    retracted_by: tuple[str, ...] = ()
    """Sources that say that it is retracted."""
    trend: PaperTrend = PaperTrend()
    forecast: Forecast | None = None
    """Of the headline count."""
    compared: Comparison | None = None
    """Only in a report that was asked to compare."""
    lines: tuple[Line, ...] = ()
    """Observed and reconstructed series, only in a report that is to be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the headline counts add up to, each paper once."""

    papers: int
    counted: int = 0
    """Papers with a headline count; the figures below speak of these."""
    citations: int | None = None
    h_index: int | None = None
    i10_index: int | None = None
    g_index: int | None = None
    delta: Mapping[str, int] = field(default_factory=dict)
    delta_papers: Mapping[str, int] = field(default_factory=dict)
    """How many papers each sum in ``delta`` covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalsThen:
    """The totals as the headline counts stood at an instant."""

    at: Instant
    counted: int
    """Papers with a headline count at that instant."""
    citations: int
    h_index: int
    i10_index: int
    g_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTrend:
    """How the whole list moves."""

    over_time: tuple[TotalsThen, ...] = ()
    """Ascending, on the time axis of the sparklines or finer; each from its own readings."""
    raises_h: tuple[tuple[str, int], ...] = ()
    """(key, citations missing): the papers with which h would rise by one, nearest first."""
    by_source: tuple[tuple[str, int], ...] = ()
    """(source, papers whose headline count it gives)."""
    movers: tuple[tuple[str, int], ...] = ()
    """(key, gain in 30 days), largest gains first."""
    woke: tuple[tuple[str, str], ...] = ()
    """(key, why in a sentence): papers that slept and are cited again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How one source did, up to the instant of the report."""

    name: str
    label: str
    status: str
    """``ok``, ``partial``, ``parked``, ``blocked``, ``failed``, ``off`` or ``never``."""
    found: int | None
    missing: int | None
    last_success: Instant | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report as of one instant."""

    as_of: Instant
    watchlist: str | None
    windows: tuple[str, ...]
    """The keys that ``delta`` can have, in order."""
    papers: tuple[ReportedPaper, ...]
    totals: Totals
    sources: tuple[SourceHealth, ...]
    trend: ListTrend = ListTrend()
    axis: tuple[Instant, ...] = ()
    """The instants of the sparklines and of the totals over time."""
    compares: bool = False
    """Whether it was asked to set the sources side by side."""
    without_self: str = ""
    """By which definition self-citations are left out (``me``, ``coauthors``); "": they are in."""

    @property
    def never_asked(self) -> bool:
        """Whether no count is known and no source has answered about any paper."""
        counts = (count for paper in self.papers for count in paper.counts)
        unasked = all(source.found is None for source in self.sources)
        return unasked and all(count.status is Status.NEVER for count in counts)
