"""Which link at the foot of a page belongs to which paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import LinkPage, Reference
from citewatch.domain.placement import (
    PageLink,
    PaperOnPage,
    identifiers_to_ask,
    link_for,
    place,
    same_title,
)

ICLR = "International Conference on Learning Representations (ICLR)"
ICML = "International Conference on Machine Learning (ICML)"
CVPR = "Computer Vision and Pattern Recognition (CVPR)"
NEURIPS = "Advances in Neural Information Processing Systems (NeurIPS)"


def paper(
    title: str, *, year: int = 2020, venue: str = ICLR, first: str = "Jane Roe"
) -> PaperOnPage:
    return PaperOnPage(title, (first, "Erika Muster"), year, venue)


def arxiv(number: str, title: str | None = None) -> PageLink:
    return PageLink(f"https://arxiv.org/abs/{number}", Identifier("arxiv", number), title)


def test_a_known_title_places_a_link_whatever_blanks_were_lost() -> None:
    papers = [paper("Robust Trees"), paper("AStudy ofNoise andRandom Forests")]
    found = place(papers, [arxiv("2001.00001", "A Study of Noise and Random Forests")])
    assert found.placed == {0: 1}
    assert found.evidence[0] == "title"


def test_part_one_is_not_part_two() -> None:
    assert not same_title(
        "Deep Forests of Noisy Trees, Part I", "Deep Forests of Noisy Trees, Part II"
    )
    assert not same_title(
        "18 Deep Image Classifiers Compared", "19 Deep Image Classifiers Compared"
    )
    assert same_title("On ℓp-norm Robustness of Trees", "On lp-Norm Robustness of Trees")


def test_two_papers_that_fit_leave_a_link_unplaced() -> None:
    found = place([paper("One"), paper("Two")], [arxiv("2001.00001")])
    assert found.placed == {}
    assert found.unplaced == (0,)


def test_a_link_between_placed_neighbours_has_one_place_left() -> None:
    papers = [paper("First of All Papers"), paper("Second of All Papers"), paper("Third of Them")]
    links = [
        arxiv("2001.00001", "First of All Papers"),
        PageLink("https://openreview.net/forum?id=abcdefgh", Identifier("openreview", "abcdefgh")),
        arxiv("2001.00003", "Third of Them"),
    ]
    assert place(papers, links).placed == {0: 0, 1: 1, 2: 2}


def test_a_known_title_that_is_not_on_the_page_is_not_placed() -> None:
    found = place([paper("Robust Trees for Noisy Forests")], [arxiv("2001.00001", "On Bolts")])
    assert found.placed == {}


def test_a_title_by_other_people_is_another_paper() -> None:
    link = PageLink(
        "https://arxiv.org/abs/2001.00001",
        Identifier("arxiv", "2001.00001"),
        "Robust Trees for Noisy Forests",
        ("Somebody Else",),
    )
    assert place([paper("Robust Trees for Noisy Forests")], [link]).placed == {}


def test_the_year_of_an_arxiv_number_rules_papers_out() -> None:
    papers = [paper("Old", year=2014), paper("New", year=2020)]
    assert place(papers, [arxiv("1912.00001")]).placed == {0: 1}


def test_a_pmlr_key_says_venue_surname_and_year() -> None:
    papers = [
        paper("Not at ICML", year=2022, venue=NEURIPS, first="Jane Roe"),
        paper("At ICML", year=2022, venue=ICML, first="Jane Roe"),
        paper("By Another", year=2022, venue=ICML, first="Bo Li"),
        paper("Of Another Year", year=2021, venue=ICML, first="Jane Roe"),
    ]
    url = "https://proceedings.mlr.press/v162/roe22ae/roe22ae.pdf"
    assert place(papers, [link_for(url, {})]).placed == {0: 1}


def test_openreview_is_only_for_venues_that_use_it() -> None:
    papers = [
        paper("A", year=2019, venue=CVPR),
        paper("B", year=2019),
        paper("C", year=2019, venue=ICML),
    ]
    url = "https://openreview.net/pdf?id=abcdefgh"
    assert place(papers, [link_for(url, {})]).placed == {0: 1}


def test_a_file_name_points_at_the_title_by_words_and_initials() -> None:
    papers = [
        paper("SwiftHog++: Decentralized Stochastic Gradient Descent"),
        paper("Fixing Convergence in Parallel Descent"),
        paper("Sublinear Decomposition"),
    ]
    links = [
        PageLink("https://example.org/pdf/hogSGD.pdf"),
        PageLink("https://example.org/pdf/solver_fix.pdf"),
    ]
    assert place(papers, links).placed == {0: 0, 1: 1}


def test_a_file_name_that_fits_two_papers_places_nothing() -> None:
    papers = [paper("Robust Trees"), paper("Robust Bolts")]
    assert place(papers, [PageLink("https://example.org/robust.pdf")]).placed == {}


def test_a_video_or_slides_belong_to_no_paper() -> None:
    papers = [paper("Watch the Robust Slides")]
    links = [
        PageLink("https://video.example/watch?v=robust"),
        PageLink("https://example.org/robust_slides.pdf"),
    ]
    assert place(papers, links).placed == {}


def test_two_arxiv_numbers_never_go_to_one_paper_without_titles() -> None:
    assert place([paper("Only One")], [arxiv("2001.00001"), arxiv("2002.00002")]).placed == {}


def test_a_preprint_and_its_proceedings_version_may_share_a_paper() -> None:
    papers = [paper("One and Only", venue=ICML), paper("Another One", year=2012, venue=CVPR)]
    links = [
        arxiv("2001.00001", "One and Only"),
        link_for("https://proceedings.mlr.press/v119/roe20a.html", {}),
    ]
    assert place(papers, links).placed == {0: 0, 1: 0}


def test_titles_against_the_order_make_the_order_worthless() -> None:
    papers = [paper("The First Paper"), paper("The Second Paper"), paper("The Third Paper")]
    links = [
        arxiv("2001.00002", "The Second Paper"),
        PageLink("https://openreview.net/forum?id=abcdefgh", Identifier("openreview", "abcdefgh")),
        arxiv("2001.00001", "The First Paper"),
    ]
    found = place(papers, links)
    assert found.placed == {0: 1, 2: 0}
    assert found.unplaced == (1,)


def test_an_arxiv_link_among_strange_links_is_not_placed_by_its_order() -> None:
    papers = [paper("One"), paper("Two")]
    links = [PageLink("https://video.example/talk"), arxiv("2001.00001"), arxiv("2001.00002")]
    assert place(papers, links).placed == {}
    assert place(papers, links[1:]).placed == {0: 0, 1: 1}


def test_the_same_link_twice_is_one_link() -> None:
    papers = [paper("One", year=2020), paper("Two", year=2010)]
    links = [arxiv("2001.00001"), PageLink("x", Identifier("arxiv", "2001.00001"))]
    assert place(papers, links).placed == {0: 0, 1: 0}


def test_only_arxiv_identifiers_are_asked_for_and_each_once() -> None:
    page = LinkPage(
        papers=("a",),
        links=(
            "https://arxiv.org/pdf/2001.00001.pdf",
            "https://arxiv.org/abs/2001.00001v2",
            "https://openreview.net/forum?id=abcdefgh",
            "https://example.org",
        ),
    )
    assert identifiers_to_ask([page, page]) == [Identifier("arxiv", "2001.00001")]


# --- a real list -------------------------------------------------------------------


def real_pages(folder: Path) -> Iterator[tuple[list[int], list[str]]]:
    """Numbers of the entries above each foot of links, and those links."""
    numbers: list[int] = []
    links: list[str] = []
    for raw in (folder / "huan-zhang.txt").read_text("utf-8").splitlines():
        line = raw.strip()
        if line.startswith("[") and line[1:3].strip("]").isdigit():
            if numbers and links:
                yield numbers, links
                numbers, links = [], []
            if not numbers:
                links = []
            numbers.append(int(line[1 : line.index("]")]))
        elif line.startswith("http") and line not in links:
            links.append(line)
    yield numbers, links


def placed_links(folder: Path, *, with_titles: bool) -> tuple[int, int]:
    """How many links of the real list are placed right, and how many wrong."""
    rows = json.loads((folder / "huan-zhang.expected.json").read_text("utf-8"))
    expected = {row["number"]: row for row in rows}
    known = {
        Identifier("arxiv", row["arxiv"]): Reference(
            title=row["title"], authors=tuple(row["authors"]), year=row["year"]
        )
        for row in rows
        if row["arxiv"] and with_titles
    }
    right = wrong = 0
    for numbers, links in real_pages(folder):
        rows_here = [expected[n] for n in numbers]
        papers = [
            PaperOnPage(r["title"], tuple(r["authors"]), r["year"], r["venue_line"])
            for r in rows_here
        ]
        for link, at in place(papers, [link_for(url, known) for url in links]).placed.items():
            right += rows_here[at]["link"] == links[link]
            wrong += rows_here[at]["link"] != links[link]
    return right, wrong


def test_with_titles_all_32_links_of_the_real_list_find_their_papers(data_dir: Path) -> None:
    assert placed_links(data_dir / "cv", with_titles=True) == (32, 0)


def test_without_titles_nothing_of_the_real_list_is_placed_wrong(data_dir: Path) -> None:
    right, wrong = placed_links(data_dir / "cv", with_titles=False)
    assert wrong == 0
    assert right >= 4


def test_a_subtitle_that_its_authors_changed_is_no_other_paper() -> None:
    people = ("Jane Roe", "Bo Li")
    papers = [
        PaperOnPage("Is Counting Enough? Lessons from 18 Tools", people, 2018, ""),
        PaperOnPage("Sorting Unseen Bolts", people, 2018, ""),
    ]
    renamed = PageLink(
        "https://arxiv.org/abs/1808.00001",
        Identifier("arxiv", "1808.00001"),
        "Is counting enough? -- A study of 18 tools for counting",
        people,
    )
    assert place(papers, [renamed]).placed == {0: 0}
    strangers = PageLink(
        renamed.url, renamed.identifier, renamed.known_title, ("A. N. Other", "Bo Li")
    )
    assert place(papers, [strangers]).placed == {}
