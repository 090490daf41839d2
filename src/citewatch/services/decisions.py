"""What was decided on identifiers, looked up while answers come in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from citewatch.domain.identifiers import Identifier
from citewatch.domain.keys import squash
from citewatch.domain.matching import contradicts
from citewatch.domain.papers import Facts, Held, Instant, Observed, Reference
from citewatch.ports import Ask, Batch, Due, KnownIdentifier, Source, Store
from citewatch.services.readings import forget

TRUSTED = frozenset({"list", "user", "link"})
"""Origins that speak for the user; sources only speak for themselves."""


class Decisions:
    """Rejections and owners of identifiers, as of the pass's beginning and its own news."""

    def __init__(self, store: Store, source: Source, references: Mapping[int, Reference]) -> None:
        self._store = store
        self._doubts_links = bool(getattr(source, "doubts_links", False))
        self._name = source.name
        self._label = source.label
        self._references = references
        self._rejected: set[tuple[int, Identifier]] | None = None
        self._owners: dict[Identifier, int] | None = None
        self._records: dict[Identifier, int] | None = None

    def is_rejected(self, paper: int, identifier: Identifier) -> bool:
        """Whether somebody said that this is not the paper. That outlasts everything."""
        if self._rejected is None:
            rows = self._store.identifiers(states=("rejected",))
            self._rejected = {(row.paper, row.identifier) for row in rows}
        return bool(self._rejected) and (paper, identifier) in self._rejected

    def note_rejected(self, rows: Sequence[KnownIdentifier]) -> None:
        """Remember rejections of this pass."""
        if self._rejected is not None:
            self._rejected |= {(row.paper, row.identifier) for row in rows}

    def news(
        self,
        fresh: Sequence[tuple[int, Identifier]],
        known: Sequence[KnownIdentifier],
        *,
        now: Instant,
    ) -> list[KnownIdentifier]:
        """Rows for identifiers that a source gives for papers and nobody has decided on.

        ``known`` are all rows of some of the papers, read for the same answer.
        One that the user's lists give to another paper is only a candidate: a source
        that mixes up two papers must not make them one.
        """
        others = {paper for paper, _ in fresh} - {row.paper for row in known}
        rows_of_others = self._store.identifiers(others) if others else ()
        decided = {(row.paper, row.identifier): row.state for row in (*known, *rows_of_others)}
        rows = []
        for paper, identifier in fresh:
            if decided.get((paper, identifier)) not in (None, "candidate"):
                continue
            elsewhere = self._owner(identifier) not in (None, paper)
            rows.append(
                KnownIdentifier(
                    paper=paper,
                    identifier=identifier,
                    origin=self._name,
                    at=now,
                    state="candidate" if elsewhere else "accepted",
                    note="the list has it for another paper" if elsewhere else "",
                )
            )
        return rows

    def known_of_new(self, dues: Sequence[Due]) -> Sequence[KnownIdentifier]:
        """What is known of the identifiers of papers that are new to this source."""
        papers = {due.held.paper for due in dues if due.held.answered is None}
        return self._store.identifiers(papers) if papers else ()

    def is_another(
        self,
        due: Due,
        ask: Ask,
        outcome: Observed,
        foreign: Collection[tuple[int, Identifier]],
    ) -> bool:
        """Whether a record was rejected before, or is plainly not the paper."""
        if self.is_rejected(due.held.paper, outcome.answered):
            return True
        misled = bool(foreign) and (due.held.paper, ask.identifier) in foreign
        before = due.held.answered
        # A merge leads to a record of the same paper. One that answers with another title
        # by other people has mixed up two papers, for a day or for good.
        moved = (
            before is not None and before != outcome.answered and outcome.answered not in due.ids
        )
        if not (misled or moved):
            return False
        wanted = self._references[due.held.paper]
        if contradicts(wanted, outcome.facts):
            return True
        # Two watched papers under one record are one work only if it bears this title too.
        taken = moved and self._holder(outcome.answered) not in (None, due.held.paper)
        return taken and squash(outcome.facts.title or "") != squash(wanted.title)

    def is_elsewhere_linked(self, due: Due, outcome: Observed) -> bool:
        """Whether a link of the list leads to the page of plainly another paper."""
        return self._doubts_links and contradicts(self._references[due.held.paper], outcome.facts)

    def refuse(
        self,
        due: Due,
        ask: Ask,
        outcome: Observed,
        foreign: Collection[tuple[int, Identifier]],
        *,
        now: Instant,
    ) -> list[KnownIdentifier]:
        """A rejection of the foreign identifier that led to another paper.

        Where the paper's own identifier led there, the record is a candidate: the user
        may know better.
        """
        if self.is_rejected(due.held.paper, outcome.answered):
            return []
        if (due.held.paper, ask.identifier) not in foreign:
            return [
                KnownIdentifier(
                    paper=due.held.paper,
                    identifier=outcome.answered,
                    state="candidate",
                    origin=self._name,
                    at=now,
                    note=f"{self._label} answered with {outcome.facts.title}",
                )
            ]
        row = KnownIdentifier(
            paper=due.held.paper, identifier=ask.identifier, state="rejected",
            origin=self._name, at=now,
            note=f"{self._label} has another paper under it: {outcome.facts.title}",
        )  # fmt: skip
        self.note_rejected([row])
        return [row]

    def picked(self, paper: int, record: Identifier) -> bool:
        """Whether the user picked a record of this source for a paper, this one or another."""
        return any(
            row.origin == "user" and row.identifier.scheme == record.scheme
            for row in self._store.identifiers({paper}, states=("accepted",))
        )

    def is_elsewhere(self, paper: int, record: Identifier) -> bool:
        """Whether a record is another paper's, by the user's lists or by this source's answers."""
        owners = {self._owner(record), self._holder(record)}
        return bool(owners - {None, paper})

    def _holder(self, record: Identifier) -> int | None:
        """The paper that this source has answered about under a record before."""
        if self._records is None:
            self._records = {}
            for row in self._store.identifiers(states=("accepted",)):
                if row.origin == self._name:
                    self._records.setdefault(row.identifier, row.paper)
        return self._records.get(record)

    def _owner(self, identifier: Identifier) -> int | None:
        if self._owners is None:
            rows = self._store.identifiers(states=("accepted",))
            self._owners = {row.identifier: row.paper for row in rows if row.origin in TRUSTED}
        return self._owners.get(identifier)


