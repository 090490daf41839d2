"""What a source is built from: the user's settings and the tools of the house."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from citewatch.ports import Clock, Gate


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """One ``[sources.NAME]`` section; None means the source's own default."""

    base_url: str | None = None
    urls: Mapping[str, str] = field(default_factory=dict)
    """Further addresses: ``abs_url`` (arXiv), ``v1_url`` (OpenReview)."""
    min_interval_s: float | None = None
    """Seconds between the starts of two requests; 0 means no pacing at all."""
    batch_size: int | None = None
    max_in_flight: int | None = None
    timeout_s: float | None = None
    """For one whole exchange: connecting, asking and reading the answer."""
    daily_budget: int | None = None
    """Requests on one day (UTC), None without such a rule of the user's."""
    quiet_hours: tuple[int, int] | None = None
    """Minutes after midnight UTC, from and to, in which nothing is asked."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """``api_key``; ``username``, ``password``, ``token``."""

    def secret(self, name: str) -> str:
        """A secret without the blanks that copying adds; "" where there is none."""
        return self.secrets.get(name, "").strip()

    def interval_s(self, default: float) -> float:
        """The pace that the user chose, else ``default``."""
        return default if self.min_interval_s is None else max(0.0, self.min_interval_s)

    def first_url(self, default: str) -> str:
        """The main address, without a slash at its end."""
        return (self.base_url or default).rstrip("/")

    def further_url(self, name: str, default: str) -> str:
        """A further address, without a slash at its end.

        A loopback ``base_url`` is enough to point the whole source at a stand-in:
        the real address is then never used for the others either.
        """
        given = self.urls.get(name) or default
        if self.base_url and is_loopback(self.base_url) and given == default:
            given = self.base_url
        return given.rstrip("/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What the world lends to one source."""

    clock: Clock
    gate: Gate
    """This source's memory for politeness."""
    jitter: Callable[[], float]
    """Uniform in 0..1."""
    contact: str = ""
    """The user's e-mail address, "" where there is none."""
    version: str


def is_loopback(url: str) -> bool:
    """Whether a URL points at this machine."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
