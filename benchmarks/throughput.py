"""How fast a pass goes without limits, how close to the limit with them, and what it costs.

The stand-in runs in a process of its own and shares the machine with what is measured.
Everything is asked through the program's own pass, over real HTTP into a real database.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Paper
from citewatch.ports import Store
from citewatch.sandbox import synthetic_world
from citewatch.services.desk import Desk, PassResult, Scope
from citewatch.services.passes import run_pass
from citewatch.services.watchlist import Watch
from citewatch.sources.registry import SourceOptions
from desks import source_and_rules, watching
from figures import Figure, parser, show
from standin import Manners, StandIn, monotonic, stand_in

NAME = "semantic_scholar"
HEARTBEAT_S = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is asked."""

    fast_papers: int
    large_papers: int
    first_passes: int
    later_passes: int
    paced_requests: int
    refused_requests: int
    interval_s: float


SIZES = {
    "full": Size(
        fast_papers=10_000, large_papers=100_000, first_passes=3, later_passes=4,
        paced_requests=120, refused_requests=40, interval_s=0.2,
    ),
    "tiny": Size(
        fast_papers=1_000, large_papers=2_000, first_passes=1, later_passes=1,
        paced_requests=5, refused_requests=0, interval_s=0.2,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lap:
    """What one pass took."""

    wall_s: float
    cpu_s: float
    """Of this process, all threads, user and system."""
    blocked_s: float
    """The longest time for which the event loop did nothing else."""
    result: PassResult


@dataclass(frozen=True, slots=True)
class Bench:
    """A store full of papers and a stand-in that knows them."""

    store: Store
    server: StandIn
    watch: Watch

    def lap(self, options: SourceOptions) -> Lap:
        """One pass as ``citewatch sync`` makes it."""
        gc.collect()
        return asyncio.run(self._lap(options))

    async def _lap(self, options: SourceOptions) -> Lap:
        clock, gate = self.server.clock, self.store.gate(NAME)
        pair = source_and_rules(NAME, options, gate=gate, clock=clock)
        desk = Desk(store=self.store, clock=clock, watch=self.watch, sources=[pair])
        late: list[float] = [0.0]
        heart = asyncio.create_task(_heartbeat(late))
        await asyncio.sleep(0.02)
        cpu, wall = _cpu_s(), monotonic()
        result = await run_pass(desk, Scope())
        wall, cpu = monotonic() - wall, _cpu_s() - cpu
        await asyncio.sleep(2 * HEARTBEAT_S)
        heart.cancel()
        with suppress(asyncio.CancelledError):
            await heart
        await pair[0].aclose()
        return Lap(wall, cpu, max(late), result)


async def _heartbeat(late: list[float]) -> None:
    """Note how much later than asked the loop comes back."""
    while True:
        before = monotonic()
        await asyncio.sleep(HEARTBEAT_S)
        late.append(monotonic() - before - HEARTBEAT_S)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@contextmanager
def bench(server: StandIn, papers: int) -> Iterator[Bench]:
    """A new database in which the stand-in's papers are watched; the world's first day."""
    server.clock.go_to_day(0)
    with watching(_listed(papers)) as (store, watch):
        yield Bench(store, server, watch)


def _listed(papers: int) -> list[Paper]:
    return [
        Paper(
            key=record.key, title=record.title, year=record.year, authors=record.authors,
            ids=(Identifier("arxiv", record.arxiv or ""),),
        )
        for record in synthetic_world(papers, preprints=False).records
    ]  # fmt: skip


# --- without limits -------------------------------------------------------------------


def unlimited(server: StandIn, papers: int, passes: int) -> tuple[Lap, list[Lap]]:
    """The first pass over so many papers, and later ones with 5 % changes a day."""
    with bench(server, papers) as it:
        options = SourceOptions(base_url=it.server.url, min_interval_s=0.0)
        first = it.lap(options)
        assert first.result.sources[0].found == papers, first.result.sources
        later = []
        for day in range(1, passes + 1):
            it.server.clock.go_to_day(day)
            lap = it.lap(options)
            assert lap.result.sources[0].found == papers, lap.result.sources
            later.append(lap)
            share = lap.result.sources[0].changed / papers
            assert 0.04 <= share <= 0.06, share
    return first, later


def _best(laps: list[Lap], value: Callable[[Lap], float]) -> float:
    """The best of several: what else runs on the machine only ever adds."""
    return min(value(lap) for lap in laps)


def _blocked(name: str, *kinds: list[Lap]) -> Figure:
    """The longest block in the quietest first pass, or in the quietest later one."""
    longest = max(_best(laps, lambda lap: lap.blocked_s) for laps in kinds)
    return Figure(what=f"{name}, loop blocked at most", value=1e3 * longest, unit="ms", most=50)


def fast_figures(size: Size) -> list[Figure]:
    """(a) papers a second, (d) how long the loop was blocked."""
    papers, firsts, later = size.fast_papers, [], []
    with stand_in(Manners(papers=papers)) as server:
        # Not counted: our imports and certificates, and records that the stand-in makes up
        # when it is first asked for them.
        unlimited(server, papers, 0)
        for _ in range(size.first_passes):
            first, more = unlimited(server, papers, size.later_passes)
            firsts.append(first)
            later += more
    name = f"{papers:,} papers"
    return [
        *(
            Figure(
                what=f"{name}, {kind} (best of {len(laps)})", unit="papers/s", least=10_000,
                value=papers / _best(laps, lambda lap: lap.wall_s),
            )
            for kind, laps in (("first pass", firsts), ("later pass", later))
        ),
        _blocked(name, firsts, later),
    ]  # fmt: skip


def large_figures(size: Size) -> list[Figure]:
    """(c) CPU for each paper where there are many, (d) the loop again."""
    papers = size.large_papers
    with stand_in(Manners(papers=papers)) as server:
        first, later = unlimited(server, papers, min(3, size.later_passes))
    name = f"{papers:,} papers"
    cpu = 1e6 * _best(later, lambda lap: lap.cpu_s) / papers
    return [
        Figure(what=f"{name}, 5 % changes, later pass", value=cpu, unit="µs CPU/paper", most=100),
        Figure(what=f"{name}, first pass", value=1e6 * first.cpu_s / papers, unit="µs CPU/paper"),
        _blocked(name, later),
    ]


# --- with limits ----------------------------------------------------------------------


def paced(
    requests: int, size: Size, *, latency: float, refused: float = 0.0
) -> tuple[Lap, list[float]]:
    """A pass of so many requests at a pace, and the gaps that the server saw."""
    interval_s, batch = size.interval_s, 10
    manners = Manners(
        papers=requests * batch, limits=True, latency_s=latency * interval_s,
        keyless_interval_s=interval_s, keyless_429_share=refused,
    )  # fmt: skip
    with stand_in(manners) as server, bench(server, manners.papers) as it:
        options = SourceOptions(base_url=server.url, min_interval_s=interval_s, batch_size=batch)
        lap = it.lap(options)
        arrivals = server.arrivals()
    assert lap.result.sources[0].found == requests * batch, lap.result.sources
    assert len(arrivals) == lap.result.sources[0].requests >= requests
    assert any(a.status == 429 for a in arrivals) == bool(refused)
    return lap, [b.at_s - a.at_s for a, b in itertools.pairwise(arrivals)]


def paced_figures(size: Size) -> list[Figure]:
    """(b) how close to the floor, and how far apart at the server."""
    figures = []
    for latency in (0.5, 3.0):
        lap, gaps = paced(size.paced_requests, size, latency=latency)
        floor_s = size.paced_requests * size.interval_s
        name = f"{size.paced_requests} requests, answers take {latency:g} intervals"
        figures += [
            Figure(what=f"{name}: wall / floor", value=lap.wall_s / floor_s, most=1.05),
            Figure(
                what=f"{name}: smallest gap / interval", value=min(gaps) / size.interval_s,
                least=0.97,
            ),
        ]  # fmt: skip
    if size.refused_requests:
        lap, gaps = paced(size.refused_requests, size, latency=3.0, refused=0.1)
        name = f"{lap.result.sources[0].requests} requests with retries after 429"
        figures.append(
            Figure(
                what=f"{name}: smallest gap / interval", value=min(gaps) / size.interval_s,
                least=0.97,
            )
        )  # fmt: skip
    return figures


def main() -> None:
    """Measure and print."""
    options = parser(__doc__).parse_args()
    size = SIZES[options.size]
    show(
        "Throughput: one pass over Semantic Scholar",
        [*fast_figures(size), *large_figures(size), *paced_figures(size)],
        notes=[
            "CPU is that of the polling process alone, all its threads; the stand-in has its own.",
            f"Floor: requests x interval, here {size.interval_s:g} s.",
            "Retries wait longer than the pace by intent: only their gaps are judged.",
        ],
    )


if __name__ == "__main__":
    main()
