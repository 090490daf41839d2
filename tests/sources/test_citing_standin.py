"""The sources that list who cites a paper, asked at the stand-in: what comes agrees with its counts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from source_world import MemoryGate, RunningClock, World
from source_world import world as source_world

from citewatch.domain.citing import CitingWork
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Blocked, Failed, Missing, Observed, Throttled
from citewatch.ports import Ask, Cited, CitingOutcome, CitingPage
from citewatch.sandbox import DEFAULT_START, FAULTS, SANDBOX_OPENALEX_KEY, Sandbox
from citewatch.sandbox import World as MadeWorld
from citewatch.sandbox.faults import ONLY

pytestmark = pytest.mark.anyio

DAY_S = 86_400
ZOO = Identifier("arxiv", "1708.03999")
GIANT = Identifier("doi", "10.5555/jmr.2016.001")
SOURCES = ("semantic_scholar", "openalex", "inspire")
PAPER = {
    "semantic_scholar": ZOO,
    "openalex": ZOO,
    "inspire": Identifier("arxiv", "1705.09056"),
}
SLOW = ("huge-body", "blank-body", "gzip-bomb", "slow", "hang")
"""They take real time, or megabytes; each is met once, by one source."""


NOTHING: Mapping[str, str] = {}


class Bench:
    """The stand-in, and the day on which it is asked."""

    box: Sandbox
    day = 400

    def now(self) -> float:
        return DEFAULT_START + self.day * DAY_S + 3_600

    @asynccontextmanager
    async def source(
        self, name: str, *, timeout_s: float = 5.0, secrets: Mapping[str, str] = NOTHING
    ) -> AsyncIterator[World]:
        url = self.box.urls[name]["base_url"]
        async with source_world(
            name, lambda _r: None, base_url=url, secrets=secrets, timeout_s=timeout_s,
            gate=MemoryGate(), clock=RunningClock(),
        ) as w:  # fmt: skip
            yield w


@pytest.fixture(scope="module")
def made() -> MadeWorld:
    return MadeWorld()


@pytest.fixture
def bench(made: MadeWorld) -> Iterator[Bench]:
    bench = Bench()
    with Sandbox(made, bench.now, limits=False) as bench.box:
        yield bench


async def listed(w: World, identifier: Identifier, since: str = "") -> list[CitingOutcome]:
    assert isinstance(w.source, Cited)
    return [o async for o in w.source.citing(Ask(1, identifier), since=since)]


async def counted(w: World, identifier: Identifier) -> int:
    readings = [r async for batch in w.source.fetch([Ask(1, identifier)]) for r in batch]
    ((_, outcome),) = readings
    assert isinstance(outcome, Observed)
    assert outcome.citation_count is not None
    return outcome.citation_count


def works_in(outcomes: list[CitingOutcome]) -> list[CitingWork]:
    return [work for o in outcomes if isinstance(o, CitingPage) for work in o.works]


@pytest.mark.parametrize("name", SOURCES)
async def test_as_many_works_come_as_the_source_counts(bench: Bench, name: str) -> None:
    preprints = [paper.arxiv for paper in bench.box.world.listed if paper.number in (51, 44, 41)]
    some = [Identifier("arxiv", arxiv) for arxiv in preprints if arxiv]
    for identifier in {PAPER[name], *(some if name != "inspire" else [])}:
        async with bench.source(name) as w:
            count = await counted(w, identifier)
            outcomes = await listed(w, identifier)
        works = works_in(outcomes)
        assert outcomes
        assert {o.total for o in outcomes if isinstance(o, CitingPage)} == {count}
        # Semantic Scholar has some without any name that lasts.
        assert 0.97 * count <= len(works) <= count
        assert len({work.record for work in works}) == len(works)


@pytest.mark.parametrize("name", SOURCES)
async def test_dates_tell_what_the_source_counted_then(bench: Bench, name: str) -> None:
    async with bench.source(name) as w:
        works = works_in(await listed(w, PAPER[name]))
    dated = sorted(work.published_on for work in works if len(work.published_on) == 10)
    share = len(dated) / len(works)
    first = None
    for day in (0, 120, 250, 399):
        bench.day = day
        async with bench.source(name) as w:
            count = await counted(w, PAPER[name])
        until = f"{_date(day)}"
        assert sum(d <= until for d in dated) / share == pytest.approx(count, rel=0.04)
        first = first or count
    assert len(works) > 1.02 * (first or 0)


def _date(day: int) -> str:
    return datetime.fromtimestamp(DEFAULT_START + day * DAY_S, UTC).date().isoformat()


@pytest.mark.parametrize("name", SOURCES)
async def test_a_tenth_of_the_works_is_by_the_authors_themselves(bench: Bench, name: str) -> None:
    async with bench.source(name) as w:
        outcomes = await listed(w, PAPER[name])
    assert isinstance(outcomes[0], CitingPage)
    own = {person.identity for person in outcomes[0].cited_authors} - {""}
    works = works_in(outcomes)
    selfs = [work for work in works if own & {p.identity for p in work.authors}]
    assert own
    assert 0.04 < len(selfs) / len(works) < 0.14


async def test_the_giant_is_cut_at_one_source_and_whole_at_the_other(bench: Bench) -> None:
    bench.day = 0
    async with bench.source("semantic_scholar") as w:
        outcomes = await listed(w, GIANT)
    assert isinstance(outcomes[-1], CitingPage)
    assert outcomes[-1].cut == "Semantic Scholar lists no more than 9,999 of 12,000 citing works"
    assert len(works_in(outcomes)) == pytest.approx(9_999, rel=0.01)
    async with bench.source("openalex") as w:
        outcomes = await listed(w, GIANT)
    assert isinstance(outcomes[-1], CitingPage)
    assert (len(works_in(outcomes)), outcomes[-1].cut) == (7_200, "")
    bench.day = 3_000
    for secrets, cut in (({}, "without a key"), ({"api_key": SANDBOX_OPENALEX_KEY}, "")):
        async with bench.source("openalex", secrets=secrets) as w:
            outcomes = await listed(w, GIANT)
        assert isinstance(outcomes[-1], CitingPage)
        assert outcomes[-1].cut.endswith(cut)
        assert bool(outcomes[-1].cut) is (len(works_in(outcomes)) == 10_000)


@pytest.mark.parametrize("name", SOURCES)
async def test_only_what_is_new_is_asked_for(bench: Bench, name: str) -> None:
    async with bench.source(name) as w:
        every = works_in(await listed(w, PAPER[name]))
        since = _date(300)
        recent = works_in(await listed(w, PAPER[name], since=since))
    wanted = {w.record for w in every if len(w.published_on) == 10 and w.published_on >= since}
    exact = {w.record for w in recent if len(w.published_on) == 10}
    # INSPIRE gives everything.
    assert exact == wanted or (name == "inspire" and recent == every)


WHOLE: dict[str, set[str]] = {}
PAIRS = [
    (name, fault)
    for fault in FAULTS
    for name in SOURCES
    if name in ONLY.get(fault, SOURCES) and (fault not in SLOW or name == SOURCES[0])
]


@pytest.mark.parametrize(("name", "fault"), PAIRS)
async def test_no_fault_makes_a_shorter_list_pass_for_a_whole_one(
    bench: Bench, name: str, fault: str
) -> None:
    if name not in WHOLE:
        async with bench.source(name) as w:
            WHOLE[name] = {work.record for work in works_in(await listed(w, PAPER[name]))}
    whole = WHOLE[name]
    bench.box.set_fault(name, fault)
    async with bench.source(name, timeout_s=0.3 if fault in ("hang", "slow") else 5.0) as w:
        outcomes = await listed(w, PAPER[name])
    end = outcomes[-1]
    assert isinstance(end, CitingPage | Missing | Failed | Throttled | Blocked)
    assert (type(end) is Missing) <= (fault == "not-found")
    works = {work.record for work in works_in(outcomes)}
    assert works <= whole
    if isinstance(end, CitingPage) and not end.cut:
        assert end.last
        assert works == whole
    totals = {o.total for o in outcomes if isinstance(o, CitingPage)}
    assert all(total is None or total >= 0 for total in totals)
