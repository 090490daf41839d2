"""How politely each source is to be left alone, remembered across restarts."""

from __future__ import annotations

from dataclasses import dataclass

from citewatch.domain.papers import Instant
from citewatch.ports import GateState
from citewatch.store.codec import storable
from citewatch.store.engine import Database

# Plain SQL: the gate is looked at before every request, and composing a statement costs
# twice as much as running it.
_LOAD = "SELECT not_before, reason, strikes, last_request_at_ms FROM gate WHERE source = ?"
_SENT = """INSERT INTO gate (source, reason, strikes, last_request_at_ms) VALUES (?, '', 0, ?)
    ON CONFLICT (source) DO UPDATE SET last_request_at_ms = excluded.last_request_at_ms"""
# max() of two values is NULL when one of them is.
_PARK = """INSERT INTO gate (source, not_before, reason, strikes) VALUES (?, ?, ?, 1)
    ON CONFLICT (source) DO UPDATE SET
        not_before = max(ifnull(not_before, excluded.not_before), excluded.not_before),
        reason = excluded.reason, strikes = strikes + 1"""
_FORGET = "UPDATE gate SET not_before = NULL, reason = '', strikes = 0 WHERE source = ?"


@dataclass(frozen=True, slots=True)
class SqlGate:
    """`citewatch.ports.Gate` over one row."""

    database: Database
    source: str

    def load(self) -> GateState:
        """What is remembered now."""
        with self.database.read() as connection:
            row = connection.exec_driver_sql(_LOAD, (self.source,)).one_or_none()
        if row is None:
            return GateState()
        not_before, reason, strikes, last_ms = row
        return GateState(
            not_before=not_before,
            reason=reason,
            strikes=strikes,
            last_request_at=None if last_ms is None else last_ms / 1000,
        )

    def sent(self, at: float) -> None:
        """A request starts at this time."""
        with self.database.write() as connection:
            connection.exec_driver_sql(_SENT, (self.source, round(at * 1000)))

    def park(self, until: Instant, reason: str) -> None:
        """Ask nothing before ``until``, nor before an earlier and longer parking ends."""
        with self.database.write() as connection:
            connection.exec_driver_sql(_PARK, (self.source, until, storable(reason)))

    def answered(self) -> None:
        """A good answer came: strikes and parking are forgotten."""
        # Looked up first: nearly always there is nothing to forget, and a read need not
        # wait for a writer.
        state = self.load()
        if state.not_before is None and not state.strikes:
            return
        with self.database.write() as connection:
            connection.exec_driver_sql(_FORGET, (self.source,))
