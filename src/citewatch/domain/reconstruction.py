"""A past that nobody watched, out of the dates of the works that cite a paper.

What comes out meets the first count that was observed, and is never more than a sketch of
what the source would have said: it knows today's works with today's dates. So it stands
apart from what was observed, with how much of the count it explains and how it was made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import accumulate
from typing import TypeAlias

from citewatch.domain.papers import Instant

MIN_EXPLAINED = 0.2
"""Of a count of which dates explain less, no past is drawn: it would be invented. With a fifth
of the dates, chosen by chance, the worst month of a hep-th paper with 60 citations is off by
12 % of the count (median; nine in ten papers 21 %), with half of them by 7 % (11 %)."""

Month: TypeAlias = int
"""Months since the year 0."""


class Method(StrEnum):
    """What the series was made from."""

    LIST = "list"
    """Every listed work by its date."""
    YEARS = "years"
    """The list is cut: the rest by the source's own counts by year."""
    NEWEST = "newest"
    """The list is cut and newest first: only as far back as it reaches."""
    SAMPLE = "sample"
    """The list is cut, in no order: taken as a sample of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a source listed of the works that cite one paper."""

    dates: Sequence[str]
    """Of each listed work: ISO date as exact as known, "" undated."""
    total: int | None = None
    """How many works there are, as the source says beside its list."""
    by_year: Mapping[int, int] = field(default_factory=dict)
    cut: str = ""
    """Why the list ends although there is more; "" when it is whole."""
    newest_first: bool = False
    """Whether the list was seen to be in that order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconstruction:
    """A monthly series with where it comes from. ``counts[i]`` holds from ``times[i]`` on."""

    made_at: Instant
    first_at: Instant
    """When the source was first seen to count, and where the series ends."""
    first_count: int
    times: tuple[Instant, ...] = ()
    counts: tuple[int, ...] = ()
    method: Method = Method.LIST
    works: int = 0
    """Listed works."""
    dated: int = 0
    """Those with a date that can be used, up to the first count."""
    by_year: int = 0
    """Not listed, but placed by the source's counts by year."""
    undated: int = 0
    early: int = 0
    """Dated before the paper itself; treated as undated."""
    future: int = 0
    """Dated after the day of the look; treated as undated."""
    later: int = 0
    """Dated after the first count, and so no part of it."""
    scale: float = 1.0
    """What the works were multiplied by to meet the first count."""
    cut: str = ""
    reason: str = ""
    """Why there is no series; "" where there is one."""

    @property
    def explained(self) -> float:
        """The share of the first count that dated works account for, at most 1."""
        known = self.dated + self.by_year
        return min(1.0, known / self.first_count) if self.first_count else 0.0

    @property
    def note(self) -> str:
        """What has to be said beside the series, in one sentence."""
        if self.reason:
            return self.reason
        words = [f"{self.dated} dated works"]
        if self.by_year:
            words.append(f"{self.by_year} more known by year only")
        words[-1] += f" explain {percent(self.explained)} of {self.first_count}"
        if (scale := f"{self.scale:.3g}") != "1":
            words.append(f"scaled by {scale} to meet it")
        unlisted = 0 if self.cut else self.first_count - (self.works - self.later)
        for number, what in (
            (max(0, unlisted), "not listed"),
            (self.undated, "undated"),
            (self.early, "dated before the paper"),
            (self.future, "dated in the future"),
        ):
            if number:
                words.append(f"{number} {what}")
        if self.cut:
            words.append(f"the list is cut ({self.cut}); {_METHODS[self.method]}")
        return "; ".join(words)


_METHODS = {
    Method.LIST: "what is missing is taken to be like the rest",
    Method.YEARS: "older works by the source's counts by year",
    Method.NEWEST: "nothing is said of the time before its oldest work",
    Method.SAMPLE: "taken as a sample, for it is in no order",
}


def percent(share: float) -> str:
    """A share for people; never 100 % of what is not whole, nor 0 % of what is something."""
    whole = round(100 * share)
    if whole == 100 and share < 1:
        return "over 99 %"
    return "under 1 %" if whole == 0 and share > 0 else f"{whole} %"


def month_of(at: Instant) -> Month:
    """The month of an instant, UTC."""
    moment = datetime.fromtimestamp(at, UTC)
    return moment.year * 12 + moment.month - 1


def begins_at(month: Month) -> Instant:
    """The first second of a month."""
    return int(datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC).timestamp())


def reconstruct(
    evidence: Evidence, *, born: str, first_at: Instant, first_count: int, made_at: Instant
) -> Reconstruction:
    """The series up to the first observed count, or the reason why there is none.

    ``born`` is the earliest date that is known of the paper itself ("" for none): works
    from before its year have a wrong date.
    """
    sorted_out = _sort_out(evidence.dates, born=born, first_at=first_at, made_at=made_at)
    method = _method(evidence)
    gains, base = sorted_out.gains, 0.0
    from_years = 0.0
    match method:
        case Method.YEARS:
            from_years, base = _add_years(gains, sorted_out, evidence, born, first_at, made_at)
        case Method.NEWEST:
            base = _before_the_list(gains, evidence, first_count)
        case Method.LIST | Method.SAMPLE:
            pass
    found = base + sum(gains.values())
    made = Reconstruction(
        made_at=made_at, first_at=first_at, first_count=first_count, method=method,
        works=len(evidence.dates), dated=round(sorted_out.placed), by_year=round(from_years),
        undated=sorted_out.undated, early=sorted_out.early, future=sorted_out.future,
        later=round(sorted_out.later), cut=evidence.cut,
        scale=first_count / found if found else 1.0,
    )  # fmt: skip
    if reason := _reason(made, found):
        return replace(made, reason=reason)
    times, counts = _series(gains, base, made)
    return replace(made, times=times, counts=counts)


