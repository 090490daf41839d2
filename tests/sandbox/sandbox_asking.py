"""Asking a service of the stand-in directly, without a server between."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlencode

from citewatch.sandbox.http import Request, Response

DAY_S = 86_400


class Service(Protocol):
    def answer(self, request: Request, now: float, fault: str | None = None) -> Response: ...


def request(target: str, **headers: str) -> Request:
    """A GET request as the server would hand it to a service."""
    path, _, query = target.partition("?")
    return Request(
        method="GET",
        target=target,
        path=unquote(path),
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        line_bytes=len(target) + len("GET  HTTP/1.1"),
    )


@dataclass
class Asker:
    """A service, and the time at which it is asked."""

    service: Service
    now: float

    def get(self, path: str, fault: str | None = None, /, **query: object) -> Response:
        return self.as_client({}, path, fault, **query)

    def as_client(
        self, headers: dict[str, str], path: str, fault: str | None = None, /, **query: object
    ) -> Response:
        target = f"{path}?{urlencode(query)}" if query else path
        return self.service.answer(request(target, **headers), self.now, fault)

    def json(self, path: str, fault: str | None = None, /, **query: object) -> Any:
        answer = self.get(path, fault, **query)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)


def header(answer: Response, name: str) -> str | None:
    """The value of a header."""
    return {key.lower(): value for key, value in answer.headers}.get(name.lower())


def error(answer: Response) -> Any:
    """The JSON of an answer that says no."""
    assert answer.status >= 400
    return json.loads(answer.body)
