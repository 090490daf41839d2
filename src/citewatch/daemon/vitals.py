"""How the daemon is: what it knows of itself, and what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from citewatch.daemon.troubles import Trouble, spell
from citewatch.domain.agenda import overdue_s
from citewatch.domain.papers import Instant
from citewatch.services.prospects import Outlook

STUCK_S = 60.0
"""The loop has not come round for so long: it hangs."""
_GRACE_S = 600
"""After a start (or a night's sleep) a first pass has so long before its absence is told."""
_DISABLING = ("database", "clock", "look", "pass")
"""What is wrong with citewatch itself, and not with a source, a list or an edit."""


@dataclass(slots=True)
class Vitals:
    """What the loop leaves for others to see; every field is replaced, never changed inside."""

    started_at: Instant
    looked_at: float
    """When the loop last came round, monotonic."""
    sound: bool = True
    """Whether the last round ended as it should."""
    outlooks: Sequence[Outlook] = ()
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    stopping: bool = False

    def good_at(self) -> Instant | None:
        """End of the last pass in which a source answered."""
        return max((o.agenda.good_at for o in self.outlooks if o.agenda.good_at), default=None)

    def overdue_s(self, now: Instant) -> int:
        """By how much the oldest question is overdue."""
        prospects = (o.prospect for o in self.outlooks if o.prospect is not None)
        return overdue_s(prospects, now, since=self.started_at)


def reasons(vitals: Vitals, now: Instant, monotonic: float) -> list[str]:
    """Why the daemon is unwell; nothing when it is well."""
    found = []
    if vitals.stopping:
        found.append("it is being stopped")
    if (still_s := monotonic - vitals.looked_at) > STUCK_S:
        found.append(f"the loop has not come round for {spell(int(still_s))}")
    for key, trouble in vitals.troubles.items():
        if key in _DISABLING:
            found.append(trouble.text.splitlines()[0])
    asked = [o.schedule.every_s for o in vitals.outlooks if o.prospect is not None]
    if vitals.outlooks and not asked:
        found.append("no source can be asked: all want a login or key")
    elif asked and (late := _late(vitals, min(asked), now)):
        found.append(late)
    return found


def _late(vitals: Vitals, shortest_s: int, now: Instant) -> str:
    good_at = vitals.good_at()
    silent_s = now - (vitals.started_at if good_at is None else good_at)
    grace_s = min(_GRACE_S, 2 * shortest_s)
    if silent_s <= 2 * shortest_s or now - vitals.started_at <= grace_s:
        return ""
    return f"no source has answered in the last {spell(silent_s)}"


def iso(at: Instant) -> str:
    """An instant for programs, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
