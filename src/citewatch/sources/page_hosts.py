"""The hosts whose pages are asked for in one pass: each a polite client of its own.

One that is down, slow or wants to be left alone must not silence the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from citewatch.domain.papers import Instant
from citewatch.ports import Gate, GateState
from citewatch.sources.answers import Answer
from citewatch.sources.http import Call
from citewatch.sources.options import Tools
from citewatch.sources.polite import ClientRules, PoliteClient, Refusal

_LONGEST_S = 86_400
"""One host's wish holds up the others across a restart for at most a day."""


@dataclass(slots=True)
class _Pass:
    """What the hosts of one pass know of one another."""

    parked: dict[str, str] = field(default_factory=dict)
    """Host → the reason that it left in the gate."""
    sent_at: float = -math.inf


class _HostGate:
    """The source's gate as one host sees it: what other hosts of this pass did is theirs.

    What was there before the pass, and what other processes leave, holds for all.
    """

    def __init__(self, host: str, gate: Gate, shared: _Pass, now: Callable[[], float]) -> None:
        self._host = host
        self._gate = gate
        self._shared = shared
        self._now = now
        self._sent_at: float | None = None

    def load(self) -> GateState:
        """What is remembered that concerns this host."""
        state = self._gate.load()
        theirs = {why for host, why in self._shared.parked.items() if host != self._host}
        if state.reason in theirs:
            state = replace(state, not_before=None, reason="", strikes=0)
        last = state.last_request_at
        if last is not None and last <= self._shared.sent_at + 0.01:
            state = replace(state, last_request_at=self._sent_at)
        return state

    def sent(self, at: float) -> None:
        """A request to this host starts."""
        self._sent_at = at
        self._shared.sent_at = max(self._shared.sent_at, at)
        self._gate.sent(at)

    def park(self, until: Instant, reason: str, *, strike: bool = True) -> None:
        """Leave this host alone; after a restart all of them, for want of a gate for each."""
        why = f"{self._host}: {reason}"
        self._shared.parked[self._host] = why
        self._gate.park(min(until, int(self._now()) + _LONGEST_S), why, strike=strike)

    def spend(self, until: Instant) -> None:
        """No page has an allowance."""
        self._gate.spend(until)

    def answered(self, at: float) -> None:
        """This host is well again."""
        self._gate.answered(at)


class Hosts:
    """Polite clients by host, made when they are needed, closed when nobody waits for them."""

    def __init__(self, tools: Tools, rules: ClientRules) -> None:
        self._tools = tools
        self._rules = rules
        self._shared = _Pass()
        self._clients: dict[str, PoliteClient] = {}
        self._waiting: dict[str, int] = {}

    @property
    def requests(self) -> int:
        """Sent so far, to all of them."""
        return sum(client.requests for client in self._clients.values())

    async def ask(self, host: str, call: Call) -> Answer | Refusal:
        """One request to one host, at the pace of that host."""
        client = self._clients.get(host) or self._client(host)
        self._waiting[host] = self._waiting.get(host, 0) + 1
        try:
            return await client.ask(call)
        finally:
            self._waiting[host] -= 1
            if not self._waiting[host]:
                # A list may name a thousand hosts, and so many open files are not allowed.
                await client.aclose()

    def _client(self, host: str) -> PoliteClient:
        gate = _HostGate(host, self._tools.gate, self._shared, self._tools.clock.time)
        client = PoliteClient(replace(self._tools, gate=gate), self._rules)
        self._clients[host] = client
        return client

    async def aclose(self) -> None:
        """Close connections."""
        for client in self._clients.values():
            await client.aclose()
