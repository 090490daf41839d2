"""Which watched paper an entry is: said when it is certain, never guessed."""

from __future__ import annotations

from dataclasses import replace

from citewatch.domain.papers import Paper
from citewatch.domain.recognising import Candidate, Recognised, Recogniser
from worlds import paper

PEOPLE = ("Ada Lovelace", "Bo Berg")
ZOO = paper(
    "zoo-zeroth-2017", "ZOO: Zeroth Order Attacks", "arxiv:1708.03999", year=2017, authors=PEOPLE
)
FAST = paper("towards-fast-2018", "Towards Fast Computation of Bounds", year=2018, authors=PEOPLE)
JOURNAL = replace(FAST, key="towards-fast-2021", year=2021, ids=())
SEQUEL = replace(
    FAST, key="towards-faster-2019", title="Towards Faster Computation of Bounds", year=2019
)


def find(entry: Paper, *watched: Paper, titles: tuple[str, ...] = ()) -> Recognised:
    return Recogniser([Candidate(paper=p, titles=titles) for p in watched]).find(entry)


def entry(title: str, *ids: str, **more: object) -> Paper:
    return paper("", title, *ids, **more)


def test_an_identifier_is_enough_whatever_the_title_became() -> None:
    changed = entry("ZOO: Zeroth Order Attacks on Networks", "arxiv:1708.03999")
    assert find(changed, FAST, ZOO) == Recognised(place=1)
    assert find(entry("", "arxiv:1708.03999"), FAST, ZOO) == Recognised(place=1)


def test_a_title_with_its_authors_is_enough_however_it_is_set() -> None:
    same = entry("Towards fast computation — of {B}ounds", authors=("Lovelace, A.",), year=2018)
    assert find(same, ZOO, FAST) == Recognised(place=1)


def test_a_title_of_other_people_is_another_paper() -> None:
    theirs = entry(FAST.title, authors=("Carl Cole", "Dee Dunn"), year=2018)
    assert find(theirs, ZOO, FAST) == Recognised()


def test_a_source_s_title_counts_as_the_paper_s_own() -> None:
    renamed = entry("Bounds, Computed Fast", authors=PEOPLE, year=2019)
    assert find(renamed, FAST, titles=("Bounds, Computed Fast",)) == Recognised(place=0)
    assert find(renamed, FAST).place is None


def test_of_a_preprint_and_its_journal_version_the_year_decides() -> None:
    assert find(entry(FAST.title, authors=PEOPLE, year=2021), FAST, JOURNAL).place == 1
    undecided = find(entry(FAST.title, authors=PEOPLE, year=2020), FAST, JOURNAL)
    assert undecided == Recognised(
        doubt="several watched papers answer to it: towards-fast-2018, towards-fast-2021"
    )


def test_an_identifier_that_stands_with_another_paper_s_title_is_a_doubt() -> None:
    pasted = entry(FAST.title, "arxiv:1708.03999", authors=PEOPLE, year=2018)
    assert find(pasted, ZOO, FAST) == Recognised(place=1), "the titles have nothing in common"
    near = replace(ZOO, title=SEQUEL.title)
    torn = find(pasted, near, FAST)
    assert torn.place is None
    assert torn.doubt.startswith("identifier and title are of two papers: zoo-zeroth-2017, ")


def test_an_identifier_of_a_wholly_different_title_is_a_doubt() -> None:
    pasted = entry("Gardening in Winter", "arxiv:1708.03999", authors=("Eve Earl",), year=2003)
    assert find(pasted, ZOO) == Recognised(
        doubt="its identifier is that of a paper of another title: zoo-zeroth-2017"
    )


def test_a_title_that_is_nearly_one_is_a_doubt_with_its_evidence() -> None:
    near = find(entry("Toward Fast Computations of Bounds", authors=PEOPLE, year=2018), ZOO, FAST)
    assert near.place is None
    assert near.doubt.startswith("may be towards-fast-2018 (title ")
    assert "same year" in near.doubt


def test_a_sequel_is_no_doubt_where_the_paper_itself_is_there() -> None:
    assert find(entry(SEQUEL.title, authors=PEOPLE, year=2019), FAST, SEQUEL).place == 1


def test_a_title_that_says_nothing_is_not_enough() -> None:
    watched = paper("editorial-2015", "Editorial", year=2015, authors=PEOPLE)
    assert find(entry("Editorial"), watched).place is None
    assert find(entry("Editorial", year=2016), watched).place is None
    assert find(entry("Editorial", year=2015, authors=PEOPLE), watched).place == 0


def test_what_is_like_nothing_is_nothing() -> None:
    assert find(entry("Gardening in Winter", authors=PEOPLE, year=2018), ZOO, FAST) == Recognised()
    assert find(entry("", authors=PEOPLE), ZOO, FAST) == Recognised()
    assert find(entry("Anything")) == Recognised()
