"""The stand-in's faults on demand, as a client meets them."""

from __future__ import annotations

import json
import re
import socket
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from sandbox_bench import Bench

from citewatch.sandbox import (
    DEFAULT_START,
    FAULTS,
    SANDBOX_PASSWORD,
    SANDBOX_S2_KEY,
    SANDBOX_USERNAME,
    SERVICES,
    Sandbox,
    World,
)
from citewatch.sandbox.faults import ONLY
from citewatch.sandbox.faulty import gzip_bomb
from citewatch.sandbox.miscounts import COUNT_FAULTS
from citewatch.sandbox.mounts import MOUNTED, MOUNTS
from standins import DOI_A, QUESTIONS

ZOO = "ARXIV:1708.03999"
S2 = "semantic_scholar"
LOST = {"cut", "reset"}
SLOW = {"slow", "hang", "huge-body", "gzip-bomb", "blank-body"}
"""These have tests of their own."""
STATUSES = {
    "bad-request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not-found": 404,
    "throttle": 429,
    "throttle-retry-after": 429,
    "throttle-date": 429,
    "budget-spent": 429,
    "too-fast": 429,
    "plan-required": 429,
    "error": 500,
    "botwall-500": 500,
    "bad-gateway": 502,
    "down": 503,
    "outage": 503,
    "flaky": 503,
    "timeout": 504,
    "query-timeout": 504,
    "redirect": 302,
    "redirect-loop": 302,
}


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


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - SLOW))
def test_every_fault_has_the_status_that_its_name_means_at_every_service(
    bench: Bench, fault: str
) -> None:
    bench.box.set_fault("all", fault)
    for service in SERVICES:
        if fault in LOST:
            with pytest.raises(httpx.TransportError):
                bench.ask(service)
            continue
        expected = STATUSES.get(fault, 200)
        if fault == "key-refused":
            expected = {"ads": 401, "openreview_v1": 401, "openreview_v2": 401}.get(service, 200)
        if fault in ONLY and service not in ONLY[fault]:
            expected = 200
        if fault == "search-shed":
            expected = 200  # no search is asked here
        assert bench.ask(service).status_code == expected, service


def test_every_status_has_a_body_of_the_services_own(bench: Bench) -> None:
    begins = {
        ("openalex", "not-found"): "<!doctype html>",
        ("openalex", "unauthorized"): '{"error":"Invalid or missing API key"',
        ("openalex", "bad-request"): '{"error":"Invalid query parameters error."',
        ("openalex", "throttle"): '{"error":"Rate limit exceeded"',
        ("openalex", "timeout"): '{"error":"Gateway timeout","reason":"query_timeout"',
        ("crossref", "not-found"): "Resource not found.",
        ("crossref", "bad-request"): '{"status":"failed","message-type":"validation-failure"',
        ("crossref", "throttle"): "<html>",
        ("inspire", "throttle"): '{"status":429,"message":',
        ("inspire", "not-found"): '{"status":404,"message":',
        ("inspire", "bad-gateway"): "<html>",
        ("ads", "unauthorized"): '{"error":',
        ("ads", "bad-request"): '{"error":{"msg":',
        ("opencitations", "not-found"): "HTTP status code 404",
        ("dblp", "throttle"): "<html>",
        ("page", "not-found"): "<html>",
        ("arxiv", "bad-request"): "<?xml",
        ("arxiv", "error"): "<?xml",
        ("arxiv", "throttle"): "Rate exceeded.",
        ("semantic_scholar", "unauthorized"): '{"error":"A valid API key is required"}',
        ("semantic_scholar", "not-found"): '{"error":"Paper',
        ("openreview_v2", "unauthorized"): '{"name":"TokenExpiredError"',
        ("openreview_v1", "throttle"): '{"name":"RateLimitError"',
    }
    for (service, fault), body in begins.items():
        bench.box.set_fault(service, fault)
        assert bench.ask(service).text.startswith(body), (service, fault)


def test_a_throttle_can_say_when_to_come_back_as_a_date(bench: Bench) -> None:
    bench.box.set_fault("all", "throttle-date")
    for service in SERVICES:
        date = bench.ask(service).headers["retry-after"]
        assert date.endswith(" GMT")
        assert parsedate_to_datetime(date).timestamp() == bench.now + 120


def test_a_spent_budget_lasts_until_midnight(bench: Bench) -> None:
    bench.box.set_fault("all", "budget-spent")
    for service in SERVICES:
        answer = bench.ask(service)
        assert int(answer.headers["retry-after"]) == 23 * 3_600
    assert "midnight" in bench.ask("openalex").json()["message"]
    single = bench.get("openalex", f"/works/doi:{DOI_A}")
    assert single.status_code == 200, "what is free stays free"


COUNTS = {mount.service: mount.counts for mount in MOUNTS if mount.counts}


def counts_in(value: Any, keys: tuple[str, ...]) -> Iterator[Any]:
    """Every count in a JSON value."""
    if isinstance(value, list):
        for item in value:
            yield from counts_in(item, keys)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in keys:
                yield item
            yield from counts_in(item, keys)


