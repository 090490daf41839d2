"""Who is who: the user's decisions, and what is known of each paper's identifiers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from citewatch.domain.identifiers import MAG, Identifier, parse_identifier
from citewatch.domain.papers import Facts, Held, Instant, Paper, Status
from citewatch.errors import InputError
from citewatch.ports import Batch, KnownIdentifier, Source, Store
from citewatch.services.decisions import TRUSTED, let_go
from citewatch.services.readings import forget
from citewatch.services.watchlist import WatchedPaper, find_paper

_NOW_ON = 2**40
"""A ``since`` that lies after every reading: of each series only the newest is read."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision of the user: this identifier is, or is not, this paper."""

    paper: WatchedPaper
    identifier: Identifier
    accept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What is known of one paper's identity."""

    paper: Paper
    accepted: tuple[KnownIdentifier, ...]
    candidates: tuple[KnownIdentifier, ...]
    rejected: tuple[KnownIdentifier, ...]
    missing_at: tuple[str, ...]
    """Sources that answered and do not know it."""
    found: bool
    """Whether a source has answered about it."""


def parse_choice(text: str, papers: Sequence[WatchedPaper], *, accept: bool) -> Choice:
    """Read ``PAPER=ID``."""
    words, equals, value = text.partition("=")
    identifier = parse_identifier(value)
    if not equals or identifier is None:
        option = "--accept" if accept else "--reject"
        raise InputError(
            f"{option} {text!r}: expected PAPER=ID",
            remedy="for example zoo-zeroth-order-2017=arxiv:1708.03999",
        )
    return Choice(find_paper(words, papers), identifier, accept)


def decide(
    choices: Sequence[Choice], store: Store, sources: Sequence[Source], *, now: Instant
) -> None:
    """Remember what the user decided, and begin anew where another record was counted."""
    for choice in choices:
        number = choice.paper.number or 0
        state = "accepted" if choice.accept else "rejected"
        row = KnownIdentifier(
            paper=number, identifier=choice.identifier, state=state, origin="user", at=now
        )
        if not choice.accept:
            let_go(row, store, [source.name for source in sources])
            continue
        before = [
            held
            for source in sources
            if choice.identifier.scheme in source.schemes
            for held in store.helds(source.name, [number])
            if choice.identifier not in (held.asked, held.answered)
        ]
        helds = [replace(forget(held), asked=choice.identifier) for held in before]
        facts = [(held.series, now, Facts()) for held in helds]
        left = _no_longer_followed(before, choice, store, now=now)
        store.apply(Batch(helds=helds, facts=facts, identifiers=[row, *left]))


def _no_longer_followed(
    helds: Sequence[Held], choice: Choice, store: Store, *, now: Instant
) -> list[KnownIdentifier]:
    """Records of the same source that the user has just passed over for another.

    They become candidates again: should the source answer under one of them later, that is
    a merge, and worth a line.
    """
    followed = {h.source for h in helds if h.answered}
    return [
        replace(row, state="candidate", note="another record was picked", at=now)
        for row in store.identifiers({choice.paper.number or 0}, states=("accepted",))
        if row.origin in followed
        and row.identifier.scheme in (choice.identifier.scheme, MAG)
        and row.identifier != choice.identifier
        and row.origin not in TRUSTED
    ]


def identities(
    papers: Sequence[WatchedPaper], store: Store, sources: Sequence[str]
) -> list[Resolved]:
    """What is known of each paper's identifiers, in the order of the papers."""
    numbers = [w.number for w in papers if w.number is not None]
    rows: dict[int, list[KnownIdentifier]] = {}
    for row in store.identifiers(numbers):
        rows.setdefault(row.paper, []).append(row)
    missing: dict[int, list[str]] = {}
    found: set[int] = set()
    for history in store.histories(papers=numbers, sources=sources, since=_NOW_ON):
        held = history.held
        if held is not None and held.answered is not None:
            found.add(held.paper)
        elif held is not None and held.status is Status.MISSING:
            missing.setdefault(held.paper, []).append(held.source)
    return [
        Resolved(
            paper=w.paper,
            accepted=_in_state(rows, w.number, "accepted"),
            candidates=_in_state(rows, w.number, "candidate"),
            rejected=_in_state(rows, w.number, "rejected"),
            missing_at=tuple(missing.get(w.number or 0, ())),
            found=w.number in found,
        )
        for w in papers
    ]


def _in_state(
    rows: dict[int, list[KnownIdentifier]], number: int | None, state: str
) -> tuple[KnownIdentifier, ...]:
    mine = [row for row in rows.get(number or 0, ()) if row.state == state]
    return tuple(sorted(mine, key=lambda row: -(row.score or 0)))
