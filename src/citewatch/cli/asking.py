"""Ask the daemon for a pass, and wait for its answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from citewatch.bootstrap import App
from citewatch.cli.shared import Options
from citewatch.errors import Busy, StoreError
from citewatch.ports import Store
from citewatch.services.desk import Scope
from citewatch.services.errands import Errand, errand_number, fetch_answer, leave, withdraw
from citewatch.services.whole_pass import Passed

_LOOK_S, _LOOK_AT_SERVER_S = 0.2, 1.0
_TAKEOVER_S = 30.0
"""So long another daemon has to take over the errands of one that died, at a server."""


def is_daemon(busy: Busy) -> bool:
    """Whether the database is held by a daemon, which does what others ask."""
    from citewatch.store import DAEMON

    return busy.who == DAEMON and busy.process is not None


@contextmanager
def politely(app: App, who: str) -> Iterator[Store]:
    """The store for asking a source something small; beside a daemon, if one holds it.

    Only the gates are written to, and these are made for two processes at once.
    """
    with ExitStack() as stack:
        try:
            store = stack.enter_context(app.writing(who))
        except Busy as busy:
            if not is_daemon(busy):
                raise
            store = stack.enter_context(app.beside())
        yield store


def ask_daemon(
    app: App,
    options: Options,
    scope: Scope,
    busy: Busy,
    *,
    who: str,
    only: Sequence[str] = (),
    words: Sequence[str] = (),
    accept: Sequence[str] = (),
    reject: Sequence[str] = (),
) -> Passed:
    """Leave the daemon an errand and wait until it is done; Ctrl-C takes it back.

    Raises `InputError` with the daemon's words, or `StoreError` when the daemon ends first.
    """
    errand = Errand(
        number=errand_number(app.now(), os.getpid()), who=who, trigger=scope.trigger,
        force=scope.force, thorough=scope.thorough, only_new=scope.only_new, only=tuple(only),
        words=tuple(words), accept=tuple(accept), reject=tuple(reject),
    )  # fmt: skip
    with app.beside() as store:
        leave(errand, store)
        options.hint(
            f"{busy.problem.replace(' is in use by ', ' is held by ')}; asked it to do this now"
        )
        try:
            passed, said = asyncio.run(_wait(app, errand, store, busy))
        finally:
            with suppress(StoreError):
                withdraw(errand, store)
    for problem in said:
        options.hint(problem)
    return passed


async def _wait(
    app: App, errand: Errand, store: Store, busy: Busy
) -> tuple[Passed, tuple[str, ...]]:
    patience_s = 0.0 if app.in_a_file else _TAKEOVER_S
    gone_at: float | None = None
    while True:
        alive, now = app.still_held(busy), app.clock.monotonic()
        answer = fetch_answer(errand, store)
        if answer is not None:
            return answer
        gone_at = None if alive else now if gone_at is None else gone_at
        if gone_at is not None and now - gone_at >= patience_s:
            raise StoreError(
                f"the daemon (process {busy.process}) has ended without an answer",
                remedy="run the same again",
            )
        await app.clock.sleep(_LOOK_S if app.in_a_file else _LOOK_AT_SERVER_S)
