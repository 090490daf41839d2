"""A few colours that most eyes tell apart, on paper, on white and on black.

The hues are those of M. Okabe and K. Ito, "Color Universal Design" (2008), darkened for
white and lightened for black until each has a contrast of 4.5 to 1 and more against its
background, so that the same colour may also be that of a label. No colour says anything
alone: lines carry their source's name, and what was reconstructed is dashed. The first
three, of the sources asked by default, also differ in lightness, for eyes that lack a cone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

INK = ("#1b1f24", "#e8eaed")
"""Text: on white, on black."""
QUIET = ("#59616b", "#a3abb5")
PAPER = ("#ffffff", "#14171a")
GRID = ("#e3e6ea", "#2c3238")
RUNG = ("#b9a15a", "#7d6c35")
RUNG_TEXT = ("#7a5c00", "#d9b84a")
LINES = (
    ("#0064a4", "#6db7ee"),
    ("#b34700", "#f29a5b"),
    ("#0f3d2e", "#b4f0c8"),
    ("#8a4a9e", "#cf9be0"),
    ("#6b5d00", "#d2c04a"),
    ("#4a4f57", "#c3c9d1"),
)
KNOWN = ("semantic_scholar", "openalex", "crossref", "inspire", "ads", "opencitations")
"""These have the same colour in every chart."""


@dataclass(frozen=True, slots=True)
class Colours:
    """Which of the colours each source has."""

    places: tuple[tuple[str, int], ...] = ()

    @classmethod
    def of(cls, sources: Iterable[str]) -> Colours:
        """Colours for these sources, in order; no two share one while there are enough."""
        names = list(dict.fromkeys(sources))
        taken = {KNOWN.index(name): name for name in names if name in KNOWN}
        free = [place for place in range(len(LINES)) if place not in taken]
        others = [name for name in names if name not in KNOWN]
        named = {name: place for place, name in taken.items()}
        for number, name in enumerate(others):
            named[name] = free[number % len(free)] if free else number % len(LINES)
        return cls(tuple(named.items()))

    def place(self, source: str) -> int:
        """The number of a source's colour."""
        return dict(self.places).get(source, len(LINES) - 1)


def _rules(side: int) -> str:
    """The colours of one background; plain rules, which every renderer understands."""
    rules = [
        f".cw-paper{{fill:{PAPER[side]}}}",
        f".cw text{{fill:{INK[side]};stroke:none}}",
        f".cw .q{{fill:{QUIET[side]}}}",
        f".cw .rt{{fill:{RUNG_TEXT[side]}}}",
        f".cw .g{{stroke:{GRID[side]}}}",
        f".cw .r{{stroke:{RUNG[side]}}}",
        f".cw .n{{stroke:{QUIET[side]}}}",
        f".cw .iw{{stroke:{INK[side]}}}",
        f".cw .rw{{stroke:{RUNG_TEXT[side]}}}",
    ]
    for number, colours in enumerate(LINES):
        rules.append(f".cw .s{number}{{stroke:{colours[side]}}}")
        rules.append(f".cw .f{number},.cw text.t{number}{{fill:{colours[side]}}}")
    return "".join(rules)


CHART_CSS = (
    ".cw{font-family:system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;font-size:12px}"
    ".cw path{fill:none}"
    ".cw .g,.cw .r,.cw .n{stroke-width:1}"
    ".cw .k{stroke-width:1.6;stroke-linejoin:round}"
    ".cw .l{stroke-width:2;stroke-linejoin:round;stroke-linecap:butt}"
    ".cw .d{stroke-dasharray:5 3;stroke-width:1.6}"
    ".cw .e{stroke-dasharray:1.5 3;stroke-width:2;stroke-linecap:round}"
    ".cw .fan{fill-opacity:.16;stroke:none}"
    + _rules(0)
    + f"@media screen and (prefers-color-scheme:dark){{{_rules(1)}}}"
)
"""The style sheet of all charts: once in a page, or inside a file of one chart."""
