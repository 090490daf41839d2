"""The daemon as its users have it: a process, a database, signals, files that change."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from daemon_world import Place, free_port, until

from citewatch.sandbox import Sandbox


def rows(place: Place, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(place.folder / "citewatch.db")) as database:
        return database.execute(query).fetchall()


def asked(box: Sandbox, service: str = "semantic_scholar") -> int:
    return sum(seen.service == service for seen in box.requests)


def counted(box: Sandbox) -> int:
    """Requests for counts; who cites the papers is asked beside them, bit by bit."""
    beside = ("/citations", "citationCount,authors")
    return sum(
        not any(mark in seen.path or mark in seen.query.values() for mark in beside)
        for seen in box.requests
    )


def test_it_starts_asks_what_is_due_and_ends_with_nothing_lost(place: Place, box: Sandbox) -> None:
    begun = time.monotonic()
    running = place.run()
    running.saw("started")
    assert time.monotonic() - begun < 10, "about a second, on a machine that is not busy"
    said = running.saw("pass")
    assert said["sources"] == {"semantic_scholar": "ok", "arxiv": "ok"}
    assert running.stop() == 0
    assert [line["event"] for line in running.lines()][-2:] == ["stopping", "stopped"]
    assert rows(place, "pragma integrity_check") == [("ok",)]
    assert rows(place, "select count(*) from run where finished_at is null") == [(0,)]
    assert rows(place, "select count(*) from latest_counts where citations > 0") == [(2,)]
    before = counted(box)
    again = place.run()
    again.saw("started")
    until(lambda: again.get("/healthz")[0] == 200, "healthy")
    time.sleep(1.5)
    assert again.stop(signal.SIGINT) == 0
    assert counted(box) == before, "nothing was due"


def test_in_the_middle_of_a_pass_it_ends_in_seconds_and_keeps_what_was_answered(
    place: Place, box: Sandbox
) -> None:
    box.set_fault("arxiv", "hang")
    running = place.run()
    until(lambda: asked(box, "arxiv"), "arXiv is asked")
    until(lambda: (place.folder / "citewatch.db").exists() and rows(
        place, "select count(*) from snapshot") == [(2,)], "the other source is heard")  # fmt: skip
    begun = time.monotonic()
    assert running.stop() == 0
    assert time.monotonic() - begun < 15
    assert rows(place, "pragma integrity_check") == [("ok",)]
    assert rows(place, "select count(*) from run where finished_at is null") == [(0,)]
    assert rows(place, "select count(*) from latest_counts where citations > 0") == [(2,)]


def test_a_second_signal_ends_it_at_once(place: Place, box: Sandbox) -> None:
    box.set_fault("arxiv", "hang")
    running = place.run()
    until(lambda: asked(box, "arxiv"), "arXiv is asked")
    running.send(signal.SIGTERM)
    running.saw("stopping")
    begun = time.monotonic()
    assert running.stop() == 128 + signal.SIGTERM
    assert time.monotonic() - begun < 3
    assert rows(place, "pragma integrity_check") == [("ok",)]


def test_a_bad_edit_is_said_once_and_changes_nothing_until_it_is_mended(place: Place) -> None:
    running = place.run()
    running.saw("pass")
    good = place.config.read_text(encoding="utf-8")
    place.config.write_text(good.replace("papers = [", "papers = [ {", 1), encoding="utf-8")
    running.saw("trouble", words="the settings of before stay")
    place.config.write_text(good.replace("papers = [", "papers = [ { {", 1), encoding="utf-8")
    time.sleep(3)
    assert len(running.lines("trouble")) == 1
    assert running.health()[0] == 200, "it goes on with what it has"
    new = (
        '{ key = "third-2018", title = "GPU-acceleration", year = 2018, arxiv = "1706.08359" },\n]'
    )
    place.config.write_text(good.rstrip()[:-1] + new, encoding="utf-8")
    running.saw("mended", words="config.toml can be used again")
    until(lambda: rows(place, "select count(*) from paper where watched") == [(3,)], "the third")
    running.saw("pass", number=2)
    assert running.stop() == 0


def test_hangup_reads_everything_again(place: Place) -> None:
    running = place.run()
    running.saw("pass")
    running.send(signal.SIGHUP)
    running.saw("reloaded")
    assert running.stop() == 0


def test_a_list_file_that_changes_is_read_again(place: Place) -> None:
    listed = place.folder / "list.txt"
    listed.write_text("arXiv:1708.03999\n", encoding="utf-8")
    text = place.config.read_text(encoding="utf-8").partition("papers = [")[0]
    place.config.write_text(text + 'lists = ["list.txt"]\n', encoding="utf-8")
    running = place.run()
    running.saw("pass")
    listed.write_text("arXiv:1708.03999\narXiv:1709.04114\n", encoding="utf-8")
    running.saw("pass", number=2)
    assert rows(place, "select count(*) from paper where watched") == [(2,)]
    listed.unlink()
    running.saw("trouble", words="list.txt")
    listed.write_text("arXiv:1708.03999\narXiv:1709.04114\n", encoding="utf-8")
    running.saw("mended", words="the list can be used again")
    assert running.stop() == 0


def test_a_second_daemon_is_told_who_holds_the_database(place: Place) -> None:
    first = place.run()
    first.saw("started")
    second = place.citewatch("run")
    assert second.returncode == 2
    assert (
        f"'citewatch run' (process {first.process.pid} on {socket.gethostname()}" in second.stderr
    )
    assert "since 20" in second.stderr
    assert second.stderr.count("\n") == 2
    assert first.stop() == 0


def test_sync_asks_the_daemon_and_tells_what_it_did(place: Place, box: Sandbox) -> None:
    running = place.run()
    running.saw("pass")
    before = asked(box)
    idle = place.citewatch("sync")
    assert idle.returncode == 0, idle.stderr
    assert "asked it to do this now" in idle.stderr
    assert "nothing was due" in idle.stdout
    assert asked(box) == before
    forced = place.citewatch(
        "--quiet", "sync", "--force", "--source", "semantic_scholar", "--format", "json"
    )
    assert forced.returncode == 0
    assert forced.stderr == ""
    told = json.loads(forced.stdout)["sources"]
    assert told["semantic_scholar"]["found"] == 2
    assert "arxiv" not in told
    assert asked(box) == before + 1
    wrong = place.citewatch("sync", "--source", "nobody")
    assert wrong.returncode == 2
    assert "no source 'nobody'" in wrong.stderr
    box.set_fault("semantic_scholar", "garbage")
    failed = place.citewatch("sync", "--force", "--source", "semantic_scholar")
    assert failed.returncode == 4
    assert rows(place, "select count(*) from memo where name like 'errand:%'") == [(0,)]
    assert rows(place, "select count(*) from memo where name like 'answer:%'") == [(0,)]
    assert running.stop() == 0


def test_a_decision_reaches_the_daemon(place: Place) -> None:
    running = place.run()
    running.saw("pass")
    said = place.citewatch("resolve", "--reject", "zoo-zeroth-order-2017=doi:10.1234/none")
    assert said.returncode == 0, said.stderr
    stored = "select state from identifier where value = '10.1234/none'"
    assert rows(place, stored) == [("rejected",)]
    assert running.stop() == 0


def test_who_waits_for_a_daemon_that_ends_is_told(place: Place, box: Sandbox) -> None:
    running = place.run()
    running.saw("pass")
    box.set_fault("arxiv", "hang")
    waiting = subprocess.Popen(
        place.command("sync", "--force"), cwd=place.folder, env=place.environ,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    running.saw("errand")
    assert running.stop() == 0
    _, err = waiting.communicate(timeout=30)
    assert waiting.returncode == 2
    assert "stopped" in err


def test_a_port_that_is_taken_is_a_clear_error(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = place.citewatch("run", "--port", str(taken.getsockname()[1]))
    assert said.returncode == 2
    assert "cannot be listened on" in said.stderr
    assert "--port" in said.stderr


def test_a_source_that_fails_is_two_lines_however_long(place: Place, box: Sandbox) -> None:
    text = place.config.read_text(encoding="utf-8")
    quick = text.replace("[sources.semantic_scholar]", '[sources.semantic_scholar]\nevery = "1s"')
    place.config.write_text(quick, encoding="utf-8")
    box.set_fault("semantic_scholar", "garbage")
    running = place.run()
    running.saw("pass", number=4)
    box.set_fault("semantic_scholar", None)
    mended = running.saw("mended", words="Semantic Scholar answers again")
    assert mended["times"] >= 3
    assert len(running.lines("trouble")) == 1
    assert running.stop() == 0


def test_it_tells_the_supervisor_how_it_goes(place: Place) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        name = f"citewatch-test-{place.port}"
        supervisor.bind("\0" + name)
        supervisor.settimeout(20)
        running = place.run(NOTIFY_SOCKET="@" + name, WATCHDOG_USEC="1500000")
        heard = [supervisor.recv(500).decode() for _ in range(4)]
        assert heard[0].startswith("READY=1") or "READY=1" in "".join(heard)
        assert "WATCHDOG=1" in heard
        running.send(signal.SIGHUP)
        running.saw("reloaded")
        assert running.stop() == 0
        while "STOPPING=1" not in heard:
            heard.append(supervisor.recv(500).decode())
    reloading = next(line for line in heard if line.startswith("RELOADING=1"))
    assert "MONOTONIC_USEC=" in reloading


def test_a_database_that_vanishes_is_said_and_nothing_is_asked(place: Place) -> None:
    running = place.run()
    running.saw("pass")
    file, aside = place.folder / "citewatch.db", place.folder / "aside.db"
    file.rename(aside)
    running.saw("trouble", words="was removed or replaced")
    until(lambda: running.health()[0] == 503, "unwell")
    aside.rename(file)
    running.saw("mended", words="the database can be used again")
    until(lambda: running.health()[0] == 200, "well again")
    assert running.stop() == 0


def test_the_figures(place: Place) -> None:
    running = place.run()
    running.saw("pass")
    found = 'citewatch_readings_total{outcome="found",source="arxiv"} 2.0'
    status, text = until(lambda: found in (page := running.get("/metrics"))[1] and page, found)
    assert status == 200
    assert 'citewatch_readings_total{outcome="found",source="semantic_scholar"} 2.0' in text
    assert 'citewatch_requests_total{source="arxiv"} 1.0' in text
    assert "citewatch_lag_seconds 0.0" in text
    assert 'citewatch_held_papers{source="arxiv"} 0.0' in text
    assert 'citewatch_last_success_timestamp_seconds{source="arxiv"} 1' in text
    assert "process_resident_memory_bytes" in text
    assert "process_start_time_seconds" in text
    assert running.get("/else")[0] == 404
    status, health = running.health()
    assert (status, health["status"], health["reasons"]) == (200, "ok", [])
    assert "last_good_pass_at" in health
    assert running.stop() == 0


def test_port_0_means_no_pages(place: Place) -> None:
    place.port = 0
    running = place.run("--no-web")
    running.saw("pass")
    assert running.stop() == 0


class _Switchboard(BaseHTTPRequestHandler):
    """Notes what is called."""

    def do_GET(self) -> None:
        calls: list[str] = self.server.calls  # type: ignore[attr-defined]
        calls.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, *args: object) -> None:
        del args


@pytest.fixture
def switchboard() -> Iterator[tuple[str, list[str]]]:
    """Where a heartbeat is heard: its address, and what was called."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Switchboard) as server:
        server.calls = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", server.calls  # type: ignore[attr-defined]
        server.shutdown()
        thread.join()


