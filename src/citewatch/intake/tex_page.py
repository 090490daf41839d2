"""The page that a LaTeX file is printed on: what is known of the file, and what stands so far."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from citewatch.intake.printed import M, Mark, Printed
from citewatch.intake.tex_macros import Source, macros_of
from citewatch.intake.tex_names import TABLES
from citewatch.intake.tex_tokens import T, Token, pairs, tokens_of

DEEPEST = 40
"""Groups within groups that are told apart; deeper ones are printed without."""
_EACH, _SPARE = 4, 20_000
"""Tokens that macros may make of one token, and of a short file."""
_NOTES, _MOST = 6, 9
_LONG_ADDRESS = 1_000
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ARXIV = re.compile(
    r"(?:arxiv:)?(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[A-Z]{2})?/\d{7}(?:v\d+)?)", re.IGNORECASE
)
_RESOURCE = re.compile(
    r"^[^%\n]{0,200}\\addbibresource(?:\[[^\]\n]{0,80}\])?\{([^{}\n]+)\}", re.MULTILINE
)
_PREPRINT = re.compile(r"arxiv|eprint|preprint", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a macro: its arguments, each with the call that it was written in."""

    arguments: tuple[tuple[tuple[int, int], Call | None], ...]
    place: int
    depth: int


class Page:
    """A file's tokens and macros, and the print of them as far as it has come."""

    def __init__(self, text: str) -> None:
        tokens = tokens_of(text)
        self.source = Source(text, tokens, pairs(tokens))
        self.macros, self.definitions = macros_of(self.source)
        self.budget = len(tokens) * _EACH + _SPARE
        self._ends = self._find_ends()
        self.lists: list[str] = []
        self.printed = Printed()
        self.notes: list[str] = []

    def _find_ends(self) -> dict[str, list[int]]:
        """Positions of ``\\end{...}`` and ``\\fi`` by name."""
        found: dict[str, list[int]] = {}
        for at, token in enumerate(self.source.tokens):
            if token.kind is T.COMMAND and token.text.startswith("\\end"):
                group = self.source.group(at + 1, end=len(self.source.tokens))
                if token.text.strip() == "\\end" and group:
                    found.setdefault(self.source.raw(group).strip(), []).append(at)
            elif token.text.strip() == "\\fi":
                found.setdefault("\\fi", []).append(at)
        return found

    def document(self) -> tuple[int, int]:
        """Without the preamble, and without what stands behind the end."""
        begin = self.source.text.find("\\begin{document}")
        lo, hi = 0, len(self.source.tokens)
        if begin >= 0:
            lo = bisect_left([token.start for token in self.source.tokens], begin)
            for found in _RESOURCE.finditer(self.source.text, 0, begin):
                self._note("cited papers are", found[1])
        ends = [at for at in self._ends.get("document", ()) if at >= lo]
        return lo, ends[0] if ends else hi

    def add(self, text: str, token: Token, call: Call | None) -> None:
        start, end = (token.start, token.end) if call is None else (call.place, call.place)
        self.printed.add(text, start, end)

    def mark(self, kind: M, start: int, value: str = "", *, source: int = 0) -> None:
        self.printed.marks.append(Mark(kind, start, self.printed.length, value, source))

    def in_table(self) -> bool:
        return bool(self.lists) and self.lists[-1] in TABLES

    def place(self, token: Token, call: Call | None) -> int:
        return token.start if call is None else call.place

    def filled(self, text: str, call: Call | None) -> str:
        """A text with the parameters of its macro put in."""
        for _ in range(DEEPEST):
            if call is None or "#" not in text or len(text) > _LONG_ADDRESS:
                break
            for number, (span, _) in enumerate(call.arguments, 1):
                text = text.replace(f"#{number}", self.source.raw(span))
            call = call.arguments[0][1] if call.arguments else None
        return text

    def next_end(self, name: str, at: int) -> int | None:
        ends = self._ends.get(name, [])
        place = bisect_left(ends, at)
        return ends[place] if place < len(ends) else None

    def note_file(self, name: str, after: int, hi: int) -> None:
        """Say that the file which a command names was not opened."""
        group = self.source.group(after, end=hi)
        why = "cited papers are" if name in ("bibliography", "addbibresource") else "a part is"
        self._note(why, self.source.raw(group) if group else "")

    def _note(self, why: str, other: str) -> None:
        if other.strip() and len(self.notes) < _NOTES:
            shown = other.strip()[:80]
            self.notes.append(f"{why} in another file, which was not opened: {shown}")

    def arguments_at(self, after: int, hi: int) -> tuple[list[tuple[int, int]], int]:
        """The groups that follow a command, optional ones left out."""
        groups: list[tuple[int, int]] = []
        while len(groups) < _MOST:
            if not groups and (room := self.source.brackets(after, end=hi)):
                after = room[1] + 1
            group = self.source.group(after, end=hi)
            if group is None:
                break
            groups.append(group)
            after = group[1] + 1
        return groups, after


def link_of(name: str, first: str) -> str:
    """The address that a command's first argument is, "" when it is none."""
    first = re.sub(r"\\([_%#&])", r"\1", first.strip()[:_LONG_ADDRESS])
    if found := _DOI.fullmatch(first):
        return f"https://doi.org/{found[1]}"
    if (found := _ARXIV.fullmatch(first)) and _PREPRINT.search(name):
        return f"https://arxiv.org/abs/{found[1]}"
    return first if re.fullmatch(r"https?://\S+", first) else ""