def without(value: Any, keys: tuple[str, ...]) -> Any:
    """The value without its counts."""
    if isinstance(value, list):
        return [without(item, keys) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: without(item, keys) for key, item in value.items() if key not in keys}


@pytest.mark.parametrize("service", [name for name in COUNTS if name != "opencitations"])
def test_counts_are_wrong_in_every_way_and_the_rest_is_true(bench: Bench, service: str) -> None:
    keys = COUNTS[service]
    true = list(counts_in(bench.ask(service).json(), keys))
    assert len(true) >= 2
    expected: dict[str, list[object]] = {
        "zeros": [0 for _ in true],
        "scaled-counts": [2 * count for count in true],
        "null-counts": [None for _ in true],
        "negative-counts": [-1 - count for count in true],
        "huge-counts": [10**30 + count for count in true],
        "string-counts": [str(count) for count in true],
        "fractional-counts": [count + 0.5 for count in true],
        "missing-counts": [],
    }
    assert set(expected) == set(COUNT_FAULTS)
    rest = without(bench.ask(service).json(), keys)
    for fault, counts in expected.items():
        bench.box.set_fault(service, fault)
        answer = bench.ask(service).json()
        assert list(counts_in(answer, keys)) == counts, fault
        assert without(answer, keys) == rest


def test_a_count_that_is_a_text_stays_one_and_becomes_no_number(bench: Bench) -> None:
    (row,) = bench.ask("opencitations").json()
    true = row["count"]
    for fault, expected in (
        ("zeros", "0"),
        ("negative-counts", str(-1 - int(true))),
        ("string-counts", f"{true} citations"),
        ("null-counts", None),
    ):
        bench.box.set_fault("opencitations", fault)
        assert bench.ask("opencitations").json() == [{"count": expected}]
    bench.box.set_fault("opencitations", "missing-counts")
    assert bench.ask("opencitations").json() == [{}]


def test_services_without_counts_answer_zeros_with_no_rows(bench: Bench) -> None:
    bench.box.set_fault("all", "zeros")
    assert bench.ask("openreview_v1").json()["notes"] == []
    assert bench.ask("openreview_v2").json()["notes"] == []
    assert bench.ask("dblp").json()["results"]["bindings"] == []
    assert bench.ask("dblp").headers["content-type"] == "application/sparql-results+json"


@pytest.mark.parametrize("service", [name for name in QUESTIONS if QUESTIONS[name].several])
def test_rows_come_in_another_order_or_twice(bench: Bench, service: str) -> None:
    def rows() -> list[Any]:
        answer = bench.ask(service)
        if service == "arxiv":
            return re.findall(r"<entry>.*?</entry>", answer.text, re.DOTALL)
        value = answer.json()
        while isinstance(value, dict):
            names = ("message", "response", "results", "hits", "bindings", "items", "docs", "notes")
            value = next(value[name] for name in (*names, "data") if name in value)
        return list(value)

    true = rows()
    assert len(true) >= 2
    bench.box.set_fault(service, "reordered")
    assert rows() == true[::-1]
    bench.box.set_fault(service, "duplicated")
    assert rows() == [row for row in true for _ in range(2)]


def test_bytes_that_are_no_utf_8_stand_in_a_text(bench: Bench) -> None:
    bench.box.set_fault("all", "wrong-charset")
    for service in SERVICES:
        body = bench.ask(service).content
        with pytest.raises(UnicodeDecodeError):
            body.decode()
        if "json" in MOUNTED[service].content_type:
            json.loads(body.decode(errors="replace"))


def test_a_false_charset_is_told_and_the_bytes_are_right(bench: Bench) -> None:
    bench.box.set_fault("all", "false-charset")
    for service in SERVICES:
        answer = bench.ask(service)
        assert answer.headers["content-type"].endswith("; charset=utf-16")
        assert answer.content.decode()


def test_ten_million_blanks_are_no_answer(bench: Bench) -> None:
    bench.box.set_fault("crossref", "blank-body")
    answer = bench.ask("crossref")
    assert len(answer.content) == 10_000_000
    assert answer.text.isspace()
    assert answer.headers["content-type"] == "application/json"


def test_a_gzip_bomb_is_small_on_the_wire_and_sent_to_everyone(bench: Bench) -> None:
    bench.box.set_fault("openalex", "gzip-bomb")
    headers = {"accept-encoding": "identity"}
    with bench.client.stream("GET", bench.address("openalex"), headers=headers) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < 2_500_000
        head = zlib.decompressobj(31).decompress(next(answer.iter_raw()), 10_000)
    assert head == b" " * 10_000


