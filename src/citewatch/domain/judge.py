"""The judge: from what is held, an outcome and the time, to a verdict. Pure.

The rules, each with its reason and figures, stand in docs/design.md ("The judge"). In short:

1.  A miss, a failure and a zero are three different things. Only `Observed` writes a count.
2.  The first count is a baseline: nothing at or below it is ever announced.
3.  A fall of at least max(3, 5 %), any fall to zero, or a jump beyond what the elapsed
    time explains is *held*: shown as held, not believed, until readings that agree have
    stood for ``confirm_after``. The same when many papers of the source move together;
    then twice as long, and one `source_fault` line says so (`domain.weather`).
4.  A threshold is announced at the reading that confirms it: the count has been at or
    above it for ``confirm_after`` and at least two readings; three times as long while it
    stands exactly there and has fallen lately, eight times after a leap
    (`domain.settling`). What is confirmed only grows (`Held.confirmed_high`), so nothing is
    announced twice, and a ladder that changes later announces nothing in retrospect.
5.  An announced threshold that the count has been below for 30 days is taken back, once.
6.  A paper that the source forgets is `missing` at once and `lost` after two absences
    on different days.
7.  Another record is a `merged` line, and then no drop: it explains what the count does.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from citewatch.domain import cadence
from citewatch.domain.bibliography import compare, merge_facts
from citewatch.domain.counts import judge_count
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import (
    Blocked,
    Change,
    Decision,
    Facts,
    Failed,
    Held,
    Instant,
    Kind,
    Missing,
    Observed,
    Outcome,
    Snapshot,
    Status,
    Throttled,
)
from citewatch.domain.rules import Rules
from citewatch.domain.weather import CALM, Weather

DIFFERENT_DAYS_S = 20 * 3600
"""Two absences on different days; a daily job does not keep the minute."""
_VANISHED_AFTER = 2


class Ruling(StrEnum):
    """What became of what the source said."""

    BELIEVED = "believed"
    HELD = "held"
    REJECTED = "rejected"
    """Nothing was learned of the paper: no answer, or none that can be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to store after one outcome.

    The state row in ``held`` also says how the paper stands (``status``, ``failures``,
    ``absences``) and when to ask again (``next_check_at``, sooner while it is held).
    """

    ruling: Ruling
    held: Held
    snapshot: Snapshot | None = None
    facts: Facts | None = None
    """Set when they differ from those before."""
    changes: tuple[Change, ...] = ()


def judge(
    held: Held,
    outcome: Outcome,
    now: Instant,
    *,
    rules: Rules,
    weather: Weather = CALM,
    known: Collection[Identifier] = (),
) -> Verdict:
    """What one outcome means for one paper at one source.

    ``known`` are the paper's accepted identifiers: an answer under one of them is no merge.
    """
    match outcome:
        case Observed():
            tick = _tick(held, now)
            return _on_schedule(_observed(held, outcome, tick, rules, weather, known), now - tick)
        case Missing():
            tick = _tick(held, now)
            return _on_schedule(_missing(held, outcome, tick, rules, weather), now - tick)
        case Failed():
            failures = held.failures + 1
            again = cadence.next_check_failed(now, rules.every_s, failures)
            if not outcome.retry and outcome.reason != "refused":
                # It is the record, and asking the same again is pointless.
                again = cadence.next_check_after(now, rules.every_s, rules.jitter)
            after = replace(held, failures=failures, next_check_at=again)
            return Verdict(ruling=Ruling.REJECTED, held=after)
        case Throttled() | Blocked():
            # The source as a whole was not to be asked: nothing is learned of the paper.
            return Verdict(ruling=Ruling.REJECTED, held=held)
        case _:
            assert_never(outcome)


def _tick(held: Held, now: Instant) -> Instant:
    """The reading's instant: every answer is a reading, also two within one second.

    A clock that was set back must not reorder a series either.
    """
    return (
        now if held.answered_at is None else max(now, held.answered_at + (now <= held.answered_at))
    )


def _on_schedule(verdict: Verdict, shift_s: int) -> Verdict:
    """The next look goes by the clock, also where the reading's instant had to run ahead."""
    if shift_s == 0:
        return verdict
    again = verdict.held.next_check_at + shift_s
    return replace(verdict, held=replace(verdict.held, next_check_at=again))


def _missing(held: Held, outcome: Missing, now: Instant, rules: Rules, weather: Weather) -> Verdict:
    since = now if held.missing_since_at is None else held.missing_since_at
    absences = held.absences + 1
    wait = min(DIFFERENT_DAYS_S, rules.confirm_after_s)
    if weather.vanishing:
        # A whole source that forgets its papers is at fault, unless it goes on forgetting.
        wait = max(wait, _VANISHED_AFTER * rules.confirm_after_s)
    again = absences >= 2 and now - since >= wait
    lost = held.lost or (again and held.answered is not None)
    changes: tuple[Change, ...] = ()
    if lost and not held.lost and not rules.vague_misses:
        before = f" ({held.citation_count} citations before)"
        text = f"{rules.label} no longer knows this paper"
        text += before if held.citation_count is not None else ""
        changes = (_change(held, Kind.LOST, now, text, since, old=held.citation_count, new=None),)
    snapshot = None
    if held.status is not Status.MISSING:
        snapshot = Snapshot(
            at=now, citation_count=None, previous_count=held.citation_count, status=Status.MISSING
        )
    after = replace(
        held, asked=outcome.asked, status=Status.MISSING, absences=absences, lost=lost,
        missing_since_at=since, answered_at=now, failures=0,
        changed_at=now if snapshot else held.changed_at,
        next_check_at=cadence.next_check_after(now, rules.every_s, rules.jitter),
    )  # fmt: skip
    ruling = Ruling.BELIEVED if lost or held.answered is None else Ruling.HELD
    return Verdict(ruling=ruling, held=after, snapshot=snapshot, changes=changes)


