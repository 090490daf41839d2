"""What another process asks of the daemon, and what it is answered: small texts in the database.

Whoever finds the database held by the daemon leaves an errand; the daemon looks for errands
every second, does the oldest, and leaves the answer under the same number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from citewatch.domain.papers import DAY, Instant
from citewatch.errors import InputError, StoreError
from citewatch.ports import ChangeFilter, Store
from citewatch.services.desk import PassResult, Scope, SourceResult
from citewatch.services.placing import Placed
from citewatch.services.whole_pass import Passed

_ERRANDS, _ANSWERS = "errand:", "answer:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One pass that somebody wants now, with the words of their command line."""

    number: str
    """Begins with the time, so that the oldest comes first."""
    who: str
    """The command: ``citewatch sync``."""
    trigger: str = "sync"
    force: bool = False
    thorough: bool = False
    only_new: bool = False
    only: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()

    def scope(self) -> Scope:
        """What the pass is about."""
        return Scope(
            trigger=self.trigger, force=self.force, thorough=self.thorough, only_new=self.only_new
        )


def errand_number(now: Instant, process: int) -> str:
    """A number that no other errand has: a process asks for one thing at a time."""
    return f"{now:012d}-{process}"


def leave(errand: Errand, store: Store) -> None:
    """Ask the daemon."""
    store.remember(_ERRANDS + errand.number, json.dumps(asdict(errand)))


def withdraw(errand: Errand, store: Store) -> None:
    """Nobody waits any longer; what the daemon has begun it brings to its end."""
    store.unlearn(_ERRANDS + errand.number)
    store.unlearn(_ANSWERS + errand.number)


def open_errands(store: Store) -> list[Errand]:
    """What is asked of the daemon, the oldest first; what cannot be read is let go."""
    found = []
    for name, text in store.recall_all(_ERRANDS).items():
        try:
            known: dict[str, Any] = json.loads(text)
            known |= {key: tuple(v) for key, v in known.items() if isinstance(v, list)}
            found.append(Errand(**known))
        except (TypeError, ValueError, AttributeError):
            store.unlearn(name)  # of another version: its sender sees that nobody answers
    return found


def report(errand: Errand, passed: Passed, said: Sequence[str], store: Store) -> None:
    """Leave the answer: how the pass went, and what the user should be told of the lists."""
    result = passed.result
    answer = {
        "started_at": result.started_at,
        "finished_at": result.finished_at,
        "sources": [asdict(source) for source in result.sources],
        "changes": [change.number for change in result.changes],
        "placed": asdict(passed.placed),
        "said": list(said),
    }
    _answer(errand, answer, store)


def refuse(errand: Errand, problem: str, remedy: str, store: Store, *, input_: bool) -> None:
    """Leave the answer that it cannot be done; ``input_``: the words asked for are at fault."""
    _answer(errand, {"problem": problem, "remedy": remedy, "input": input_}, store)


def _answer(errand: Errand, answer: Mapping[str, Any], store: Store) -> None:
    # An answer that nobody fetched is of no use to anybody a day later.
    number = errand.number.partition("-")[0]
    oldest = errand_number(int(number) - DAY, 0) if number.isdecimal() else ""
    for name in store.recall_all(_ANSWERS):
        if name < _ANSWERS + oldest:
            store.unlearn(name)
    store.remember(_ANSWERS + errand.number, json.dumps(answer))
    store.unlearn(_ERRANDS + errand.number)


def fetch_answer(errand: Errand, store: Store) -> tuple[Passed, tuple[str, ...]] | None:
    """The daemon's answer and what it has to say; None while there is none.

    Raises `InputError` or `StoreError` with the daemon's words when it could not be done.
    """
    text = store.recall(_ANSWERS + errand.number)
    if text is None:
        return None
    store.unlearn(_ANSWERS + errand.number)
    answer = json.loads(text)
    if "problem" in answer:
        kind = InputError if answer["input"] else StoreError
        raise kind(answer["problem"], remedy=answer["remedy"])
    numbers = set(answer["changes"])
    first = min(numbers, default=1)
    changes = store.changes(ChangeFilter(after_number=first - 1)) if numbers else ()
    result = PassResult(
        started_at=answer["started_at"],
        finished_at=answer["finished_at"],
        sources=tuple(SourceResult(**source) for source in answer["sources"]),
        changes=tuple(change for change in changes if change.number in numbers),
    )
    placed = {**answer["placed"], "unplaced": tuple(answer["placed"]["unplaced"])}
    return Passed(result, Placed(**placed)), tuple(answer["said"])
