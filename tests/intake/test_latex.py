"""LaTeX: CVs of several classes, macros, bibliographies, and badges at their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from citewatch.domain.badges import Style, rewritten
from citewatch.errors import ListError
from citewatch.intake.document import parse_document
from citewatch.intake.latex import read_latex
from citewatch.ports import PublicationList

LISTS = Path(__file__).parent / "lists"


def read(text: str) -> PublicationList:
    found = read_latex(parse_document(text.encode(), path=Path("cv.tex")))
    for entry in found.entries:
        assert entry.span is not None
        if entry.place is not None:
            assert text[entry.place.start : entry.place.end] == entry.place.text
            assert entry.span[0] <= entry.place.start < entry.place.end <= entry.span[1]
    return found


def read_file(name: str) -> PublicationList:
    return read((LISTS / name).read_text("utf-8"))


def test_moderncv_gives_entries_and_no_jobs_and_no_talks() -> None:
    found = read_file("moderncv.tex")
    assert [(e.paper.title, e.paper.year, e.paper.claim) for e in found.entries] == [
        ("Sampling rivers with drifting sensors", 2023, 340),
        ("Ice cover and the spring flood", 2021, 65),
        ("Estimating discharge from video", 2020, 1300),
        ("Flood maps for small towns", 2018, None),
    ]
    assert found.entries[2].paper.authors == ("M. Lindqvist", "P. Novak", "J. Berg")
    assert found.entries[2].paper.venue == "Proceedings of the Symposium on River Flow"
    assert [str(i) for i in found.entries[3].paper.ids] == ["doi:10.1234/uw.2018.17"]
    assert [e.badge for e in found.entries] == [
        "cited 340 times",
        "65~citations",
        "1,300+ cites",
        "",
    ]


def test_macros_of_the_file_are_carried_out_and_comments_left_out() -> None:
    found = read_file("etaremune.tex")
    assert [(e.paper.title, e.paper.claim) for e in found.entries] == [
        ("Learning to rank beliefs", 437),
        ("On the α-convergence of graphs", 88),
        ("Proof search without tears", 12),
        ("A 100% complete list of small posets", 447),
    ]
    assert found.entries[0].paper.authors == ("K. Osei", "T. Müller")
    assert found.entries[1].paper.authors == ("T. Müller", "K. Osei", "R. Šimek")


def test_a_count_within_a_macro_is_placed_at_its_digits() -> None:
    text = (LISTS / "etaremune.tex").read_text("utf-8")
    badge = read(text).entries[0].place
    assert badge is not None
    assert text[badge.start - 7 : badge.end + 1] == "\\cited{437}"
    assert (badge.text, badge.style) == ("437", Style.EXACT)
    assert rewritten(badge, 460, floor=lambda count: count) == "460"


def test_the_bibliographies_of_bibtex_and_revtex_are_read_by_their_blocks() -> None:
    found = read_file("bibliography.tex")
    assert [(e.paper.title, e.paper.authors, e.paper.year) for e in found.entries] == [
        ("Hydrogen storage in layered clay", ("Inês Duarte", "Lin Wu"), 2017),
        ("A slow path to fast charging", ("L. Wu", "I. Duarte", "C. Bright"), 2019),
        ("Ions that wait", ("C. Bright", "L. Wu"), 2020),
    ]
    assert found.entries[0].paper.claim == 57
    assert found.entries[2].paper.venue == "Phys. Rev. X"


def test_paragraphs_and_rows_of_tables_are_entries_in_a_section_of_papers() -> None:
    found = read_file("paragraphs.tex")
    assert [(e.paper.title, e.paper.year, e.paper.claim) for e in found.entries] == [
        ("Colourings of the half plane", 2016, 33),
        ("Tilings that never repeat", 2018, 2000),
        ("The shortest way round", 2020, None),
        ("A clock made of tiles", 2021, None),
        ("Walking on hexagons", 2019, 12),
    ]


def test_commands_of_unknown_classes_and_items_within_items() -> None:
    found = read_file("class.tex")
    assert [(e.paper.title, e.badge) for e in found.entries] == [
        ("Bridges that bend", r"\citations{1204}"),
        ("Wind loads on roofs", r"\citations{65}"),
        ("Cables under rain", ""),
        ("Steel that remembers", "cited over 40 times"),
    ]
    assert [number for _, _, number in found.totals] == [1269]


def test_a_file_with_totals_alone_has_no_paper() -> None:
    with pytest.raises(ListError, match="counts over all papers only: citations: 1,985"):
        read("refereed: 12 / citations: 1,985 / h-index: 9")


def test_other_files_are_named_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "pubs.tex").write_text("\\item J. Roe, K. Doe. A title. Nature, 2019.")
    path = tmp_path / "cv.tex"
    path.write_text("\\section{Publications}\n\\input{pubs}\n\\bibliography{refs}\n")
    with pytest.raises(ListError, match=r"not opened: pubs.*not opened: refs"):
        read_latex(parse_document(path.read_bytes(), path=path))


@pytest.mark.parametrize(
    "text",
    [
        r"\newcommand{\a}{\b\b}\newcommand{\b}{\a\a}\item \a",
        "\\newcommand{\\a}[1]{#1#1}" + "\\item " + "\\a{" * 60 + "lol" + "}" * 60,
        "{" * 5_000,
        "\\begin{itemize}" * 5_000,
        "\\item[" * 5_000,
        "\\def\\x#1{" * 2_000,
    ],
)
def test_hostile_nesting_ends_in_an_error_that_says_so(text: str) -> None:
    with pytest.raises(ListError, match="no paper found"):
        read(text)


def test_line_ends_and_encodings_keep_places_exact() -> None:
    text = "\\section{Publications}\r\n\\item K. Osei, Ö. Yıl. \\emph{Small sets}. Logic, 2020. (cited 7 times)\r\n"
    document = parse_document(b"\xef\xbb\xbf" + text.encode(), path=Path("cv.tex"))
    badge = read_latex(document).entries[0].place
    assert badge is not None
    assert document.text[badge.start : badge.end] == "cited 7 times"


@pytest.mark.parametrize(
    ("item", "title", "authors", "venue"),
    [
        (
            r"A. K\"ohler, E. F\o rde, \emph{Phys.\ Rev.\ Lett.} {\bf 9}, 11 (2023), ``Cold atoms here''.",
            "Cold atoms here",
            ("A. Köhler", "E. Førde"),
            "Phys. Rev. Lett. 9, 11",
        ),
        (
            r"C. Dupr\'e and E. F\o rde, Heat without flow, \textit{Nature Physics} {\bf 19}, 1--5 (2023).",
            "Heat without flow",
            ("C. Dupré", "E. Førde"),
            "Nature Physics 19, 1–5",
        ),
        (
            r"``Markets for mice'' (with K. Jones and L. Lee), 2023. \emph{QJE}.",
            "Markets for mice",
            ("K. Jones", "L. Lee"),
            "QJE",
        ),
        (
            r"Roe, Jane, Poe, Jack, \& Foe, Ann, 2023, \doi{10.5555/x}{Dust on old maps}, ApJ, 3",
            "Dust on old maps",
            ("Jane Roe", "Jack Poe", "Ann Foe"),
            "ApJ, 3",
        ),
    ],
)
def test_usual_orders_of_an_item(
    item: str, title: str, authors: tuple[str, ...], venue: str
) -> None:
    (entry,) = read("\\section{Publications}\n\\item " + item).entries
    assert entry.paper.title == title
    assert entry.paper.authors == authors
    assert (entry.paper.venue, entry.paper.year) == (venue, 2023)


def test_a_bibliography_of_biblatex_is_named_and_not_opened() -> None:
    text = "\\addbibresource{own.bib}\n\\begin{document}\n\\printbibliography\n\\end{document}"
    with pytest.raises(ListError, match=r"not opened: own\.bib"):
        read(text)


def test_macros_that_set_a_whole_entry_with_its_count() -> None:
    found = read_file("macros.tex")
    assert [(e.paper.title, e.paper.authors[0], e.paper.year, e.badge) for e in found.entries] == [
        ("Soil that remembers rain", "Maria Lopez", 2014, "210"),
        ("Clay under pressure", "Juan Perez", 2018, "33"),
    ]


def test_entries_on_lines_of_their_own_and_braces_within_a_number() -> None:
    found = read_file("lines.tex")
    assert [(e.paper.title, e.paper.venue, e.paper.claim) for e in found.entries] == [
        ("Deep nets for shallow seas", "ICLR", 1204),
        ("Tides and tokens", "EMNLP", None),
        ("A note on notes", "TMLR", None),
    ]
    badge = found.entries[0].place
    assert badge is not None
    assert badge.text == "Cited 1{,}204 times"
    assert rewritten(badge, 1873, floor=lambda n: n) == "Cited 1{,}873 times"