def _observed(
    held: Held,
    outcome: Observed,
    now: Instant,
    rules: Rules,
    weather: Weather,
    known: Collection[Identifier],
) -> Verdict:
    merged = _merged(held, outcome, now, rules, known)
    changes = [*_found(held, now, rules), *merged]
    facts = merge_facts(held.facts, outcome.facts)
    news = facts if facts is not held.facts else None
    if held.answered_at is None and facts.retracted:
        # No baseline: a list that shows a retracted paper should hear of it.
        changes += compare(
            Facts(), Facts(retracted=True, notices=facts.notices), paper=held.paper,
            source=held.source, label=rules.label, at=now,
        )  # fmt: skip
    if held.facts is not None and held.answered is not None and news is not None:
        changes += compare(
            held.facts, news, paper=held.paper, source=held.source, label=rules.label, at=now
        )
    if outcome.citation_count is None:
        after = replace(held, status=Status.OK)
    else:
        after, lines = judge_count(
            held, outcome.citation_count, now, rules=rules, weather=weather,
            another_record=bool(merged),
        )  # fmt: skip
        changes += lines
    counted = outcome.citation_count is not None and after.status is Status.OK
    snapshot = _snapshot(held, after, outcome, now)
    every_s = cadence.interval(rules.every_s, decided=_decided(facts))
    if after.status is Status.HELD:
        again = cadence.next_check_held(now, every_s)
    else:
        since = now if held.pending is None else held.pending.since_at
        again = cadence.next_check_after(
            cadence.in_step(since, now, every_s), every_s, rules.jitter
        )  # fmt: skip
        again = again if again > now else cadence.next_check_after(now, every_s, rules.jitter)
    after = replace(
        after, asked=outcome.asked, answered=outcome.answered, answered_at=now,
        counted_at=now if counted else held.counted_at,
        influential_count=outcome.influential_count,
        without_self_count=outcome.without_self_count, hint=outcome.hint, facts=facts,
        missing_since_at=None, absences=0, lost=False, failures=0, searches=0,
        changed_at=now if snapshot else held.changed_at, next_check_at=again,
    )  # fmt: skip
    ruling = Ruling.HELD if after.status is Status.HELD else Ruling.BELIEVED
    return Verdict(
        ruling=ruling, held=after, snapshot=snapshot, changes=tuple(changes), facts=news
    )  # fmt: skip


def _decided(facts: Facts) -> bool:
    return facts.decision not in (None, Decision.UNDER_REVIEW)


def _found(held: Held, now: Instant, rules: Rules) -> list[Change]:
    if rules.vague_misses or held.status is not Status.MISSING or not _long_gone(held, now):
        return []
    text = f"{rules.label} knows this paper{' again' if held.answered is not None else ' now'}"
    return [_change(held, Kind.FOUND, now, text, now)]


def _long_gone(held: Held, now: Instant) -> bool:
    """Whether the paper was said to be lost, or was never known on different days."""
    if held.answered is not None:
        return held.lost
    since = held.missing_since_at or now
    return held.absences >= 2 and now - since >= DIFFERENT_DAYS_S


def _merged(
    held: Held, outcome: Observed, now: Instant, rules: Rules, known: Collection[Identifier]
) -> list[Change]:
    before, after = held.answered, outcome.answered
    if before is None or before == after or after in known:
        return []
    if before in outcome.facts.ids:
        return []  # the record says itself that it went by that name (ADS's bibcodes)
    counts = f"; count {held.citation_count} before, {outcome.citation_count} now"
    text = f"{rules.label} now answers with another record"
    text += counts if outcome.citation_count is not None else ""
    return [_change(held, Kind.MERGED, now, text, now, old=before.value, new=after.value)]


def _snapshot(held: Held, after: Held, outcome: Observed, now: Instant) -> Snapshot | None:
    """A row when what the source says differs from the row before."""
    shown = after.pending.citation_count if after.pending else after.citation_count
    was = held.pending.citation_count if held.pending else held.citation_count
    same = (held.status, was, held.influential_count, held.without_self_count) == (
        after.status, shown, outcome.influential_count, outcome.without_self_count,
    )  # fmt: skip
    if same:
        return None
    return Snapshot(
        at=now, citation_count=shown, previous_count=held.citation_count,
        influential_count=outcome.influential_count,
        without_self_count=outcome.without_self_count, status=after.status,
    )  # fmt: skip


def _change(
    held: Held,
    kind: Kind,
    at: Instant,
    text: str,
    first_seen_at: Instant | None,
    *,
    old: int | str | None = None,
    new: int | str | None = None,
    threshold: int | None = None,
) -> Change:
    return Change(
        kind=kind, at=at, source=held.source, text=text, paper=held.paper, old=old, new=new,
        threshold=threshold, first_seen_at=first_seen_at,
    )  # fmt: skip
