"""How each source is doing, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from citewatch.domain.papers import Instant, Status
from citewatch.ports import Run, Store
from citewatch.services.standing import SourceSchedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One source's row; None is unknown."""

    name: str
    label: str
    status: str
    """``ok``, ``partial``, ``parked``, ``blocked``, ``failed``, ``off``, ``never``."""
    key: str
    """``set``, ``refused``, ``none`` or ``not needed``."""
    found: int = 0
    missing: int = 0
    held: int = 0
    unresolved: int = 0
    """Papers that it was never able to answer about."""
    last_success: Instant | None = None
    last_run: Run | None = None
    next_request_at: Instant | None = None
    """Set while it asked to be left alone."""
    advice: str = ""


def source_health(
    store: Store,
    schedule: SourceSchedule,
    papers: Collection[int],
    *,
    now: Instant,
    blocked: str | None,
    key: str,
) -> Health:
    """One source's health from its passes, its gate and its state rows."""
    runs = [r for r in store.runs(source=schedule.name) if r.trigger != "import"]
    finished = [r for r in runs if r.finished_at is not None]
    good = [r for r in finished if r.status in ("ok", "partial") and r.found + r.missing]
    histories = store.histories(papers=papers, sources={schedule.name}, since=now)
    states = [h.held.status for h in histories if h.held is not None]
    gate = store.gate(schedule.name).load()
    parked = gate.not_before if gate.not_before is not None and gate.not_before > now else None
    last = finished[-1] if finished else None
    status = _status(schedule, last, parked=parked is not None, blocked=blocked)
    known = sum(s in (Status.OK, Status.HELD) for s in states)
    missing = states.count(Status.MISSING)
    return Health(
        name=schedule.name, label=schedule.label, status=status, found=known,
        key="refused" if key == "set" and last and "key was refused" in last.note else key,
        missing=missing, held=states.count(Status.HELD), unresolved=len(papers) - known - missing,
        last_success=good[-1].finished_at if good else None, last_run=last,
        next_request_at=parked, advice=_advice(status, schedule, last, blocked, gate.reason),
    )  # fmt: skip


def _status(
    schedule: SourceSchedule, last: Run | None, *, parked: bool, blocked: str | None
) -> str:
    if not schedule.enabled:
        return "off"
    if blocked:
        return "blocked"
    if parked:
        return "parked"
    if last is not None and last.status == "parked":
        return "ok"  # it may be asked again; what it said last is past
    return last.status if last else "never"


def _advice(
    status: str, schedule: SourceSchedule, last: Run | None, blocked: str | None, reason: str
) -> str:
    name = schedule.name
    match status:
        case "off":
            return f"switched off: 'enabled = true' under [sources.{name}] brings it back"
        case "blocked":
            return f"{blocked or (last.note if last else '')}; see [sources.{name}] in config.toml"
        case "parked":
            return f"it asked to be left alone ({reason}); nothing to do but wait"
        case "failed" | "partial":
            return f"{last.note if last else ''}; the next sync tries again"
        case "never":
            return "not asked yet: run 'citewatch sync'"
        case _:
            refused = "key was refused" in (last.note if last else "")
            return f"{last.note}: check the key" if last and refused else ""
