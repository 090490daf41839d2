"""What can go wrong on demand, and what it looks like at each service."""

from __future__ import annotations

from dataclasses import replace

from citewatch.sandbox.arxiv import RATE_EXCEEDED
from citewatch.sandbox.http import (
    HTML_TYPE,
    Delivery,
    Response,
    json_response,
    text_response,
)
from citewatch.sandbox.openreview import error_response
from citewatch.sandbox.s2 import THROTTLED
from citewatch.sandbox.s2_rows import COUNT_FAULTS

S2 = "semantic_scholar"
ARXIV = "arxiv"
ARXIV_WEB = "arxiv_web"
OPENREVIEW_1 = "openreview_v1"
OPENREVIEW_2 = "openreview_v2"
SERVICES = (S2, ARXIV, ARXIV_WEB, OPENREVIEW_1, OPENREVIEW_2)
GROUPS = {"openreview": (OPENREVIEW_1, OPENREVIEW_2), "all": SERVICES}
HUGE_BYTES = 64 << 20
RETRY_AFTER_S = 120

INSTEAD = (
    "down",
    "outage",
    "error",
    "timeout",
    "forbidden",
    "throttle",
    "throttle-retry-after",
    "html",
    "empty",
    "garbage",
    "redirect",
    "huge-body",
    "reset",
)
"""Faults that replace the answer."""
SPOIL = ("truncated", "cut", "slow")
"""Faults that spoil the way in which the true answer arrives."""
FAULTS: tuple[str, ...] = (*INSTEAD, *SPOIL, *COUNT_FAULTS)
"""Every fault by name. ``zeros`` at arXiv is the valid feed without entries that the real
one gives now and then, at OpenReview an empty list; the other count faults are S2's."""

_CHALLENGE_PAGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>"
_VARNISH = (
    "<html><head><title>503 first byte timeout</title></head><body>Guru Meditation</body></html>"
)


def services_of(name: str) -> tuple[str, ...]:
    """The services that a name stands for. Raises ValueError for an unknown one."""
    if name in GROUPS:
        return GROUPS[name]
    if name in SERVICES:
        return (name,)
    raise ValueError(f"no service {name!r}; there are {', '.join((*SERVICES, *GROUPS))}")


def check_fault(name: str | None) -> str | None:
    """The same name. Raises ValueError for an unknown fault."""
    if name is not None and name not in FAULTS:
        raise ValueError(f"no fault {name!r}; there are {', '.join(FAULTS)}")
    return name


def instead(service: str, fault: str) -> Response:
    """The answer that a replacing fault gives at a service. KeyError for other faults."""
    match fault:
        case "throttle":
            return _throttled(service)
        case "throttle-retry-after":
            return replace(_throttled(service), headers=(("Retry-After", str(RETRY_AFTER_S)),))
        case "down" | "outage" | "error" | "timeout":
            return _broken(service, fault)
        case "forbidden":
            return _forbidden(service)
        case "huge-body":
            return Response(status=200, body=b"[" + b" " * HUGE_BYTES + b"]")
        case "reset":
            return Response(status=0, body=b"", delivery=Delivery.RESET)
        case _:
            return _ANYWHERE[fault]


def spoiled(response: Response, fault: str) -> Response:
    """The true answer as a spoiling fault delivers it; unchanged for other faults."""
    match fault:
        case "truncated":
            return replace(response, body=response.body[: len(response.body) // 2])
        case "cut":
            return replace(response, delivery=Delivery.CUT)
        case "slow":
            return replace(response, delivery=Delivery.DRIP)
    return response


_ANYWHERE = {
    "html": text_response(200, _CHALLENGE_PAGE, content_type=HTML_TYPE),
    "empty": Response(status=200, body=b""),
    "garbage": json_response(200, {"unexpected": [1, "two", {"three": None}]}),
    "redirect": Response(
        status=302, body=b"", headers=(("Location", "http://127.0.0.2:9/elsewhere"),)
    ),
}


def _throttled(service: str) -> Response:
    if service == S2:
        return json_response(429, THROTTLED)
    if service in (ARXIV, ARXIV_WEB):
        return text_response(429, RATE_EXCEEDED)
    details = {"limit": 36, "remaining": 0, "used": 37, "current": 37, "reqId": "made-up"}
    return error_response(429, "RateLimitError", "Too many requests", details)


def _broken(service: str, fault: str) -> Response:
    status = {"error": 500, "timeout": 504}.get(fault, 503)
    if fault == "outage" or service in (ARXIV, ARXIV_WEB):
        return text_response(status, _VARNISH, content_type=HTML_TYPE)
    if service != S2:
        return text_response(status, "upstream connect error or disconnect before headers")
    words = {500: "Internal Server Error", 503: "Service Unavailable"}
    return json_response(status, {"message": words.get(status, "Endpoint request timed out")})


def _forbidden(service: str) -> Response:
    if service == S2:
        return json_response(403, {"message": "Forbidden"})
    if service in (ARXIV, ARXIV_WEB):
        page = "<html><head><title>Access Denied</title></head><body>127.0.0.1</body></html>"
        return text_response(403, page, content_type=HTML_TYPE)
    return error_response(403, "ForbiddenError", "You don't have access")
