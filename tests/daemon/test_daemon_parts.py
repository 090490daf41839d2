"""The parts of the daemon by themselves: clockwork, troubles, files, log, pages, supervisor."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import logging
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import apscheduler.schedulers.base
import pytest

from citewatch.daemon.files import Watched
from citewatch.daemon.jobs import Jobs
from citewatch.daemon.logs import Log, open_log
from citewatch.daemon.monitor import Monitor, Page, json_page, listen
from citewatch.daemon.switch import Switch
from citewatch.daemon.systemd import Supervisor
from citewatch.daemon.ticks import Ticks
from citewatch.daemon.troubles import Troubles, spell
from citewatch.daemon.vitals import Vitals, reasons
from citewatch.domain.agenda import Prospect
from citewatch.errors import InputError
from citewatch.ports import Agenda, Job
from citewatch.services.prospects import Outlook
from citewatch.services.standing import SourceSchedule
from fakes import FakeClock

DAY = 86_400
NOW = 1_800_000_000


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def journal(out: io.StringIO) -> Iterator[Log]:
    yield open_log(out, level=logging.DEBUG, json_lines=True)
    open_log(io.StringIO(), json_lines=True)


def said(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


# --- the clockwork ---------------------------------------------------------------


class Wall:
    """The wall clock that APScheduler reads, which a test may set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wall = self
        self.off_s = 0.0

        class Moved(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + timedelta(seconds=wall.off_s)  # type: ignore[arg-type]

        monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Moved)

    def time(self) -> float:
        return time.time() + self.off_s


@pytest.mark.parametrize("jump_s", [-400 * DAY, -3600, 400 * DAY])
def test_ticks_go_on_when_the_clock_jumps(monkeypatch: pytest.MonkeyPatch, jump_s: int) -> None:
    wall = Wall(monkeypatch)
    calls: list[float] = []

    async def call() -> None:
        calls.append(time.monotonic())

    async def live() -> tuple[int, int]:
        ticks = Ticks(wall.time)
        ticks.every("look", 0.1, call)
        ticks.start()
        await asyncio.sleep(0.25)
        before = len(calls)
        wall.off_s = jump_s
        await asyncio.sleep(0.15)
        ticks.heal()
        await asyncio.sleep(0.35)
        await ticks.stop(1)
        return before, len(calls) - before

    before, after = asyncio.run(live())
    assert before >= 2
    assert 2 <= after <= 8, "neither silence nor a burst"


def test_missed_ticks_are_one_tick_and_none_is_beside_itself() -> None:
    running, most, calls = 0, 0, 0

    async def slow() -> None:
        nonlocal running, most, calls
        running, calls = running + 1, calls + 1
        most = max(most, running)
        await asyncio.sleep(0.2)
        running -= 1

    async def live() -> None:
        ticks = Ticks(time.time)
        ticks.every("slow", 0.02, slow)
        ticks.start()
        await asyncio.sleep(0.5)
        await ticks.stop(1)

    asyncio.run(live())
    assert most == 1
    assert calls <= 4


def test_what_is_under_way_comes_to_its_end_before_the_clockwork_stops() -> None:
    done: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0.2)
        done.append("whole")

    async def live() -> None:
        ticks = Ticks(time.time)
        ticks.every("work", 60, work)
        ticks.start()
        await asyncio.sleep(0.05)
        await ticks.stop(5)

    asyncio.run(live())
    assert done == ["whole"]


# --- troubles, jobs, the switch ------------------------------------------------------


def test_a_trouble_is_two_lines_with_a_count(journal: Log, out: io.StringIO) -> None:
    now = [NOW]
    troubles = Troubles(journal, lambda: now[0])
    for _ in range(500):
        troubles.begins("source:arxiv", "arXiv: failed")
        now[0] += 3600
    troubles.ends("source:arxiv", "arXiv answers again")
    troubles.ends("source:arxiv", "arXiv answers again")
    first, last = said(out)
    assert (first["event"], first["level"], first["text"]) == (
        "trouble",
        "warning",
        "arXiv: failed",
    )
    assert (last["event"], last["times"], last["lasted_s"]) == ("mended", 500, 500 * 3600)
    assert last["text"] == "arXiv answers again (it had gone wrong 500 times in 20 d)"


