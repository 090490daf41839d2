"""Lists of citing works, looks and reconstructed pasts in both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from store_samples import ARXIV, NOW, S2, SHA, Opener, keep, paper, reading

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Change, Kind, Status
from citewatch.domain.reconstruction import Method, Reconstruction
from citewatch.ports import Batch, Finished, Look, PastDue
from citewatch.store import SqlStore, restore

DAY = 86_400
RECORD = f"{SHA}"
MADE = Reconstruction(
    made_at=NOW, first_at=NOW - 5, first_count=30, times=(NOW - 900, NOW - 5), counts=(0, 30),
    method=Method.YEARS, works=40, dated=20, by_year=7, undated=3, early=2, future=1, later=4,
    scale=1.25, cut="it shows 40", reason="",
)  # fmt: skip
WORK = CitingWork(
    record="W1", title="Żółw\0 “x” \ud800", venue="NeurIPS", published_on="2024-05", influential=True,
    authors=(Person("Ada", f"{S2}:12"), Person("Bo", "orcid:0000"), Person("Cy")),
    ids=(Identifier("doi", "10.1/x"), Identifier("arxiv", "2401.00001")),
)  # fmt: skip


def counted(store: SqlStore, number: int = 0, *, count: int = 30) -> PastDue:
    """A watched paper with a believed count, as it is due for a look."""
    key = f"paper-{number}"
    stored = {p.paper.key: p.number for p in store.papers()}
    if key not in stored:
        (stored[key],) = store.add_papers([paper(key, ARXIV)], now=NOW)
        store.set_watched(list(stored.values()))
    (held,) = store.helds(S2, [stored[key]])
    held = replace(held, asked=ARXIV, answered=SHA, status=Status.OK, citation_count=count)
    store.apply(Batch(helds=[held]))
    keep(store, held.series, reading(NOW, count))
    return next(d for d in store.past().tracked(S2, [stored[key]]))


def begun(store: SqlStore, due: PastDue, **more: object) -> Look:
    look = store.past().begin(
        due, record=RECORD, now=NOW, lease_until=NOW + 60, **more  # type: ignore[arg-type]
    )  # fmt: skip
    assert look is not None
    return look


def ended(store: SqlStore, look: Look, **more: object) -> None:
    done = Finished(
        look=replace(look, baseline_at=NOW, count=30, next_look_at=NOW + DAY), told=True
    )
    assert store.past().finish(replace(done, **more), now=NOW) is not None  # type: ignore[arg-type]


def test_a_work_comes_back_as_it_was_told(store: SqlStore) -> None:
    due = counted(store)
    look = begun(store, due)
    assert store.past().keep(look, [WORK, WORK], now=NOW, lease_until=NOW + 60) == 1
    (known,) = store.past().works(due.series)
    assert known.work == replace(WORK, title="Żółw “x” ?")
    assert (known.first_seen_at, known.seen, known.told) == (NOW, look.number, False)
    assert store.past().keep(look, [WORK], now=NOW + 1, lease_until=NOW + 60) == 0


def test_a_later_page_corrects_a_work_and_forgets_no_mark(store: SqlStore) -> None:
    due = counted(store)
    look = begun(store, due)
    past = store.past()
    past.keep(look, [WORK], now=NOW, lease_until=NOW + 60)
    ended(store, look, gone_since={"W1"})
    assert past.works(due.series)[0].gone_since == NOW
    later = begun(store, due)
    past.keep(
        later, [replace(WORK, title="T", influential=None)], now=NOW + 9, lease_until=NOW + 60
    )
    (known,) = past.works(due.series)
    assert (known.work.title, known.work.influential, known.gone_since) == ("T", True, None)
    assert (known.first_seen_at, known.told) == (NOW, True)


def test_a_reconstructed_past_comes_back_with_its_provenance(store: SqlStore) -> None:
    due = counted(store)
    ended(store, begun(store, due), reconstruction=MADE)
    assert store.past().reconstructions([due.paper]) == {(due.paper, S2): MADE}
    ended(store, begun(store, due), reconstruction=replace(MADE, times=(), counts=(), reason="no"))
    assert store.past().reconstructions([due.paper])[due.paper, S2].times == ()


def test_the_past_is_no_reading(store: SqlStore) -> None:
    due = counted(store)
    before = store.histories(papers=[due.paper])
    ended(store, begun(store, due), reconstruction=MADE)
    assert store.histories(papers=[due.paper]) == before


def test_a_look_that_ended_logs_its_news_with_it(store: SqlStore) -> None:
    due = counted(store)
    change = Change(kind=Kind.CITING, at=NOW, source=S2, text="by Ada", paper=due.paper)
    ended(store, begun(store, due), changes=[change])
    assert [row.change for row in store.changes()] == [change]
    assert store.outbox().undistributed()[0] == 1


def test_a_look_belongs_to_whoever_began_last(store: SqlStore) -> None:
    due, past = counted(store), store.past()
    first = begun(store, due)
    assert past.begin(due, record=RECORD, now=NOW + 59, lease_until=NOW + 119) is None
    second = begun(store, due, seize=True)
    assert past.keep(first, [WORK], now=NOW, lease_until=NOW + 60) is None
    assert past.finish(Finished(look=first), now=NOW) is None
    past.give_up(first)
    assert past.keep(second, [WORK], now=NOW, lease_until=NOW + 60) == 1


def test_a_lease_ends_by_itself_also_that_of_a_clock_that_was_ahead(store: SqlStore) -> None:
    due, past = counted(store), store.past()
    begun(store, due)
    assert past.begin(due, record=RECORD, now=NOW + 60, lease_until=NOW + 120) is not None
    assert past.begin(due, record=RECORD, now=NOW - 9999, lease_until=NOW - 9939) is not None


def test_what_is_due(store: SqlStore) -> None:
    past = store.past()
    one, two = counted(store, 1), counted(store, 2)
    assert [d.paper for d in past.due(S2, now=NOW, limit=9)] == [one.paper, two.paper]
    assert [d.paper for d in past.due(S2, now=NOW, limit=1)] == [one.paper]
    assert past.due("openalex", now=NOW, limit=9) == []
    ended(store, begun(store, one))
    assert [d.paper for d in past.due(S2, now=NOW + 2 * DAY, limit=9)] == [two.paper]
    counted(store, 1, count=31)
    assert [d.paper for d in past.due(S2, now=NOW, limit=9)] == [two.paper]
    # News first, then what was never looked at, and so on in turn.
    assert [d.paper for d in past.due(S2, now=NOW + DAY, limit=9)] == [one.paper, two.paper]


@pytest.mark.parametrize(
    ("mark", "deep", "is_due"),
    [
        ({"unsettled": True}, False, True),
        ({"capped": True}, False, False),
        ({"capped": True}, True, True),
        ({"record": "semantic_scholar:other"}, False, True),
        ({"baseline_at": None}, False, True),
        ({}, True, False),
    ],
)
def test_what_makes_a_list_due_again(
    store: SqlStore, mark: dict[str, object], deep: bool, is_due: bool
) -> None:
    due, past = counted(store), store.past()
    look = replace(begun(store, due), baseline_at=NOW, count=30, next_look_at=NOW)
    past.finish(Finished(look=replace(look, **mark)), now=NOW)  # type: ignore[arg-type]
    assert bool(past.due(S2, now=NOW, limit=9, deep=deep)) is is_due


@pytest.mark.parametrize(
    "state",
    [{"status": Status.HELD}, {"status": Status.MISSING}, {"citation_count": None}],
)
def test_a_count_that_is_not_believed_makes_nothing_due(
    store: SqlStore, state: dict[str, object]
) -> None:
    due = counted(store)
    (held,) = store.helds(S2, [due.paper])
    store.apply(Batch(helds=[replace(held, **state)]))  # type: ignore[arg-type]
    assert store.past().due(S2, now=NOW, limit=9) == []


def test_nothing_is_due_of_a_paper_that_is_not_watched(store: SqlStore) -> None:
    counted(store)
    store.set_watched([])
    assert store.past().due(S2, now=NOW, limit=9) == []


def test_another_record_begins_anew_and_keeps_what_was_listed(store: SqlStore) -> None:
    due, past = counted(store), store.past()
    look = begun(store, due)
    past.keep(look, [WORK], now=NOW, lease_until=NOW + 60)
    ended(store, look)
    after = past.begin(due, record="semantic_scholar:other", now=NOW, lease_until=NOW + 60)
    assert after is not None
    assert (after.baseline_at, after.number) == (None, look.number + 1)
    assert len(past.works(due.series)) == 1


def test_people_are_learnt_by_identity(store: SqlStore) -> None:
    due, past = counted(store), store.past()
    past.learn(due.paper, S2, [Person("Ada A.", f"{S2}:12"), Person("Nobody")])
    past.learn(due.paper, S2, [Person("Ada Author", f"{S2}:12")])
    assert past.people() == {due.paper: [Person("Ada Author", f"{S2}:12")]}
    assert past.people([due.paper + 1]) == {}


def test_ten_thousand_works_are_stored_compactly(store: SqlStore, path: Path) -> None:
    due, past = counted(store), store.past()
    look = begun(store, due)
    authors = tuple(Person(f"Given{n} Family{n}", f"{S2}:{10_000_000 + n}") for n in range(4))
    for page in range(10):
        works = [
            CitingWork(
                record=f"{page * 1000 + n:040x}", published_on="2024-05-01", authors=authors,
                venue="Neural Information Processing Systems",
                title=f"A title of an ordinary length about something, number {page * 1000 + n}",
            )
            for n in range(1000)
        ]  # fmt: skip
        assert past.keep(look, works, now=NOW, lease_until=NOW + 60) == 1000
    ended(store, look)
    assert len(past.works(due.series)) == 10_000
    store.close()
    assert path.stat().st_size < 5_000_000


def test_a_backup_that_is_put_back_tells_no_citing_work_again(opened: Opener, path: Path) -> None:
    store = opened()
    due = counted(store)
    look = begun(store, due)
    ended(store, look, reconstruction=MADE)
    store.close()
    backup = path.with_name("backup.db")
    backup.write_bytes(path.read_bytes())
    store = opened()
    look = begun(store, due)
    store.past().keep(look, [WORK], now=NOW, lease_until=NOW + 60)
    store.past().learn(due.paper, S2, WORK.authors)
    ended(store, look, reconstruction=replace(MADE, times=(NOW - 5,), counts=(30,)))
    store.close()
    restore(backup, path, now=NOW, force=True)
    past = opened().past()
    assert [(w.work.record, w.told) for w in past.works(due.series)] == [("W1", True)]
    assert past.looks([due.paper])[due.paper, S2].number == look.number
    assert past.reconstructions([due.paper])[due.paper, S2].counts == (30,)
    assert len(past.people()[due.paper]) == 2


def test_the_past_of_a_paper_is_forgotten_and_no_others(store: SqlStore) -> None:
    past = store.past()
    for number in (1, 2):
        due = counted(store, number)
        look = begun(store, due)
        past.keep(look, [WORK], now=NOW, lease_until=NOW + 60)
        past.learn(due.paper, S2, WORK.authors)
        ended(store, look, reconstruction=MADE)
    past.forget([1])
    assert list(past.looks([1, 2])) == list(past.reconstructions([1, 2])) == [(2, S2)]
    assert [len(past.works(d.series)) for d in past.tracked(S2, [1, 2])] == [0, 1]
    assert list(past.people()) == [2]
