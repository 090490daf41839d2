"""What a list of citing works says once it was read: a baseline, or news. Decides, asks nobody."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from citewatch.domain.citing_news import (
    DAILY_S,
    News,
    describe,
    is_descending,
    is_news,
    is_whole,
    newest_first,
    title_key,
)
from citewatch.domain.papers import DAY, Change, Instant, Kind
from citewatch.ports import CitingPage, Finished, KnownWork, Look, PastDue
from citewatch.services.selves import Selves

_WEEKLY_S = 7 * DAY


@dataclass(slots=True, kw_only=True)
class Reading:
    """A list while it is read."""

    due: PastDue
    look: Look
    again: bool = False
    """All of it is asked for once more."""
    pages: int = 0
    new: int = 0
    """Works that were not known before, so far."""
    last_new: int = 0
    """Those on the last page."""
    dates: list[str] = field(default_factory=list)
    """Of every listed work, in the order of the list, each once."""
    total: int | None = None
    by_year: dict[int, int] = field(default_factory=dict)
    ended: bool = False
    cut: str = ""
    capped: bool = False
    lost: bool = False
    """Another process has taken over."""
    _records: set[str] = field(default_factory=set)

    def take(self, page: CitingPage, new: int) -> None:
        """A page was stored; ``new`` of its works were not known."""
        self.pages += 1
        self.new += new
        self.last_new = new
        for work in page.works:
            if work.record not in self._records:
                self._records.add(work.record)
                self.dates.append(work.published_on)
        self.total = page.total if page.total is not None else self.total
        if page.by_year:
            self.by_year = dict(page.by_year)
        self.ended = page.last or bool(page.cut)
        self.cut = page.cut

    @property
    def is_fresh(self) -> bool:
        """Whether it is read from end to end for the past's sake."""
        return self.again or self.look.baseline_at is None


@dataclass(frozen=True, slots=True)
class Manners:
    """How news are judged and told."""

    label: str
    """The source's name for people."""
    selves: Selves
    confirm_s: int
    """How long an absence has to last."""


def conclude(
    reading: Reading, works: Sequence[KnownWork], manners: Manners, *, now: Instant
) -> Finished:
    """What the look changes. ``works`` are all that were ever listed, this look's included."""
    before, due = reading.look, reading.due
    seen = [w for w in works if w.seen == before.number]
    whole = is_whole(
        ended=reading.ended, cut=reading.cut, seen=len(seen), total=reading.total,
        before=before.listed, fall=max(0, (before.count or 0) - due.count),
    )  # fmt: skip
    look = replace(
        before, looked_at=now, count=due.count, failures=0, note="", next_look_at=now + DAILY_S
    )
    if whole:
        look = replace(look, complete_at=now, listed=len(seen))
    if reading.is_fresh:
        look = replace(
            look, baseline_at=before.baseline_at or now, total=reading.total,
            by_year=reading.by_year, pages=reading.pages, cut=reading.cut, capped=reading.capped,
            newest_first=is_descending(reading.dates),
        )  # fmt: skip
    if before.baseline_at is None:
        # What another record listed before is no loss of this one.
        left = [w for w in works if whole and w.seen != before.number and w.gone_at is None]
        absent = _records(left)
        look = replace(look, unsettled=False)
        return Finished(look=look, told=True, gone_since=absent, gone_at=absent)
    return _news(reading, look, works, manners, whole=whole, now=now)


def _news(
    reading: Reading,
    look: Look,
    works: Sequence[KnownWork],
    manners: Manners,
    *,
    whole: bool,
    now: Instant,
) -> Finished:
    before, due = reading.look, reading.due
    absent = [w for w in works if whole and w.seen < before.number and w.gone_at is None]
    doubted = [w for w in absent if w.gone_since is None]
    gone = [
        w for w in absent if w.gone_since is not None and now - w.gone_since >= manners.confirm_s
    ]
    again = [w for w in works if w.gone_at is not None and w.seen == before.number]
    waits = len(absent) > len(gone) if whole else before.unsettled
    if not whole and waits:
        look = replace(look, next_look_at=now + _WEEKLY_S)
    look = replace(look, unsettled=waits)
    news, more = _named(before, works, gone=gone, again=again)
    changes = []
    if news:
        told = (*news.new, *news.gone, *news.again)
        definition = manners.selves.definition(due.paper)
        own = manners.selves.among(due.paper, told, definition)
        text = describe(news, label=manners.label, own=own, definition=definition, more=more)
        fresh = {work.record for work in news.new}
        first_at = min((w.first_seen_at for w in works if w.work.record in fresh), default=now)
        changes = [
            Change(
                kind=Kind.CITING, at=now, source=due.source, text=text, paper=due.paper,
                new=len(news.new) or None, first_seen_at=first_at,
            )
        ]  # fmt: skip
    return Finished(
        look=look, told=True, gone_since=_records(doubted), gone_at=_records(gone),
        again=_records(again), changes=changes,
    )  # fmt: skip


def _named(
    before: Look,
    works: Sequence[KnownWork],
    *,
    gone: Sequence[KnownWork],
    again: Sequence[KnownWork],
) -> tuple[News, int]:
    """The works to be told by name, and how many further records of known works came along.

    A record that a source has joined with another, or has given another name, is neither
    gone nor new: its title still stands in the list.
    """
    titles = {title_key(w.work) for w in works if w.told and w.gone_at is None}
    present = {title_key(w.work) for w in works if w.seen == before.number}
    baseline_on = datetime.fromtimestamp(before.baseline_at or 0, UTC).date().isoformat()
    new, more = [], 0
    for known in works:
        work, key = known.work, title_key(known.work)
        if known.told or not is_news(work, whole_baseline=not before.cut, baseline_on=baseline_on):
            continue
        if key and key in titles:
            more += 1
            continue
        titles.add(key)
        new.append(work)
    lost = [w.work for w in gone if title_key(w.work) == "" or title_key(w.work) not in present]
    news = News(
        new=newest_first(new), gone=newest_first(lost),
        again=newest_first([w.work for w in again]),
    )  # fmt: skip
    return news, more


def _records(works: Collection[KnownWork]) -> frozenset[str]:
    return frozenset(w.work.record for w in works)
