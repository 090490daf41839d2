"""Whose citations are self-citations: what the watchlists say."""

from __future__ import annotations

from citewatch.domain.citing import CitingWork, Person
from citewatch.domain.papers import Paper
from citewatch.domain.self_citations import Basis, Definition
from citewatch.services.selves import Selves
from citewatch.services.watchlist import IMPORTED, WatchedPaper


def watched(number: int, *lists: str) -> WatchedPaper:
    paper = Paper(key=f"p{number}", title="T", authors=("Ada Lovelace", "Huan Zhang"))
    return WatchedPaper(number=number, paper=paper, watchlists=lists)


def selves(*papers: WatchedPaper, people: dict[int, list[Person]] | None = None) -> Selves:
    return Selves(
        papers={w.number or 0: w for w in papers}, names={"mine": ("Huan Zhang",)},
        people=people or {},
    )  # fmt: skip


def by(name: str, identity: str = "") -> CitingWork:
    return CitingWork(record="W1", title="T", authors=(Person(name, identity),))


def test_a_list_with_author_names_is_somebodys() -> None:
    own = selves(watched(1, "mine"), watched(2, "others"), watched(3, "others", "mine"))
    assert [own.definition(n) for n in (1, 2, 3)] == [
        Definition.ME, Definition.COAUTHORS, Definition.ME,
    ]  # fmt: skip
    assert own.among(1, [by("Ada Lovelace")]) == {}
    assert own.among(2, [by("Ada Lovelace")]) == {"W1": Basis.NAME}


def test_all_papers_together_are_mine_only_if_each_is() -> None:
    assert selves(watched(1, "mine")).definition_of_all() is Definition.ME
    assert selves(watched(1, "mine"), watched(2, IMPORTED)).definition_of_all() is Definition.ME
    both = selves(watched(1, "mine"), watched(2, "others"))
    assert both.definition_of_all() is Definition.COAUTHORS
    assert selves().definition_of_all() is Definition.COAUTHORS


def test_a_co_author_is_one_person_at_all_sources() -> None:
    people = {1: [Person("Huan Zhang", "openalex:A1"), Person("Huan Zhang", "semantic_scholar:1")]}
    own = selves(watched(1, "others"), people=people)
    assert own.among(1, [by("Huan Zhang", "semantic_scholar:2")]) == {}
    assert own.among(1, [by("H. Z.", "semantic_scholar:1")]) == {"W1": Basis.IDENTITY}
    assert own.among(1, [by("Ada Lovelace", "semantic_scholar:9")]) == {"W1": Basis.NAME}


def test_what_is_learnt_in_one_paper_holds_in_all_of_mine() -> None:
    people = {2: [Person("Huan Zhang", "semantic_scholar:1")]}
    own = selves(watched(1, "mine"), watched(2, "mine"), people=people)
    assert own.among(1, [by("Huan Zhang", "semantic_scholar:2")]) == {}
    assert own.among(1, [by("Zhang Huan", "semantic_scholar:1")]) == {"W1": Basis.IDENTITY}
