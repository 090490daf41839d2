"""Reading badges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewatch.domain.badges import (
    Badge,
    Owner,
    Style,
    badges_in,
    claim_in,
    counts_in,
    rewritten,
    separator_of,
    totals_in,
)


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
def test_a_claim_is_a_value_and_its_exact_words_and_exact_words(
    text: str, value: int, words: str
) -> None:
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


LADDER = (10, 25, 50)


def floor(citations: int) -> int | None:
    """The ladder as it is shipped: 10, 25, 50, then every hundred."""
    if citations >= 100:
        return citations // 100 * 100
    return max((step for step in LADDER if step <= citations), default=None)


@pytest.mark.parametrize(
    ("text", "words", "claim", "style", "at_1873"),
    [
        ("Venue, 2019 (Oral, 100+ citations)", "100+ citations", 100, "floor", "1800+ citations"),
        ("(cited 340 times)", "cited 340 times", 340, "exact", "cited 1873 times"),
        ("[447 citations]", "447 citations", 447, "exact", "1873 citations"),
        ("65~citations", "65~citations", 65, "exact", "1873~citations"),
        ("1,300+ cites", "1,300+ cites", 1300, "floor", "1,800+ cites"),
        ("over 2k citations", "over 2k citations", 2000, "words", "over 1.8k citations"),
        ("1.3k citations", "1.3k citations", 1300, "words", "1.8k citations"),
        ("Citations: 88", "Citations: 88", 88, "exact", "Citations: 1873"),
        (r"Venue \cited{437}", r"\cited{437}", 437, "exact", r"\cited{1873}"),
        (r"\ncites{1{,}204+}", r"\ncites{1{,}204+}", 1204, "floor", r"\ncites{1{,}800+}"),
        ("  citations = {412},", "citations = {412}", 412, "exact", "citations = {1873}"),
        (r"$1{,}300+$ citations", "1{,}300+$ citations", 1300, "floor", "1{,}800+$ citations"),
        (r"\textbf{437} citations", "437} citations", 437, "exact", "1873} citations"),
        ("**437** citations", "437** citations", 437, "exact", "1873** citations"),
        ("<b>437</b> citations", "437</b> citations", 437, "exact", "1873</b> citations"),
        ("1&nbsp;204&nbsp;cites", "1&nbsp;204&nbsp;cites", 1204, "exact", "1&nbsp;873&nbsp;cites"),
        (
            "cited by <a href='https://x.org/s?cites=123'>77</a>",
            "cited by <a href='https://x.org/s?cites=123'>77",
            77,
            "exact",
            "cited by <a href='https://x.org/s?cites=123'>1873",
        ),
        (
            "![c](https://img.shields.io/badge/citations-412-blue)",
            "citations-412",
            412,
            "exact",
            "citations-1873",
        ),
        (
            "img.shields.io/badge/citations%20412-blue",
            "citations%20412",
            412,
            "exact",
            "citations%201873",
        ),
        (
            "img.shields.io/badge/cited%20by-1%2C204-green.svg",
            "cited%20by-1%2C204",
            1204,
            "exact",
            "cited%20by-1%2C873",
        ),
        (
            "img.shields.io/badge/Citations-1.3k%2B-blue?logo=x",
            "Citations-1.3k%2B",
            1300,
            "floor",
            "Citations-1.8k%2B",
        ),
        (
            "img.shields.io/static/v1?label=citations&message=412&color=blue",
            "label=citations&message=412",
            412,
            "exact",
            "label=citations&message=1873",
        ),
        (
            '{"schemaVersion":1,"label":"citations","message":"412"}',
            '"message":"412"',
            412,
            "exact",
            '"message":"1873"',
        ),
        ("more than 900 citations", "more than 900 citations", 900, "words", "more than 1800 citations"),
        ("cited over 100 times", "cited over 100 times", 100, "words", "cited over 1800 times"),
        ("~2,500+ cites", "~2,500+ cites", 2500, "floor", "~1,800+ cites"),
        ("nearly 400 citations", "nearly 400 citations", 400, "words", None),
    ],
)  # fmt: skip
def test_a_badge_is_read_and_written_in_its_own_style(
    text: str, words: str, claim: int, style: str, at_1873: str | None
) -> None:
    (badge,) = badges_in(text)
    assert (badge.text, badge.claim, badge.style) == (words, claim, Style(style))
    assert text[badge.start : badge.end] == words
    assert rewritten(badge, 1873, floor=floor) == at_1873


@pytest.mark.parametrize(
    "text",
    [
        "see scholar.google.com/citations?user=AAA412AAA",
        '<a href="/scholar?oi=bibs&cites=412">',
        "img.shields.io/endpoint?url=https://example.org/citations.json",
        "https://img.shields.io/badge/papers-12-blue",
        r"as in \cite{12} and \citep{2019}",
        r"\newcommand{\cited}[1]{(cited #1 times)}",
        "Number of papers with at least 10 citations: 25",
        "Landmark papers (1,000+ citations)",
        "any paper with 100+ citations",
        "works cited more than 10 times",
        "20 citations/year",
        "an average of 20 citations",
        "< 100 citations",
        "&lt;100 citations",
        "between 10 and 20 citations",
        "goal: 300+ citations",
        "reach 100 citations by next spring",
        "100 citations within two years",
        "- [ ] 50+ citations",
        "Year 2: 100 citations",
        "needs at least 50 citations",
        "50 citations in 2023",
        "cited 3 times for speeding",
        "cited 40 times in the report",
        "The report contains 120 citations",
        "a literature review with 120 citations",
        "backed by 90 citations",
        "Medium (10+ citations)",
        "In 2018 citations rose",
        "cited by 3 of 10 participants",
        "Citation: 347 U.S. 483",
        "min_citations: 10",
        "where citations > 100",
    ],
)
def test_look_alikes_are_no_counts(text: str) -> None:
    assert counts_in(text) == ()


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("h-index 38, 8500+ citations", 8500),
        ("Citations: 4,512 | h-index: 33 | i10-index: 60", 4512),
        ("Total citations: 333", 333),
        ("My work has been cited over 3,000 times.", 3000),
        ("My papers have over 2,000 citations.", 2000),
        ("Associate professor of made things, 12,000+ citations", 12_000),
        ("Author of 60 papers with a total of 3000 citations", 3000),
        ("all: <b>google scholar citations <i>4000+</i></b>", 4000),
    ],
)
def test_counts_of_a_person_are_totals_and_never_rewritten(text: str, claim: int) -> None:
    if "all:" in text:
        text = text.replace("all:", "in total")
    (total,) = totals_in(text)
    assert (total.claim, total.kind) == (claim, Owner.TOTAL)
    assert badges_in(text) == ()
    assert rewritten(total, 9999, floor=floor) is None


@pytest.mark.parametrize(
    "text",
    [
        "Professor Forcing: A Method. Made Conference 2016 (300+ citations)",
        "The h-index Paradox (300+ citations)",
        "Expected Targets of Goals. Made Journal 2019, 300+ citations",
        "Made Conference 2019 – 300+ citations",
        "Made Conference 2019 300+ citations",
        "our Made Conference paper with 300+ citations",
        "Most cited paper: 300+ citations",
        "has gained over 300 citations",
        "Google Scholar shows 300 citations",
        "Recommending Scientific Articles (300+ citations)",
    ],
)
def test_words_of_titles_and_sentences_do_not_hide_a_badge(text: str) -> None:
    assert [badge.claim for badge in badges_in(text)] == [300]


def test_a_badge_has_no_text_below_the_ladder() -> None:
    (badge,) = badges_in("10+ citations")
    assert rewritten(badge, 3, floor=floor) is None


def test_thousands_are_set_off_as_elsewhere_in_the_file() -> None:
    badges = badges_in("900+ citations; 1,200+ citations")
    by = separator_of(badges)
    assert by == ","
    assert rewritten(badges[0], 1_000, floor=floor, separator=by) == "1,000+ citations"
    assert rewritten(badges[0], 1_000, floor=floor) == "1000+ citations"


SHAPES = (
    "({}+ citations)",
    "[{} citations]",
    "{}~cites",
    "cited {} times",
    "Citations: {}",
    "over {} citations",
    "\\cited{{{}}}",
    "citations={{{}}}",
    "img.shields.io/badge/citations-{}-blue",
    '{{"label":"citations","message":"{}"}}',
)


@given(
    st.sampled_from(SHAPES),
    st.sampled_from(["plain", "comma", "k"]),
    st.integers(1, 999),
    st.integers(1, 999),
    st.text(max_size=60),
)
def test_a_badge_written_anew_and_back_is_the_first_again(
    shape: str, notation: str, one: int, two: int, around: str
) -> None:
    first, other = one * 100 + 1_000, two * 100 + 1_000
    number = {"plain": f"{first}", "comma": f"{first:,}", "k": f"{first / 1000:g}k"}[notation]
    text = f"{shape.format(number)}\n\n{around}"
    badge = badges_in(text)[0]
    assert badge.claim == first
    there = rewritten(badge, other, floor=floor)
    assert there is not None
    changed = f"{text[: badge.start]}{there}{text[badge.end :]}"
    again = badges_in(changed)[0]
    assert (again.claim, again.start, again.style) == (other, badge.start, badge.style)
    back = rewritten(again, first, floor=floor)
    assert f"{changed[: again.start]}{back}{changed[again.end :]}" == text


@given(st.text(st.sampled_from('cited by citations 12,k+~<>{}()\\%&;:="\n'), max_size=200))
def test_every_count_stands_where_it_says(text: str) -> None:
    ends = 0
    for count in counts_in(text):
        assert isinstance(count, Badge)
        assert text[count.start : count.end] == count.text
        assert count.start >= ends
        ends = count.end


def test_real_sentences_are_told_apart_with_their_values(data_dir: Path) -> None:
    path = data_dir / "real" / "cvs" / "badge_snippets.jsonl"
    snippets = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    wrong = []
    for one in snippets:
        counts = counts_in(one["text"])
        right = bool(counts) == one["is_badge"] and all(c.claim == one["value"] for c in counts[:1])
        wrong += [] if right else [one["text"]]
    assert len(snippets) == 33
    assert wrong == []
