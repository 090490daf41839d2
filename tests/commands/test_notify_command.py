"""``notify --test``, and what ``sync`` tells whom."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from command_world import Citewatch

from citewatch.sandbox import Sandbox
from notify_server import Server, serving

TOKEN = "s3cr3t-t0k3n"


@pytest.fixture
def server() -> object:
    with serving() as server:
        yield server


def notify(folder: Path, *lines: str) -> None:
    """Put these lines into the section, which a config.toml of `init` has already."""
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8") if config.exists() else "[notify]\n"
    own = "\n".join(["[notify]", *lines, ""])
    config.write_text(text.replace("[notify]\n", own, 1), encoding="utf-8")


def to_the_log(folder: Path, *, kind: str = "milestone", count: int = 1) -> None:
    """Changes that a pass would have found just now."""
    with closing(sqlite3.connect(folder / "citewatch.db")) as database, database:
        for _ in range(count):
            (number,) = database.execute(
                "INSERT INTO change (at, kind, paper_id, source, text, imported)"
                " SELECT max(answered_at), ?, 1, 'arxiv', 'a change', 0 FROM track RETURNING id",
                (kind,),
            ).fetchone()
            database.execute("INSERT INTO outbox SELECT id, at FROM change WHERE id = ?", (number,))


def test_every_channel_is_tried_and_named_without_its_address(
    folder: Path, citewatch: Citewatch, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    notify(folder, 'urls_env = "URLS"', 'feed = "feed.atom"', 'jsonl = "c.jsonl"',
           'webhook_url_env = "HOOK"', 'webhook_secret_env = "SECRET"')  # fmt: skip
    base = server.url.removeprefix("http")
    monkeypatch.setenv("URLS", f"json{base}/{TOKEN}  json://127.0.0.1:1/{TOKEN}")
    monkeypatch.setenv("HOOK", f"{server.url}/{TOKEN}")
    monkeypatch.setenv("SECRET", TOKEN)
    said = citewatch("notify", "--test")
    assert said.code == 3
    assert said.out == (
        "apprise json: ok\napprise json 2: failed: no connection to the service\n"
        "feed: ok\njsonl: ok\nwebhook: ok\n"
    )
    assert said.err == ""
    assert {seen.path for seen in server.seen} == {f"/{TOKEN}"}
    assert len(server.seen) == 2
    assert json.loads((folder / "c.jsonl").read_text())["kind"] == "test"
    ET.fromstring((folder / "feed.atom").read_bytes())  # noqa: S314
    assert not (folder / "citewatch.db").exists(), "a trial leaves nothing behind"


def test_the_exit_code_says_how_many_worked(
    folder: Path, citewatch: Citewatch, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert citewatch("notify").code == 2
    notify(folder, 'digest = "daily"')
    none = citewatch("notify", "--test")
    assert (none.code, none.out) == (2, "")
    assert "[notify] names no channel\nset urls_env, feed, jsonl or webhook_url_env" in none.err
    (folder / "config.toml").unlink()
    notify(folder, 'webhook_url_env = "HOOK"')
    unset = citewatch("notify", "--test")
    assert (unset.code, unset.out) == (4, "webhook: failed: the variable HOOK is not set\n")
    monkeypatch.setenv("HOOK", server.url)
    assert citewatch("notify", "--test").code == 0
    server.answers = [500]
    failed = citewatch("notify", "--test")
    assert (failed.code, failed.out) == (4, "webhook: failed: it answered 500\n")


def test_a_sync_tells_what_changed_to_every_channel_once(
    listed: Sandbox, folder: Path, citewatch: Citewatch, server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    notify(folder, 'urls_env = "URLS"', 'feed = "feed.atom"', 'jsonl = "c.jsonl"',
           'webhook_url_env = "HOOK"')  # fmt: skip
    monkeypatch.setenv("URLS", server.url.replace("http", "json") + "/people")
    monkeypatch.setenv("HOOK", f"{server.url}/hook")
    first = citewatch("sync", "--source", "arxiv")
    assert (first.code, first.err) == (0, "")
    to_the_log(folder, count=3)
    second = citewatch("sync", "--source", "arxiv")
    assert (second.code, second.err) == (0, "")
    third = citewatch("sync", "--source", "arxiv")
    assert (third.code, third.err) == (0, "")
    logged = citewatch("changes", "--format", "json").data["changes"]
    lines = [json.loads(line) for line in (folder / "c.jsonl").read_text().splitlines()]
    keys = [line.pop("idempotency_key") for line in lines]
    assert lines == logged
    assert len(set(keys)) == len(keys)
    hooked = [json.loads(s.body) for s in server.seen if s.path == "/hook"]
    assert [change for body in hooked for change in body["changes"]] == logged
    feed = ET.fromstring((folder / "feed.atom").read_bytes())  # noqa: S314
    entries = feed.findall("{http://www.w3.org/2005/Atom}entry")
    assert len(entries) == len(logged)
    letters = [json.loads(s.body)["message"] for s in server.seen if s.path == "/people"]
    assert sum("a change" in letter for letter in letters) == 1, "a digest is one message"


def test_what_is_not_delivered_is_said_and_no_failure_of_the_sync(
    listed: Sandbox, folder: Path, citewatch: Citewatch, server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    notify(folder, 'webhook_url_env = "HOOK"')
    monkeypatch.setenv("HOOK", f"{server.url}/{TOKEN}")
    citewatch("sync", "--source", "arxiv")
    to_the_log(folder)
    server.answers = [500]
    failed = citewatch("sync", "--source", "arxiv", "--format", "json")
    assert failed.code == 0
    assert failed.data["sources"]["arxiv"]["status"] == "ok"
    assert failed.err.startswith("webhook: 1 change not delivered: it answered 500; not before 20")
    doctor = citewatch("doctor")
    assert "warning notify    webhook: " in doctor.out
    assert "it answered 500" in doctor.out
    monkeypatch.delenv("HOOK")
    unset = citewatch("--quiet", "sync", "--source", "arxiv")
    assert unset.code == 0
    assert unset.err.splitlines()[0] == "webhook: not told: the variable HOOK is not set"
    assert "PROBLEM notify    webhook: the variable HOOK is not set" in citewatch("doctor").out
    for said in (failed, doctor, unset):
        assert TOKEN not in said.out + said.err
    content = (folder / "citewatch.db").read_bytes()
    assert TOKEN.encode() not in content


def test_without_channels_a_sync_says_nothing_of_them(
    listed: Sandbox, folder: Path, citewatch: Citewatch
) -> None:
    assert citewatch("sync", "--source", "arxiv").err == ""
    to_the_log(folder, count=5)
    assert citewatch("sync", "--source", "arxiv").err == ""
    with closing(sqlite3.connect(folder / "citewatch.db")) as database:
        assert database.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    assert "note    notify    no channel is configured" in citewatch("doctor").out


def test_mistakes_in_notify_are_named_with_their_lines(folder: Path, citewatch: Citewatch) -> None:
    notify(folder, 'digest = "hourly"', 'kinds = ["milestones"]', 'timezone = "Europe/Entenhausen"',
           'quiet_hours = "22-7"', 'feed = "f"', 'jsonl = "f"')  # fmt: skip
    said = citewatch("notify", "--test")
    assert said.code == 2
    for line in (
        "line 2: notify.digest: must be 'each' or 'daily' or 'weekly'",
        "line 3: notify.kinds: item 1: 'milestones' is no kind of change; did you mean 'milestone'?",
        "line 4: notify.timezone: must be a time zone such as 'Europe/Berlin'",
        'line 5: notify.quiet_hours: must be two times such as "22:00-07:00"',
        "line 7: notify.jsonl: must be another file than feed",
    ):
        assert line in said.err
