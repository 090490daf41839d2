"""A list against what is known of its papers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from checking_world import check, entry, listed, one

from citewatch.domain.badges import badges_in
from citewatch.domain.checking import Verdict
from citewatch.domain.papers import Facts
from citewatch.errors import InputError
from citewatch.ports import PublicationList
from citewatch.services.check import Checked
from citewatch.services.corrections import claims_shown, corrections
from worlds import MISSING, Reading, World, day, paper

PEOPLE = ("Ada Lovelace", "Bo Berg")
ZOO = paper("zoo-2017", "ZOO: Zeroth Order Attacks", "arxiv:1708.03999", year=2017, authors=PEOPLE)
FAST = paper("fast-2018", "Towards Fast Computation of Bounds", year=2018, authors=PEOPLE)
NEW = paper("", "Gardening in Winter", year=2020, authors=PEOPLE)
TEXT = "ZOO, 100+ citations"


def polled(*counts: Reading, source: str = "semantic_scholar") -> World:
    world = World(ZOO, FAST)
    for number, count in enumerate(counts):
        world.ask(day(number), {0: count}, source=source)
    return world


def zoo(world: World, at: float, text: str = TEXT, **more: object) -> Checked:
    return check(world, listed(text, ZOO), at, **more)


def test_a_stale_badge_is_raised_with_source_and_date() -> None:
    row = one(zoo(polled(430, 437), 1))
    assert (row.entry, row.line, row.key, row.text, row.claim) == (
        1,
        1,
        "zoo-2017",
        "100+ citations",
        100,
    )
    assert (row.citations, row.source, row.observed_at) == (437, "semantic_scholar", day(1))
    assert (row.verdict, row.judged.suggest) == (Verdict.RAISE, "400+ citations")
    assert row.judged.why == "437 on Semantic Scholar, 2025-01-02"


def test_the_headline_s_source_speaks_and_another_if_it_is_asked_for() -> None:
    world = polled(437)
    world.ask(day(0), {0: 205}, source="openalex")
    assert one(zoo(world, 0)).source == "semantic_scholar"
    other = one(zoo(world, 0, source="openalex"))
    assert (other.citations, other.source, other.judged.suggest) == (
        205,
        "openalex",
        "200+ citations",
    )
    with pytest.raises(InputError, match="no source 'scholar'"):
        zoo(world, 0, source="scholar")


@pytest.mark.parametrize(
    ("readings", "at", "why"),
    [
        ((437,), 2.1, "older than twice"),
        ((437, ("held", 900)), 1, "held until it is confirmed"),
        ((437, MISSING), 1, "does not know the paper any more"),
        ((MISSING,), 0, "no source that was asked knows its count"),
        ((), 0, "no source has counted its citations yet"),
    ],
)
def test_nothing_is_judged_from_a_count_in_doubt(
    readings: tuple[Reading, ...], at: float, why: str
) -> None:
    checked = zoo(polled(*readings), at)
    assert one(checked).verdict is Verdict.UNKNOWN
    assert why in one(checked).judged.why
    for allow in (False, True):
        assert corrections(checked, TEXT, allow_lower=allow).edits == ()
    assert checked.never_asked == (not readings)


def test_a_claim_that_was_once_true_is_lowered_when_the_fall_has_stood() -> None:
    falling = [437, *[350] * 4]
    assert one(zoo(polled(*falling[:4]), 3, "ZOO, 400+ citations")).verdict is Verdict.UNKNOWN
    checked = zoo(polled(*falling), 4, "ZOO, 400+ citations")
    row = one(checked)
    assert (row.verdict, row.judged.suggest) == (Verdict.LOWER, "300+ citations")
    assert corrections(checked, "ZOO, 400+ citations", allow_lower=False).edits == ()
    assert corrections(checked, "ZOO, 400+ citations", allow_lower=True).edits == (
        (5, 19, "300+ citations"),
    )


def test_a_claim_above_all_that_was_ever_counted_is_unknown() -> None:
    world = polled(437, 440)
    assert one(zoo(world, 1, "ZOO, 1,300+ citations")).verdict is Verdict.UNKNOWN


def test_an_earned_badge_is_suggested_and_never_inserted() -> None:
    checked = zoo(polled(437), 0, "ZOO")
    row = one(checked)
    assert (row.verdict, row.text, row.judged.suggest) == (Verdict.ADD, "", "400+ citations")
    assert corrections(checked, "ZOO", allow_lower=True).edits == ()
    assert zoo(polled(437), 0, "ZOO", badges_only=True).badges == ()
    assert zoo(polled(9), 0, "ZOO").badges == ()


def test_what_is_not_watched_is_named_and_its_badge_unknown() -> None:
    found = listed("ZOO\nGardening, 300+ citations\nTowards Fast", ZOO, NEW, FAST)
    checked = check(polled(5), found, 0)
    assert (checked.entries, checked.matched) == (3, 2)
    row = one(checked)
    assert (row.verdict, row.key, row.judged.why) == (Verdict.UNKNOWN, None, "is not watched")
    assert [(e.number, why) for e, why in checked.unmatched] == [(2, "")]


def test_a_doubtful_entry_is_said_and_not_guessed() -> None:
    near = replace(FAST, title="Toward Fast Computations of Bounds")
    world = World(ZOO, FAST)
    world.ask(day(0), {1: 437})
    checked = check(world, listed("Fast, 10+ citations", near), 0)
    assert one(checked).verdict is Verdict.UNKNOWN
    assert one(checked).judged.why.startswith("may be fast-2018 (")
    assert checked.matched == 0


def test_a_title_that_a_source_gives_is_recognised() -> None:
    world = polled(437)
    world.say(day(0), 0, Facts(title="Attacks of Order Zero"), source="arxiv")
    renamed = replace(ZOO, title="Attacks of Order Zero", ids=())
    assert one(check(world, listed(TEXT, renamed), 0)).key == "zoo-2017"


def test_the_keys_of_a_watched_file_are_taken_as_they_are() -> None:
    edited = replace(NEW, title="A title that was edited beyond recognition")
    found = listed(TEXT, edited)
    assert one(check(polled(437), found, 0, keys=("zoo-2017",))).key == "zoo-2017"
    ignored = check(polled(437), found, 0, keys=("gone-2010",))
    assert one(ignored).judged.why == "is ignored in config.toml"


def test_totals_are_said_with_what_the_papers_add_up_to_and_not_judged() -> None:
    found = replace(listed(TEXT, ZOO), totals=((7, "Citations: 2,100", 2100),))
    world = polled(437)
    *_, total = check(world, found, 0).badges
    assert (total.kind, total.line, total.text, total.claim) == (
        "total",
        7,
        "Citations: 2,100",
        2100,
    )
    assert total.verdict is Verdict.UNKNOWN
    assert (
        "never rewritten; the headline counts of 1 paper of this list add up to 437"
        in total.judged.why
    )


def test_two_entries_of_one_paper_are_both_rewritten() -> None:
    text = "ZOO, 100+ citations\nZOO again (cited 90 times)"
    checked = check(polled(437), listed(text, ZOO, ZOO), 0)
    plan = corrections(checked, text, allow_lower=False)
    assert plan.edits == ((5, 19, "400+ citations"), (31, 45, "cited 437 times"))
    assert claims_shown(checked, plan.rows) == {"zoo-2017": (437, True)}


def test_a_paper_that_is_listed_twice_has_all_its_badges_rewritten() -> None:
    text = "ZOO, 100+ citations; ZOO again (cited 90 times)"
    first, second = badges_in(text)
    twice = replace(entry(1, ZOO, first), also=((3, second),))
    checked = check(polled(437), PublicationList(file="cv.txt", entries=(twice,)), 0)
    assert [(row.line, row.judged.suggest) for row in checked.badges] == [
        (1, "400+ citations"), (3, "cited 437 times"),
    ]  # fmt: skip
    assert len(corrections(checked, text, allow_lower=False).edits) == 2


def test_a_badge_that_two_papers_share_is_for_a_person() -> None:
    text = "ZOO and Towards Fast, 10+ citations; ZOO, 100+ citations"
    shared, own = badges_in(text)
    world = World(ZOO, FAST)
    world.ask(day(0), {0: 437, 1: 60})
    entries = (
        entry(1, ZOO, shared), replace(entry(2, FAST, shared)), entry(3, ZOO, own),
        entry(4, ZOO, shared),
    )  # fmt: skip
    checked = check(world, PublicationList(file="cv.txt", entries=entries), 0)
    plan = corrections(checked, text, allow_lower=False)
    assert plan.edits == ((own.start, own.end, "400+ citations"),)
    assert [row.entry for row in plan.by_hand] == [1, 2, 4]


def test_a_badge_without_a_place_is_for_a_person() -> None:
    (badge,) = badges_in("100+ citations")
    paged = replace(entry(1, replace(ZOO, claim=100), badge), place=None, page=3)
    paged = replace(paged, paper=replace(paged.paper, claim=100))
    checked = check(polled(437), PublicationList(file="cv.pdf", entries=(paged,)), 0)
    row = one(checked)
    assert (row.verdict, row.page, row.judged.suggest) == (Verdict.RAISE, 3, "400+ citations")
    plan = corrections(checked, None, allow_lower=False)
    assert (plan.edits, plan.by_hand) == ((), (row,))


def test_a_badge_that_does_not_stand_where_it_was_read_stops_everything() -> None:
    checked = zoo(polled(437), 0)
    with pytest.raises(InputError, match="line 1: was changed by someone else meanwhile"):
        corrections(checked, "ZOO,  100+ citations", allow_lower=False)


def test_a_retracted_paper_is_marked() -> None:
    world = polled(437)
    world.say(day(0), 0, Facts(title=ZOO.title, retracted=True), source="openalex")
    assert one(zoo(world, 0)).judged.why.endswith("; retracted, says OpenAlex")


def test_claims_follow_badges_that_are_borne_out_and_no_others() -> None:
    text = "ZOO, 400+ citations\nTowards Fast, 900+ citations"
    world = World(ZOO, FAST)
    world.ask(day(0), {0: 437, 1: 12})
    checked = check(world, listed(text, ZOO, FAST), 0)
    assert claims_shown(checked, ()) == {"zoo-2017": (400, False)}
