"""How close to the pace a pass comes when answers are slow, at every source that takes lists.

The stand-in runs in a process of its own, keeps the services' real limits and answers each
request after three seconds of real time. All sources are asked side by side in one pass, over
real HTTP into a real database, by lists cut so small that each needs as many requests as wanted.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from citewatch.domain.papers import Paper
from citewatch.ports import Store
from citewatch.sandbox import SANDBOX_S2_KEY
from citewatch.services.desk import Desk, PassResult, Scope
from citewatch.services.passes import run_pass
from citewatch.services.watchlist import Watch
from citewatch.sources.registry import known_sources
from desks import options_at, source_and_rules, watching
from fields import SCHEMES, plain_request
from figures import Figure, parser, show
from standin import Arrival, Manners, StandIn, monotonic, stand_in
from worlds import bulk_world, watched

BATCH = 10
SLOWER = {"arxiv": 3}
"""arXiv wants three seconds between requests, and one at a time: a third of the requests."""
SOURCES = ("semantic_scholar", "openalex", "crossref", "inspire", "arxiv")
REQUESTS = {"full": 120, "tiny": 6}
INTERVAL_S = {"full": 1.0, "tiny": 0.1}
INTERVALS = 3.0
"""How long an answer takes, in intervals."""
MOST, LEAST = 1.05, 0.97


@dataclass(frozen=True, slots=True)
class Paced:
    """How one source was asked."""

    wall_s: float
    """From the start of the pass until its last answer was stored."""
    gaps_s: Sequence[float]
    """Between requests, as the server saw them."""
    refused: Sequence[str]
    """Statuses of answers that were none, and the gap before them."""


async def one_pass(
    server: StandIn, store: Store, watch: Watch, interval_s: float
) -> tuple[PassResult, dict[str, float]]:
    """A pass over all sources, and when each had its last answer stored."""
    done_at: dict[str, float] = {}

    def progress(source: str, _done: int, _total: int) -> None:
        done_at[source] = monotonic()

    sources = []
    for name in SOURCES:
        times = SLOWER.get(name, 1)
        options = options_at(
            server.urls[name], interval_s=interval_s * times, batch_size=BATCH * times,
            key=SANDBOX_S2_KEY if name == "semantic_scholar" else "",
        )  # fmt: skip
        sources.append(source_and_rules(name, options, gate=store.gate(name), clock=server.clock))
    desk = Desk(store=store, clock=server.clock, watch=watch, sources=sources, progress=progress)
    began = monotonic()
    result = await run_pass(desk, Scope())
    for source, _ in sources:
        await source.aclose()
    return result, {name: at - began for name, at in done_at.items()}


def warm_up(server: StandIn, paper: Paper, *, wait_s: float) -> None:
    """Ask each service once: what it makes up then would count as a request that came late."""
    for source in SOURCES:
        ids = [i.value for i in paper.ids if i.scheme == SCHEMES[source]]
        with httpx.Client(base_url=server.urls[source]["base_url"], timeout=60) as client:
            client.send(plain_request(client, source, ids)).raise_for_status()
    time.sleep(wait_s)
    server.arrivals()


def measure(requests: int, interval_s: float, latency_s: float) -> dict[str, Paced]:
    """One pass of so many requests to each source."""
    papers = requests * BATCH
    # Below one second the services' own limits would refuse what is measured here.
    manners = Manners(papers=papers, bulk=True, limits=interval_s >= 1, latency_s=latency_s)
    listed = watched(bulk_world(papers).records)
    with stand_in(manners) as server, watching(listed) as (store, watch):
        warm_up(server, listed[0], wait_s=SLOWER["arxiv"] * interval_s)
        result, wall_s = asyncio.run(one_pass(server, store, watch, interval_s))
        arrivals = server.arrivals()
    for fared in result.sources:
        assert fared.found == papers, fared
    return {
        name: _paced(wall_s[name], [a for a in arrivals if a.service == name]) for name in SOURCES
    }


def _paced(wall_s: float, arrivals: Sequence[Arrival]) -> Paced:
    pairs = list(itertools.pairwise(arrivals))
    refused = [f"{b.status} after {b.at_s - a.at_s:.3f} s" for a, b in pairs if b.status != 200]
    return Paced(wall_s, [b.at_s - a.at_s for a, b in pairs], refused)


def figures(paced: Mapping[str, Paced], interval_s: float, latency_s: float) -> list[Figure]:
    """Each source against the least time in which so many requests can be done."""
    found = []
    for name, it in paced.items():
        gap_s = interval_s * SLOWER.get(name, 1)
        requests = len(it.gaps_s) + 1
        floor_s = (requests - 1) * gap_s + latency_s
        label = f"{known_sources()[name].label}, {requests} requests every {gap_s:g} s"
        found += [
            Figure(what=f"{label}: wall / floor", value=it.wall_s / floor_s, most=MOST),
            Figure(what="    wall / (requests x interval)", value=it.wall_s / requests / gap_s),
            Figure(
                what="    smallest gap at the server / interval",
                value=min(it.gaps_s) / gap_s, least=LEAST,
            ),
        ]  # fmt: skip
        if it.refused:
            refused = f"    refused ({', '.join(it.refused)})"
            found.append(Figure(what=refused, value=len(it.refused), most=0))
    return found


def main() -> None:
    """Measure and print."""
    options = parser(__doc__)
    options.add_argument("--requests", type=int, help="at each source; arXiv: a third (120)")
    options.add_argument("--interval", type=float, help="seconds between requests (1)")
    options.add_argument("--latency", type=float, help="seconds until an answer (3 intervals)")
    asked = options.parse_args()
    interval_s = asked.interval or INTERVAL_S[asked.size]
    latency_s = INTERVALS * interval_s if asked.latency is None else asked.latency
    paced = measure(asked.requests or REQUESTS[asked.size], interval_s, latency_s)
    show(
        f"Pace: all sources in one pass, answers take {latency_s:g} s",
        figures(paced, interval_s, latency_s),
        notes=[
            "Floor: (requests - 1) x interval until the last may leave, and its answer's time.",
            "arXiv allows one request at a time and wants three times the interval.",
        ],
    )


if __name__ == "__main__":
    main()
