"""How true the judge's announcements are on recorded citation series.

Replays a folder of CSV files (series_id, paper_title_or_id, date, count, source; also gzip)
through the judge, all papers of a source and day as one pass, once with every reading and
once thinned to one a week; beside it two simple rules. Rules were chosen on the series whose
name has an even SHA-1; both halves are printed.

False: the median of the counts in the 30 days after the announcement, if there are two, is
below the threshold. Missed: the count stayed at or above the threshold for 30 days, at three
readings, and was not announced within them. Delay: days since the first reading of those
that held, where three readings fell into the 30 days after it, and of all.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from citewatch.domain.identifiers import Identifier
from citewatch.domain.judge import Verdict
from citewatch.domain.milestones import Ladder
from citewatch.domain.papers import DAY, Change, Held, Kind, Observed, Snapshot, Status
from citewatch.domain.passes import Case, PassJudge
from citewatch.domain.rules import Rules, Waits
from citewatch.domain.weather import Climate
from figures import Figure, parser, show, show_rows
from series import (
    EVENTS,
    EVERY,
    STEPS,
    Announcement,
    Points,
    Score,
    Series,
    by_source_and_day,
    naive,
    plain,
    quantile,
    read_folder,
    weekly,
)

RULES = Rules(ladder=Ladder(STEPS, EVERY), confirm_after_s=3 * DAY, every_s=DAY, label="source")
FAULTS = (
    ("ads_dfm_cv", "2020-01-24", "2020-01-24"),
    ("ads_dfm_cv", "2021-02-24", "2021-02-24"),
    ("ads_dfm_cv", "2023-06-28", "2023-06-30"),
    ("ads_dfm_cv", "2024-08-12", "2024-08-12"),
    ("ads_dfm_cv", "2025-03-08", "2025-03-08"),
    ("ads_abhi0395_cv", "2024-08-11", "2024-08-11"),
    ("ads_jpdeleon_cv", "2025-03-08", "2025-03-08"),
)
"""Days on which a source is known to have been at fault (source, first, last)."""

Sampling = Callable[[Points], Points]


# --- the replay ------------------------------------------------------------------------


@dataclass(slots=True)
class Replayed:
    """What the judge made of all series."""

    changes: list[Change]
    snapshots: dict[int, list[Snapshot]]
    readings: int
    seconds: float

    def announcements(self) -> dict[int, list[Announcement]]:
        """The milestones, by series."""
        found: dict[int, list[Announcement]] = {}
        for change in self.changes:
            if change.kind is Kind.MILESTONE and change.paper is not None:
                since = (change.first_seen_at or change.at) // DAY
                said = Announcement(change.at // DAY, change.threshold or 0, since)
                found.setdefault(change.paper, []).append(said)
        return found


def replay(series: Mapping[int, Series], rules: Rules) -> Replayed:
    """Every source from its first day to its last, pass by pass."""
    done = Replayed([], {number: [] for number in series}, 0, 0.0)
    passes = by_source_and_day(series)
    started = time.process_time()
    for source, days in passes.items():
        held = {n: _new(n, source) for day in days.values() for n, _ in day}
        climate = Climate()
        for day, readings in days.items():
            done.readings += len(readings)
            session = PassJudge(source, climate, rules)
            cases = [Case(held[n], _observed(n, count)) for n, count in readings]
            verdicts = session.hear(cases, day * DAY)
            waited, lines = session.settle(day * DAY)
            climate = session.climate
            done.changes += lines
            for verdict in (*filter(None, verdicts), *(v for _, v in waited)):
                held[verdict.held.paper] = verdict.held
                _note(verdict, done)
    done.seconds = time.process_time() - started
    return done


def _new(number: int, source: str) -> Held:
    return Held(series=number, paper=number, source=source)


def _observed(number: int, count: int) -> Observed:
    name = Identifier("series", str(number))
    return Observed(asked=name, answered=name, citation_count=count)


def _note(verdict: Verdict, done: Replayed) -> None:
    done.changes += verdict.changes
    if verdict.snapshot:
        done.snapshots[verdict.held.paper].append(verdict.snapshot)


# --- tables ----------------------------------------------------------------------------


HEADER = ("", "announced", "repeats", "false", "%", "missed", "%", "delay", "90 %", "all", "90 %")


def scores(
    series: Mapping[int, Series], announcements: Mapping[int, Sequence[Announcement]]
) -> dict[str, Score]:
    """All polled series, each half, and apart those that are events."""
    found = {"all": Score(), "tuned on": Score(), "the others": Score(), "events": Score()}
    for number, one in series.items():
        said = announcements.get(number, ())
        if one.source in EVENTS:
            found["events"].add(one.points, said)
            continue
        for part in ("all", "tuned on" if one.is_tuned_on else "the others"):
            found[part].add(one.points, said)
    return found


def row(name: str, score: Score) -> tuple[str, ...]:
    """A line of the table."""
    return (
        name, f"{score.announced:,}", str(score.repeated), str(score.false),
        f"{score.false_share:.2f}", str(score.missed), f"{score.missed_share:.2f}",
        str(quantile(score.prompt, 0.5)), str(quantile(score.prompt, 0.9)),
        str(quantile(score.delays, 0.5)), str(quantile(score.delays, 0.9)),
    )  # fmt: skip


def compared(series: Mapping[int, Series], replayed: Replayed, *, name: str) -> Score:
    """Print the judge beside the simple rules; the judge's score."""
    points = {number: one.points for number, one in series.items()}
    rules = {
        "naive": {n: naive(p) for n, p in points.items()},
        "three days": {n: plain(p, 3) for n, p in points.items()},
        "seven days": {n: plain(p, 7) for n, p in points.items()},
        "the judge": replayed.announcements(),
    }
    rows: list[tuple[str, ...]] = [HEADER]
    for rule, announcements in rules.items():
        found = scores(series, announcements)
        rows.append(row(rule, found["all"]))
    rows += [row(f"  {part}", found[part]) for part in ("tuned on", "the others", "events")]
    lines = Counter(change.kind.value for change in replayed.changes)
    said = ", ".join(f"{number} {kind}" for kind, number in sorted(lines.items()))
    speed = replayed.readings / max(replayed.seconds, 1e-9)
    show_rows(
        f"{name}: {replayed.readings:,} readings of {len(series):,} series", rows,
        to_the_right=range(1, len(HEADER)),
        notes=[f"The judge's lines: {said}. {speed:,.0f} readings a second of CPU."],
    )  # fmt: skip
    return found["all"]