def test_the_switch_is_called_after_a_good_pass(
    place: Place, switchboard: tuple[str, list[str]]
) -> None:
    url, calls = switchboard
    place.environ["BEAT"] = f"{url}/s3cret-7f3a"
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(f'[daemon]\nheartbeat_url_env = "BEAT"\n{text}', encoding="utf-8")
    running = place.run()
    until(lambda: calls, "the heartbeat")
    assert running.stop() == 0
    assert calls == ["/s3cret-7f3a"]
    assert "s3cret" not in running.log.read_text(encoding="utf-8")


def test_a_switch_that_nobody_hears_is_said_without_its_address(place: Place) -> None:
    place.environ["BEAT"] = f"http://127.0.0.1:{free_port()}/s3cret-7f3a"
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(f'[daemon]\nheartbeat_url_env = "BEAT"\n{text}', encoding="utf-8")
    running = place.run()
    running.saw("trouble", words="the heartbeat was not heard")
    assert running.health()[0] == 200
    assert running.stop() == 0
    assert "s3cret" not in running.log.read_text(encoding="utf-8")
    place.environ["BEAT"] = "s3cret-7f3a"
    said = place.citewatch("run")
    assert said.returncode == 2
    assert "daemon.heartbeat_url" in said.stderr
    assert "s3cret" not in said.stderr


