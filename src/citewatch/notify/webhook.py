"""A program of the user's own, by HTTP: one POST a message, signed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from citewatch.notify.lines import change_object
from citewatch.ports import Message, Refusal

NAME = "webhook"
SIGNATURE = "Citewatch-Signature"
KEY = "Idempotency-Key"
TIMEOUT_S = 30.0

_LONGEST_NUMBER = 6


@dataclass(frozen=True, slots=True)
class Webhook:
    """`citewatch.ports.Channel` over an address that takes POST."""

    url: str
    secret: str
    now: Callable[[], float]
    version: str
    timeout_s: float = TIMEOUT_S
    name: str = NAME
    for_people: bool = False

    def __repr__(self) -> str:
        return f"Webhook({self.name!r})"

    async def send(self, message: Message) -> Refusal | None:
        """Deliver; None when the answer was a 2xx."""
        if not usable(self.url):
            return Refusal("its address is no http:// or https:// address")
        body = body_of(message)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"citewatch/{self.version}",
            KEY: message.key,
        }
        if self.secret:
            headers[SIGNATURE] = signature(self.secret, body, at=int(self.now()))
        for logger in ("httpx", "httpcore"):  # they log whole addresses
            logging.getLogger(logger).setLevel(logging.WARNING)
        try:
            async with (
                asyncio.timeout(self.timeout_s),
                httpx.AsyncClient(timeout=self.timeout_s, follow_redirects=False) as client,
                client.stream("POST", self.url, content=body, headers=headers) as answer,
            ):
                return _refusal(answer.status_code, answer.headers.get("Retry-After", ""))
        except (TimeoutError, httpx.TimeoutException):
            return Refusal(f"no answer within {self.timeout_s:g} s")
        except httpx.ConnectError:
            return Refusal("no connection")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            # The words of the error may hold the address, and the address a token.
            return Refusal(f"the exchange failed ({type(error).__name__})")


def usable(url: str) -> bool:
    """Whether it is an address at all."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def body_of(message: Message) -> bytes:
    """The same bytes whenever the same message is sent."""
    document: dict[str, object] = {
        "idempotency_key": message.key,
        "changes": [change_object(row) for row in message.changes],
    }
    if message.test:
        document["test"] = True
    return json.dumps(document).encode()


def signature(secret: str, body: bytes, *, at: int) -> str:
    """``t=1790000000,v1=…``: HMAC-SHA256 over the time, a dot and the body.

    The time is part of it, so that a receiver can refuse what was recorded and sent again.
    """
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={mac.hexdigest()}"


def _refusal(status: int, retry_after: str) -> Refusal | None:
    if 200 <= status < 300:
        return None
    number = retry_after.strip()
    wait_s = float(number) if number.isdecimal() and len(number) <= _LONGEST_NUMBER else 0.0
    return Refusal(f"it answered {status}", wait_s)
