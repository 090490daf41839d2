"""Where a title ends in running text, and what typesetting does to names."""

from __future__ import annotations

import pytest

from citewatch.intake import read_text


@pytest.mark.parametrize(
    ("written", "title", "venue"),
    [
        ("Is It Nothing? A Case Study. MT, 2019.", "Is It Nothing? A Case Study", "MT"),
        ("Is It Nothing? Made Conference, 2019.", "Is It Nothing?", "Made Conference"),
        ("Maps. IV. Of Trees. Made Things, 2019.", "Maps. IV. Of Trees", "Made Things"),
        ("Maps. IV. Of Trees, Made Journal, 7, 2019.", "Maps. IV. Of Trees", "Made Journal, 7"),
        ("Trees, Bolts, and Nuts. In Proc. of MT, 2019.", "Trees, Bolts, and Nuts", "Proc. of MT"),
    ],
)
def test_a_title_ends_where_the_venue_begins(written: str, title: str, venue: str) -> None:
    found = read_text(f"Papers\n1. Jane Roe, Bo Li. {written}\n", file="list.txt")
    assert (found.entries[0].paper.title, found.entries[0].paper.venue) == (title, venue)


def test_commas_alone_part_year_title_and_numbered_venue() -> None:
    found = read_text(
        "Papers\n1. Roe, Jane; Sof\u0131\u0301a, Ana; et al., 2019, Stars, Dust, and Trees, "
        "Notices of the Sky, 5, 7\n",
        file="list.txt",
    )
    paper = found.entries[0].paper
    assert (paper.title, paper.year) == ("Stars, Dust, and Trees", 2019)
    assert paper.authors == ("Jane Roe", "Ana Sof\u00eda")
    assert paper.venue == "Notices of the Sky, 5, 7"


def test_ligatures_and_soft_hyphens_leave_no_trace() -> None:
    found = read_text(
        "Papers\n1. E\ufb03cient and Con\u00adfident\nJane Roe, Bo Li\nMade Things, 2019\n",
        file="list.txt",
    )
    assert found.entries[0].paper.title == "Efficient and Confident"


def test_a_single_author_given_last_name_first_is_one_person() -> None:
    found = read_text(
        "Papers\n1. Roe, Jane; Li, Bo, 2019, About Bolts, Made Journal, 5, 7\n"
        "2. Roe, Jane, 2018, About Nuts, Made Journal, 4, 7\n",
        file="list.txt",
    )
    assert [e.paper.authors for e in found.entries] == [("Jane Roe", "Bo Li"), ("Jane Roe",)]
