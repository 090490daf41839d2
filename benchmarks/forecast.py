"""How good forecasts are on recorded citation series, beside a straight line.

Replays a folder of CSV files (series_id, paper_title_or_id, date, count, source; also gzip)
through the judge, since forecasts are fed with believed counts only; takes the series of
NASA ADS, Google Scholar and cit-HepTh; cuts each at many dates (2, 7, 14, 30 and 60 days after
its first reading, then every 30 days) and looks 90 and 365 days ahead. At a cut nothing later
is known: the pace and the law come from what was believed by then, and the count counts as
confirmed at the last reading (cit-HepTh has a row for each new citation, so there at the cut).

What came: the last reading (raw) or the believed count (judged) at the target, where there was
a reading in the 20 days before it; of cit-HepTh up to its last day, also after a paper's last
citation. The straight line goes through the count at the cut and the one a year before, or the
first one, and counts as all three quantiles. Losses are divided by √max(1, count at the cut),
and every paper weighs the same: the mean of a paper first, then that of all papers. An interval
is wide when its ends are at least 4 apart; shares of intervals count each forecast.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt
from pathlib import Path
from statistics import fmean

from citewatch.domain.forecast import Expected
from citewatch.domain.outlook import HORIZONS_D, foresee
from citewatch.domain.pace import pace_of
from citewatch.domain.papers import DAY
from citewatch.domain.trends import Believed, believed, straight_line
from figures import Figure, number, parser, show, show_rows
from judge import RULES, replay
from series import EVENTS, Series, read_folder

KINDS = {"ads": "NASA ADS", "gs": "Google Scholar", "cit-HepTh": "hep-th"}
EARLY_D, EVERY_D = (2, 7, 14, 30, 60), 30
NEAR_D, CONFIRMED_D = 20, 45
WIDE = 4
DECADES = (0, 1, 10, 100, 1000)
TAUS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One forecast and what came."""

    paper: int
    kind: str
    tuned_on: bool
    days: int
    count: int
    span_d: int
    said: Expected
    line: float
    came: int

    @property
    def wide(self) -> bool:
        """Whether the interval is one that is to hold 80 %, and not more for being narrow."""
        return self.said.high - self.said.low >= WIDE

    @property
    def held(self) -> bool:
        """Whether the interval held what came."""
        return self.said.low <= self.came <= self.said.high

    def pinball(self, low: float, median: float, high: float) -> float:
        """The mean loss of three quantiles, in roots of the count."""
        losses = [
            max(tau * (self.came - q), (tau - 1) * (self.came - q))
            for tau, q in zip(TAUS, (low, median, high), strict=True)
        ]
        return fmean(losses) / sqrt(max(1, self.count))

    def losses(self) -> tuple[float, float, float, float]:
        """Pinball and absolute error, ours and the line's."""
        said, line, root = self.said, self.line, sqrt(max(1, self.count))
        return (
            self.pinball(said.low, said.citations, said.high),
            self.pinball(line, line, line),
            abs(self.came - said.citations) / root,
            abs(self.came - line) / root,
        )


@dataclass(slots=True)
class Group:
    """Forecasts that are told together."""

    trials: list[Trial] = field(default_factory=list)

    def share(self, *, wide: bool) -> float:
        """Of these intervals, per cent that held what came; NaN of none."""
        held = [trial.held for trial in self.trials if trial.wide is wide]
        return 100 * fmean(held) if held else float("nan")

    def means(self) -> list[float]:
        """The mean losses, every paper weighing the same."""
        by_paper: dict[int, list[tuple[float, ...]]] = defaultdict(list)
        for trial in self.trials:
            by_paper[trial.paper].append(trial.losses())
        papers = [
            [fmean(column) for column in zip(*rows, strict=True)] for rows in by_paper.values()
        ]
        return [fmean(column) for column in zip(*papers, strict=True)]

    def row(self, name: str) -> tuple[str, ...]:
        """A line of the table."""
        if not self.trials:
            return (name, "0", *[""] * 8)
        ours, line, error, line_error = self.means()
        widths = [t.said.high - t.said.low for t in self.trials]
        wide = 100 * fmean(t.wide for t in self.trials)
        return (
            name, f"{len(self.trials):,}", f"{len({t.paper for t in self.trials}):,}",
            f"{wide:.0f}", _known(self.share(wide=True)), _known(self.share(wide=False)),
            number(fmean(widths)), _less(ours, line), f"{error:.2f}", f"{line_error:.2f}",
        )  # fmt: skip


def _known(share: float) -> str:
    return "" if share != share else f"{share:.1f}"


def _less(ours: float, line: float) -> str:
    return f"{100 * (1 - ours / line):+.0f}" if line else ""


HEADER = (
    "", "forecasts", "papers", "wide %", "held", "narrow held", "width", "pinball less %",
    "error", "line's",
)  # fmt: skip


# --- the trials ------------------------------------------------------------------------


def trials(series: Sequence[Series], *, judged: bool) -> Iterator[Trial]:
    """Every forecast that can be scored; what came is judged, or the raw reading."""
    made = dict(enumerate(series))
    replayed = replay(made, RULES)
    last_day = max((s.points[-1][0] for s in series if s.source in EVENTS), default=0)
    for place, one in made.items():
        days = [day for day, _ in one.points]
        events = one.source in EVENTS
        past = (
            Believed(tuple(day * DAY for day in days), tuple(count for _, count in one.points))
            if events
            else believed(replayed.snapshots[place])
        )
        for cut in _cuts(days):
            known = cut if events else days[bisect_right(days, cut) - 1]
            if cut - known > CONFIRMED_D:
                continue
            yield from _at(one, place, past, cut=cut, known=known,
                           until=last_day if events else days[-1], judged=judged)  # fmt: skip


