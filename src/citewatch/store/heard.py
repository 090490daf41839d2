"""Which series a source answered about, and when: most answers leave no other trace.

With them a past day can say when each count had last been confirmed, as it said then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from sqlalchemy import Connection

from citewatch.domain.papers import Held, Instant
from citewatch.store.catalog import numbers_text
from citewatch.store.engine import raw_rows

_BEFORE = """SELECT t.id, t.answered_at, t.status, t.answered, t.begun_at, t.counted_at
    FROM track t WHERE t.id IN (SELECT n.value FROM json_each(?) n)"""
_HEARD = """INSERT INTO heard (at, first, others) VALUES (?, ?, ?)
    ON CONFLICT (at, first) DO UPDATE SET others = excluded.others"""
_TURN = """INSERT INTO turn (series_id, at, status, answered, begun_at, counted_at)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (series_id, at) DO UPDATE SET status = excluded.status,
        answered = excluded.answered, begun_at = excluded.begun_at,
        counted_at = excluded.counted_at"""
_LATEST = "SELECT h.at, h.first, h.others FROM heard h WHERE h.at <= ? ORDER BY h.at DESC"


def note_answers(connection: Connection, helds: Sequence[Held], *, decided_at: Instant) -> None:
    """Before state rows are rewritten: who answered, and what turned.

    ``decided_at`` is when somebody let go of a record: that is no answer, and has no time
    of its own in the state.
    """
    before = {
        row[0]: row[1:]
        for row in raw_rows(connection, _BEFORE, (numbers_text(h.series for h in helds),))
    }
    heard: defaultdict[Instant, list[int]] = defaultdict(list)
    turns = []
    for held in helds:
        answered_at, status, answered, begun_at, counted_at = before.get(held.series, (None,) * 5)
        news = held.answered_at is not None and held.answered_at != answered_at
        if news and held.answered_at is not None:
            heard[held.answered_at].append(held.series)
        name = str(held.answered) if held.answered else None
        if (status, answered, begun_at) == (held.status.value, name, held.begun_at):
            continue
        at = held.answered_at if news else max(decided_at, held.answered_at or 0)
        if at:
            turns.append((held.series, at, held.status.value, name, held.begun_at, counted_at))
    if heard:
        connection.exec_driver_sql(
            _HEARD, [(at, min(series), coded(series)) for at, series in heard.items()]
        )
    if turns:
        connection.exec_driver_sql(_TURN, turns)


def last_heard(
    connection: Connection, series: Collection[int], until: Instant
) -> dict[int, Instant]:
    """The last answer about each series up to an instant, as far as there was one."""
    found: dict[int, Instant] = {}
    missing = set(series)
    if not missing:
        return found
    for at, first, others in raw_rows(connection, _LATEST, (until,)):
        here = missing.intersection(decoded(first, others))
        if here:
            found.update(dict.fromkeys(here, at))
            missing -= here
            if not missing:
                break
    return found


def coded(series: Iterable[int]) -> str:
    """Numbers after the first as lengths of runs and of gaps in turn: 5 6 7 9 is ``3 1 1``."""
    numbers = sorted(set(series))
    lengths, run = [], 1
    for before, number in pairwise(numbers):
        if number == before + 1:
            run += 1
        else:
            lengths += [run, number - before - 1]
            run = 1
    return "" if len(numbers) == 1 else " ".join(map(str, [*lengths, run]))


def decoded(first: int, others: str) -> Iterator[int]:
    """The numbers that `coded` wrote, the first one included."""
    number = first
    for place, length in enumerate(map(int, others.split() or ["1"])):
        if place % 2 == 0:
            yield from range(number, number + length)
        number += length
