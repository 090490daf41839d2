"""Reading badges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.badges import claim_in


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("100+ citations", 100, "100+ citations"),
        ("Made Conference, 2017 (Oral, 700+ citations)", 700, "700+ citations"),
        ("1300+ citations", 1300, "1300+ citations"),
        ("(1,300+ citations)", 1300, "1,300+ citations"),
        ("1.300+ citations", 1300, "1.300+ citations"),
        ("2k+ citations", 2000, "2k+ citations"),
        ("1.3k citations", 1300, "1.3k citations"),
        ("cited 340 times", 340, "cited 340 times"),
        ("cited by 138,640", 138_640, "cited by 138,640"),
        ("Citations: 88", 88, "Citations: 88"),
        ("[447 citations]", 447, "447 citations"),
        ("25+ Google Scholar Citations", 25, "25+ Google Scholar Citations"),
        ("NeurIPS 2018 300+ citations", 300, "300+ citations"),
        ("1 citation", 1, "1 citation"),
    ],
)
def test_a_badge_gives_its_value_and_exact_words(text: str, value: int, words: str) -> None:
    assert claim_in(text) == (value, words)


@pytest.mark.parametrize(
    "text",
    [
        "papers with 100+ citations",
        "articles having more than 100 citations",
        "h-index 38, 8500+ citations",
        "i10-index: 12 (400 citations)",
        "Total citations: 333",
        "https://example.org/100+citations?cited=200",
        "12 self-citations",
        "20 citations per year",
        "fewer than 100 citations",
        "10–20 citations",
        "NeurIPS, 2020",
        "v1.2.300 citations",
        "",
    ],
)
def test_words_that_claim_nothing_about_a_paper_give_nothing(text: str) -> None:
    assert claim_in(text) is None


def test_the_first_of_several_badges_counts() -> None:
    assert claim_in("2,500+ citations (2,523 citations as of 2026)") == (2500, "2,500+ citations")


@given(st.text(max_size=300))
def test_the_words_of_a_claim_stand_in_the_text(text: str) -> None:
    claim = claim_in(text)
    assert claim is None or (claim[1] in text and claim[0] >= 0)


@given(st.integers(1, 999_999), st.sampled_from(["{}+ citations", "(Oral, {:,}+ citations)"]))
def test_every_number_is_read_back(value: int, shape: str) -> None:
    claim = claim_in(shape.format(value))
    assert claim is not None
    assert claim[0] == value


def test_real_badges_are_read_with_their_values(data_dir: Path) -> None:
    path = data_dir / "real" / "cvs" / "badge_snippets.jsonl"
    snippets = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    wrong = [
        s["text"]
        for s in snippets
        if s["is_badge"]
        and "h-index" not in s["text"]
        and "<a href" not in s["text"]
        and (claim_in(s["text"]) or (None,))[0] != s["value"]
    ]
    assert len(snippets) > 30
    assert wrong == []
