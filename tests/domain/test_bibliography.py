"""What changed between two statements about one paper."""

from __future__ import annotations

import pytest

from citewatch.domain.bibliography import compare, merge_facts, speaks_of_withdrawal
from citewatch.domain.papers import Decision, Facts


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
