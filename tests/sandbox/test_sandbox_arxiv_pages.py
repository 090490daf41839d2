"""The stand-in's abs pages, by their documents."""

from __future__ import annotations

from bs4 import BeautifulSoup
from sandbox_bench import Bench

from citewatch.sandbox import event


def page(bench: Bench, name: str) -> BeautifulSoup:
    answer = bench.get("arxiv", f"/abs/{name}", key="abs_url")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def metas(soup: BeautifulSoup, name: str) -> list[str]:
    return [str(tag["content"]) for tag in soup.find_all("meta", attrs={"name": name})]


def test_a_page_carries_the_citation_tags(bench: Bench) -> None:
    soup = page(bench, "1708.03999")
    assert metas(soup, "citation_title")[0].startswith("ZOO: Zeroth Order")
    assert metas(soup, "citation_author")[:2] == ["Chen, Pin-Yu", "Zhang, Huan"]
    assert metas(soup, "citation_arxiv_id") == ["1708.03999"]
    assert metas(soup, "citation_date")[0].startswith("2017/08/")
    assert metas(soup, "citation_online_date")[0] > metas(soup, "citation_date")[0]


def test_the_history_names_every_version_and_the_one_shown(bench: Bench) -> None:
    history = page(bench, "1708.03999v1").find("div", class_="submission-history")
    labels = history.find_all("strong")
    assert [label.text for label in labels] == ["[v1]", "[v2]"]
    assert [label.find("a") is None for label in labels] == [True, False]
    assert "UTC (" in history.text


def test_a_page_of_a_later_version_says_when_it_was_revised(bench: Bench) -> None:
    line = page(bench, "1708.03999").find("div", class_="dateline").text
    assert "last revised" in line
    assert "(this version, v2)" in line


def test_an_unknown_paper_or_version_is_a_404(bench: Bench) -> None:
    for name in ("9912.00001", "1708.03999v9", "nonsense"):
        assert bench.get("arxiv", f"/abs/{name}", key="abs_url").status_code == 404


def test_a_withdrawal_shows_on_the_newest_version_and_on_older_ones(bench: Bench) -> None:
    bench.to_day(event("arxiv_withdrawn").first_day)
    newest, older = page(bench, "1712.07716"), page(bench, "1712.07716v1")
    assert newest.find("span", class_="error").text.startswith("This paper has been withdrawn by")
    assert older.find("span", class_="error").text.startswith("A newer version of this paper")
    marks = newest.find("div", class_="submission-history").find_all("em")
    assert [mark.text for mark in marks] == ["(withdrawn)"]


def test_before_the_withdrawal_nothing_shows_it(bench: Bench) -> None:
    bench.to_day(event("arxiv_withdrawn").first_day - 1)
    assert "withdrawn" not in str(page(bench, "1712.07716"))


def test_a_journal_reference_has_a_cell_of_its_own(bench: Bench) -> None:
    bench.to_day(event("arxiv_journal").first_day)
    soup = page(bench, "2008.08755")
    assert "Made-Up Results" in soup.find("td", class_="jref").text
    assert metas(soup, "citation_doi") == ["10.5555/jmr.2025.101"]


def test_pages_are_not_refused_however_fast_but_are_counted(strict: Bench) -> None:
    for _ in range(3):
        assert strict.get("arxiv", "/abs/1708.03999", key="abs_url").status_code == 200
    assert strict.box.counts["arxiv_web", 200] == 3
