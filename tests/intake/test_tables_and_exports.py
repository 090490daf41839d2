"""CSV, JSON, RIS and lines of identifiers: the counts are badges at their places."""

from __future__ import annotations

from pathlib import Path

import pytest

from citewatch.domain.badges import Badge, Style, rewritten
from citewatch.errors import ListError
from citewatch.intake import read_list
from citewatch.intake.cells import delimiter_of
from citewatch.ports import PublicationList

LISTS = Path(__file__).parent / "lists"


def read(folder: Path, name: str, text: str) -> PublicationList:
    path = folder / name
    path.write_bytes(text.encode())
    found = read_list(path)
    for entry in found.entries:
        if entry.place is not None:
            assert text[entry.place.start : entry.place.end] == entry.place.text
    return found


def edited(text: str, badge: Badge | None, count: int) -> str:
    assert badge is not None
    new = rewritten(badge, count, floor=lambda n: n)
    assert new is not None
    return text[: badge.start] + new + text[badge.end :]


def test_an_export_of_publish_or_perish_with_semicolons(tmp_path: Path) -> None:
    text = (
        "sep=;\r\nCites;Authors;Title;Year;Source;ArticleURL;CitesURL;CitesPerYear\r\n"
        '12;"J Roe, Y Doe";"A ""quoted"" title; with\r\na break";2019;Nature;https://doi.org/10.5555/abc;x;2\r\n'
        ";Poe, Jack;No count;2020;;https://arxiv.org/abs/2001.00001;;\r\n"
        "1,204;;Only a title;n.d.;;;;\r\n"
    )
    found = read(tmp_path, "pop.csv", text)
    first, second, third = found.entries
    assert first.paper.title == 'A "quoted" title; with a break'
    assert first.paper.authors == ("J Roe", "Y Doe")
    assert (first.paper.venue, first.paper.year, first.paper.claim) == ("Nature", 2019, 12)
    assert second.paper.authors == ("Jack Poe",)
    assert (second.paper.claim, second.place) == (None, None)
    assert (third.line, third.paper.claim, third.paper.year) == (6, 1204, None)
    assert edited(text, first.place, 460) == text.replace("\n12;", "\n460;")


@pytest.mark.parametrize(
    "header",
    [
        "Authors,Title,Publication,Volume,Number,Pages,Year,Publisher,Cited by",
        "title\tauthors\tyear\tcitations",
        "Paper|Citations|Year|Authors",
        "Author,Title,Publication Title,Year,Citation Count,DOI",
    ],
)
def test_headers_of_many_exports_are_known(tmp_path: Path, header: str) -> None:
    sign = delimiter_of(header)
    names = header.split(sign)
    values = {"title": "Slow rivers", "paper": "Slow rivers", "authors": "Jane Roe; Ada Poe"}
    values |= {"author": "Roe, Jane; Poe, Ada", "year": "2018", "doi": "10.5555/x1"}
    counts = {"cited by": "88", "citations": "88", "citation count": "88"}
    cells = ((values | counts).get(name.casefold(), "") for name in names)
    row = sign.join(f'"{cell}"' for cell in cells)
    entry = read(tmp_path, "list.csv", f"{header}\n{row}\n").entries[0]
    assert entry.paper.title == "Slow rivers"
    assert entry.paper.authors == ("Jane Roe", "Ada Poe")
    assert (entry.paper.year, entry.paper.claim) == (2018, 88)


def test_cells_that_count_nothing_claim_nothing(tmp_path: Path) -> None:
    cells = enumerate(("", "n/a", "-", "null", "?"))
    text = "title,citations\n" + "".join(f"Paper number {at},{cell}\n" for at, cell in cells)
    found = read(tmp_path, "list.csv", text)
    assert [e.paper.claim for e in found.entries] == [None] * 5


def test_cells_keep_their_style(tmp_path: Path) -> None:
    text = 'title,citations\nA b,400+\nC d,"1,204"\nE f,~2.3k\nG h,12.0\nTotal,3916\n'
    found = read(tmp_path, "list.csv", text)
    assert [(e.badge, e.place and e.place.style) for e in found.entries] == [
        ("400+", Style.FLOOR),
        ("1,204", Style.EXACT),
        ("~2.3k", Style.WORDS),
        ("12", Style.EXACT),
    ]
    assert found.totals == ((6, "Total 3916", 3916),)


