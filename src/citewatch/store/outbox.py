"""The outbox and its channels: what is to be told to whom, and how far that has got.

A change's outbox row is written with the change. Distributing turns it into one row for
each channel; a message takes some of a channel's rows, and they go when it was taken. At
most one message of a channel is under way, held by whoever has the lease: a conditional
update decides between two processes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, insert, select, update

from citewatch.domain.delivery import ALWAYS, LEASE_S, LONGEST_WAIT_S, Waiting
from citewatch.domain.papers import DAY, Change, Instant, Kind
from citewatch.ports import ChannelState, Claim, LoggedChange, Subscription
from citewatch.store import memo
from citewatch.store.codec import storable
from citewatch.store.engine import Database
from citewatch.store.log import insert_changes, logged
from citewatch.store.logged import logged_columns
from citewatch.store.tables import ChangeRow, ChannelRow, DeliveryRow, OutboxRow, Row

ORIGIN = "outbox:origin"
YOUNG_S = DAY
"""What a channel that is new is given of what happened before."""

_TABLES = Row.metadata.tables
_CHANNEL: Table = _TABLES[str(ChannelRow.__tablename__)]
_DELIVERY: Table = _TABLES[str(DeliveryRow.__tablename__)]
_OUTBOX: Table = _TABLES[str(OutboxRow.__tablename__)]
_CHANGE: Table = _TABLES[str(ChangeRow.__tablename__)]
_LONGEST_WAIT_S = max(DAY, LONGEST_WAIT_S * 2)


@dataclass(frozen=True, slots=True)
class SqlOutbox:
    """`citewatch.ports.Outbox` over four tables."""

    database: Database

    def origin(self) -> str:
        """A short word of this database's own; "" for a database in memory."""
        with self.database.read() as connection:
            return memo.recall(connection, ORIGIN) or ""

    def undistributed(self) -> tuple[int, Instant | None]:
        """Changes that no channel was given yet, and since when."""
        with self.database.read() as connection:
            query = select(func.count(), func.min(_OUTBOX.c.created_at)).select_from(_OUTBOX)
            count, oldest = connection.execute(query).one()
        return int(count), oldest

    def states(self) -> Sequence[ChannelState]:
        """Every channel that is known, by name."""
        with self.database.read() as connection:
            return _states(connection)

    def distribute(self, subscriptions: Sequence[Subscription], *, now: Instant) -> None:
        """Give new changes to these channels, which are all that count from now on."""
        wanted = {s.channel: s for s in subscriptions}
        with self.database.read() as connection:
            known = set(connection.scalars(select(_CHANNEL.c.name)))
            fresh = connection.scalar(select(func.count()).select_from(_OUTBOX))
        if known == wanted.keys() and not fresh:
            return  # nearly always: a look need not wait for a writer
        with self.database.write() as connection:
            known = set(connection.scalars(select(_CHANNEL.c.name)))
            _forget(connection, known - wanted.keys())
            numbers = list(connection.scalars(select(_OUTBOX.c.change_id)))
            for name in wanted.keys() - known:
                connection.execute(insert(_CHANNEL).values(name=name, since_at=now))
                _give(connection, wanted[name], _young(connection, now))
            for name in wanted.keys() & known:
                _give(connection, wanted[name], _told(connection, numbers))
            for some in _portions(numbers):
                connection.execute(delete(_OUTBOX).where(_OUTBOX.c.change_id.in_(some)))

    def waiting(self, channel: str) -> Sequence[Waiting]:
        """What the channel is to be given and is part of no message yet."""
        query = (
            select(_CHANGE.c.id, _CHANGE.c.at, _CHANGE.c.kind)
            .join(_DELIVERY, _DELIVERY.c.change_id == _CHANGE.c.id)
            .where(_DELIVERY.c.channel == channel, _DELIVERY.c.taken == 0)
            .order_by(_CHANGE.c.id)
        )
        with self.database.read() as connection:
            return [
                Waiting(number, at, Kind(kind)) for number, at, kind in connection.execute(query)
            ]

    def claim(
        self,
        channel: str,
        *,
        parcel: Sequence[int],
        key: str,
        now: Instant,
        lease_until: Instant,
        digest: bool,
    ) -> Claim | None:
        """Make a message of these changes and hold it; None when another one is under way."""
        digest_at = now if digest else _CHANNEL.c.digest_at
        try:
            with self.database.write() as connection:
                free = (_CHANNEL.c.name == channel) & _CHANNEL.c.key.is_(None) & _may_try(now)
                if not _update(
                    connection, free, key=key, lease_until=lease_until, digest_at=digest_at
                ):
                    return None
                _take(connection, channel, parcel)
                return _claimed(connection, channel, key, lease_until)
        except _Taken:
            return None

    def claim_again(self, channel: str, *, now: Instant, lease_until: Instant) -> Claim | None:
        """Hold the message under way, unless somebody else does or its time has not come."""
        with self.database.read() as connection:
            state = next((s for s in _states(connection) if s.name == channel), None)
        if state is None or state.key is None:
            return None
        with self.database.write() as connection:
            held = _CHANNEL.c.lease_until.between(now + 1, now + LEASE_S)
            free = _CHANNEL.c.lease_until.is_(None) | ~held
            mine = (_CHANNEL.c.name == channel) & (_CHANNEL.c.key == state.key)
            if not _update(connection, mine & free & _may_try(now), lease_until=lease_until):
                return None
            return _claimed(connection, channel, state.key, lease_until)

    def sent(self, claim: Claim, *, now: Instant, news: Change | None = None) -> None:
        """The message was taken; ``news`` goes into the log with it."""
        with self.database.write() as connection:
            mine = (_CHANNEL.c.name == claim.channel) & (_CHANNEL.c.key == claim.key)
            done = _update(
                connection, mine, key=None, failures=0, failing_since=None, reported=0,
                next_try_at=None, lease_until=None, sent_at=now, trouble="",
                sent_count=_CHANNEL.c.sent_count + 1,
            )  # fmt: skip
            if not done:
                return  # whoever held it after us has said so already
            gone = (_DELIVERY.c.channel == claim.channel) & (_DELIVERY.c.taken == 1)
            connection.execute(delete(_DELIVERY).where(gone))
            if news is not None:
                insert_changes(connection, [news], notify=True)

    def failed(
        self, claim: Claim, *, reason: str, next_try_at: Instant, now: Instant
    ) -> ChannelState:
        """It was not; how the channel stands now."""
        with self.database.write() as connection:
            mine = (_CHANNEL.c.name == claim.channel) & (_CHANNEL.c.key == claim.key)
            # Not if somebody else has begun to send it since.
            mine &= _CHANNEL.c.lease_until == claim.lease_until
            _update(
                connection, mine, lease_until=None, next_try_at=next_try_at,
                failures=_CHANNEL.c.failures + 1, trouble=storable(reason),
                failing_since=func.coalesce(_CHANNEL.c.failing_since, now),
            )  # fmt: skip
            states = _states(connection)
        fallback = ChannelState(name=claim.channel, since_at=now)
        return next((s for s in states if s.name == claim.channel), fallback)

    def report(self, channel: str, news: Change) -> bool:
        """Log once that a channel is dead; whether that was news."""
        with self.database.write() as connection:
            new = (_CHANNEL.c.name == channel) & (_CHANNEL.c.reported == 0)
            if not _update(connection, new, reported=1):
                return False
            insert_changes(connection, [news], notify=True)
        return True

    def recent(self, limit: int) -> Sequence[LoggedChange]:
        """The newest changes that were told to anybody, newest first."""
        query = (
            logged_columns()
            .where(_CHANGE.c.imported == 0)
            .order_by(_CHANGE.c.id.desc())
            .limit(limit)
        )
        with self.database.read() as connection:
            return [logged(row) for row in connection.execute(query)]


