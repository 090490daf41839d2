"""Figures with their goals, and the table that all benchmarks print."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number; a goal bounds it from above (``most``) or from below (``least``)."""

    what: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def goal(self) -> str:
        """The goal in words, "" where there is none."""
        if self.most is not None:
            return f"at most {number(self.most)}"
        return "" if self.least is None else f"at least {number(self.least)}"

    @property
    def met(self) -> bool:
        """Whether the goal, if there is one, is reached."""
        return (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )

    def row(self) -> tuple[str, str, str, str, str]:
        """What is measured, value, unit, goal, whether it is met."""
        verdict = ("met" if self.met else "MISSED") if self.goal else ""
        return self.what, number(self.value), self.unit, self.goal, verdict


def number(value: float) -> str:
    """A number with as many digits as mean something."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def show(title: str, figures: Sequence[Figure], *, notes: Sequence[str] = ()) -> None:
    """Print the table, then the notes."""
    rows = [("", "measured", "", "goal", ""), *(figure.row() for figure in figures)]
    show_rows(title, rows, to_the_right=(1,), notes=notes)


def show_rows(
    title: str,
    rows: Sequence[Sequence[str]],
    *,
    to_the_right: Collection[int],
    notes: Sequence[str] = (),
) -> None:
    """Print rows of texts as a table, some columns flush right, then the notes."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print(f"\n{title}\n")
    for row in rows:
        cells = [
            cell.rjust(width) if at in to_the_right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
    for note in notes:
        print(f"\n{note}")


def parser(description: str | None) -> argparse.ArgumentParser:
    """What all benchmarks take on their command line."""
    options = argparse.ArgumentParser(description=description)
    options.add_argument(
        "--size", choices=("tiny", "full"), default="full",
        help="full: the figures that count; tiny: a few seconds, to see that it runs",
    )  # fmt: skip
    return options
