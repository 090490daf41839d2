"""Plain-text lists in many styles, all made up."""

from __future__ import annotations

import pytest

from citewatch.errors import ListError
from citewatch.intake import read_text
from citewatch.ports import Entry, PublicationList

TREES = "Robust Trees for Noisy Forests"
COUNT = "Learning to Count without Looking"


def read(text: str) -> PublicationList:
    return read_text(text, file="list.txt")


def facts(entry: Entry) -> tuple[str, tuple[str, ...], int | None]:
    return entry.paper.title, entry.paper.authors, entry.paper.year


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("[1] ", "[2] "),
        ("[2] ", "[1] "),
        ("1. ", "2. "),
        ("(1) ", "(2) "),
        ("12) ", "11) "),
        ("P12. ", "P11. "),
        ("[J1] ", "[J2] "),
        ("• ", "• "),
        ("- ", "- "),
        ("* ", "* "),
        ("", ""),
    ],
)
@pytest.mark.parametrize("gap", ["\n", ""])
def test_title_authors_and_venue_on_lines_under_any_marker(one: str, two: str, gap: str) -> None:
    found = read(
        f"Publications\n\n{one}{TREES}\nJane Roe*, Erika Muster* and Anton van den Berg\n"
        f"Journal of Made Things, 2019 (Best paper, 100+ citations)\n{gap}"
        f"{two}{COUNT}\nErika Muster, Jane Roe.\nMade Conference (MC), 2018\n"
    )
    assert [facts(e) for e in found.entries] == [
        (TREES, ("Jane Roe", "Erika Muster", "Anton van den Berg"), 2019),
        (COUNT, ("Erika Muster", "Jane Roe"), 2018),
    ]
    assert [e.paper.venue for e in found.entries] == [
        "Journal of Made Things",
        "Made Conference (MC)",
    ]
    assert [e.paper.claim for e in found.entries] == [100, None]


@pytest.mark.parametrize(
    "entry",
    [
        f"Jane Roe, Erika Muster. {TREES}. Journal of Made Things, 2019.",
        f"Jane Roe and Erika Muster (2019). {TREES}. Journal of Made Things.",
        f"Jane Roe, Erika Muster: {TREES}. Journal of Made Things (2019)",
        f"Jane Roe; Erika Muster, 2019, {TREES}, Journal of Made Things, 12, 45",
        f"Roe, Jane; Muster, Erika. 2019. {TREES}. Journal of Made Things.",
        f"“{TREES},” Jane Roe, Erika Muster, Journal of Made Things, 2019.",
        f'Jane Roe, Erika Muster, "{TREES}," Journal of Made Things, vol. 1, 2019.',
        f"{TREES}. Jane Roe, Erika Muster. Journal of Made Things, 2019.",
        f"Jane Roe\u2020, Erika Muster\u2021. {TREES}. Journal of Made Things, 2019.",
    ],
)
def test_one_paragraph_in_any_of_the_usual_orders(entry: str) -> None:
    found = read(f"Publications\n\n{entry}\n\n{entry.replace(TREES, COUNT)}\n")
    assert [facts(e) for e in found.entries] == [
        (TREES, ("Jane Roe", "Erika Muster"), 2019),
        (COUNT, ("Jane Roe", "Erika Muster"), 2019),
    ]
    assert found.entries[0].paper.venue.startswith("Journal of Made Things")


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Roe, J., & Muster, E. K. (2019).", ("J. Roe", "E. K. Muster")),
        ("Roe J, Muster EK. 2019.", ("J Roe", "EK Muster")),
        (
            "J. Roe, E. K. Muster, and A. van den Berg. 2019.",
            ("J. Roe", "E. K. Muster", "A. van den Berg"),
        ),
    ],
)
def test_initials_are_put_before_the_family_name(written: str, names: tuple[str, ...]) -> None:
    found = read(f"Publications\n\n1. {written} {TREES}. Journal of Made Things.\n")
    assert [facts(e) for e in found.entries] == [(TREES, names, 2019)]


