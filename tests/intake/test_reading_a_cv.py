"""The real CV whose text came out of a PDF, against what was checked by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Reference
from citewatch.domain.placement import PaperOnPage, link_for, place
from citewatch.intake import read_list
from citewatch.ports import PublicationList


@pytest.fixture(scope="module")
def expected(data_dir: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(
        (data_dir / "cv" / "huan-zhang.expected.json").read_text("utf-8")
    )
    return rows


@pytest.fixture(scope="module")
def found(data_dir: Path) -> PublicationList:
    return read_list(data_dir / "cv" / "huan-zhang.txt")


def test_all_53_papers_are_found_with_their_numbers(
    found: PublicationList, expected: list[dict[str, Any]]
) -> None:
    assert len(expected) == 53
    assert [e.number for e in found.entries] == [row["number"] for row in expected]


def test_titles_are_equal_up_to_blanks(
    found: PublicationList, expected: list[dict[str, Any]]
) -> None:
    titles = [e.paper.title.replace(" ", "") for e in found.entries]
    assert titles == [row["title"].replace(" ", "") for row in expected]


def test_authors_and_years_are_exact(
    found: PublicationList, expected: list[dict[str, Any]]
) -> None:
    read = [(list(e.paper.authors), e.paper.year) for e in found.entries]
    assert read == [(row["authors"], row["year"]) for row in expected]


def test_all_18_claims_are_exact(found: PublicationList, expected: list[dict[str, Any]]) -> None:
    claims = [e.paper.claim for e in found.entries]
    assert claims == [row["claim"] for row in expected]
    assert sum(claim is not None for claim in claims) == 18
    assert all(bool(e.badge) == (e.paper.claim is not None) for e in found.entries)


def test_venues_are_the_venue_line_without_year_and_badge(
    found: PublicationList, expected: list[dict[str, Any]]
) -> None:
    for entry, row in zip(found.entries, expected, strict=True):
        assert entry.paper.venue
        assert entry.paper.venue in row["venue_line"]
        assert "citations" not in entry.paper.venue


def test_awards_talks_and_services_are_counted_and_give_no_entries(
    found: PublicationList,
) -> None:
    assert {"awards", "talks", "services", "appointments", "education"} <= set(found.skipped)
    assert found.leftovers == ()
    assert found.notes == ()


def test_no_link_is_attached_to_a_wrong_paper_before_anybody_was_asked(
    found: PublicationList, expected: list[dict[str, Any]]
) -> None:
    attached = {e.number: e.links for e in found.entries if e.links}
    right = {row["number"]: (row["link"],) for row in expected if row["link"]}
    assert attached
    assert attached.items() <= right.items()


def test_lost_blanks_in_titles_are_doubts(found: PublicationList) -> None:
    doubtful = {e.number for e in found.entries if any("lost blanks" in d for d in e.doubts)}
    assert doubtful == {48, 52}


def test_with_the_titles_of_the_rest_32_of_32_links_are_right(
    found: PublicationList, expected: list[dict[str, Any]]
) -> None:
    known = {
        Identifier("arxiv", row["arxiv"]): Reference(
            title=row["title"], authors=tuple(row["authors"]), year=row["year"]
        )
        for row in expected
        if row["arxiv"]
    }
    links = {e.number: set(e.links) for e in found.entries}
    for positions, urls in found.pages:
        entries = [found.entries[p] for p in positions]
        papers = [
            PaperOnPage(e.paper.title, e.paper.authors, e.paper.year, e.paper.venue)
            for e in entries
        ]
        for at, paper in place(papers, [link_for(url, known) for url in urls]).placed.items():
            links[entries[paper].number].add(urls[at])
    right = {row["number"]: {row["link"]} for row in expected if row["link"]}
    assert {number: urls for number, urls in links.items() if urls} == right
    assert len(right) == 32


def test_front_page_links_belong_to_no_entry(found: PublicationList) -> None:
    assert "https://huan-zhang.com" in found.links
    assert not any("mailto" in link for link in found.links)