def _method(evidence: Evidence) -> Method:
    if not evidence.cut:
        return Method.LIST
    if evidence.by_year:
        return Method.YEARS
    return Method.NEWEST if evidence.newest_first else Method.SAMPLE


def _reason(made: Reconstruction, found: float) -> str:
    if made.first_count == 0:
        return "the first count was 0: there is no past to reconstruct"
    if not made.works and not made.by_year:
        return f"the source lists no citing works, though it counts {made.first_count}"
    if not made.dated + made.by_year or not found:
        return f"none of {made.works} listed works has a date from before the first count"
    if made.explained < MIN_EXPLAINED and made.method is not Method.NEWEST:
        share = percent(made.explained)
        return f"dated works explain {share} of {made.first_count}: too little to draw a past from"
    return ""


@dataclass(slots=True)
class _Sorted:
    """Works by month, and those that have none."""

    gains: dict[Month, float] = field(default_factory=dict)
    years: Counter[int] = field(default_factory=Counter)
    """Listed works by the year of their date, usable or not."""
    placed: float = 0.0
    later: float = 0.0
    undated: int = 0
    early: int = 0
    future: int = 0

    def spread(self, first: Month, last: Month, number: float, *, until: Month) -> float:
        """Put works evenly into months; how many fell up to ``until``."""
        share, kept = number / (last - first + 1), 0.0
        for month in range(first, last + 1):
            if month <= until:
                self.gains[month] = self.gains.get(month, 0.0) + share
                kept += share
        return kept


def _sort_out(dates: Sequence[str], *, born: str, first_at: Instant, made_at: Instant) -> _Sorted:
    found = _Sorted()
    today, first_day = _day(made_at), _day(first_at)
    until, now = month_of(first_at), month_of(made_at)
    for date in dates:
        year = year_of(date)
        if year is None:
            found.undated += 1
            continue
        found.years[year] += 1
        exact = _exactly(date)
        if born and year < int(born[:4]):
            found.early += 1
        elif exact > today[: len(exact)]:
            found.future += 1
        elif exact > first_day[: len(exact)]:
            found.later += 1
        else:
            first, last = _months(exact, born, now)
            kept = found.spread(first, last, 1.0, until=until)
            found.placed += kept
            found.later += 1.0 - kept
    return found


def year_of(date: str) -> int | None:
    """The year of an ISO date of any exactness; None for what is none."""
    year = date[:4]
    return int(year) if len(year) == 4 and year.isdecimal() and year >= "1000" else None


def _exactly(date: str) -> str:
    """The date as far as it can be trusted: year, month or day.

    The first of January is what sources write for a year alone: of 1,739 works that cite
    recent papers at OpenAlex 5.0 % bear it, where chance would give 0.3 %.
    """
    month = date[5:7]
    if len(date) < 7 or not month.isdecimal() or not 1 <= int(month) <= 12 or date[4:] == "-01-01":
        return date[:4]
    return date[:10] if len(date) >= 10 else date[:7]


def _months(exact: str, born: str, now: Month) -> tuple[Month, Month]:
    """First and last month in which a work of that date can have appeared."""
    year = int(exact[:4])
    if len(exact) > 4:
        month = year * 12 + int(exact[5:7]) - 1
        return month, month
    first, last = year * 12, year * 12 + 11
    if len(born) >= 7 and born[:4] == exact:
        first = year * 12 + int(born[5:7]) - 1
    return first, max(first, min(last, now))


def _add_years(
    gains: dict[Month, float],
    listed: _Sorted,
    evidence: Evidence,
    born: str,
    first_at: Instant,
    made_at: Instant,
) -> tuple[float, float]:
    """Place what the list lacks by year; how much that was, and what lies before all years."""
    until, now = month_of(first_at), month_of(made_at)
    born_year = int(born[:4]) if born else None
    spread = _Sorted(gains=gains)
    added = 0.0
    for year, number in evidence.by_year.items():
        rest = number - listed.years[year]
        if rest <= 0 or year * 12 > until or (born_year is not None and year < born_year):
            continue
        first, last = _months(f"{year:04}", born, now)
        added += spread.spread(first, last, float(rest), until=until)
    oldest = min(evidence.by_year)
    if evidence.total is None or (born_year is not None and oldest <= born_year):
        return added, 0.0
    return added, float(max(0, evidence.total - sum(evidence.by_year.values())))


def _before_the_list(gains: dict[Month, float], evidence: Evidence, first_count: int) -> float:
    """Works that are older than the list reaches; its oldest month is not whole and goes too.

    Undated works of the list are taken to lie where the dated ones do.
    """
    if not gains:
        return 0.0
    listed, placed = len(evidence.dates), sum(gains.values())
    whole = max(evidence.total or first_count, listed)
    for month in gains:
        gains[month] *= listed / placed
    gains[min(gains)] = 0.0
    return max(0.0, whole - sum(gains.values()))


def _series(
    gains: Mapping[Month, float], base: float, made: Reconstruction
) -> tuple[tuple[Instant, ...], tuple[int, ...]]:
    """Counts at the ends of months, where they change, up to the first observed one."""
    first, last = min(gains), month_of(made.first_at)
    months = range(first, last + 1)
    levels = accumulate((gains.get(m, 0.0) for m in months), initial=base)
    times: list[Instant] = []
    counts: list[int] = []
    for month, level in zip([*months, last + 1], levels, strict=True):
        count = min(round(level * made.scale), made.first_count)
        at = begins_at(month) if month <= last else made.first_at
        if at >= made.first_at:
            break
        if not counts or count != counts[-1]:
            times.append(at)
            counts.append(count)
    return (*times, made.first_at), (*counts, made.first_count)


def _day(at: Instant) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
