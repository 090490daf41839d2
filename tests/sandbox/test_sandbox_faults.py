"""The stand-in's faults on demand, as a client meets them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sandbox_bench import Bench

from citewatch.sandbox import FAULTS

ZOO = "ARXIV:1708.03999"
S2 = "semantic_scholar"


@pytest.mark.parametrize(
    ("source", "service", "path", "status", "text"),
    [
        (S2, S2, f"/graph/v1/paper/{ZOO}", 503, '{"message":'),
        ("arxiv", "arxiv", "/api/query?id_list=1708.03999", 503, "<html>"),
        ("openreview", "openreview", "/notes?id=x", 503, "upstream"),
    ],
)
def test_a_service_that_is_down_answers_503_in_its_own_words(
    bench: Bench, source: str, service: str, path: str, status: int, text: str
) -> None:
    bench.box.set_fault(service, "down")
    answer = bench.get(source, path)
    assert answer.status_code == status
    assert answer.text.startswith(text)
    bench.box.set_fault(service, None)
    assert bench.get(source, path).status_code != 503


def test_a_fault_at_one_service_leaves_the_others_alone(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(limits=False, faults={S2: "down"})
    assert bench.batch(ZOO).status_code == 503
    assert bench.arxiv(id_list="1708.03999").status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("html", 200, "<!DOCTYPE html>"),
        ("empty", 200, ""),
        ("garbage", 200, '{"unexpected"'),
        ("timeout", 504, '{"message":"Endpoint request timed out"}'),
        ("error", 500, '{"message":"Internal Server Error"}'),
        ("forbidden", 403, '{"message":"Forbidden"}'),
        ("redirect", 302, ""),
    ],
)
def test_faults_that_replace_the_answer(bench: Bench, fault: str, status: int, body: str) -> None:
    bench.box.set_fault(S2, fault)
    answer = bench.batch(ZOO)
    assert answer.status_code == status
    assert answer.text.startswith(body)
    assert bool(answer.text) == bool(body)


@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("zeros", lambda count: count == 0),
        ("null-counts", lambda count: count is None),
        ("negative-counts", lambda count: count < 0),
        ("huge-counts", lambda count: count > 10**29),
    ],
)
def test_faults_in_the_counts(bench: Bench, fault: str, check: Callable[[Any], bool]) -> None:
    bench.box.set_fault(S2, fault)
    fields = "title,citationCount,influentialCitationCount"
    (row,) = bench.batch(ZOO, fields=fields).json()
    assert row["title"].startswith("ZOO")
    assert check(row["citationCount"])
    assert check(row["influentialCitationCount"])


def test_zeros_at_arxiv_is_a_valid_feed_without_entries(bench: Bench) -> None:
    bench.box.set_fault("arxiv", "zeros")
    answer = bench.arxiv(id_list="1708.03999")
    assert answer.status_code == 200
    assert "<opensearch:totalResults>0<" in answer.text


def test_a_throttle_says_when_to_come_back_only_in_one_of_two_faults(bench: Bench) -> None:
    bench.box.set_fault(S2, "throttle")
    assert "retry-after" not in bench.batch(ZOO).headers
    bench.box.set_fault(S2, "throttle-retry-after")
    answer = bench.batch(ZOO)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "120")


def test_a_truncated_answer_is_complete_http_and_half_the_json(bench: Bench) -> None:
    bench.box.set_fault(S2, "truncated")
    answer = bench.batch(ZOO, fields="title")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Unterminated"):
        answer.json()


def test_a_cut_answer_breaks_the_promised_length(bench: Bench) -> None:
    bench.box.set_fault(S2, "cut")
    with pytest.raises(httpx.RemoteProtocolError):
        bench.batch(ZOO)


def test_a_reset_gives_no_answer_at_all(bench: Bench) -> None:
    bench.box.set_fault(S2, "reset")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        bench.batch(ZOO)
    assert bench.box.requests[-1].status == 0


def test_a_slow_answer_arrives_in_many_pieces(bench: Bench) -> None:
    bench.box.set_fault(S2, "slow")
    with bench.client.stream("GET", bench.url(S2, f"/graph/v1/paper/{ZOO}")) as answer:
        pieces = list(answer.iter_raw())
    assert len(pieces) > 5
    assert b"ZOO" in b"".join(pieces)


def test_a_huge_answer_is_sixty_four_million_bytes(bench: Bench) -> None:
    bench.box.set_fault(S2, "huge-body")
    headers = {"accept-encoding": "identity"}
    with bench.client.stream("GET", bench.url(S2, "/graph/v1/paper/x"), headers=headers) as answer:
        assert int(answer.headers["content-length"]) > 64_000_000


def test_every_fault_is_delivered_at_every_service(bench: Bench) -> None:
    for fault in set(FAULTS) - {"huge-body", "slow", "reset", "cut"}:
        bench.box.set_fault("all", fault)
        for source, path, key in (
            (S2, f"/graph/v1/paper/{ZOO}", "base_url"),
            ("arxiv", "/api/query?id_list=1708.03999", "base_url"),
            ("arxiv", "/abs/1708.03999", "abs_url"),
            ("openreview", "/notes?id=x", "base_url"),
            ("openreview", "/notes?id=x", "v1_url"),
        ):
            assert bench.get(source, path, key).status_code in (200, 302, 403, 429, 500, 503, 504)


def test_an_unknown_fault_or_service_is_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no fault 'flood'"):
        bench.box.set_fault(S2, "flood")
    with pytest.raises(ValueError, match="no service 'scopus'"):
        bench.box.set_fault("scopus", "down")
