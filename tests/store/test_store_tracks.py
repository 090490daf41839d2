"""What reports read: how series stand now and stood then, and their counts at instants."""

from __future__ import annotations

import random  # noqa: TID251  (seeded)
from dataclasses import replace

import pytest

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import DAY, Facts, Held, Status
from citewatch.ports import Batch, KnownIdentifier, Store
from citewatch.store.heard import coded, decoded
from fakes import MemoryStore
from worlds import HELD, MISSING, START, Reading, World, day, paper

SOURCES = ("semantic_scholar", "openalex")


def lived(store: Store, seed: int) -> World:
    """Sixty days with gaps, holds, misses, merges, records let go, decisions and edits."""
    chance = random.Random(seed)  # noqa: S311
    world = World(
        paper("a", "A", "arxiv:1901.00001", year=2019, claim=10), paper("b", "B"), store=store
    )
    for number in range(60):
        for source in SOURCES:
            said: dict[int, Reading] = {
                place: chance.choice((None, MISSING, (HELD, 900), 40 + number, 40 + number, 50))
                for place in range(len(world.numbers))
            }
            world.ask(day(number), said, source=source)
        (held,) = store.helds("openalex", [world.numbers[chance.randrange(2)]])
        if chance.random() < 0.1 and held.answered_at is not None:
            record = Identifier("openalex", f"W{number}")
            answered_at = held.answered_at + 60
            counted_at = answered_at if held.status is Status.OK else held.counted_at
            merged = replace(held, answered=record, answered_at=answered_at, counted_at=counted_at)
            store.apply(Batch(helds=[merged]))
            if chance.random() < 0.5:
                let_go(store, held, record, at=day(number) + 3600)
        if chance.random() < 0.1:
            world.say(day(number) + 9, 0, Facts(title=f"A {number}", year=2019), source="arxiv")
        if chance.random() < 0.1:
            decide(store, chance, at=day(number) + 7200)
        if number == 30:
            store.update_paper(
                world.numbers[0], replace(world.papers[0], title="A2", claim=None), now=day(30.5)
            )
            store.add_papers([paper("c", "C", "doi:10.1/c")], now=day(30.5))
    return world


def let_go(store: Store, held: Held, record: Identifier, *, at: int) -> None:
    row = KnownIdentifier(
        paper=held.paper, identifier=record, state="rejected", origin="user", at=at
    )
    after = Held(
        series=held.series, paper=held.paper, source=held.source,
        answered_at=(held.answered_at or 0) + 60, begun_at=(held.answered_at or 0) + 61,
    )  # fmt: skip
    store.apply(Batch(helds=[after], facts=[(held.series, at, Facts())], identifiers=[row]))


def decide(store: Store, chance: random.Random, *, at: int) -> None:
    row = KnownIdentifier(
        paper=chance.choice((1, 2)), identifier=Identifier("doi", f"10.1/{chance.randrange(3)}"),
        state=chance.choice(("accepted", "candidate", "rejected")),
        origin=chance.choice(("user", "openalex")), at=at,
    )  # fmt: skip
    store.save_identifiers([row])


@pytest.mark.parametrize("seed", range(4))
def test_any_instant_of_a_made_up_history_reads_as_in_memory(store: Store, seed: int) -> None:
    memory = MemoryStore()
    lived(memory, seed)
    lived(store, seed)
    numbers = [1, 2, 3]
    instants = [None, day(-1), *(day(n * 0.75) for n in range(80))]
    for until in instants:
        then, known = (
            (
                s.tracks(numbers, until=until),
                s.said(numbers, until=until),
                [(p.number, p.paper) for p in s.papers(until=until)],
            )
            for s in (store, memory)
        )
        believed = [_only_believed(t) for t in (then[0], known[0])]
        assert believed[0] == believed[1], until
        assert sorted(then[1]) == sorted(known[1]), until
        assert then[2] == known[2], until


def _only_believed(tracks: object) -> list[object]:
    """Without what a state carries of a reading that is not believed."""
    assert isinstance(tracks, list)
    return [t._replace(influential_count=None, without_self_count=None, high=None) for t in tracks]


@pytest.mark.parametrize("seed", range(3))
def test_counts_at_instants_are_those_of_whole_histories(store: Store, seed: int) -> None:
    memory = MemoryStore()
    for one in (memory, store):
        lived(one, seed)
    series = [h.series for h in store.histories()]
    instants = [day(n * 1.5) for n in range(-2, 45)]
    assert store.samples(series, instants) == memory.samples(series, instants)
    chance = random.Random(seed)  # noqa: S311
    own = {number: day(chance.randrange(60)) for number in series}
    assert store.samples_at(own) == memory.samples_at(own)


def test_a_series_without_readings_has_no_counts(store: Store) -> None:
    World(paper("a", "A"), store=store)
    (held,) = store.helds("openalex", [1])
    assert store.samples([held.series], [START]) == {held.series: (None, None)}
    (track,) = store.tracks([1], until=START + DAY)
    assert (track.status, track.citation_count, track.answered_at) == (Status.NEVER, None, None)


def test_a_paper_that_came_with_readings_from_before_was_known_then(store: Store) -> None:
    world = World(store=store)
    (number,) = store.add_papers([paper("late", "Late", "doi:10.1/x")], now=day(50), adopted=True)
    world.numbers.append(number)
    world.ask(day(3), {0: 12}, trigger="import")
    assert store.papers(until=day(2)) == []
    (then,) = store.papers(until=day(4))
    assert [str(i) for i in then.paper.ids] == ["doi:10.1/x"]


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([7], ""), ([5, 6, 7], "3"), ([5, 6, 7, 9], "3 1 1"), ([1, 4, 5, 20], "1 2 2 14 1")],
)
def test_series_heard_together_are_written_as_runs(numbers: list[int], text: str) -> None:
    assert coded(numbers) == text
    assert list(decoded(numbers[0], text)) == numbers
