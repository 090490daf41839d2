"""The stand-in's pages of proceedings and publishers, by their documents."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from citewatch.sandbox.http import HTML_TYPE, Request, Response
from citewatch.sandbox.pages import LARGE_BYTES, ODD_HOST, Pages
from citewatch.sandbox.synthetic import synthetic_world
from citewatch.sandbox.world import DEFAULT_START, World

HOSTS = {
    "proceedings.mlr.press",
    "proceedings.neurips.cc",
    "aclanthology.org",
    "openaccess.thecvf.com",
    "www.usenix.org",
    "journal.example.org",
}


@pytest.fixture(scope="module")
def pages(living_world: World) -> Pages:
    return Pages(living_world)


def ask(service: Pages, path: str) -> Response:
    request = Request(method="GET", target=path, path=path, query={}, headers={})
    return service.answer(request, DEFAULT_START)


def page(service: Pages, path: str) -> str:
    answer = ask(service, path)
    assert (answer.status, answer.content_type) == (200, HTML_TYPE)
    return answer.body.decode()


def tags(text: str, name: str) -> list[str]:
    """The contents of all tags of a name, however it is written."""
    found = BeautifulSoup(text, "html.parser").head.find_all("meta")
    return [
        str(tag["content"])
        for tag in found
        if str(tag.get("name") or tag.get("property")).lower() == name
    ]


def test_all_six_sorts_of_sites_are_there(pages: Pages) -> None:
    assert {path.split("/")[1] for path in pages.paths.values()} == HOSTS
    assert len(set(pages.paths.values())) == len(pages.paths) >= 30


def test_every_page_names_its_paper_its_authors_and_a_year(
    pages: Pages, living_world: World
) -> None:
    records = {record.key: record for record in living_world.records}
    for key, path in pages.paths.items():
        text, record = page(pages, path), records[key]
        assert tags(text, "citation_title") == [record.title]
        surnames = [name.split()[-1] for name in record.authors]
        authors = tags(text, "citation_author")
        assert len(authors) == len(surnames)
        assert all(last in name for last, name in zip(surnames, authors, strict=True))
        dates = tags(text, "citation_publication_date") + tags(text, "citation_date")
        assert dates[0][:4].isdecimal()


@pytest.mark.parametrize(
    ("key", "path", "written"),
    [
        ("p36", "/proceedings.mlr.press/v80/weng18a.html", 'name="citation_title" content="'),
        ("p4", "/proceedings.mlr.press/v162/zhang22ae.html", "2640-3498"),
        ("p35", "/proceedings.neurips.cc/paper/2018/hash/", "<meta name='citation_author'"),
        ("p38", "/aclanthology.org/P18-1241/", '<meta content="Hongge Chen" name=citation_author>'),
        ("p38", "/aclanthology.org/", "<meta content=10.18653/v1/P18-1241 name=citation_doi>"),
        ("p31", "/openaccess.thecvf.com/content_ICCV_2019/html/", "<META NAME='citation_title'"),
        ("p52", "/www.usenix.org/conference/", "citation_author_institution"),
        ("p33", "/journal.example.org/articles/", 'content="doi:10.1609/aaai.v33i01.33015757"'),
        ("p34", "/journal.example.org/articles/", 'property="Citation_Title"'),
    ],
)
def test_each_site_writes_its_tags_in_its_own_way(
    pages: Pages, key: str, path: str, written: str
) -> None:
    assert pages.paths[key].startswith(path)
    assert written in page(pages, pages.paths[key])


def test_names_and_dates_come_in_several_forms(pages: Pages) -> None:
    texts = {key: page(pages, pages.paths[key]) for key in ("p36", "p35", "p38", "p33")}
    authors = {key: tags(text, "citation_author")[0] for key, text in texts.items()}
    assert authors["p36"] == "Tsui-Wei Weng"
    assert authors["p35"] == "Zhang, Huan"
    lengths = {
        key: len((tags(text, "citation_publication_date") + tags(text, "citation_date"))[0])
        for key, text in texts.items()
    }
    # 2018/03/02, 2018, 2018/3, 2019-11-23
    assert lengths["p36"] == lengths["p33"] == 10
    assert lengths["p35"] == 4
    assert 6 <= lengths["p38"] <= 7
    assert tags(texts["p33"], "citation_date")[0][4] == "-"


def test_entities_stand_for_what_they_stand_for(pages: Pages) -> None:
    text = page(pages, f"/{ODD_HOST}/large.html")
    assert "&amp;" in text
    assert tags(text, "citation_title") == ["Überprüfung & Beweis: “Grüße” aus dem Maße"]


def test_an_institution_follows_each_author_at_usenix(pages: Pages) -> None:
    text = page(pages, pages.paths["p52"])
    assert len(tags(text, "citation_author")) == len(tags(text, "citation_author_institution"))


def test_another_host_may_show_the_same_page(pages: Pages) -> None:
    path = pages.paths["p35"]
    alias = path.replace("proceedings.neurips.cc", "papers.nips.cc")
    assert page(pages, alias) == page(pages, path)


def test_a_page_may_have_no_tags(pages: Pages) -> None:
    assert "citation_" not in page(pages, f"/{ODD_HOST}/no-tags.html")


def test_a_page_may_be_megabytes_with_its_tags_first_or_last(pages: Pages) -> None:
    large, late = (page(pages, f"/{ODD_HOST}/{name}.html") for name in ("large", "late-tags"))
    assert min(len(large), len(late)) > LARGE_BYTES
    assert large.index("citation_title") < large.index("</head>") < 2_000
    assert late.index("citation_title") > LARGE_BYTES


def test_a_page_may_be_in_another_charset(pages: Pages) -> None:
    answer = ask(pages, f"/{ODD_HOST}/latin-1.html")
    assert answer.content_type == "text/html; charset=ISO-8859-1"
    assert tags(answer.body.decode("latin-1"), "citation_author") == ["Grün, Jürgen"]
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode()


def test_a_pdf_is_no_page(pages: Pages) -> None:
    (link,) = tags(page(pages, pages.paths["p36"]), "citation_pdf_url")
    for path in (link.removeprefix("https:/"), f"/{ODD_HOST}/paper.pdf"):
        answer = ask(pages, path)
        assert (answer.status, answer.content_type) == (200, "application/pdf")
        assert answer.body.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "path", ["/proceedings.mlr.press/v80/none.html", "/nowhere.example.org/x", "/", "/<b>"]
)
def test_what_is_not_there_is_a_404_in_html(pages: Pages, path: str) -> None:
    answer = ask(pages, path)
    assert (answer.status, answer.content_type) == (404, HTML_TYPE)
    assert b"citation_" not in answer.body
    assert b"<b>" not in answer.body


def test_every_paper_of_a_large_world_has_a_page() -> None:
    world = synthetic_world(500, preprints=False)
    service = Pages(world)
    assert len(service.paths) == 500
    assert tags(page(service, service.paths["s499"]), "citation_title") == [
        world.records[499].title
    ]
