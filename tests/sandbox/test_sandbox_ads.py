"""The stand-in's NASA ADS, by its documents."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import pytest

from citewatch.sandbox.ads import Ads
from citewatch.sandbox.events import event
from citewatch.sandbox.http import Request, Response
from citewatch.sandbox.synthetic import synthetic_world
from citewatch.sandbox.world import DEFAULT_START, World

DAY_S = 86_400
GOOD = "good-token"
NOW = DEFAULT_START + 3_600.0
FIELDS = "bibcode,citation_count,identifier,doi,title"
RECURJAC, AUTOZOOM = "1810.11783", "10.1609/aaai.v33i01.3301742"
LATE = "2008.08755"


@pytest.fixture(scope="module")
def ads(living_world: World) -> Ads:
    return Ads(living_world, limits=False)


def ask(
    service: Ads,
    path: str = "/v1/search/query",
    *,
    now: float = NOW,
    token: str | None = GOOD,
    body: bytes | None = None,
    fault: str | None = None,
    **query: str,
) -> Response:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    method = "GET" if body is None else "POST"
    request = Request(
        method=method, target=path, path=path, query=query, headers=headers, body=body or b""
    )
    return service.answer(request, now, fault)


def docs(service: Ads, q: str, **options: Any) -> list[dict[str, Any]]:
    answer = ask(service, q=q, **({"fl": FIELDS, "rows": "2000"} | options))
    assert answer.status == 200, answer.body
    response = json.loads(answer.body)["response"]
    assert response["numFound"] >= len(response["docs"])
    return list(response["docs"])


def headers(answer: Response) -> dict[str, str]:
    return dict(answer.headers)


def test_identifiers_of_any_kind_are_asked_for_in_one_query(ads: Ads) -> None:
    (by_id,) = docs(ads, f"identifier:{RECURJAC}")
    q = f'identifier:({RECURJAC} OR "{AUTOZOOM}" OR "arXiv:1712.00673" OR {by_id["bibcode"]} OR x)'
    found = docs(ads, q)
    assert {doc["identifier"][0] for doc in found} == {
        "2018arXiv181011783Z",
        "2018arXiv180511770T",
        "2017arXiv171200673L",
    }
    assert sum(doc == by_id for doc in found) == 1


@pytest.mark.parametrize("spelling", ["doi", "identifier"])
def test_a_doi_is_found_in_any_case_with_brackets_when_quoted(ads: Ads, spelling: str) -> None:
    (doc,) = docs(ads, f'{spelling}:"{AUTOZOOM.upper()}"')
    assert AUTOZOOM in doc["doi"]
    assert docs(ads, f'{spelling}:"10.1016/S0370-2693(98)00001-1"') == []


def test_the_preprints_own_doi_is_among_the_identifiers(ads: Ads) -> None:
    (doc,) = docs(ads, f'identifier:"10.48550/arXiv.{RECURJAC}"')
    assert doc["doi"] == ["10.1609/aaai.v33i01.33015757", f"10.48550/arXiv.{RECURJAC}"]


def test_bibcodes_have_nineteen_characters(ads: Ads) -> None:
    found = docs(ads, "*:*")
    assert {len(doc["bibcode"]) for doc in found} == {19}
    assert len({doc["bibcode"] for doc in found}) == len(found)


def test_a_title_is_searched_as_a_phrase(ads: Ads) -> None:
    (doc,) = docs(ads, 'title:"RecurJac: An Efficient Recursive Algorithm"')
    assert f"arXiv:{RECURJAC}" in doc["identifier"]
    assert docs(ads, 'title:"Recursive RecurJac"') == []
    assert docs(ads, f'title:"RecurJac" AND year:1999 AND identifier:{RECURJAC}') == []


def test_the_bibcode_changes_on_the_day_of_publication_and_the_old_one_stays(ads: Ads) -> None:
    day = event("ads_published").first_day
    (before,) = docs(ads, f"identifier:{LATE}", now=NOW + (day - 1) * DAY_S)
    (after,) = docs(ads, f"identifier:{LATE}", now=NOW + day * DAY_S)
    assert before["bibcode"] == "2020arXiv200808755W" != after["bibcode"]
    assert {before["bibcode"], after["bibcode"]} <= set(after["identifier"])
    assert after["doi"][0] == "10.5555/jmr.2025.101"
    assert docs(ads, f'identifier:"{before["bibcode"]}"', now=NOW + day * DAY_S) == [after]
    # Before its day nobody knows the new one.
    assert docs(ads, f'identifier:"{after["bibcode"]}"', now=NOW + (day - 1) * DAY_S) == []


def test_bigquery_knows_todays_bibcodes_only(ads: Ads) -> None:
    day = event("ads_published").first_day

    def big(body: bytes, now: float, **query: str) -> Response:
        asked = {"q": "*:*", "fq": "{!bitset}", "fl": "bibcode", "rows": "2000"} | query
        return ask(ads, "/v1/search/bigquery", body=body, now=now, **asked)

    body = b"bibcode\n2020arXiv200808755W\nnothing\n"
    found = [json.loads(big(body, at).body)["response"]["docs"] for at in (NOW, NOW + day * DAY_S)]
    assert found == [[{"bibcode": "2020arXiv200808755W"}], []]
    assert big(b"2020arXiv200808755W", NOW).status == 400
    assert big(body, NOW, fq="").status == 400
    assert big(b"bibcode\n" + b"x\n" * 2_001, NOW).status == 400


def test_fields_that_a_paper_lacks_are_left_out(ads: Ads) -> None:
    (doc,) = docs(ads, f"identifier:{LATE}", fl="pub,alternate_bibcode,doctype,year,unheard_of")
    assert doc == {"pub": "arXiv e-prints", "doctype": "eprint", "year": "2020"}
    assert set(docs(ads, f"identifier:{LATE}", fl="id,author")[0]) == {"id", "author"}


def test_rows_are_ten_unless_asked_and_two_thousand_at_most() -> None:
    service = Ads(synthetic_world(2_500), limits=False)
    answer = json.loads(ask(service, q="*:*").body)["response"]
    assert (answer["numFound"], len(answer["docs"])) == (2_500, 10)
    assert len(docs(service, "*:*", rows="9999")) == 2_000
    assert len(docs(service, "*:*", start="2400")) == 100
    assert ask(service, q="*:*", rows="many").status == 400


@pytest.mark.parametrize("token", [None, "", "bad-token", "GOOD"])
def test_without_a_valid_token_nothing_is_told(ads: Ads, token: str | None) -> None:
    answer = ask(ads, q="*:*", token=token)
    assert (answer.status, json.loads(answer.body)) == (401, {"error": "Unauthorized"})
    assert answer.headers == ()


@pytest.mark.parametrize(
    "q",
    ["", "identifier:(a OR b", 'title:"open', "a OR", "nothing:5", ")", "identifier:"],
)
def test_a_query_that_cannot_be_read_is_a_400(ads: Ads, q: str) -> None:
    answer = ask(ads, q=q)
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (400, 400)


def test_a_query_of_a_thousand_characters_is_taken_and_no_longer_one(ads: Ads) -> None:
    q = "identifier:(" + " OR ".join(["1810.11783"] * 70)
    assert ask(ads, q=q.ljust(999) + ")").status == 200
    assert ask(ads, q=q.ljust(1_000) + ")").status == 400


def test_five_thousand_a_day_until_midnight_utc_for_each_token(living_world: World) -> None:
    service = Ads(living_world)
    first = ask(service, q="year:1")
    reset = int(headers(first)["X-RateLimit-Reset"])
    assert headers(first)["X-RateLimit-Limit"] == "5000"
    assert headers(first)["X-RateLimit-Remaining"] == "4999"
    assert reset % DAY_S == 0
    assert NOW < reset <= NOW + DAY_S
    for _ in range(4_999):
        ask(service, q="year:1")
    refused = ask(service, q="year:1")
    assert (refused.status, headers(refused)["X-RateLimit-Remaining"]) == (429, "0")
    assert ask(service, q="year:1", token="good-other").status == 200
    assert ask(service, q="year:1", now=float(reset)).status == 200


def test_bigquery_has_a_quota_of_its_own(living_world: World) -> None:
    service = Ads(living_world)
    query = {"q": "*:*", "fq": "{!bitset}"}
    for _ in range(100):
        assert ask(service, "/v1/search/bigquery", body=b"bibcode\n", **query).status == 200
    assert ask(service, "/v1/search/bigquery", body=b"bibcode\n", **query).status == 429
    assert ask(service, q="year:1").status == 200


def test_counts_lie_below_the_largest_source_and_go_wrong_on_demand(
    ads: Ads, living_world: World
) -> None:
    (doc,) = docs(ads, f"identifier:{RECURJAC}")
    record = living_world.record("arxiv", RECURJAC, NOW)
    assert record is not None
    assert 0 < doc["citation_count"] < living_world.count(record, NOW)[0]
    wrong = {
        fault: docs(ads, f"identifier:{RECURJAC}", fault=fault)[0].get("citation_count", ...)
        for fault in ("zeros", "null-counts", "negative-counts", "huge-counts", "missing-counts")
    }
    assert (wrong["zeros"], wrong["null-counts"], wrong["missing-counts"]) == (0, None, ...)
    assert wrong["negative-counts"] < 0
    assert wrong["huge-counts"] > 10**29


def test_a_large_world_is_held_whole_and_answers_at_once() -> None:
    world = synthetic_world(10_000)
    service = Ads(world, limits=False)
    assert docs(service, "*:*", rows="1")
    q = f"identifier:({' OR '.join(str(record.arxiv) for record in world.records[::200])})"
    took_s = []
    for _ in range(5):
        began = process_time()
        assert len(docs(service, q)) == 50
        took_s.append(process_time() - began)
    assert min(took_s) < 0.02
