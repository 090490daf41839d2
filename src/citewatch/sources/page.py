"""Pages of papers with ``citation_*`` tags: PMLR, ACL, or whatever a list links to.

They identify a paper and never count. The tags:
https://scholar.google.com/intl/en/scholar/inclusion.html#indexing
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Awaitable, Callable, Container, Sequence
from dataclasses import dataclass, replace

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Blocked, Failed, Missing, Observed
from citewatch.ports import Readings
from citewatch.sources.answers import Answer, refused
from citewatch.sources.batched import BatchedSource
from citewatch.sources.http import Call
from citewatch.sources.options import SourceOptions, Tools
from citewatch.sources.page_addresses import (
    SCHEMES,
    WEB_PORTS,
    PageAddress,
    is_public,
    objection,
    page_of,
    read_address,
)
from citewatch.sources.page_hosts import Hosts
from citewatch.sources.page_tags import has_head, is_page, is_wall, read_paper
from citewatch.sources.policy import RetryPolicy
from citewatch.sources.polite import ClientRules, PoliteClient, Refusal
from citewatch.sources.questions import Job, Question, Record

MAX_BYTES = 512 * 1024
_LOOKUP_S = 10.0
_GONE = (404, 410)
# A name that leads nowhere or a dead host is the rule among old links: half a minute each.
_POLICY = RetryPolicy(series_s=30.0)


async def resolve(host: str, port: int) -> Sequence[str]:
    """The IP addresses of a host, from the system; raises `OSError` where there are none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a link of a list may lead: the open web."""

    ports: Container[int] = WEB_PORTS
    may_reach: Callable[[str], bool] = is_public
    """By IP address; asked of every one that a name has, and of the one connected to."""
    resolve: Callable[[str, int], Awaitable[Sequence[str]]] = resolve


OPEN_WEB = Reach()


class Page(BatchedSource):
    """One page a request, several hosts side by side, one connection and one pace a host."""

    name = "page"
    label = "Page"
    doubts_links = True
    """A list may link to the page of another paper: titles and authors are compared."""
    counts = False
    schemes = SCHEMES
    home = ""
    max_batch = 1
    interval_s = 5.0
    in_flight = 8
    timeout_s = 20.0
    policy = _POLICY
    secret = "none"  # noqa: S105  (pages of strangers are shown no key)

    def __init__(self, options: SourceOptions, tools: Tools, reach: Reach = OPEN_WEB) -> None:
        super().__init__(options, tools)
        rules = ClientRules(
            max_in_flight=1, timeout_s=options.timeout_s or self.timeout_s, policy=self.policy,
            settled=self.is_settled, daily_budget=options.daily_budget,
            quiet_hours=options.quiet_hours,
        )  # fmt: skip
        # With a base_url everything is asked of one host.
        at_once = replace(rules, max_in_flight=options.max_in_flight or 1)
        self.client = PoliteClient(tools, at_once, secrets=tuple(options.secrets.values()))
        self._hosts = Hosts(tools, replace(rules, may_reach=reach.may_reach))
        self._reach = reach
        self._objections: dict[str, str | None] = {}

    @property
    def requests(self) -> int:
        """Requests sent so far, to all hosts."""
        return self.client.requests + self._hosts.requests

    async def aclose(self) -> None:
        """Close connections."""
        await self.client.aclose()
        await self._hosts.aclose()

    # --- what is asked -----------------------------------------------------------------

    def write(self, identifier: Identifier) -> str | None:
        """The URL of the page."""
        return page_of(identifier)

    def call(self, questions: Sequence[Question]) -> Call:
        """The page itself, as far as its head."""
        (question,) = questions
        return Call(url=question.written, max_bytes=MAX_BYTES, wanted=is_page, enough=has_head)

    async def ask(self, call: Call) -> Answer | Refusal | Blocked:
        """Ask the page's host, or with a ``base_url`` nobody but the one that it names."""
        call = replace(call, gap_s=self.gap_s())
        address = read_address(call.url)
        if address is None:
            return Failed(reason="address", detail="no plain web address", retry=False)
        if self.base:
            answer = await self.client.ask(replace(call, url=address.below(self.base)))
        elif (why := await self._objection(address)) is not None:
            return Failed(reason="address", detail=why, retry=False)
        else:
            answer = await self._hosts.ask(address.site, replace(call, url=address.url))
        if not isinstance(answer, Answer) or answer.status == 200:
            return answer
        if is_wall(answer):
            words = f"{address.host} wants proof of no robot ({answer.status})"
            return Failed(reason="bot_wall", detail=words, retry=False)
        if answer.status in (401, 403):
            words = f"{address.host} refuses this machine ({answer.status})"
            return Failed(reason="refused", detail=words, retry=False)
        return answer

    def is_settled(self, answer: Answer) -> bool:
        """A robot check that comes as 503 is not over in half a minute."""
        return answer.status != 429 and is_wall(answer)

    async def _objection(self, address: PageAddress) -> str | None:
        """Why this host is not to be asked, by its name and by where the name leads."""
        if address.site not in self._objections:
            why = objection(address, self._reach.ports)
            if why is None and await self._leads_inside(address):
                why = f"{address.host} leads to an address inside"
            self._objections[address.site] = why
        return self._objections[address.site]

    async def _leads_inside(self, address: PageAddress) -> bool:
        """One address inside is enough. What cannot be looked up here is for a proxy to know."""
        try:
            async with asyncio.timeout(_LOOKUP_S):
                found = await self._reach.resolve(address.host, address.port)
        except (OSError, TimeoutError):
            return False
        return not all(self._reach.may_reach(ip) for ip in found)

    # --- what is answered ----------------------------------------------------------------

    def read(self, answer: Answer, questions: Sequence[Question]) -> Sequence[Record] | Failed:
        """One record, or none where nothing on the page identifies a paper."""
        (question,) = questions
        facts = read_paper(answer)
        if facts is None or isinstance(facts, Failed):
            return facts or ()
        asked = question.identifier
        for identifier in facts.ids:
            if identifier.scheme == asked.scheme and not _same(identifier, asked):
                words = f"the page is about {identifier}"
                return Failed(reason="other_paper", detail=words)
        return [Record(frozenset((asked,)), Observed(asked=asked, answered=asked, facts=facts))]

    def _refused_batch(self, job: Job, answer: Answer, work: deque[Job]) -> Readings:
        """A page that is gone names no paper; it is no fault of the asking."""
        del work
        if answer.status in _GONE:
            return [(ask, Missing(asked=q.identifier)) for q in job.questions for ask in q.asks]
        return job.all_end_in(refused(answer))


def _same(a: Identifier, b: Identifier) -> bool:
    return a.value.casefold() == b.value.casefold()
