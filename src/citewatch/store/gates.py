"""How politely each source is to be left alone, remembered across restarts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import col

from citewatch.domain.papers import Instant
from citewatch.ports import GateState
from citewatch.store.codec import storable
from citewatch.store.engine import Database
from citewatch.store.tables import GateRow


@dataclass(frozen=True, slots=True)
class SqlGate:
    """`citewatch.ports.Gate` over one row."""

    database: Database
    source: str

    def load(self) -> GateState:
        """What is remembered now."""
        g = GateRow
        query = select(
            col(g.not_before), col(g.reason), col(g.strikes), col(g.last_request_at_ms)
        ).where(col(g.source) == self.source)
        with self.database.read() as connection:
            row = connection.execute(query).one_or_none()
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
        ms = round(at * 1000)
        add = insert(GateRow).values(
            source=self.source, reason="", strikes=0, last_request_at_ms=ms
        )
        with self.database.write() as connection:
            connection.execute(
                add.on_conflict_do_update(
                    index_elements=["source"], set_={"last_request_at_ms": ms}
                )
            )

    def park(self, until: Instant, reason: str) -> None:
        """Ask nothing before ``until``, nor before an earlier and longer parking ends."""
        reason = storable(reason)
        add = insert(GateRow).values(source=self.source, not_before=until, reason=reason, strikes=1)
        later = {
            # max() of two values; NULL when one of them is.
            "not_before": func.max(func.ifnull(col(GateRow.not_before), until), until),
            "reason": reason,
            "strikes": col(GateRow.strikes) + 1,
        }
        with self.database.write() as connection:
            connection.execute(add.on_conflict_do_update(index_elements=["source"], set_=later))

    def answered(self) -> None:
        """A good answer came: strikes and parking are forgotten."""
        # Looked up first: nearly always there is nothing to forget, and a read need not
        # wait for a writer.
        state = self.load()
        if state.not_before is None and not state.strikes:
            return
        forget = update(GateRow).where(col(GateRow.source) == self.source)
        with self.database.write() as connection:
            connection.execute(forget.values(not_before=None, reason="", strikes=0))