def _cuts(days: Sequence[int]) -> Iterable[int]:
    first, last = days[0], days[-1]
    offset = hashlib.sha1(str(first).encode()).digest()[0] % EVERY_D
    yield from (first + early for early in EARLY_D if first + early < last)
    yield from range(first + EARLY_D[-1] + EVERY_D + offset, last, EVERY_D)


def _at(
    one: Series, place: int, past: Believed, *, cut: int, known: int, until: int, judged: bool
) -> Iterator[Trial]:
    upto = bisect_right(past.times, cut * DAY)
    then = Believed(past.times[:upto], past.counts[:upto])
    pace = pace_of(then)
    made = None if pace is None else foresee(pace, known_at=known * DAY, made_at=cut * DAY)
    if pace is None or made is None:
        return
    days = [day for day, _ in one.points]
    for ahead, said in made.horizons:
        target = cut + ahead
        place_then = bisect_right(days, target) - 1
        near = target - days[place_then] <= NEAR_D or one.source in EVENTS
        line = straight_line(then, known * DAY, days=ahead + cut - known)
        came = past.at(target * DAY) if judged else one.points[place_then][1]
        if target <= until and near and line is not None and came is not None:
            yield Trial(
                paper=place, kind=_kind(one), tuned_on=one.is_tuned_on, days=ahead,
                count=pace.count, span_d=known - days[0], said=said, line=line, came=came,
            )  # fmt: skip


def _kind(one: Series) -> str:
    return next(kind for prefix, kind in KINDS.items() if one.source.startswith(prefix))


# --- tables ----------------------------------------------------------------------------


def table(made: Sequence[Trial], *, name: str) -> None:
    """Print one half at one horizon, and its parts."""
    parts: dict[str, Callable[[Trial], bool]] = {"all": lambda _: True}
    for kind in KINDS.values():
        parts[f"  {kind}"] = lambda t, kind=kind: t.kind == kind  # type: ignore[misc]
    parts["  under 100"] = lambda t: t.count < 100
    parts["  100 and more"] = lambda t: t.count >= 100
    for low, high in zip(DECADES, (*DECADES[1:], None), strict=True):
        words = f"  {low} and more" if high is None else f"  {low} to {high - 1}" if low else "  0"
        parts[f"{words} at the cut"] = lambda t, low=low, high=high: (  # type: ignore[misc]
            low <= t.count and (high is None or t.count < high)
        )
    parts["  history up to 60 days"] = lambda t: t.span_d <= 60
    parts["  61 days to a year"] = lambda t: 60 < t.span_d < 365
    parts["  a year and more"] = lambda t: t.span_d >= 365
    rows = [
        HEADER,
        *(Group([t for t in made if holds(t)]).row(part) for part, holds in parts.items()),
    ]
    show_rows(name, rows, to_the_right=range(1, len(HEADER)))


def figures(made: Sequence[Trial], half: str) -> list[Figure]:
    """What has to be true of one half."""
    whole = Group(list(made))
    low = Group([t for t in made if t.count < 100])
    high = Group([t for t in made if t.count >= 100])
    ours, line, error, line_error = whole.means()
    found = []
    for what, share, least, most in (
        ("wide intervals that held", whole.share(wide=True), 75, 85),
        ("the same under 100", low.share(wide=True), 70, 90),
        ("the same from 100 on", high.share(wide=True), 70, 90),
    ):
        if share == share:
            found.append(Figure(what=f"{half}: {what}", value=share, unit="%", least=least))
            found.append(Figure(what=f"{half}: {what}", value=share, unit="%", most=most))
    narrow = whole.share(wide=False)
    if narrow == narrow:
        found.append(
            Figure(what=f"{half}: narrow ones that held", value=narrow, unit="%", least=80)
        )
    if line:
        found += [
            Figure(what=f"{half}: pinball, of the line's", value=ours / line, most=0.8),
            Figure(what=f"{half}: error, of the line's", value=error / line_error, most=1),
        ]
    return found


def main() -> None:
    options = parser(__doc__)
    options.add_argument("folder", type=Path, help="the folder with the CSV files")
    options.add_argument("--raw", action="store_true", help="what came is the raw reading")
    asked = options.parse_args()
    folder = read_folder(asked.folder)
    series = [s for s in folder.series if s.source.startswith(tuple(KINDS))]
    if asked.size == "tiny":
        series = series[:60]
    made = list(trials(series, judged=not asked.raw))
    print(f"{len(made):,} forecasts of {len({t.paper for t in made}):,} papers.")
    reached: list[Figure] = []
    for half, tuned in (("tuned on", True), ("the others", False)):
        mine = [t for t in made if t.tuned_on is tuned]
        for days in HORIZONS_D:
            ahead = [t for t in mine if t.days == days]
            if ahead:
                table(ahead, name=f"{days} days ahead, {half}")
                reached += figures(ahead, f"{half}, {days} d")
        if mine:
            reached += figures(mine, half)
    show("Forecasts", reached)


if __name__ == "__main__":
    main()