def frontier(series: Mapping[int, Series], *, name: str) -> None:
    """Print what other waits would give."""
    waits = Waits()
    rules = {
        "no further wait": replace(waits, exact=1, leap=1),
        "only after leaps": replace(waits, exact=1),
        "only at the threshold": replace(waits, leap=1),
        "at it, fallen or not": replace(waits, unrest_s=40_000 * DAY),
        "at it, twice": replace(waits, exact=2),
        "at it, four times": replace(waits, exact=4),
        "at it, a year's memory": replace(waits, unrest_s=365 * DAY),
        "leaps, six times": replace(waits, leap=6),
        "leaps, nine times": replace(waits, leap=9),
        "leaps from 20 % on": replace(waits, leap_share=0.2),
        "as it is": waits,
    }
    rows: list[tuple[str, ...]] = [HEADER]
    for rule, changed in rules.items():
        done = replay(series, replace(RULES, waits=changed))
        found = scores(series, done.announcements())
        rows.append(row(rule, found["all"]))
        rows.append(row("  tuned on", found["tuned on"]))
    show_rows(f"{name}: other waits", rows, to_the_right=range(1, len(HEADER)))


def known_faults(series: Mapping[int, Series], replayed: Replayed) -> list[Figure]:
    """What was said because of the known faults, and whether each was recognised."""
    rows: list[tuple[str, ...]] = [("source", "from", "recorded", "papers hit", "lines", "scars")]
    missed = wrong = scars = 0
    for source, first, last in FAULTS:
        days = range(
            date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal() + 1
        )
        hit = {n for n, one in series.items() if one.source == source and _wrong(one, days)}
        if not hit:
            continue
        lines = [c for c in replayed.changes if c.source == source]
        told = any(c.kind is Kind.SOURCE_FAULT and c.at // DAY in days for c in lines)
        because = [
            c for c in lines
            if c.paper in hit and (c.first_seen_at or c.at) // DAY in days
            and c.kind in (Kind.MILESTONE, Kind.DROP, Kind.LOST, Kind.MILESTONE_LOST)
        ]  # fmt: skip
        scarred = sum(_is_scarred(series[n], replayed.snapshots[n], days) for n in hit)
        missed, wrong, scars = missed + (not told), wrong + len(because), scars + scarred
        answer = "yes" if told else "NO"
        rows.append((source, first, answer, str(len(hit)), str(len(because)), str(scarred)))
    if len(rows) == 1:
        return []
    show_rows("The known faults", rows, to_the_right=(3, 4, 5))
    return [
        Figure(what="known faults that were not recorded", value=missed, most=0),
        Figure(what="lines because of them", value=wrong, most=0),
        Figure(what="series that believed one", value=scars, most=0),
    ]


def _wrong(one: Series, days: range) -> set[int]:
    """Counts of the fault: 0, or 1.3 times and more what was read in the week before it."""
    before = [count for day, count in one.points if days.start - 7 <= day < days.start]
    if not before or not before[-1]:
        return set()
    high = 1.3 * before[-1] + 5
    return {count for day, count in one.points if day in days and (count == 0 or count >= high)}


def _is_scarred(one: Series, snapshots: Sequence[Snapshot], days: range) -> bool:
    """Whether a wrong count of the fault was ever believed."""
    wrong, week = _wrong(one, days), range(days.start, days.stop + 7)
    return any(
        s.status is Status.OK and s.at // DAY in week and s.citation_count in wrong
        for s in snapshots
    )


def main() -> None:
    options = parser(__doc__)
    options.add_argument("folder", type=Path, help="the folder with the CSV files")
    options.add_argument("--frontier", action="store_true", help="other waits too (minutes)")
    asked = options.parse_args()
    folder = read_folder(asked.folder)
    print(f"{len(folder.series):,} series; {folder.empty:,} lines without a count are skipped.")
    figures: list[Figure] = []
    samplings: dict[str, tuple[Sampling, float, int]] = {
        "daily": (tuple, 0.6, 4), "weekly": (weekly, 0.5, 8),
    }  # fmt: skip
    for name, (sampling, false, delay) in samplings.items():
        series = {n: replace(s, points=sampling(s.points)) for n, s in enumerate(folder.series)}
        replayed = replay(series, RULES)
        score = compared(series, replayed, name=name)
        figures += [
            Figure(what=f"{name}: repeats", value=score.repeated, most=0),
            Figure(what=f"{name}: false", value=score.false_share, unit="%", most=false),
            Figure(what=f"{name}: missed", value=score.missed_share, unit="%", most=0.1),
            Figure(what=f"{name}: median delay", value=quantile(score.prompt, 0.5), unit="days",
                   most=delay),
        ]  # fmt: skip
        if name == "daily":
            figures += known_faults(series, replayed)
        if asked.frontier:
            frontier(series, name=name)
    show("The judge", figures)


if __name__ == "__main__":
    main()