def test_a_gzip_bomb_is_a_true_gzip_of_two_gigabytes_of_blanks() -> None:
    piece, size, checksum = b" " * (1 << 20), 2 << 30, 0
    for _ in range(size // len(piece)):
        checksum = zlib.crc32(piece, checksum)
    bomb = gzip_bomb()
    assert struct.unpack("<II", bomb[-8:]) == (checksum, size)
    decoder = zlib.decompressobj(31)
    assert decoder.decompress(bomb, 64 << 20) == piece * 64


def test_a_redirect_loop_has_no_end(bench: Bench) -> None:
    bench.box.set_fault("all", "redirect-loop")
    for service in ("openalex", "page"):
        assert bench.ask(service).headers["location"] in bench.address(service)
        with pytest.raises(httpx.TooManyRedirects):
            bench.client.get(bench.address(service), follow_redirects=True)


def test_a_wall_against_programs_is_a_page_with_status_200(bench: Bench) -> None:
    bench.box.set_fault("all", "botwall")
    for service in SERVICES:
        answer = bench.ask(service)
        assert answer.headers["content-type"].startswith("text/html")
        assert "not a bot" in answer.text
    bench.box.set_fault("dblp", "botwall-500")
    assert bench.ask("dblp").status_code == 500
    assert "not a bot" in bench.ask("dblp").text


def test_an_answer_that_is_never_given_is_waited_for(bench: Bench) -> None:
    bench.box.set_fault("inspire", "hang")
    with pytest.raises(httpx.ReadTimeout):
        bench.client.get(bench.address("inspire"), timeout=0.2)
    assert bench.box.requests[-1].status == 0
    assert bench.ask("ads").status_code == 200, "nobody else waits"


def test_a_hanging_answer_does_not_keep_the_server_alive(living_world: World) -> None:
    with Sandbox(living_world, lambda: DEFAULT_START, faults={"all": "hang"}) as box:
        line = socket.create_connection(("127.0.0.1", box.port), timeout=5)
        line.sendall(b"GET /dblp/sparql HTTP/1.1\r\nHost: x\r\n\r\n")
        while not box.requests:
            line.settimeout(0.01)
            with suppress(TimeoutError):
                line.recv(1)
    with line:
        line.settimeout(5)
        with suppress(ConnectionResetError):
            assert line.recv(1) == b""


@pytest.mark.parametrize(("fault", "failing"), [("flaky", 3), ("flaky@2", 2), ("throttle@1", 1)])
def test_a_fault_may_end_after_so_many_requests(bench: Bench, fault: str, failing: int) -> None:
    bench.box.set_fault("all", fault)
    for service in ("crossref", "openalex"):
        answers = [bench.ask(service).status_code for _ in range(failing + 2)]
        assert answers == [503 if "flaky" in fault else 429] * failing + [200, 200]


@pytest.mark.parametrize(
    ("service", "headers", "status"),
    [
        ("semantic_scholar", {"x-api-key": SANDBOX_S2_KEY}, 403),
        ("openalex", {"authorization": "Bearer good"}, 401),
        ("openalex", {"api-key": "good"}, 401),
        ("crossref", {"crossref-plus-api-token": "Bearer x"}, 401),
        ("opencitations", {"authorization": "x"}, 401),
        ("ads", {}, 401),
        ("openreview_v2", {}, 401),
    ],
)
def test_a_refused_key_is_refused_to_those_who_send_it(
    bench: Bench, service: str, headers: dict[str, str], status: int
) -> None:
    bench.box.set_fault("all", "key-refused")
    assert bench.ask(service, **headers).status_code == status
    if headers:
        assert bench.ask(service).status_code == 200


def test_a_refused_login_gives_no_token(bench: Bench) -> None:
    bench.box.set_fault("openreview", "key-refused")
    login = {"id": SANDBOX_USERNAME, "password": SANDBOX_PASSWORD}
    assert bench.post("openreview", "/login", json=login).status_code == 400


def test_openalex_has_faults_of_its_own(bench: Bench) -> None:
    search = "/works?filter=title.search:robustness"
    for fault, path, status in (
        ("query-timeout", search, 504),
        ("too-fast", f"/works/doi:{DOI_A}", 429),
        ("plan-required", search, 429),
        ("search-shed", search, 429),
    ):
        bench.box.set_fault("openalex", fault)
        assert bench.get("openalex", path).status_code == status
    bench.box.set_fault("all", "too-fast")
    assert bench.ask("crossref").status_code == 200


@pytest.mark.parametrize(
    ("service", "fault", "message"),
    [
        (S2, "flood", "no fault 'flood'"),
        ("scopus", "down", "no service 'scopus'"),
        (S2, "dwon", "did you mean 'down'"),
        ("crosref", "down", "did you mean 'crossref'"),
        (S2, "too-fast", "is a fault of openalex alone"),
        (S2, "down@", "how many requests fail"),
        (S2, "down@0", "how many requests fail"),
        (S2, "down@-1", "how many requests fail"),
        (S2, "down@many", "how many requests fail"),
    ],
)
def test_an_unknown_fault_or_service_is_refused(
    bench: Bench, service: str, fault: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        bench.box.set_fault(service, fault)
    assert bench.batch(ZOO).status_code == 200


def test_every_fault_has_a_line_about_it() -> None:
    assert all(line and len(line) < 80 for line in FAULTS.values())
    assert len(FAULTS) > 40