class _Taken(Exception):
    """Another process has sent some of these changes meanwhile; nothing is stored."""


def _take(connection: Connection, channel: str, parcel: Sequence[int]) -> None:
    taken = 0
    for some in _portions(parcel):
        mine = _DELIVERY.c.change_id.in_(some) & (_DELIVERY.c.channel == channel)
        rows = update(_DELIVERY).where(mine, _DELIVERY.c.taken == 0).values(taken=1)
        taken += connection.execute(rows).rowcount
    if taken != len(parcel):
        raise _Taken


def _states(connection: Connection) -> list[ChannelState]:
    counted = (
        select(
            _DELIVERY.c.channel, func.count().label("waiting"), func.min(_CHANGE.c.at).label("at")
        )
        .join(_CHANGE, _CHANGE.c.id == _DELIVERY.c.change_id)
        .group_by(_DELIVERY.c.channel)
        .subquery()
    )
    query = (
        select(_CHANNEL, func.coalesce(counted.c.waiting, 0), counted.c.at)
        .outerjoin(counted, counted.c.channel == _CHANNEL.c.name)
        .order_by(_CHANNEL.c.name)
    )
    names = [column.name for column in _CHANNEL.columns]
    states = []
    for row in connection.execute(query):
        *cells, waiting, oldest = row
        values: dict[str, Any] = dict(zip(names, cells, strict=True))
        values["reported"] = bool(values["reported"])
        states.append(ChannelState(**values, waiting=waiting, oldest_at=oldest))
    return states


