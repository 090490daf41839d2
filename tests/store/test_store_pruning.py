"""Which passes go, and that claims settle what they claim."""

from __future__ import annotations

from store_samples import ARXIV, NOW, S2, one_series

from citewatch.domain.judge import judge
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Held, Observed, Status
from citewatch.domain.rules import Rules
from citewatch.ports import Batch, Run
from citewatch.store import SqlStore


def ran(store: SqlStore, day: int, status: str = "ok", note: str = "", **more: object) -> int:
    at = NOW + day * DAY
    run = Run(source=S2, started_at=at, finished_at=at + 9, status=status, note=note, **more)  # type: ignore[arg-type]
    return store.begin_run(run)


def left(store: SqlStore) -> set[int]:
    return {run.number for run in store.runs()}


def test_passes_that_asked_nothing_go_and_those_that_were_answered_stay(store: SqlStore) -> None:
    idle = ran(store, 0)
    answered = ran(store, 1, requests=1, papers=3, found=2, missing=1)
    asked = ran(store, 2, "partial", requests=1, papers=3)
    imported = ran(store, 3, trigger="import", found=1)
    endless = store.begin_run(Run(source=S2, started_at=NOW, requests=3))
    young = ran(store, 50)
    assert store.prune(before=NOW + 40 * DAY) == 2
    assert left(store) == {answered, asked, imported, young}
    assert not {idle, endless} & left(store)
    assert store.prune(before=NOW + 40 * DAY) == 0


def test_of_an_outage_its_beginning_and_its_end_stay(store: SqlStore) -> None:
    first = ran(store, 0, requests=1, found=1)
    down = [ran(store, day, "failed", "HTTP 503", requests=1) for day in range(1, 6)]
    other = ran(store, 6, "failed", "timeout", requests=1)
    back = ran(store, 7, requests=1, found=1)
    assert store.prune(before=NOW + 40 * DAY) == 3
    assert left(store) == {first, down[0], down[-1], other, back}


def test_a_young_repetition_stays(store: SqlStore) -> None:
    runs = [ran(store, day, "failed", "HTTP 503", requests=1) for day in range(5)]
    assert store.prune(before=NOW + 2 * DAY) == 1
    assert left(store) == {*runs} - {runs[1]}


def test_a_claim_is_settled_where_there_was_no_count_yet(store: SqlStore) -> None:
    held = one_series(store)
    store.settle_claims(S2, {held.paper: 300, 999: 50})
    assert state(store, held).confirmed_high == 300
    store.settle_claims(S2, {held.paper: 200})
    assert state(store, held).confirmed_high == 300
    store.settle_claims(S2, {held.paper: 400})
    assert state(store, held).confirmed_high == 400
    store.settle_claims("openalex", {held.paper: 300})
    assert [h.source for h in store.histories()] == [S2], "no series is made by it"


def test_a_claim_settles_nothing_where_counts_are_known(store: SqlStore) -> None:

    held = one_series(store)
    outcome = Observed(asked=ARXIV, answered=ARXIV, citation_count=290)
    rules = Rules(ladder=Ladder(), confirm_after_s=0, every_s=DAY)
    store.apply(Batch(helds=[judge(held, outcome, NOW, rules=rules).held]))
    store.settle_claims(S2, {held.paper: 300})
    assert (state(store, held).confirmed_high, state(store, held).status) == (290, Status.OK)


def state(store: SqlStore, held: Held) -> Held:
    return store.helds(S2, [held.paper])[0]