def test_a_set_of_troubles_is_held_against_what_is_wrong_now(
    journal: Log, out: io.StringIO
) -> None:
    troubles = Troubles(journal, lambda: NOW)
    troubles.are("list:", {"a": "a is gone", "b": "b is gone"}, "can be used again")
    troubles.are("list:", {"b": "b is gone"}, "can be used again")
    assert [line["event"] for line in said(out)] == ["trouble", "trouble", "mended"]
    assert list(troubles.now()) == ["list:b"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (DAY * 3, "3 d")],
)
def test_lengths_of_time_for_people(seconds: int, text: str) -> None:
    assert spell(seconds) == text


def test_a_job_that_fails_holds_up_no_other_and_is_said_once(
    journal: Log, out: io.StringIO
) -> None:
    done: list[str] = []

    async def good() -> str:
        done.append("good")
        return "one message sent" if len(done) == 1 else ""

    async def bad() -> str:
        raise ValueError("boom")

    async def refused() -> str:
        raise InputError("no such channel")

    async def live() -> None:
        ticks = Ticks(time.time)
        jobs = Jobs(ticks, journal, Troubles(journal, lambda: NOW))
        jobs.take(
            [
                Job(name="delivery", every_s=0.05, run=good),
                Job(name="backup", every_s=0.05, run=bad),
                Job(name="other", every_s=0.05, run=refused),
            ]
        )
        ticks.start()
        await asyncio.sleep(0.3)
        jobs.take([Job(name="delivery", every_s=60, run=good)])
        before = len(done)
        await asyncio.sleep(0.2)
        assert len(done) <= before + 2
        await ticks.stop(1)

    asyncio.run(live())
    assert len(done) >= 3
    lines = said(out)
    assert [x["text"] for x in lines if x["event"] == "delivery"] == ["one message sent"]
    assert len([x for x in lines if x["event"] == "trouble"]) == 2


def test_the_switch_is_called_once_after_a_good_pass_and_again_until_it_is_heard(
    journal: Log, out: io.StringIO
) -> None:
    clock, answers, calls = FakeClock(NOW), ["timeout", "HTTP 500", ""], []

    async def call(url: str) -> str:
        calls.append(clock.monotonic())
        return answers[len(calls) - 1] if len(calls) <= 3 else ""

    async def live() -> None:
        switch = Switch(
            lambda: "http://x/secret", call, Troubles(journal, lambda: NOW), clock.monotonic
        )
        await switch.look()
        switch.good()
        for _ in range(100):
            await switch.look()
            clock.advance(5)

    asyncio.run(live())
    assert calls == [0.0, 60.0, 180.0]
    assert [line["event"] for line in said(out)] == ["trouble", "mended"]
    assert "secret" not in out.getvalue()


# --- files ---------------------------------------------------------------------------


def test_a_change_counts_when_it_has_settled(tmp_path: Path) -> None:
    file, watched = tmp_path / "config.toml", Watched()
    file.write_text("a = 1")
    assert watched.changed([file]) == set()
    file.write_text("a = ")
    assert watched.changed([file]) == set(), "perhaps half-way through"
    file.write_text("a = 22")
    assert watched.changed([file]) == set()
    assert watched.changed([file]) == {file}
    assert watched.changed([file]) == set()


