"""The made world: deterministic, moving with the time it is given, and full of trouble."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path

import pytest

from citewatch.sandbox import DEFAULT_START, EVENTS, World, event, synthetic_world
from citewatch.sandbox.made import venue_name
from citewatch.sandbox.records import Record

DAY_S = 86_400


def record_of(world: World, number: int, suffix: str = "") -> Record:
    key = f"p{number}{suffix}"
    return next(record for record in world.records if record.key == key)


def counts(world: World, number: int, days: Iterable[int]) -> list[int]:
    record = record_of(world, number)
    return [world.count(record, world.start + day * DAY_S)[0] for day in days]


def test_the_list_has_53_papers_and_18_claims(living_world: World) -> None:
    assert [paper.number for paper in living_world.listed] == list(range(1, 54))
    assert sum(paper.claim is not None for paper in living_world.listed) == 18


def test_the_list_agrees_with_the_recorded_facts(living_world: World, data_dir: Path) -> None:
    facts = json.loads((data_dir / "cv" / "huan-zhang.expected.json").read_text("utf-8"))
    for paper, fact in zip(living_world.listed, facts, strict=True):
        assert paper.title == fact["title"]
        assert list(paper.authors) == fact["authors"]
        assert (paper.year, paper.claim) == (fact["year"], fact["claim"])
        assert fact["arxiv"] in (None, paper.arxiv)
        assert fact["openreview"] in (None, paper.openreview)
        assert set(paper.links) == {fact["link"]} - {None}


def test_most_papers_have_an_arxiv_id_of_their_own_years(living_world: World) -> None:
    known = [paper for paper in living_world.listed if paper.arxiv]
    assert 38 <= len(known) <= 46
    assert len({paper.arxiv for paper in known}) == len(known)
    for paper in known:
        assert 0 <= paper.year - (2000 + int(paper.arxiv[:2])) <= 2


def test_the_same_question_at_the_same_time_has_the_same_answer() -> None:
    days = range(0, 730, 7)
    once, again = World(), World()
    for number in (16, 38, 51):
        assert counts(once, number, days) == counts(again, number, reversed(days))[::-1]


def test_another_seed_is_another_history() -> None:
    assert counts(World(seed="a"), 51, range(700)) != counts(World(seed="b"), 51, range(700))


def test_another_start_moves_every_event_with_it() -> None:
    later = World(DEFAULT_START + 50 * DAY_S)
    day = event("s2_outage").first_day
    assert later.on("s2_outage", later.start + day * DAY_S)
    assert not later.on("s2_outage", DEFAULT_START + day * DAY_S)


def test_first_counts_lie_around_the_claims(living_world: World) -> None:
    claimed = [paper for paper in living_world.listed if paper.claim]
    first = {paper.number: counts(living_world, paper.number, [0])[0] for paper in claimed}
    ratios = [first[paper.number] / paper.claim for paper in claimed]
    assert all(0.95 <= ratio <= 1.4 for ratio in ratios)
    assert min(ratios) < 1 < max(ratios)


def test_counts_mostly_grow_and_sometimes_fall_a_little(living_world: World) -> None:
    quiet = [day for day in range(729) if day not in (239, 240)]
    rises = falls = 0
    for paper in living_world.listed[:40]:
        series = counts(living_world, paper.number, range(731))
        for day in quiet:
            step = series[day + 1] - series[day]
            rises += step > 0
            falls += step < 0
    assert 0 < falls < rises / 10


def test_small_falls_come_back_within_days(living_world: World) -> None:
    series = counts(living_world, 51, range(731))
    low = [day for day in range(730) if day != 240 and series[day] < max(series[: day + 1])]
    runs = sum(1 for day in low if day - 1 not in low)
    assert runs >= 1
    assert len(low) <= runs * 10


def test_some_papers_pass_a_threshold_within_two_years(living_world: World) -> None:
    passed = [
        paper.number
        for paper in living_world.listed[:52]
        for first, last in [counts(living_world, paper.number, [0, 729])]
        if math.floor(last / 100) > math.floor(first / 100)
    ]
    assert len(passed) >= 5


def test_influential_counts_are_a_small_part(living_world: World) -> None:
    for record in living_world.records:
        count, influential = living_world.count(record, living_world.start)
        assert 0 <= influential <= max(1, count * 0.2)


def test_a_dip_takes_a_confirmed_count_below_its_threshold_and_back(living_world: World) -> None:
    dip = event("s2_dip")
    before, first, last, after = counts(
        living_world,
        dip.paper,
        (dip.first_day - 1, dip.first_day, dip.last_day, dip.last_day + 1),
    )
    assert before >= 100 > first
    assert last < 100 <= after


def test_a_drop_of_a_tenth_stays(living_world: World) -> None:
    day = event("s2_drop").first_day
    before, after, later = counts(living_world, event("s2_drop").paper, (day - 1, day, day + 14))
    assert after <= before * 0.93
    assert later <= before * 0.95


def test_events_lie_within_two_years_and_have_names_of_their_own() -> None:
    assert len({item.name for item in EVENTS}) == len(EVENTS)
    for item in EVENTS:
        assert 0 < item.first_day <= (item.last_day or item.first_day) < 730


def test_an_unknown_event_is_an_error(living_world: World) -> None:
    with pytest.raises(KeyError):
        living_world.on("nothing", living_world.start)


def test_the_truth_names_every_record_of_a_split_paper(living_world: World) -> None:
    truth = living_world.truth(33)
    for record in (record_of(living_world, 33), record_of(living_world, 33, "j")):
        assert f"semantic_scholar:{record.sha}" in truth
        assert f"semantic_scholar:CorpusId:{record.corpus}" in truth
    assert {"arxiv:1810.11783", "doi:10.1609/aaai.v33i01.33015757"} <= truth


def test_no_source_knows_paper_53(living_world: World) -> None:
    paper = living_world.listed[52]
    assert living_world.truth(53) == frozenset()
    assert all(record.key != "p53" for record in living_world.records)
    assert paper.title not in {record.title for record in living_world.records}


def test_no_identifier_is_true_of_two_papers(living_world: World) -> None:
    seen: dict[str, int] = {}
    for paper in living_world.listed:
        for name in living_world.truth(paper.number):
            assert seen.setdefault(name, paper.number) == paper.number


def test_titles_at_the_sources_differ_from_the_list_for_some_papers(living_world: World) -> None:
    differing = [
        paper.number
        for paper in living_world.listed[:52]
        if record_of(living_world, paper.number).title != paper.title
    ]
    assert len(differing) >= 6


def test_a_venue_is_named_without_year_badge_and_acronym() -> None:
    line = "Advances in Neural Information Processing Systems (NIPS), 2017 (Oral, 700+ citations)"
    assert venue_name(line) == "Advances in Neural Information Processing Systems"


def test_a_synthetic_world_changes_by_its_share_a_day() -> None:
    world = synthetic_world(2_000, change_share=0.05)
    changed = [
        sum(
            world.count(record, world.start + day * DAY_S)
            != world.count(record, world.start + (day + 1) * DAY_S)
            for record in world.records
        )
        for day in (0, 10, 400)
    ]
    assert changed == [100, 100, 100]


def test_a_synthetic_world_has_distinct_papers_and_no_events() -> None:
    world = synthetic_world(25_000, preprints=False)
    for names in (
        {record.sha for record in world.records},
        {record.arxiv for record in world.records},
        {record.corpus for record in world.records},
        {record.title for record in world.records},
    ):
        assert len(names) == 25_000
    day = event("s2_outage").first_day
    assert not world.on("s2_outage", world.start + day * DAY_S)
