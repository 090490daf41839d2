"""What became of every line: nothing is dropped in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from citewatch.intake.lines import Fate, Line

_SHOWN = 400
"""Characters of a leftover that are kept."""


@dataclass(slots=True)
class Ledger:
    """Filled while a text is read: a fate for each line that is not blank."""

    fates: dict[int, Fate] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    """Lines by kind."""
    leftovers: list[tuple[int, str, str]] = field(default_factory=list)

    def note(self, lines: Iterable[Line], fate: Fate) -> None:
        """These lines are used."""
        for line in lines:
            self.fates[line.number] = fate

    def skip(self, line: Line, kind: str) -> None:
        """This line is recognised as nothing about a paper."""
        self.fates[line.number] = Fate.SKIPPED
        self.skipped[kind] += 1

    def leave(self, lines: Iterable[Line], why: str) -> None:
        """These lines look like a publication and were not understood."""
        kept = list(lines)
        self.note(kept, Fate.LEFTOVER)
        text = " ".join(line.text for line in kept)
        short = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
        self.leftovers.append((kept[0].number, short, why))
