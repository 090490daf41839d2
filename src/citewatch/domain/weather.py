"""What a source as a whole just did: faults that no single paper shows. Pure.

A pass gives `Signs`: how many of the papers that the source is expected to know fell, rose
unusually, or vanished. Its `Climate` is the source's own past: how often single papers do
that on a quiet day, and how long it goes without moving any. The two together make the
`Weather` by which the readings of the pass are judged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, lgamma, log, log1p

from citewatch.domain.papers import DAY, Held, Instant, Missing, Observed, Outcome, Pending

_FALL_MIN, _FALL_SHARE = 3, 0.05
_STEP_MIN, _STEP_SHARE = 5, 0.2
"""A rise that counts as taking part: recorded faults multiplied counts by 1.3 to 2."""
_LONGEST_WEEKS = 4.0
_FAULT_PAPERS = 3
"""Three papers is the least that is a pattern."""
_IMPROBABLE = 1e-5
"""A pass like this once in a hundred thousand, by the source's own past."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What the source as a whole did in one pass."""

    falling: bool = False
    rising: bool = False
    vanishing: bool = False
    recovered: bool = False
    """Most papers of a fault are back where they were: what is left of it counts for itself."""
    since_at: Instant | None = None
    """Since when the source has been at fault without a break."""
    released: bool = False
    """Most papers of a fault have stood by it for long enough: it is how things are now."""

    undecided: bool = False
    """The pass is not over: readings are taken in, and nothing is announced yet."""

    @property
    def fault(self) -> bool:
        """Whether many papers moved together."""
        return self.falling or self.rising or self.vanishing

    @property
    def quiet(self) -> bool:
        """Whether nothing is to be announced."""
        return self.fault or self.undecided


CALM = Weather()
UNDECIDED = Weather(undecided=True)


@dataclass(frozen=True, slots=True)
class Signs:
    """What the readings of a pass, or of a part of it, amount to; parts add up."""

    known: int = 0
    """Papers that the source is expected to know."""
    moved: int = 0
    """Of these, how many have another count than the one that is believed."""
    falls: int = 0
    zeros: int = 0
    """Falls that end at 0."""
    rises: int = 0
    gone: int = 0
    back: int = 0
    """Papers held in a fault that are back where they were."""
    still: int = 0
    """Papers held in a fault that still say the same."""
    ripe: int = 0
    """Of these, how many have said so for long enough."""

    def __add__(self, other: Signs) -> Signs:
        return Signs(
            self.known + other.known, self.moved + other.moved, self.falls + other.falls,
            self.zeros + other.zeros, self.rises + other.rises, self.gone + other.gone,
            self.back + other.back, self.still + other.still, self.ripe + other.ripe,
        )  # fmt: skip


def read_signs(
    answers: Iterable[tuple[Held, Outcome]], now: Instant, *, confirm_after_s: int
) -> Signs:
    """Count what the readings of a pass show. The order of the papers does not matter."""
    known = moved = falls = zeros = rises = gone = back = still = ripe = 0
    for held, outcome in answers:
        if held.answered is None or held.lost:
            continue
        if isinstance(outcome, Missing):
            known += 1
            gone += 1
            continue
        if not isinstance(outcome, Observed):
            continue
        known += 1
        believed, count = held.citation_count, outcome.citation_count
        # Another record explains its own count: it says nothing about the source.
        if believed is None or count is None or outcome.answered != held.answered:
            continue
        moved += count != believed
        fall, rise = takes_part(held, believed, count, now)
        falls += fall
        zeros += fall and count == 0
        rises += rise
        if held.pending is not None and held.pending.fault:
            same = continues(held.pending, believed, count)
            back += not same
            still += same
            ripe += same and now - held.pending.since_at >= 2 * confirm_after_s
    return Signs(known, moved, falls, zeros, rises, gone, back, still, ripe)


def takes_part(held: Held, believed: int, count: int, now: Instant) -> tuple[bool, bool]:
    """Whether a reading would be part of a fall, and of a rise, of the whole source."""
    if count == believed:
        return False, False
    if count < believed:
        return count == 0 or is_fall(believed, count), False
    return False, count - believed > unusual_rise(believed, held, now)


def is_notable(held: Held, outcome: Outcome, now: Instant) -> bool:
    """Whether a reading can only be judged with the whole pass in view."""
    if isinstance(outcome, Missing):
        return held.answered is not None and not held.lost
    if not isinstance(outcome, Observed) or outcome.citation_count is None:
        return False
    if held.pending is not None and held.pending.fault:
        return True
    believed = held.citation_count
    if believed is None or believed == outcome.citation_count:
        return False
    return any(takes_part(held, believed, outcome.citation_count, now))


# --- the source's own past ------------------------------------------------------------

_PRIOR_READINGS = 2000.0
_PRIOR_RATE = 0.0025
"""Recorded daily, 0.1 to 0.5 % of the papers fall, and as many rise unusually."""
_REMEMBERED = 50_000.0
_GAPS = 30
_GAPS_NEEDED = 8
_STALLED_TIMES = 3
_STALLED_LEAST_S = 7 * DAY


