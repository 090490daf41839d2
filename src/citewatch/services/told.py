"""What a source told beside its answers: its allowance, and whether it took the key."""

from __future__ import annotations

import json
from dataclasses import dataclass

from citewatch.domain.papers import Instant
from citewatch.ports import Quota, Source, Store, Telling


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """As of the last pass in which it was asked."""

    at: Instant = 0
    key_state: str = ""
    """``accepted``, ``refused``, ``set``, ``none``; "" where it was never asked."""
    quota: Quota | None = None

    def quota_now(self, now: Instant) -> Quota | None:
        """The quota, unless it has been renewed since."""
        quota = self.quota
        if quota is None or (quota.resets_at is not None and quota.resets_at <= now):
            return None
        return quota


def note_told(source: Source, store: Store, *, now: Instant) -> None:
    """Remember what a source told in a pass in which requests were sent."""
    if not isinstance(source, Telling):
        return
    quota = source.quota
    text = json.dumps(
        {
            "at": now,
            "key": source.key_state,
            "quota": quota and [quota.left, quota.of, quota.unit, quota.resets_at],
        }
    )
    store.remember(_name(source.name), text)


def recall_told(store: Store, source: str) -> Told:
    """What was remembered; nothing where it was never asked."""
    text = store.recall(_name(source))
    if text is None:
        return Told()
    given = json.loads(text)
    quota = None
    if given["quota"]:
        left, of, unit, resets_at = given["quota"]
        quota = Quota(left=left, of=of, unit=unit, resets_at=resets_at)
    return Told(at=given["at"], key_state=given["key"], quota=quota)


def _name(source: str) -> str:
    return f"told:{source}"
