"""A receiver of webhooks on loopback that notes every message, and whether it answered."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Receipt:
    """One message as it came."""

    spell: int
    """Of which life of the sender."""
    key: str
    changes: tuple[int, ...]
    status: int = 0
    """What was answered; 0 while nothing was."""


@dataclass(slots=True)
class Receiver:
    """What came, and how the next message is met."""

    url: str = ""
    spell: int = 0
    status: int = 200
    received: list[Receipt] = field(default_factory=list)
    before: Callable[[], None] = lambda: None
    """Called when a message is there and nothing is answered yet."""
    after: Callable[[], None] = lambda: None
    """Called when the answer is on its way."""

    def take(self, key: str, body: bytes) -> Receipt:
        """Note a message."""
        changes = tuple(change["id"] for change in json.loads(body)["changes"])
        receipt = Receipt(self.spell, key, changes)
        self.received.append(receipt)
        return receipt


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens until the block ends."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receipt = receiver.take(self.headers["Idempotency-Key"], body)
            receiver.before()
            with suppress(OSError):
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                receipt.status = receiver.status
            receiver.after()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who was killed in the middle leaves a broken connection."""

    http = Quiet(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{http.server_port}/hook"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def pause(seconds: float) -> None:
    """Let some real time pass."""
    time.sleep(seconds)
