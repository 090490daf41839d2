"""Several daemons at one PostgreSQL server: one leads, the others stand by."""

from __future__ import annotations

import signal
import time

import pytest
from daemon_world import Place, Running, free_port, until

from citewatch.sandbox import Sandbox
from servers import FreshServer, Server


@pytest.fixture
def url(server: FreshServer) -> str:
    return server()


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
