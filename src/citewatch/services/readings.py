"""Small judgements on one reading, and the tally of a pass over one source."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import assert_never

from citewatch.domain.bibliography import speaks_of_withdrawal
from citewatch.domain.judge import Verdict
from citewatch.domain.matching import Judgement
from citewatch.domain.papers import (
    DAY,
    Blocked,
    Facts,
    Failed,
    Held,
    Instant,
    Missing,
    Observed,
    Outcome,
    Throttled,
)
from citewatch.ports import KnownIdentifier

_PAGE_AGAIN = 365 * DAY
PRIVATE = "private"
"""Why a source keeps one record to itself; no trouble of the source."""
_OF_A_RECORD = frozenset({"count", "bad_id", "other_paper", "address", "not_html"})
"""Failures of one record: the source as a whole answered."""


@dataclass(slots=True)
class Tally:
    """How the papers of one pass over one source ended, by paper number."""

    asked: set[int] = field(default_factory=set)
    found: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)
    failed: dict[int, str] = field(default_factory=dict)
    odd: set[int] = field(default_factory=set)
    """Papers whose own record was unusable while the source itself answered."""
    blocked: dict[int, str] = field(default_factory=dict)
    parked: dict[int, str] = field(default_factory=dict)
    until: Instant | None = None
    unresolved: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)

    def done(self) -> set[int]:
        """Papers about which an answer came, or will not come in this pass."""
        return self.found.union(self.failed, self.parked, self.blocked)

    def count(self, paper: int, outcome: Outcome) -> None:
        """Note how one question about a paper ended."""
        match outcome:
            case Observed():
                self.found.add(paper)
            case Missing():
                self.missing.add(paper)
            case Failed(reason=reason, detail=detail):
                self.failed[paper] = _words(reason, detail)
                if reason in _OF_A_RECORD:
                    self.odd.add(paper)
            case Throttled(until=until, reason=reason):
                self.parked[paper] = reason
                self.until = max(filter(None, (self.until, until)), default=None)
            case Blocked(reason=reason):
                self.blocked[paper] = reason
            case _:
                assert_never(outcome)


def _words(reason: str, detail: str) -> str:
    """What a failure is called in a sentence: the status too, where it is one."""
    if not reason.startswith("http_"):
        return detail or reason
    status = f"HTTP {reason.removeprefix('http_')}"
    return f"{status}: {detail}" if detail else status


def forget(held: Held) -> Held:
    """The state as if the source had never answered; the next count is a baseline."""
    begun_at = held.begun_at if held.answered_at is None else held.answered_at + 1
    return Held(
        series=held.series, paper=held.paper, source=held.source, answered_at=held.answered_at,
        changed_at=held.changed_at, begun_at=begun_at, searches=held.searches,
        next_search_at=held.next_search_at,
    )  # fmt: skip


def page_is_news(before: Held, after: Held) -> bool:
    """Whether arXiv's page has to be read: a new version, or talk of withdrawal."""
    if after.facts is None or after.facts.withdrawn:
        return False
    hint = speaks_of_withdrawal(after.facts)
    if before.facts is None or before.answered is None:
        return hint
    another = before.facts.version != after.facts.version
    return another or (hint and before.facts.comment != after.facts.comment)


def page_is_old(before: Held, after: Held, now: Instant) -> bool:
    """Whether the page was last read a year ago, or could not be read when it should."""
    if after.facts is None or after.facts.withdrawn or before.inspected_at is None:
        return False
    return now - before.inspected_at >= _PAGE_AGAIN


def stamp(verdict: Verdict, now: Instant, *, inspected: bool, waiting: bool) -> Verdict:
    """Note when the second look was taken; the first reading starts its year.

    While a look is waited for it stays due, so that one that fails is taken again.
    """
    if inspected or (verdict.held.inspected_at is None and not waiting):
        at = now
    elif waiting:
        at = now - _PAGE_AGAIN
    else:
        return verdict
    return replace(verdict, held=replace(verdict.held, inspected_at=at))


def only_status(outcome: Observed) -> Observed:
    """Of the abs page only what the API does not say: it writes names differently."""
    return replace(outcome, facts=Facts(withdrawn=outcome.facts.withdrawn))


def candidate_row(
    paper: int, seen: Observed, judgement: Judgement, *, origin: str, now: Instant
) -> KnownIdentifier:
    who = ", ".join(seen.facts.authors[:3]) + (" et al." if len(seen.facts.authors) > 3 else "")
    what = f"{seen.facts.title} ({who or 'authors unknown'}, {seen.facts.year or 'year unknown'})"
    return KnownIdentifier(
        paper=paper, identifier=seen.answered, state="candidate", origin=origin,
        score=judgement.score, note=f"{what}: {judgement.evidence}", at=now,
    )  # fmt: skip
