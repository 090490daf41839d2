"""One paper is one paper, under one key."""

from __future__ import annotations

from citewatch.domain.identifiers import Identifier
from citewatch.domain.keys import make_key, surname
from citewatch.domain.papers import Paper
from citewatch.domain.roster import make_roster

ARXIV = Identifier("arxiv", "1708.03999")
ZOO = Paper(
    title="ZOO: Zeroth Order Optimization based Black-box Attacks",
    authors=("Pin-Yu Chen", "Huan Zhang"), year=2017, ids=(ARXIV,),
)  # fmt: skip


def with_key(paper: Paper, key: str) -> Paper:
    return Paper(
        key=key, title=paper.title, authors=paper.authors, year=paper.year, ids=paper.ids,
        claim=paper.claim,
    )  # fmt: skip


def test_a_key_is_three_words_and_the_year() -> None:
    assert make_key(ZOO.title, 2017, ()) == "zoo-zeroth-order-2017"
    assert (
        make_key("Query-Efficient Hard-label Black-box Attack", 2019, ())
        == "query-efficient-hard-2019"
    )
    assert make_key(ZOO.title, 2017, ("zoo-zeroth-order-2017",)) == "zoo-zeroth-order-2017-2"
    assert make_key("量子", None, ()) == "paper"


def test_surnames_are_found_in_every_order() -> None:
    names = ["Inderjit S. Dhillon", "Dhillon, Inderjit", "Dhillon I. S.", "Inderjit Dhillon 0001"]
    assert {surname(name) for name in names} == {"dhillon"}


def test_a_preprint_and_its_journal_version_are_one_paper() -> None:
    journal = Paper(title=ZOO.title.upper(), authors=("P. Chen",), year=2019, claim=1300)
    roster = make_roster([("a", ZOO), ("b", journal)], ())
    (member,) = roster.members
    assert member.watchlists == ("a", "b")
    assert member.paper.claim == 1300
    assert roster.keys == ("zoo-zeroth-order-2017",) * 2


def test_the_same_title_by_other_people_stays_another_paper() -> None:
    other = Paper(title=ZOO.title, authors=("A. Stranger",), year=2017)
    roster = make_roster([("a", ZOO), ("a", other)], ())
    assert [m.paper.key for m in roster.members] == [
        "zoo-zeroth-order-2017", "zoo-zeroth-order-2017-2",
    ]  # fmt: skip


def test_a_pasted_identifier_does_not_swallow_another_paper() -> None:
    wrong = Paper(title="Sublinear Time Orthogonal Tensor Decomposition", ids=(ARXIV,), year=2016)
    assert len(make_roster([("a", ZOO), ("a", wrong)], ()).members) == 2


def test_a_known_paper_keeps_its_key_under_an_edited_title() -> None:
    edited = Paper(
        title="Zeroth-order attacks without a substitute", authors=ZOO.authors, year=2017
    )
    known = with_key(Paper(title=ZOO.title, authors=ZOO.authors, year=2017), "zoo")
    (member,) = make_roster([("a", edited)], [known], editable={"zoo"}).members
    assert (member.paper.key, member.known) == ("zoo", True)


def test_a_paper_that_is_watched_no_more_lends_its_key_to_nobody() -> None:
    other = Paper(title="Another work of both", authors=ZOO.authors, year=2017)
    known = with_key(Paper(title=ZOO.title, authors=ZOO.authors, year=2017), "zoo")
    (member,) = make_roster([("a", other)], [known]).members
    assert member.paper.key == "another-work-of-2017"


def test_another_arxiv_id_is_another_paper_under_any_title() -> None:
    other = Identifier("arxiv", "1811.00866")
    new = Paper(title="Another work of both", authors=ZOO.authors, year=2017, ids=(other,))
    (member,) = make_roster([("a", new)], [with_key(ZOO, "zoo")], editable={"zoo"}).members
    assert member.known is False
    same = Paper(title=ZOO.title, authors=ZOO.authors, year=2017, ids=(other,))
    assert len(make_roster([("a", ZOO), ("a", same)], ()).members) == 2


def test_an_editorial_of_another_year_is_another_paper() -> None:
    entries = [
        ("a", Paper(title="Editorial", authors=("J. Roe",), year=year)) for year in (2015, 2018)
    ]
    assert len(make_roster(entries, ()).members) == 2


def test_an_edited_title_is_not_guessed_between_two_papers() -> None:
    edited = Paper(title="Something quite new", authors=ZOO.authors, year=2017)
    known = [
        with_key(Paper(title=f"Old title {n}", authors=ZOO.authors, year=2017), f"old-{n}")
        for n in (1, 2)
    ]
    (member,) = make_roster([("a", edited)], known, editable={"old-1", "old-2"}).members
    assert member.paper.key == "something-quite-new-2017"


def test_a_given_key_is_kept() -> None:
    (member,) = make_roster([("a", with_key(ZOO, "mine"))], ()).members
    assert member.paper.key == "mine"


def test_a_paper_without_a_title_is_named_by_its_identifier() -> None:
    (member,) = make_roster([("a", Paper(title="", ids=(ARXIV,)))], ()).members
    assert member.paper.key == "arxiv-1708-03999"