@dataclass(frozen=True, slots=True)
class Climate:
    """What is usual at one source: rates of single papers, and its longest silences."""

    readings: float = 0.0
    """Readings of known papers in passes without a fault, the older ones forgotten."""
    falls: float = 0.0
    rises: float = 0.0
    gone: float = 0.0
    papers: int = 0
    """Known papers in the largest of the recent passes."""
    moved_at: Instant | None = None
    """The last pass in which any count moved."""
    gaps: tuple[int, ...] = ()
    """Seconds between passes in which a count moved, the newest last."""
    stalled: bool = False
    """It moves no paper, and a line has said so."""
    fault_at: Instant | None = None
    """Since when it has been at fault; a line has said so."""
    at: Instant | None = None
    """The newest pass in it."""

    def weather(self, signs: Signs, now: Instant) -> Weather:
        """What a pass with these signs is, measured by this source's past."""
        held = signs.back + signs.still
        return Weather(
            since_at=now if self.fault_at is None else self.fault_at,
            falling=self._improbable(signs.falls, self.falls, signs.known),
            rising=self._improbable(signs.rises, self.rises, signs.known),
            vanishing=self._improbable(signs.gone, self.gone, signs.known),
            recovered=held > 0 and 2 * signs.back >= held,
            released=signs.still > 0 and 2 * signs.ripe >= signs.still,
        )

    def _improbable(self, papers: int, seen: float, known: int) -> bool:
        if papers < _FAULT_PAPERS:
            return False
        usual = _PRIOR_RATE * _PRIOR_READINGS
        rate = (seen + usual) / (self.readings + _PRIOR_READINGS)
        return chance_of(papers, known, rate) < _IMPROBABLE

    def is_silent(self, now: Instant) -> bool:
        """Whether no paper has moved for longer than this source's past makes likely.

        Three times its longest silence, of at least eight: each new silence outlasts the
        longest of n before it once in n + 1 times, and thrice the longest hardly ever.
        """
        if self.moved_at is None or len(self.gaps) < _GAPS_NEEDED:
            return False
        return now - self.moved_at > max(_STALLED_LEAST_S, _STALLED_TIMES * max(self.gaps))

    def after(self, signs: Signs, weather: Weather, now: Instant, *, began_at: Instant) -> Climate:
        """The past, with one more pass in it. A fault is no part of what is usual."""
        if not signs.known:
            return self
        calm = not weather.fault
        keep = 1.0 if self.readings < max(_REMEMBERED, 100 * signs.known) else 0.5
        whole = 2 * signs.known >= self.papers
        papers = max(signs.known, self.papers - max(1, self.papers // 50))
        moves = calm and signs.moved > 0
        gaps = self.gaps
        if moves and self.moved_at is not None and now > self.moved_at:
            gaps = (*gaps, now - self.moved_at)[-_GAPS:]
        over = calm and whole and not signs.still
        return Climate(
            readings=keep * self.readings + signs.known * calm,
            falls=keep * self.falls + signs.falls * calm,
            rises=keep * self.rises + signs.rises * calm,
            gone=keep * self.gone + signs.gone * calm,
            papers=papers,
            moved_at=now if moves or self.moved_at is None else self.moved_at,
            gaps=gaps,
            stalled=not moves and (self.stalled or (whole and self.is_silent(now))),
            fault_at=None
            if over
            else (self.fault_at or began_at)
            if weather.fault
            else self.fault_at,
            at=now,
        )


def chance_of(papers: int, known: int, rate: float) -> float:
    """The chance that at least ``papers`` of ``known`` do what each does at this rate."""
    if papers <= known * rate:
        return 1.0
    first = (
        lgamma(known + 1) - lgamma(papers + 1) - lgamma(known - papers + 1)
        + papers * log(rate) + (known - papers) * log1p(-rate)
    )  # fmt: skip
    term = total = exp(first)
    for k in range(papers + 1, known + 1):
        term *= (known - k + 1) / k * rate / (1 - rate)
        total += term
        if term < total * 1e-9:
            break
    return min(1.0, total)


# --- single papers --------------------------------------------------------------------


def is_fall(believed: int, count: int) -> bool:
    """Whether a fall is large enough to need confirmation and a line."""
    return believed - count >= max(_FALL_MIN, _FALL_SHARE * believed)


def agree(one: int, other: int, *, rising: bool) -> bool:
    """Whether two held readings in a row make one statement.

    A paper that is held because it grows fast goes on growing: up to twice as high is
    the same statement, since only what all readings showed is confirmed.
    """
    if rising and other > one:
        return other <= 2 * one + 10
    return abs(one - other) <= max(_FALL_MIN, _FALL_SHARE * one)


def continues(pending: Pending, believed: int, count: int) -> bool:
    """Whether a reading says again what is held."""
    rising = count > believed
    same_side = count != believed and (pending.citation_count > believed) == rising
    return same_side and agree(pending.citation_count, count, rising=rising)


def unusual_rise(believed: int, held: Held, now: Instant) -> float:
    """A rise beyond this takes part in a rise of the whole source."""
    return max(_STEP_MIN, _STEP_SHARE * believed) * weeks_since(held, now)


def weeks_since(held: Held, now: Instant) -> float:
    """Weeks since the believed count was last confirmed, at least one and at most four.

    However long a silence was, a count that has more than doubled is seen twice first.
    """
    weeks = (now - (held.counted_at or now)) / (7 * DAY)
    return min(max(1.0, weeks), _LONGEST_WEEKS)