def test_for_cron_there_is_one_pass_in_so_long(
    place: Place, box: Sandbox, switchboard: tuple[str, list[str]]
) -> None:
    url, calls = switchboard
    place.environ["BEAT"] = f"{url}/beat"
    text = place.config.read_text(encoding="utf-8")
    place.config.write_text(f'[daemon]\nheartbeat_url_env = "BEAT"\n{text}', encoding="utf-8")
    first = place.citewatch("run", "--once-per", "1d")
    assert first.returncode == 0, first.stderr
    assert "semantic_scholar  ok" in first.stdout
    before = len(box.requests)
    second = place.citewatch("run", "--once-per", "1d")
    assert second.returncode == 0
    assert "nothing to do" in second.stderr
    assert second.stdout == ""
    assert len(box.requests) == before
    assert calls == ["/beat"]
    for words in (
        ["--once-per", "soon"],
        ["--once-per", "0d"],
        ["--once-per", "1d", "--port", "1"],
    ):
        assert place.citewatch("run", *words).returncode == 2


def test_a_paper_that_is_added_beside_it_is_asked_about_at_once(place: Place) -> None:
    running = place.run()
    running.saw("pass")
    said = place.citewatch("add", "arxiv:1706.08359")
    assert said.returncode == 0, said.stderr
    running.saw("pass", number=2)
    assert rows(place, "select count(*) from latest_counts where citations > 0") == [(3,)]
    imported = place.folder / "counts.csv"
    imported.write_text("paper,source,date,count\nzoo-zeroth-order-2017,gs,2024-01-01,7\n")
    refused = place.citewatch("import-history", "counts.csv")
    assert refused.returncode == 2
    assert f"kill {running.process.pid}" in refused.stderr
    assert running.stop() == 0


def test_help_and_usage_errors_need_no_library_that_is_slow_to_import() -> None:
    program = (
        "import sys\nfrom citewatch.cli.main import run\n"
        "run(['run', '--help']), run(['run', '--once-per', 'x'])\n"
        "slow = {'httpx', 'sqlmodel', 'bs4', 'apscheduler', 'prometheus_client'}\n"
        "sys.exit(bool(slow & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
