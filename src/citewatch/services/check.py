"""The badges of a publication list against what is known of its papers. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from citewatch.domain.badges import Badge, Style, badges_in, separator_of
from citewatch.domain.checking import Judge, Judged, Known, Verdict
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import Instant, Paper, Status
from citewatch.ports import Entry, History, PublicationList, Store
from citewatch.services.enlist import with_links
from citewatch.services.recognise import recognise
from citewatch.services.report import build_report
from citewatch.services.reported import Report, ReportedPaper, ReportQuestion
from citewatch.services.standing import SourceSchedule
from citewatch.services.strangers import Fresh
from citewatch.services.watchlist import WatchedPaper

TO_BE_CHANGED = frozenset({Verdict.RAISE, Verdict.LOWER, Verdict.ADD})
"""Verdicts that a check reports with exit code 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckQuestion:
    """What is checked, against what."""

    found: PublicationList
    watched: Sequence[WatchedPaper]
    keys: Sequence[str] = ()
    """The key of each entry, where the file is one that is watched and they are known."""
    sources: Sequence[SourceSchedule]
    preferred: tuple[str, ...]
    ladder: Ladder
    confirm_after_s: int
    now: Instant
    source: str | None = None
    """Only this source speaks."""
    badges_only: bool = False
    """Whether badges that are earned and not there go unsaid."""
    fresh: Mapping[int, Fresh] = field(default_factory=dict)
    """Counts of entries that are not watched, asked for just now, by position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBadge:
    """One badge (or place for one) and what is to be done about it. None is unknown."""

    kind: str = "paper"
    """``paper``, or ``total`` for a count over all papers, which is never rewritten."""
    entry: int | None = None
    line: int
    page: int | None = None
    key: str | None = None
    title: str = ""
    text: str = ""
    claim: int | None = None
    citations: int | None = None
    source: str | None = None
    observed_at: Instant | None = None
    judged: Judged
    place: Badge | None = None
    """Where the file's text can be edited."""

    @property
    def verdict(self) -> Verdict:
        """What is to be done."""
        return self.judged.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A list, checked."""

    file: str
    entries: int
    matched: int
    badges: tuple[CheckedBadge, ...]
    unmatched: tuple[tuple[Entry, str], ...]
    """Entries that are no watched paper, with the doubt where one is near."""
    strangers: Mapping[int, Paper] = field(default_factory=dict)
    """Those that are like none, by position."""
    matches: tuple[tuple[Entry, str], ...]
    """(entry, key) of those that are."""
    never_asked: bool
    """Whether no source has answered about anything yet."""


def check_list(store: Store, question: CheckQuestion) -> Checked:
    """Compare every badge of a list with the count that speaks about its paper.

    Which source speaks is the headline rule of the report. Raises `InputError` for a
    ``source`` that is none.
    """
    entries = question.found.entries
    recognised = recognise(store, question.found.entries, question.watched, keys=question.keys)
    chosen = list({w.paper.key: w for w, _ in recognised if w is not None}.values())
    report = build_report(store, _report_question(question, chosen))
    lines = {line.key: line for line in report.papers}
    numbers = {w.paper.key: w.number for w in chosen}
    histories = _histories(store, question, lines, numbers)
    world = _World(question, lines, numbers, histories, _judge(question))
    badges: list[CheckedBadge] = []
    unmatched: list[tuple[Entry, str]] = []
    matches: list[tuple[Entry, str]] = []
    strangers: dict[int, Paper] = {}
    for place, (entry, (watched, doubt)) in enumerate(zip(entries, recognised, strict=True)):
        fresh = question.fresh.get(place) if watched is None else None
        if fresh is not None:
            badges += _asked(entry, fresh, world)
            unmatched.append((entry, doubt))
            continue
        badges += _checked(entry, watched, doubt, world)
        if watched is None:
            unmatched.append((entry, doubt))
            strangers |= {} if doubt else {place: with_links(entry)}
        else:
            matches.append((entry, watched.paper.key))
    badges += _totals(question.found, report)
    return Checked(
        file=question.found.file,
        entries=len(entries),
        matched=len(matches),
        badges=tuple(sorted(badges, key=lambda b: (b.page or 0, b.line))),
        unmatched=tuple(unmatched),
        strangers=strangers,
        matches=tuple(matches),
        never_asked=report.never_asked and not store.runs(),
    )


# --- what is known ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _World:
    question: CheckQuestion
    lines: Mapping[str, ReportedPaper]
    numbers: Mapping[str, int | None]
    histories: Mapping[tuple[int, str], History]
    judge: Judge

    def label(self, source: str) -> str:
        labels = {s.name: s.label for s in self.question.sources}
        return labels.get(source, source)

    def known(self, key: str, claim: int | None) -> Known:
        """What speaks about the paper, as far as it matters for the claim."""
        line = self.lines[key]
        count = next((c for c in line.counts if c.source == line.source), None)
        if line.source is None or count is None:
            return Known(status=line.status)
        elsewhere = tuple(
            (self.label(c.source), c.citations)
            for c in line.counts
            if c.source != line.source and c.citations is not None and c.status is Status.OK
        )
        known = Known(
            label=self.label(line.source), citations=count.citations, status=count.status,
            observed_at=count.observed_at, high=count.high, elsewhere=elsewhere,
        )  # fmt: skip
        history = self.histories.get((self.numbers[key] or 0, line.source))
        if claim is None or history is None:
            return known
        return replace(known, below_since_at=_below_since(history, claim))


def _judge(question: CheckQuestion) -> Judge:
    entries = question.found.entries
    badges = [badge for entry in entries if (badge := _badge_of(entry))]
    badges += [badge for entry in entries for _, badge in entry.also]
    return Judge(question.ladder.highest_at, question.confirm_after_s, separator_of(badges))


def _report_question(question: CheckQuestion, chosen: Sequence[WatchedPaper]) -> ReportQuestion:
    return ReportQuestion(
        papers=chosen, sources=question.sources, preferred=question.preferred,
        badge_for=question.ladder.highest_at, now=question.now, source=question.source,
        sort="list",
    )  # fmt: skip


def _histories(
    store: Store,
    question: CheckQuestion,
    lines: Mapping[str, ReportedPaper],
    numbers: Mapping[str, int | None],
) -> dict[tuple[int, str], History]:
    """The series that speak about claimed papers."""
    wanted = [n for n in numbers.values() if n is not None]
    sources = sorted({line.source for line in lines.values() if line.source is not None})
    if not wanted or not sources or not any(e.badge for e in question.found.entries):
        return {}
    found = store.histories(papers=wanted, sources=sources)
    return {(history.paper, history.source): history for history in found}


def _below_since(history: History, claim: int) -> Instant | None:
    """Since when nothing but less than the claim was read; None where it was never reached.

    Only a believed count reaches it. What was held meanwhile counts for when a fall began.
    """
    begun_at = history.held.begun_at if history.held is not None else None
    reached = False
    below_at: Instant | None = None
    for snapshot in history.snapshots:
        count = snapshot.citation_count
        if count is None or (begun_at is not None and snapshot.at < begun_at):
            continue  # a miss, or of another record, which was let go
        if count >= claim:
            reached, below_at = reached or snapshot.status is Status.OK, None
        elif below_at is None:
            below_at = snapshot.at
    return below_at if reached else None


# --- one badge --------------------------------------------------------------------


def _checked(
    entry: Entry, watched: WatchedPaper | None, doubt: str, world: _World
) -> Iterator[CheckedBadge]:
    """A row for each badge of an entry; where it has none, for the one that it has earned."""
    for row, badge in _rows(entry, doubt or "is not watched"):
        if watched is not None:
            key = watched.paper.key
            line, known = world.lines[key], world.known(key, row.claim)
            named = replace(row, key=key, title=line.title, source=line.source)
            yield from _judged(named, badge, known, world, retracted_by=line.retracted_by)
        elif badge is not None:
            yield row


def _asked(entry: Entry, fresh: Fresh, world: _World) -> Iterator[CheckedBadge]:
    """The same for an entry that is not watched and was asked about."""
    for row, badge in _rows(entry, ""):
        yield from _judged(replace(row, source=fresh.source), badge, fresh.known, world)


def _rows(entry: Entry, why: str) -> Iterator[tuple[CheckedBadge, Badge | None]]:
    """Each badge of an entry, or the place for one, while nothing is known of it."""
    shown = [(entry.badge_line or entry.line, _badge_of(entry), entry.place)]
    shown += [(line, badge, badge) for line, badge in entry.also]
    for line, badge, place in shown:
        row = CheckedBadge(
            entry=entry.number, line=line, page=entry.page, title=entry.paper.title,
            text=badge.text if badge else "", claim=badge.claim if badge else None, place=place,
            judged=Judged(verdict=Verdict.UNKNOWN, why=why),
        )  # fmt: skip
        yield row, badge


def _judged(
    row: CheckedBadge,
    badge: Badge | None,
    known: Known,
    world: _World,
    *,
    retracted_by: Sequence[str] = (),
) -> Iterator[CheckedBadge]:
    """The row with its verdict; nothing where there is neither a badge nor one to add."""
    judge = world.judge
    judged = judge.judge(badge, known) if badge is not None else judge.missing(known)
    if judged is None or (badge is None and world.question.badges_only):
        return
    if retracted_by:
        who = " and ".join(world.label(source) for source in retracted_by)
        judged = replace(judged, why=f"{judged.why}; retracted, says {who}")
    yield replace(row, citations=known.citations, observed_at=known.observed_at, judged=judged)


def _badge_of(entry: Entry) -> Badge | None:
    """The entry's badge; where its place is not known, its words are all there is."""
    if entry.place is not None:
        return entry.place
    if not entry.badge or entry.paper.claim is None:
        return None
    found = next(iter(badges_in(entry.badge)), None)
    if found is not None and found.claim == entry.paper.claim:
        return found
    style = Style.FLOOR if "+" in entry.badge else Style.EXACT
    return Badge(
        text=entry.badge, claim=entry.paper.claim, start=0, end=len(entry.badge), style=style
    )


def _totals(found: PublicationList, report: Report) -> Iterator[CheckedBadge]:
    """Counts over all papers: said, with what the list's own papers add up to."""
    totals = report.totals
    why = "a count over all papers, which is never rewritten"
    if totals.citations is not None:
        papers = f"{totals.counted} paper{'' if totals.counted == 1 else 's'}"
        why += f"; the headline counts of {papers} of this list add up to {totals.citations}"
    for line, words, number in found.totals:
        yield CheckedBadge(
            kind="total", line=line, text=words, claim=number,
            judged=Judged(verdict=Verdict.UNKNOWN, why=why),
        )  # fmt: skip
