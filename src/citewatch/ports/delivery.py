"""Telling people and programs what changed: channels, and the memory of what they got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from citewatch.domain.delivery import Waiting
from citewatch.domain.papers import Change, Instant, Kind
from citewatch.ports.store import HeldBack, LoggedChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel is given at once."""

    key: str
    """The same whenever the same message is sent again, and of no other message."""
    at: Instant
    """Now: when it is being sent."""
    changes: tuple[LoggedChange, ...] = ()
    """In the order of the log."""
    held: tuple[HeldBack, ...] = ()
    """For digests: what is held back as the message is sent. No part of its key."""
    test: bool = False
    """Sent by hand, to prove the channel; without changes."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The message was not taken, or nobody said that it was."""

    reason: str
    """One sentence for people, free of secrets."""
    retry_after_s: float = 0.0
    """What the channel asked for."""


class Channel(Protocol):
    """A way to somebody. Nothing that goes wrong raises; only cancelling does."""

    @property
    def name(self) -> str:
        """For people and for the database, free of secrets: ``apprise mailto``."""

    @property
    def for_people(self) -> bool:
        """Whether digests, quiet hours and `kinds` concern it."""

    async def send(self, message: Message) -> Refusal | None:
        """Deliver; None when it was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a channel wants to be given; None is every kind."""

    channel: str
    kinds: frozenset[Kind] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelState:
    """What is remembered of a channel."""

    name: str
    since_at: Instant
    """When it was first configured."""
    key: str | None = None
    """Of the message under way, which may have been sent already."""
    failures: int = 0
    """In a row."""
    failing_since: Instant | None = None
    reported: bool = False
    """Whether the other channels know that this one is dead."""
    next_try_at: Instant | None = None
    lease_until: Instant | None = None
    digest_at: Instant | None = None
    """When the last message was made that was more than urgent news."""
    sent_at: Instant | None = None
    sent_count: int = 0
    trouble: str = ""
    """Why the last try failed."""
    waiting: int = 0
    """Changes that it has not been given yet, the message under way included."""
    oldest_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A message that belongs to this process until ``lease_until``."""

    channel: str
    key: str
    lease_until: Instant
    changes: tuple[LoggedChange, ...]


class Outbox(Protocol):
    """What is to be told, and how far that has got. One short transaction a call."""

    def origin(self) -> str:
        """A short word of this database's own; "" for a database in memory."""

    def undistributed(self) -> tuple[int, Instant | None]:
        """Changes that no channel was given yet, and since when."""

    def states(self) -> Sequence[ChannelState]:
        """Every channel that is known, by name."""

    def distribute(self, subscriptions: Sequence[Subscription], *, now: Instant) -> None:
        """Give new changes to these channels, which are all that count from now on.

        A channel that is new begins with what is younger than a day; one that is no
        longer named is forgotten, with what it was still to be given.
        """

    def waiting(self, channel: str) -> Sequence[Waiting]:
        """What the channel is to be given and is part of no message yet."""

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
        """Make a message of these changes and hold it; None when another one is under way.

        ``digest``: it is the one of its day or week, not urgent news in between.
        """

    def claim_again(self, channel: str, *, now: Instant, lease_until: Instant) -> Claim | None:
        """Hold the message under way, unless somebody else does or its time has not come."""

    def sent(self, claim: Claim, *, now: Instant, news: Change | None = None) -> None:
        """The message was taken; ``news`` goes into the log with it."""

    def failed(
        self, claim: Claim, *, reason: str, next_try_at: Instant, now: Instant
    ) -> ChannelState:
        """It was not; how the channel stands now."""

    def report(self, channel: str, news: Change) -> bool:
        """Log once that a channel is dead; whether that was news."""

    def recent(self, limit: int) -> Sequence[LoggedChange]:
        """The newest changes that were told to anybody, newest first."""
