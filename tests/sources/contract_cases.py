"""What the cases of the contract suite share: a question, its ending, and what is sound."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any

from source_kit import Kit, Rows
from source_world import Handler, Reply, Request, World, asks_for, fetched, searched, world

from citewatch.domain.papers import (
    Blocked,
    Failed,
    Found,
    Missing,
    Observed,
    Outcome,
    SearchOutcome,
    Throttled,
)

_REASON = re.compile(r"[a-z][a-z0-9_]{1,30}")
# They belong to the spelling of Persian and Indic names.
_JOINERS = "\u200c\u200d"
_truths: dict[str, dict[str, Outcome]] = {}
_baselines: dict[tuple[str, int], object] = {}


@asynccontextmanager
async def kit_world(kit: Kit, handler: Handler | None = None, **more: Any) -> AsyncIterator[World]:
    """The kit's source before the handler's server, or before its own."""
    async with world(kit.name, handler or kit.answer, spec=kit.spec, **more) as w:
        yield w


async def outcomes_of(
    kit: Kit, handler: Handler, *values: str, **more: Any
) -> tuple[list[Outcome], World]:
    """Outcomes of papers (two known ones) when every request is answered by ``handler``."""
    async with kit_world(kit, handler, **more) as w:
        outcomes = await fetched(w.source, asks_for(kit.ids(*(values or kit.known[:2]))))
        for outcome in outcomes.values():
            assert_sound(outcome)
        return [outcomes[series] for series in sorted(outcomes)], w


async def truth_of(kit: Kit, *values: str) -> list[Outcome]:
    """What the source says of papers when all is well."""
    if kit.name not in _truths:
        everything = (*kit.known, *kit.unknown)
        outcomes, _ = await outcomes_of(kit, kit.answer, *everything)
        _truths[kit.name] = dict(zip(everything, outcomes, strict=True))
    return [_truths[kit.name][value] for value in values or kit.known[:2]]


async def baseline_of(kit: Kit, status: int) -> object:
    """What comes of one answer with this status and no more to it, before all is well."""
    if (kit.name, status) not in _baselines:
        _baselines[kit.name, status] = await after_one(kit, Reply(status, b"oh"))
    return _baselines[kit.name, status]


async def after_one(kit: Kit, reply: Reply) -> object:
    """Outcomes, waits and parkings when one such answer comes before all is well."""
    first = iter([reply])
    outcomes, w = await outcomes_of(kit, lambda r: next(first, None) or kit.answer(r))
    return outcomes, w.clock.sleeps, w.gate.parkings


async def found_for(w: World, title: str) -> SearchOutcome:
    """How one search ended."""
    (outcome,) = (await searched(w.source, title)).values()
    assert_sound(outcome)
    return outcome


def ending(outcome: Outcome | SearchOutcome) -> str:
    """The name of an ending: ``observed``, ``failed:http_500``."""
    match outcome:
        case Failed():
            return f"failed:{outcome.reason}"
        case Found():
            return "found" if outcome.candidates else "nothing found"
        case Observed() | Missing() | Throttled() | Blocked():
            return type(outcome).__name__.lower()


def assert_ends(kit: Kit, outcomes: Sequence[Outcome], case: str, *usual: str) -> None:
    """That all end as the case wants it of this source."""
    endings = {ending(outcome) for outcome in outcomes}
    assert endings <= kit.endings(case, *usual), f"{kit.name}, {case}: {outcomes}"


def assert_sound(outcome: Outcome | SearchOutcome) -> None:
    """That an ending can be stored, shown and counted."""
    for text in _texts(outcome):
        text.encode("utf-8")
        assert all(c.isprintable() or c in _JOINERS for c in text)
    match outcome:
        case Failed():
            assert _REASON.fullmatch(outcome.reason)
            assert len(outcome.detail) <= 200
        case Blocked():
            assert 0 < len(outcome.reason) <= 200
        case Throttled():
            assert 0 < len(outcome.reason) <= 250
            assert outcome.until is None or type(outcome.until) is int
        case Observed():
            assert outcome.citation_count is None or type(outcome.citation_count) is int
        case Missing() | Found():
            pass


def _texts(value: object) -> list[str]:
    """Every text in a tree of values."""
    if isinstance(value, str):
        return [value]
    if is_dataclass(value):
        return [t for each in fields(value) for t in _texts(getattr(value, each.name))]
    return [t for each in value for t in _texts(each)] if isinstance(value, tuple) else []


def with_body(kit: Kit, change: Callable[[bytes], bytes], content_type: str = "") -> Handler:
    """The kit's server, with what it says when all is well changed."""

    def handler(request: Request) -> Reply:
        reply = kit.answer(request)
        if reply.status != 200 or (request.method == "POST" and request.path.endswith("/login")):
            return reply
        kind = content_type or reply.content_type
        return replace(reply, body=change(reply.body), content_type=kind)

    return handler


def with_rows(kit: Kit, change: Callable[[Rows], Rows]) -> Handler:
    """The kit's server with other records in its answers."""
    return with_body(kit, lambda body: kit.dialect.changed(body, change))
