"""What lies before each source, out of the rows, for planning the next pass."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from citewatch.domain.agenda import Prospect
from citewatch.domain.papers import Instant
from citewatch.ports import Agenda, Source, Store
from citewatch.services.desk import PassResult
from citewatch.services.standing import SourceSchedule


class Sources(Protocol):
    """What planning needs of the application."""

    def now(self) -> Instant:
        """This instant, in whole seconds."""

    def schedules(self) -> list[SourceSchedule]:
        """Every source, with what the configuration says of it."""

    def source(self, name: str, store: Store) -> Source:
        """One source, to be looked at and not asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One source that is switched on, with what the planning of passes is made from."""

    schedule: SourceSchedule
    agenda: Agenda
    prospect: Prospect | None
    """None where it cannot be asked for want of a login or key."""
    parked_until: Instant | None


@dataclass(slots=True)
class Patience:
    """What this process has learned of sources that were asked in vain."""

    _fresh: bool = False
    _in_vain: dict[str, int] = field(default_factory=dict)
    _rests: dict[str, Instant] = field(default_factory=dict)

    def note(self, result: PassResult, due: Collection[str]) -> None:
        """After a pass; ``due`` names the sources for which something is still due."""
        self._fresh = False
        for source in result.sources:
            answered = source.found + source.missing + source.unresolved
            vain = source.name in due and not answered
            self._in_vain[source.name] = self._in_vain.get(source.name, 0) + 1 if vain else 0
            self._rests.pop(source.name, None)
            if source.status == "parked" and source.until is not None:
                self._rests[source.name] = source.until

    def forget(self) -> None:
        """The settings or lists have changed: everything is worth a try, and at once."""
        self._fresh = True
        self._in_vain.clear()
        self._rests.clear()

    @property
    def fresh(self) -> bool:
        """Whether nothing was asked since the settings or lists have changed."""
        return self._fresh

    def of(self, name: str) -> tuple[int, Instant]:
        """Passes in vain, and until when a rule of our own lets the source rest."""
        return self._in_vain.get(name, 0), self._rests.get(name, 0)


def outlooks(home: Sources, store: Store, patience: Patience) -> list[Outlook]:
    """Every source that is switched on, with what lies before it. Asks nobody."""
    return [
        _outlook(home, store, schedule, patience)
        for schedule in home.schedules()
        if schedule.enabled
    ]


def _outlook(home: Sources, store: Store, schedule: SourceSchedule, patience: Patience) -> Outlook:
    now, source = home.now(), home.source(schedule.name, store)
    agenda = store.agenda(schedule.name, source.schemes)
    parked_until = store.gate(schedule.name).load().not_before
    if parked_until is not None and parked_until <= now:
        parked_until = None
    prospect = None
    if source.blocked() is None:
        in_vain, rests = patience.of(schedule.name)
        search = agenda.search_at if getattr(source, "can_search", True) else None
        # A pass that ended in the future was written by a clock that was ahead.
        passed = None if agenda.passed_at is None else min(agenda.passed_at, now)
        if patience.fresh:
            passed = None
        prospect = Prospect(
            name=schedule.name, every_s=schedule.every_s, ask_at=agenda.ask_at, search_at=search,
            leads=source.counts and not getattr(source, "costly_search", False),
            rests_until=max(parked_until or 0, rests) or None,
            passed_at=passed, in_vain=in_vain,
        )  # fmt: skip
    return Outlook(schedule=schedule, agenda=agenda, prospect=prospect, parked_until=parked_until)
