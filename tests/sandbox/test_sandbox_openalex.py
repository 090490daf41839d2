"""The stand-in's OpenAlex, by its documents: look-ups, lists, credits, errors, merges."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sandbox_asking import DAY_S, Asker, error, header, request

from citewatch.sandbox import DEFAULT_START, World, event, synthetic_world
from citewatch.sandbox.miscounts import COUNT_FAULTS
from citewatch.sandbox.openalex import OPENALEX_FAULTS, OpenAlex
from citewatch.sandbox.openalex_rows import FIELDS
from citewatch.sandbox.openalex_works import Works, arxiv_doi

CAPTION = "10.18653/v1/p18-1241"
"""Paper 38."""
RANDOM_SELF = "10.1007/978-3-030-01234-2_23"
"""Paper 40."""
TWICE = "10.1007/978-3-030-01258-8_39"
"""Paper 39: the DOI is on two works."""
HIDDEN = "10.48550/arxiv.1906.03849"
"""Paper 24: an xpac work."""
ATTACK = "10.48550/arxiv.1808.01664"
"""Paper 29, a preprint."""
COLLISION = "10.1109/icdm.2016.0074"
"""Paper 45, which is retracted later on."""
ZOO, ZOO_PREPRINT = "10.1145/3128572.3140448", "10.48550/arxiv.1708.03999"
RECURJAC, RECURJAC_PREPRINT = "10.1609/aaai.v33i01.33015757", "10.48550/arxiv.1810.11783"
REDIRECTED = "10.48550/arxiv.1906.06316"
"""Paper 21."""
NO_WORK = "10.5555/nobody.knows"
SELECT = "id,doi,cited_by_count"


@pytest.fixture
def openalex(living_world: World) -> Asker:
    """The service without limits, an hour after the start."""
    return Asker(OpenAlex(living_world, limits=False), DEFAULT_START + 3_600)


@pytest.fixture
def strict(living_world: World) -> Asker:
    """The service with limits."""
    return Asker(OpenAlex(living_world), DEFAULT_START + 3_600)


def to_day(asker: Asker, day: int) -> None:
    asker.now = DEFAULT_START + day * DAY_S + 3_600


def work(asker: Asker, doi: str, **query: object) -> Any:
    return asker.json(f"/works/doi:{doi}", **query)


def listed(asker: Asker, *dois: str, **query: object) -> list[Any]:
    query = {"filter": "doi:" + "|".join(dois), "per_page": 100, **query}
    return list(asker.json("/works", **query)["results"])


def number(row: Any) -> str:
    return str(row["id"]).rpartition("/")[2]


# Single works


def test_every_form_of_an_id_finds_the_same_work(openalex: Asker) -> None:
    first = work(openalex, CAPTION)
    forms = (
        f"doi:{CAPTION.upper()}",
        f"doi:{quote(CAPTION, safe='')}",
        f"https://doi.org/{CAPTION}",
        number(first),
        number(first).lower(),
        number(first)[1:],
        f"openalex:{number(first)}",
        first["id"],
        f"mag:{first['ids']['mag']}",
    )
    assert {openalex.json(f"/works/{form}")["id"] for form in forms} == {first["id"]}


def test_a_pmid_finds_the_paper_of_the_other_field(openalex: Asker) -> None:
    ids = work(openalex, "10.5555/mil.2016.0447")["ids"]
    pmid = ids["pmid"].rpartition("/")[2]
    assert openalex.json(f"/works/pmid:{pmid}")["ids"] == ids


@pytest.mark.parametrize("name", [f"doi:{NO_WORK}", "W1", "mag:1", "pmid:1", "nonsense", "x:y"])
def test_an_unknown_work_is_a_404_in_html(openalex: Asker, name: str) -> None:
    answer = openalex.get(f"/works/{name}")
    assert answer.status == 404
    assert answer.content_type.startswith("text/html")
    assert answer.body.startswith(b"<!doctype html>")


def test_what_is_no_route_is_a_404_too(openalex: Asker) -> None:
    assert openalex.get("/nothing").status == openalex.get("/").status == 404


def test_a_work_has_no_arxiv_id_but_a_location_on_arxiv(openalex: Asker) -> None:
    row = work(openalex, CAPTION)
    assert set(row["ids"]) == {"openalex", "doi", "mag"}
    pages = [place["landing_page_url"] for place in row["locations"]]
    assert pages[0] == row["primary_location"]["landing_page_url"] == f"https://doi.org/{CAPTION}"
    assert pages[1].removeprefix("https").removeprefix("http") == "://arxiv.org/abs/1712.02051"


def test_arxiv_pages_come_with_and_without_the_s_of_https(living_world: World) -> None:
    works = Works(living_world).everything(living_world.start)
    pages = [page for work in works for page in work.pages if "arxiv.org/" in page]
    schemes = [page.partition(":")[0] for page in pages]
    assert schemes.count("http") > 5
    assert schemes.count("https") > 10


def test_numbers_are_unique_also_where_a_record_has_several_works(living_world: World) -> None:
    for day in (0, 299, 301):
        works = Works(living_world).everything(living_world.start + day * DAY_S)
        assert len({work.number for work in works}) == len(works) > 60


def test_select_takes_root_fields_and_nothing_else(openalex: Asker) -> None:
    assert set(work(openalex, CAPTION, select="id,cited_by_count")) == {"id", "cited_by_count"}
    for wrong in ("ids.doi", "grants", "host_venue", "id,nothing"):
        answer = openalex.get(f"/works/doi:{CAPTION}", select=wrong)
        assert answer.status == 400
        assert error(answer)["error"] == "Invalid query parameters error."
        assert wrong.split(",")[-1] in error(answer)["message"]


def test_the_whole_work_has_every_field_that_select_knows(openalex: Asker) -> None:
    assert set(work(openalex, CAPTION)) == set(FIELDS) - {"relevance_score"}


def test_years_do_not_add_up_leave_out_zeros_and_have_no_order(openalex: Asker) -> None:
    to_day(openalex, 500)
    rows = [work(openalex, doi) for doi in (CAPTION, ATTACK, ZOO, TWICE, RANDOM_SELF)]
    orders = set()
    for row in rows:
        years = [entry["year"] for entry in row["counts_by_year"]]
        assert 0 not in [entry["cited_by_count"] for entry in row["counts_by_year"]]
        total = sum(entry["cited_by_count"] for entry in row["counts_by_year"])
        assert 0.8 * row["cited_by_count"] <= total < row["cited_by_count"]
        assert len(set(years)) == len(years)
        orders.add((years == sorted(years), years == sorted(years, reverse=True)))
    assert len(orders) > 1


def test_a_past_year_of_citing_never_shrinks(openalex: Asker) -> None:
    before: dict[int, int] = {}
    for day in range(0, 800, 20):
        to_day(openalex, day)
        now = {e["year"]: e["cited_by_count"] for e in work(openalex, ZOO)["counts_by_year"]}
        assert all(now[year] >= count for year, count in before.items())
        before = now


# Counts


def test_counts_are_lower_than_at_semantic_scholar_and_grow(
    openalex: Asker, living_world: World
) -> None:
    record = living_world.record("doi", CAPTION, DEFAULT_START)
    assert record is not None
    series = []
    for day in range(0, 720, 5):
        to_day(openalex, day)
        series.append(work(openalex, CAPTION, select="cited_by_count")["cited_by_count"])
    assert 0.5 * record.count < series[0] < 0.7 * record.count
    assert series == sorted(series)
    assert series[-1] > series[0]


def test_the_scheduled_dip_goes_below_a_threshold_and_comes_back(openalex: Asker) -> None:
    dip = event("openalex_dip")
    days = (dip.first_day - 1, dip.first_day, dip.last_day, (dip.last_day or 0) + 1)
    counts, dates = [], []
    for day in days:
        to_day(openalex, day or 0)
        row = work(openalex, ATTACK)
        counts.append(row["cited_by_count"])
        dates.append(row["updated_date"])
    assert counts[0] >= 100 > counts[1] == counts[2]
    assert counts[3] >= counts[0]
    assert dates[0] < dates[1] == dates[2] < dates[3]


def test_the_updated_date_moves_exactly_when_the_count_does(openalex: Asker) -> None:
    seen = []
    for day in range(60):
        to_day(openalex, day)
        row = work(openalex, ZOO, select="cited_by_count,updated_date")
        seen.append((row["cited_by_count"], row["updated_date"]))
    pairs = set(seen)
    assert len({count for count, _ in pairs}) == len({date for _, date in pairs}) == len(pairs) > 5


def test_the_same_question_at_the_same_time_has_the_same_answer(living_world: World) -> None:
    once, again = OpenAlex(living_world), OpenAlex(World())
    for day in (400, 3):
        asked = request(f"/works/doi:{ZOO}")
        now = DEFAULT_START + day * DAY_S
        assert once.answer(asked, now).body == again.answer(asked, now).body


# Lists


def test_a_list_leaves_out_the_unknown_and_keeps_no_order(openalex: Asker) -> None:
    asked = (CAPTION, NO_WORK, RANDOM_SELF, ATTACK, COLLISION, ZOO)
    rows = listed(openalex, *asked)
    dois = [row["doi"].removeprefix("https://doi.org/") for row in rows]
    assert set(dois) == set(asked) - {NO_WORK}
    assert dois != [doi for doi in asked if doi in dois]
    assert rows == listed(openalex, *reversed(asked))


def test_a_list_takes_dois_in_any_case_and_as_urls(openalex: Asker) -> None:
    asked = (CAPTION.upper(), f"https://doi.org/{RANDOM_SELF}", CAPTION)
    assert len(listed(openalex, *asked)) == 2


def test_a_list_in_which_nothing_is_known_is_empty(openalex: Asker) -> None:
    answer = openalex.json("/works", filter=f"doi:{NO_WORK}")
    assert (answer["meta"]["count"], answer["results"], answer["group_by"]) == (0, [], [])


def test_a_hundred_values_are_taken_and_one_more_is_not(openalex: Asker) -> None:
    many = [f"10.5555/made.up.{n}" for n in range(100)]
    assert openalex.get("/works", filter="doi:" + "|".join(many)).ids == 100
    answer = openalex.get("/works", filter="doi:" + "|".join((*many, NO_WORK)))
    assert answer.status == 400
    assert error(answer)["message"].startswith("Maximum number of values exceeded")


def test_a_list_by_number_takes_short_and_long_ids(openalex: Asker) -> None:
    one, two = work(openalex, CAPTION), work(openalex, ZOO)
    asked = f"openalex:{number(one)}|{two['id']}|W1"
    rows = openalex.json("/works", filter=asked)["results"]
    assert {row["id"] for row in rows} == {one["id"], two["id"]}


def test_a_landing_page_is_found_as_it_is_spelt_and_no_other_way(openalex: Asker) -> None:
    both = "|".join(f"{scheme}://arxiv.org/abs/2002.06622" for scheme in ("https", "http"))
    (row,) = openalex.json("/works", filter=f"locations.landing_page_url:{both}")["results"]
    assert row["doi"] is None
    page = row["locations"][0]["landing_page_url"]
    for spelling in (page, page + "v1"):
        answer = openalex.json("/works", filter=f"locations.landing_page_url:{spelling}")
        assert answer["meta"]["count"] == (spelling == page)


def test_a_work_may_have_an_arxiv_page_and_no_arxiv_doi(openalex: Asker) -> None:
    for arxiv in ("2002.06622", "1712.02051"):
        assert openalex.get(f"/works/doi:10.48550/arxiv.{arxiv}").status == 404
        pages = "|".join(f"{scheme}://arxiv.org/abs/{arxiv}" for scheme in ("https", "http"))
        found = openalex.json("/works", filter=f"locations.landing_page_url:{pages}")
        assert found["meta"]["count"] == 1


def test_a_hidden_work_answers_alone_but_not_in_lists_or_searches(openalex: Asker) -> None:
    row = work(openalex, HIDDEN)
    assert row["is_xpac"] is True
    title = row["title"]
    assert listed(openalex, HIDDEN) == []
    searched = openalex.json("/works", filter=f"title.search:{title}")["results"]
    assert row["id"] not in [found["id"] for found in searched]
    completed = openalex.json("/autocomplete/works", q=title)["results"]
    assert row["id"] not in [found["id"] for found in completed]
    for more in ({"corpus": "all"}, {"include_xpac": "true"}):
        assert [found["id"] for found in listed(openalex, HIDDEN, **more)] == [row["id"]]


def test_a_doi_may_be_on_two_works(openalex: Asker) -> None:
    rows = listed(openalex, TWICE)
    assert len({row["id"] for row in rows}) == len(rows) == 2
    best = max(rows, key=lambda row: row["cited_by_count"])
    assert work(openalex, TWICE)["id"] == best["id"]


def test_preprint_and_published_version_may_be_two_works_with_split_counts(
    openalex: Asker,
) -> None:
    published, preprint = work(openalex, ZOO), work(openalex, ZOO_PREPRINT)
    assert published["id"] != preprint["id"]
    assert (published["type"], preprint["type"]) == ("article", "preprint")
    assert published["cited_by_count"] > preprint["cited_by_count"] > 100


def test_two_records_of_semantic_scholar_may_be_one_work(openalex: Asker) -> None:
    row = work(openalex, "10.18653/v1/2020.findings-emnlp.7")
    assert len(row["locations"]) == 2
    assert openalex.get("/works/doi:10.48550/arxiv.1911.03064").status == 404


def test_filters_are_joined_by_and(openalex: Asker) -> None:
    both = f"doi:{ZOO}|{ZOO_PREPRINT}"
    assert openalex.json("/works", filter=both)["meta"]["count"] == 2
    assert openalex.json("/works", filter=f"{both},type:preprint")["meta"]["count"] == 1
    assert openalex.json("/works", filter=f"{both},doi:{CAPTION}")["meta"]["count"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "doi:10.1/a,b"},
        {"filter": "nothing:1"},
        {"filter": "title.search:Attacks, and Defences"},
        {"limit": "5"},
        {"per_page": "201"},
        {"per_page": "0"},
        {"per_page": "many"},
        {"page": "0"},
        {"page": "101", "per_page": "100"},
        {"cursor": "made-up", "api_key": "good-one"},
        {"cursor": "*", "page": "2"},
        {"sort": "nothing"},
    ],
)
def test_a_question_that_is_wrong_is_a_400_with_a_message(
    openalex: Asker, query: dict[str, str]
) -> None:
    answer = openalex.get("/works", **query)
    assert answer.status == 400
    assert error(answer)["error"] == "Invalid query parameters error."
    assert error(answer)["message"]


def test_a_bar_in_a_title_asks_for_either_half(openalex: Asker) -> None:
    wide = openalex.json("/works", filter="title.search:Transformers|Recursive Algorithm")
    assert wide["meta"]["count"] >= 2


def test_a_line_beyond_the_edge_of_8190_bytes_is_refused(openalex: Asker) -> None:
    path = "/works?filter=doi:" + "x" * 8_159
    assert openalex.service.answer(request(path), openalex.now).status == 200
    answer = openalex.service.answer(request(path + "x"), openalex.now)
    assert answer.status == 400
    assert answer.content_type.startswith("text/html")


def test_pages_and_cursors_walk_through_the_same_list(openalex: Asker) -> None:
    total = openalex.json("/works")["meta"]["count"]
    pages = [openalex.json("/works", page=n)["results"] for n in range(1, total // 25 + 3)]
    assert [len(page) for page in pages[-2:]] == [total % 25, 0]
    by_page = [row["id"] for page in pages for row in page]
    by_cursor: list[str] = []
    cursor = "*"
    while cursor:
        answer = openalex.json("/works", **{"per-page": 7, "cursor": cursor, "api_key": "good-one"})
        by_cursor += [row["id"] for row in answer["results"]]
        assert answer["meta"]["page"] is None
        cursor = answer["meta"]["next_cursor"]
    assert by_page == by_cursor
    assert len(set(by_page)) == len(by_page) == total > 60


def test_the_envelope_says_what_it_cost(openalex: Asker) -> None:
    meta = openalex.json("/works", filter=f"doi:{CAPTION}", per_page=200)["meta"]
    assert (meta["count"], meta["page"], meta["per_page"]) == (1, 1, 200)
    assert meta["cost_usd"] == pytest.approx(0.0001)
    assert set(meta["x_query"]) == {"oql", "oqo", "url"}
    assert "next_cursor" not in meta


# Searches


def test_a_title_search_wants_every_word_and_puts_the_best_first(openalex: Asker) -> None:
    title = "Robustness Verification of Tree-based Models"
    rows = openalex.json("/works", filter=f"title.search:{title}", corpus="all")["results"]
    assert [row["title"] for row in rows] == [title, f"{title} II: Boosted Ensembles"]
    scores = [row["relevance_score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert openalex.json("/works", search=title, corpus="all")["results"] == rows
    nothing = openalex.json("/works", filter=f"title.search:{title} of Quokkas")
    assert nothing["results"] == []


def test_a_list_without_a_search_has_no_scores(openalex: Asker) -> None:
    assert "relevance_score" not in listed(openalex, CAPTION)[0]


def test_autocomplete_gives_at_most_ten_short_rows(openalex: Asker) -> None:
    answer = openalex.json("/autocomplete/works", q="Robustness")
    assert 5 <= len(answer["results"]) <= 10
    assert set(answer["results"][0]) >= {
        "id",
        "display_name",
        "hint",
        "cited_by_count",
        "external_id",
    }
    assert openalex.get("/autocomplete/works").status == 400


# Keys and credits


@pytest.mark.parametrize("path", ["/works", f"/works/doi:{CAPTION}", "/rate-limit"])
@pytest.mark.parametrize("key", ["", " ", "wrong"])
def test_a_blank_or_unknown_key_is_401_also_on_free_paths(
    openalex: Asker, path: str, key: str
) -> None:
    headers = ({"authorization": f"Bearer {key}"}, {"api-key": key}, {"authorization": "Basic x"})
    answers = [openalex.get(path, api_key=key)]
    answers += [openalex.as_client(each, path) for each in headers]
    assert {answer.status for answer in answers} == {401}
    assert error(answers[0])["error"] == "Invalid or missing API key"


def test_a_key_counts_by_query_and_by_either_header(strict: Asker) -> None:
    strict.get("/works", api_key="good-one")
    strict.as_client({"authorization": "Bearer good-one"}, "/works")
    strict.as_client({"authorization": "bearer good-one"}, "/works")
    answer = strict.as_client({"api-key": "good-one"}, "/works")
    assert header(answer, "X-RateLimit-Remaining") == "9996"
    assert header(strict.get("/works"), "X-RateLimit-Remaining") == "999"


@pytest.mark.parametrize(
    ("path", "query", "cost"),
    [
        (f"/works/doi:{CAPTION}", {}, 0),
        (f"/works/doi:{NO_WORK}", {}, 0),
        ("/works/W1", {}, 0),
        ("/works/1", {}, 0),
        (f"/works/https://doi.org/{CAPTION}", {}, 1),
        ("/works", {"filter": f"doi:{CAPTION}"}, 1),
        ("/works", {}, 1),
        ("/works", {"filter": "title.search:Robustness"}, 10),
        ("/works", {"search": "Robustness"}, 10),
        ("/works", {"search.title": "Robustness"}, 10),
        ("/autocomplete/works", {"q": "Robustness"}, 0),
    ],
)
def test_what_a_request_costs(strict: Asker, path: str, query: dict[str, str], cost: int) -> None:
    answer = strict.get(path, **query)
    assert header(answer, "X-RateLimit-Credits-Used") == str(cost)
    assert header(answer, "X-RateLimit-Remaining") == str(1_000 - cost)
    assert header(answer, "X-RateLimit-Cost-USD") == str(cost / 10_000)
    assert header(answer, "X-RateLimit-Limit-USD") == "0.1"


def test_the_reset_is_in_seconds_to_midnight(strict: Asker) -> None:
    strict.now = DEFAULT_START + DAY_S - 90.5
    assert header(strict.get("/works"), "X-RateLimit-Reset") == "91"


def test_rate_limit_reports_the_budget_of_a_key_and_wants_one(strict: Asker) -> None:
    assert strict.get("/rate-limit").status == 401
    strict.get("/works", api_key="good")
    limit = strict.json("/rate-limit", api_key="good")["rate_limit"]
    assert limit["daily_budget_usd"] == 1
    assert limit["daily_used_usd"] == pytest.approx(0.0001)
    assert limit["daily_remaining_usd"] == pytest.approx(0.9999)
    assert limit["resets_in_seconds"] == DAY_S - 3_600
    assert limit["resets_at"] == "2024-11-23T00:00:00.000Z"
    assert limit["endpoint_costs_usd"]["singleton"] == 0


def spend(asker: Asker, amount: int) -> None:
    for _ in range(amount // 10):
        asker.now += 1
        assert asker.get("/works", search="x").status == 200


def test_a_spent_budget_stops_lists_until_midnight_but_not_single_works(strict: Asker) -> None:
    spend(strict, 1_000)
    strict.now += 1
    refused = strict.get("/works", filter=f"doi:{CAPTION}")
    assert refused.status == 429
    wait = int(header(refused, "Retry-After") or "")
    assert wait == DAY_S - strict.now % DAY_S > 60_000
    body = error(refused)
    assert body["message"].startswith("Insufficient budget")
    assert (body["creditsRequired"], body["creditsRemaining"]) == (1, 0)
    assert body["retryAfter"] == wait
    assert strict.get(f"/works/doi:{CAPTION}").status == 200
    assert strict.get("/works", api_key="good").status == 200
    strict.now += wait
    assert header(strict.get("/works"), "X-RateLimit-Remaining") == "999"


def test_a_search_that_costs_more_than_is_left_is_refused_where_a_list_is_not(
    strict: Asker,
) -> None:
    spend(strict, 990)
    strict.now += 1
    strict.get("/works")
    assert strict.get("/works", search="x").status == 429
    assert strict.get("/works").status == 200


@pytest.mark.parametrize(("key", "per_second"), [(None, 10), ("good", 30)])
def test_more_than_so_many_a_second_is_another_429_with_a_short_wait(
    strict: Asker, key: str | None, per_second: int
) -> None:
    query = {} if key is None else {"api_key": key}
    path = f"/works/doi:{CAPTION}"
    assert {strict.get(path, **query).status for _ in range(per_second)} == {200}
    refused = strict.get(path, **query)
    assert refused.status == 429
    assert f"{per_second} requests per second" in error(refused)["message"]
    assert int(header(refused, "Retry-After") or "") == 1
    strict.now += 1
    assert strict.get(path, **query).status == 200


@pytest.mark.parametrize(
    "query",
    [
        {"filter": "from_created_date:2024-01-01"},
        {"filter": "to_updated_date:2024-01-01,type:article"},
        {"sort": "from_updated_date"},
    ],
)
def test_dates_of_change_need_a_plan_also_without_limits(
    openalex: Asker, query: dict[str, str]
) -> None:
    answer = openalex.get("/works", **query)
    assert answer.status == 429
    assert error(answer)["error"] == "Plan upgrade required"
    assert header(answer, "Retry-After") is None


def test_without_limits_nobody_is_refused(openalex: Asker) -> None:
    assert {openalex.get("/works", search="x").status for _ in range(120)} == {200}


def test_a_mailto_is_taken_and_means_nothing(strict: Asker) -> None:
    answer = strict.get("/works", mailto="someone@example.org")
    assert header(answer, "X-RateLimit-Limit") == "1000"


# Faults


def test_a_search_is_shed_with_429_for_the_anonymous_and_503_for_others(openalex: Asker) -> None:
    answer = openalex.get("/works", "search-shed", search="x")
    assert (answer.status, error(answer)["error"][:16]) == (429, "Anonymous search")
    answer = openalex.get("/works", "search-shed", search="x", api_key="good")
    assert (answer.status, error(answer)["error"]) == (503, "Search temporarily unavailable")
    assert openalex.get("/works", "search-shed").status == 200


def test_a_list_that_times_out_gives_its_credits_back(openalex: Asker) -> None:
    answer = openalex.get("/works", "query-timeout")
    assert answer.status == 504
    assert error(answer)["reason"] == "query_timeout"
    assert header(answer, "X-RateLimit-Remaining") == "1000"
    assert openalex.get(f"/works/doi:{CAPTION}", "query-timeout").status == 200


def test_each_meaning_of_429_can_be_asked_for(openalex: Asker) -> None:
    bodies = [error(openalex.get("/works", name, search="x")) for name in OPENALEX_FAULTS[1:]]
    assert len({body["error"] + body["message"] for body in bodies}) == 4
    assert openalex.get(f"/works/doi:{CAPTION}", "budget-spent").status == 200


@pytest.mark.parametrize("fault", COUNT_FAULTS)
def test_a_fault_in_the_counts_changes_single_works_and_lists_alike(
    openalex: Asker, fault: str
) -> None:
    path, query = f"/works/doi:{CAPTION}", {"filter": f"doi:{CAPTION}"}
    true = openalex.json(path)
    single = openalex.json(path, fault)
    (row,) = openalex.json("/works", fault, **query)["results"]
    assert single == row != true
    assert single.get("cited_by_count", true) != true["cited_by_count"]
    assert single["id"] == true["id"]


# Merges, retractions


def test_a_merged_work_is_gone_and_the_other_counts_for_both(openalex: Asker) -> None:
    to_day(openalex, event("openalex_merge").first_day - 1)
    preprint, published = work(openalex, RECURJAC_PREPRINT), work(openalex, RECURJAC)
    assert preprint["id"] != published["id"]
    to_day(openalex, event("openalex_merge").first_day)
    assert openalex.get(f"/works/{number(preprint)}").status == 404
    assert openalex.get(f"/works/doi:{RECURJAC_PREPRINT}").status == 404
    after = work(openalex, RECURJAC)
    assert after["id"] == published["id"]
    assert after["cited_by_count"] >= preprint["cited_by_count"] + published["cited_by_count"]
    assert len(after["locations"]) == len(published["locations"]) + 1
    rows = openalex.json("/works", filter=f"openalex:{number(preprint)}|{number(published)}")
    assert [row["id"] for row in rows["results"]] == [published["id"]]


def test_another_merged_work_redirects_and_keeps_the_question(openalex: Asker) -> None:
    to_day(openalex, event("openalex_redirect").first_day - 1)
    old = work(openalex, REDIRECTED)
    to_day(openalex, event("openalex_redirect").first_day)
    new = work(openalex, REDIRECTED)
    assert new["id"] != old["id"]
    assert new["cited_by_count"] > old["cited_by_count"]
    answer = openalex.get(f"/works/{number(old)}", select="id")
    assert answer.status == 301
    assert header(answer, "Location") == f"{number(new)}?select=id"


def test_before_the_redirect_the_paper_has_a_duplicate_without_identifiers(
    openalex: Asker,
) -> None:
    old = work(openalex, REDIRECTED)
    rows = openalex.json("/works", filter=f"title.search:{old['title'].replace(',', '')}")
    assert sorted(row["doi"] or "" for row in rows["results"]) == ["", old["doi"]]


def test_a_work_is_retracted_from_its_day_on(openalex: Asker) -> None:
    day = event("openalex_retracted").first_day
    seen = []
    for each in (day - 1, day, day + 200):
        to_day(openalex, each)
        row = work(openalex, COLLISION)
        seen.append((row["is_retracted"], row["updated_date"]))
    assert [retracted for retracted, _ in seen] == [False, True, True]
    assert seen[0][1] < seen[1][1]


# The official description


def test_every_field_of_the_official_description_is_there_and_of_its_type(
    openalex: Asker, data_dir: Path
) -> None:
    path = data_dir / "specs" / "openalex-openapi.json"
    described = json.loads(path.read_text("utf-8"))["components"]["schemas"]["Work"]["properties"]
    types = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    types |= {"array": list, "object": dict}
    for doi in (CAPTION, ATTACK, HIDDEN, COLLISION):
        row = work(openalex, doi)
        # Only works with full text have the address of it.
        assert set(described) - set(row) == {"content_url"}
        for name, value in row.items():
            kind = described.get(name, {}).get("type")
            assert value is None or kind is None or isinstance(value, types[kind]), name


def test_a_real_answer_has_no_field_of_another_type(openalex: Asker, data_dir: Path) -> None:
    row = work(openalex, CAPTION)
    seen = 0
    for path in sorted((data_dir / "real" / "openalex").glob("*works_https*")):
        real = json.loads(json.loads(path.read_text("utf-8"))["response"]["body_text"])
        for name in set(real) & set(row):
            pair = (real[name], row[name])
            if None not in pair and not any(isinstance(value, float) for value in pair):
                assert type(pair[0]) is type(pair[1]), name
                seen += 1
        assert real["open_access"].keys() == row["open_access"].keys()
    assert seen > 100


# A large world


def test_a_large_world_answers_a_hundred_dois_in_a_few_milliseconds() -> None:
    world = synthetic_world(10_000, preprints=False)
    asker = Asker(OpenAlex(world, limits=False), DEFAULT_START)
    records = world.records[4_000:4_100]
    dois = [record.doi or arxiv_doi(record.arxiv or "") for record in records]
    assert len(listed(asker, *dois, select=SELECT)) == 100
    times = []
    for day in range(5):
        to_day(asker, day)
        began = time.perf_counter()
        rows = listed(asker, *dois, select=SELECT)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.02
    by_doi = {row["doi"].removeprefix("https://doi.org/"): row for row in rows}
    assert set(by_doi) == set(dois)
    for doi, record in zip(dois, records, strict=True):
        count, _ = world.count(record, asker.now)
        assert abs(by_doi[doi]["cited_by_count"] - 0.6 * count) <= 1


def test_counts_of_a_large_world_move_with_the_worlds_own() -> None:
    world = synthetic_world(300, change_share=0.05, preprints=False)
    asker = Asker(OpenAlex(world, limits=False), DEFAULT_START)
    arxiv = [arxiv_doi(record.arxiv or "") for record in world.records if not record.doi][:100]
    series = []
    for day in range(20):
        to_day(asker, day)
        rows = listed(asker, *arxiv, select=SELECT)
        series.append({row["id"]: row["cited_by_count"] for row in rows})
    steps = [sum(day.values()) for day in series]
    assert steps == sorted(steps)
    # Each gains one in twenty days at Semantic Scholar, and six tenths of that are seen here.
    assert 45 <= steps[-1] - steps[0] <= 70
