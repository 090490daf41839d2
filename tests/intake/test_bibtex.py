"""BibTeX: types, strings, cross-references, accents, broken entries, counts at their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from citewatch.domain.badges import Style
from citewatch.errors import ListError
from citewatch.intake.bibtex import bib_names, read_bibtex
from citewatch.intake.document import parse_document
from citewatch.ports import PublicationList

LISTS = Path(__file__).parent / "lists"


def read(text: str) -> PublicationList:
    found = read_bibtex(parse_document(text.encode(), path=Path("papers.bib")))
    for entry in found.entries:
        assert entry.span is not None
        assert text[entry.span[0]] == "@"
        if entry.place is not None:
            assert text[entry.place.start : entry.place.end] == entry.place.text
    return found


@pytest.fixture(scope="module")
def found() -> PublicationList:
    return read((LISTS / "papers.bib").read_text("utf-8"))


def test_titles_authors_and_years_are_read_as_they_print(found: PublicationList) -> None:
    assert [(e.paper.title, e.paper.year) for e in found.entries] == [
        ("The pH of α-lakes: 100% measured", 2019),
        ('Fish that "glow" at noon', 2021),
        ("Counting reeds", 2023),
        ("A second paper under the same key", 2020),
        ("Reeds", 2018),
    ]
    first = found.entries[0].paper
    assert first.authors == ("Inès Moreau", "Lake Watch Collaboration", "José Čapek")
    assert found.entries[2].paper.authors == ("A. B. Ng", "I. Moreau")


def test_strings_joined_values_and_parents_give_the_venue(found: PublicationList) -> None:
    assert [e.paper.venue for e in found.entries] == [
        "Journal of Lakes and Rivers",
        "Proceedings of the 7th Shore Meeting",
        "",
        "Reed Letters",
        "University of the Shore",
    ]


def test_identifiers_come_from_doi_eprint_and_addresses(found: PublicationList) -> None:
    assert [[str(i) for i in e.paper.ids] for e in found.entries[:3]] == [
        ["doi:10.5555/jl.2019_3"],
        ["arxiv:2101.00077"],
        ["arxiv:2301.00123"],
    ]


def test_counts_in_notes_and_in_fields_of_their_own_are_badges(found: PublicationList) -> None:
    places = [e.place and (e.place.text, e.place.claim, e.place.style) for e in found.entries]
    assert places == [
        ("Cited by: 32", 32, Style.EXACT),
        ("412", 412, Style.EXACT),
        ("1,300+ citations", 1300, Style.FLOOR),
        ("1,204", 1204, Style.EXACT),
        None,
    ]


def test_a_broken_entry_is_named_with_its_line_and_the_next_is_read(found: PublicationList) -> None:
    assert [(line, why[:7]) for line, _, why in found.leftovers] == [(42, "broken:")]
    assert found.entries[-1].paper.title == "Reeds"


def test_names_are_parted_outside_of_braces() -> None:
    names = bib_names("{Barnes and Noble, Inc.} and de la Cruz, Ana and Roe, Jr., Jane and others")
    assert names.names == ("Barnes and Noble, Inc.", "Ana de la Cruz", "Jane Roe Jr.")
    assert names.cut


def test_strings_that_double_one_another_stay_small() -> None:
    doubling = "".join(f"@string{{s{i + 1} = s{i} # s{i}}}\n" for i in range(60))
    found = read('@string{s0 = "lol"}\n' + doubling + "@misc{a, title = s60, year = 2020}")
    assert len(found.entries[0].paper.title) <= 100_000


@pytest.mark.parametrize(
    "text", ["@", "@article{", "@comment{x}", "nothing", "@article{a, title={" * 9]
)
def test_a_file_without_entries_is_an_error(text: str) -> None:
    with pytest.raises(ListError, match="no paper found in this BibTeX file"):
        read(text)