def test_authors_title_and_venue_on_lines_of_their_own() -> None:
    found = read(
        f"Publications\n\n1. Jane Roe, Erika Muster\n{TREES}\nJournal of Made Things, 2019\n\n"
        f"2. Jane Roe, Anton van den Berg\n{COUNT}: Idle Methods for\nBusy People\n"
        "Made Conference, 2020\n"
    )
    assert [facts(e) for e in found.entries] == [
        (TREES, ("Jane Roe", "Erika Muster"), 2019),
        (f"{COUNT}: Idle Methods for Busy People", ("Jane Roe", "Anton van den Berg"), 2020),
    ]


def test_numbers_that_begin_anew_in_each_section_become_positions() -> None:
    entry = "Jane Roe, Erika Muster. {}. Made Things, 2019.\n"
    found = read(
        "PUBLICATIONS\nJOURNAL ARTICLES\n1. "
        + entry.format("Aa Bb Cc")
        + "2. "
        + entry.format("Dd Ee")
        + "CONFERENCE PAPERS\n1. "
        + entry.format("Ff Gg Hh")
        + "2. "
        + entry.format("Ii Jj Kk")
    )
    assert [e.number for e in found.entries] == [1, 2, 3, 4]


def test_printed_numbers_are_kept_where_they_name_one_entry_each() -> None:
    entry = "Jane Roe, Erika Muster. {}. Made Things, 2019.\n"
    found = read("Papers\n[12] " + entry.format("Aa Bb Cc") + "[11] " + entry.format("Dd Ee"))
    assert [e.number for e in found.entries] == [12, 11]


def test_years_as_headings_give_the_year() -> None:
    found = read(
        f"Publications\n2021\n[2] {TREES}. Jane Roe, Bo Li. Made Conference.\n"
        f"2019\n[1] {COUNT}. Jane Roe, Bo Li. Journal of Made Things.\n"
    )
    assert [e.paper.year for e in found.entries] == [2021, 2019]


def test_roman_sections_open_and_close() -> None:
    found = read(
        f"I. Education\nPhD, Nowhere, 2010\n\nII. Publications\n\n1. {TREES}\nJane Roe, Bo Li\nMT, 2019\n\n"
        "III. Invited Talks\n\n1. Robust Trees Once More\nJane Roe, Bo Li\nNowhere, 2020\n"
    )
    assert [e.paper.title for e in found.entries] == [TREES]
    assert found.skipped == {"education": 1, "talks": 3}


def test_an_unknown_heading_between_entries_is_no_part_of_them() -> None:
    found = read(
        f"Publications\n\n[1] {TREES}\nJane Roe, Bo Li\nMade Things, 2019\n\nForests and Bolts\n\n"
        f"[2] {COUNT}\nJane Roe, Bo Li\nMade Things, 2018\n"
    )
    assert [e.paper.venue for e in found.entries] == ["Made Things", "Made Things"]


def test_an_entry_goes_on_over_a_page_and_its_number() -> None:
    found = read(
        f"Publications\n\n[1] {TREES}\nJane Roe, Bo Li\nMade Things, 2019\n\n[2] Learning to Count\n"
        "without Looking\n\nhttps://example.org/a\n\n7\n\fJane Roe, Bo Li\nMade Things, 2018\n"
    )
    assert [facts(e)[0] for e in found.entries] == [TREES, COUNT]
    assert found.entries[1].paper.year == 2018
    assert found.skipped == {"page numbers": 1}


def test_a_blank_line_inside_an_entry_does_not_end_it() -> None:
    found = read(
        f"Papers\n[1] {TREES}\n\nJane Roe, Bo Li\nMade Things, 2019\n[2] {COUNT}\n"
        "Bo Li, Jane Roe\nMade Things, 2018\n"
    )
    assert facts(found.entries[0]) == (TREES, ("Jane Roe", "Bo Li"), 2019)


