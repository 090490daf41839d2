"""Search answers of the shape ``{OUTER: {TOTAL: n, ROWS: […]}}``. Pure; nothing raises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from citewatch.domain.papers import Failed, Found, Observed
from citewatch.sources.answers import Answer, JsonValue, load_json, refused
from citewatch.sources.questions import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Where one service's rows are, and how one is read."""

    outer: str
    rows: str
    total: str
    read: Callable[[JsonValue], Observed | Failed]

    def read_records(self, answer: Answer) -> list[Record] | Failed:
        """The records of an answer that has to be whole, each with what it answers to."""
        came = self._came(answer)
        if isinstance(came, Failed):
            return came
        found, total = came
        if total > len(found):
            # A record that did not come is not a record that the service does not have.
            return Failed(reason="incomplete", detail=f"{len(found)} of {total} records came")
        records: list[Record] = []
        for row in found:
            observed = self.read(row)
            if isinstance(observed, Failed):
                return observed
            records.append(Record(frozenset((observed.answered, *observed.facts.ids)), observed))
        return records

    def read_search(self, answer: Answer) -> Found | Failed:
        """Candidates for a title, best first; those beyond the first page are not wanted."""
        if answer.status != 200:
            return refused(answer)
        came = self._came(answer)
        if isinstance(came, Failed):
            return came
        read = [self.read(row) for row in came[0]]
        return Found(candidates=tuple(o for o in read if isinstance(o, Observed)))

    def _came(self, answer: Answer) -> tuple[list[JsonValue], int] | Failed:
        """The rows that came, and how many there are."""
        value = load_json(answer)
        if isinstance(value, Failed):
            return value
        outer = value.get(self.outer) if type(value) is dict else None
        found = outer.get(self.rows) if type(outer) is dict else None
        total = outer.get(self.total) if type(outer) is dict else None
        if type(found) is not list or type(total) is not int or total < 0:
            return Failed(reason="shape", detail=f"no list of {self.rows} with {self.total}")
        return found, total
