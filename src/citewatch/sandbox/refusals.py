"""How each service says no: the body that its documents give for a status.

Where they give none, the body is what such a server usually says, and stands here so that
a client that relies on it can be found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from http import HTTPStatus
from types import MappingProxyType

from citewatch.sandbox.arxiv import INTERNAL, RATE_EXCEEDED
from citewatch.sandbox.arxiv_atom import error_feed
from citewatch.sandbox.crossref_pools import blocked, crowded, throttled
from citewatch.sandbox.http import HTML_TYPE, Request, Response, json_response, text_response
from citewatch.sandbox.mounts import (
    ADS,
    ARXIV,
    ARXIV_WEB,
    CROSSREF,
    DBLP,
    INSPIRE,
    OPENALEX,
    OPENCITATIONS,
    OPENREVIEW_1,
    OPENREVIEW_2,
    PAGE,
    S2,
)
from citewatch.sandbox.openalex import not_found
from citewatch.sandbox.openalex_meter import bad_key, query_timeout, too_fast
from citewatch.sandbox.openreview import error_response
from citewatch.sandbox.s2 import NO_VALID_IDS, THROTTLED

_DAY_S = 86_400
_KEYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        S2: frozenset({"x-api-key"}),
        OPENREVIEW_1: frozenset({"authorization"}),
        OPENREVIEW_2: frozenset({"authorization"}),
        OPENALEX: frozenset({"api_key", "api-key", "authorization"}),
        CROSSREF: frozenset({"crossref-plus-api-token"}),
        ADS: frozenset({"authorization"}),
        OPENCITATIONS: frozenset({"authorization"}),
    }
)
"""Headers and parameters in which a key travels, in lower case."""


def refusal(service: str, status: int, now: float) -> Response:
    """The service's answer with an error status, from 400 on."""
    return _FORMS[service](status, now)


def key_refused(service: str, request: Request, now: float) -> Response | None:
    """What somebody gets who sends a key that is not accepted; None for everybody else."""
    if service in (OPENREVIEW_1, OPENREVIEW_2) and request.path == "/login":
        return error_response(400, "Error", "Invalid username or password.")
    sent = {*request.headers, *request.query} & _KEYS.get(service, frozenset())
    if not sent:
        return None
    return refusal(service, 403 if service == S2 else 401, now)


def until_midnight(service: str, now: float) -> Response:
    """A 429 for a day's budget that is spent: ``Retry-After`` runs to midnight UTC."""
    left = str(_DAY_S - int(now) % _DAY_S)
    headers = [("Retry-After", left)]
    response = refusal(service, 429, now)
    if service == ADS:
        reset = str((int(now) // _DAY_S + 1) * _DAY_S)
        headers += [("X-RateLimit-Limit", "5000"), ("X-RateLimit-Remaining", "0")]
        headers.append(("X-RateLimit-Reset", reset))
    return replace(response, headers=tuple(headers))


def outage(status: int = 503) -> Response:
    """The page of the cache before a service that is gone."""
    page = (
        f"<html><head><title>{status} first byte timeout</title></head>"
        "<body>Guru Meditation</body></html>"
    )
    return text_response(status, page, content_type=HTML_TYPE)


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase


def _page(status: int, _now: float) -> Response:
    """What web servers say when nobody told them what to say."""
    title = f"{status} {_phrase(status)}"
    text = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return text_response(status, text, content_type=HTML_TYPE)


def _semantic_scholar(status: int, now: float) -> Response:
    match status:
        case 400:
            return json_response(400, {"error": NO_VALID_IDS})
        case 401:
            return json_response(401, {"error": "A valid API key is required"})
        case 404:
            return json_response(404, {"error": "Paper not found"})
        case 429:
            return json_response(429, THROTTLED)
        case 502:
            return _page(status, now)
        case 504:
            return json_response(504, {"message": "Endpoint request timed out"})
    return json_response(status, {"message": _phrase(status)})


def _arxiv(status: int, now: float) -> Response:
    match status:
        case 400:
            words = "incorrect id format for made-up"
            return error_feed(400, words, now=now, fragment=words.replace(" ", "_"))
        case 500:
            return error_feed(500, INTERNAL, now=now)
    return _arxiv_web(status, now)


def _arxiv_web(status: int, now: float) -> Response:
    match status:
        case 403:
            page = "<html><head><title>Access Denied</title></head><body>127.0.0.1</body></html>"
            return text_response(403, page, content_type=HTML_TYPE)
        case 429:
            return text_response(429, RATE_EXCEEDED)
    return outage(status) if status >= 500 else _page(status, now)


def _openreview(status: int, _now: float) -> Response:
    match status:
        case 400:
            return error_response(400, "Error", "Invalid request")
        case 401:
            return error_response(401, "TokenExpiredError", "Token has expired")
        case 403:
            return error_response(403, "ForbiddenError", "You don't have access")
        case 404:
            return error_response(404, "NotFoundError", "The Note was not found")
        case 429:
            details = {"limit": 36, "remaining": 0, "used": 37, "current": 37, "reqId": "made-up"}
            return error_response(429, "RateLimitError", "Too many requests", details)
    return text_response(status, "upstream connect error or disconnect before headers")


def _openalex(status: int, now: float) -> Response:
    match status:
        case 400:
            words = "made-up is not a valid field."
            error = {"error": "Invalid query parameters error.", "message": words}
            return json_response(400, error)
        case 401:
            return bad_key()
        case 404:
            return not_found()
        case 429:
            return replace(too_fast(), headers=())
        case 504:
            return query_timeout()
    return _page(status, now)


def _crossref(status: int, now: float) -> Response:
    match status:
        case 400:
            what = {"type": "filter-not-available", "value": "made-up", "message": "no such filter"}
            body = {"status": "failed", "message-type": "validation-failure", "message": [what]}
            return json_response(400, body)
        case 401:
            return text_response(401, "Unauthorized")
        case 403:
            return blocked()
        case 404:
            return text_response(404, "Resource not found.")
        case 429:
            return throttled()
        case 503:
            return crowded()
    return _page(status, now)


def _inspire(status: int, now: float) -> Response:
    if status in (502, 503, 504):
        return _page(status, now)
    words = {404: "PID does not exist.", 429: "Too Many Requests"}.get(status, _phrase(status))
    return json_response(status, {"status": status, "message": words})


def _ads(status: int, now: float) -> Response:
    if status >= 500:
        return _page(status, now)
    if status == 400:
        return json_response(
            400, {"error": {"msg": "org.apache.solr.search.SyntaxError", "code": 400}}
        )
    words = {401: "Unauthorized", 429: "Rate limit was exceeded"}.get(status, _phrase(status))
    return json_response(status, {"error": words})


def _opencitations(status: int, now: float) -> Response:
    if status >= 500:
        return _page(status, now)
    return text_response(status, f"HTTP status code {status}: {_phrase(status)}")


_FORMS: Mapping[str, Callable[[int, float], Response]] = MappingProxyType(
    {
        S2: _semantic_scholar,
        ARXIV: _arxiv,
        ARXIV_WEB: _arxiv_web,
        OPENREVIEW_1: _openreview,
        OPENREVIEW_2: _openreview,
        OPENALEX: _openalex,
        CROSSREF: _crossref,
        INSPIRE: _inspire,
        ADS: _ads,
        OPENCITATIONS: _opencitations,
        DBLP: _page,
        PAGE: _page,
    }
)
