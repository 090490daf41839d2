"""The stand-in's arXiv query API, by its documents."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import httpx
import pytest
from sandbox_bench import Bench

from citewatch.sandbox import World, event

ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"
ZOO = "1708.03999"


def parsed(answer: httpx.Response) -> ET.Element:
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return ET.fromstring(answer.content)  # noqa: S314 - our own server's


def entries(answer: httpx.Response) -> list[ET.Element]:
    return parsed(answer).findall(ATOM + "entry")


def ids(answer: httpx.Response) -> list[str]:
    return [entry.findtext(ATOM + "id", "") for entry in entries(answer)]


def total(answer: httpx.Response) -> int:
    return int(parsed(answer).findtext(SEARCH + "totalResults", ""))


def test_an_entry_is_named_by_an_http_address_with_its_version(bench: Bench) -> None:
    assert ids(bench.arxiv(id_list=ZOO)) == [f"http://arxiv.org/abs/{ZOO}v2"]


def test_the_feed_echoes_the_question_and_the_time_of_asking(bench: Bench) -> None:
    feed = parsed(bench.arxiv(id_list=ZOO))
    title = feed.findtext(ATOM + "title")
    assert title == f"arXiv Query: search_query=&id_list={ZOO}&start=0&max_results=10"
    assert feed.findtext(ATOM + "updated") == "2024-11-22T01:00:00Z"
    name = feed.findtext(ATOM + "id", "").removeprefix("https://arxiv.org/api/")
    assert len(name) == 27


def test_ten_results_come_when_nothing_is_said(bench: Bench, living_world: World) -> None:
    asked = [paper.arxiv for paper in living_world.listed if paper.arxiv][:20]
    answer = bench.arxiv(id_list=",".join(asked))
    assert (len(ids(answer)), total(answer)) == (10, 20)
    assert len(ids(bench.arxiv(id_list=",".join(asked), max_results=20))) == 20


def test_pages_together_give_everything_once(bench: Bench, living_world: World) -> None:
    asked = [paper.arxiv for paper in living_world.listed if paper.arxiv][:20]
    seen = [
        name
        for start in (0, 8, 16)
        for name in ids(bench.arxiv(id_list=",".join(asked), start=start, max_results=8))
    ]
    assert len(seen) == len(set(seen)) == 20


def test_entries_do_not_come_in_the_order_asked(bench: Bench, living_world: World) -> None:
    asked = [paper.arxiv for paper in living_world.listed if paper.arxiv][:20]
    got = ids(bench.arxiv(id_list=",".join(asked), max_results=20))
    names = [name.removeprefix("http://arxiv.org/abs/").split("v")[0] for name in got]
    assert sorted(names) == sorted(asked)
    assert names not in (asked, asked[::-1])


def test_an_unknown_id_is_silently_absent(bench: Bench) -> None:
    answer = bench.arxiv(id_list=f"{ZOO},0000.0000")
    assert (answer.status_code, total(answer)) == (200, 1)


@pytest.mark.parametrize("text", ["arXiv:1708.03999", " 1708.03999", "1708.03999V2", "0808.05394"])
def test_ids_that_only_look_right_pass_the_check_and_find_nothing(bench: Bench, text: str) -> None:
    answer = bench.arxiv(id_list=text)
    assert (answer.status_code, total(answer)) == (200, 0)


def test_two_versions_of_one_paper_are_two_entries(bench: Bench) -> None:
    got = ids(bench.arxiv(id_list=f"{ZOO}v1,{ZOO}v2,{ZOO}v9"))
    assert sorted(got) == [f"http://arxiv.org/abs/{ZOO}v1", f"http://arxiv.org/abs/{ZOO}v2"]


def test_one_malformed_id_fails_the_whole_request(bench: Bench) -> None:
    answer = bench.arxiv(id_list=f"{ZOO},abc")
    assert answer.status_code == 400
    (entry,) = entries(answer)
    link = "https://arxiv.org/api/errors#incorrect_id_format_for_abc"
    assert entry.findtext(ATOM + "id") == link
    assert entry.findtext(ATOM + "title") == "Error"
    assert entry.findtext(ATOM + "summary") == "incorrect id format for abc"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "arXiv api core"
    assert total(answer) == 1
    assert parsed(answer).findtext(ATOM + "id") == "https://arxiv.org/"


@pytest.mark.parametrize(
    ("params", "status", "fragment"),
    [
        ({"start": "x"}, 400, "#start_must_be_an_integer"),
        ({"start": "-1"}, 400, "#start_must_be_non-negative"),
        ({"max_results": "x"}, 400, "#max_results_must_be_an_integer"),
        ({"max_results": "-1"}, 400, "#max_results_must_be_non-negative"),
        ({"max_results": "0"}, 500, ""),
        ({"start": "9950", "max_results": "100"}, 500, ""),
        ({"sortBy": "beauty"}, 400, ""),
        ({"sortOrder": "sideways"}, 400, ""),
    ],
)
def test_bad_parameters_give_an_error_feed(
    bench: Bench, params: dict[str, str], status: int, fragment: str
) -> None:
    answer = bench.arxiv(id_list=ZOO, **params)
    assert answer.status_code == status
    assert ids(answer) == [f"https://arxiv.org/api/errors{fragment}"]


def test_asking_nothing_is_an_error_feed(bench: Bench) -> None:
    answer = bench.arxiv()
    assert answer.status_code == 400
    summary = entries(answer)[0].findtext(ATOM + "summary")
    assert summary == "Either a search_query or id_list must be specified for the classic API."


def test_a_whole_window_in_one_page_is_a_503(bench: Bench) -> None:
    assert bench.arxiv(id_list=ZOO, max_results=10_000).status_code == 503


def test_a_request_line_over_4094_bytes_is_a_400_in_html(bench: Bench) -> None:
    answer = bench.arxiv(id_list=",".join([ZOO] * 400))
    assert answer.status_code == 400
    assert "Request Line is too large" in answer.text
    assert "html" in answer.headers["content-type"]


def test_a_form_may_be_posted_with_a_long_id_list(bench: Bench) -> None:
    form = {"id_list": ",".join([ZOO, "2003.08938"] * 300), "max_results": "100"}
    assert total(bench.post("arxiv", "/api/query", data=form)) == 2


def test_a_title_phrase_finds_the_paper(bench: Bench) -> None:
    answer = bench.arxiv(search_query='ti:"Robustness Verification for Transformers"')
    assert ids(answer) == ["http://arxiv.org/abs/2002.06622v2"]


def test_a_title_phrase_and_an_author_both_have_to_match(bench: Bench) -> None:
    phrase = 'ti:"Robustness Verification of Tree"'
    assert total(bench.arxiv(search_query=phrase)) == 2
    assert total(bench.arxiv(search_query=f'{phrase} AND au:"Si Si"')) == 1
    assert total(bench.arxiv(search_query=f"{phrase} ANDNOT au:Keerthi")) == 2
    assert total(bench.arxiv(search_query=f"{phrase} OR id:{ZOO}")) == 3


def test_an_id_list_filters_a_query(bench: Bench) -> None:
    answer = bench.arxiv(search_query="au:Zhang", id_list=f"{ZOO},2106.09731")
    assert ids(answer) == [f"http://arxiv.org/abs/{ZOO}v2"]


def test_a_bare_archive_matches_nothing_but_a_star_does(bench: Bench) -> None:
    assert total(bench.arxiv(search_query="cat:cs")) == 0
    assert total(bench.arxiv(search_query="cat:cs.*")) > 40


@pytest.mark.parametrize("query", ['ti:"open', "(au:Zhang", "colour:red"])
def test_a_query_out_of_the_language_is_a_400(bench: Bench, query: str) -> None:
    answer = bench.arxiv(search_query=query)
    assert answer.status_code == 400
    assert entries(answer)[0].findtext(ATOM + "summary") == f"Invalid query string: '{query}'"


def test_names_and_summaries_can_begin_with_blanks(bench: Bench) -> None:
    (entry,) = entries(bench.arxiv(id_list="2103.06624"))
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == " Shiqi Wang"
    assert entry.findtext(ATOM + "summary", "").startswith("  ")


def test_a_paper_can_have_two_dois_each_with_its_link(bench: Bench) -> None:
    (entry,) = entries(bench.arxiv(id_list="1712.02051"))
    assert [doi.text for doi in entry.findall(ARXIV + "doi")] == [
        "10.18653/v1/P18-1241",
        "10.5555/made.up.38",
    ]
    links = [
        link.get("href") for link in entry.findall(ATOM + "link") if link.get("title") == "doi"
    ]
    assert links == ["https://doi.org/10.18653/v1/P18-1241", "https://doi.org/10.5555/made.up.38"]


def test_a_title_at_the_source_can_be_spelt_in_latex(bench: Bench) -> None:
    (entry,) = entries(bench.arxiv(id_list="2008.08755"))
    assert entry.findtext(ATOM + "title", "").startswith("On $\\ell_p$-norm Robustness")


def test_a_second_request_within_three_seconds_is_refused_in_plain_text(strict: Bench) -> None:
    assert strict.arxiv(id_list=ZOO).status_code == 200
    strict.now += 2.5
    answer = strict.arxiv(id_list=ZOO)
    assert (answer.status_code, answer.text) == (429, "Rate exceeded.")
    assert "retry-after" not in answer.headers


def test_hammering_never_gets_through(strict: Bench) -> None:
    statuses = []
    for _ in range(5):
        statuses.append(strict.arxiv(id_list=ZOO).status_code)
        strict.now += 2
    assert statuses == [200, 429, 429, 429, 429]
    strict.now += 3
    assert strict.arxiv(id_list=ZOO).status_code == 200


def test_for_a_week_everything_is_refused(bench: Bench) -> None:
    week = event("arxiv_throttled")
    statuses = []
    for day in (week.first_day - 1, week.first_day, week.last_day, week.last_day + 1):
        bench.to_day(day)
        statuses.append(bench.arxiv(id_list=ZOO).status_code)
    assert statuses == [200, 429, 429, 200]


def test_a_new_version_moves_the_id_and_the_date(bench: Bench) -> None:
    bench.to_day(event("arxiv_v2").first_day - 1)
    (before,) = entries(bench.arxiv(id_list="2101.08452"))
    bench.to_day(event("arxiv_v2").first_day)
    (after,) = entries(bench.arxiv(id_list="2101.08452"))
    assert before.findtext(ATOM + "id", "").endswith("v1")
    assert after.findtext(ATOM + "id", "").endswith("v2")
    assert before.findtext(ATOM + "published") == after.findtext(ATOM + "published")
    assert after.findtext(ATOM + "updated", "").startswith("2024-12-27")


def test_a_journal_reference_and_a_doi_appear_without_a_new_version(bench: Bench) -> None:
    bench.to_day(event("arxiv_journal").first_day - 1)
    (before,) = entries(bench.arxiv(id_list="2008.08755"))
    bench.to_day(event("arxiv_journal").first_day)
    (after,) = entries(bench.arxiv(id_list="2008.08755"))
    assert before.findtext(ARXIV + "journal_ref") is None
    assert after.findtext(ARXIV + "journal_ref")
    assert after.findtext(ARXIV + "doi")
    assert before.findtext(ATOM + "id") == after.findtext(ATOM + "id")
    assert before.findtext(ATOM + "updated") == after.findtext(ATOM + "updated")


def test_a_comment_comes_to_speak_of_acceptance(bench: Bench) -> None:
    bench.to_day(event("arxiv_comment").first_day)
    (entry,) = entries(bench.arxiv(id_list="1906.03849"))
    assert "Accepted at" in entry.findtext(ARXIV + "comment", "")


def test_a_paper_is_retitled_by_a_new_version_and_keeps_its_old_ones(bench: Bench) -> None:
    bench.to_day(event("arxiv_retitled").first_day)
    old, new = sorted(
        entries(bench.arxiv(id_list="1903.12561v1,1903.12561")),
        key=lambda entry: entry.findtext(ATOM + "id", ""),
    )
    assert old.findtext(ATOM + "title", "").startswith("Second Rethinking")
    assert new.findtext(ATOM + "title", "").startswith("Adversarial Robustness vs")
    assert new.findtext(ATOM + "id", "").endswith("v3")


def test_a_withdrawal_is_only_a_version_with_a_comment(bench: Bench) -> None:
    bench.to_day(event("arxiv_withdrawn").first_day)
    (entry,) = entries(bench.arxiv(id_list="1712.07716"))
    assert entry.findtext(ATOM + "id", "").endswith("v2")
    assert "withdrawn" in entry.findtext(ARXIV + "comment", "")


def test_a_search_knows_only_the_current_title(bench: Bench) -> None:
    totals = []
    for day in (event("arxiv_retitled").first_day - 1, event("arxiv_retitled").first_day):
        bench.to_day(day)
        old = bench.arxiv(search_query='ti:"Second Rethinking of Network Pruning"')
        new = bench.arxiv(search_query='ti:"Adversarial Robustness vs Model Compression"')
        totals.append((total(old), total(new)))
    assert totals == [(1, 0), (0, 1)]
