"""Citation series from a folder of CSV files, and how well announcements fared on them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median

COLUMNS = {"series_id", "date", "count", "source"}
WINDOW = 30
"""Days after an announcement, or a crossing, in which it is judged."""
STEPS, EVERY = (10, 25, 50), 100
FEWEST_POINTS = 10
EVENTS = frozenset({"cit-HepTh"})
"""Sources with a row for each new citation, which is no reading; they are shown apart."""

Points = Sequence[tuple[int, int]]
"""(day, count), ascending in time; days as in `date.toordinal`."""


@dataclass(frozen=True, slots=True)
class Series:
    """One paper at one source."""

    name: str
    source: str
    points: Points

    @property
    def is_tuned_on(self) -> bool:
        """Whether it belongs to the half on which rules are chosen: SHA-1 of its name even."""
        return hashlib.sha1(self.name.encode()).digest()[-1] % 2 == 0


@dataclass(slots=True)
class Folder:
    """All series of a folder."""

    series: list[Series]
    empty: int = 0
    """Lines without a count, which are skipped."""


def read_folder(folder: Path) -> Folder:
    """Every CSV file (also gzip) that has the columns; others are no business of ours."""
    found: dict[tuple[str, str], dict[int, int]] = {}
    sources: dict[tuple[str, str], str] = {}
    empty = 0
    for path in sorted(folder.glob("*.csv*")):
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
        rows = csv.DictReader(io.StringIO(text, newline=""))
        if not set(rows.fieldnames or ()) >= COLUMNS:
            continue
        for row in rows:
            if not row["count"].strip():
                empty += 1
                continue
            key = path.name, row["series_id"]
            day = date.fromisoformat(row["date"][:10]).toordinal()
            found.setdefault(key, {})[day] = int(row["count"])
            sources[key] = row["source"]
    series = [Series(k[1], sources[k], tuple(sorted(days.items()))) for k, days in found.items()]
    return Folder([s for s in series if len(s.points) >= FEWEST_POINTS], empty)


def weekly(points: Points) -> Points:
    """The first reading, then each at least seven days after the last one kept."""
    kept: list[tuple[int, int]] = []
    for day, count in points:
        if not kept or day - kept[-1][0] >= 7:
            kept.append((day, count))
    return tuple(kept)


# --- thresholds, apart from the program's own --------------------------------------------


def highest(count: int) -> int:
    """The highest threshold that a count has reached, 0 below the first."""
    hundreds = count // EVERY * EVERY
    return hundreds or max((step for step in STEPS if step <= count), default=0)


def thresholds(low: int, high: int) -> Iterator[int]:
    """Those with low < threshold <= high, ascending."""
    yield from (step for step in STEPS if low < step <= high)
    yield from range(max(EVERY, (low // EVERY + 1) * EVERY), high + 1, EVERY)


# --- scores ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Announcement:
    """A threshold was announced on a day; ``since`` is the first day of those it held."""

    day: int
    threshold: int
    since: int


@dataclass(slots=True)
class Score:
    """What became of the announcements on some series."""

    announced: int = 0
    repeated: int = 0
    false: int = 0
    missed: int = 0
    delays: list[int] = field(default_factory=list)
    """Days from first sight, of all announcements."""
    prompt: list[int] = field(default_factory=list)
    """The same where at least three readings fell into the thirty days after first sight."""

    def add(self, points: Points, announcements: Sequence[Announcement]) -> None:
        """Score one series."""
        days = [day for day, _ in points]
        seen: set[int] = set()
        for said in announcements:
            self.announced += 1
            self.repeated += said.threshold in seen
            seen.add(said.threshold)
            self.false += _is_false(points, days, said)
            delay = said.day - said.since
            self.delays.append(delay)
            upto = bisect_right(days, said.since + WINDOW)
            if upto - bisect_left(days, said.since) >= 3:
                self.prompt.append(delay)
        self.missed += len(_missed(points, days, announcements))

    @property
    def false_share(self) -> float:
        """False ones of all, in per cent."""
        return 100 * self.false / max(1, self.announced)

    @property
    def missed_share(self) -> float:
        """Missed ones of all that were announced, in per cent."""
        return 100 * self.missed / max(1, self.announced)


def quantile(values: Sequence[int], share: float) -> int:
    """The value below which this share of the values lies; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def _is_false(points: Points, days: Sequence[int], said: Announcement) -> bool:
    after = points[bisect_right(days, said.day) : bisect_right(days, said.day + WINDOW)]
    return len(after) >= 2 and median(count for _, count in after) < said.threshold


def _missed(
    points: Points, days: Sequence[int], announcements: Sequence[Announcement]
) -> set[tuple[int, int]]:
    """Crossings that stood for thirty days, at three readings, and were not announced then."""
    found = set()
    for place in range(1, len(points)):
        day = days[place]
        if days[-1] < day + WINDOW:
            break
        for threshold in thresholds(points[place - 1][1], points[place][1]):
            if threshold <= points[0][1]:
                continue
            window = points[place : bisect_right(days, day + WINDOW)]
            if len(window) < 3 or min(count for _, count in window) < threshold:
                continue
            if not any(a.threshold >= threshold and a.day <= day + WINDOW for a in announcements):
                found.add((day, threshold))
    return found


# --- simple rules, to compare with ---------------------------------------------------------


def naive(points: Points) -> list[Announcement]:
    """Was below, is at or above."""
    return [
        Announcement(day, highest(count), day)
        for (_, before), (day, count) in pairwise(points)
        if highest(count) > highest(before)
    ]


def plain(points: Points, wait: int) -> list[Announcement]:
    """Announced once, when the count has stood at or above it for so many days."""
    settled = points[0][1]
    since: dict[int, int] = {}
    said: list[Announcement] = []
    for day, count in points[1:]:
        for threshold in thresholds(settled, count):
            since.setdefault(threshold, day)
        since = {t: first for t, first in since.items() if settled < t <= count}
        held = [t for t, first in since.items() if day - first >= max(wait, 1)]
        if held:
            settled = max(held)
            said.append(Announcement(day, settled, since[settled]))
    return said


def by_source_and_day(
    series: Mapping[int, Series],
) -> dict[str, dict[int, list[tuple[int, int]]]]:
    """Passes: source → day → (series' number, count), days ascending."""
    passes: dict[str, dict[int, list[tuple[int, int]]]] = {}
    for number, one in series.items():
        days = passes.setdefault(one.source, {})
        for day, count in one.points:
            days.setdefault(day, []).append((number, count))
    return {source: dict(sorted(days.items())) for source, days in passes.items()}
