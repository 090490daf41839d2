"""What led to a line of the log."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from citewatch.cli.render.changes_table import changes_table
from citewatch.cli.render.why import why_json, why_table
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Facts, Kind, Paper, Status
from citewatch.domain.rules import Rules
from citewatch.errors import InputError
from citewatch.ports import ChangeFilter, Store
from citewatch.services.log import Group, find_changes, group_by_fault
from citewatch.services.replay import Reading, replay
from citewatch.services.why import Why, explain
from citewatch.store import open_store
from worlds import World, day, paper

START = 20_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path / 'c.db'}", now=START * DAY)
    papers = [Paper(key=f"paper-{n:02}", title=f"Paper {n}") for n in range(20)]
    store.add_papers(papers, now=START * DAY)
    yield store
    store.close()


def rules(label: str) -> Rules:
    return Rules(
        ladder=Ladder(), confirm_after_s=3 * DAY, every_s=DAY, label="Semantic Scholar"
    )  # fmt: skip


def read(store: Store, days: dict[int, dict[int, int]]) -> None:
    """Counts by day and by paper's place, through the judge."""
    readings = [
        Reading(place + 1, "s2", (START + at) * DAY, count)
        for at, counts in days.items()
        for place, count in counts.items()
    ]
    store.apply(replay(readings, store, rules).batch)


def why(store: Store, kind: Kind, place: int = 0) -> Why:
    rows = store.changes(ChangeFilter(kinds={kind}))
    return explain(store, rows[place].number)


def short(told: Why) -> list[tuple[int, int | None, str, str]]:
    return [(s.at // DAY - START, s.citations, s.status.value, s.note) for s in told.readings]


def test_a_milestone_shows_the_reading_before_those_since_and_the_one_that_confirmed(
    store: Store,
) -> None:
    read(store, {n: {0: c} for n, c in enumerate((97, 98, 101, 102, 102, 102))})
    told = why(store, Kind.MILESTONE)
    assert short(told) == [
        (1, 98, "ok", "believed before"),
        (2, 101, "ok", "first seen"),
        (3, 102, "ok", "believed"),
        (5, 102, "ok", "confirmed, unchanged"),
    ]
    assert "confirm_after" in told.rule
    assert told.asked == 4


def test_a_drop_shows_what_was_held_back(store: Store) -> None:
    read(store, {n: {0: c} for n, c in enumerate((200, 200, 150, 150, 150, 149))})
    told = why(store, Kind.DROP)
    assert short(told) == [
        (0, 200, "ok", "believed before"),
        (2, 150, "held", "first seen"),
        (5, 149, "ok", "confirmed"),
    ]


def fault(store: Store, *, lasts: int) -> None:
    days = {n: dict.fromkeys(range(20), 100) for n in range(3)}
    for n in range(3, 3 + lasts):
        days[n] = {place: 40 + place if place < 8 else 100 for place in range(20)}
    days[3 + lasts] = dict.fromkeys(range(20), 101) if lasts == 1 else days[3]
    read(store, days)


def test_a_fault_names_its_papers_and_what_became_of_them(store: Store) -> None:
    fault(store, lasts=1)
    told = why(store, Kind.SOURCE_FAULT)
    assert [(hit.key, hit.before, hit.said) for hit in told.papers] == [
        (f"paper-{n:02}", 100, 40 + n) for n in range(8)
    ]
    after = told.papers[0].after
    assert after is not None
    assert (after.citation_count, after.status, after.at // DAY - START) == (101, Status.OK, 4)


def test_papers_that_a_fault_let_through_share_a_line(store: Store) -> None:
    fault(store, lasts=7)
    changes = find_changes(store)
    faults = find_changes(store, kinds=[Kind.SOURCE_FAULT])
    grouped = group_by_fault(changes, faults)
    assert [type(row) for row in grouped] == [type(changes[0]), Group]
    out = io.StringIO()
    changes_table(grouped, Console(file=out, width=100))
    text = " ".join(out.getvalue().split())
    assert "8 papers" in text
    assert (
        "paper-00 100 → 40; paper-01 100 → 41; paper-02 100 → 42; 5 more in --format json" in text
    )
    assert text.endswith("9 changes")


def test_two_papers_of_a_fault_keep_their_own_lines(store: Store) -> None:
    fault(store, lasts=7)
    changes = find_changes(store)
    faults = find_changes(store, kinds=[Kind.SOURCE_FAULT])
    assert group_by_fault(changes[:3], faults) == changes[:3]


def test_a_statement_shows_what_was_said_before() -> None:
    from citewatch.domain.papers import Change
    from citewatch.ports import Batch

    world = World(paper("zoo", "ZOO"))
    world.say(day(0), 0, Facts(title="ZOO", version=1), source="arxiv")
    world.say(day(5), 0, Facts(title="ZOO", version=2), source="arxiv")
    line = Change(kind=Kind.VERSION, at=day(5), source="arxiv", text="v2", paper=1, old=1, new=2)
    world.store.apply(Batch(changes=[line]))
    assert explain(world.store, 1).said == (("version", "1", "2"),)


def test_an_unknown_number_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="no change has the number 7"):
        explain(store, 7)


def test_the_explanation_as_table_and_as_json(store: Store) -> None:
    fault(store, lasts=7)
    for number in (1, 2):
        told = explain(store, number)
        table, document = io.StringIO(), io.StringIO()
        why_table(told, Console(file=table, width=100))
        why_json(told, document)
        data = json.loads(document.getvalue())
        assert data["change"]["id"] == number
        assert table.getvalue().startswith(f"#{number} ")
        assert max(map(len, table.getvalue().splitlines()[2:])) > 20
    assert data["readings"][0]["note"] == "believed before"
