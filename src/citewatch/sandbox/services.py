"""Every service of the stand-in over one world, by its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from citewatch.sandbox.ads import TOKEN_START, Ads
from citewatch.sandbox.arxiv import Arxiv
from citewatch.sandbox.arxiv_pages import ArxivPages
from citewatch.sandbox.crossref import Crossref
from citewatch.sandbox.dblp import Dblp
from citewatch.sandbox.http import Request, Response
from citewatch.sandbox.inspire import Inspire
from citewatch.sandbox.miscounts import COUNT_FAULTS, miscounted
from citewatch.sandbox.mounts import (
    ADS,
    ARXIV,
    ARXIV_WEB,
    CROSSREF,
    DBLP,
    INSPIRE,
    MOUNTED,
    OPENALEX,
    OPENCITATIONS,
    OPENREVIEW_1,
    OPENREVIEW_2,
    PAGE,
    S2,
)
from citewatch.sandbox.openalex import OpenAlex
from citewatch.sandbox.openalex_meter import SANDBOX_OPENALEX_KEY
from citewatch.sandbox.opencitations import OpenCitations
from citewatch.sandbox.openreview import (
    SANDBOX_PASSWORD,
    SANDBOX_TOKEN,
    SANDBOX_USERNAME,
    OpenReview,
)
from citewatch.sandbox.pages import Pages
from citewatch.sandbox.s2 import INTERVAL_S, SANDBOX_S2_KEY, SemanticScholar
from citewatch.sandbox.world import World

SANDBOX_ADS_TOKEN = f"{TOKEN_START}-sandbox-token"
Answer = Callable[[Request, float, str | None], Response]
"""(request, now, fault) → the service's answer; it knows the faults that are in the data."""

KEYS: Mapping[str, str] = MappingProxyType(
    {
        "S2_API_KEY": SANDBOX_S2_KEY,
        "OPENREVIEW_USERNAME": SANDBOX_USERNAME,
        "OPENREVIEW_PASSWORD": SANDBOX_PASSWORD,
        "OPENREVIEW_TOKEN": SANDBOX_TOKEN,
        "OPENALEX_API_KEY": SANDBOX_OPENALEX_KEY,
        "ADS_API_TOKEN": SANDBOX_ADS_TOKEN,
    }
)
"""What the services accept, by the variables in which citewatch looks for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How services refuse those who ask too often."""

    on: bool = True
    """False: nobody is refused."""
    s2_keyless_interval_s: float = INTERVAL_S
    """The pace that Semantic Scholar grants to those without a key."""
    s2_keyless_429_share: float = 0.0
    """The share of their requests that it refuses at random on top."""


def services(world: World, limits: Limits, in_flight: Mapping[str, int]) -> dict[str, Answer]:
    """All services of one world; each makes what it holds when it is first asked.

    ``in_flight`` says how many requests each one has before it right now.
    """
    s2 = SemanticScholar(
        world,
        limits=limits.on,
        keyless_interval_s=limits.s2_keyless_interval_s,
        keyless_429_share=limits.s2_keyless_429_share,
    )
    arxiv = Arxiv(world, limits=limits.on)
    crossref = Crossref(world, limits=limits.on)

    def ask_arxiv(request: Request, now: float, fault: str | None) -> Response:
        refused = arxiv.throttles(now, at_once=in_flight[ARXIV])
        return refused or arxiv.answer(request, now, empty=fault == "zeros")

    def ask_crossref(request: Request, now: float, fault: str | None) -> Response:
        refused = crossref.crowded(request, at_once=in_flight[CROSSREF])
        return refused or crossref.answer(request, now, fault)

    def openreview(name: str, api: int) -> Answer:
        return _miscounting(name, _plain(OpenReview(world, api, limits=limits.on).answer))

    return {
        S2: _miscounting(S2, _plain(s2.answer)),
        ARXIV: ask_arxiv,
        ARXIV_WEB: _plain(ArxivPages(world).answer),
        OPENREVIEW_1: openreview(OPENREVIEW_1, 1),
        OPENREVIEW_2: openreview(OPENREVIEW_2, 2),
        OPENALEX: OpenAlex(world, limits=limits.on).answer,
        CROSSREF: ask_crossref,
        INSPIRE: Inspire(world, limits=limits.on).answer,
        ADS: Ads(world, limits=limits.on).answer,
        OPENCITATIONS: OpenCitations(world, limits=limits.on).answer,
        DBLP: _miscounting(DBLP, Dblp(world, limits=limits.on).answer),
        PAGE: Pages(world, limits=limits.on).answer,
    }


def _miscounting(service: str, ask: Answer) -> Answer:
    """A service that gives true counts, with the faults in them put on top."""
    keys = MOUNTED[service].counts

    def answer(request: Request, now: float, fault: str | None) -> Response:
        response = ask(request, now, fault)
        return miscounted(response, fault, keys) if fault and fault in COUNT_FAULTS else response

    return answer


def _plain(ask: Callable[[Request, float], Response]) -> Answer:
    """A service that knows no faults."""
    return lambda request, now, _: ask(request, now)
