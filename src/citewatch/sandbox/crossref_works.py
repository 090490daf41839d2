"""What publishers have deposited at Crossref, and finding it by DOI or title.

Only published DOIs: those of arXiv belong to another agency. A preprint that has a DOI here
counts apart from what was published of it. Deposits appear, are corrected and retracted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf

from citewatch.sandbox.events import event
from citewatch.sandbox.openalex_counts import CROSSREF_SHARE, Parts, grown
from citewatch.sandbox.records import DAY_S, Record, number_of
from citewatch.sandbox.titles import words
from citewatch.sandbox.world import World

SOURCE = "crossref"
NO_TITLE = "p40"
"""A deposit with an empty list of titles."""
NO_DATE = "p39"
"""A deposit whose date parts are null."""
NO_TITLE_KEY = "near53b"
"""A deposit without any key for titles."""
WITH_PREPRINT = "p34"
PREPRINT_DOI = "10.5555/2018.05.30.401118"
"""The preprint of `WITH_PREPRINT` on a server that deposits here; not arXiv's."""
CORRECTED, RETRACTED, DROPPED, LATE = "p31", "p45", "p41", "p20"
DROP_PERCENT = 7
PUBLISHERS = {
    "10.1007": "Springer International Publishing",
    "10.1109": "IEEE",
    "10.1145": "ACM",
    "10.1609": "Association for the Advancement of Artificial Intelligence (AAAI)",
    "10.18653": "Association for Computational Linguistics",
}
MADE_UP_PUBLISHER = "Made-Up Press"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A notice about a deposit."""

    kind: str
    """retraction or correction."""
    of: str
    """The DOI that it is about."""
    notice: str
    """The DOI of the notice."""
    at: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Deposit:
    """One DOI; answers give it in lower case."""

    doi: str
    title: tuple[str, ...] | None
    """As deposited: none, or empty, for a few; None where the key itself is missing."""
    record: Record
    parts: Parts = ()
    kind: str = "proceedings-article"
    subtype: str | None = None
    container: tuple[str, ...] = ()
    issued: tuple[int | None, ...] = (None,)
    since: float = -inf
    relation: tuple[tuple[str, str, str], ...] = ()
    """(relation, other DOI, who says so: subject or object)."""
    updated_by: Update | None = None
    update_to: Update | None = None

    @property
    def prefix(self) -> str:
        """The part of the DOI before the slash."""
        return self.doi.partition("/")[0]

    @property
    def publisher(self) -> str:
        """The publisher's name."""
        return PUBLISHERS.get(self.prefix, MADE_UP_PUBLISHER)


class Deposits:
    """The deposits of one world; all are made, and indexed, at the first question."""

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def _all(self) -> tuple[Deposit, ...]:
        return tuple(_deposits(self._world))

    @cached_property
    def _by_doi(self) -> dict[str, Deposit]:
        return {deposit.doi: deposit for deposit in self._all}

    @cached_property
    def _by_word(self) -> dict[str, list[Deposit]]:
        found: dict[str, list[Deposit]] = defaultdict(list)
        for deposit in self._all:
            text = " ".join((*(deposit.title or ()), *deposit.record.authors, *deposit.container))
            for word in dict.fromkeys(words(text)):
                found[word].append(deposit)
        return found

    def find(self, doi: str, now: float) -> Deposit | None:
        """The deposit of a DOI in any case, if it exists by ``now``."""
        found = self._by_doi.get(doi.lower())
        return found if found and found.since <= now else None

    def everything(self, now: float) -> list[Deposit]:
        """Every deposit that exists by ``now``."""
        return [deposit for deposit in self._all if deposit.since <= now]

    def searched(self, text: str, now: float) -> list[tuple[float, Deposit]]:
        """(score, deposit), best first: whatever shares words with a text, however little."""
        scores: dict[Deposit, float] = defaultdict(float)
        for word in dict.fromkeys(words(text)):
            holding = self._by_word.get(word, ())
            for deposit in holding:
                # Rare words say more; what has a long title is not better for it.
                scores[deposit] += 12 / (1 + len(holding) ** 0.5)
        found = [(round(score, 6), deposit) for deposit, score in scores.items()]
        found = [(score, deposit) for score, deposit in found if deposit.since <= now]
        return sorted(found, key=lambda pair: (-pair[0], len(pair[1].title or ()), pair[1].doi))

    def count(self, deposit: Deposit, now: float) -> int:
        """``is-referenced-by-count`` of a deposit at ``now``."""
        count = grown(self._world, deposit.parts, self._world.day(now), source=SOURCE)
        if self._world.on("crossref_drop", now) and deposit.record.key == DROPPED:
            return count - count * DROP_PERCENT // 100
        return count


