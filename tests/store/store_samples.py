"""Made-up values for the store's tests, each field different from its default."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import (
    Change,
    Decision,
    Facts,
    Held,
    Kind,
    Paper,
    Pending,
    Rise,
    Snapshot,
    Status,
)
from citewatch.ports import Batch
from citewatch.store import SqlStore

NOW = 1_790_000_000
S2 = "semantic_scholar"
ARXIV = Identifier("arxiv", "1708.03999")
DOI = Identifier("doi", "10.1145/3128572.3140448")
SHA = Identifier("semantic_scholar", "0123456789abcdef0123456789abcdef01234567")

Opener = Callable[..., SqlStore]
Nobody = Callable[[], AbstractContextManager[None]]

FACTS = Facts(
    title="Żółw: zeroth order “optimisation”",
    authors=("Pin-Yu Chen", "Łukasz Ü."),
    year=2017,
    published_on="2017-08-14",
    venue="AISec",
    version=2,
    comment="Accepted; the first two authors contributed equally",
    journal_ref="AISec 2017",
    doi="10.1145/3128572.3140448",
    decision=Decision.ACCEPTED,
    decision_text="Accept (poster)",
    ratings=(6.0, 7.5),
    withdrawn=False,
    ids=(ARXIV, DOI),
)


def paper(key: str = "zoo-zeroth-order-2017", *ids: Identifier) -> Paper:
    return Paper(
        key=key,
        title=f"The title of {key}",
        year=2017,
        authors=("Pin-Yu Chen", "Huan Zhang"),
        venue="AISec",
        ids=ids,
        claim=1300,
    )


def full_held(series: int, number: int) -> Held:
    return Held(
        series=series,
        paper=number,
        source=S2,
        asked=ARXIV,
        answered=SHA,
        status=Status.HELD,
        citation_count=1873,
        influential_count=201,
        high=1880,
        confirmed_high=1870,
        rises=(Rise(NOW - 9, 1900, 1, 1873), Rise(NOW - 5, 2000, 2, 1900)),
        pending=Pending(NOW - 3, 3000, 2, 2990, True),
        changed_at=NOW - 8,
        counted_at=NOW - 7,
        answered_at=NOW - 6,
        missing_since_at=NOW - 4,
        absences=2,
        lost=True,
        failures=3,
        next_check_at=NOW + 86_400,
        searches=4,
        next_search_at=NOW + 99,
        inspected_at=NOW - 2,
        hint="v1",
    )


def reading(at: int, count: int | None, before: int | None = None, **more: object) -> Snapshot:
    return Snapshot(at=at, citation_count=count, previous_count=before, **more)  # type: ignore[arg-type]


def milestone(number: int | None, threshold: int = 100, at: int = NOW) -> Change:
    return Change(
        kind=Kind.MILESTONE,
        at=at,
        source=S2,
        text=f"crossed {threshold}+",
        paper=number,
        old=threshold - 2,
        new=threshold + 1,
        threshold=threshold,
        first_seen_at=at - 86_400,
    )


def one_series(store: SqlStore, key: str = "zoo-zeroth-order-2017") -> Held:
    """A new paper's state row at Semantic Scholar."""
    (number,) = store.add_papers([paper(key, ARXIV)], now=NOW)
    (held,) = store.helds(S2, [number])
    return held


def keep(store: SqlStore, series: int, *snapshots: Snapshot) -> None:
    store.apply(Batch(snapshots=[(series, s) for s in snapshots]))


def url(path: Path) -> str:
    return f"sqlite:///{path}"
