"""News of badges: the list shows less than its paper has earned, said once a threshold.

A line is due when the count that speaks about a paper (the headline's source) has reached
a threshold above the list's claim, is believed, has made it firm as a milestone does, and
has stood there for ``confirm_after`` at two readings: a first reading alone is no news.
What was said before is in the log, which the line is written into in the same
transaction as its outbox row; so neither a restart nor a second pass says it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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

    ``rules`` are those of the sources that were asked in this pass, by name: what another
    one counts is said when it has been asked again.
    """
    # What a source says while it is at fault is good for no news, of any of its papers.
    sound = {n: rule for n, rule in rules.items() if recall_climate(store, n).fault_at is None}
    found = _candidates(store, watch, sound, preferred, now=now)
    if not found:
        return ()
    said = _said(store, found)
    fresh = [one for one in found if said.get(one.number, 0) < one.threshold]
    if not fresh:
        return ()
    files = _files(watch)
    changes = [c for one in fresh if (c := _change(one, _standing(store, one), files)) is not None]
    return store.apply(Batch(changes=changes)) if changes else ()


def _candidates(
    store: Store,
    watch: Watch,
    rules: Mapping[str, Rules],
    preferred: Sequence[str],
    *,
    now: Instant,
) -> list[_Candidate]:
    claimed = {
        w.number: (w, w.paper.claim)
        for w in watch.papers
        if w.number is not None and w.paper.claim is not None and w.watchlists != (IMPORTED,)
    }
    if not claimed:
        return []
    headlines: dict[int, Held] = {}
    for history in store.histories(papers=list(claimed), since=now):
        held = history.held
        if held is None or held.citation_count is None:
            continue
        before = headlines.get(held.paper)
        if before is None or _rank(held, preferred) < _rank(before, preferred):
            headlines[held.paper] = held
    found = []
    for number, held in headlines.items():
        paper, claim = claimed[number]
        rule = rules.get(held.source)
        threshold = None if rule is None else _earned(held, rule, now)
        if rule is not None and threshold is not None and threshold > claim:
            found.append(
                _Candidate(
                    paper=paper, number=number, claim=claim, threshold=threshold, held=held,
                    rules=rule,
                )
            )  # fmt: skip
    return found


def _rank(held: Held, preferred: Sequence[str]) -> tuple[int, str]:
    """As the report ranks the sources of headlines."""
    place = preferred.index(held.source) if held.source in preferred else len(preferred)
    return place, held.source


def _earned(held: Held, rules: Rules, now: Instant) -> int | None:
    """The threshold that the count has for certain; None where it is in doubt."""
    if held.status is not Status.OK or held.citation_count is None or held.firm is None:
        return None
    if held.counted_at is None or now - held.counted_at > 2 * rules.every_s:
        return None
    return rules.ladder.highest_at(min(held.citation_count, held.firm))


def _said(store: Store, found: Sequence[_Candidate]) -> dict[int, int]:
    """The highest threshold that was said of each paper."""
    papers = [one.number for one in found] if len(found) <= _ASKED_BY_NAME else []
    lines = store.changes(ChangeFilter(kinds=[Kind.CLAIM_STALE], papers=papers))
    said: dict[int, int] = {}
    for line in lines:
        number, threshold = line.change.paper or 0, line.change.threshold or 0
        said[number] = max(threshold, said.get(number, 0))
    return said


def _standing(store: Store, one: _Candidate) -> Instant | None:
    """Since when the believed count has stood at the threshold; None where it does not."""
    histories: Iterable[History] = store.histories(papers=[one.number], sources=[one.held.source])
    since_at: Instant | None = None
    for history in histories:
        series = believed(history.snapshots)
        for at, count in zip(series.times, series.counts, strict=True):
            if one.held.begun_at is not None and at < one.held.begun_at:
                continue
            if count < one.threshold:
                since_at = None
            elif since_at is None:
                since_at = at
    return since_at


def _files(watch: Watch) -> dict[str, str]:
    """The file that names each paper, by key; config.toml names the others."""
    return {key: path for path, keys in watch.files for key in keys}


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
