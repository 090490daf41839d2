"""citewatch as one of the clients that are compared: see ``beside.py`` and ``clients/``.

Two calls: what an adapter does with identifiers until it has readings, and the whole pass,
which judges them and stores them in a database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from citewatch.bootstrap import RealClock
from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Instant, Observed, Outcome, Paper
from citewatch.ports import Ask, GateState, Store
from citewatch.services.desk import Desk, Scope
from citewatch.services.loop import young_garbage_only
from citewatch.services.passes import run_pass
from citewatch.services.watchlist import Watch
from citewatch.sources.answers import Answer
from citewatch.sources.arxiv_atom import Feed, read_feed
from citewatch.sources.crossref_works import Works as CrossrefWorks
from citewatch.sources.crossref_works import read_list as read_crossref
from citewatch.sources.openalex_works import Works as OpenAlexWorks
from citewatch.sources.openalex_works import read_list as read_openalex
from citewatch.sources.questions import Question
from citewatch.sources.semantic_scholar_records import read_batch
from clients.lap import Job, drive
from desks import options_at, source_and_rules, watching
from worlds import bulk_world, watched


def lists(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """The adapter alone: identifiers in, readings out; with the collector as in a pass."""

    def go() -> int:
        with young_garbage_only():
            return asyncio.run(_fetch(job, ids))

    return go


async def _fetch(job: Job, ids: Sequence[str]) -> int:
    asks = [Ask(at, Identifier(job["scheme"], one)) for at, one in enumerate(ids)]
    options = options_at(job["urls"], interval_s=0.0)
    source, _ = source_and_rules(job["source"], options, gate=_OpenGate(), clock=RealClock())
    found = 0
    async for readings in source.fetch(asks):
        found += sum(_is_reading(outcome) for _, outcome in readings)
    await source.aclose()
    return found


class _OpenGate:
    """Remembers nothing: the others have no memory either."""

    def load(self) -> GateState:
        return GateState()

    def sent(self, at: float) -> None: ...

    def park(self, until: Instant, reason: str, *, strike: bool = True) -> None: ...

    def spend(self, until: Instant) -> None: ...

    def answered(self) -> None: ...


def _is_reading(outcome: Outcome) -> bool:
    return isinstance(outcome, Observed)


def whole_pass(job: Job, ids: Sequence[str]) -> Callable[[], int]:
    """As ``citewatch sync --source NAME`` does it: asked, judged, stored."""
    papers = [_by_one(paper, job["scheme"]) for paper in watched(bulk_world(len(ids)).records)]
    database = ExitStack()
    store, watch = database.enter_context(watching(papers))

    def go() -> int:
        with database:
            return asyncio.run(_pass(job, store, watch))

    return go


def _by_one(paper: Paper, scheme: str) -> Paper:
    return replace(paper, ids=tuple(i for i in paper.ids if i.scheme == scheme))


async def _pass(job: Job, store: Store, watch: Watch) -> int:
    clock, options = RealClock(), options_at(job["urls"], interval_s=0.0)
    pair = source_and_rules(job["source"], options, gate=store.gate(job["source"]), clock=clock)
    result = await run_pass(Desk(store=store, clock=clock, watch=watch, sources=[pair]), Scope())
    await pair[0].aclose()
    return result.sources[0].found


def parse(body: bytes, job: Job, ids: Sequence[str]) -> int:
    """What an adapter does with an answer."""
    asked = [Identifier(job["scheme"], one) for one in ids]
    content_type = "application/json"
    answer = Answer(200, {"content-type": content_type}, body, content_type, job["source"])
    match job["source"]:
        case "arxiv":
            feed = read_feed(body)
            assert isinstance(feed, Feed), feed
            return len(feed.papers)
        case "semantic_scholar":
            outcomes = read_batch(answer, asked)
            assert isinstance(outcomes, list), outcomes
            return sum(_is_reading(outcome) for outcome in outcomes)
        case "openalex":
            works = read_openalex(answer, [Question(one, one.value, ()) for one in asked])
            assert isinstance(works, OpenAlexWorks), works
            return len(works.records)
        case _:
            listed = read_crossref(answer)
            assert isinstance(listed, CrossrefWorks), listed
            return len(listed.observed)


if __name__ == "__main__":
    drive({"lists": lists, "whole pass": whole_pass}, parse)
