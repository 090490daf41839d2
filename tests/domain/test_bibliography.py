"""What changed between two statements about one paper."""

from __future__ import annotations

import pytest

from citewatch.domain.bibliography import (
    compare,
    is_published_venue,
    merge_facts,
    speaks_of_withdrawal,
)
from citewatch.domain.papers import Change, Decision, Facts, Kind


def changes_of(old: Facts, new: Facts) -> list[Change]:
    merged = merge_facts(old, new)
    return list(compare(old, merged, paper=1, source="crossref", label="Crossref", at=5))


def kinds(old: Facts, new: Facts) -> list[str]:
    lines = compare(old, merge_facts(old, new), paper=1, source="arxiv", label="arXiv", at=5)
    return [line.kind.value for line in lines]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (Facts(version=1), Facts(version=2), ["version"]),
        (Facts(version=2), Facts(version=1), []),
        (Facts(), Facts(version=1), []),
        (Facts(), Facts(journal_ref="JMLR 21 (2020)"), ["published"]),
        (Facts(), Facts(doi="10.1/x"), ["published"]),
        (Facts(), Facts(doi="10.5281/zenodo.123"), []),
        (Facts(), Facts(doi="10.1101/2020.01.01.123456"), []),
        (Facts(doi="10.2139/ssrn.1"), Facts(doi="10.1101/gr.123.456"), ["published"]),
        (Facts(doi="10.1/x"), Facts(doi="10.1/x", journal_ref="JMLR 21"), []),
        (Facts(venue="arXiv.org"), Facts(venue="ICML"), ["published"]),
        (Facts(), Facts(venue="arXiv.org"), []),
        (Facts(), Facts(comment="Accepted at ICML 2020"), ["accepted"]),
        (Facts(comment="Accepted at ICML"), Facts(comment="Accepted by ICML 2020"), []),
        (Facts(), Facts(comment="12 pages"), []),
        (Facts(), Facts(comment="Not accepted at ICML"), []),
        (Facts(), Facts(comment="Code will be published at https://example.org"), []),
        (Facts(), Facts(comment="To be accepted by nobody"), []),
        (
            Facts(decision=Decision.UNDER_REVIEW),
            Facts(decision=Decision.ACCEPTED, decision_text="Accept (poster)"),
            ["accepted"],
        ),
        (Facts(decision=Decision.UNDER_REVIEW), Facts(decision=Decision.REJECTED), ["rejected"]),
        (Facts(decision=Decision.UNDER_REVIEW), Facts(decision=Decision.WITHDRAWN), ["withdrawn"]),
        (Facts(withdrawn=False), Facts(withdrawn=True), ["withdrawn"]),
        (Facts(title="On Norms"), Facts(title="on norms."), []),
        (Facts(title="On Norms"), Facts(title="On Other Norms"), ["retitled"]),
    ],
)
def test_each_change_is_one_line(old: Facts, new: Facts, expected: list[str]) -> None:
    assert kinds(old, new) == expected


def test_what_an_answer_leaves_unsaid_stays_as_it_was() -> None:
    old = Facts(title="T", version=2, withdrawn=False, authors=("A",))
    assert merge_facts(old, Facts(withdrawn=True)) == Facts(
        title="T", version=2, withdrawn=True, authors=("A",)
    )


def test_every_line_says_who_says_so() -> None:
    (line,) = compare(
        Facts(version=1), Facts(version=2), paper=1, source="arxiv", label="arXiv", at=5
    )
    assert line.text == "arXiv: new version v2 (was v1)"


def test_a_comment_that_speaks_of_withdrawal_is_noticed() -> None:
    assert speaks_of_withdrawal(Facts(comment="This paper has been withdrawn by the author"))
    assert not speaks_of_withdrawal(Facts(comment="8 pages"))


def test_a_retraction_is_said_once_with_its_notice() -> None:
    notice = "retraction doi:10.1000/r 2025-03-04"
    before = Facts(retracted=False)
    after = Facts(retracted=True, notices=(notice,))
    assert [(c.kind, c.new) for c in changes_of(before, after)] == [(Kind.RETRACTED, notice)]
    assert changes_of(after, after) == []


def test_a_correction_is_no_retraction() -> None:
    after = Facts(notices=("correction doi:10.1000/c 2025-03-04",))
    (change,) = changes_of(Facts(), after)
    assert (change.kind, change.new) == (Kind.CORRECTED, "correction doi:10.1000/c 2025-03-04")


@pytest.mark.parametrize(
    ("venue", "published"),
    [
        ("arXiv (Cornell University)", False),
        ("CoRR", False),
        ("CoRR abs/1706.03762", False),
        ("SSRN Electronic Journal", False),
        ("bioRxiv (Cold Spring Harbor Laboratory)", False),
        ("", False),
        (None, False),
        ("Correlation Letters", True),
        ("Halcyon Review", True),
        ("Nature", True),
    ],
)
def test_a_preprint_server_is_no_venue_of_publication(venue: str | None, published: bool) -> None:
    assert is_published_venue(venue) is published
