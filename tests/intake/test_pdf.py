"""Reading PDFs: places of words and links, columns, hyphens, heads, and what is no list."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pdf_maker import Page, make_pdf

from citewatch.domain.identifiers import Identifier
from citewatch.errors import ListError
from citewatch.intake import read_list
from citewatch.intake.pdf import read_pdf
from citewatch.ports import PublicationList


def read(*pages: Page) -> PublicationList:
    return read_pdf(make_pdf(*pages), file="cv.pdf")


def numbered(page: Page, y: float, number: int, *lines: str) -> float:
    """An entry whose number hangs in the margin, as TeX sets it."""
    page.words.append((60, y, str(number)))
    return page.lines(80, y, *lines)


def test_entries_know_their_page_and_their_badge() -> None:
    one, two = Page(), Page()
    one.lines(80, 740, "Publications")
    numbered(
        one,
        700,
        2,
        "Jane Roe, Bo Li. Robust Trees for Noisy Forests.",
        "Made Journal, 2019. [447 citations]",
    )
    numbered(two, 740, 1, "Bo Li, Jane Roe. Learning to Count. Made Letters, 2018.")
    found = read(one, two)
    assert [(e.number, e.page, e.paper.title) for e in found.entries] == [
        (2, 1, "Robust Trees for Noisy Forests"),
        (1, 2, "Learning to Count"),
    ]
    assert (found.entries[0].paper.claim, found.entries[0].badge) == (447, "447 citations")
    # There is no text of the file that could be edited.
    assert found.entries[0].place is None
    assert found.entries[0].span is None


def test_links_go_to_the_paper_on_whose_words_they_lie() -> None:
    page = Page()
    page.lines(80, 740, "Publications")
    numbered(page, 700, 2, "Jane Roe, Bo Li. Robust Trees for Noisy Forests. Made Journal, 2019.")
    numbered(page, 680, 1, "Bo Li, Jane Roe. Learning to Count. Made Letters, 2018.")
    page.links = [
        (160, 680, 100, "https://arxiv.org/abs/1801.00001"),
        (160, 700, 100, "https://doi.org/10.1234/robust"),
        (80, 740, 50, "https://example.org/home"),
        (300, 100, 50, "https://example.org/nowhere"),
    ]
    found = read(page)
    assert [e.paper.ids for e in found.entries] == [
        (Identifier("doi", "10.1234/robust"),),
        (Identifier("arxiv", "1801.00001"),),
    ]
    assert found.links == ("https://example.org/home",)


def test_two_columns_are_read_one_after_the_other() -> None:
    page = Page()
    page.lines(60, 750, "Publications")
    left = [
        "[1] Jane Roe, Bo Li. Robust Trees",
        "for Noisy Forests of every kind.",
        "Made Journal of Things, 2019.",
        "[2] Bo Li, Jane Roe. Learning to",
        "Count without Looking at the page.",
        "Made Letters of All, 2018.",
        "[3] Jane Roe, Erika Muster. How",
        "to Sort Unseen Bolts in the dark.",
        "Made Conference on It, 2017.",
    ]
    right = [
        "[4] Jane Roe, Bo Li. Fixing the",
        "Descent of Everything Around us.",
        "Made Journal of Things, 2016.",
        "[5] Bo Li, Jane Roe. Trees and",
        "Their Many Leaves in one place.",
        "Made Letters of All, 2015.",
        "[6] Jane Roe, Erika Muster. Bolts",
        "and Nuts, and What They are for.",
        "Made Conference on It, 2014.",
    ]
    for at, (one, two) in enumerate(zip(left, right, strict=True)):
        page.words += [(60, 720 - 12 * at, one), (330, 720 - 12 * at, two)]
    found = read(page)
    assert [e.number for e in found.entries] == [1, 2, 3, 4, 5, 6]
    assert found.entries[0].paper.title == "Robust Trees for Noisy Forests of every kind"
    assert found.entries[3].paper.title == "Fixing the Descent of Everything Around us"


def test_hyphens_at_line_ends_and_running_heads_are_mended() -> None:
    pages = [Page(), Page()]
    for number, page in enumerate(pages, 1):
        page.words.append((60, 770, f"Jane Roe's list {number}"))
        page.words.append((300, 30, str(number)))
    pages[0].lines(80, 740, "Publications")
    pages[0].lines(
        60, 700, "[1] Jane Roe, Bo Li. Approximation is Hard. Made Journal, 2020.",
        "[2] Jane Roe, Bo Li. Efficient Approxi-", "mation for Noisy",
    )  # fmt: skip
    pages[1].lines(60, 740, "Forests. Made Journal, 2019. 300+ cita-", "tions")
    found = read(*pages)
    assert [e.paper.title for e in found.entries] == [
        "Approximation is Hard",
        "Efficient Approximation for Noisy Forests",
    ]
    assert found.entries[1].paper.claim == 300


def test_totals_are_told_and_nothing_else_claims() -> None:
    page = Page()
    page.lines(60, 760, "Jane Roe", "citations: 4,512 / h-index: 33")
    page.lines(60, 700, "Publications", "[1] Jane Roe, Bo Li. Robust Trees. Made Journal, 2019.")
    found = read(page)
    assert [(words, number) for _, words, number in found.totals] == [("citations: 4,512", 4512)]
    assert found.entries[0].paper.claim is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (make_pdf(Page([(60, 700, "x")]), encrypted=True), "protected by a password"),
        (make_pdf(Page()), "holds no text; it may be a scan"),
        (b"%PDF-1.7\nnothing of the kind", "damaged"),
        (make_pdf(Page([(60, 700, "A letter to a friend about the weather.")])), "no paper found"),
    ],
)
def test_what_is_no_list_gets_one_clear_message(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "cv.pdf"
    path.write_bytes(data)
    with pytest.raises(ListError, match=words) as error:
        read_list(path)
    assert str(path) in error.value.problem
    assert error.value.remedy


def test_a_book_of_pages_is_read_up_to_a_bound() -> None:
    first = Page()
    first.lines(60, 700, "Publications", "[1] Jane Roe, Bo Li. Robust Trees. Made Journal, 2019.")
    found = read(first, *[Page() for _ in range(420)])
    assert len(found.entries) == 1
    assert found.notes == ("only the first 400 of 421 pages were read",)


WHOLE = make_pdf(
    Page(
        [(60, 740, "Publications"), (60, 700, "[1] Jane Roe, Bo Li. Robust Trees. Made, 2019.")],
        [(60, 700, 90, "https://arxiv.org/abs/1901.00001")],
    )
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.binary(max_size=40))
def test_a_damaged_pdf_is_read_or_refused(start: int, end: int, noise: bytes) -> None:
    low, high = sorted((start, end))
    data = WHOLE[:low] + noise + WHOLE[high:]
    with contextlib.suppress(ListError):
        assert read_pdf(data, file="cv.pdf").entries


@pytest.mark.parametrize(
    ("name", "entries", "badges"),
    [("abhi0395__tex_pubs", 50, 46), ("bgriffen__tex_pubs", 81, 72), ("dfm__tex_pubs", 121, 115)],
)
def test_real_pdfs_are_read_whole(data_dir: Path, name: str, entries: int, badges: int) -> None:
    found = read_list(data_dir / "real" / "cvs" / f"{name}.pdf")
    assert len(found.entries) == entries
    assert sum(e.paper.claim is not None for e in found.entries) == badges
    assert found.leftovers == ()
