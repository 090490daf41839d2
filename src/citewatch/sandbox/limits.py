"""How often a client may ask: gaps between requests and quotas per window, by a given clock."""

from __future__ import annotations

from dataclasses import dataclass, field

TOLERANCE = 0.05
"""A gap may be this much shorter than the rule: networks jitter, gateways use buckets."""


@dataclass(slots=True)
class Pace:
    """At least ``interval_s`` seconds between two requests.

    With ``strict`` a refused request counts too, so that hammering never gets through.
    """

    interval_s: float
    strict: bool = False
    _last: float = field(default=float("-inf"))

    def allow(self, now: float) -> bool:
        """Whether a request at ``now`` is far enough from the one before."""
        # A simulated clock may be set back; then the old time means nothing.
        early = 0 <= now - self._last < self.interval_s * (1 - TOLERANCE)
        if not early or self.strict:
            self._last = now
        return not early


@dataclass(slots=True)
class Window:
    """At most ``limit`` requests in each window of ``seconds``, counted from its first one."""

    limit: int
    seconds: float
    used: int = 0
    resets_at: float = 0.0

    def allow(self, now: float) -> bool:
        """Count a request at ``now``; False when the window's quota is spent."""
        if now >= self.resets_at or now < self.resets_at - self.seconds:
            self.used, self.resets_at = 0, now + self.seconds
        self.used += 1
        return self.used <= self.limit
