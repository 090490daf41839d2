"""Links, identifiers, papers listed twice, and lists of identifiers; all made up."""

from __future__ import annotations

from citewatch.intake import read_text
from citewatch.ports import Entry, PublicationList

TREES = "Robust Trees for Noisy Forests"
COUNT = "Learning to Count without Looking"


def read(text: str) -> PublicationList:
    return read_text(text, file="list.txt")


def ids(entry: Entry) -> list[str]:
    return [str(i) for i in entry.paper.ids]


def test_a_link_below_each_entry_belongs_to_it() -> None:
    found = read(
        f"Papers\n[1] {TREES}\nJane Roe, Bo Li\nMT, 2019\nhttps://arxiv.org/abs/1901.00001\n"
        f"[2] {COUNT}\nJane Roe, Bo Li\nMT, 2020\nhttps://arxiv.org/abs/2001.00011\nhttps://x.example\n"
    )
    assert [ids(e) for e in found.entries] == [["arxiv:1901.00001"], ["arxiv:2001.00011"]]
    assert found.entries[1].links == ("https://arxiv.org/abs/2001.00011", "https://x.example")
    assert found.pages == ()


def test_links_at_a_pages_foot_stay_with_the_page_until_they_are_certain() -> None:
    entry = "[{}] Title {}\nJane Roe, Bo Li\nMade Conference, 2020\n\n"
    found = read(
        "Papers\n\n"
        + entry.format(1, "One")
        + entry.format(2, "Two")
        + entry.format(3, "Three")
        + "https://arxiv.org/abs/2001.00001\nhttps://arxiv.org/abs/2001.00001\nhttps://arxiv.org/abs/2001.00002\n"
    )
    urls = ("https://arxiv.org/abs/2001.00001", "https://arxiv.org/abs/2001.00002")
    assert found.pages == (((0, 1, 2), urls),)
    assert all(e.links == () for e in found.entries)


def test_identifiers_in_the_text_are_taken_and_two_of_a_kind_are_a_doubt() -> None:
    found = read(
        f"Papers\n1. Jane Roe, Bo Li. {TREES}. MT, 2019. doi:10.1234/MT.5 arXiv:1901.00001\n"
        f"2. Jane Roe, Bo Li. {COUNT}. MT, 2019. arXiv:1901.00002, see also arXiv:1901.00003\n"
    )
    assert ids(found.entries[0]) == ["arxiv:1901.00001", "doi:10.1234/mt.5"]
    assert ids(found.entries[1]) == []
    assert "several identifiers" in found.entries[1].doubts[0]


def test_an_address_cut_at_a_lines_end_is_joined() -> None:
    found = read(
        f"Papers\n1. Jane Roe, Bo Li. {TREES}. MT, 2019. https://doi.org/10.1234/\nmt.2019.5\n"
    )
    assert ids(found.entries[0]) == ["doi:10.1234/mt.2019.5"]


def test_a_preprint_and_its_journal_version_are_one_entry() -> None:
    found = read(
        f"Papers\n[1] {TREES}\nJane Roe, Bo Li\nJournal of Made Things, 2020. doi:10.1234/mt.5\n"
        f"[2] {TREES}\nBo Li, Jane Roe\narXiv:1901.00001, 2019\n[3] {COUNT}\nJane Roe, Bo Li\nMT, 2018\n"
    )
    assert [e.number for e in found.entries] == [1, 3]
    assert ids(found.entries[0]) == ["doi:10.1234/mt.5", "arxiv:1901.00001"]
    assert found.entries[0].doubts == ("listed again in line 5: kept as one paper",)


def test_the_same_title_by_other_people_is_another_paper() -> None:
    found = read(
        f"Papers\n[1] {TREES}\nJane Roe, Bo Li\nMT, 2020\n[2] {TREES}\nAn Other, Any One\nMT, 2020\n"
    )
    assert len(found.entries) == 2


# --- identifiers one on each line ----------------------------------------------------


def test_a_list_of_identifiers_gives_entries_without_titles() -> None:
    found = read(
        "# mine\narXiv:1706.03762   # attention\nhttps://doi.org/10.1234/MT.5\n\n"
        "https://openreview.net/forum?id=abcDEF123\ndoi: 10.1234/mt.6\n"
    )
    assert [ids(e) for e in found.entries] == [
        ["arxiv:1706.03762"],
        ["doi:10.1234/mt.5"],
        ["openreview:abcDEF123"],
        ["doi:10.1234/mt.6"],
    ]
    assert {e.paper.title for e in found.entries} == {""}
    assert found.entries[1].links == ("https://doi.org/10.1234/MT.5",)
    assert found.skipped == {"comments": 1}


def test_an_identifier_listed_twice_is_one_entry() -> None:
    found = read("1706.03762\nhttps://arxiv.org/abs/1706.03762v5\n")
    assert len(found.entries) == 1
    assert "line 2" in found.entries[0].doubts[0]


def test_a_line_without_identifier_in_such_a_list_is_left_over() -> None:
    found = read(
        "1706.03762\n1706.03763\n1706.03764\n1706.03765\nhttps://example.org/x.pdf\nnonsense\n"
    )
    assert len(found.entries) == 4
    assert [(line, why) for line, _, why in found.leftovers] == [
        (5, "no identifier of a paper in this address"),
        (6, "not an identifier"),
    ]
