"""Tell what changed: claim, send, mark, each channel for itself.

A message is made of a fixed set of changes and has a key of its own, both in the database
before anything is sent. Whatever happens between sending and marking, the same message
goes out again under the same key, when the lease of whoever held it has run out. So each
message is sent at least once, and twice only where the channel took it and nobody lived
to note that.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from citewatch.domain.delivery import (
    LEASE_S,
    PROGRAM_MOST,
    URGENT,
    Rhythm,
    is_dead,
    is_quiet,
    next_parcel,
    still_waits,
    wait_s,
)
from citewatch.domain.papers import DAY, Change, Instant, Kind
from citewatch.domain.printable import minute
from citewatch.ports import (
    Channel,
    ChannelState,
    Claim,
    Clock,
    HeldBack,
    Message,
    Outbox,
    Refusal,
    Store,
)
from citewatch.services.channels import Roster

_MESSAGES_MOST = 50
_HELD_MOST = 20
"""Counts that are held back, as a digest names them."""
"""To one channel in one call; the rest follows with the next."""
_PROBLEMS = "notify:problems"
_ROUNDS = 2
"""A channel that turns out to be dead is told by the others in the same call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What delivery works with."""

    store: Store
    outbox: Outbox
    roster: Roster
    clock: Clock
    chance: Callable[[], float]

    def now(self) -> Instant:
        """This instant, in whole seconds."""
        return int(self.clock.time())


@dataclass(slots=True, kw_only=True)
class ChannelResult:
    """How one channel fared in one call."""

    name: str
    sent: int = 0
    """Messages that it took."""
    told: int = 0
    """Changes in them."""
    waiting: int = 0
    """Changes that it is still to be given."""
    failed: bool = False
    """Whether a message was refused just now."""
    trouble: str = ""
    """Why the last try failed; also when that was in an earlier call."""
    next_try_at: Instant | None = None


@dataclass(slots=True, kw_only=True)
class Delivered:
    """What one call did."""

    channels: dict[str, ChannelResult] = field(default_factory=dict)
    """By name, those that cannot be used just now included."""
    notes: tuple[str, ...] = ()
    """What is to be said once: templates that cannot be used."""

    @property
    def sent(self) -> int:
        """Messages, over all channels."""
        return sum(c.sent for c in self.channels.values())

    @property
    def waiting(self) -> int:
        """Changes, over all channels."""
        return sum(c.waiting for c in self.channels.values())

    @property
    def failed(self) -> tuple[str, ...]:
        """Channels that refused a message just now."""
        return tuple(c.name for c in self.channels.values() if c.failed)


async def deliver_due(post: Post, *, settled: bool = False) -> Delivered:
    """Send what is due; call it after each pass and at every tick of a daemon.

    ``settled``: a pass has just ended, so digests need not wait for more. Channels do not
    wait for one another. What a channel does raises nothing; `StoreError` of our own
    database does. When cancelled, a message that is being sent stays claimed until its
    lease runs out, and is then sent again.
    """
    done = Delivered(notes=_news(post))
    for _ in range(_ROUNDS):
        known = [state.name for state in post.outbox.states()]
        post.outbox.distribute(post.roster.subscriptions(known), now=post.now())
        runs = [_Run(post, channel, done, settled=settled) for channel in post.roster.channels]
        ends = await asyncio.gather(*(run.go() for run in runs), return_exceptions=True)
        # What our own database raises waits until the others have sent and marked.
        if broken := next((end for end in ends if end is not None), None):
            raise broken
        if not any(run.news for run in runs):
            break
    _note_states(post, done)
    return done


async def send_trial(roster: Roster, *, now: Instant) -> dict[str, Refusal | None]:
    """A test message to every channel, side by side; nothing of it is remembered."""
    message = Message(key=f"test-{now}", at=now, test=True)
    refusals = await asyncio.gather(*(_send(channel, message) for channel in roster.channels))
    return {c.name: refusal for c, refusal in zip(roster.channels, refusals, strict=True)}


async def _send(channel: Channel, message: Message) -> Refusal | None:
    """A channel whose code fails is a channel that fails: it stops no other."""
    try:
        return await channel.send(message)
    except Exception as error:  # noqa: BLE001 - whatever it is, its words may hold an address
        return Refusal(f"its code failed ({type(error).__name__}); this is a defect of citewatch")


def delivery_lag(outbox: Outbox, *, now: Instant) -> tuple[int, int]:
    """(changes that wait somewhere, seconds since the oldest of them), for metrics."""
    count, oldest = outbox.undistributed()
    states = outbox.states()
    times = [t for t in (oldest, *(state.oldest_at for state in states)) if t is not None]
    return count + sum(s.waiting for s in states), max(0, now - min(times)) if times else 0


@dataclass(slots=True)
class _Run:
    """One channel in one call."""

    post: Post
    channel: Channel
    done: Delivered
    settled: bool = field(kw_only=True)
    news: bool = field(default=False, kw_only=True)
    """Whether something was logged for the others to tell."""

    async def go(self) -> None:
        name = self.channel.name
        result = self.done.channels.setdefault(name, ChannelResult(name=name))
        while result.sent < _MESSAGES_MOST and not result.failed:
            claim = self._claim()
            if claim is None:
                return
            at = self.post.now()
            message = Message(key=claim.key, at=at, changes=claim.changes, held=self._held())
            refusal = await _send(self.channel, message)
            if refusal is None:
                self._sent(claim, result)
            else:
                self._failed(claim, refusal, result)

    def _claim(self) -> Claim | None:
        """The message under way, else the next one; None when nothing is to be done."""
        outbox, now, name = self.post.outbox, self.post.now(), self.channel.name
        state = _state(outbox, name)
        if state is None or still_waits(state.next_try_at, now, longest_s=DAY):
            return None
        lease_until = now + LEASE_S
        if state.key is not None:
            if self.channel.for_people and self._is_quiet(now):
                return None
            return outbox.claim_again(name, now=now, lease_until=lease_until)
        waiting = outbox.waiting(name)
        parcel = next_parcel(
            waiting, self.post.roster.timing if self.channel.for_people else None,
            digest_at=state.digest_at, now=now, settled=self.settled, most=PROGRAM_MOST,
        )  # fmt: skip
        if not parcel:
            return None
        digest = {w.number for w in waiting if w.kind not in URGENT} & set(parcel)
        key = _key(outbox.origin(), name, parcel)
        return outbox.claim(
            name, parcel=parcel, key=key, now=now, lease_until=lease_until, digest=bool(digest)
        )

    def _held(self) -> tuple[HeldBack, ...]:
        """What is held back, where people get a digest."""
        if not self.channel.for_people or self.post.roster.timing.rhythm is Rhythm.EACH:
            return ()
        return tuple(self.post.store.held_back(_HELD_MOST))

    def _is_quiet(self, now: Instant) -> bool:
        return is_quiet(self.post.roster.timing, now)

    def _sent(self, claim: Claim, result: ChannelResult) -> None:
        now = self.post.now()
        state = _state(self.post.outbox, claim.channel)
        news = None
        if state is not None and state.reported:
            text = f"{claim.channel} takes messages again"
            news = _change(Kind.CHANNEL_UP, claim.channel, text, now)
            self.news = True
        self.post.outbox.sent(claim, now=now, news=news)
        result.sent += 1
        result.told += len(claim.changes)

    def _failed(self, claim: Claim, refusal: Refusal, result: ChannelResult) -> None:
        post, now, name = self.post, self.post.now(), claim.channel
        result.failed = True
        before = _state(post.outbox, name)
        failures = 1 + (before.failures if before else 0)
        wait = wait_s(failures, post.chance(), asked_s=refusal.retry_after_s)
        state = post.outbox.failed(claim, reason=refusal.reason, next_try_at=now + wait, now=now)
        if state.reported or not is_dead(state.failing_since, state.failures, now):
            return
        since = minute(state.failing_since or now)
        text = f"{name} has taken no message since {since} UTC: {refusal.reason}"
        self.news = post.outbox.report(name, _change(Kind.CHANNEL_DOWN, name, text, now))


def _state(outbox: Outbox, name: str) -> ChannelState | None:
    return next((state for state in outbox.states() if state.name == name), None)


def _change(kind: Kind, channel: str, text: str, now: Instant) -> Change:
    return Change(kind=kind, at=now, source=channel, text=text)


def _key(origin: str, channel: str, parcel: Sequence[int]) -> str:
    """The same for the same changes to the same channel, and never for others."""
    content = f"{origin} {channel} {','.join(map(str, parcel))}"
    return f"{origin}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _note_states(post: Post, done: Delivered) -> None:
    for state in post.outbox.states():
        result = done.channels.setdefault(state.name, ChannelResult(name=state.name))
        result.waiting = state.waiting
        result.trouble = state.trouble
        result.next_try_at = state.next_try_at


def _news(post: Post) -> tuple[str, ...]:
    """Problems of the templates, when they are not those that were said last time."""
    problems = post.roster.problems
    text = "\n".join(problems)
    if text == (post.store.recall(_PROBLEMS) or ""):
        return ()
    post.store.remember(_PROBLEMS, text)
    return problems
