"""The HTML report: what it says, that it stands alone, and that everybody can read it."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from dataclasses import replace
from itertools import pairwise

import pytest
from page_reader import Element, Page

from citewatch.cli.render.page import Setting, report_html
from citewatch.domain.forecast import Expected, Forecast, NextThreshold
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Facts
from citewatch.services.report import build_report
from citewatch.services.reported import (
    Line,
    ListTrend,
    PaperTrend,
    Report,
    ReportedPaper,
    TotalsThen,
)
from worlds import ARXIV, HELD, MISSING, OPENALEX, S2, World, day, paper

HOSTILE = (
    '<script>alert(1)</script><img src=x onerror="a()"> & \x1b[31m{{ 7*7 }} ]]> " \' \ufeff</title>'
)
NOW = day(400.5)


def world() -> World:
    made = World(
        paper("zoo-2017", "ZOO: Zeroth Order", "arxiv:1708.03999", year=2017, claim=100),
        paper("b-2020", HOSTILE, "doi:10.1000/x?<>\"'", year=2020, venue=HOSTILE),
        paper("nobody-2022", "Nobody knows this", year=2022, claim=10),
        paper("again-2018", "The same again", "arxiv:1708.03999", year=2018),
    )
    for number in range(400):
        made.ask(day(number), {0: 180 + number // 3, 1: 40 + number // 50, 2: MISSING, 3: 8})
        if number % 3 == 0:
            made.ask(day(number), {0: 90 + number // 9}, source="openalex")
    made.ask(day(400), {0: (HELD, 4000), 1: 47, 2: MISSING, 3: 8})
    made.say(day(3), 1, Facts(retracted=True), source="openalex")
    return made


@pytest.fixture(scope="module")
def plain() -> Report:
    """With counts and their lines alone."""
    made = world()
    question = made.question(NOW, sources=[S2, OPENALEX, ARXIV], drawn=True)
    report = build_report(made.store, question)
    papers = tuple(replace(p, trend=PaperTrend(), forecast=None) for p in report.papers)
    totals = replace(report.totals, g_index=None)
    return replace(report, papers=papers, trend=ListTrend(), totals=totals)


def full(report: Report) -> Report:
    """With everything that a report can hold."""
    first, *others = report.papers
    past = Line(
        source="semantic_scholar", times=tuple(day(-d) for d in range(3000, 0, -30)),
        counts=tuple(range(100)), reconstructed=True, note="explains 94 % of 180; 3 undated",
    )  # fmt: skip
    expected = Forecast(
        horizons=((90, Expected(citations=345, low=330, high=360)),
                  (365, Expected(citations=430, low=390, high=480))),
        next=NextThreshold(threshold=400, expected_on=20_700, low_on=20_600, high_on=None),
    )  # fmt: skip
    moves = PaperTrend(age_years=8.25, acceleration=-3.5, best_month=("2025-03", 21), rank=1)
    first = replace(first, lines=(past, *first.lines), forecast=expected, trend=moves)
    then = [
        TotalsThen(at=day(n), counted=2 + n // 200, citations=200 + n, h_index=2 + n // 300,
                   i10_index=2, g_index=3)
        for n in range(0, 401, 10)
    ]  # fmt: skip
    trend = ListTrend(
        over_time=tuple(then), raises_h=(("b-2020", 3),), movers=(("zoo-2017", 10),),
        woke=(("b-2020", "no citation in 400 days, then three"),),
        by_source=(("semantic_scholar", 2),),
    )  # fmt: skip
    return replace(report, papers=(first, *others), trend=trend,
                   totals=replace(report.totals, g_index=9))  # fmt: skip


def written(report: Report, *, title: str = "Huan Zhang") -> str:
    out = io.StringIO()
    report_html(report, out, Setting(title=title, ladder=Ladder(), version="1.2.3"))
    return out.getvalue()


@pytest.fixture(scope="module", params=["plain", "full"])
def text(request: pytest.FixtureRequest, plain: Report) -> str:
    return written(plain if request.param == "plain" else full(plain))


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def body(page: Page) -> str:
    (found,) = page.all("body")
    return found.text


# --- what it says ----------------------------------------------------------------


def test_the_headline_names_the_list_the_day_and_the_numbers(plain: Report) -> None:
    page = Page(written(full(plain)))
    (title,) = page.all("h1")
    assert title.text == "Citations: Huan Zhang"
    assert "As of 2026-02-05 12:00 UTC" in body(page)
    values = {div.all("dt")[0].text: div.all("b")[0].text for div in page.all("dl")[0].children}
    assert values == {
        "Papers": "3",
        "Citations": "360",
        "h-index": "2",
        "i10-index": "2",
        "g-index": "9",
    }


def test_every_count_stands_with_its_source_and_day(plain: Report) -> None:
    page = Page(written(plain))
    rows = page.all("tbody")[0].all("tr")
    assert "313 Semantic Scholar 2026-02-04" in rows[0].text
    assert "held: a newer, implausible reading" in rows[0].text
    assert "OpenAlex: 134, 2026-02-04" in rows[0].text
    assert "Counts of Semantic Scholar for 2; last confirmed" in body(page)


def test_what_is_unknown_is_said_and_never_nought(plain: Report) -> None:
    page = Page(written(plain))
    row = next(r for r in page.all("tr") if "Nobody knows this" in r.text)
    assert "missing: the source does not know this paper" in row.text
    assert not re.search(r"\b0\b", row.text)


def test_absent_parts_are_left_out(plain: Report) -> None:
    text = written(plain)
    for absent in (
        "Over time",
        "econstructed",
        "expected",
        "Would raise",
        "Gained most",
        "g-index",
    ):
        assert absent not in text.partition('<h2 id="sources">')[0].partition("</style>")[2], absent


def test_before_anything_was_asked_the_page_says_so() -> None:
    made = World(paper("a", "A", claim=100))
    page = Page(written(build_report(made.store, made.question(day(0), drawn=True))))
    assert "No source has answered yet" in body(page)
    assert page.all("svg") == []
    values = {div.all("dt")[0].text: div.all("b")[0].text for div in page.all("dl")[0].children}
    assert values == {"Papers": "1"}


def test_an_empty_list_is_a_page_too() -> None:
    made = World()
    assert "0" in body(Page(written(build_report(made.store, made.question(day(0), drawn=True)))))


def test_observed_reconstructed_and_expected_are_told_apart(plain: Report) -> None:
    page = Page(written(full(plain)))
    chart = page.all("figure")[2]
    header = [cell.text for cell in chart.all("th") if cell.attributes.get("scope") == "col"]
    assert {"Semantic Scholar, observed", "Semantic Scholar, reconstructed"} <= set(header)
    assert "reconstructed: explains 94 % of 180; 3 undated" in chart.text
    said = "a year, -3.5 against the year before, best month 2025-03 (+21), no. 1 of the list"
    assert said in chart.text
    assert "400+ expected on 2026-09-04 (80 %: 2026-05-27 to later than is foreseen)" in chart.text
    assert "430 expected on 2027-02-05 (80 %: 390 to 480)" in chart.text
    assert "was not observed" in body(page)


def test_a_rise_by_papers_counted_for_the_first_time_is_named(plain: Report) -> None:
    assert "Papers with a count went from 2 to 4" in body(Page(written(full(plain))))


def test_each_source_is_named_and_linked_as_its_terms_ask(page: Page) -> None:
    links = {a.attributes["href"] for a in page.all("ul")[-1].all("a")}
    assert "https://www.semanticscholar.org/?utm_source=api" in links
    assert "https://openalex.org/" in links
    assert "Thank you to arXiv for use of its open access interoperability." in body(page)
    assert "name, a link to it and its logo" in body(page)


def test_moves_are_named_by_title(plain: Report) -> None:
    said = body(Page(written(full(plain))))
    assert "+10 ZOO: Zeroth Order" in said
    assert "no citation in 400 days, then three" in said


def test_a_retraction_is_not_to_be_overlooked(page: Page) -> None:
    assert any(h.text == "Retracted" for h in page.all("h3"))


# --- that it stands alone --------------------------------------------------------


def test_titles_are_only_text(text: str, page: Page) -> None:
    assert page.all("script") == []
    assert page.all("img") == []
    assert "\x1b" not in text
    assert "<script>alert(1)</script>" in body(page)
    assert "{{ 7*7 }}" in body(page)


def test_it_loads_nothing(page: Page) -> None:
    for element in page.everything():
        assert element.name not in {
            "link",
            "script",
            "img",
            "iframe",
            "object",
            "embed",
            "base",
            "form",
        }
        loading = {"src", "srcset", "style", "background", "poster", "data", "action"}
        assert not loading & set(element.attributes)
        assert not any(name.startswith("on") for name in element.attributes)
        if "href" in element.attributes:
            assert element.name == "a"
            assert element.attributes["href"].startswith("https://")
    (style,) = page.all("style")
    assert not re.search(r"url\(|@import|expression", "".join(style.texts))


def test_the_browser_is_told_to_load_nothing_but_the_page_s_own_style(page: Page) -> None:
    (policy,) = [m for m in page.all("meta") if m.attributes.get("http-equiv")]
    said = policy.attributes["content"]
    assert said.startswith("default-src 'none'; style-src 'sha256-")
    (style,) = page.all("style")
    digest = hashlib.sha256("".join(style.texts).encode()).digest()
    assert base64.b64encode(digest).decode() in said
    assert "unsafe" not in said


# --- that everybody can read it --------------------------------------------------


def test_ids_are_unique_and_what_refers_to_them_finds_them(page: Page) -> None:
    ids = [e.attributes["id"] for e in page.everything() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for element in page.everything():
        assert set(element.attributes.get("aria-labelledby", "").split()) <= set(ids)


def test_every_picture_speaks(page: Page) -> None:
    for svg in page.all("svg"):
        assert svg.attributes["role"] == "img"
        assert "aria-labelledby" in svg.attributes or svg.attributes["aria-label"]


def test_every_chart_has_a_table_that_says_the_same(page: Page) -> None:
    figures = page.all("figure")
    assert figures
    for figure in figures:
        (table,) = figure.all("table")
        assert figure.all("figcaption")
        assert figure.all("details")
        assert len(table.all("tr")) > 2


def test_tables_have_captions_and_headers(page: Page) -> None:
    for table in page.all("table"):
        assert table.all("caption")[0].text
        for header in table.all("th"):
            assert header.attributes["scope"] in ("row", "col")
        wide = {len(row.all("th") + row.all("td")) for row in table.all("tr")}
        assert len(wide) == 1


def test_cells_of_the_stacked_table_keep_their_roles_and_say_what_they_are(page: Page) -> None:
    table = next(t for t in page.all("table") if t.has("papers"))
    assert {row.attributes["role"] for row in table.all("tr")} == {"row"}
    headers = [cell.text for cell in table.all("thead")[0].all("th")]
    for row in table.all("tbody")[0].all("tr"):
        assert [cell.attributes["data-label"] for cell in row.all("td")] == headers[1:]


def test_headings_leave_no_level_out(page: Page) -> None:
    levels = [int(e.name[1]) for e in in_order(page.root) if re.fullmatch(r"h[1-6]", e.name)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def in_order(element: Element) -> list[Element]:
    found = [element]
    for child in element.children:
        found += in_order(child)
    return found


def test_the_language_and_the_width_of_a_phone_are_set(page: Page) -> None:
    (html,) = page.all("html")
    assert html.attributes["lang"] == "en"
    names = {m.attributes.get("name"): m.attributes.get("content") for m in page.all("meta")}
    assert names["viewport"] == "width=device-width, initial-scale=1"
    assert names["color-scheme"] == "light dark"


# --- size ------------------------------------------------------------------------


def test_a_thousand_papers_stay_a_page(plain: Report) -> None:
    """Five years of weekly readings at three sources: less than 10 kB a paper, table included."""
    times = tuple(NOW - n * 7 * DAY for n in range(260, 0, -1))
    lines = tuple(
        Line(source=source, times=times, counts=tuple(range(n, n + 260)), until=NOW)
        for n, source in enumerate(("semantic_scholar", "openalex", "crossref"))
    )
    one: ReportedPaper = replace(plain.papers[0], lines=lines, same_as=None)
    many = replace(plain, papers=tuple(replace(one, key=f"k-{n}") for n in range(1000)))
    assert len(written(many)) < 10_000_000