def test_running_heads_are_skipped_and_venues_at_page_ends_are_not() -> None:
    words = ["One", "Two", "Three", "Four"]
    pages = [
        f"Jane Roe, Curriculum Vitae, page {n}\n[{n}] Title Number {word}\nBo Li, Jane Roe\n"
        "Made Things, 2019\n"
        for n, word in enumerate(words, 1)
    ]
    found = read("\fPublications\n\f" + "\f".join(pages))
    assert [e.paper.year for e in found.entries] == [2019] * 4
    assert [e.paper.title for e in found.entries] == [f"Title Number {word}" for word in words]
    assert found.skipped == {"running heads": 4}


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        ("Bounds by Propaga-\ntion", "Bounds by Propagation"),
        ("A Black-\nbox Attack", "A Black-box Attack"),
        ("From Zeroth-\nOrder to Nothing", "From Zeroth-Order to Nothing"),
        ("Learning from Self-\nsupervised Bolts", "Learning from Self-supervised Bolts"),
        ("Trees with-\nout Leaves", "Trees without Leaves"),
    ],
)
def test_a_hyphen_at_a_lines_end_stays_or_goes_by_evidence(lines: str, title: str) -> None:
    found = read(
        f"Publications\n\n[1] {lines}\nJane Roe, Bo Li\nMade Things, 2019\n\n"
        "[2] Propagation in Black-box Trees\nJane Roe, Bo Li\nMade Things, 2018\n"
    )
    assert found.entries[0].paper.title == title


def test_a_name_that_lost_its_blank_gets_it_back_and_real_names_stay() -> None:
    found = read(
        f"Papers\n[1] {TREES}\nJaneRoe, Bo McDonald, Ronald DeVore\nMT, 2019\n[2] {COUNT}\n"
        "Jane Roe, McDonald\nMT, 2018\n"
    )
    assert found.entries[0].paper.authors == ("Jane Roe", "Bo McDonald", "Ronald DeVore")


def test_et_al_is_a_doubt() -> None:
    found = read(f"Papers\n1. Roe J, Muster E, et al. {TREES}. Made Lett. 2020;1:1-2.\n")
    assert found.entries[0].paper.authors == ("J Roe", "E Muster")
    assert found.entries[0].doubts == ("the author list is cut short",)


def test_what_looks_like_a_publication_but_is_not_understood_is_left_over_with_its_line() -> None:
    found = read(
        f"Papers\n\n[1] {TREES}\nJane Roe, Bo Li\nMT, 2020\n\n[2] something, somewhere, 2019\n"
    )
    assert found.leftovers == (
        (7, "[2] something, somewhere, 2019", "title and authors could not be told apart"),
    )


def test_an_identifier_under_talks_is_left_over() -> None:
    found = read(
        f"Papers\n\n[1] {TREES}\nJane Roe, Bo Li\nMT, 2020\n\nTalks\n\nOn bolts, arXiv:1901.00001\n"
    )
    assert found.leftovers[0][0] == 9
    assert "talks" in found.leftovers[0][2]


def test_without_headings_entries_need_evidence() -> None:
    found = read(
        f"Jane Roe, Bo Li. {TREES}. MT, 2019.\n\nI began to ride in 2003 and like it very much.\n\n"
        f"Jane Roe, Bo Li. {COUNT}. MT, 2020.\n"
    )
    assert [e.paper.title for e in found.entries] == [TREES, COUNT]
    assert found.skipped == {"other text": 1}


def test_entries_with_hanging_indents_are_told_apart() -> None:
    found = read(
        f"Publications\n\nJane Roe, Bo Li. {TREES}: A Long\n    Story. Journal of Made Things, 2019.\n"
        f"Jane Roe, Bo Li. {COUNT}: A Longer\n    Story. Journal of Made Things, 2020.\n"
    )
    assert [e.paper.title for e in found.entries] == [
        f"{TREES}: A Long Story",
        f"{COUNT}: A Longer Story",
    ]


def test_a_text_without_a_paper_says_what_was_seen_and_what_to_do() -> None:
    with pytest.raises(ListError) as error:
        read("Awards\n\nBest of Breed, 2019\nSecond Best, 2018\n\nSome words.\n")
    assert "no paper found in 4 lines" in error.value.problem
    assert "awards" in error.value.problem
    assert "identifiers" in error.value.remedy
