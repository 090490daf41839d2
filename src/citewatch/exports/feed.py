"""The newest changes as an Atom feed, the same as the channel of that name writes."""

from __future__ import annotations

from citewatch.notify.feed import MOST_ENTRIES, atom
from citewatch.ports import Outbox


def as_feed(outbox: Outbox) -> bytes:
    """The feed. A database that nothing was stored in yet gives one without entries."""
    origin = outbox.origin()
    return atom(outbox.recent(MOST_ENTRIES) if origin else (), origin)
