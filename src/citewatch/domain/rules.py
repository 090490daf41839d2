"""What the user, the source's schedule and experience lay down for the judge."""

from __future__ import annotations

from dataclasses import dataclass

from citewatch.domain.milestones import FormerLadder, Ladder
from citewatch.domain.papers import DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long what is doubtful has to hold, in multiples of ``confirm_after``.

    The defaults are chosen by `benchmarks/judge.py`; docs/design.md shows the alternatives.
    """

    fault: int = 2
    """Whole-source faults last longer than single ones."""
    exact: int = 3
    """A count exactly at a threshold, of a paper that fell lately: one fall undoes it."""
    leap: int = 8
    """Records that are joined part again within weeks, and then the count falls back."""
    longest: int = 9
    """Whatever would still be waiting after this is settled."""
    unrest_s: int = 150 * DAY
    """How long a fall is remembered against a count exactly at a threshold."""
    leap_min: int = 3
    leap_share: float = 0.3
    """A leap adds more than the larger of the two in a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the user and the source's schedule lay down."""

    ladder: Ladder
    confirm_after_s: int
    every_s: int
    jitter: float = 0.0
    """0..1, one for the whole pass."""
    label: str = ""
    """The source's name for people."""
    vague_misses: bool = False
    """Whether "not known" and "not cited" look alike there: then neither is news."""
    former: FormerLadder | None = None
    """The thresholds before the latest change, None where there was none."""
    waits: Waits = Waits()
