"""How each source is doing, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from statistics import median

from citewatch.domain.papers import Held, Instant, Status
from citewatch.ports import GateState, Quota, Run, Store
from citewatch.services.standing import SourceSchedule
from citewatch.services.told import Told, recall_told

_NEARLY_SPENT = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One source's row; None is unknown."""

    name: str
    label: str
    counts: bool
    status: str
    """``ok``, ``partial``, ``parked``, ``blocked``, ``failed``, ``off``, ``never``."""
    key: str
    """``accepted``, ``refused``, ``set`` (not tried yet), ``none`` or ``not needed``."""
    found: int = 0
    missing: int = 0
    held: int = 0
    unresolved: int = 0
    """Papers that it was never able to answer about."""
    last_success: Instant | None = None
    last_run: Run | None = None
    next_request_at: Instant | None = None
    """None: at any time."""
    next_in_s: int | None = None
    """The same as seconds from now."""
    quota: Quota | None = None
    """What is left of its allowance, as it said last; None when it did not, or it is renewed."""
    spent_until: Instant | None = None
    """Until then only what is free is asked."""
    median_age_s: int | None = None
    """Age of the middle one of its readings: how long ago it last confirmed them."""
    advice: str = ""
    """One sentence on what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What the sentence is made from."""

    schedule: SourceSchedule
    status: str
    last: Run | None
    blocked: str | None
    gate: GateState
    health: Health


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
    helds = [h.held for h in histories if h.held is not None]
    states = [held.status for held in helds]
    gate, told = store.gate(schedule.name).load(), recall_told(store, schedule.name)
    parked = gate.not_before is not None and gate.not_before > now
    next_at = _next_request(gate, schedule, now=now)
    # A pass in which nothing was due says nothing about the source.
    asked = [r for r in finished if r.requests or r.status != "ok"]
    last = asked[-1] if asked else None
    status = _status(schedule, last, parked=parked, blocked=blocked)
    if status == "ok" and not good:
        status = "never"
    known = sum(s in (Status.OK, Status.HELD) for s in states)
    missing = states.count(Status.MISSING)
    health = Health(
        name=schedule.name, label=schedule.label, counts=schedule.counts, status=status,
        key=_key(key, told), found=known, missing=missing, held=states.count(Status.HELD),
        unresolved=len(papers) - known - missing, last_run=last,
        last_success=good[-1].finished_at if good else None,
        next_request_at=next_at, next_in_s=None if next_at is None else next_at - now,
        quota=told.quota_now(now),
        spent_until=gate.spent_until if (gate.spent_until or 0) > now else None,
        median_age_s=_median_age(helds, now),
    )  # fmt: skip
    view = _View(
        schedule=schedule, status=status, last=last, blocked=blocked, gate=gate, health=health
    )
    return replace(health, advice=_advice(view))


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


def _key(key: str, told: Told) -> str:
    """``set`` in the configuration becomes what the source made of it."""
    return told.key_state if key == "set" and told.key_state in ("accepted", "refused") else key


def _next_request(gate: GateState, schedule: SourceSchedule, *, now: Instant) -> Instant | None:
    paced = (gate.last_request_at or 0.0) + schedule.interval_s
    at = max(gate.not_before or 0, int(paced) + 1 if paced > now else 0)
    return at if at > now else None


def _median_age(helds: Sequence[Held], now: Instant) -> int | None:
    known = [held for held in helds if held.status in (Status.OK, Status.HELD)]
    ages = [now - held.answered_at for held in known if held.answered_at is not None]
    return max(0, int(median(ages))) if ages else None


def _advice(view: _View) -> str:
    name, last = view.schedule.name, view.last
    note = last.note if last else ""
    match view.status:
        case "off":
            return _why_off(view.schedule)
        case "blocked":
            return f"{view.blocked or note}; see [sources.{name}] in config.toml"
        case "parked":
            own = view.gate.reason.startswith("own ")
            why = "left alone" if own else "it asked to be left alone"
            return f"{why} ({view.gate.reason}); nothing to do but wait"
        case "failed" | "partial":
            return f"{note}; the next sync tries again"
        case "never" if last is not None:
            return f"it has not answered yet ({note or last.status}); the next sync tries again"
        case "never":
            return "not asked yet: run 'citewatch sync'"
        case _:
            return _when_well(view, note)


def _why_off(schedule: SourceSchedule) -> str:
    if schedule.switched:
        name = schedule.name
        return f"switched off: 'enabled = true' under [sources.{name}] brings it back"
    if schedule.needs:
        return f"off: {schedule.needs} ({schedule.about})"
    on = f"'enabled = true' under [sources.{schedule.name}]"
    return f"off unless you want it: {on} ({schedule.about})"


def _when_well(view: _View, note: str) -> str:
    """Nothing is wrong: what could still be better, the most pressing first."""
    health, quota = view.health, view.health.quota
    if health.key == "refused":
        return f"{note or 'its key was refused'}: check the key"
    if health.spent_until is not None:
        return "today's credits are spent: until they are renewed only free questions are asked"
    if quota is not None and quota.of and quota.left < _NEARLY_SPENT * quota.of:
        return f"nearly all {quota.unit} of today are spent; a key or a longer 'every' helps"
    if health.median_age_s is not None and health.median_age_s > 2 * view.schedule.every_s:
        return "its readings are old: run 'citewatch sync', best every day"
    if health.held:
        return "held readings are looked at again before they are believed; nothing to do"
    if health.missing:
        return "it does not know some papers; 'citewatch resolve' shows what it offers instead"
    return note or "nothing to do"
