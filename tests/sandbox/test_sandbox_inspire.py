"""The stand-in's INSPIRE, by its documents."""

from __future__ import annotations

import json
from time import process_time
from typing import Any

import pytest

from citewatch.sandbox.events import event
from citewatch.sandbox.http import Request, Response
from citewatch.sandbox.inspire import Inspire
from citewatch.sandbox.made import living_contents
from citewatch.sandbox.synthetic import synthetic_world
from citewatch.sandbox.world import DEFAULT_START, World

DAY_S = 86_400
NOW = DEFAULT_START + 3_600.0
RECURJAC = "1810.11783"
FIELDS = (
    "citation_count,citation_count_without_self_citations,titles,arxiv_eprints,dois,control_number"
)


@pytest.fixture(scope="module")
def inspire(living_world: World) -> Inspire:
    return Inspire(living_world, limits=False)


def get(
    service: Inspire, path: str, *, now: float = NOW, fault: str | None = None, **query: str
) -> Response:
    request = Request(method="GET", target=path, path=path, query=query, headers={})
    return service.answer(request, now, fault)


def search(service: Inspire, q: str, *, now: float = NOW, **query: str) -> Any:
    answer = get(service, "/api/literature", now=now, q=q, **({"fields": FIELDS} | query))
    assert answer.status == 200
    return json.loads(answer.body)


def hits(service: Inspire, q: str, **query: Any) -> list[dict[str, Any]]:
    return [hit["metadata"] for hit in search(service, q, **query)["hits"]["hits"]]


def test_recids_arxiv_ids_and_dois_are_asked_for_in_one_query(inspire: Inspire) -> None:
    (first,) = hits(inspire, f"arxiv:{RECURJAC}")
    recid = first["control_number"]
    q = f"(recid:{recid} or arxiv:1805.11770 OR doi:10.1007/978-3-030-01234-2_23 or arxiv:9912.1)"
    found = hits(inspire, q)
    assert {row["arxiv_eprints"][0]["value"] for row in found} == {
        RECURJAC,
        "1805.11770",
        "1712.00673",
    }
    assert isinstance(recid, int)


def test_hits_come_newest_first_whatever_was_asked_and_each_once(inspire: Inspire) -> None:
    q = f"arxiv:{RECURJAC} or arxiv:2203.08398 or arxiv:{RECURJAC} or doi:10.1609/aaai.v33i01.33015757"
    found = [row["control_number"] for row in hits(inspire, q)]
    assert len(found) == 2
    assert found == sorted(found, reverse=True)


def test_a_title_in_quotes_is_a_phrase_and_words_are_words(inspire: Inspire) -> None:
    phrase = '"Robust Adversarial Reinforcement Learning"'
    assert hits(inspire, f"title {phrase}") == []
    for q in (
        'title "RecurJac: An Efficient Recursive Algorithm"',
        't:"efficient recursive algorithm"',
        "t recursive recurjac",
    ):
        assert [row["arxiv_eprints"][0]["value"] for row in hits(inspire, q)] == [RECURJAC]


def test_only_a_part_of_the_world_is_there_and_always_the_same(living_world: World) -> None:
    totals = {
        search(Inspire(living_world, limits=False), "", size="0")["hits"]["total"] for _ in range(2)
    }
    (total,) = totals
    assert 10 <= total < len(living_world.preprints) / 2


def test_the_count_without_self_citations_is_a_little_lower(inspire: Inspire) -> None:
    for row in hits(inspire, "", size="100"):
        both, others = row["citation_count"], row["citation_count_without_self_citations"]
        assert both * 0.8 - 1 <= others <= both
        assert others < both or both == 0


def test_counts_grow_and_know_nothing_of_another_sources_bad_day(inspire: Inspire) -> None:
    day = event("s2_zeros").first_day
    before, on, later = (
        {
            row["control_number"]: row["citation_count"]
            for row in hits(inspire, "", now=at, size="99")
        }
        for at in (NOW, NOW + day * DAY_S, NOW + 2 * day * DAY_S)
    )
    assert all(on[recid] > 0 for recid in on)
    assert sum(later.values()) > sum(on.values()) > sum(before.values())


def test_single_records_are_found_by_recid_arxiv_id_and_doi(inspire: Inspire) -> None:
    (row,) = hits(inspire, f"arxiv:{RECURJAC}")
    for path in (
        f"/api/literature/{row['control_number']}",
        f"/api/arxiv/{RECURJAC}",
        "/api/doi/10.1609/aaai.v33i01.33015757",
    ):
        answer = json.loads(get(inspire, path).body)
        assert set(answer) == {"id", "uuid", "created", "updated", "links", "metadata"}
        assert answer["metadata"]["citation_count"] == row["citation_count"]
        assert answer["id"] == str(row["control_number"])


def test_fields_cut_the_metadata_down(inspire: Inspire) -> None:
    (row,) = hits(inspire, f"arxiv:{RECURJAC}", fields="titles.title,citation_count")
    assert set(row) == {"titles", "citation_count"}
    whole = json.loads(get(inspire, f"/api/arxiv/{RECURJAC}").body)["metadata"]
    assert {"authors", "earliest_date", "publication_info", "texkeys"} <= set(whole)
    assert whole["authors"][0]["full_name"] == "Zhang, Huan"


