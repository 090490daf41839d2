"""The stand-in as a server: delivery, faults, log, clean ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import httpx
import pytest
from sandbox_bench import Bench

from citewatch.config.sections import SOURCES
from citewatch.sandbox import DEFAULT_START, SERVICES, Sandbox, World, synthetic_world

ZOO = "ARXIV:1708.03999"
S2 = "semantic_scholar"


def test_long_answers_are_compressed_for_those_who_accept_it(
    bench: Bench, living_world: World
) -> None:
    ids = [f"ARXIV:{paper.arxiv}" for paper in living_world.listed if paper.arxiv]
    squeezed = bench.batch(*ids)
    plain = bench.batch(*ids, headers={"accept-encoding": "identity"})
    assert squeezed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert squeezed.json() == plain.json()
    assert int(squeezed.headers["content-length"]) < int(plain.headers["content-length"])


def test_one_connection_carries_many_requests(bench: Bench) -> None:
    with socket.create_connection(("127.0.0.1", bench.box.port), timeout=5) as line:
        for _ in range(3):
            line.sendall(b"GET /arxiv-web/abs/9912.00001 HTTP/1.1\r\nHost: x\r\n\r\n")
            head = b""
            while b"\r\n\r\n" not in head:
                head += line.recv(4096)
            assert head.startswith(b"HTTP/1.1 404 Not Found\r\n")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"POST /s2/x HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST /s2/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /s2/x HTTP/1.1\r\nContent-Length: 999999999\r\n\r\n",
    ],
)
def test_what_is_no_request_gets_a_400_and_the_connection_ends(
    bench: Bench, request_bytes: bytes
) -> None:
    with socket.create_connection(("127.0.0.1", bench.box.port), timeout=5) as line:
        line.sendall(request_bytes)
        answer = b""
        while more := line.recv(4096):
            answer += more
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_path_outside_every_service_is_a_404(bench: Bench) -> None:
    answer = bench.client.get(f"http://127.0.0.1:{bench.box.port}/elsewhere")
    assert answer.status_code == 404


def test_the_log_says_what_was_asked_when_and_how_it_ended(bench: Bench) -> None:
    bench.batch(ZOO, "ARXIV:9912.00001", fields="year")
    bench.arxiv(id_list="1708.03999,2003.08938")
    first, second = bench.box.requests
    assert (first.service, first.method, first.path) == (S2, "POST", "/graph/v1/paper/batch")
    assert (first.status, first.ids, first.at) == (200, 2, bench.now)
    assert first.query == {"fields": "year"}
    assert (second.service, second.ids) == ("arxiv", 2)
    assert second.monotonic_s >= first.monotonic_s
    assert bench.box.counts == {(S2, 200): 1, ("arxiv", 200): 1}


def test_every_source_of_the_configuration_has_an_address(bench: Bench) -> None:
    assert set(bench.box.urls) == set(SOURCES)
    places = [url for urls in bench.box.urls.values() for url in urls.values()]
    assert len(set(places)) == len(places) == len(SERVICES)
    assert all(url.startswith(f"http://127.0.0.1:{bench.box.port}/") for url in places)


def test_every_service_answers_its_question_and_is_logged_under_its_name(bench: Bench) -> None:
    for service in SERVICES:
        assert bench.ask(service).status_code == 200
        assert bench.box.requests[-1].service == service
    assert bench.box.counts == {(service, 200): 1 for service in SERVICES}


def test_more_requests_at_once_than_crossref_allows_are_refused(
    make_bench: Callable[..., Bench],
) -> None:
    bench = make_bench(latency_s=0.3)
    got: list[int] = []

    def ask() -> None:
        got.append(httpx.get(bench.address("crossref"), trust_env=False).status_code)

    slow = threading.Thread(target=ask)
    slow.start()
    while not bench.box._in_flight["crossref"]:
        slow.join(0.005)
    bench.now += 60
    ask()
    slow.join()
    assert sorted(got) == [200, 503]


def test_two_arxiv_requests_at_once_are_one_too_many(make_bench: Callable[..., Bench]) -> None:
    bench = make_bench(latency_s=0.3)

    def ask(got: list[int]) -> None:
        got.append(httpx.get(bench.url("arxiv", "/api/query?id_list=1708.03999")).status_code)

    got: list[int] = []
    slow = threading.Thread(target=ask, args=(got,))
    slow.start()
    while not bench.box._in_flight["arxiv"]:
        slow.join(0.005)
    bench.now += 60
    ask(got)
    slow.join()
    assert sorted(got) == [200, 429]


def test_leaving_ends_the_thread_and_open_connections(living_world: World) -> None:
    threads = set(threading.enumerate())
    with Sandbox(living_world, lambda: DEFAULT_START) as box:
        line = socket.create_connection(("127.0.0.1", box.port), timeout=5)
        assert len(set(threading.enumerate()) - threads) == 1
    with line:
        line.settimeout(5)
        try:
            rest = line.recv(1)
        except ConnectionResetError:
            rest = b""
    assert rest == b""
    assert set(threading.enumerate()) == threads
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", box.port), timeout=1)


def test_a_taken_port_is_an_error_at_once(bench: Bench, living_world: World) -> None:
    with pytest.raises(OSError, match="in use"), Sandbox(living_world, float, port=bench.box.port):
        pass


@pytest.mark.anyio
async def test_it_serves_inside_a_running_loop(living_world: World) -> None:
    async with (
        Sandbox(living_world, lambda: DEFAULT_START) as box,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        answer = await client.get(box.urls[S2]["base_url"] + f"/graph/v1/paper/{ZOO}")
        assert answer.json()["title"].startswith("ZOO")


@pytest.mark.anyio
async def test_serve_ends_when_told_to(living_world: World) -> None:
    box = Sandbox(living_world, lambda: DEFAULT_START)
    ready = asyncio.Event()
    task = asyncio.create_task(box.serve(ready.set))
    await ready.wait()
    assert box.port > 0
    box.stop()
    await asyncio.wait_for(task, 5)
    box.stop()


def test_five_hundred_papers_come_in_one_answer(make_bench: Callable[..., Bench]) -> None:
    world = synthetic_world(1_000)
    bench = make_bench(world=world, limits=False)
    ids = [f"ARXIV:{record.arxiv}" for record in world.records[:500]]
    fields = "title,externalIds,citationCount"
    rows = bench.batch(*ids, fields=fields).json()
    assert [row["externalIds"]["ArXiv"] for row in rows] == [text[6:] for text in ids]
    assert all(row["citationCount"] >= 0 for row in rows)


@pytest.mark.skipif(os.name == "nt", reason="no SIGTERM to send")
@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_as_a_process_it_prints_its_port_and_ends_cleanly(name: signal.Signals) -> None:
    command = [sys.executable, "-m", "citewatch.sandbox", "--papers", "50", "--no-limits"]
    command += ["--fault", "arxiv=down"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            root = f"http://127.0.0.1:{port}"
            with httpx.Client(trust_env=False) as client:
                paper = f"{root}/s2/graph/v1/paper/ARXIV:1601.00007"
                assert client.get(paper).status_code == 200
                assert client.get(f"{root}/arxiv/api/query?id_list=1601.00007").status_code == 503
                process.send_signal(name)
                rest, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize("arguments", [["--fault", "flood"], ["--fault", "scopus=down"]])
def test_a_wrong_fault_on_the_command_line_is_named(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "citewatch.sandbox", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 2
    assert "no fault 'flood'" in done.stderr or "no service 'scopus'" in done.stderr


def test_a_world_is_shared_safely_between_the_server_and_its_reader(
    make_bench: Callable[..., Bench],
) -> None:
    world = World(seed="shared")
    bench = make_bench(world=world, limits=False)
    record = world.record("arxiv", "1708.03999", bench.now)
    (row,) = bench.batch(ZOO, fields="citationCount").json()
    assert row["citationCount"] == world.count(record, bench.now)[0]