def of_others(rows: Sequence[KnownIdentifier], source: str) -> frozenset[tuple[int, Identifier]]:
    """The identifiers that only another source vouches for."""
    return frozenset(
        (row.paper, row.identifier)
        for row in rows
        if row.origin not in TRUSTED and row.origin != source
    )


def let_go(row: KnownIdentifier, store: Store, sources: Sequence[str]) -> None:
    """Store a rejection and everything that follows from it.

    Every source that was asked by the identifier, or answered under it, begins anew;
    what such a source brought along for the paper is rejected with it, and so on.
    """
    brought: dict[str, list[KnownIdentifier]] = {}
    for known in store.identifiers({row.paper}, states=("accepted",)):
        if known.identifier != row.identifier:
            brought.setdefault(known.origin, []).append(known)
    gone = {row.identifier}
    helds = {source: store.helds(source, [row.paper])[0] for source in sources}
    begun: dict[str, Held] = {}
    rows = [row]
    while affected := [
        (source, held)
        for source, held in helds.items()
        if source not in begun and gone & {held.asked, held.answered}
    ]:
        for source, held in affected:
            begun[source] = forget(held)
            note = "came with a rejected record"
            fallen = [
                replace(known, state="rejected", note=note, at=row.at)
                for known in brought.pop(source, [])
            ]
            rows += fallen
            gone |= {known.identifier for known in fallen}
    # Nothing that the other record said is shown as the paper's any more.
    facts = [(held.series, row.at, Facts()) for held in begun.values()]
    store.apply(Batch(helds=list(begun.values()), facts=facts, identifiers=rows))
