"""Certain, possible, no: which record is the paper."""

from __future__ import annotations

import pytest

from citewatch.domain.identifiers import Identifier
from citewatch.domain.matching import Match, choose, contradicts, judge_match
from citewatch.domain.papers import Facts, Observed, Reference

AUTHORS = ("Zhouxing Shi", "Huan Zhang", "Kai-Wei Chang")
PAPER = Reference(title="Robustness Verification for Transformers", authors=AUTHORS, year=2020)


def record(number: int, facts: Facts) -> Observed:
    name = Identifier("semantic_scholar", f"{number:040x}")
    return Observed(asked=name, answered=name, citation_count=1, facts=facts)


@pytest.mark.parametrize(
    ("facts", "match"),
    [
        (Facts(title="Robustness Verification for Transformers", authors=AUTHORS, year=2020), "certain"),
        (Facts(title="ROBUSTNESS verification for transformers.", authors=AUTHORS, year=2019), "certain"),
        (Facts(title="RobustnessVerification forTransformers", authors=("Z. Shi", "H. Zhang"), year=2020), "certain"),
        (Facts(title="Robustness Verification for Transformers", authors=("A. Other", "B. Else"), year=2020), "no"),
        (Facts(title="Robustness Verification for Transformers", authors=AUTHORS, year=2026), "possible"),
        (Facts(title="Robustness Verification of Transformers", authors=AUTHORS, year=2020), "possible"),
        (Facts(title="Robustness Verification for Transformers II", authors=AUTHORS, year=2021), "no"),
        (Facts(title="Robustness Verification of Tree-based Models", authors=("Hongge Chen", "Huan Zhang"), year=2019), "no"),
        (Facts(title="Robustness Verification for Transformers", year=2020), "certain"),
        (Facts(title="Robustness Verification for Transformers"), "possible"),
        (Facts(), "no"),
    ],
    ids=["same", "case", "blanks", "namesake", "years", "one word", "sequel", "other", "no authors", "title only", "nothing"],
)  # fmt: skip
def test_only_what_leaves_no_other_reading_is_certain(facts: Facts, match: str) -> None:
    assert judge_match(PAPER, facts).match.value == match


def test_greek_letters_and_latex_make_no_difference() -> None:
    reference = Reference(
        title="δ-SAM: Sharpness-Aware Minimization", authors=("W. Zhou",), year=2022
    )
    for title in (
        "$\\delta$-SAM: Sharpness-Aware Minimization",
        "Delta-SAM: sharpness-aware minimization",
    ):
        facts = Facts(title=title, authors=("Wenxuan Zhou",), year=2022)
        assert judge_match(reference, facts).match is Match.CERTAIN


def test_two_records_of_one_title_are_decided_by_the_year() -> None:
    preprint = record(1, Facts(title=PAPER.title, authors=AUTHORS, year=2019))
    journal = record(2, Facts(title=PAPER.title, authors=AUTHORS, year=2020))
    chosen, rest = choose(PAPER, [preprint, journal])
    assert chosen is journal
    assert [seen for seen, _ in rest] == [preprint]


def test_two_records_that_nothing_tells_apart_are_left_to_the_user() -> None:
    twins = [record(n, Facts(title=PAPER.title, authors=AUTHORS, year=2020)) for n in (1, 2)]
    chosen, rest = choose(PAPER, twins)
    assert chosen is None
    assert len(rest) == 2


def test_a_changed_title_by_the_same_people_is_no_contradiction() -> None:
    facts = Facts(title="Verifying Transformers Robustly", authors=AUTHORS)
    assert not contradicts(PAPER, facts)


def test_another_title_by_other_people_is_a_contradiction() -> None:
    assert contradicts(PAPER, Facts(title="Deep Sea Fish of Norway", authors=("O. Hansen",)))


def test_without_a_title_nothing_is_contradicted() -> None:
    assert not contradicts(Reference(title=""), Facts(title="Anything at all"))
