"""What was decided on identifiers, looked up while answers come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Facts, Held, Instant
from citewatch.ports import Batch, KnownIdentifier, Store
from citewatch.services.readings import forget

TRUSTED = frozenset({"list", "user", "link"})
"""Origins that speak for the user; sources only speak for themselves."""


class Decisions:
    """Rejections and owners of identifiers, as of the pass's beginning and its own news."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rejected: set[tuple[int, Identifier]] | None = None
        self._owners: dict[Identifier, int] | None = None

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
        self, fresh: Sequence[tuple[int, Identifier]], *, origin: str, now: Instant
    ) -> list[KnownIdentifier]:
        """Rows for identifiers that a source gives for papers and nobody has decided on.

        One that the user's lists give to another paper is only a candidate: a source
        that mixes up two papers must not make them one.
        """
        decided = {
            (row.paper, row.identifier): row.state
            for row in self._store.identifiers({paper for paper, _ in fresh})
        }
        rows = []
        for paper, identifier in fresh:
            if decided.get((paper, identifier)) not in (None, "candidate"):
                continue
            elsewhere = self._owner(identifier) not in (None, paper)
            rows.append(
                KnownIdentifier(
                    paper=paper,
                    identifier=identifier,
                    origin=origin,
                    at=now,
                    state="candidate" if elsewhere else "accepted",
                    note="the list has it for another paper" if elsewhere else "",
                )
            )
        return rows

    def _owner(self, identifier: Identifier) -> int | None:
        if self._owners is None:
            rows = self._store.identifiers(states=("accepted",))
            self._owners = {row.identifier: row.paper for row in rows if row.origin in TRUSTED}
        return self._owners.get(identifier)


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
