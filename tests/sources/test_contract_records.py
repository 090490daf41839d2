"""Records that are not what they should be: only a real reading writes a number."""

from __future__ import annotations

import math
from typing import Any

import pytest
from contract_cases import (
    assert_ends,
    found_for,
    kit_world,
    outcomes_of,
    truth_of,
    with_body,
    with_rows,
)
from contract_kits import KITS
from source_kit import Kit, Rows
from source_world import Reply, Request, asks_for, fetched

from citewatch.domain.papers import Failed, Found, Missing, Observed, Outcome
from citewatch.sources.registry import known_sources

pytestmark = pytest.mark.anyio

COUNTING = sorted(name for name, kit in KITS.items() if kit.count)
counting = pytest.mark.parametrize("kit", [KITS[name] for name in COUNTING], ids=COUNTING)


def numbers(outcomes: list[Outcome]) -> list[int | None]:
    return [o.citation_count if isinstance(o, Observed) else None for o in outcomes]


# --- counts ----------------------------------------------------------------------------

ABSENT = object()
WRONG_COUNTS: dict[str, object] = {
    "count: absent": ABSENT,
    "count: null": None,
    "count: negative": -1,
    "count: huge": 10**12,
    "count: beyond all integers": 10**400,
    "count: words": "many",
    "count: digits in a text": "12",
    "count: an empty text": "",
    "count: a signed text": "+12",
    "count: digits of another script": "١٢",
    "count: a fraction": 12.5,
    "count: a whole number with a point": 12.0,
    "count: true": True,
    "count: false": False,
    "count: NaN": math.nan,
    "count: infinity": math.inf,
    "count: a list": [12],
    "count: an object": {"value": 12},
}


def recounted(record: Any, name: str, value: object) -> Any:
    """The record with another count under that name, wherever in it that is."""
    if isinstance(record, list):
        return [recounted(each, name, value) for each in record]
    if not isinstance(record, dict):
        return record
    return {
        key: value if key == name else recounted(each, name, value)
        for key, each in record.items()
        if key != name or value is not ABSENT
    }


def first_recounted(kit: Kit, value: object) -> Any:
    """Changes the count in the first record of an answer that has it."""

    def change(rows: Rows) -> Rows:
        return [recounted(rows[0], kit.count, value), *rows[1:]] if rows else rows

    return change


def test_every_source_that_counts_says_under_which_name() -> None:
    for name, kit in KITS.items():
        counts = (kit.spec or known_sources()[name]).counts
        assert counts == bool(kit.count), f"the kit of {name} has to name its count, or none"


@counting
@pytest.mark.parametrize("case", WRONG_COUNTS)
async def test_a_count_that_is_none_fails_alone(kit: Kit, case: str) -> None:
    change = first_recounted(kit, WRONG_COUNTS[case])
    outcomes, w = await outcomes_of(kit, with_rows(kit, change))
    truth = await truth_of(kit)
    changed = [o for o, whole in zip(outcomes, truth, strict=True) if o != whole]
    assert changed
    assert_ends(kit, changed, case, "failed:count")
    for outcome in changed:
        # "12" at a source that writes numbers so is a real reading, and no other is.
        assert not isinstance(outcome, Observed) or outcome.citation_count == 12
    assert w.clock.sleeps == []


@counting
async def test_a_zero_is_a_reading(kit: Kit) -> None:
    outcomes, _ = await outcomes_of(kit, with_rows(kit, lambda r: recounted(r, kit.count, 0)))
    assert_ends(kit, outcomes, "count: zero", "observed")
    assert {n for n in numbers(outcomes) if n is not None} <= {0}


@counting
async def test_another_count_is_another_reading(kit: Kit) -> None:
    """The suite looks at the right name: what it changes there is what is read."""
    value = (
        "4321" if kit.endings("count: digits in a text", "failed:count") == {"observed"} else 4321
    )
    outcomes, _ = await outcomes_of(kit, with_rows(kit, lambda r: recounted(r, kit.count, value)))
    assert numbers(outcomes) == [4321, 4321]


@counting
@pytest.mark.parametrize("case", WRONG_COUNTS)
async def test_a_candidate_with_a_wrong_count_has_none(kit: Kit, case: str) -> None:
    handler = with_rows(kit, lambda r: recounted(r, kit.count, WRONG_COUNTS[case]))
    async with kit_world(kit, handler) as w:
        found = await found_for(w, f"Paper {kit.known[0]}")
    counts = [c.citation_count for c in found.candidates] if isinstance(found, Found) else []
    assert set(counts) <= {None}


