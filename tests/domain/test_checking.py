"""What a badge says against what is known: only what is certain is to be changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from citewatch.domain.badges import badges_in
from citewatch.domain.checking import Judge, Judged, Known, Verdict
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Status

NOW = 1_770_000_000
DATE = "2026-02-02"
JUDGE = Judge(Ladder().highest_at, 3 * DAY)


def known(citations: int | None = 437, **more: object) -> Known:
    plain = Known(
        label="Semantic Scholar", citations=citations, status=Status.OK, observed_at=NOW,
        high=citations,
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


def judged(text: str, what: Known) -> Judged:
    (badge,) = badges_in(text)
    return JUDGE.judge(badge, what)


@pytest.mark.parametrize(
    ("text", "citations", "suggest"),
    [
        ("100+ citations", 437, "400+ citations"),
        ("1,300+ cites", 1873, "1,800+ cites"),
        ("10+ citations", 24, None),
        ("10+ citations", 25, "25+ citations"),
        ("400+ citations", 437, None),
        ("400+ citations", 499, None),
        ("430+ citations", 437, None),
        ("cited 340 times", 340, None),
        ("cited 340 times", 341, "cited 341 times"),
        ("Citations: 88", 1012, "Citations: 1012"),
        ("over 2k citations", 2090, None),
        ("over 2k citations", 2150, "over 2.1k citations"),
    ],
)
def test_a_badge_is_raised_in_its_own_style_or_current(
    text: str, citations: int, suggest: str | None
) -> None:
    found = judged(text, known(citations))
    assert found.verdict is (Verdict.CURRENT if suggest is None else Verdict.RAISE)
    assert found.suggest == suggest
    assert found.why == f"{citations} on Semantic Scholar, {DATE}"


@pytest.mark.parametrize(("citations", "text"), [(9, None), (10, "10+"), (437, "400+")])
def test_a_badge_is_to_be_added_from_the_first_step_of_the_ladder_on(
    citations: int, text: str | None
) -> None:
    found = JUDGE.missing(known(citations))
    if text is None:
        assert found is None
    else:
        assert found is not None
        assert (found.verdict, found.suggest) == (Verdict.ADD, f"{text} citations")


def test_a_new_badge_sets_off_thousands_as_the_file_does() -> None:
    found = replace(JUDGE, separator=",").missing(known(12_345))
    assert found is not None
    assert found.suggest == "12,300+ citations"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.STALE, "older than twice its schedule: run 'citewatch sync'"),
        (Status.HELD, "held until it is confirmed"),
        (Status.MISSING, "does not know the paper any more"),
        (Status.NEVER, "has not confirmed"),
    ],
)
@pytest.mark.parametrize("citations", [20, 437])
def test_a_count_that_is_not_believed_now_says_nothing(
    status: Status, words: str, citations: int
) -> None:
    what = known(citations, status=status, high=900, below_since_at=NOW - 400 * DAY)
    found = judged("100+ citations", what)
    assert (found.verdict, found.suggest) == (Verdict.UNKNOWN, None)
    assert words in found.why
    assert JUDGE.missing(what) is None


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.NEVER, "no source has counted its citations yet"),
        (Status.MISSING, "no source that was asked knows its count"),
        (Status.HELD, "a first count is held until it is confirmed"),
    ],
)
def test_no_count_at_all_is_unknown_and_never_zero(status: Status, words: str) -> None:
    found = judged("100+ citations", Known(status=status))
    assert (found.verdict, found.why) == (Verdict.UNKNOWN, words)
    assert JUDGE.missing(Known(status=status)) is None


def test_a_claim_above_what_the_sources_ever_said_is_unknown() -> None:
    found = judged("500+ citations", known(437, elsewhere=(("OpenAlex", 312),)))
    assert (found.verdict, found.suggest) == (Verdict.UNKNOWN, None)
    assert found.why == (
        f"more than the 437 on Semantic Scholar, {DATE}: no source that was asked counts so many "
        "(Google Scholar is none of them)"
    )


def test_another_source_that_bears_a_claim_out_is_named() -> None:
    found = judged("500+ citations", known(437, elsewhere=(("Crossref", 3), ("OpenAlex", 512))))
    assert found.verdict is Verdict.UNKNOWN
    assert found.why.endswith(": OpenAlex counts 512")


@pytest.mark.parametrize(
    ("citations", "days", "verdict"),
    [
        (90, 2.9, Verdict.UNKNOWN),
        (90, 3, Verdict.LOWER),
        (99, 3, Verdict.UNKNOWN),
        (99, 29, Verdict.UNKNOWN),
        (99, 30, Verdict.LOWER),
    ],
)
def test_a_fall_lowers_a_badge_only_when_it_has_stood(
    citations: int, days: float, verdict: Verdict
) -> None:
    since = NOW - int(days * DAY)
    found = judged("100+ citations", known(citations, high=104, below_since_at=since))
    assert found.verdict is verdict
    assert found.suggest == ("50+ citations" if verdict is Verdict.LOWER else None)
    assert "had 104 and has been below 100 since" in found.why


def test_one_reading_lowers_nothing_whatever_the_user_s_patience() -> None:
    hasty = replace(JUDGE, confirm_after_s=0)
    (badge,) = badges_in("100+ citations")
    once = known(60, high=104, below_since_at=NOW)
    assert hasty.judge(badge, once).verdict is Verdict.UNKNOWN
    assert hasty.judge(badge, replace(once, observed_at=NOW + 1)).verdict is Verdict.LOWER


def test_what_earns_no_badge_any_more_has_no_new_text() -> None:
    found = judged("10+ citations", known(4, high=12, below_since_at=NOW - 40 * DAY))
    assert (found.verdict, found.suggest) == (Verdict.LOWER, None)
    assert "no badge is earned any more" in found.why


def test_an_exact_count_is_lowered_to_the_count() -> None:
    found = judged("cited 340 times", known(300, high=340, below_since_at=NOW - 4 * DAY))
    assert (found.verdict, found.suggest) == (Verdict.LOWER, "cited 300 times")
