"""What a badge says against what is known: the verdict, the new text, and why. Pure.

Only a count that is believed now is held against a badge. One that is held, stale or
missing says nothing, and neither does a claim above it: CVs often quote Google Scholar,
which no open source can confirm or refute. A badge is to be lowered only where the source
that speaks had what is claimed, and has certainly lost it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from citewatch.domain.badges import Badge, Style, rewritten
from citewatch.domain.papers import DAY, Instant, Status
from citewatch.domain.printable import rfc3339
from citewatch.domain.weather import is_fall

_SMALL_FALL_S = 30 * DAY
"""How long a count must have been a little below a claim: 80 to 96 % of falls come back."""


class Verdict(StrEnum):
    """What is to be done about a badge."""

    CURRENT = "current"
    RAISE = "raise"
    LOWER = "lower"
    ADD = "add"
    """There is no badge, but one is earned."""
    UNKNOWN = "unknown"
    """Nothing that is known speaks for or against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The count that speaks about one paper. None is unknown, never 0."""

    label: str = ""
    """The source's name for people."""
    citations: int | None = None
    """The last believed count."""
    status: Status = Status.NEVER
    observed_at: Instant | None = None
    high: int | None = None
    """The highest believed so far."""
    below_since_at: Instant | None = None
    """Since when the believed count has been below the claim; None where it never reached it."""
    elsewhere: tuple[tuple[str, int], ...] = ()
    """(label, believed count) of the other sources."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The verdict on one badge."""

    verdict: Verdict
    why: str
    """One sentence with the source and the date."""
    suggest: str | None = None
    """The badge's new text in its own style; None where there is none."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges badges by the user's ladder and patience."""

    floor: Callable[[int], int | None]
    """The ladder: 437 → 400; None below its first step."""
    confirm_after_s: int
    separator: str = ""
    """What sets off thousands in the file's badges."""

    def judge(self, badge: Badge, known: Known) -> Judged:
        """The verdict on a badge that is there."""
        if reason := _silence(known):
            return Judged(verdict=Verdict.UNKNOWN, why=reason)
        count, said = known.citations or 0, _said(known)
        new = rewritten(badge, count, floor=self.floor, separator=self.separator)
        if new == badge.text:
            return Judged(verdict=Verdict.CURRENT, why=said)
        if count < badge.claim:
            return self._above(badge, known, new)
        earned = count if badge.style is Style.EXACT else self.floor(count)
        if earned is None or earned <= badge.claim:
            return Judged(verdict=Verdict.CURRENT, why=said)
        return Judged(verdict=Verdict.RAISE, why=said, suggest=new)

    def missing(self, known: Known) -> Judged | None:
        """The verdict where there is no badge: one that is earned, or nothing."""
        if _silence(known):
            return None
        earned = self.floor(known.citations or 0)
        if earned is None:
            return None
        thousands = f"{earned:,}".replace(",", self.separator)
        text = f"{thousands}+ citations"
        return Judged(verdict=Verdict.ADD, why=_said(known), suggest=text)

    def _above(self, badge: Badge, known: Known, new: str | None) -> Judged:
        """The badge claims more than the source that speaks counts now."""
        count, since, seen = known.citations or 0, known.below_since_at, known.observed_at
        if since is None or seen is None:
            return Judged(verdict=Verdict.UNKNOWN, why=_beyond(badge, known))
        had = f"{known.label} had {known.high} and has been below {badge.claim} since {_day(since)}"
        now = f"{count} on {_day(seen)}"
        wait = self.confirm_after_s
        if not is_fall(badge.claim, count):
            wait = max(wait, _SMALL_FALL_S)
        if seen <= since or seen - since < wait:
            return Judged(
                verdict=Verdict.UNKNOWN, why=f"{had} ({now}): most falls come back, so wait"
            )
        if new is None:
            had += "; no badge is earned any more"
        return Judged(verdict=Verdict.LOWER, why=f"{had}: {now}", suggest=new)


def _silence(known: Known) -> str:
    """Why the count says nothing now; "" where it speaks."""
    label, count, at = known.label, known.citations, known.observed_at
    if count is None or at is None:
        match known.status:
            case Status.NEVER:
                return "no source has counted its citations yet"
            case Status.HELD:
                return "a first count is held until it is confirmed"
            case _:
                return "no source that was asked knows its count"
    match known.status:
        case Status.OK:
            return ""
        case Status.STALE:
            return (
                f"{label} said {count} on {_day(at)}, which is older than twice its schedule: "
                "run 'citewatch sync'"
            )
        case Status.HELD:
            return (
                f"{label} gave an implausible count, held until it is confirmed; "
                f"{count} was believed on {_day(at)}"
            )
        case Status.MISSING:
            return f"{label} does not know the paper any more; it said {count} on {_day(at)}"
        case _:
            return f"{label} has not confirmed its {count} yet"


def _said(known: Known) -> str:
    return f"{known.citations} on {known.label}, {_day(known.observed_at or 0)}"


def _beyond(badge: Badge, known: Known) -> str:
    best = max(known.elsewhere, key=lambda pair: pair[1], default=None)
    if best is None or best[1] < badge.claim:
        rest = "no source that was asked counts so many (Google Scholar is none of them)"
    else:
        rest = f"{best[0]} counts {best[1]}"
    return f"more than the {_said(known)}: {rest}"


def _day(at: Instant) -> str:
    return rfc3339(at)[:10]
