"""Passes: which is due, doing it, doing what others ask for, and telling how it went."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Sequence

from citewatch.bootstrap import App
from citewatch.daemon.figures import Figures
from citewatch.daemon.logs import Log
from citewatch.daemon.switch import Switch
from citewatch.daemon.troubles import Troubles
from citewatch.daemon.vitals import Vitals
from citewatch.domain.agenda import clock_trouble, plan
from citewatch.domain.papers import Instant
from citewatch.errors import CitewatchError, InputError
from citewatch.ports import Store
from citewatch.services.desk import PassResult, Scope, was_good
from citewatch.services.errands import Errand, open_errands, refuse, report
from citewatch.services.loop import aside
from citewatch.services.prospects import Outlook, Patience, outlooks
from citewatch.services.whole_pass import Passed, one_pass, take_in

_LOOK_AGAIN_S = 600.0
"""The rows are looked at that often even when nothing should have changed."""
_JUMP_S = 30.0
"""The wall clock may part so much from the monotonic one before the plan is made anew."""
_RETRY_S, _LONGEST_RETRY_S = 60.0, 3600.0
_WRONG = ("failed", "parked", "partial")


class Rounds:
    """The passes of one daemon. One at a time; whoever calls sees to that."""

    def __init__(
        self,
        app: App,
        store: Store,
        *,
        log: Log,
        troubles: Troubles,
        vitals: Vitals,
        figures: Figures,
        switch: Switch,
    ) -> None:
        self.app = app
        self.store = store
        self._log = log
        self._troubles = troubles
        self._vitals = vitals
        self._figures = figures
        self._switch = switch
        self._patience = Patience()
        self._next_at: Instant | None = 0
        self._planned = (0.0, 0.0)
        """By which clocks the plan was made: wall, monotonic."""
        self._not_before = 0.0
        self._retry_s = _RETRY_S

    def take_in(self) -> None:
        """The lists or the settings are new: let the rows know, and plan anew."""
        take_in(self.app, self.store)
        self._list_troubles()
        self._patience.forget()
        self._not_before, self._retry_s = 0.0, _RETRY_S
        self._next_at = 0

    def errand(self) -> Errand | None:
        """What somebody asks for, the oldest first."""
        return next(iter(open_errands(self.store)), None)

    async def due(self) -> tuple[str, ...]:
        """Which sources go now. Looks at the rows only when that may have become news."""
        now, monotonic = self.app.clock.time(), self.app.clock.monotonic()
        if monotonic < self._not_before:
            return ()
        passed_s = monotonic - self._planned[1]
        jumped = abs(now - self._planned[0] - passed_s) > _JUMP_S
        reached = self._next_at is not None and now >= self._next_at
        if not (reached or jumped or passed_s > _LOOK_AGAIN_S):
            return ()
        return await self._plan()

    async def _plan(self) -> tuple[str, ...]:
        found, now = await self._look(), self.app.now()
        made = plan((o.prospect for o in found if o.prospect is not None), now)
        self._planned = self.app.clock.time(), self.app.clock.monotonic()
        self._next_at = made.next_at
        newest = max((o.agenda.newest_answer_at or 0 for o in found), default=0)
        if trouble := clock_trouble(now, newest):
            words = f"{trouble}: nothing is asked until it is right ('sync --force' asks anyway)"
            self._troubles.begins("clock", words)
            self._next_at = now + int(_LOOK_AGAIN_S)
            return ()
        self._troubles.ends("clock", "the clock agrees with what was seen")
        return made.now

    async def _look(self) -> Sequence[Outlook]:
        papers = max((o.agenda.papers for o in self._vitals.outlooks), default=0)
        found = await aside(papers, outlooks, self.app, self.store, self._patience)
        self._figures.know(o.schedule.name for o in found)
        self._vitals.outlooks = found
        return found

    async def go(self, names: Sequence[str]) -> None:
        """A pass over these sources; what stops it is told, and it is tried again later."""
        try:
            passed = await one_pass(self.app, self.store, Scope(early=True), only=names)
            await self._after(passed.result)
        except CitewatchError as error:
            self._stopped(str(error))
        except Exception as error:  # noqa: BLE001 - the daemon outlives whatever it is
            self._log.defect("defect", f"a pass ended with an unexpected {type(error).__name__}")
            self._stopped(f"a pass ended with an unexpected {type(error).__name__}: {error}")

    async def do(self, errand: Errand) -> None:
        """A pass that somebody asked for; they are told how it went, or why there is none."""
        self._log.info("errand", f"'{errand.who}' asks for a pass", number=errand.number)
        said: list[str] = []
        try:
            passed = await self._pass_for(errand, said)
        except asyncio.CancelledError:
            words = "the daemon was stopped in the middle of it; what was answered is kept"
            refuse(errand, words, "run the same again", self.store, input_=False)
            raise
        except CitewatchError as error:
            wrong = isinstance(error, InputError)
            refuse(errand, error.problem, error.remedy, self.store, input_=wrong)
            if not wrong:
                self._stopped(str(error))
        except Exception as error:  # noqa: BLE001 - somebody waits for an answer
            words = f"unexpected {type(error).__name__} in the daemon: see its log"
            self._log.defect("defect", f"an errand ended with an unexpected {type(error).__name__}")
            refuse(errand, words, "", self.store, input_=False)
        else:
            await self._after(passed.result)
            report(errand, passed, said, self.store)

    async def _pass_for(self, errand: Errand, said: list[str]) -> Passed:
        return await one_pass(
            self.app, self.store, errand.scope(), only=errand.only, words=errand.words,
            accept=errand.accept, reject=errand.reject, say=said.append,
        )  # fmt: skip

    def turn_away(self, why: str) -> None:
        """Nothing more will be done: whoever waits is told so."""
        for errand in open_errands(self.store):
            refuse(errand, why, "run the same again", self.store, input_=False)

    def _stopped(self, why: str) -> None:
        self._troubles.begins("pass", why)
        self._next_at = 0
        self._not_before = self.app.clock.monotonic() + self._retry_s
        self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)

    async def _after(self, result: PassResult) -> None:
        self._troubles.ends("pass", "passes come to their end again")
        self._retry_s = _RETRY_S
        self._figures.count(result)
        self._tell(result)
        self._list_troubles()
        now = result.finished_at
        self._patience.note(
            result, [o.schedule.name for o in await self._look() if _is_due(o, now)]
        )
        self._next_at = 0  # plan anew
        if was_good(result):
            self._switch.good()
        # A pass puts off the full collections; here nobody waits.
        gc.collect()

    def _list_troubles(self) -> None:
        problems: list[str] = json.loads(self.store.recall("list-problems") or "[]")
        self._troubles.are("list:", {p: p for p in problems}, "the list can be used again")

    def _tell(self, result: PassResult) -> None:
        for source in result.sources:
            key, label = f"source:{source.name}", self.app.label(source.name)
            if source.status in _WRONG:
                self._troubles.begins(key, f"{label}: {source.status}: {source.note}")
            elif source.status == "ok" and source.papers:
                self._troubles.ends(key, f"{label} answers again")
        for change in result.changes:
            words = f"{change.key or change.change.source or ''}: {change.change.text}"
            self._log.info("change", words, number=change.number, kind=change.change.kind.value)
        asked = [s for s in result.sources if s.papers]
        words = ", ".join(f"{s.name} {s.found} of {s.papers}" for s in asked) or "nothing was asked"
        # A pass without an answer is no news: that it goes wrong was said when it began.
        answered = any(s.found + s.missing + s.unresolved for s in asked)
        say = self._log.info if answered else self._log.debug
        say(
            "pass", f"pass over {words}", seconds=result.finished_at - result.started_at,
            requests=sum(s.requests for s in result.sources), changes=len(result.changes),
            sources={s.name: s.status for s in result.sources},
        )  # fmt: skip


def _is_due(outlook: Outlook, now: Instant) -> bool:
    times = (outlook.agenda.ask_at, outlook.agenda.search_at)
    return any(at is not None and at <= now for at in times)
