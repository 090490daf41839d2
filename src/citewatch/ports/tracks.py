"""What a report reads of a series without its history."""

from __future__ import annotations

from typing import NamedTuple

from citewatch.domain.papers import Instant, Status


class Track(NamedTuple):
    """How one paper stands at one source: the state row, as far as a report reads it.

    A tuple, because a report reads tens of thousands. ``status`` is never STALE. Of a past
    instant for which it was not kept, ``counted_at`` is None though there is a count.
    """

    series: int
    paper: int
    source: str
    status: Status
    citation_count: int | None
    influential_count: int | None
    without_self_count: int | None
    high: int | None
    counted_at: Instant | None
    answered_at: Instant | None
    begun_at: Instant | None
    answered: str
    """The record that answered, ``scheme:value``; "" for none."""


class Said(NamedTuple):
    """What one source says of one paper, as far as a report shows it."""

    title: str | None
    year: int | None
    venue: str | None
    published_on: str | None
    retracted: bool
