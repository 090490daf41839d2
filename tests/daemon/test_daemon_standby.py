"""Several daemons at one PostgreSQL server: one leads, the others stand by."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from daemon_world import Place, Running, free_port, until

from citewatch.sandbox import Sandbox
from servers import FreshServer, Server


@pytest.fixture
def url(server: FreshServer) -> str:
    return server()


class Cable:
    """A way to the server that can be cut: whoever uses it is cut off, and finds nobody."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._there = (parts.hostname or "", parts.port or 5432)
        self.port = free_port()
        self.url = url.replace(f":{parts.port}/", f":{self.port}/")
        self._line: socket.socket | None = None
        self._open: list[socket.socket] = []

    def mend(self) -> None:
        self._line = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve, args=(self._line,), daemon=True).start()

    def cut(self) -> None:
        for line in (self._line, *self._open):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        self._open.clear()

    def _serve(self, line: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _ = line.accept()
                far = socket.create_connection(self._there)
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    @staticmethod
    def _pass_on(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
        for line in (one, other):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def shared(place: Place, url: str) -> Place:
    """The folder, its database at the server."""
    place.environ["CITEWATCH_DATABASE__URL"] = url
    return place


def beside(place: Place) -> Running:
    """Another daemon of the same folder, at a port of its own."""
    place.port = free_port()
    return place.run()


def asked(box: Sandbox) -> int:
    return sum(seen.service == "semantic_scholar" for seen in box.requests)


def test_when_the_leader_is_killed_another_takes_over(
    shared: Place, box: Sandbox, url: str, postgres: Server
) -> None:
    first_port = shared.port
    leader = shared.run()
    leader.saw("pass")
    second = beside(shared)
    said = second.saw("standby")
    assert f"'citewatch run' (process {leader.process.pid}" in said["text"]
    status, page = second.health()
    assert (status, page["status"], page["reasons"]) == (200, "standby", [])
    assert str(leader.process.pid) in page["leader"]
    before = asked(box)
    shared.port = first_port
    assert leader.health()[1]["status"] == "ok"

    done = shared.citewatch("sync", "--force")
    assert done.returncode == 0, done.stderr
    assert "asked it to do this now" in done.stderr
    leader.saw("errand")
    assert asked(box) > before
    assert second.lines("pass") == [], "a standby asks nothing"

    killed = time.monotonic()
    leader.send(signal.SIGKILL)
    leader.process.wait()
    second.saw("leading")
    assert time.monotonic() - killed < 15
    second.saw("started")
    (runs,) = postgres.ask("SELECT count(*) FROM run WHERE finished_at IS NULL", url)
    done = shared.citewatch("sync", "--force")
    assert done.returncode == 0, done.stderr
    second.saw("pass")
    assert second.stop() == 0
    counts = postgres.ask("SELECT count(*) FROM latest_counts WHERE citations > 0", url)
    assert (runs, counts) == ((0,), [(2,)])


def test_who_has_lost_the_lock_stands_by_and_does_not_end(
    shared: Place, postgres: Server, url: str
) -> None:
    daemon = shared.run()
    daemon.saw("pass")
    postgres.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE application_name LIKE 'citewatch run/{daemon.process.pid}/%'"
    )
    daemon.saw("lost", words="nothing more is written")
    daemon.saw("started", number=2)
    until(lambda: daemon.get("/healthz")[0] == 200, "healthy again")
    assert daemon.stop() == 0


def test_a_server_that_goes_away_is_waited_for(place: Place, url: str) -> None:
    cable = Cable(url)
    cable.mend()
    place.environ["CITEWATCH_DATABASE__URL"] = cable.url
    daemon = place.run()
    daemon.saw("pass")
    cable.cut()
    daemon.saw("lost")
    daemon.saw("trouble", words="cannot be reached")
    status, page = daemon.health()
    assert (status, page["status"]) == (503, "unwell")
    assert "cannot be reached" in page["reasons"][0]
    cable.mend()
    daemon.saw("leading")
    daemon.saw("started", number=2)
    assert daemon.stop() == 0
    cable.cut()


def test_a_standby_ends_when_it_is_asked_to(shared: Place) -> None:
    leader = shared.run()
    leader.saw("started")
    second = beside(shared)
    second.saw("standby")
    second.send(signal.SIGHUP)
    time.sleep(0.2)
    assert second.stop() == 0
    third = beside(shared)
    third.saw("standby")
    assert leader.stop() == 0, "one that ends by itself hands over as well"
    third.saw("leading")
    assert third.stop(signal.SIGINT) == 0


def test_who_stood_by_leads_with_the_settings_of_that_day(
    shared: Place, postgres: Server, url: str
) -> None:
    leader = shared.run()
    leader.saw("pass")
    other = Place(shared.folder.parent / "other", shared.environ)
    other.folder.mkdir()
    text = shared.config.read_text(encoding="utf-8")
    other.config.write_text(text, encoding="utf-8")
    second = other.run()
    second.saw("standby")
    third = '{ key = "third-2018", title = "GPU", year = 2018, arxiv = "1706.08359" },\n]'
    other.config.write_text(text.rstrip()[:-1] + third, encoding="utf-8")
    assert leader.stop() == 0
    second.saw("pass")
    assert postgres.ask("SELECT count(*) FROM paper WHERE watched = 1", url) == [(3,)]
    assert second.stop() == 0


def test_a_server_that_cannot_be_reached_ends_a_first_start(place: Place) -> None:
    url = f"postgresql://me:geheim@127.0.0.1:{free_port()}/x"
    place.environ["CITEWATCH_DATABASE__URL"] = url
    for words in (["run"], ["sync"], ["report"], ["doctor"]):
        done = place.citewatch(*words)
        assert done.returncode == (1 if words == ["doctor"] else 2)
        said = done.stderr + done.stdout
        assert "cannot be reached" in said
        assert "geheim" not in said
        assert "Traceback" not in said


def test_every_command_works_at_a_server(shared: Place, url: str) -> None:
    assert shared.citewatch("sync").returncode == 0
    for words in (
        ["report"], ["changes"], ["history", "zoo-zeroth-order-2017"], ["sources"], ["list"],
        ["resolve"], ["run", "--once-per", "1d"],
    ):  # fmt: skip
        done = shared.citewatch(*words)
        assert done.returncode == 0, (words, done.stderr)
    done = shared.citewatch("doctor")
    assert f"database  postgresql://{url.rpartition('@')[2]}, " in done.stdout
    assert "\n" in done.stdout
    assert "disk " not in done.stdout
    for words in (["backup", "copy.db"], ["restore", "copy.db"]):
        done = shared.citewatch(*words)
        assert done.returncode == 2
        assert "pg_dump" in done.stderr


def test_what_was_asked_of_a_leader_that_dies_is_done_by_the_next(
    shared: Place, box: Sandbox
) -> None:
    leader = shared.run()
    leader.saw("pass")
    second = beside(shared)
    second.saw("standby")
    box.set_fault("semantic_scholar", "hang")
    before = asked(box)
    with subprocess.Popen(
        shared.command("sync", "--force"), cwd=shared.folder, env=shared.environ,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    ) as sync:  # fmt: skip
        until(lambda: asked(box) > before, "the leader asks")
        leader.send(signal.SIGKILL)
        leader.process.wait()
        box.set_fault("semantic_scholar", None)
        _, said = sync.communicate(timeout=60)
    assert sync.returncode == 0, said
    second.saw("errand")
    assert second.stop() == 0
