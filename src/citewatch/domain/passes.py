"""One pass over one source, judged: single readings at once, suspicious ones together.

Whether a fall or a jump is the paper's or the source's shows only when all papers have
been heard. So a reading that could be part of a fault waits for the end of its pass; all
others, nearly all, are judged as they come. The order of the papers does not matter.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from citewatch.domain.identifiers import Identifier
from citewatch.domain.judge import Verdict, judge
from citewatch.domain.papers import DAY, Change, Held, Instant, Kind, Outcome
from citewatch.domain.rules import Rules
from citewatch.domain.weather import (
    CALM,
    UNDECIDED,
    Climate,
    Signs,
    Weather,
    is_notable,
    read_signs,
)

_OF_COUNTS = frozenset({Kind.MILESTONE, Kind.MILESTONE_LOST, Kind.DROP})


@dataclass(frozen=True, slots=True)
class Case:
    """What is held of one paper, and how the question about it ended."""

    held: Held
    outcome: Outcome
    known: Collection[Identifier] = ()
    """The paper's accepted identifiers."""


class PassJudge:
    """The judge's session for one pass over one source."""

    def __init__(self, source: str, climate: Climate, rules: Rules) -> None:
        self._source = source
        self._rules = rules
        self._before = climate
        self._signs = Signs()
        self._waiting: list[tuple[Case, Instant]] = []
        self._news: list[tuple[Case, Instant]] = []
        self._began_at: Instant | None = None
        """When the first answer of the pass came."""
        self._said: set[Kind] = set()
        self.climate = climate
        """The source's past, with what this pass has shown so far."""
        self.weather: Weather = CALM
        self.is_settled = True
        """Whether nothing was heard since `settle`."""

    @property
    def waiting(self) -> int:
        """Readings that wait for the end of the pass."""
        return len(self._waiting) + len(self._news)

    def hear(self, cases: Sequence[Case], now: Instant) -> list[Verdict | None]:
        """Verdicts on one answer, in its order; None for what waits for the rest of the pass.

        What would be news is taken in without it; `settle` says it when the pass is well.
        """
        self.is_settled = False
        self._began_at = now if self._began_at is None else self._began_at
        answers = [(case.held, case.outcome) for case in cases]
        confirm_after_s = self._rules.confirm_after_s
        self._signs += read_signs(answers, now, confirm_after_s=confirm_after_s)
        verdicts: list[Verdict | None] = []
        for case in cases:
            if is_notable(case.held, case.outcome, now):
                self._waiting.append((case, now))
                verdicts.append(None)
                continue
            verdict = self._judge(case, now, CALM)
            if _is_news(verdict):
                self._news.append((case, now))
                verdict = self._judge(case, now, UNDECIDED)
            verdicts.append(verdict)
        return verdicts

    def settle(self, now: Instant) -> tuple[list[tuple[Case, Verdict]], list[Change]]:
        """Verdicts on what waited, and lines about the source. To be called after a pass.

        A pass that goes on afterwards may be settled again: each line is said once.
        """
        self.is_settled = True
        began = now if self._began_at is None else self._began_at
        self.weather = self._before.weather(self._signs, began)
        self.climate = self._before.after(self._signs, self.weather, now, began_at=began)
        waiting, self._waiting = self._waiting, []
        news, self._news = self._news, []
        verdicts = [(case, self._judge(case, at, self.weather)) for case, at in waiting]
        verdicts += [(case, _only_news(self._judge(case, at, self.weather))) for case, at in news]
        lines = [line for line in self._lines(now) if line.kind not in self._said]
        self._said |= {line.kind for line in lines}
        return verdicts, lines

    def _judge(self, case: Case, now: Instant, weather: Weather) -> Verdict:
        return judge(
            case.held, case.outcome, now, rules=self._rules, weather=weather, known=case.known
        )

    def _lines(self, now: Instant) -> list[Change]:
        lines = []
        if self.weather.fault and self._before.fault_at is None:
            lines.append(
                self._line(Kind.SOURCE_FAULT, self._fault_text(), now, self._began_at or now)
            )
        if self.climate.stalled and not self._before.stalled:
            since = self._before.moved_at or now
            lines.append(self._line(Kind.SOURCE_STALLED, self._stalled_text(now), now, since))
        return lines

    def _line(self, kind: Kind, text: str, now: Instant, since: Instant) -> Change:
        return Change(kind=kind, at=now, first_seen_at=since, source=self._source, text=text)

    def _fault_text(self) -> str:
        signs, weather = self._signs, self.weather
        zeros = f" ({signs.zeros} to 0)" if signs.zeros else ""
        what = [
            f"{number} {word}"
            for number, word, on in (
                (signs.falls, f"fell{zeros}", weather.falling),
                (signs.rises, "rose", weather.rising),
                (signs.gone, "vanished", weather.vanishing),
            )
            if on
        ]
        label = self._rules.label or self._source
        return (
            f"of {signs.known} papers {' and '.join(what)} together; "
            f"held back until {label} has settled"
        )

    def _stalled_text(self, now: Instant) -> str:
        label = self._rules.label or self._source
        silent = (now - (self._before.moved_at or now)) // DAY
        longest = max(self._before.gaps, default=0) // DAY
        return (
            f"{label} has moved none of {self._signs.known} papers for {silent} days; "
            f"its longest silence before was {longest}"
        )


def _is_news(verdict: Verdict) -> bool:
    """Whether it says something of a count, which a source that is at fault must not."""
    return any(line.kind in _OF_COUNTS for line in verdict.changes)


def _only_news(verdict: Verdict) -> Verdict:
    """The state and the lines of a verdict whose reading was taken in before."""
    lines = tuple(line for line in verdict.changes if line.kind in _OF_COUNTS)
    return replace(verdict, snapshot=None, facts=None, changes=lines)
