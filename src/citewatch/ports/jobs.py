"""What the daemon does beside asking the sources."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something to look after regularly: delivering, backing up.

    ``every_s`` is only how often to look. Whether something is to be done stands in rows or
    files, so that a restart, a night's sleep or a clock that jumps neither loses nor doubles it.
    """

    name: str
    """One word, for the log: ``delivery``."""
    every_s: float
    run: Callable[[], Awaitable[str]]
    """Does what is due. What it did in a few words, "" for nothing; an error is reported once."""