def test_a_huge_record_needs_fields(inspire: Inspire) -> None:
    q = f"recid:{inspire.huge} or arxiv:{RECURJAC}"
    assert get(inspire, "/api/literature", q=q).status == 502
    assert get(inspire, f"/api/literature/{inspire.huge}").status == 502
    assert len(hits(inspire, q)) == 2


@pytest.mark.parametrize(
    "path", ["/api/literature/1", "/api/arxiv/9912.00001", "/api/doi/10.1/none"]
)
def test_an_unknown_record_is_a_404_in_json(inspire: Inspire, path: str) -> None:
    answer = get(inspire, path)
    assert answer.status == json.loads(answer.body)["status"] == 404


def test_pages_hold_size_hits_and_link_to_the_next(inspire: Inspire) -> None:
    whole = [row["control_number"] for row in hits(inspire, "", size="1000")]
    body = search(inspire, "", size="5", page="2")
    assert [int(hit["id"]) for hit in body["hits"]["hits"]] == whole[5:10]
    assert "next" in body["links"]
    assert "next" not in search(inspire, "", size="1000")["links"]
    assert len(hits(inspire, "")) == 10


def test_no_more_than_ten_thousand_results_are_reached(inspire: Inspire) -> None:
    answer = get(inspire, "/api/literature", q="", fields="titles", size="1000", page="11")
    assert json.loads(answer.body) == {
        "status": 400,
        "message": "Maximum number of 10000 results have been reached.",
    }
    for size, page in (("1001", "1"), ("many", "1"), ("10", "0")):
        assert get(inspire, "/api/literature", q="", size=size, page=page).status == 400


def test_fifteen_requests_in_five_seconds_and_refused_ones_count(living_world: World) -> None:
    service = Inspire(living_world)

    def ask(after_s: float) -> int:
        return get(service, f"/api/arxiv/{RECURJAC}", now=NOW + after_s).status

    assert [ask(0) for _ in range(15)] == [200] * 15
    assert [ask(0.3 * n) for n in range(1, 30)] == [429] * 29
    assert ask(0.3 * 29 + 5) == 200


def test_a_doi_is_unknown_before_the_day_it_comes() -> None:
    # The same papers in a world of other contents, of which INSPIRE holds all.
    service = Inspire(World(contents=living_contents(DEFAULT_START)), limits=False)
    day, q = event("arxiv_journal").first_day, "doi:10.5555/jmr.2025.101"
    assert hits(service, q, now=NOW + (day - 1) * DAY_S) == []
    (row,) = hits(service, q, now=NOW + day * DAY_S)
    assert row["dois"][0]["value"] == "10.5555/jmr.2025.101"
    (row,) = hits(service, "arxiv:2008.08755")
    assert "dois" not in row


@pytest.mark.parametrize(
    ("fault", "shown"),
    [("zeros", 0), ("null-counts", None), ("negative-counts", ...), ("missing-counts", ...)],
)
def test_counts_go_wrong_on_demand(inspire: Inspire, fault: str, shown: object) -> None:
    answer = get(inspire, "/api/literature", q=f"arxiv:{RECURJAC}", fields=FIELDS, fault=fault)
    (hit,) = json.loads(answer.body)["hits"]["hits"]
    row = hit["metadata"]
    assert row["titles"]
    if fault == "missing-counts":
        assert not {"citation_count", "citation_count_without_self_citations"} & set(row)
    elif fault == "negative-counts":
        assert row["citation_count"] < 0
    else:
        assert row["citation_count"] is shown or row["citation_count"] == shown


def test_a_large_world_is_held_whole_and_answers_at_once() -> None:
    world = synthetic_world(10_000)
    service = Inspire(world, limits=False)
    assert search(service, "", size="1")["hits"]["total"] == 10_000
    q = " or ".join(f"arxiv:{record.arxiv}" for record in world.records[::200])
    took_s = []
    for _ in range(5):
        began = process_time()
        assert len(hits(service, q, size="50")) == 50
        took_s.append(process_time() - began)
    assert min(took_s) < 0.02


def test_a_list_of_citing_records_is_as_long_as_the_count(inspire: Inspire) -> None:
    (row,) = hits(inspire, f"arxiv:{RECURJAC}")
    query = {"q": f"refersto:recid:{row['control_number']}", "size": 1_000, "sort": "mostrecent"}
    found = json.loads(get(inspire, "/api/literature", **query).body)["hits"]
    assert found["total"] == row["citation_count"] == len(found["hits"])
    days = [hit["metadata"]["earliest_date"] for hit in found["hits"]]
    assert [day[:7] for day in days] == sorted((day[:7] for day in days), reverse=True)
    assert {len(day) for day in days} == {7, 10}
    second = json.loads(get(inspire, "/api/literature", **{**query, "size": 10, "page": 2}).body)
    assert second["hits"]["hits"] == found["hits"][10:20]
    people = [a for hit in found["hits"] for a in hit["metadata"]["authors"]]
    assert {"record" in person for person in people} == {True, False}


def test_nobody_cites_a_record_that_there_is_not(inspire: Inspire) -> None:
    answer = json.loads(get(inspire, "/api/literature", q="refersto:recid:7").body)
    assert answer["hits"] == {"hits": [], "total": 0}
