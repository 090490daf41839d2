"""A running stand-in with a client and a clock, for the tests of the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from citewatch.sandbox import DEFAULT_START, Sandbox
from citewatch.sandbox.mounts import MOUNTED
from standins import QUESTIONS

DAY_S = 86_400


@dataclass
class Bench:
    """A running stand-in, a client, and the clock that both live by."""

    now: float = DEFAULT_START + 3_600.0
    box: Sandbox | None = None
    client: httpx.Client | None = None

    def to_day(self, day: int) -> None:
        self.now = DEFAULT_START + day * DAY_S + 3_600.0

    def url(self, source: str, path: str, key: str = "base_url") -> str:
        assert self.box is not None
        return self.box.urls[source][key] + path

    def get(self, source: str, path: str, key: str = "base_url", **options: Any) -> httpx.Response:
        assert self.client is not None
        return self.client.get(self.url(source, path, key), **options)

    def post(self, source: str, path: str, key: str = "base_url", **options: Any) -> httpx.Response:
        assert self.client is not None
        return self.client.post(self.url(source, path, key), **options)

    def ask(self, service: str, **headers: str) -> httpx.Response:
        """The question to which a service has a good answer."""
        assert self.client is not None
        return self.client.get(self.address(service), headers=QUESTIONS[service].headers | headers)

    def address(self, service: str) -> str:
        """Where that question is asked."""
        mount = MOUNTED[service]
        return self.url(mount.source, QUESTIONS[service].path, mount.setting)

    def batch(self, *ids: str, fields: str | None = None, **options: Any) -> httpx.Response:
        params = {} if fields is None else {"fields": fields}
        return self.post(
            "semantic_scholar",
            "/graph/v1/paper/batch",
            params=params,
            json={"ids": list(ids)},
            **options,
        )

    def arxiv(self, **params: Any) -> httpx.Response:
        return self.get("arxiv", "/api/query", params=params)