def _update(connection: Connection, where: ColumnElement[bool], **values: object) -> bool:
    return connection.execute(update(_CHANNEL).where(where).values(**values)).rowcount == 1


def _may_try(now: Instant) -> ColumnElement[bool]:
    """Its time has come; a time that no wait of ours can have set is none."""
    waits = _CHANNEL.c.next_try_at.between(now + 1, now + _LONGEST_WAIT_S)
    return _CHANNEL.c.next_try_at.is_(None) | ~waits


def _forget(connection: Connection, names: Collection[str]) -> None:
    if names:
        connection.execute(delete(_DELIVERY).where(_DELIVERY.c.channel.in_(names)))
        connection.execute(delete(_CHANNEL).where(_CHANNEL.c.name.in_(names)))


def _told(connection: Connection, numbers: Sequence[int]) -> list[tuple[int, str, str]]:
    """(number, kind, source) of changes that are in the log."""
    found: list[tuple[int, str, str]] = []
    for some in _portions(numbers):
        query = select(_CHANGE.c.id, _CHANGE.c.kind, _CHANGE.c.source)
        rows = connection.execute(query.where(_CHANGE.c.id.in_(some)))
        found += [(row[0], row[1], row[2]) for row in rows]
    return found


def _young(connection: Connection, now: Instant) -> list[tuple[int, str, str]]:
    query = select(_CHANGE.c.id, _CHANGE.c.kind, _CHANGE.c.source)
    rows = connection.execute(query.where(_CHANGE.c.at > now - YOUNG_S, _CHANGE.c.imported == 0))
    return [(row[0], row[1], row[2]) for row in rows]


def _give(
    connection: Connection, to: Subscription, changes: Sequence[tuple[int, str, str]]
) -> None:
    wanted = None if to.kinds is None else {kind.value for kind in to.kinds | ALWAYS}
    own = {kind.value for kind in ALWAYS}
    rows = [
        {"channel": to.channel, "change_id": number}
        for number, kind, source in changes
        if (wanted is None or kind in wanted) and not (kind in own and source == to.channel)
    ]
    if rows:
        connection.execute(insert(_DELIVERY), rows)


def _claimed(connection: Connection, channel: str, key: str, lease_until: Instant) -> Claim:
    query = (
        logged_columns()
        .join(_DELIVERY, _DELIVERY.c.change_id == _CHANGE.c.id)
        .where(_DELIVERY.c.channel == channel, _DELIVERY.c.taken == 1)
        .order_by(_CHANGE.c.id)
    )
    changes = tuple(logged(row) for row in connection.execute(query))
    return Claim(channel=channel, key=key, lease_until=lease_until, changes=changes)


def _portions(numbers: Sequence[int]) -> list[Sequence[int]]:
    """As many at once as a statement may have variables."""
    return [numbers[i : i + 500] for i in range(0, len(numbers), 500)]