def test_a_file_that_is_replaced_removed_or_comes_back_has_changed(tmp_path: Path) -> None:
    file, watched = tmp_path / "list.txt", Watched()
    file.write_text("same")
    watched.changed([file])
    state = file.stat()
    other = tmp_path / "other"
    other.write_text("same")
    os.utime(other, ns=(state.st_atime_ns, state.st_mtime_ns))
    other.replace(file)
    watched.changed([file])
    assert watched.changed([file]) == {file}, "another inode"
    file.unlink()
    watched.changed([file])
    assert watched.changed([file]) == {file}
    file.write_text("same")
    watched.changed([file])
    assert watched.changed([file]) == {file}
    watched.changed([])
    assert watched.changed([file]) == set(), "new again, as it should be"


# --- the log -------------------------------------------------------------------------


def test_lines_are_json_with_time_level_event_text_and_fields(
    journal: Log, out: io.StringIO
) -> None:
    journal.warning("pass", "two\nlines", requests=3)
    (line,) = said(out)
    assert {k: line[k] for k in ("level", "event", "text", "requests")} == {
        "level": "warning", "event": "pass", "text": "two\nlines", "requests": 3,
    }  # fmt: skip
    assert str(line["time"]).endswith("Z")


def test_on_a_terminal_lines_are_for_people(out: io.StringIO) -> None:
    journal = open_log(out, json_lines=False)
    journal.info("pass", "all is well\nreally\x1b[2J", requests=3)
    journal.debug("due", "not seen")
    first, second = out.getvalue().splitlines()
    assert first[10:] == first[10:20] + "  info     all is well"
    assert second == "    really [2J"


def test_no_secret_is_written_by_anybody(journal: Log, out: io.StringIO) -> None:
    journal.hide(["s3cr3t/key", "x"])
    journal.info("pass", "asked https://example.org/?key=s3cr3t/key&x=1", url="s3cr3t/key")
    logging.getLogger("some.library").warning("sent to s3cr3t/key")
    try:
        int("s3cr3t/key")
    except ValueError:
        journal.defect("defect", "unexpected")
    assert "s3cr3t" not in out.getvalue()
    assert said(out)[1]["event"] == "library"
    assert "ValueError" in str(said(out)[2]["traceback"])


def test_a_log_that_cannot_be_written_ends_nothing() -> None:
    closed = io.StringIO()
    journal = open_log(closed, json_lines=True)
    closed.close()
    journal.info("pass", "into the void")
    open_log(io.StringIO(), json_lines=True)


# --- how it is -----------------------------------------------------------------------

SCHEDULE = SourceSchedule(name="arxiv", label="arXiv", every_s=DAY, counts=False, enabled=True)


def outlook(good_at: int | None, *, blocked: bool = False) -> Outlook:
    prospect = None if blocked else Prospect(name="arxiv", every_s=DAY)
    agenda = Agenda(good_at=good_at)
    return Outlook(schedule=SCHEDULE, agenda=agenda, prospect=prospect, parked_until=None)


def test_health_is_told_with_its_reasons(journal: Log) -> None:
    well = Vitals(started_at=NOW - 9 * DAY, looked_at=100.0, outlooks=[outlook(NOW - DAY)])
    assert reasons(well, NOW, 101.0) == []
    assert "has not come round for 100 s" in reasons(well, NOW, 200.0)[0]
    late = replace(well, outlooks=[outlook(NOW - 2 * DAY - 1)])
    assert reasons(late, NOW, 101.0) == ["no source has answered in the last 2 d"]
    never = replace(well, outlooks=[outlook(None)])
    assert reasons(never, NOW, 101.0) == ["no source has answered in the last 9 d"]
    woken = replace(never, started_at=NOW - 60)
    assert reasons(woken, NOW, 101.0) == []
    blocked = replace(well, outlooks=[outlook(None, blocked=True)])
    assert "no source can be asked" in reasons(blocked, NOW, 101.0)[0]
    troubles = Troubles(journal, lambda: NOW)
    troubles.begins("database", "no room on the disk\nmake some")
    troubles.begins("source:arxiv", "arXiv: failed")
    ill = replace(well, troubles=troubles.now())
    assert reasons(ill, NOW, 101.0) == ["no room on the disk"], "a source may fail"


