"""How politely each source is to be left alone, remembered across restarts."""

from __future__ import annotations

from dataclasses import dataclass

from citewatch.domain.papers import DAY, Instant
from citewatch.ports import GateState
from citewatch.store.codec import storable
from citewatch.store.engine import Database

# Plain SQL: the gate is looked at before every request, and composing a statement costs
# twice as much as running it.
_LOAD = """SELECT not_before, reason, strikes, last_request_at_ms, day, day_requests, spent_until
    FROM gate WHERE source = ?"""
_SENT = """INSERT INTO gate (source, reason, strikes, last_request_at_ms, day, day_requests)
    VALUES (?, '', 0, ?, ?, 1)
    ON CONFLICT (source) DO UPDATE SET last_request_at_ms = excluded.last_request_at_ms,
        day_requests = CASE WHEN gate.day = excluded.day THEN gate.day_requests + 1
            ELSE 1 END,
        day = excluded.day"""
_PARK = """INSERT INTO gate (source, not_before, reason, strikes) VALUES (?, ?, ?, ?)
    ON CONFLICT (source) DO UPDATE SET
        not_before = CASE WHEN gate.not_before > excluded.not_before THEN gate.not_before
            ELSE excluded.not_before END,
        reason = excluded.reason, strikes = gate.strikes + excluded.strikes"""
_SPEND = """INSERT INTO gate (source, reason, strikes, spent_until) VALUES (?, '', 0, ?)
    ON CONFLICT (source) DO UPDATE SET spent_until = excluded.spent_until"""
# An answer that was under way when the source was parked does not end the parking.
_FORGET = """UPDATE gate SET not_before = NULL, reason = '', strikes = 0
    WHERE source = ? AND (not_before IS NULL OR not_before <= ?)"""


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
        not_before, reason, strikes, last_ms, day, day_requests, spent_until = row
        return GateState(
            not_before=not_before,
            reason=reason,
            strikes=strikes,
            last_request_at=None if last_ms is None else last_ms / 1000,
            day=day,
            day_requests=day_requests,
            spent_until=spent_until,
        )

    def sent(self, at: float) -> None:
        """A request starts at this time."""
        with self.database.write() as connection:
            values = (self.source, round(at * 1000), int(at // DAY))
            connection.exec_driver_sql(_SENT, values)

    def park(self, until: Instant, reason: str, *, strike: bool = True) -> None:
        """Ask nothing before ``until``, nor before an earlier and longer parking ends."""
        with self.database.write() as connection:
            values = (self.source, until, storable(reason), int(strike))
            connection.exec_driver_sql(_PARK, values)

    def spend(self, until: Instant) -> None:
        """What costs is not to be asked before ``until``."""
        with self.database.write() as connection:
            connection.exec_driver_sql(_SPEND, (self.source, until))

    def answered(self, at: float) -> None:
        """A good answer came: strikes and parking are forgotten, unless parked at that time."""
        # Looked up first: nearly always there is nothing to forget, and a read need not
        # wait for a writer.
        state = self.load()
        if state.not_before is None and not state.strikes:
            return
        with self.database.write() as connection:
            connection.exec_driver_sql(_FORGET, (self.source, at))
