"""News of badges: the list shows less than its paper has earned, said once a threshold.

A line is due when the count that speaks about a paper (the headline's source) has reached
a threshold above the list's claim, is believed, has made it firm as a milestone does, and
has stood there for ``confirm_after`` at two readings: a first reading alone is no news.
What was said before is in the log, which the line is written into in the same
transaction as its outbox row; so neither a restart nor a second pass says it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from citewatch.domain.milestones import badge_text
from citewatch.domain.papers import Change, Held, Instant, Kind, Status
from citewatch.domain.rules import Rules
from citewatch.domain.trends import believed
from citewatch.ports import Batch, ChangeFilter, History, LoggedChange, Store
from citewatch.services.climates import recall_climate
from citewatch.services.watchlist import IMPORTED, Watch, WatchedPaper

_ASKED_BY_NAME = 500
"""Papers that the log is asked about by number; for more of them all lines are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    paper: WatchedPaper
    number: int
    claim: int
    threshold: int
    held: Held
    rules: Rules


def note_stale_claims(
    store: Store,
    watch: Watch,
    rules: Mapping[str, Rules],
    preferred: Sequence[str],
    *,
    now: Instant,
) -> Sequence[LoggedChange]:
    """Log the badges that can be raised and have not been said to be; what was logged.

    ``rules`` are those of the counting sources that were asked in this pass, by name: what
    another one counts is said when it has been asked again.
    """
    claimed = {
        w.number: w
        for w in watch.papers
        if w.number is not None and w.paper.claim is not None and w.watchlists != (IMPORTED,)
    }
    found = _candidates(store, claimed, rules, now=now)
    said = _said(store, found)
    fresh = {
        (one.number, one.held.source): one
        for one in found
        if said.get(one.number, 0) < one.threshold
    }
    if not fresh:
        return ()
    files = {key: path for path, keys in watch.files for key in keys}
    changes = [
        change
        for history in _headlines(store, {number for number, _ in fresh}, preferred)
        if (one := fresh.get((history.paper, history.source))) is not None
        and (change := _change(one, _standing(history, one.threshold), files)) is not None
    ]
    return store.apply(Batch(changes=changes)) if changes else ()


def _candidates(
    store: Store,
    claimed: Mapping[int, WatchedPaper],
    rules: Mapping[str, Rules],
    *,
    now: Instant,
) -> list[_Candidate]:
    """Papers with more than they claim, at any of the sources; state rows alone are read."""
    found = []
    for source, rule in rules.items():
        # What a source says while it is at fault is good for no news, of any of its papers.
        if not claimed or recall_climate(store, source).fault_at is not None:
            continue
        for held in store.helds(source, list(claimed)):
            paper = claimed[held.paper]
            claim, threshold = paper.paper.claim or 0, _earned(held, rule, now)
            if threshold is not None and threshold > claim:
                found.append(
                    _Candidate(
                        paper=paper, number=held.paper, claim=claim, threshold=threshold,
                        held=held, rules=rule,
                    )
                )  # fmt: skip
    return found


def _headlines(
    store: Store, papers: Collection[int], preferred: Sequence[str]
) -> Iterable[History]:
    """The series that speaks about each paper: of the first preferred that ever gave a count."""
    best: dict[int, History] = {}
    for history in store.histories(papers=papers):
        if history.held is None or history.held.citation_count is None:
            continue
        before = best.get(history.paper)
        if before is None or _rank(history, preferred) < _rank(before, preferred):
            best[history.paper] = history
    return best.values()


def _rank(history: History, preferred: Sequence[str]) -> tuple[int, str]:
    """As the report ranks the sources of headlines."""
    source = history.source
    return (preferred.index(source) if source in preferred else len(preferred)), source


def _earned(held: Held, rules: Rules, now: Instant) -> int | None:
    """The threshold that the count has for certain; None where it is in doubt."""
    if held.status is not Status.OK or held.citation_count is None or held.firm is None:
        return None
    if held.counted_at is None or now - held.counted_at > 2 * rules.every_s:
        return None
    return rules.ladder.highest_at(min(held.citation_count, held.firm))


def _said(store: Store, found: Sequence[_Candidate]) -> dict[int, int]:
    """The highest threshold that was said of each paper."""
    if not found:
        return {}
    papers = [one.number for one in found] if len(found) <= _ASKED_BY_NAME else []
    lines = store.changes(ChangeFilter(kinds=[Kind.CLAIM_STALE], papers=papers))
    said: dict[int, int] = {}
    for line in lines:
        number, threshold = line.change.paper or 0, line.change.threshold or 0
        said[number] = max(threshold, said.get(number, 0))
    return said


def _standing(history: History, threshold: int) -> Instant | None:
    """Since when the believed count has stood at the threshold; None where it does not."""
    begun_at = history.held.begun_at if history.held is not None else None
    series = believed(history.snapshots)
    since_at: Instant | None = None
    for at, count in zip(series.times, series.counts, strict=True):
        if begun_at is not None and at < begun_at:
            continue  # of another record, which was let go
        if count < threshold:
            since_at = None
        elif since_at is None:
            since_at = at
    return since_at


def _change(one: _Candidate, since_at: Instant | None, files: Mapping[str, str]) -> Change | None:
    at = one.held.counted_at
    if since_at is None or at is None or at <= since_at:
        return None
    if at - since_at < one.rules.confirm_after_s:
        return None
    where = files.get(one.paper.paper.key, "config.toml")
    old, new = badge_text(one.claim), badge_text(one.threshold)
    text = (
        f"the badge {old} can be {new}: {one.held.citation_count} citations on "
        f"{one.rules.label} ({where.rpartition('/')[2]})"
    )
    return Change(
        kind=Kind.CLAIM_STALE, at=at, source=one.held.source, text=text, paper=one.number,
        old=one.claim, new=one.threshold, threshold=one.threshold, first_seen_at=since_at,
    )  # fmt: skip