# --- the pages -----------------------------------------------------------------------


@pytest.fixture
def port() -> Iterator[int]:
    def broken() -> Page:
        raise ValueError

    line = listen("127.0.0.1", 0)
    monitor = Monitor(
        line, {"/healthz": lambda: json_page(200, {"status": "ok"}), "/broken": broken}
    )
    number = int(line.getsockname()[1])
    monitor.start()
    yield number
    monitor.stop()


def ask(port: int, method: str, path: str) -> tuple[int, bytes, str | None]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as line:
        line.request(method, path)
        answer = line.getresponse()
        return answer.status, answer.read(), answer.getheader("Allow")


def test_the_pages_are_for_reading_only(port: int) -> None:
    assert ask(port, "GET", "/healthz?x=1")[:2] == (200, b'{"status": "ok"}\n')
    assert ask(port, "HEAD", "/healthz")[:2] == (200, b"")
    assert ask(port, "POST", "/healthz")[::2] == (405, "GET, HEAD")
    assert ask(port, "GET", "/../etc/passwd")[0] == 404
    assert ask(port, "GET", "/broken")[0] == 500
    assert ask(port, "GET", "/healthz")[0] == 200, "it goes on"


@pytest.mark.parametrize(
    "bytes_",
    [b"\x16\x03\x01 nonsense\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 5000],
)
def test_what_is_no_request_is_refused(port: int, bytes_: bytes) -> None:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=10)) as line:
        try:
            line.sendall(bytes_)
            assert line.recv(100).startswith(b"HTTP/1.1 400 ")
        except ConnectionError:
            pass  # refused before it was read to its end
    assert ask(port, "GET", "/healthz")[0] == 200


def test_clients_that_say_nothing_are_sent_away_and_hold_up_nobody(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(20)]
    begun = time.monotonic()
    assert ask(port, "GET", "/healthz")[0] == 200
    assert time.monotonic() - begun < 2
    assert lines[0].recv(100) == b"", "after a few seconds"
    for line in lines:
        line.close()


def test_too_many_at_once_are_sent_away_and_it_goes_on(port: int) -> None:
    lines = [socket.create_connection(("127.0.0.1", port), timeout=20) for _ in range(60)]
    for line in lines:
        line.close()
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            assert ask(port, "GET", "/healthz")[0] == 200
        except (ConnectionError, http.client.HTTPException):
            continue
        return
    raise AssertionError("it does not answer any more")


def test_an_address_that_cannot_be_had_is_a_clear_error(port: int) -> None:
    with pytest.raises(InputError, match="cannot be listened on"):
        listen("127.0.0.1", port)
    with pytest.raises(InputError, match="cannot be listened on"):
        listen("nowhere.invalid", 80)


# --- the supervisor --------------------------------------------------------------------


def test_the_supervisor_hears_datagrams_by_path_and_by_name(tmp_path: Path) -> None:
    addresses = [(str(tmp_path / "s"), str(tmp_path / "s"))]
    if sys.platform == "linux":
        addresses.append((f"@cw-{os.getpid()}", f"\0cw-{os.getpid()}"))
    for name, address in addresses:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.bind(address)
            line.settimeout(5)
            Supervisor({"NOTIFY_SOCKET": name}).tell("READY=1", "STATUS=well")
            assert line.recv(100) == b"READY=1\nSTATUS=well"


def test_without_a_supervisor_or_with_one_that_has_gone_nothing_happens(tmp_path: Path) -> None:
    Supervisor({}).tell("READY=1")
    Supervisor({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")
    assert Supervisor({}).watchdog_s == 0
    ours = {"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}
    assert Supervisor(ours).watchdog_s == 30
    assert Supervisor({**ours, "WATCHDOG_PID": "1"}).watchdog_s == 0
