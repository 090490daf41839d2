"""Properties of reading any text: no crash, every line accounted for, linear time."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citewatch.errors import ListError
from citewatch.intake.lines import Fate, split_lines
from citewatch.intake.reader import Account, account

LINES = [
    "",
    "",
    "Publications",
    "Awards and Honors",
    "Invited Talks",
    "2019",
    "7",
    "\f",
    "-----",
    "[1] Robust Trees for Noisy Forests",
    "[2] Learning to Count with-",
    "out Looking",
    "1. Jane Roe, Bo Li. Nothing at All. Made Things, 2019.",
    "• Sorting Unseen Bolts",
    "Jane Roe*, Bo Li and Erika Muster",
    "Jane Roe",
    "Made Conference (MC), 2020 (Oral, 100+ citations)",
    "Roe, J., & Li, B. (2019). Fixing Descent. Journal of Made Things.",
    "https://arxiv.org/abs/1901.00001",
    "https://arxiv.org/pdf/2001.00002.pdf",
    "https://openreview.net/forum?id=abcdefgh",
    "https://example.org/fix.pdf  https://example.org/b",
    "mailto:roe@example.org",
    "arXiv:1901.00001",
    "some words about nothing",
    "12 of 13",
]
texts = st.lists(
    st.one_of(st.sampled_from(LINES), st.sampled_from(LINES), st.text(max_size=30)), max_size=40
).map("\n".join)


def accounted(text: str) -> Account | None:
    """The account of a text; None when the text was refused."""
    try:
        return account(text, file="list.txt")
    except ListError:
        return None


def check(text: str, found: Account) -> None:
    """Every line that is not blank has exactly the fate that the result tells."""
    full = {line.number for line in split_lines(text) if line.text}
    assert set(found.fates) == full
    by_fate = {fate: {n for n, f in found.fates.items() if f is fate} for fate in Fate}
    assert sum(found.found.skipped.values()) == len(by_fate[Fate.SKIPPED])
    assert {line for line, _, _ in found.found.leftovers} <= by_fate[Fate.LEFTOVER]
    assert bool(found.found.leftovers) == bool(by_fate[Fate.LEFTOVER])
    assert {entry.line for entry in found.found.entries} <= by_fate[Fate.ENTRY]
    for positions, links in found.found.pages:
        assert links
        assert all(0 <= p < len(found.found.entries) for p in positions)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_any_text_is_refused_or_every_line_is_accounted_for(text: str) -> None:
    found = accounted(text)
    if found is not None:
        check(text, found)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_noise_is_refused_or_accounted_for(text: str) -> None:
    found = accounted(text)
    if found is not None:
        check(text, found)


@settings(max_examples=150, deadline=None)
@given(texts)
def test_no_link_of_the_text_is_lost_or_doubled(text: str) -> None:
    found = accounted(text)
    if found is None:
        return
    result = found.found
    shown = {url for entry in result.entries for url in entry.links}
    shown |= {url for _, urls in result.pages for url in urls} | set(result.links)
    shown |= {word for _, left, _ in result.leftovers for word in left.split()}
    for number, fate in found.fates.items():
        if fate in (Fate.PAGE_LINK, Fate.OTHER_LINK):
            line = text_line(text, number)
            assert {w for w in line.split() if w in LINKS} <= shown


LINKS = {word for line in LINES for word in line.split() if word.startswith("http")}


def text_line(text: str, number: int) -> str:
    return next(line.text for line in split_lines(text) if line.number == number)


def test_every_line_of_the_real_list_is_accounted_for(data_dir: Path) -> None:
    text = (data_dir / "cv" / "huan-zhang.txt").read_text("utf-8")
    check(text, account(text, file="cv.txt"))


@pytest.mark.parametrize(
    "piece",
    [
        "Jane Roe, ",
        "[1] (a) (b) [c] ",
        "abc-\n",
        "[1] Jane Roe, Bo Li. T. 2019. https://arxiv.org/abs/1901.00001\n",
        "“quoted words here” ",
        "https://arxiv.org/abs/1901.00001\n",
        "Publications\n\n",
        "A. ",
        "cited by ",
        "((((((((",
    ],
)
def test_the_work_grows_with_the_text_and_no_faster(piece: str) -> None:
    def calls(size: int) -> int:
        return steps(piece * (size // len(piece)))

    # Twice the text may cost little more than twice the steps.
    assert calls(40_000) <= 2.6 * calls(20_000) + 2_000


def steps(text: str) -> int:
    """Python function calls that reading takes: a clock that machines agree on."""
    count = 0

    def trace(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(trace)
    try:
        accounted(text)
    finally:
        sys.setprofile(before)
    return count
