"""Mail, the main use of Apprise: what a mailbox gets, over real SMTP on loopback."""

from __future__ import annotations

import asyncio
import email
import socketserver
import threading
from collections.abc import Iterator
from datetime import UTC
from email.message import EmailMessage
from email.policy import default

import pytest
from notify_samples import HOSTILE, ZOO, message, row

from citewatch.domain.papers import Kind
from citewatch.notify.apprise_channel import AppriseChannel
from citewatch.notify.templates import load_templates
from citewatch.notify.writing import Writer
from citewatch.ports import Refusal


class Mailbox(socketserver.ThreadingTCPServer):
    """Just enough of RFC 5321 to be given mail; ``full`` refuses it."""

    full = False

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        super().__init__(("127.0.0.1", 0), Session)

    @property
    def address(self) -> str:
        place = f"127.0.0.1:{self.server_address[1]}"
        return f"mailto://user:s3cr3t@{place}?from=me@example.org&to=you@example.org&mode=insecure"


class Session(socketserver.StreamRequestHandler):
    server: Mailbox

    def handle(self) -> None:
        self.say("220 mailbox")
        while line := self.rfile.readline().decode().strip():
            match line.split()[0].upper():
                case "EHLO":
                    self.say("250-mailbox\r\n250 AUTH PLAIN LOGIN")
                case "AUTH":
                    self.say("235 welcome")
                case "DATA":
                    self.say("354 go on")
                    self.take()
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 ok")

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def take(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.server.full:
            self.say("552 full")
            return
        got = email.message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(got, EmailMessage)
        self.server.mails.append(got)
        self.say("250 ok")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def send(mailbox: Mailbox) -> Refusal | None:
    writer = Writer(load_templates(None), UTC)
    given = message(
        row(1, Kind.MILESTONE, text="crossed 1300+"),
        row(2, Kind.DROP, paper=2, title=HOSTILE, text=HOSTILE),
    )
    return asyncio.run(AppriseChannel("apprise mailto", mailbox.address, writer).send(given))


def test_a_digest_is_one_mail_as_html_with_plain_text_beside_it(mailbox: Mailbox) -> None:
    assert send(mailbox) is None
    (mail,) = mailbox.mails
    assert mail["subject"] == "citewatch: 1 milestone, 1 drop"
    assert mail["to"] == "you@example.org"
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert ZOO in plain.get_content().splitlines(), "in full and unwrapped"
    assert "</title><script>alert(1)</script> & red line break evil" in plain.get_content()
    assert f"<p><b>{ZOO}</b></p>" in page.get_content()
    assert "<script>" not in page.get_content()


def test_mail_that_is_not_taken_is_a_refusal_without_the_password(mailbox: Mailbox) -> None:
    mailbox.full = True
    refusal = send(mailbox)
    assert refusal is not None
    assert "s3cr3t" not in refusal.reason
    assert "127.0.0.1" not in refusal.reason
