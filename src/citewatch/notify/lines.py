"""One change as JSON has it, the same wherever it is told."""

from __future__ import annotations

from citewatch.domain.printable import clean, rfc3339
from citewatch.ports import LoggedChange


def change_object(row: LoggedChange) -> dict[str, object]:
    """One change as JSON has it; what is unknown is absent."""
    change = row.change
    pairs: dict[str, object] = {
        "id": row.number,
        "at": rfc3339(change.at),
        "kind": change.kind.value,
        "paper": row.key,
        "title": None if row.title is None else clean(row.title),
        "source": change.source,
        "old": _plain(change.old),
        "new": _plain(change.new),
        "threshold": change.threshold,
        "first_seen_at": None if change.first_seen_at is None else rfc3339(change.first_seen_at),
        "text": clean(change.text),
    }
    return {name: value for name, value in pairs.items() if value is not None}


def _plain(value: int | str | None) -> int | str | None:
    return clean(value) if isinstance(value, str) else value
