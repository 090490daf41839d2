"""The suite itself: it forgets no source, and it fails where a source is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import contract_kits
import faulty_source as made
import pytest
import test_contract_bodies as bodies
import test_contract_discretion as discretion
import test_contract_pace as pace
import test_contract_records as records
import test_contract_statuses as statuses
import test_contract_wire as wire
import test_source_contract as contract
from faulty_source import Right, kit_of
from source_kit import Kit

from citewatch.sources.registry import known_sources

Case = Callable[[Kit], Awaitable[None]]


# --- who is held to it -----------------------------------------------------------------


def test_every_source_of_the_registry_is_held_to_the_contract() -> None:
    gap = contract_kits.without_kit(known_sources(), contract_kits.KITS)
    assert not gap, gap


def test_a_new_line_in_the_registry_is_noticed() -> None:
    gap = contract_kits.without_kit(["arxiv", "brand_new"], contract_kits.KITS)
    assert "write tests/sources/kit_brand_new.py with a KIT" in gap
    assert "arxiv" not in gap


def test_the_kit_of_another_package_joins_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "from faulty_source import Right, kit_of\n\nKIT = kit_of(Right)\n"
    (tmp_path / "somebody_elses.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("CITEWATCH_KITS", "somebody_elses")
    assert set(contract_kits.found()) == {*contract_kits.KITS, "right"}


@pytest.mark.parametrize("name", sorted(contract_kits.KITS))
def test_a_kit_has_what_the_cases_need(name: str) -> None:
    kit = contract_kits.KITS[name]
    spec = kit.spec or known_sources()[name]
    assert spec.name == kit.name
    assert kit.scheme in spec.schemes
    assert len(set(kit.known)) >= 2
    assert len(set(kit.unknown)) == 3
    assert len({*kit.known, *kit.unknown, kit.malformed}) == len(kit.known) + 4


SINGLE_CASES = {
    "a false type",
    "a record that nobody asked for",
    "another order",
    "body: a part",
    "count: zero",
    "the same record twice",
}


def test_no_kit_makes_an_exception_of_a_case_that_there_is_not() -> None:
    """A case that was renamed would otherwise be an exception for ever."""
    cases = {*bodies.WRONG_BODIES, *records.WRONG_COUNTS, *SINGLE_CASES}
    cases |= {*wire.NO_ANSWER, *wire.NEVER_ENDING}
    cases |= {f"status {reply.status}" for reply in statuses.REFUSALS.values()}
    for name, kit in contract_kits.KITS.items():
        assert set(kit.otherwise) <= cases, name


# --- what it is worth ------------------------------------------------------------------

FAULTS: dict[type[Right], tuple[Case, ...]] = {
    made.NullIsZero: (
        lambda kit: records.test_a_count_that_is_none_fails_alone(kit, "count: null"),
        lambda kit: records.test_a_count_that_is_none_fails_alone(kit, "count: absent"),
    ),
    made.TrueIsOne: (
        lambda kit: records.test_a_count_that_is_none_fails_alone(kit, "count: true"),
        lambda kit: records.test_a_count_that_is_none_fails_alone(kit, "count: false"),
    ),
    made.TextIsNumber: (
        lambda kit: records.test_a_count_that_is_none_fails_alone(kit, "count: digits in a text"),
    ),
    made.MissIsZero: (
        contract.test_an_unknown_paper_is_missing_among_known_ones,
        contract.test_all_unknown_papers_are_missing,
    ),
    made.ByPosition: (
        contract.test_known_papers_are_observed,
        contract.test_an_unknown_paper_is_missing_among_known_ones,
    ),
    made.Raises: (
        lambda kit: bodies.test_a_wrong_body_is_a_named_failure(kit, "body: a page"),
        lambda kit: bodies.test_a_wrong_body_is_a_named_failure(kit, "body: half a list"),
    ),
    made.AnyPageIsEmpty: (
        lambda kit: bodies.test_a_wrong_body_is_a_named_failure(kit, "body: a page"),
        lambda kit: bodies.test_a_wrong_body_is_a_named_failure(kit, "body: empty"),
    ),
    made.ForgetsOne: (contract.test_known_papers_are_observed,),
    made.SaysTwice: (contract.test_known_papers_are_observed,),
    made.Rushes: (pace.test_the_rule_in_the_registry_is_kept, pace.test_a_longer_interval_is_kept),
    made.TakesNoHint: (
        lambda kit: statuses.test_a_429_ends_in_throttled_and_the_gate_remembers(kit, "words"),
        statuses.test_a_retry_after_date_is_understood,
    ),
    made.ShowsItsKey: (discretion.test_secrets_are_in_no_address,),
    made.TellsItsKey: (discretion.test_secrets_stay_out_when_all_is_well,),
    made.NeverSoiled: (records.test_titles_are_cleaned_before_anybody_sees_them,),
    made.DropsThePath: (lambda kit: contract.test_a_path_in_the_base_url_is_kept(kit, ""),),
    made.AsksAlong: (discretion.test_what_is_asked_along_costs_no_request_of_its_own,),
    made.SendsAnything: (contract.test_a_malformed_id_fails_alone_and_is_not_sent,),
}


@pytest.mark.anyio
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_a_source_that_is_wrong_does_not_pass(fault: type[Right]) -> None:
    for case in FAULTS[fault]:
        with pytest.raises((AssertionError, ValueError, KeyError)):
            await case(kit_of(fault))


@pytest.mark.anyio
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
async def test_the_same_source_without_the_fault_passes(fault: type[Right]) -> None:
    for case in FAULTS[fault]:
        await case(kit_of(Right))
