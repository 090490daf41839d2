"""Macros that a LaTeX file defines for itself, and where its documents begin and end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from citewatch.intake.tex_tokens import T, Token

_DEFINING = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareRobustCommand|"
    r"(?:New|Renew|Provide|Declare)DocumentCommand|def|gdef|edef|xdef)\*?\s*"
)
_NAME = re.compile(r"\\([A-Za-z@]+)")
_MOST = 9
"""Parameters that a macro of TeX can have."""


@dataclass(frozen=True, slots=True)
class Macro:
    """``body`` are positions of tokens [lo, hi)."""

    parameters: int
    body: tuple[int, int]
    optional: tuple[int, int] | None = None
    """The tokens of the first parameter's default, where it may be left out."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file's tokens with all that is known of them before they are printed."""

    text: str
    tokens: tuple[Token, ...]
    pairs: Mapping[int, int]

    def group(self, at: int, *, end: int) -> tuple[int, int] | None:
        """The positions [lo, hi) within the braces that open next from ``at``, else None."""
        at = self.skip(at, end=end)
        if at < end and self.tokens[at].kind is T.OPEN and (close := self.pairs.get(at)):
            return (at + 1, close) if close < end else None
        return None

    def skip(self, at: int, *, end: int) -> int:
        """The next position that is neither blank nor comment."""
        while at < end:
            token = self.tokens[at]
            if token.kind in (T.BLANK, T.COMMENT) or not token.text.strip():
                if token.kind is T.PARAGRAPH:
                    return at
                at += 1
            else:
                return at
        return at

    def brackets(self, at: int, *, end: int) -> tuple[int, int] | None:
        """The positions [lo, hi) within the brackets that open at ``at``, else None."""
        if at >= end or self.tokens[at].text != "[" or (close := self.pairs.get(at)) is None:
            return None
        return (at + 1, close) if close < end else None

    def raw(self, span: tuple[int, int]) -> str:
        """The file's own text of tokens [lo, hi)."""
        lo, hi = span
        return self.text[self.tokens[lo].start : self.tokens[hi - 1].end] if lo < hi else ""


def macros_of(source: Source) -> tuple[dict[str, Macro], dict[int, int]]:
    """Macros by name; and where their definitions begin (first token) and end (one after)."""
    found: dict[str, Macro] = {}
    skipped: dict[int, int] = {}
    at = 0
    while at < len(source.tokens):
        token = source.tokens[at]
        after = at + 1
        if token.kind is T.COMMAND and _DEFINING.fullmatch(token.text):
            read = _definition(source, at)
            if read is not None:
                name, macro, after = read
                found[name] = macro
                skipped[at] = after
        at = after
    return found, skipped


def _definition(source: Source, at: int) -> tuple[str, Macro, int] | None:
    """The name, the macro and the position behind its definition."""
    end = len(source.tokens)
    primitive = source.tokens[at].text.strip().endswith("def")
    place = source.skip(at + 1, end=end)
    if place >= end:
        return None
    name = _NAME.fullmatch(source.tokens[place].text.strip())
    if name is None and (group := source.group(place, end=end)):
        name = _NAME.fullmatch(source.raw(group).strip())
        place = group[1]
    if name is None:
        return None
    place = source.skip(place + 1, end=end)
    count, optional = 0, None
    if primitive:
        while place < end and source.tokens[place].kind is T.PARAMETER:
            count, place = count + 1, place + 1
    elif "Document" in source.tokens[at].text:
        if (group := source.group(place, end=end)) is None:
            return None
        count, place = len(re.findall(r"[mOo]", source.raw(group))), group[1] + 1
    elif number := source.brackets(place, end=end):
        words = source.raw(number).strip()
        count = int(words) if words.isascii() and words.isdigit() and len(words) == 1 else 0
        place = source.skip(number[1] + 1, end=end)
        if optional := source.brackets(place, end=end):
            place = optional[1] + 1
    body = source.group(place, end=end)
    if body is None or count > _MOST:
        return None
    return name[1], Macro(count, body, optional if count else None), body[1] + 1
