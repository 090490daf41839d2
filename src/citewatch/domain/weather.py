"""What a source as a whole just did: faults that no single paper shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from citewatch.domain.papers import (
    DAY,
    Change,
    Held,
    Instant,
    Kind,
    Missing,
    Observed,
    Outcome,
    Status,
)

_FALL_MIN, _FALL_SHARE = 3, 0.05
_FAULT_PAPERS, _FAULT_SHARE = 3, 0.10
"""The recorded faults hit 10–84 % of a list; three papers is the least that is a pattern."""
_STEP_MIN, _STEP_SHARE = 3, 0.2
"""A rise that counts as taking part: recorded faults multiplied counts by 1.3 to 2."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What the source as a whole did in one answer."""

    falling: bool = False
    rising: bool = False
    vanishing: bool = False

    def __or__(self, other: Weather) -> Weather:
        """Both together: what one answer showed holds for the rest of the pass."""
        return Weather(
            self.falling or other.falling,
            self.rising or other.rising,
            self.vanishing or other.vanishing,
        )

    @property
    def fault(self) -> bool:
        """Whether many papers moved together."""
        return self.falling or self.rising or self.vanishing


CALM = Weather()


def read_weather(answers: Sequence[tuple[Held, Outcome]], now: Instant) -> Weather:
    """Recognise a fault of the whole source from the readings of one answer."""
    known = falls = rises = gone = 0
    for held, outcome in answers:
        believed = held.citation_count
        if not _known(held):
            continue
        known += 1
        if isinstance(outcome, Missing):
            gone += 1
        elif (
            isinstance(outcome, Observed)
            and outcome.citation_count is not None
            and believed is not None
        ):
            step = outcome.citation_count - believed
            falls += step < 0 and is_fall(believed, outcome.citation_count)
            rises += step > 0 and step > unusual_rise(believed, held, now)
    least = max(_FAULT_PAPERS, _FAULT_SHARE * known)
    return Weather(falls >= least, rises >= least, gone >= least)


def fault_line(
    answers: Sequence[tuple[Held, Outcome]], weather: Weather, *, source: str, now: Instant
) -> Change | None:
    """One line for a fault that begins with this answer; None while one is open."""
    if not weather.fault or any(h.pending and h.pending.fault for h, _ in answers):
        return None
    if weather.vanishing and any(h.status is Status.MISSING and _known(h) for h, _ in answers):
        return None
    what = [
        word
        for word, on in (
            ("fell", weather.falling),
            ("rose", weather.rising),
            ("vanished", weather.vanishing),
        )
        if on
    ]
    text = f"many papers {' and '.join(what)} together; held back until the source has settled"
    return Change(kind=Kind.SOURCE_FAULT, at=now, first_seen_at=now, source=source, text=text)


def _known(held: Held) -> bool:
    """Whether the source is expected to know the paper."""
    return held.answered is not None and not held.lost


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


def unusual_rise(believed: int, held: Held, now: Instant) -> float:
    """A rise beyond this takes part in a rise of the whole source."""
    return max(_STEP_MIN, _STEP_SHARE * believed) * weeks_since(held, now)


def weeks_since(held: Held, now: Instant) -> float:
    """Weeks since the believed count was last confirmed, at least one."""
    return max(1.0, (now - (held.counted_at or now)) / (7 * DAY))
