"""Between the values of the domain and the columns of the tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeAlias, TypeVar

from citewatch.domain.identifiers import Identifier
from citewatch.domain.papers import (
    Decision,
    Facts,
    Held,
    Pending,
    Rise,
    Snapshot,
    Stand,
    Status,
)

Cell: TypeAlias = int | str | None
Cells: TypeAlias = tuple[Cell, ...]

SNAPSHOT_STATUS = {Status.OK: 0, Status.HELD: 1, Status.MISSING: 2}
_STATUS_OF_SNAPSHOT = (Status.OK, Status.HELD, Status.MISSING)
_STATUS = {s.value: s for s in Status}

HELD_COLUMNS = (
    "asked",
    "answered",
    "status",
    "citation_count",
    "influential_count",
    "high",
    "confirmed_high",
    "rises",
    "pending",
    "changed_at",
    "counted_at",
    "answered_at",
    "missing_since_at",
    "absences",
    "lost",
    "failures",
    "next_check_at",
    "searches",
    "next_search_at",
    "inspected_at",
    "hint",
    "without_self_count",
    "compared_at",
    "begun_at",
    "firm",
    "stands",
    "low_since_at",
    "fell_at",
)
"""The columns of ``track`` that `held_cells` writes, in its order."""


class Known:
    """Values read before, to be shared instead of made again.

    One identifier of a paper comes back as the one asked for, the one that answered and
    one that a source gives; facts hardly ever change between two passes. Sharing halves
    the time of a large read, a third of it the garbage collector's.
    """

    def __init__(self) -> None:
        self._identifiers: dict[str, Identifier] = {}
        self._facts: dict[str, Facts] = {}

    def identifier(self, text: str) -> Identifier:
        """Read ``scheme:value``."""
        if (found := self._identifiers.get(text)) is not None:
            return found
        scheme, _, value = text.partition(":")
        return _keep(self._identifiers, text, Identifier(scheme, value), limit=_KEEP_IDENTIFIERS)

    def facts(self, text: str) -> Facts:
        """Read what `facts_text` wrote."""
        if (found := self._facts.get(text)) is not None:
            return found
        given = json.loads(text)
        for name in ("authors", "ratings", "notices"):
            if name in given:
                given[name] = tuple(given[name])
        if "ids" in given:
            given["ids"] = tuple([self.identifier(i) for i in given["ids"]])
        if "decision" in given:
            given["decision"] = Decision(given["decision"])
        return _keep(self._facts, text, Facts(**given), limit=_KEEP_FACTS)


_KEEP_IDENTIFIERS, _KEEP_FACTS = 100_000, 20_000
"""How many are kept at most, some 30 MB of each, for those who have as many papers."""

_T = TypeVar("_T")


def _keep(known: dict[str, _T], text: str, value: _T, *, limit: int) -> _T:
    if len(known) >= limit:
        known.clear()
    known[text] = value
    return value


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def compact(value: object) -> str:
    """JSON without blanks, readable in any script."""
    return storable(_JSON.encode(value))


def storable(text: str) -> str:
    r"""The text with half a surrogate pair as "?": JSON may carry one ("\ud800"), UTF-8 cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def held_cells(held: Held) -> Cells:
    """The state in the order of `HELD_COLUMNS`, then the series' number."""
    return (
        str(held.asked) if held.asked else None,
        str(held.answered) if held.answered else None,
        held.status.value,
        held.citation_count,
        held.influential_count,
        held.high,
        held.confirmed_high,
        _rises_text(held.rises) if held.rises else None,
        _pending_text(held.pending) if held.pending else None,
        held.changed_at,
        held.counted_at,
        held.answered_at,
        held.missing_since_at,
        held.absences,
        int(held.lost),
        held.failures,
        held.next_check_at,
        held.searches,
        held.next_search_at,
        held.inspected_at,
        storable(held.hint) if held.hint else "",
        held.without_self_count,
        held.compared_at,
        held.begun_at,
        held.firm,
        _stands_text(held.stands) if held.stands else None,
        held.low_since_at,
        held.fell_at,
        held.series,
    )