# --- lists -----------------------------------------------------------------------------


async def test_records_in_another_order_find_their_papers(kit: Kit) -> None:
    truth = await truth_of(kit)
    outcomes, _ = await outcomes_of(kit, with_rows(kit, lambda rows: rows[::-1]))
    assert_ends(kit, outcomes, "another order", "observed")
    for outcome, whole in zip(outcomes, truth, strict=True):
        assert not isinstance(outcome, Observed) or outcome == whole


async def test_the_same_record_twice_is_one_reading(kit: Kit) -> None:
    truth = await truth_of(kit)
    outcomes, _ = await outcomes_of(kit, with_rows(kit, lambda rows: [*rows, *rows]))
    assert_ends(kit, outcomes, "the same record twice", "observed")
    for outcome, whole in zip(outcomes, truth, strict=True):
        assert not isinstance(outcome, Observed) or outcome == whole


async def test_a_record_that_nobody_asked_for_answers_nobody(kit: Kit) -> None:
    seen: list[Any] = []

    def remember(rows: Rows) -> Rows:
        seen.extend(rows)
        return rows

    async with kit_world(kit, with_rows(kit, remember)) as w:
        await fetched(w.source, asks_for(kit.ids(kit.known[1])))
    asked = (kit.known[0], kit.unknown[0])
    outcomes, _ = await outcomes_of(kit, with_rows(kit, lambda rows: [*rows, *seen]), *asked)
    known, unknown = outcomes
    assert_ends(kit, [known], "a record that nobody asked for", "observed")
    assert not isinstance(known, Observed) or [known] == await truth_of(kit, asked[0])
    assert isinstance(unknown, Missing | Failed)


async def test_a_list_without_the_paper_is_a_miss_or_a_failure(kit: Kit) -> None:
    outcomes, _ = await outcomes_of(kit, with_rows(kit, lambda _rows: []))
    if outcomes == await truth_of(kit):
        pytest.skip("one answer is one record here")
    for outcome in outcomes:
        assert isinstance(outcome, Missing | Failed)


@pytest.mark.parametrize("junk", [None, 7, "words", [], {}], ids=repr)
async def test_a_record_that_is_none_writes_no_number(kit: Kit, junk: object) -> None:
    truth = await truth_of(kit)
    outcomes, _ = await outcomes_of(kit, with_rows(kit, lambda rows: _spoilt(rows, junk)))
    for outcome, whole in zip(outcomes, truth, strict=True):
        assert outcome == whole or isinstance(outcome, Missing | Failed)


def _spoilt(rows: Rows, junk: object) -> Rows:
    xml = [row for row in rows if isinstance(row, str)]
    return ["<entry></entry>", *rows[1:]] if xml else [junk, *rows[1:]]


# --- more than was asked for -------------------------------------------------------------


async def test_fields_that_nobody_has_heard_of_are_passed_over(kit: Kit) -> None:
    change = with_body(kit, lambda whole: kit.dialect.extended(whole, "words"))
    outcomes, _ = await outcomes_of(kit, change)
    assert outcomes == await truth_of(kit)


@pytest.mark.parametrize("depth", [100, 20_000])
async def test_depth_inside_a_record_is_passed_over_or_refused(kit: Kit, depth: int) -> None:
    change = with_body(kit, lambda whole: kit.dialect.extended(whole, "x", depth=depth))
    outcomes, _ = await outcomes_of(kit, change)
    for outcome, whole in zip(outcomes, await truth_of(kit), strict=True):
        assert outcome == whole or isinstance(outcome, Failed)


async def test_titles_are_cleaned_before_anybody_sees_them(kit: Kit) -> None:
    """Lone surrogates, NUL and escape sequences end in databases and terminals."""
    outcomes, _ = await outcomes_of(kit, with_body(kit, kit.dialect.soiled))
    for outcome in outcomes:  # clean: `outcomes_of` and `found_for` see to it in every case
        assert isinstance(outcome, Observed | Failed)
    async with kit_world(kit, with_body(kit, kit.dialect.soiled)) as w:
        await found_for(w, f"Paper {kit.known[0]}")


async def test_error_words_are_cleaned_before_anybody_sees_them(kit: Kit) -> None:
    words = "no\ud800\x1b[31m\r\n\x00 <b>way</b> " * 40

    def handler(request: Request) -> Reply:
        return Reply(400, repr(words).encode() + words.encode("utf-8", "surrogatepass"))

    outcomes, _ = await outcomes_of(kit, handler)
    for outcome in outcomes:
        assert isinstance(outcome, Failed)
