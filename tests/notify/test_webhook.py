"""The webhook: signed, with a key, and nothing of its address in any word."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
import time
from io import StringIO

import pytest
from notify_samples import HOSTILE, NOW, message, row

from citewatch.cli.render.changes import change_object
from citewatch.domain.papers import Kind
from citewatch.notify.webhook import Webhook
from citewatch.ports import Message, Refusal
from notify_server import Server

ROWS = [row(1, Kind.MILESTONE, threshold=100), row(2, Kind.DROP, title=HOSTILE, text=HOSTILE)]
TOKEN = "s3cr3t-t0k3n"
HUSH = "hush"


def hook(url: str, secret: str = HUSH, *, at: int = NOW, timeout_s: float = 5.0) -> Webhook:
    return Webhook(url, secret, lambda: float(at), "1.2.3", timeout_s)


def send(webhook: Webhook, given: Message | None = None) -> Refusal | None:
    return asyncio.run(webhook.send(given or message(*ROWS)))


def test_a_message_is_one_signed_post(server: Server) -> None:
    assert send(hook(f"{server.url}/hook?token={TOKEN}")) is None
    (seen,) = server.seen
    assert seen.path == f"/hook?token={TOKEN}"
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.headers["User-Agent"] == "citewatch/1.2.3"
    assert seen.headers["Idempotency-Key"] == "0123456789-abc"
    assert json.loads(seen.body) == {
        "idempotency_key": "0123456789-abc",
        "changes": [change_object(each) for each in ROWS],
    }
    # As a receiver checks it.
    stamp, _, given = seen.headers["Citewatch-Signature"].partition(",")
    content = stamp.removeprefix("t=").encode() + b"." + seen.body
    wanted = hmac.new(b"hush", content, hashlib.sha256).hexdigest()
    assert (stamp, given) == (f"t={NOW}", f"v1={wanted}")


def test_the_same_message_later_has_the_same_body_and_key(server: Server) -> None:
    send(hook(server.url))
    send(hook(server.url, at=NOW + 999), message(*ROWS, at=NOW + 999))
    first, second = server.seen
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.headers["Citewatch-Signature"] != second.headers["Citewatch-Signature"]


def test_without_a_secret_there_is_no_signature(server: Server) -> None:
    send(hook(server.url, ""))
    assert "Citewatch-Signature" not in server.seen[0].headers


@pytest.mark.parametrize("status", [201, 204])
def test_any_2xx_is_a_yes(server: Server, status: int) -> None:
    server.answers = [status]
    assert send(hook(server.url)) is None


@pytest.mark.parametrize("status", [301, 302, 400, 401, 404, 410, 500, 503])
def test_anything_else_is_a_no_and_no_redirect_is_followed(server: Server, status: int) -> None:
    server.answers, server.headers = [status], {"Location": f"{server.url}/elsewhere"}
    assert send(hook(server.url)) == Refusal(f"it answered {status}")
    assert len(server.seen) == 1


@pytest.mark.parametrize(("said", "wait_s"), [("120", 120.0), ("soon", 0.0), ("9" * 30, 0.0)])
def test_a_wait_that_is_asked_for_is_passed_on(server: Server, said: str, wait_s: float) -> None:
    server.answers, server.headers = [429], {"Retry-After": said}
    assert send(hook(server.url)) == Refusal("it answered 429", wait_s)


def test_a_receiver_that_hangs_is_given_up(server: Server) -> None:
    release = threading.Event()
    server.before = lambda: release.wait(5)
    begun = time.perf_counter()
    try:
        assert send(hook(server.url, timeout_s=0.2)) == Refusal("no answer within 0.2 s")
    finally:
        release.set()
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:1/{TOKEN}",
        f"http://{TOKEN}@127.0.0.1:1/",
        f"ftp://example.org/{TOKEN}",
        f"{TOKEN}",
        f"http://[{TOKEN}",
        f"http:///{TOKEN}",
        f"http://127.0.0.1:99999999/{TOKEN}",
        f"http://127.0.0.1:1/\x00{TOKEN}",
    ],
)
def test_no_word_of_the_address_gets_out(
    url: str, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    webhook = hook(url, TOKEN)
    refusal = send(webhook)
    assert refusal is not None
    words = [refusal.reason, repr(webhook), log.getvalue(), *capsys.readouterr()]
    assert [text for text in words if TOKEN in text] == []


def test_not_even_success_logs_the_address(server: Server, log: StringIO) -> None:
    send(hook(f"{server.url}/{TOKEN}", TOKEN))
    assert TOKEN not in log.getvalue()


def test_a_test_message_says_so(server: Server) -> None:
    send(hook(server.url), Message(key="test-1", at=NOW, test=True))
    assert json.loads(server.seen[0].body) == {
        "idempotency_key": "test-1", "changes": [], "test": True,
    }  # fmt: skip
