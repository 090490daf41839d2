"""Apprise: what reaches the service, and what never gets out."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from datetime import UTC
from io import StringIO

import pytest
from notify_samples import HOSTILE, ZOO, message, row

from citewatch.domain.papers import Kind
from citewatch.notify.apprise_channel import AppriseChannel, channel_names
from citewatch.notify.templates import load_templates
from citewatch.notify.writing import Writer
from citewatch.ports import Refusal
from notify_server import Server

WRITER = Writer(load_templates(None), UTC)
TOKEN = "s3cr3t-t0k3n"
GIVEN = message(row(1, Kind.MILESTONE, text="crossed 100+"))


def channel(url: str, timeout_s: float = 10.0) -> AppriseChannel:
    return AppriseChannel(channel_names([url])[0], url, WRITER, timeout_s)


def address(server: Server) -> str:
    return f"{server.url.replace('http', 'json')}/{TOKEN}"


def send(to: AppriseChannel) -> Refusal | None:
    return asyncio.run(to.send(GIVEN))


def test_a_letter_arrives_with_its_subject_and_key(server: Server) -> None:
    assert send(channel(address(server))) is None
    (seen,) = server.seen
    body = json.loads(seen.body)
    assert body["title"] == f"citewatch: {ZOO}: crossed 100+"
    assert body["message"].startswith(f"Milestones\n\n{ZOO}\n  * crossed 100+ (2026-09-21)\n")
    assert body["message"].rstrip().endswith("citewatch, message 0123456789-abc")
    assert seen.headers["User-Agent"] == "citewatch"


def test_hostile_titles_arrive_as_text(server: Server) -> None:
    given = message(row(1, Kind.DROP, title=HOSTILE, text=HOSTILE))
    assert asyncio.run(channel(address(server)).send(given)) is None
    text = json.loads(server.seen[0].body)["message"]
    assert "</title><script>alert(1)</script> & red line break evil ${subject} $key {{7*7}}" in text


@pytest.mark.parametrize("status", [401, 500])
def test_a_refusal_names_the_status_and_nothing_else(server: Server, status: int) -> None:
    server.answers = [status]
    assert send(channel(address(server))) == Refusal(f"the service answered {status}")


def test_a_service_that_hangs_is_given_up(server: Server) -> None:
    release = threading.Event()
    server.before = lambda: release.wait(5)
    begun = time.perf_counter()
    try:
        assert send(channel(address(server), 0.3)) == Refusal("no answer within 0.3 s")
    finally:
        release.set()
    assert time.perf_counter() - begun < 3


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"json://user:{TOKEN}@127.0.0.1:1/{TOKEN}", "no connection to the service"),
        (f"bogus://{TOKEN}", "its address is none that Apprise understands"),
        (f"{TOKEN}", "its address is none that Apprise understands"),
        (f"mailto://{TOKEN}", "its address is none that Apprise understands"),
    ],
)
def test_no_word_of_the_address_gets_out(
    url: str, reason: str, log: StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    to = channel(url)
    assert send(to) == Refusal(reason)
    words = [to.name, repr(to), log.getvalue(), *capfd.readouterr()]
    assert [text for text in words if TOKEN in text or "127.0.0.1" in text] == []


def test_channels_are_named_by_their_scheme_alone() -> None:
    urls = ["mailto://a:b@c", "tgram://token/chat", "MAILTO://d:e@f", "no address", "mailto://x"]
    assert channel_names(urls) == [
        "apprise mailto", "apprise tgram", "apprise mailto 2", "apprise unreadable",
        "apprise mailto 3",
    ]  # fmt: skip


def test_mail_is_sent_as_html_and_chats_get_plain_text() -> None:
    import apprise

    from citewatch.notify.apprise_channel import _wants_html

    expected = {
        "mailto://user:password@example.org": True,
        "mailto://user:password@example.org?format=text": False,
        "json://127.0.0.1/": False,
        "tgram://123456789:abcdefg_hijklmnop/12315544/": False,
        "ntfy://topic": False,
        "discord://111/222": False,
        "slack://TokenAAAA/TokenBBBB/TokenCCCCCCCCCCCCCCCCCC": False,
    }
    for url, html in expected.items():
        (service,) = _loaded(apprise.Apprise(), url)
        assert _wants_html(service) is html, url


def _loaded(services: object, url: str) -> list[object]:
    services.add(url)  # type: ignore[attr-defined]
    return list(services)  # type: ignore[call-overload]