def held_value(row: Sequence[Any], facts: Facts | None, known: Known) -> Held:
    """Read a row of (id, paper_id, source, *HELD_COLUMNS)."""
    return Held(
        series=row[0],
        paper=row[1],
        source=row[2],
        asked=known.identifier(row[3]) if row[3] else None,
        answered=known.identifier(row[4]) if row[4] else None,
        status=_STATUS[row[5]],
        citation_count=row[6],
        influential_count=row[7],
        high=row[8],
        confirmed_high=row[9],
        rises=_rises(row[10]) if row[10] else (),
        pending=pending_value(row[11]) if row[11] else None,
        changed_at=row[12],
        counted_at=row[13],
        answered_at=row[14],
        missing_since_at=row[15],
        absences=row[16],
        lost=bool(row[17]),
        failures=row[18],
        next_check_at=row[19],
        searches=row[20],
        next_search_at=row[21],
        inspected_at=row[22],
        hint=row[23],
        without_self_count=row[24],
        compared_at=row[25],
        begun_at=row[26],
        firm=row[27],
        stands=_stands(row[28]) if row[28] else (),
        low_since_at=row[29],
        fell_at=row[30],
        facts=facts,
    )


def _rises_text(rises: tuple[Rise, ...]) -> str:
    return compact(
        [[r.since_at, r.level, r.readings, r.previous_count, int(r.leapt)] for r in rises]
    )


def _rises(text: str) -> tuple[Rise, ...]:
    # Older rows have four values.
    return tuple(Rise(*(*row[:4], any(row[4:]))) for row in json.loads(text))


def _stands_text(stands: tuple[Stand, ...]) -> str:
    return compact([[stand.threshold, stand.below_since_at] for stand in stands])


def _stands(text: str) -> tuple[Stand, ...]:
    return tuple(Stand(*row) for row in json.loads(text))


def _pending_text(pending: Pending) -> str:
    p = pending
    return compact(
        [p.since_at, p.citation_count, p.readings, p.least, int(p.fault), int(p.another_record)]
    )


def pending_value(text: str) -> Pending:
    """Read what `held_cells` wrote of a count that waits."""
    since_at, citation_count, readings, least, fault, *another = json.loads(text)
    return Pending(since_at, citation_count, readings, least, bool(fault), any(another))


def snapshot_cells(series: int, snapshot: Snapshot) -> Cells:
    """(series_id, at, citation_count, previous_count, influential_count, status,
    without_self_count).

    Raises KeyError for a status that a snapshot cannot have.
    """
    return (
        series,
        snapshot.at,
        snapshot.citation_count,
        snapshot.previous_count,
        snapshot.influential_count,
        SNAPSHOT_STATUS[snapshot.status],
        snapshot.without_self_count,
    )


def snapshot_value(row: Sequence[Any]) -> Snapshot:
    """Read a row in the order of `snapshot_cells`."""
    return Snapshot(
        at=row[1],
        citation_count=row[2],
        previous_count=row[3],
        influential_count=row[4],
        status=_STATUS_OF_SNAPSHOT[row[5]],
        without_self_count=row[6],
    )


_FACT_NAMES = tuple(f.name for f in fields(Facts))
_fact_values = attrgetter(*_FACT_NAMES)


def facts_text(facts: Facts) -> str:
    """The facts as a JSON object; what was not said is left out."""
    values = zip(_FACT_NAMES, _fact_values(facts), strict=True)
    given = {name: value for name, value in values if value is not None and value != ()}
    if "ids" in given:
        given["ids"] = [str(i) for i in facts.ids]
    return compact(given)


def scalar_text(value: int | str | None) -> str | None:
    """A number or a word as JSON, so that the one is not read back as the other."""
    return None if value is None else compact(value)


def scalar_value(text: str | None) -> int | str | None:
    """Read what `scalar_text` wrote."""
    if text is None:
        return None
    value = json.loads(text)
    return value if isinstance(value, int) else str(value)