def _deposits(world: World) -> Iterable[Deposit]:
    marked = {CORRECTED: "crossref_corrected", RETRACTED: "crossref_retracted"}
    for record in world.records:
        deposit = _plain(record)
        if not world.eventful:
            yield from (deposit,) if deposit else ()
        elif record.key == LATE:
            yield _late(world, record)
        elif deposit is not None and record.key in marked:
            yield from _updated(world, deposit, marked[record.key])
        elif deposit is not None and record.key == WITH_PREPRINT:
            yield from _with_preprint(deposit)
        elif deposit is not None:
            yield _odd(deposit)


def _plain(record: Record) -> Deposit | None:
    if not record.doi:
        return None
    chapter = record.doi.startswith("10.1007/978")
    return Deposit(
        doi=record.doi.lower(),
        title=(record.title,),
        record=record,
        parts=((record, CROSSREF_SHARE),),
        kind="book-chapter" if chapter else "proceedings-article",
        container=(record.venue,) if record.venue else (),
        issued=_date(record),
    )


def _date(record: Record) -> tuple[int, ...]:
    """Year, year and month, or the whole date: publishers differ."""
    month, day = 1 + record.corpus % 12, 1 + record.corpus % 28
    return (record.year, month, day)[: 1 + number_of(f"{record.key}/issued", 3)]


def _odd(deposit: Deposit) -> Deposit:
    key = deposit.record.key
    if key == NO_DATE:
        return replace(deposit, issued=(None,))
    if key in (NO_TITLE, NO_TITLE_KEY):
        return replace(deposit, title=() if key == NO_TITLE else None)
    return deposit


def _late(world: World, record: Record) -> Deposit:
    """The journal version that arXiv's page names some time after the start."""
    at = world.start + event("crossref_published").first_day * DAY_S
    return Deposit(
        doi="10.5555/jmr.2025.101",
        title=(record.title,),
        record=record,
        parts=((record, 0.04),),
        kind="journal-article",
        container=("Journal of Made-Up Results",),
        issued=(2025, 4),
        since=at,
    )


def _updated(world: World, deposit: Deposit, name: str) -> Iterable[Deposit]:
    at = world.start + event(name).first_day * DAY_S
    kind = "retraction" if name == "crossref_retracted" else "correction"
    notice = f"10.5555/notice.{deposit.record.key}"
    update = Update(kind=kind, of=deposit.doi, notice=notice, at=at)
    yield replace(deposit, updated_by=update)
    yield Deposit(
        doi=notice,
        title=(f"{kind.capitalize()}: {deposit.record.title}",),
        record=deposit.record,
        kind="journal-article",
        container=deposit.container,
        issued=(2025,),
        since=at,
        update_to=update,
    )


def _with_preprint(deposit: Deposit) -> Iterable[Deposit]:
    # Relations keep the case in which they were deposited, DOIs do not.
    published = (deposit.record.doi or "").upper()
    yield replace(deposit, relation=(("has-preprint", PREPRINT_DOI, "object"),))
    yield replace(
        deposit,
        doi=PREPRINT_DOI,
        parts=((deposit.record, 0.11),),
        kind="posted-content",
        subtype="preprint",
        container=(),
        issued=(2018, 5, 30),
        relation=(("is-preprint-of", published, "subject"),),
    )
