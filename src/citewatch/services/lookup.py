"""What an identifier stands for, asked once when it is added without a title."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import Facts, Observed, Paper
from citewatch.ports import Ask, Source

_PATIENCE_S = 10.0
"""A person waits for this; a name can still come with the first sync."""


async def look_up(papers: Sequence[Paper], sources: Sequence[Source]) -> list[Paper]:
    """The papers, with title, authors and year where a source that can be asked has them."""
    wanted = {place: paper for place, paper in enumerate(papers) if not paper.title and paper.ids}
    found: dict[int, Facts] = {}
    try:
        async with asyncio.timeout(_PATIENCE_S):
            for source in sources:
                rest = {place: p for place, p in wanted.items() if place not in found}
                if rest and source.blocked() is None:
                    found |= await _ask(source, rest)
    except TimeoutError:
        pass  # the names stay open; the caller says so
    finally:
        for source in sources:
            await source.aclose()
    return [_named(paper, found.get(place)) for place, paper in enumerate(papers)]


async def _ask(source: Source, wanted: Mapping[int, Paper]) -> dict[int, Facts]:
    asks = [
        Ask(place, identifier)
        for place, paper in wanted.items()
        if (identifier := _usable(paper, source)) is not None
    ]
    found: dict[int, Facts] = {}
    if asks:
        async for readings in source.fetch(asks):
            for ask, outcome in readings:
                if isinstance(outcome, Observed) and outcome.facts.title:
                    found[ask.series] = outcome.facts
    return found


def _usable(paper: Paper, source: Source) -> Identifier | None:
    return next((i for s in source.schemes for i in paper.ids if i.scheme == s), None)


def _named(paper: Paper, facts: Facts | None) -> Paper:
    if facts is None:
        return paper
    return replace(
        paper, title=facts.title or "", authors=facts.authors, year=paper.year or facts.year
    )
