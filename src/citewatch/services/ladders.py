"""Which thresholds were configured before: a ladder that changes announces nothing old."""

from __future__ import annotations

import json

from citewatch.domain.milestones import FormerLadder, Ladder
from citewatch.domain.papers import Instant
from citewatch.ports import Store

_NAME = "ladder"


def note_ladder(store: Store, ladder: Ladder, *, now: Instant) -> FormerLadder | None:
    """Remember the ladder of today; the one before it, if it ever was another."""
    before, former, until_at = _recall(store)
    if before == ladder:
        return FormerLadder(former, until_at) if former is not None else None
    text = {"now": _written(ladder), "former": before and _written(before), "until_at": now}
    store.remember(_NAME, json.dumps(text))
    return FormerLadder(before, now) if before is not None else None


def _recall(store: Store) -> tuple[Ladder | None, Ladder | None, Instant]:
    try:
        given = json.loads(store.recall(_NAME) or "{}")
        return _read(given.get("now")), _read(given.get("former")), int(given.get("until_at", 0))
    except (AttributeError, TypeError, ValueError):
        return None, None, 0


def _written(ladder: Ladder) -> list[object]:
    return [list(ladder.steps), ladder.every]


def _read(given: tuple[list[int], int] | None) -> Ladder | None:
    return None if given is None else Ladder(tuple(given[0]), given[1])
