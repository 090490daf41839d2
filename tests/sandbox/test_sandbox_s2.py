"""The stand-in's Semantic Scholar, by its documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from sandbox_bench import Bench

from citewatch.sandbox import SANDBOX_S2_KEY, World, event

S2 = "semantic_scholar"
ZOO = "ARXIV:1708.03999"
BEYOND = [f"ARXIV:2001.{n:05d}" for n in range(501)]


def test_a_batch_answers_in_the_order_asked_with_null_for_the_unknown(bench: Bench) -> None:
    answer = bench.batch(ZOO, "ARXIV:9912.00001", "ARXIV:2003.08938", fields="externalIds")
    assert answer.status_code == 200
    rows = answer.json()
    assert [row and row["externalIds"]["ArXiv"] for row in rows] == [
        "1708.03999",
        None,
        "2003.08938",
    ]


def test_a_batch_without_fields_gives_paper_id_and_title(bench: Bench) -> None:
    (row,) = bench.batch(ZOO).json()
    assert set(row) == {"paperId", "title"}


def test_the_paper_id_is_always_there(bench: Bench) -> None:
    (row,) = bench.batch(ZOO, fields="citationCount").json()
    assert set(row) == {"paperId", "citationCount"}


def test_fields_in_the_body_mean_nothing(bench: Bench) -> None:
    body = {"ids": [ZOO], "fields": "year"}
    (row,) = bench.post(S2, "/graph/v1/paper/batch", json=body).json()
    assert set(row) == {"paperId", "title"}


def test_an_unknown_field_is_a_400_that_names_it(bench: Bench) -> None:
    answer = bench.batch(ZOO, fields="title,unknown")
    assert answer.status_code == 400
    assert answer.json() == {"error": "Unrecognized or unsupported fields: [unknown]"}


def test_a_batch_in_which_no_id_resolves_is_a_400(bench: Bench) -> None:
    answer = bench.batch("ARXIV:9912.00001", "ARXIV:9912.00002")
    assert (answer.status_code, answer.json()) == (400, {"error": "No valid paper ids given"})


def test_one_empty_id_fails_the_whole_batch(bench: Bench) -> None:
    answer = bench.batch(ZOO, "")
    assert (answer.status_code, answer.json()) == (400, {"error": "No valid paper ids given"})


def test_a_doi_written_as_a_url_fails_the_whole_batch(bench: Bench) -> None:
    answer = bench.batch(ZOO, "https://doi.org/10.1145/3128572.3140448")
    assert (answer.status_code, answer.json()) == (400, {"error": "No valid paper ids given"})


def test_five_hundred_ids_are_taken_and_one_more_is_not(bench: Bench) -> None:
    assert bench.batch(ZOO, *BEYOND[:499]).status_code == 200
    answer = bench.batch(ZOO, *BEYOND[:500])
    assert answer.status_code == 400
    assert "error" in answer.json()


def test_every_form_of_an_id_finds_the_same_paper(bench: Bench, living_world: World) -> None:
    record = living_world.record("arxiv", "1712.02051", bench.now)
    forms = (
        record.sha,
        record.sha.upper(),
        f"CorpusId:{record.corpus}",
        f"corpusid:{record.corpus}",
        "DOI:10.18653/v1/P18-1241",
        "doi:10.18653/V1/p18-1241",
        "10.18653/v1/P18-1241",
        "ARXIV:1712.02051",
        "arXiv:1712.02051",
        "ACL:P18-1241",
        "URL:https://arxiv.org/abs/1712.02051v1",
        f"URL:https://www.semanticscholar.org/paper/{record.sha}",
    )
    assert {row["paperId"] for row in bench.batch(*forms).json()} == {record.sha}


def test_a_versioned_arxiv_id_finds_nothing(bench: Bench) -> None:
    assert bench.batch(ZOO, ZOO + "v2").json()[1] is None
    assert bench.get(S2, f"/graph/v1/paper/{ZOO}v2").status_code == 404


def test_another_sha_of_the_paper_answers_with_the_primary_one(
    bench: Bench, living_world: World
) -> None:
    record = living_world.record("arxiv", "1708.03999", bench.now)
    (row,) = bench.batch(record.more_shas[0]).json()
    assert row["paperId"] == record.sha != record.more_shas[0]


def test_an_arxiv_doi_resolves_for_some_papers_only(bench: Bench) -> None:
    rows = bench.batch("DOI:10.48550/arXiv.2003.08938", "DOI:10.48550/arXiv.2002.12920").json()
    assert [row is not None for row in rows] == [True, False]


def test_an_unknown_paper_is_a_404_that_echoes_the_id_as_sent(bench: Bench) -> None:
    answer = bench.get(S2, "/graph/v1/paper/DOI%3A10.1016%2Fnothing")
    assert answer.status_code == 404
    assert answer.json() == {"error": "Paper with id DOI:10.1016/nothing not found"}


def test_one_paper_is_found_under_a_doi_with_slashes_in_the_path(bench: Bench) -> None:
    answer = bench.get(S2, "/graph/v1/paper/DOI:10.1145/3128572.3140448", params={"fields": "year"})
    assert answer.json()["year"] == 2017


def test_the_corpus_id_is_a_number_in_external_ids(bench: Bench) -> None:
    (row,) = bench.batch(ZOO, fields="externalIds,corpusId").json()
    assert row["externalIds"]["CorpusId"] == row["corpusId"]
    assert isinstance(row["corpusId"], int)


def test_an_abstract_brings_an_unasked_disclaimer(bench: Bench) -> None:
    (row,) = bench.batch(ZOO, fields="abstract").json()
    assert row["abstract"] is None
    assert set(row["openAccessPdf"]) == {"disclaimer"}


def match(bench: Bench, title: str, **params: Any) -> httpx.Response:
    query = {"query": title, **params}
    return bench.get(S2, "/graph/v1/paper/search/match", params=query)


def test_a_title_match_gives_one_record_with_its_score(bench: Bench) -> None:
    answer = match(bench, "Sublinear Time Orthogonal Tensor Decomposition", fields="year")
    (row,) = answer.json()["data"]
    assert row["matchScore"] > 0
    assert (row["title"], row["year"]) == ("Sublinear Time Orthogonal Tensor Decomposition", 2016)


def test_a_title_match_can_be_a_wrong_paper(bench: Bench) -> None:
    asked = "HySIM: Towards a Scalable, Accurate and Fast Simulator for Manycore Processors"
    (row,) = match(bench, asked).json()["data"]
    assert row["title"].endswith("Heterogeneous Memory Systems")


def test_the_same_title_by_other_authors_is_matched_first(bench: Bench) -> None:
    asked = "Gradient Boosted Decision Trees for High Dimensional Sparse Output"
    (row,) = match(bench, asked, fields="authors").json()["data"]
    assert row["authors"][0]["name"] == "Rosalind Okafor"


def test_a_search_lists_both_papers_of_one_title(bench: Bench) -> None:
    query = {"query": "Gradient Boosted Decision Trees for High Dimensional Sparse Output"}
    rows = bench.get(S2, "/graph/v1/paper/search", params=query).json()["data"]
    assert rows[0]["title"] == rows[1]["title"]
    assert rows[0]["paperId"] != rows[1]["paperId"]


def test_an_empty_search_has_no_data_key(bench: Bench) -> None:
    answer = bench.get(S2, "/graph/v1/paper/search", params={"query": "qqqq zzzz"})
    assert answer.json() == {"total": 0, "offset": 0}


def test_a_title_that_nothing_resembles_is_a_404(bench: Bench) -> None:
    answer = match(bench, "qqqq zzzz")
    assert (answer.status_code, answer.json()) == (404, {"error": "Title match not found"})


def test_a_known_key_gets_in_and_another_is_forbidden(bench: Bench) -> None:
    assert bench.batch(ZOO, headers={"x-api-key": SANDBOX_S2_KEY}).status_code == 200
    answer = bench.batch(ZOO, headers={"x-api-key": "wrong"})
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})


def test_a_second_request_within_a_second_is_a_429_with_a_string_code(strict: Bench) -> None:
    key = {"x-api-key": SANDBOX_S2_KEY}
    assert strict.batch(ZOO, headers=key).status_code == 200
    answer = strict.batch(ZOO, headers=key)
    assert answer.status_code == 429
    assert answer.json()["code"] == "429"
    assert answer.json()["message"].startswith("Too Many Requests.")
    assert "retry-after" not in answer.headers


def test_requests_a_second_apart_all_get_in(strict: Bench) -> None:
    for _ in range(4):
        assert strict.batch(ZOO, headers={"x-api-key": SANDBOX_S2_KEY}).status_code == 200
        strict.now += 1.0


def test_without_a_key_a_share_of_requests_is_refused_however_slow(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(keyless_429_share=0.75)
    statuses = []
    for _ in range(60):
        statuses.append(bench.batch(ZOO).status_code)
        bench.now += 10
    assert 35 <= statuses.count(429) <= 55
    assert statuses.count(429) + statuses.count(200) == 60


def test_an_outage_day_answers_503_without_json(bench: Bench) -> None:
    bench.to_day(event("s2_outage").first_day)
    answer = bench.batch(ZOO)
    assert answer.status_code == 503
    assert "html" in answer.headers["content-type"]
    bench.to_day(event("s2_outage").last_day + 1)
    assert bench.batch(ZOO).status_code == 200


def test_on_the_day_of_zeros_a_part_of_the_papers_stands_at_0(
    bench: Bench, living_world: World
) -> None:
    ids = [f"ARXIV:{paper.arxiv}" for paper in living_world.listed if paper.arxiv]

    def zeros(day: int) -> float:
        bench.to_day(day)
        rows = bench.batch(*ids, fields="citationCount").json()
        return sum(row["citationCount"] == 0 for row in rows) / len(rows)

    day = event("s2_zeros").first_day
    assert (zeros(day - 1), zeros(day + 1)) == (0, 0)
    assert 0.2 <= zeros(day) <= 0.45


def test_a_forgotten_paper_is_null_and_comes_back(bench: Bench) -> None:
    asked, spell = "ARXIV:2010.11598", event("s2_forgets")
    known = []
    for day in (spell.first_day - 1, spell.first_day, spell.last_day, spell.last_day + 1):
        bench.to_day(day)
        known.append(bench.batch(ZOO, asked).json()[1] is not None)
    assert known == [True, False, False, True]


def test_after_the_merge_the_preprint_answers_under_the_other_record(bench: Bench) -> None:
    fields = "corpusId,citationCount,externalIds"
    asked = ("ARXIV:1911.03064", "DOI:10.18653/v1/2020.findings-emnlp.7")
    bench.to_day(event("s2_merge").first_day - 1)
    preprint, published = bench.batch(*asked, fields=fields).json()
    bench.to_day(event("s2_merge").first_day)
    merged, same = bench.batch(*asked, fields=fields).json()
    assert preprint["paperId"] != published["paperId"]
    assert merged == same
    assert merged["paperId"] == published["paperId"]
    assert merged["corpusId"] == published["corpusId"] != preprint["corpusId"]
    assert merged["citationCount"] > preprint["citationCount"]
    assert merged["externalIds"]["ArXiv"] == "1911.03064"


def test_a_split_paper_has_two_records_for_good(bench: Bench) -> None:
    bench.to_day(700)
    rows = bench.batch("ARXIV:1810.11783", "DOI:10.1609/aaai.v33i01.33015757").json()
    assert rows[0]["title"] == rows[1]["title"]
    assert rows[0]["paperId"] != rows[1]["paperId"]


def test_the_pace_of_the_shared_pool_can_be_set(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(keyless_interval_s=6.0)
    statuses = []
    for _ in range(3):
        statuses.append(bench.batch(ZOO).status_code)
        bench.now += 3.0
    assert statuses == [200, 429, 200]
