"""What a fault makes of an answer: another one instead, or the true one spoiled."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import cache
from types import MappingProxyType

from citewatch.sandbox.faults import RETRY_AFTER_S
from citewatch.sandbox.http import (
    HTML_TYPE,
    Delivery,
    Request,
    Response,
    json_response,
    text_response,
)
from citewatch.sandbox.miscounts import ROW_FAULTS, rearranged
from citewatch.sandbox.mounts import DBLP, MOUNTED, OPENALEX
from citewatch.sandbox.refusals import key_refused, outage, refusal, until_midnight

HUGE_BYTES = 64 << 20
BLANK_BYTES = 10_000_000
BOMB_BYTES = 2 << 30
STATUSES: Mapping[str, int] = MappingProxyType(
    {
        "bad-request": 400,
        "unauthorized": 401,
        "forbidden": 403,
        "not-found": 404,
        "throttle": 429,
        "error": 500,
        "bad-gateway": 502,
        "down": 503,
        "timeout": 504,
    }
)
_BOMB_PIECE = 1 << 20
_BOMB_CRC = 0x51CDE36F
"""Of 2 GiB of blanks; half a second of work that need not be done again."""
_CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
_BOTWALL = (
    '<!doctype html><html lang="en"><head><title>Making sure you&#39;re not a bot!</title>'
    '<link rel="stylesheet" href="/.within.website/x/xess/xess.min.css"></head><body><main>'
    '<h1 id="title">Making sure you&#39;re not a bot!</h1>'
    '<script id="anubis_challenge" type="application/json">{"difficulty":4}</script>'
    "<noscript>JavaScript is needed to get past this page.</noscript></main></body></html>"
)
_IN_TEXT = re.compile(rb'itle":\s*\[?\s*"|<title>|content="|":\s*"')
"""Where a text begins in JSON, in a feed and in a page, titles before all others."""


def instead(service: str, fault: str, request: Request, now: float) -> Response | None:
    """The answer that a fault puts in the place of the true one; None for other faults."""
    if fault in STATUSES:
        return refusal(service, STATUSES[fault], now)
    match fault:
        case "throttle-retry-after":
            return _later(refusal(service, 429, now), str(RETRY_AFTER_S))
        case "throttle-date":
            at = datetime.fromtimestamp(int(now) + RETRY_AFTER_S, UTC)
            return _later(refusal(service, 429, now), format_datetime(at, usegmt=True))
        # OpenAlex knows which of its answers cost anything.
        case "budget-spent" if service != OPENALEX:
            return until_midnight(service, now)
        case "outage":
            return outage()
        case "key-refused":
            return key_refused(service, request, now)
    return _bodily(service, fault) or _elsewhere(fault, request)


def _bodily(service: str, fault: str) -> Response | None:
    """Status 200, and a body that is not what was asked for."""
    kind = MOUNTED[service].content_type
    match fault:
        case "html":
            return text_response(200, _CHALLENGE, content_type=HTML_TYPE)
        # DBLP has a wall of its own.
        case "botwall" if service != DBLP:
            return text_response(200, _BOTWALL, content_type=HTML_TYPE)
        case "garbage":
            return json_response(200, {"unexpected": [1, "two", {"three": None}]})
        case "empty":
            return Response(status=200, body=b"", content_type=kind)
        case "blank-body":
            return Response(status=200, body=b" " * BLANK_BYTES, content_type=kind)
        case "huge-body":
            return Response(status=200, body=b"[" + b" " * HUGE_BYTES + b"]", content_type=kind)
        case "gzip-bomb":
            return Response(status=200, body=gzip_bomb(), content_type=kind, coding="gzip")
    return None


def _elsewhere(fault: str, request: Request) -> Response | None:
    """Another address, or no answer."""
    match fault:
        case "redirect":
            return _moved("http://127.0.0.2:9/elsewhere")
        case "redirect-loop":
            return _moved(request.target)
        case "reset":
            return Response(status=0, body=b"", delivery=Delivery.RESET)
        case "hang":
            return Response(status=0, body=b"", delivery=Delivery.HANG)
    return None


def spoiled(response: Response, fault: str) -> Response:
    """The true answer as a spoiling fault delivers it; unchanged for other faults."""
    match fault:
        case "truncated":
            return replace(response, body=response.body[: len(response.body) // 2])
        case "cut":
            return replace(response, delivery=Delivery.CUT)
        case "slow":
            return replace(response, delivery=Delivery.DRIP)
        case "wrong-charset":
            return replace(response, body=_not_utf_8(response.body))
        case "false-charset":
            plain = response.content_type.partition(";")[0]
            return replace(response, content_type=f"{plain}; charset=utf-16")
    return rearranged(response, fault) if fault in ROW_FAULTS else response


@cache
def gzip_bomb() -> bytes:
    """A gzip of `BOMB_BYTES` blanks, a thousandth of that in size; its checksum is right."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush nothing refers back: the same piece can stand there as often as wanted.
    piece = squeeze.compress(b" " * _BOMB_PIECE) + squeeze.flush(zlib.Z_FULL_FLUSH)
    head = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    tail = _BOMB_CRC.to_bytes(4, "little") + BOMB_BYTES.to_bytes(4, "little")
    return head + piece * (BOMB_BYTES // _BOMB_PIECE) + squeeze.flush() + tail


def _later(response: Response, when: str) -> Response:
    return replace(response, headers=(*response.headers, ("Retry-After", when)))


def _moved(where: str) -> Response:
    return Response(status=302, body=b"", headers=(("Location", where),))


def _not_utf_8(body: bytes) -> bytes:
    """The body with a Latin-1 é at the beginning of its first title, or of its first text."""
    found = list(_IN_TEXT.finditer(body))
    first = next((text for text in found if b"itle" in text[0]), found[0] if found else None)
    at = first.end() if first else len(body)
    return body[:at] + b"\xe9" + body[at:]
