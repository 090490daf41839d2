"""How often Crossref may be asked, since December 2025: by pool, and by kind of route."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from citewatch.sandbox.http import HTML_TYPE, Request, Response, text_response
from citewatch.sandbox.limits import TOLERANCE, Window

INTERVAL_S = 1
POLITE_AT_ONCE = 3
PUBLIC_AT_ONCE = 1
_PER_INTERVAL = {
    "public-single": 5,
    "public-array": 1,
    "polite-single": 10,
    "polite-array": 3,
}
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MAILTO = re.compile(r"mailto:\s*[^@\s;)]+@[^@\s;)]+\.[^@\s;)]+", re.IGNORECASE)
_BUSY = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center></body></html>"


@dataclass(slots=True)
class Pool:
    """One pool with its limits."""

    name: str
    limit: int
    at_once: int
    window: Window = field(init=False)

    def __post_init__(self) -> None:
        self.window = Window(self.limit, INTERVAL_S * (1 - TOLERANCE))

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """What every answer but a 429 says of the limits."""
        return (
            ("x-rate-limit-limit", str(self.limit)),
            ("x-rate-limit-interval", f"{INTERVAL_S}s"),
            ("x-concurrency-limit", str(self.at_once)),
            ("x-api-pool", self.name),
        )


class Pools:
    """The pools of one service."""

    def __init__(self) -> None:
        self._pools = {
            name: Pool(name, limit, POLITE_AT_ONCE if is_polite_name(name) else PUBLIC_AT_ONCE)
            for name, limit in _PER_INTERVAL.items()
        }

    def of(self, request: Request, *, single: bool) -> Pool:
        """The pool to which a request belongs."""
        kind = "single" if single else "array"
        return self._pools[f"{'polite' if is_polite(request) else 'public'}-{kind}"]


def is_polite_name(name: str) -> bool:
    """Whether a pool is one for those who say who they are."""
    return name.startswith("polite")


def is_polite(request: Request) -> bool:
    """Whether a client says how to reach it: ``mailto=``, or mailto: in the User-Agent."""
    return bool(
        _ADDRESS.fullmatch(request.query.get("mailto", "").strip())
        or _MAILTO.search(request.headers.get("user-agent", ""))
    )


def throttled() -> Response:
    """429: a page of HTML and no word of when to come back."""
    return text_response(429, _BUSY.format("429 Too Many Requests"), content_type=HTML_TYPE)


def crowded() -> Response:
    """503 for more requests at once than the pool allows."""
    page = _BUSY.format("503 Service Temporarily Unavailable")
    return text_response(503, page, content_type=HTML_TYPE)


def blocked() -> Response:
    """403 for a client that people at Crossref have shut out."""
    return text_response(403, _BUSY.format("403 Forbidden"), content_type=HTML_TYPE)