def test_a_table_without_names_of_columns_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ListError, match="no row names a column") as raised:
        read(tmp_path, "list.csv", "A title,Jane Roe,2019\nAnother,Ada Poe,2020\n")
    assert '"title"' in raised.value.remedy


def test_csl_json_with_literal_names_notes_and_odd_dates(tmp_path: Path) -> None:
    text = (LISTS / "csl.json").read_text("utf-8")
    one, two, three = read(tmp_path, "refs.json", text).entries
    assert one.paper.authors == ("Rim Haddad", "Desert Survey Group", "Ola van den Berg")
    assert (one.paper.year, one.paper.venue, one.paper.claim) == (2018, "Dune Studies", 120)
    assert (two.paper.title, two.paper.year, two.paper.claim) == ("“Wells” & wind", 2020, 17)
    assert (three.paper.year, three.doubts) == (2011, ("no authors",))
    assert edited(text, two.place, 18) == text.replace(
        '"citation-count": 17', '"citation-count": 18'
    )


def test_json_of_a_homepage_gives_papers_and_no_talks(tmp_path: Path) -> None:
    text = (
        '{"title": "Home", "metrics": {"citations": 173}, "talks": [{"title": "On sand", "year": 2020}],'
        '"papers": {"a": {"title": "Sand", "authors": "R. Haddad — PhD thesis", "cited": null},'
        '"b": {"title": "Wind", "authors": ["Haddad, Rim", "Ola Berg"], "cited": 7, "pdf": "https://arxiv.org/pdf/1901.00001"}}}'
    )
    found = read(tmp_path, "research.json", text)
    assert [(e.paper.title, e.paper.authors, e.paper.claim) for e in found.entries] == [
        ("Sand", ("R. Haddad",), None),
        ("Wind", ("Rim Haddad", "Ola Berg"), 7),
    ]
    assert [number for _, _, number in found.totals] == [173]
    assert [str(i) for i in found.entries[1].paper.ids] == ["arxiv:1901.00001"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"title": ', "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[" * 300 + "]" * 300, "deep"),
        ('{"papers": []}', "no paper found in this JSON file"),
    ],
)
def test_json_that_cannot_be_read_says_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ListError, match=message):
        read(tmp_path, "list.json", text)


def test_ris_with_wrapped_titles_and_forgotten_ends(tmp_path: Path) -> None:
    text = (LISTS / "export.ris").read_text("utf-8")
    found = read(tmp_path, "export.ris", text)
    assert [(e.line, e.paper.title, e.paper.year, e.badge) for e in found.entries] == [
        (1, "Bees at the edge of town: a survey that took ten years", 2017, "Cited By: 412"),
        (14, "Hives in the cloud", 2019, "1,300+ citations"),
        (22, "Bees", 2012, ""),
    ]
    assert found.entries[0].paper.authors == ("Ngozi Okafor", "Ana de la Cruz")
    assert [line for line, _, _ in found.leftovers] == [27]
    assert edited(text, found.entries[0].place, 500) == text.replace("By: 412", "By: 500")


def test_lines_of_identifiers_of_all_kinds_with_comments_and_badges(tmp_path: Path) -> None:
    text = (
        "# mine\narxiv:1706.03762  100+ citations\n10.1145/3292500.3330701\n"
        "https://openreview.net/forum?id=rkgNKkHtvB\n% a comment\nCorpusID:13756489\n"
        "W2741809807   # OpenAlex\n1. P19-1001\n2020.acl-main.1\nv97/zhang19p (cited 44 times)\n"
    )
    found = read(tmp_path, "ids.txt", text)
    assert [str(e.paper.ids[0]) for e in found.entries] == [
        "arxiv:1706.03762",
        "doi:10.1145/3292500.3330701",
        "openreview:rkgNKkHtvB",
        "semantic_scholar:CorpusId:13756489",
        "openalex:W2741809807",
        "acl:P19-1001",
        "acl:2020.acl-main.1",
        "pmlr:v97/zhang19p",
    ]
    assert [e.badge for e in found.entries if e.badge] == ["100+ citations", "cited 44 times"]
    assert all(not e.doubts for e in found.entries)


def test_a_table_without_its_suffix_is_still_a_table(tmp_path: Path) -> None:
    found = read(tmp_path, "list.txt", "Title,Cited by,Year,Authors\nSand,12,2019,Jane Roe\n")
    assert (found.entries[0].paper.title, found.entries[0].badge) == ("Sand", "12")
