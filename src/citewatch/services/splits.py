"""Whether a source keeps two records of one paper.

Citations of one paper may be scattered over two records: one that came from arXiv, one
from its DOI. Both are asked for now and then, in free places of batches that are sent
anyway, and compared. They are reported and offered to the user, and never added up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from citewatch.domain.bibliography import is_published_venue
from citewatch.domain.identifiers import ARXIV, DOI, Identifier, is_preprint_doi, parse_identifier
from citewatch.domain.matching import contradicts
from citewatch.domain.papers import (
    DAY,
    Change,
    Facts,
    Held,
    Instant,
    Kind,
    Missing,
    Observed,
    Outcome,
    Reference,
    Status,
)
from citewatch.ports import (
    Ask,
    Batch,
    ChangeFilter,
    Comparer,
    Due,
    KnownIdentifier,
    Readings,
    Source,
    Store,
)
from citewatch.services.decisions import TRUSTED, Decisions
from citewatch.services.readings import forget

_AGAIN_S = 90 * DAY


@dataclass(frozen=True, slots=True)
class _Other:
    """A record that another identifier of a paper led to."""

    paper: int
    record: Identifier
    count: int | None
    asked: Identifier | None = None
    """None where it came unasked, beside the first."""
    venue: str | None = None


class Splits:
    """The comparisons of one source's pass."""

    def __init__(
        self,
        source: Source,
        store: Store,
        decisions: Decisions,
        references: Mapping[int, Reference],
        *,
        label: str,
    ) -> None:
        self._source = source
        self._store = store
        self._decisions = decisions
        self._references = references
        self._label = label
        self._casual: set[tuple[int, Identifier]] = set()
        self._compared: dict[int, int] = {}
        """Papers by series that were asked for otherwise and answered about."""
        self._others: list[_Other] = []
        self._follows_published = bool(getattr(source, "follows_published", False))

    def ride_along(
        self, asks: Sequence[Ask], dues: Mapping[int, Due], *, now: Instant
    ) -> list[Ask]:
        """Further questions that fit into requests which are sent anyway."""
        source = self._source
        if not isinstance(source, Comparer) or (room := source.spare(asks)) <= 0:
            return []
        extra: list[Ask] = []
        for due in dues.values():
            if not _is_time(due.held, now):
                continue
            if len(extra) >= room:
                break
            others = [i for i in source.doubles(due.ids) if _may_differ(i, due.held)]
            if others and len(extra) + len(others) <= room:
                extra += [Ask(due.held.series, i, casual=True) for i in others]
                self._casual |= {(due.held.series, i) for i in others}
        return extra

    def claim(self, series: int, identifier: Identifier) -> None:
        """This question is now asked in earnest."""
        self._casual.discard((series, identifier))

    def is_casual(self, ask: Ask) -> bool:
        """Whether this question was only asked to compare."""
        return (ask.series, ask.identifier) in self._casual

    def note(self, due: Due, ask: Ask, outcome: Outcome) -> None:
        """Take in what another identifier led to."""
        if not isinstance(outcome, Observed | Missing):
            return
        self._compared[due.held.series] = due.held.paper
        if isinstance(outcome, Observed) and self._is_the_paper(due, outcome.facts):
            self._others.append(
                _Other(
                    due.held.paper,
                    outcome.answered,
                    outcome.citation_count,
                    ask.identifier,
                    outcome.facts.venue,
                )
            )

    def take_out(self, readings: Readings, dues: Mapping[int, Due]) -> Readings:
        """The readings without those of comparisons, which are taken in."""
        if not self._casual:
            return readings
        for ask, outcome in readings:
            if self.is_casual(ask):
                self.note(dues[ask.series], ask, outcome)
        return [pair for pair in readings if not self.is_casual(pair[0])]

    def in_earnest(self, readings: Readings) -> int:
        """How many of the readings are not of comparisons."""
        if not self._casual:
            return len(readings)
        return sum(not self.is_casual(ask) for ask, _ in readings)

    def note_twins(self, due: Due, outcome: Observed) -> None:
        """Take in further records that one answer gave for the same paper."""
        self._others += [
            _Other(due.held.paper, twin.identifier, twin.citation_count) for twin in outcome.twins
        ]

    def _is_the_paper(self, due: Due, facts: Facts) -> bool:
        return not contradicts(self._references[due.held.paper], facts)

    def settle(self, *, now: Instant) -> Batch | None:
        """What to store once all answers are in; None where there is nothing."""
        compared, self._compared = set(self._compared.values()), {}
        others, self._others = self._others, []
        papers = {other.paper for other in others} | compared
        if not papers:
            return None
        helds = {held.paper: held for held in self._store.helds(self._source.name, sorted(papers))}
        for paper in compared:
            helds[paper] = replace(helds[paper], compared_at=now)
        told = self._told(papers)
        rows: list[KnownIdentifier] = []
        changes: list[Change] = []
        facts: list[tuple[int, Instant, Facts]] = []
        for other in others:
            held, record = helds[other.paper], other.record
            if held.status is not Status.OK or held.answered in (None, record):
                continue  # nothing to compare with
            if (other.paper, record) in told or self._decisions.is_rejected(other.paper, record):
                continue
            told.add((other.paper, record))
            moves = self._is_the_published(held, other)
            rows += self._rows(held, other, moves=moves, now=now)
            changes.append(self._change(held, other, moves=moves, now=now))
            if moves:
                helds[other.paper] = _moved(held, other, now)
                facts.append((held.series, now, Facts()))
        return Batch(helds=list(helds.values()), identifiers=rows, changes=changes, facts=facts)

    def _told(self, papers: Collection[int]) -> set[tuple[int, Identifier]]:
        """(paper, record): what the log has said before."""
        wanted = ChangeFilter(kinds={Kind.SPLIT}, papers=papers, sources={self._source.name})
        told: set[tuple[int, Identifier]] = set()
        for logged in self._store.changes(wanted):
            change = logged.change
            for value in (change.old, change.new):
                record = parse_identifier(str(value))
                if change.paper is not None and record is not None:
                    told.add((change.paper, record))
        return told

    def _is_the_published(self, held: Held, other: _Other) -> bool:
        """Whether the other record is the publication's, and the followed one the preprint's.

        Where preprint and publication are two works, the one with the published DOI is
        followed unless the user picks, or another paper has it.
        """
        asked = other.asked
        if asked is None or held.asked is None or not self._follows_published:
            return False
        of_a_publication = is_published_venue(other.venue) and not _is_of_a_preprint(asked)
        return (
            _is_of_a_preprint(held.asked)
            and of_a_publication
            and not self._decisions.picked(other.paper, other.record)
            and not self._decisions.picked(other.paper, held.asked)
            and not self._decisions.is_elsewhere(other.paper, other.record)
        )

    def _rows(
        self, held: Held, other: _Other, *, moves: bool, now: Instant
    ) -> list[KnownIdentifier]:
        """What is now known of the two records; what lists and people say is left alone."""
        known = {row.identifier: row for row in self._store.identifiers({other.paper})}
        row = KnownIdentifier(
            paper=other.paper, identifier=other.record, state="accepted" if moves else "candidate",
            origin=self._source.name, at=now,
            note=f"second record of this paper at {self._label}{_citations(other.count)}",
        )  # fmt: skip
        rows = [] if other.record in known and not moves else [row]
        left = known.get(held.answered) if held.answered else None
        if moves and left is not None and left.origin == self._source.name:
            rows.append(replace(left, state="candidate", note="the preprint's record", at=now))
        return [r for r in rows if r.identifier not in known or not self._is_said(known, r)]

    @staticmethod
    def _is_said(known: Mapping[Identifier, KnownIdentifier], row: KnownIdentifier) -> bool:
        return known[row.identifier].origin in TRUSTED

    def _change(self, held: Held, other: _Other, *, moves: bool, now: Instant) -> Change:
        first = f"{held.answered}{_citations(held.citation_count)}"
        second = f"{other.record}{_citations(other.count)}"
        if moves:
            first, second = second, first
            follows = "is followed from now on, as that of the publication"
        else:
            follows = "is followed"
        text = (
            f"{self._label} has two records of this paper: {first} {follows}, {second} is not; "
            "'citewatch resolve' lets you pick"
        )
        return Change(
            kind=Kind.SPLIT, at=now, first_seen_at=now, source=held.source, paper=held.paper,
            old=str(held.answered), new=str(other.record), text=text,
        )  # fmt: skip


def _moved(held: Held, other: _Other, now: Instant) -> Held:
    """The state as it begins with the publication's record; what was announced stays so."""
    begun = replace(forget(held), asked=other.asked, compared_at=now)
    return replace(begun, confirmed_high=held.confirmed_high, stands=held.stands)


def _is_of_a_preprint(identifier: Identifier) -> bool:
    return identifier.scheme == ARXIV or (
        identifier.scheme == DOI and is_preprint_doi(identifier.value)
    )


def _is_time(held: Held, now: Instant) -> bool:
    if held.answered is None or held.status is not Status.OK:
        return False
    return held.compared_at is None or now - held.compared_at >= _AGAIN_S


def _may_differ(identifier: Identifier, held: Held) -> bool:
    """An identifier that the record states leads to it, unless it names a record by itself."""
    if identifier in (held.asked, held.answered):
        return False
    names_records = held.answered is not None and identifier.scheme == held.answered.scheme
    return names_records or held.facts is None or identifier not in held.facts.ids


def _citations(count: int | None) -> str:
    return "" if count is None else f" ({count:,} citations)"
